"""From what a caller and a question name to filters; and why a filter leaves nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from reformqa.errors import QuestionError, UnknownNameError
from reformqa.model import ReportInfo
from reformqa.search.query import Query
from reformqa.search.years import FIRST, LAST
from reformqa.storage.base import Filters, Store
from reformqa.storage.filtering import matches_report

#: One name, several, or none.
Names = str | Sequence[str] | None
#: A year, or the first and last of a range; None leaves that end open.
Years = int | tuple[int | None, int | None] | None


def make_filters(
    publisher: Names = None,
    report: Names = None,
    published: Years = None,
    section: Names = None,
    recommendations_only: bool = False,
) -> Filters:
    """Return the filters that a caller gives as names and years.

    Raises QuestionError for anything but a year or two ends of a range.
    """
    return Filters(
        publisher=_names(publisher),
        report=_names(report),
        published=_range(published),
        section=_names(section),
        recommendations_only=recommendations_only,
    )


def narrow(query: Query, where: Filters) -> Filters:
    """Return the filters with the publishers, reports, years and phrases that the question names.

    A filter that was given stands: what the question names neither widens nor replaces it.
    """
    if not (where.publisher or where.report):
        of_named = () if query.reports else query.named
        where = replace(where, publisher=of_named, report=query.reports)
    return replace(where, published=where.published or query.published, phrases=query.phrases)


def exact(store: Store, where: Filters) -> Filters:
    """Return the filters with names as the library writes them.

    Raises UnknownNameError for a publisher, report or section kind that the library does not have,
    QuestionError for years in the wrong order.
    """
    if where.published and where.published[0] > where.published[1]:
        first, last = where.published
        raise QuestionError(f"The years {first} to {last} run backwards. Swap them.")
    reports = store.reports()
    publishers = sorted({r.publisher for r in reports.values()})
    kinds = store.section_kinds() if where.section else ()
    return replace(
        where,
        publisher=tuple(known_name("publisher", p, publishers) for p in where.publisher),
        report=tuple(known_name("report", i, tuple(reports)) for i in where.report),
        section=tuple(known_name("section kind", k, kinds) for k in where.section),
    )


def known_name(what: str, name: str, known: Sequence[str]) -> str:
    """Return the name as the library writes it, whatever its case.

    Raises UnknownNameError if there is no such name.
    """
    folded = {k.casefold(): k for k in known}
    if name.strip().casefold() not in folded:
        raise UnknownNameError(what, name, known)
    return folded[name.strip().casefold()]


def why_empty(store: Store, wheres: Sequence[Filters]) -> list[str | None]:
    """Return which restriction of each of the exact filters leaves no passage, as a sentence.

    None for filters that leave some. All are counted in one call of the store.
    """
    if not wheres:
        return []
    steps = [list(_steps(where, store.reports())) for where in wheres]
    counted = list(dict.fromkeys(so_far for each in steps for so_far, _ in each))
    left = dict(zip(counted, store.count(counted), strict=True))
    first = [next((why for so_far, why in each if not left[so_far]), None) for each in steps]
    return [f"Nothing is left to search: {why}" if why else None for why in first]


def _steps(where: Filters, reports: Mapping[str, ReportInfo]) -> Iterable[tuple[Filters, str]]:
    """Yield the filters one more at a time, each with what to say if it is the one too many."""
    so_far = Filters()
    if where.publisher:
        so_far = replace(so_far, publisher=where.publisher)
        yield so_far, f"{_list(where.publisher)} has no passage to search (filter on publisher)."
    if where.report:
        by = {reports[i].publisher for i in where.report}
        so_far = replace(so_far, report=where.report)
        yield so_far, f"{_list(where.report)} is by {_list(by)} (filter on report)."
    if where.published:
        left = [r for r in reports.values() if matches_report(so_far, r)]
        years = sorted({r.year for r in left if r.year})
        there = f"the reports are of {_list(map(str, years))}" if years else "no report has a year"
        so_far = replace(so_far, published=where.published)
        yield so_far, f"{_years(*where.published)}, but {there} (filter on year)."
    if where.section:
        so_far = replace(so_far, section=where.section)
        yield so_far, f"no {_list(where.section)} in those reports (filter on section)."
    if where.recommendations_only:
        so_far = replace(so_far, recommendations_only=True)
        yield so_far, "no recommendation was found there."
    for n, phrase in enumerate(where.phrases, start=1):
        so_far = replace(so_far, phrases=where.phrases[:n])
        yield so_far, f"the words “{phrase}” do not occur there in this order."


def _names(names: Names) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names or ())


def _range(published: Years) -> tuple[int, int] | None:
    """Return the inclusive range that a caller gives; None if it leaves both ends open."""
    if published is None:
        return None
    ends = (published, published) if isinstance(published, int) else published
    if not isinstance(ends, Sequence) or len(ends) != 2 or not all(map(_is_end, ends)):
        raise QuestionError(
            f"The years {published!r} are neither a year nor a range. Give 2020, (2014, 2020),"
            " (2020, None) or (None, 2014)."
        )
    first, last = ends
    if first is None and last is None:
        return None
    return FIRST if first is None else first, LAST if last is None else last


def _is_end(value: object) -> bool:
    return value is None or isinstance(value, int)


def _years(first: int, last: int) -> str:
    """Return a range of years in words."""
    if last == LAST:
        return f"{first} or later"
    return f"{last} or earlier" if first == FIRST else f"{first} to {last}"


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
