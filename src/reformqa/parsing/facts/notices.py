"""Find the smaller facts of a report that its front matter prints: series, licence, address."""

from __future__ import annotations

import re

from reformqa.parsing.facts.front import Front
from reformqa.parsing.facts.titles import SERIES
from reformqa.parsing.inline import is_capitals

_LICENCES = (
    re.compile(r"\bAttribution[\w -]*?\d\.\d(?: [A-Z]{2,})?"),
    re.compile(r"\bOpen (?:Government|Parliament) Licence(?: v?\d\.\d)?", re.IGNORECASE),
    re.compile(r"\bCreative Commons (?:[A-Z][\w-]+ ?)+?(?= ?[Ll]icen[cs]e)"),
    re.compile(r"\bCC[ -]BY[\w.-]*(?: \d\.\d)?"),
)
_OWN_ADDRESS = re.compile(r"\bdownload|\bcitation", re.IGNORECASE)
_LANDING = re.compile(r"https?://(?!creativecommons)[\w.-]+/\S*(?:publication|research|report)\S*")
#: The series stands above the title, or in this many blocks below it.
_NEAR_TITLE = 6


def find_series(front: Front, title: range) -> str | None:
    """Return the series, in capitals near the title, in title case."""
    near = title.stop + _NEAR_TITLE if title else _NEAR_TITLE
    for i, block in enumerate(front.front[:near]):
        short = block.kind == "body" and 2 <= block.words <= 9 and i not in title
        if short and is_capitals(block.text) and SERIES.search(block.text):
            return front.vocabulary.title(block.text)
    return None


def find_licence(front: Front) -> str | None:
    """Return the licence as printed."""
    for pattern in _LICENCES:
        for block in front.front:
            if match := pattern.search(block.text):
                return match[0].strip()
    return None


def find_landing_page(front: Front) -> str | None:
    """Return the report's own address, printed below "Download" or in a suggested citation."""
    text = [b.text for b in front.front]
    for i, line in enumerate(text):
        nearby = " ".join(text[max(0, i - 2) : i + 1])
        if (match := _LANDING.search(line)) and _OWN_ADDRESS.search(nearby):
            return match[0].rstrip(".,>)")
    return None
