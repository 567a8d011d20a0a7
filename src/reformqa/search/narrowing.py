"""From the names and years that a caller gives to filters, and from what a question names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reformqa.search.filters import Filters
from reformqa.search.query import Query

#: One name, several, or none.
Names = str | Sequence[str] | None
#: A year, or the first and last of a range.
Years = int | tuple[int, int] | None


def filters_of(
    publisher: Names, report: Names, published: Years, section: Names, recommendations_only: bool
) -> Filters:
    """The filters that a caller gives as names and years, in their own form."""
    years = (published, published) if isinstance(published, int) else published
    years = (years[0], years[1]) if years else None  # a list will do, and no list can be a key
    return Filters(_names(publisher), _names(report), years, _names(section), recommendations_only)


def narrowed(reading: Query, filters: Filters) -> Filters:
    """The filters, with the publishers, reports and phrases that the question itself names.

    A filter that is given stands: what the question names does not widen or replace it.
    """
    if not (filters.publisher or filters.report):
        of_named = () if reading.reports else reading.named
        filters = replace(filters, publisher=of_named, report=reading.reports)
    return replace(filters, phrases=reading.phrases)


def _names(names: Names) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names or ())
