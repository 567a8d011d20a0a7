"""Coverage: which think tanks speak on which topics, come near, or are silent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from reformqa.answering.results import Comparison, ComparisonRow
from reformqa.exports.document import ExportDocument, Part, Provenance
from reformqa.exports.exportable import Exportable
from reformqa.exports.svg import drawing, save_svg, words

if TYPE_CHECKING:
    import pandas as pd

#: The colours of the three states in a drawing, and of the words on them.
COLOURS = {"speaks": ("#0b5f63", "#ffffff"), "near": ("#bfe0dd", "#102a2b"), "silent": ("", "")}
#: A cell of a drawing in pixels, and the width of the column of topics.
WIDE, HIGH, TOPICS = 150, 34, 320
#: The most characters of a name in a drawing; longer ones are cut.
LONGEST = {"topic": 44, "publisher": 20}


@dataclass(frozen=True, slots=True)
class Coverage(Exportable):
    """A comparison for each of several topics, as a table of topics by think tanks."""

    comparisons: tuple[Comparison, ...]
    provenance: Provenance = field(default_factory=Provenance, repr=False)

    @property
    def publishers(self) -> tuple[str, ...]:
        """The think tanks compared, in order of first appearance."""
        return tuple(dict.fromkeys(row.publisher for c in self.comparisons for row in c))

    def row(self, topic: str, publisher: str) -> ComparisonRow | None:
        """Return what a think tank says on a topic; None if it was not asked."""
        rows = (row for c in self.comparisons if c.question == topic for row in c)
        return next((row for row in rows if row.publisher == publisher), None)

    def document(self) -> ExportDocument:
        """Return a part for each topic: who speaks on it, with the first quote of each."""
        parts = [
            Part(c.question, _caption(c), tuple(row.sentences[0] for row in c if row.sentences))
            for c in self.comparisons
        ]
        return ExportDocument("Who speaks on what", (), tuple(parts), self.provenance)

    def to_pandas(self) -> pd.DataFrame:
        """Return a row for each topic and a column for each think tank, with their `status`."""
        import pandas as pd  # takes half a second, which a search need not wait for

        return pd.DataFrame(
            [{row.publisher: row.status for row in c} for c in self.comparisons],
            index=pd.Index([c.question for c in self.comparisons], name="topic"),
            columns=list(self.publishers),
        )

    def to_svg(self) -> str:
        """Return the table as a heat map. Each cell names its state: colour alone says nothing."""
        wide = TOPICS + WIDE * len(self.publishers)
        high = HIGH * (len(self.comparisons) + 1)
        return drawing(wide, high, self._cells(), title="Who speaks on what", size=13)

    def draw(self, file: str | Path) -> Path:
        """Write the heat map into an SVG file, and return the file.

        Raises ExportError for a suffix other than ".svg", or if the file cannot be written.
        """
        return save_svg(self.to_svg(), Path(file))

    def _cells(self) -> Iterator[str]:
        for m, publisher in enumerate(self.publishers):
            name = _cut(publisher, LONGEST["publisher"])
            yield _text(TOPICS + WIDE * (m + 0.5), HIGH * 0.5, name, "#111", "middle")
        for n, comparison in enumerate(self.comparisons, start=1):
            topic = _cut(comparison.question, LONGEST["topic"])
            yield _text(6, HIGH * (n + 0.5), topic, "#111", "start")
            for m, publisher in enumerate(self.publishers):
                row = self.row(comparison.question, publisher)
                status = row.status if row else "silent"
                fill, ink = COLOURS[status]
                left, top = TOPICS + WIDE * m, HIGH * n
                yield (
                    f'<rect x="{left + 1}" y="{top + 1}" width="{WIDE - 2}" height="{HIGH - 2}"'
                    f' fill="{fill or "white"}" stroke="#999"/>'
                )
                yield _text(left + WIDE / 2, top + HIGH / 2, status, ink or "#444", "middle")


def _caption(comparison: Comparison) -> str:
    return "; ".join(f"{row.publisher}: {row.status}" for row in comparison)


def _text(x: float, y: float, text: str, ink: str, anchor: str) -> str:
    return words(x, y, text, fill=ink, text_anchor=anchor, dominant_baseline="central")


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
