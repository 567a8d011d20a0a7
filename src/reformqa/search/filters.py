"""What to search in: filters restrict before anything is ranked, and fail closed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reformqa.errors import QuestionError, UnknownNameError
from reformqa.model import Report
from reformqa.storage.files.store import Snapshot
from reformqa.text.tokens import plain_terms

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Filters:
    """The restrictions of a search; all of them hold together. `phrases` must occur as written."""

    publisher: tuple[str, ...] = ()
    report: tuple[str, ...] = ()
    published: tuple[int, int] | None = None
    section: tuple[str, ...] = ()
    recommendations_only: bool = False
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Allowed:
    """The passages that filters leave: `mask` of shape (passages,), or None where all are left.

    `count` is how many; `reason` says, where none is left, which filter left none.
    """

    mask: NDArray[np.bool_] | None
    count: int
    reason: str | None = None


def apply(snapshot: Snapshot, filters: Filters) -> Allowed:
    """What the filters leave.

    Raises UnknownNameError for a publisher, report or section kind that nothing bears, and
    QuestionError for years that run backwards.
    """
    passages = len(snapshot.columns.report)
    mask = np.ones(passages, dtype=np.bool_)
    # All are worked out first: a wrong one is an error whatever the others leave.
    for name, restriction, reason in list(_restrictions(snapshot, filters)):
        mask &= restriction
        if not mask.any():
            return Allowed(mask, 0, f"Nothing is left to search by the filter on {name}: {reason}")
    for phrase in filters.phrases:
        mask &= _holding(snapshot, phrase, mask)
        if not mask.any():
            reason = f"the words “{phrase}” do not stand there in this order."
            return Allowed(mask, 0, f"Nothing is left to search: {reason}")
    count = int(np.count_nonzero(mask))
    return Allowed(None if count == passages else mask, count)


def known_name(what: str, name: str, known: Sequence[str]) -> str:
    """The name as the library has it, capitals aside. Raises UnknownNameError for no such name."""
    folded = {k.casefold(): k for k in known}
    if name.strip().casefold() not in folded:
        raise UnknownNameError(what, name, known)
    return folded[name.strip().casefold()]


def _restrictions(
    snapshot: Snapshot, filters: Filters
) -> Iterator[tuple[str, NDArray[np.bool_], str]]:
    """Each filter that is set: its name, the passages it leaves, and what to say if none is."""
    reports = list(snapshot.reports.values())
    left = reports
    if filters.publisher:
        names = {known_name("publisher", p, snapshot.publishers) for p in filters.publisher}
        left = [r for r in left if r.publisher in names]
        yield "publisher", _of(snapshot, left), f"{_list(names)} has no passage to search."
    if filters.report:
        ids = {known_name("report", i, tuple(snapshot.reports)) for i in filters.report}
        by = {snapshot.reports[i].publisher for i in ids}
        left = [r for r in left if r.id in ids]
        yield "report", _of(snapshot, left), f"{_list(ids)} is by {_list(by)}."
    if filters.published:
        first, last = filters.published
        if first > last:
            raise QuestionError(f"The years {first} to {last} run backwards. Swap them.")
        years = sorted({r.year for r in left if r.year})
        left = [r for r in left if r.year and first <= r.year <= last]
        there = (
            f"the reports are of {_list(map(str, years))}." if years else "no report has a year."
        )
        yield "year", _of(snapshot, left), f"{_years(first, last)}, but {there}"
    if filters.section:
        kinds = [known_name("section kind", k, snapshot.section_kinds) for k in filters.section]
        yield "section", snapshot.rows_of_kinds(kinds), f"no {_list(kinds)} in those reports."
    if filters.recommendations_only:
        recommends = np.asarray(snapshot.columns.recommends, dtype=np.bool_)
        yield "recommendations", recommends, "none was found there."


def _of(snapshot: Snapshot, reports: Sequence[Report]) -> NDArray[np.bool_]:
    """Which passages are of those reports."""
    wanted = {r.id for r in reports}
    chosen = np.array([i in wanted for i in snapshot.reports], dtype=np.bool_)
    return chosen[snapshot.columns.report]


def _holding(snapshot: Snapshot, phrase: str, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of the passages in `mask` have the phrase, word for word; marks and capitals aside.

    A phrase over the end of a sentence at which a long paragraph is sliced is not found.
    """
    rows = snapshot.legs.lexical.with_all(plain_terms(phrase))
    wanted = _words(phrase)
    found = [
        row
        for row, passage in snapshot.passages(rows[mask[rows]].tolist()).items()
        if wanted in _words(passage.text)
    ]
    holding = np.zeros(len(mask), dtype=np.bool_)
    holding[found] = True
    return holding


def _words(text: str) -> str:
    """The words of `text` in lower case, with a space about each."""
    return f" {' '.join(_WORD.findall(text.lower()))} "


def _years(first: int, last: int) -> str:
    """A range of years; the command line gives 0 and 9999 for an open end."""
    if last == 9999:
        return f"{first} or later"
    return f"{last} or earlier" if first == 0 else f"{first} to {last}"


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
