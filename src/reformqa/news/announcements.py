"""The papers that a publisher's feed, sitemap or page announces.

What a site sends is read in a process of its own, within limits: parsers of feeds are lenient, and
lenient parsers can be made to take hours.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import struct_time
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from reformqa.errors import FetchRefusedError
from reformqa.exports.printable import web_address
from reformqa.fetch.links import address_words, titled_links
from reformqa.isolation.limits import Limits, OverloadError
from reformqa.isolation.task import run_apart
from reformqa.parsing.lengths import LONGEST, shortened
from reformqa.text.similarity import content_words

Kind = Literal["feed", "sitemap", "page"]

#: The most announcements that are read of one site.
MOST = 10_000
#: The first element of what a site sends, which tells its kind. A namespace may precede it.
_ROOT = re.compile(
    rb"<(?:[\w.-]{1,50}:)?(rss|feed|rdf|urlset|sitemapindex|html|head|body)\b", re.IGNORECASE
)
#: How far into it that element is looked for, in bytes.
_HEAD = 64 * 1024
_MARKUP = re.compile(r"<[/!]?[a-z][^<>]*>|&#?\w+;", re.IGNORECASE)
_DATE = re.compile(r"\s*(\d{4}-\d{2}(?:-\d{2})?)")
_FEED_OR = "Watch a feed (RSS or Atom), a sitemap, or a page with links to papers."


@dataclass(frozen=True, slots=True)
class Announcement:
    """A paper as a site announces it.

    `address` is that of its PDF or of the page that presents it. `published` is "YYYY-MM-DD",
    "YYYY-MM" or None. A title may be made from the address, if the site gives none.
    """

    title: str
    address: str
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a site announces. `fault` says what is wrong with it, if the rest could be read."""

    kind: Kind
    announcements: tuple[Announcement, ...]
    fault: str | None = None


def read_listing(body: bytes, address: str, limits: Limits) -> Listing:
    """Return what the feed, sitemap or page with this `body` announces, each address once.

    Raises FetchRefusedError if it is none of these, or cannot be read within `limits`.
    """
    try:
        return run_apart(_read, body, address, limits=limits, preload=[__name__])
    except OverloadError as error:
        raise FetchRefusedError(
            f"{address} cannot be read: it {error}. It may be damaged or malicious."
        ) from error


def _read(body: bytes, address: str) -> Listing:
    """Read a listing, in the worker."""
    root = _ROOT.search(body[:_HEAD])
    if root is None:
        raise FetchRefusedError(f"{address} is no feed, sitemap or web page. {_FEED_OR}")
    readers: dict[bytes, Callable[[bytes, str], Listing]] = {
        **dict.fromkeys((b"rss", b"feed", b"rdf"), _feed),
        **dict.fromkeys((b"urlset", b"sitemapindex"), _sitemap),
    }
    return readers.get(root[1].lower(), _page)(body, address)


def _feed(body: bytes, address: str) -> Listing:
    import feedparser  # slow to import, and needed in the worker alone

    # As a stream: a string or bytes might be taken for an address or a file's name, and opened.
    # Without the kind of content, text that declares no encoding would be read as Latin-1.
    headers = {"content-location": address, "content-type": "application/xml"}
    found = feedparser.parse(io.BytesIO(body), response_headers=headers)
    fault = None
    if found.bozo:
        reason = _clean(str(found.get("bozo_exception", "")), 200)
        fault = f"The feed is malformed: {reason}."
        if not found.entries:
            raise FetchRefusedError(f"{address} is a malformed feed: {reason}. Watch another.")
    items = ((_title(e), _link(e), _day(e)) for e in found.entries)
    return Listing("feed", _announced(items, address), fault)


def _title(entry: Any) -> str:
    """Return the title of a feed's entry without markup."""
    from lxml import html

    title = str(entry.get("title", ""))[: 10 * LONGEST["title"]]
    if title.strip() and _MARKUP.search(title):
        title = html.fromstring(f"<p>{_clean(title, len(title))}</p>").text_content()
    return title


def _link(entry: Any) -> str:
    """Return the address of an entry: a PDF that it encloses, or else its page."""
    enclosed = (
        e.get("href", "") for e in entry.get("enclosures", ()) if "pdf" in e.get("type", "")
    )
    return str(next(enclosed, "") or entry.get("link", ""))


def _day(entry: Any) -> str | None:
    day: struct_time | None = entry.get("published_parsed") or entry.get("updated_parsed")
    return f"{day.tm_year:04}-{day.tm_mon:02}-{day.tm_mday:02}" if day else None


def _sitemap(body: bytes, address: str) -> Listing:
    from lxml import etree

    safe = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, safe)
    except etree.XMLSyntaxError as error:
        reason = _clean(str(error), 200)
        raise FetchRefusedError(f"{address} is a malformed sitemap: {reason}.") from None
    places = [(_below(e, "loc"), _below(e, "lastmod")) for e in root.iterfind("{*}url")]
    if not places and (others := [_below(e, "loc") for e in root.iterfind("{*}sitemap")]):
        named = ", ".join(_clean(other, 200) for other in others[:5])
        raise FetchRefusedError(f"{address} lists other sitemaps. Watch one of them: {named}.")
    dated = ((place, _DATE.match(day)) for place, day in places)
    return Listing("sitemap", _announced((("", p, d and d[1]) for p, d in dated), address))


def _below(element: Any, name: str) -> str:
    return (element.findtext(f"{{*}}{name}") or "").strip()


def _page(body: bytes, address: str) -> Listing:
    links = titled_links(body.decode("utf-8", errors="replace"), address)
    named = (
        (text if len(content_words(text)) > 1 else "", target, None)
        for target, text in links.items()
    )
    return Listing("page", _announced(named, address))


def _announced(items: Iterable[tuple[str, str, str | None]], base: str) -> tuple[Announcement, ...]:
    """Return announcements with clean titles and absolute addresses, each address once."""
    found: dict[str, Announcement] = {}
    for title, link, day in items:
        address = plain_address(link, base) if link.strip() else None
        if address and address not in found:
            words = _clean(title, LONGEST["title"]) or _clean(address_words(address), 100)
            found[address] = Announcement(words or address, address, day)
        if len(found) == MOST:
            break
    return tuple(found.values())


def plain_address(link: str, base: str = "") -> str | None:
    """Return a web address without its fragment and what only counts clicks, or None."""
    try:
        parts = urlsplit(urljoin(base, link.strip()))
        _ = parts.port  # raises ValueError if it is none
    except ValueError:
        return None
    counted = [p for p in parse_qsl(parts.query, True) if not p[0].lower().startswith("utm_")]
    query = urlencode(counted) if "utm_" in parts.query.lower() else parts.query
    address = web_address(urlunsplit((parts.scheme, parts.netloc, parts.path, query, "")))
    return address if address and len(address) <= LONGEST["url"] else None


def _clean(text: str, most: int) -> str:
    """Return at most `most` characters on one line, without control and invisible characters."""
    # Cut first: a title may have megabytes.
    kept = (
        " " if c.isspace() or unicodedata.category(c) == "Cc" else c
        for c in text[: 10 * most]
        if unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn")
    )
    return shortened(" ".join("".join(kept).split()), most)
