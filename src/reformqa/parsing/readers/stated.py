"""Read the metadata that a file states about itself: dates and names in their usual forms."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping

from reformqa.model import Metadata
from reformqa.text.dates import month_of

#: The fields by the names that front matter and metadata of pages use, the best first.
_FIELDS = {
    "title": ("title",),
    "subtitle": ("subtitle",),
    "authors": ("authors", "author", "creator", "by"),
    "publisher": ("publisher", "organisation", "organization", "institution", "institute"),
    "published": ("date", "published", "publication_date", "publish_date", "pubdate", "issued"),
    "series": ("series",),
    "licence": ("licence", "license", "rights"),
    "url": ("url", "canonical_url", "permalink", "link"),
}


def metadata(values: Mapping[str, object]) -> Metadata:
    """Return the metadata in a mapping with the usual names, whatever their case."""
    plain = {str(k).strip().lower().replace("-", "_"): v for k, v in values.items()}

    def first(field: str) -> object:
        return next((plain[n] for n in _FIELDS[field] if plain.get(n)), None)

    url = text(first("url"))
    return Metadata(
        title=text(first("title")),
        subtitle=text(first("subtitle")),
        authors=names(first("authors")),
        publisher=text(first("publisher")),
        published=month(first("published")),
        series=text(first("series")),
        licence=text(first("licence")),
        url=url if url and url.startswith(("http://", "https://")) else None,
    )


def text(value: object) -> str | None:
    """Return a value as one line of text; of a list its first, of a mapping its name."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name") or value.get("title") or value.get("type")
    if value is None or isinstance(value, list | dict | bool):
        return None
    return " ".join(str(value).split()) or None


def names(value: object) -> tuple[str, ...]:
    """Return the names in a value: a list of names, or one text that lists them."""
    if isinstance(value, list):
        found = [n for v in value if (n := text(v))]
    else:
        found = list(_parted(text(value) or ""))
    return tuple(dict.fromkeys(n for n in found if any(map(str.isalpha, n)) and "://" not in n))


def _parted(listed: str) -> Iterator[str]:
    listed = re.sub(r"^by\s+", "", listed, flags=re.IGNORECASE)
    inverted = re.fullmatch(r"[^\s,]+, [^,]+", listed)  # "Byron, Ada" is one name
    parted = [listed] if inverted else re.split(r"\s*(?:;|,| and | & )\s*", listed)
    yield from (n for part in parted if (n := re.sub(r"^and\s+", "", part.strip())))


def month(value: object) -> str | None:
    """Return the month ("2031-05") or year of a date, a time or a text that contains one."""
    if isinstance(value, datetime.date):
        return f"{value.year}-{value.month:02d}"
    return month_of(text(value) or "")
