"""An answer, a comparison or a crosswalk laid out as a document: the input of every export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reformqa.model import Citation, ReportInfo, Sentence


@dataclass(frozen=True, slots=True)
class Part:
    """One think tank's sentences under its name.

    `caption` lists its reports, or says that nothing was found. In a briefing it is a note. A part
    that is `continued` goes on under the heading of the one before, which is not repeated.
    """

    heading: str
    caption: str
    sentences: tuple[Sentence, ...] = ()
    continued: bool = False


@dataclass(frozen=True, slots=True)
class Provenance:
    """The origin of a result: the index build that was asked, and the date (ISO 8601).

    `reports` maps ids to the metadata of every cited report, without sections and paragraphs.
    `links` maps citations to the addresses at which the app shows them, as far as it is known.
    """

    build: str = ""
    asked: str = ""
    reports: Mapping[str, ReportInfo] = field(default_factory=dict)
    links: Mapping[Citation, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExportDocument:
    """A title, notes on the whole (such as why there is no answer), and one part per publisher.

    With `footnotes`, sources are named in footnotes rather than in a list at the end, and a
    bibliography of the cited reports follows: the captions are a person's own words, the sentences
    are quotes.
    """

    title: str
    notes: tuple[str, ...]
    parts: tuple[Part, ...]
    provenance: Provenance
    footnotes: bool = False

    def references(self) -> dict[Citation, int]:
        """Return every citation with its number, counted from 1 in order of first use."""
        found = dict.fromkeys(c for p in self.parts for s in p.sentences for c in s.citations)
        return {citation: number for number, citation in enumerate(found, start=1)}
