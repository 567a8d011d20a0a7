"""Dates are read in the forms in which people write them."""

from __future__ import annotations

import calendar
import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reformqa.text.dates import find_dates, in_words, month_of

DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31))


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("August, 2031", ["2031-08"]),
        ("14 March 2023", ["2023-03"]),
        ("HC 123 Published on 4 November 2025 by authority", ["2025-11"]),
        ("Ordered to be printed 11 July 2011 and published 19 July 2011", ["2011-07", "2011-07"]),
        ("the 15th of August, 2025", ["2025-08"]),
        ("Friday, April 6, 2012", ["2012-04"]),
        ("Sept. 2021", ["2021-09"]),
        ("Summer 2022", ["2022"]),
        ("Annual report 2019-20", ["2020"]),
        ("Session 2010–12", []),
        ("04.05.2021", ["2021-05"]),
        ("1/13/2021", ["2021-01"]),
        ("07/2025", ["2025-07"]),
        ("Rs. 2015.50, paragraph 20150 and L.N. 166/2009", []),
        ("Directive (EU) 2022/2555", []),
        ("40 December 2021", ["2021-12"]),
    ],
)
def test_dates_in_a_text(text: str, dates: list[str]):
    assert [d.value for d in find_dates(text)] == dates


@given(
    DAYS, st.sampled_from(["{d} {m} {y}", "{d}th {m}, {y}", "{m} {d}, {y}", "{m}, {y}", "{m} {y}"])
)
def test_a_day_or_month_is_read_in_every_form(day: datetime.date, form: str):
    for names in (calendar.month_name, calendar.month_abbr):
        shown = form.format(d=day.day, m=names[day.month], y=day.year)
        for text in (shown, shown.upper(), f"Published on {shown}."):
            assert [d.value for d in find_dates(text)] == [f"{day:%Y-%m}"]
            assert month_of(text) == f"{day:%Y-%m}"


@given(DAYS)
def test_a_date_as_data_write_it_is_its_month(day: datetime.date):
    assert month_of(day.isoformat()) == month_of(f"{day:%Y-%m}") == f"{day:%Y-%m}"
    assert month_of(f"{day.year}") == f"{day.year}"


@given(st.text(max_size=60))
def test_any_text_is_read_and_no_date_overlaps_another(text: str):
    found = find_dates(text)
    assert all(a.span[1] <= b.span[0] for a, b in pairwise(found))
    assert month_of(text) is None or len(month_of(text) or "") in (4, 7)


@pytest.mark.parametrize(
    ("published", "words"),
    [
        ("2024-12", "December 2024"),
        ("2024-05", "May 2024"),
        ("2024", "2024"),
        ("2024-13", "2024"),
        ("2024-xx", "2024"),
        (None, ""),
        ("", ""),
    ],
)
def test_a_date_is_put_into_words(published: str | None, words: str):
    assert in_words(published) == words
