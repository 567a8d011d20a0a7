"""An answer, a comparison or a crosswalk laid out as a document: the input of every export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reformqa.model import Citation, ReportInfo, Sentence


@dataclass(frozen=True, slots=True)
class Part:
    """One think tank's sentences under its name.

    `caption` lists its reports, or says that nothing was found.
    """

    heading: str
    caption: str
    sentences: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Provenance:
    """The origin of a result: the index build that was asked, and the date (ISO 8601).

    `reports` maps ids to the metadata of every cited report, without sections and paragraphs.
    """

    build: str = ""
    asked: str = ""
    reports: Mapping[str, ReportInfo] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExportDocument:
    """A title, notes on the whole (such as why there is no answer), and one part per publisher."""

    title: str
    notes: tuple[str, ...]
    parts: tuple[Part, ...]
    provenance: Provenance

    def references(self) -> dict[Citation, int]:
        """Return every citation with its number, counted from 1 in order of first use."""
        found = dict.fromkeys(c for p in self.parts for s in p.sentences for c in s.citations)
        return {citation: number for number, citation in enumerate(found, start=1)}
