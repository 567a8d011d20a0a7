"""Which years of publication a question asks for, told from years that are its topic.

"The 2014 report", "reports since 2020" and "What did Demos say in 2019?" ask for reports of those
years. "How many closed since 2010?" asks about those years.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from reformqa.search.frames import SAID, SAY, WORK

#: The first and the last year of an open range.
FIRST, LAST = 0, 9999

Years = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Published:
    """The inclusive years of publication asked for, and the range of characters that says so.

    If not `certain`, they may as well be years of the topic.
    """

    years: Years
    span: tuple[int, int]
    certain: bool


_Y = r"(?:19|20)\d\d"
_RANGE = (
    rf"(?P<range>(?:between|from) (?P<first>{_Y}) (?:and|to|until) (?P<last>{_Y})"
    rf"|(?:since|from) (?P<since>{_Y})(?: on(?:wards?)?)?"
    rf"|after (?P<after>{_Y})|before (?P<before>{_Y})|(?:until|up to) (?P<until>{_Y})"
    rf"|in (?P<only>{_Y})(?: (?:and|or) (?P<second>{_Y}))?)(?![\w-])"
)
_OF_REPORTS = (
    rf"\b{WORK} (?:that (?:was|were) |which (?:was|were) )?"
    rf"(?:published |written |issued |out |released )?{_RANGE}"
)
#: Years of publication in a phrase of their own, which is no part of the topic.
IN_REPORTS = re.compile(
    rf",? \b(?:in|from) (?:(?:the|its|their) )?(?:reports?|papers?|publications?)"
    rf"(?: published| written)? {_RANGE}",
    re.IGNORECASE,
)
_RECOMMENDED = (
    r"\b(?:recommendations?|proposals?) (?:has|have|did|were|was)\b[^.?!]{0,60}?"
    rf" (?:made?|put forward|published) {_RANGE}"
)
# Years beside a report: "the 2014 report", "the paper of 2014".
_REPORT_OF = re.compile(
    rf"\b({_Y}) {WORK}\b|\b{WORK} (?:of|from|published in) ({_Y})\b"
    rf"(?! (?:to|until|and|or) {_Y}| on(?:wards?)?(?:[,.?]|$))",
    re.IGNORECASE,
)
_NEXT_TO_SAYING = rf"\b(?:{SAY}|{SAID}) {_RANGE}"
_OPENING = rf"^{_RANGE},? (?:what|how|which|who|where)\b"
_AT_END = rf"{_RANGE}(?=[?.! ]*$)"
# In these tenses, the year at the end of a question is that of the saying.
_PAST = re.compile(
    rf"\b(?:did)\b.*\b{SAY}\b|\b(?:has|have|had)\b.*\b{SAID}\b"
    rf"|\bchang(?:e|ed|es|ing)\b.*\b(?:view|mind|position|argument|case)s?\b"
    rf"|\b(?:view|mind|position|argument|case)s?\b.*\bchang(?:e|ed|es|ing)\b",
    re.IGNORECASE,
)

_SAID_BY_ALL = re.compile(rf"\b(?:has|have) been {SAID}\b", re.IGNORECASE)
_LATEST = re.compile(rf"\b(?:latest|newest|most recent) (?:[\w’'-]+ )?{WORK}\b", re.IGNORECASE)


def report_years(text: str) -> tuple[int, ...]:
    """Return the years said of single reports, as in "the 2014 report"."""
    return tuple(int(y) for m in _REPORT_OF.finditer(text) for y in m.groups() if y)


def asks_latest(text: str) -> bool:
    """Return whether it asks for the latest report."""
    return bool(_LATEST.search(text))


def published_in(text: str, *, asks_whom: bool) -> Published | None:
    """Return the years of publication that are asked for, or None.

    `asks_whom` is whether the question names a source or asks the think tanks: only then is a year
    beside a verb of saying, or at the end, that of the saying.
    """
    if (apart := IN_REPORTS.search(text)) and (years := _years(apart))[0] <= years[1]:
        return Published(years, apart.span(), certain=True)
    forms = [(_OF_REPORTS, True), (_RECOMMENDED, True)]
    if asks_whom or _SAID_BY_ALL.search(text):
        forms.append((_NEXT_TO_SAYING, True))
        if _PAST.search(text):
            forms += [(_OPENING, False), (_AT_END, False)]
    for form, certain in forms:
        match = re.search(form, text, re.IGNORECASE)
        if match and (years := _years(match))[0] <= years[1]:
            return Published(years, match.span("range"), certain)
    return None


def _years(match: re.Match[str]) -> Years:
    found = {name: int(y) for name, y in match.groupdict().items() if y and name != "range"}
    if "first" in found:
        return found["first"], found["last"]
    if "only" in found:
        years = found["only"], found.get("second", found["only"])
        return min(years), max(years)
    first = found.get("since", found.get("after", FIRST - 1) + 1)
    last = found.get("until", found.get("before", LAST + 1) - 1)
    return first, last
