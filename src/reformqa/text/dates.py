"""Dates as people write them: "14 March 2023", "August, 2031", "Summer 2022", "2019-20"."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass

_MONTHS = [m.lower() for m in calendar.month_abbr][1:]
#: A month's name, in full or abbreviated; "Sept" besides the usual three letters.
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
_DAY = r"(?P<day>[0-3]?\d)\s?(?:st|nd|rd|th)?"
_SEASON = r"(?:spring|summer|autumn|fall|winter)"


@dataclass(frozen=True, slots=True)
class Dated:
    """A date in a text: "YYYY-MM", or "YYYY" if it names no month, and its half-open range."""

    value: str
    span: tuple[int, int]

    @property
    def year(self) -> str:
        """The year alone."""
        return self.value[:4]


def _spelt(found: re.Match[str]) -> str:
    month = _MONTHS.index(found["month"][:3].lower()) + 1
    return f"{found['year']}-{month:02d}"


def _figures(found: re.Match[str]) -> str | None:
    """Return the month of "14/03/2023" (day first, as in Britain) or "03/14/2023"."""
    first, second = int(found["first"]), int(found["second"])
    month = second if second <= 12 else first
    return f"{found['year']}-{month:02d}" if 1 <= month <= 12 else None


def _numbered(found: re.Match[str]) -> str | None:
    month = int(found["number"])
    return f"{found['year']}-{month:02d}" if 1 <= month <= 12 else None


def _later_year(found: re.Match[str]) -> str | None:
    """Return the second year of "2019-20", which a report on the two cannot precede."""
    later = f"{found['year'][:2]}{found['end'][-2:]}"
    return later if int(later) == int(found["year"]) + 1 else None


#: The forms of a date, the more exact first, each with what it says.
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), read)
    for pattern, read in (
        (rf"(?<![\d/.-]){_YEAR}-(?P<number>[01]\d)-[0-3]\d(?!\d)", _numbered),
        (rf"(?<!\d){_DAY}(?:\s+(?:day\s+)?of)?[\s-]+{_MONTH},?[\s-]+(?:of\s+)?{_YEAR}", _spelt),
        (rf"\b{_MONTH}\s+{_DAY},?\s+{_YEAR}", _spelt),
        (rf"\b{_MONTH}[,\s]\s*(?:of\s+)?{_YEAR}", _spelt),
        (rf"(?<![\d/.-])(?P<first>[0-3]?\d)[/.](?P<second>[0-3]?\d)[/.]{_YEAR}", _figures),
        (rf"(?<![\d/.-])(?P<number>[01]?\d)/{_YEAR}(?![/.-])", _numbered),
        (rf"\b{_SEASON},?\s+{_YEAR}", lambda found: found["year"]),
        (rf"(?<![\d/.-]){_YEAR}\s?[-–/]\s?(?P<end>(?:19|20)?\d\d)(?![\d/.-])", _later_year),
        (rf"(?<![\d/.,–-]){_YEAR}(?!\s?[/–-]\s?\d|[.,]\d)", lambda found: found["year"]),
    )
)
#: A date as data are written, alone in its text: "2031-05", "2031/5/14", "2031-05-14T08:00".
_ALONE = re.compile(rf"\s*{_YEAR}(?:[-/.](?P<number>\d{{1,2}}))?(?![\d:])")


def find_dates(text: str) -> list[Dated]:
    """Return the dates in `text` in their order, none of them inside another."""
    found: list[Dated] = []
    for pattern, read in _FORMS:
        for match in pattern.finditer(text):
            value = read(match)
            start, end = match.span()
            if value and all(end <= d.span[0] or start >= d.span[1] for d in found):
                found.append(Dated(value, (start, end)))
    return sorted(found, key=lambda d: d.span)


def month_of(text: str) -> str | None:
    """Return the month ("2031-05"), or year, of a text that is or contains a date, or None.

    A day or month is preferred to a year alone.
    """
    if (match := _ALONE.match(text)) and match["number"] and (month := _numbered(match)):
        return month
    dates = find_dates(text)
    return max(dates, key=lambda d: len(d.value)).value if dates else None


def in_words(published: str | None) -> str:
    """Return "December 2024" for "2024-12", "2024" for "2024", and "" for no date."""
    year, _, number = (published or "").partition("-")
    named = number.isdecimal() and 1 <= int(number) <= 12
    return f"{calendar.month_name[int(number)]} {year}" if named else year
