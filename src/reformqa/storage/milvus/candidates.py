"""The nearest and the best rows for a question, found by the server, with ties in our order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reformqa.storage.milvus.server import MOST_ROWS, Row, Server

#: Rows that are asked for beyond those wanted, to see whether the last of them has equals.
SPARE = 8


def best(
    server: Server,
    collection: str,
    field: str,
    vectors: Sequence[Any],
    wanted: int,
    where: str,
    order: Callable[[Sequence[int]], NDArray[np.int64]],
    seen: dict[int, str],
    parameters: Mapping[str, Any],
    *,
    positive: bool = False,
) -> list[NDArray[np.int64]]:
    """Return the positions of the `wanted` best rows for each vector; of equals, the first.

    `order` gives the positions of places; with `positive`, rows without a score do not count. Ids
    of what was found are added to `seen`, by position.
    """
    found: list[NDArray[np.int64]] = [np.zeros(0, dtype=np.int64)] * len(vectors)
    left = list(range(len(vectors)))
    limit = min(wanted + SPARE, MOST_ROWS)
    while left:
        results = server.search(
            collection, field, [vectors[n] for n in left], limit, where, ["id"], parameters
        )
        again = []
        for n, rows in zip(left, results, strict=True):
            if _cut_among_equals(rows, wanted, limit):
                again.append(n)
            else:
                scored = [row for row in rows if row.score > 0] if positive else rows
                found[n] = _first(scored, wanted, order, seen)
        left, limit = again, min(4 * limit, MOST_ROWS)
    return found


def _cut_among_equals(rows: Sequence[Row], wanted: int, limit: int) -> bool:
    """Return whether the rows end among equals of the last one wanted, and more can be had."""
    if len(rows) < limit or limit >= MOST_ROWS:
        return False
    return rows[wanted - 1].score == rows[-1].score


def _first(
    rows: Sequence[Row],
    wanted: int,
    order: Callable[[Sequence[int]], NDArray[np.int64]],
    seen: dict[int, str],
) -> NDArray[np.int64]:
    positions = order([row.key for row in rows])
    seen.update(zip(positions.tolist(), (row.fields["id"] for row in rows), strict=True))
    scores = np.array([row.score for row in rows], dtype=np.float32)
    ranked = np.lexsort((positions, -scores))
    return positions[ranked[:wanted]]
