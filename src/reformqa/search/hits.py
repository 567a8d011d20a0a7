"""The hits of a search, as a sequence that explains itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, overload

from reformqa.model import Hit

if TYPE_CHECKING:
    import pandas as pd

#: The columns of a frame of hits; each leg adds its rank and score.
COLUMNS = (
    *("rank", "score", "similarity", "publisher", "year", "report_id", "report", "section"),
    *("number", "page", "paragraph_id", "text"),
)


@dataclass(frozen=True, slots=True)
class Hits(Sequence[Hit]):
    """The hits of a search, best first.

    `searched` is how many passages the filters left; if they left none, `reason` says why.
    """

    hits: tuple[Hit, ...] = ()
    searched: int = 0
    reason: str | None = None

    def __len__(self) -> int:
        return len(self.hits)

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Hit, ...]: ...
    def __getitem__(self, index: int | slice) -> Hit | tuple[Hit, ...]:
        return self.hits[index]

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def to_pandas(self) -> pd.DataFrame:
        """Return a row for each hit: rank, score, report, paragraph, text, and the legs' scores."""
        import pandas as pd  # takes half a second, which a search need not wait for

        rows = []
        for rank, hit in enumerate(self.hits, start=1):
            legs = {f"{n}_{k}": v for n, leg in hit.legs.items() for k, v in asdict(leg).items()}
            found = hit.paragraph
            row: tuple[Any, ...] = (
                *(rank, hit.score, hit.similarity, hit.publisher, hit.year),
                *(found.report_id, hit.report_title, " › ".join(found.section_path)),
                *(found.number, found.page, found.id, found.text),
            )
            rows.append(dict(zip(COLUMNS, row, strict=True)) | legs)
        return pd.DataFrame(rows, columns=None if rows else list(COLUMNS))
