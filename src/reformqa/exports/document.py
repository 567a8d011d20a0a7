"""What an answer, a comparison or a crosswalk looks like on paper: the form that exports draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reformqa.model import Citation, ReportInfo, Sentence


@dataclass(frozen=True, slots=True)
class Part:
    """What one think tank says, under its name; `caption` tells of its reports, or its silence."""

    heading: str
    caption: str
    sentences: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a result comes from: the build that was asked, and the day (ISO 8601) of asking.

    `reports` has the facts of every report cited, by id, without sections and paragraphs.
    """

    build: str = ""
    asked: str = ""
    reports: Mapping[str, ReportInfo] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExportDocument:
    """A title, notes that hold for the whole (why there is no answer, …), and parts that speak."""

    title: str
    notes: tuple[str, ...]
    parts: tuple[Part, ...]
    provenance: Provenance

    def references(self) -> dict[Citation, int]:
        """Every citation with its number, from 1, in the order of first use."""
        found = dict.fromkeys(c for p in self.parts for s in p.sentences for c in s.citations)
        return {citation: number for number, citation in enumerate(found, start=1)}
