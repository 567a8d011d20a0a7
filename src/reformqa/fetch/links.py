"""Links to PDFs on a report's landing page, the likeliest first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from reformqa.text.similarity import content_words

#: What the text of a link to a report says if its address has no ".pdf".
_TELLING = re.compile(r"\b(?:pdf|download|full report|read the report)\b", re.IGNORECASE)
#: How many characters of a link's text are read.
_LONGEST_TEXT = 1000
#: The relevant tags, if complete, and the text between tags. html.parser gets nothing else, because
#: unclosed markup can cost it quadratic time or more.
_TOKENS = re.compile(
    r"""</?(?:a|base|img|meta)\b(?:[^<>"']|"[^"<]{0,4000}"|'[^'<]{0,4000}'){0,2000}+>|[^<]++""",
    re.IGNORECASE,
)


def pdf_links(html: str, address: str, title: str | None = None) -> tuple[str, ...]:
    """Return the links to PDFs on the page at `address`, absolute and unique, likeliest first.

    First come the files in `citation_pdf_url`, the meta tag that Google Scholar reads. Then come
    links to PDFs or downloads, by how many words of `title` their text and file name contain.
    Ties put ".pdf" addresses first, then keep the page's order.
    """
    reader, base = _read(html, address)
    words = content_words(title or "")
    ranked = sorted(filter(_may_be_a_pdf, reader.links), key=lambda link: _rank(link, words))
    found = [_joined(base, href) for href in (*reader.named, *(link.href for link in ranked))]
    return tuple(dict.fromkeys(filter(None, found)))


def titled_links(html: str, address: str) -> dict[str, str]:
    """Return the links on the page at `address`, each with the longest text that leads there.

    Addresses are absolute, without fragments. Texts may be empty.
    """
    reader, base = _read(html, address)
    found: dict[str, str] = {}
    for link in reader.links:
        target = urldefrag(_joined(base, link.href)).url
        text = " ".join(link.text.split())
        if target and len(text) >= len(found.get(target, "")):
            found[target] = text
    return found


def address_words(address: str) -> str:
    """Return the words in an address's last part, without the suffix of a file."""
    return re.sub(r" (?:pdf|html?|aspx|php)$", "", _words_of(address).strip())


def _read(html: str, address: str) -> tuple[_Reader, str]:
    """Return what a page links to, and the address that its links are relative to."""
    reader = _Reader()
    reader.feed(
        "".join(_TOKENS.findall(_without(_without(html, "<!--", "-->"), "<script", "</script")))
    )
    reader.close()
    return reader, _joined(address, reader.base) or address


@dataclass(slots=True)
class _Link:
    href: str
    text: str
    kind: str


class _Reader(HTMLParser):
    """Collects the base address, the files named in meta tags, and the links."""

    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.named: list[str] = []
        self.links: list[_Link] = []
        self._open: _Link | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "base" and not self.base:
            self.base = given.get("href", "")
        elif tag == "meta":
            named = given.get("name") or given.get("property", "")
            if named.lower() == "citation_pdf_url" and given.get("content"):
                self.named.append(given["content"])
        elif tag == "a" and given.get("href"):
            words = f"{given.get('title', '')} {given.get('aria-label', '')} "
            self._open = _Link(given["href"], words, given.get("type", ""))
            self.links.append(self._open)
        elif tag == "img":
            self._add(f" {given.get('alt', '')} ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._open = None

    def handle_data(self, data: str) -> None:
        self._add(data)

    def _add(self, words: str) -> None:
        if self._open and len(self._open.text) < _LONGEST_TEXT:
            self._open.text += words


def _without(html: str, opening: str, closing: str) -> str:
    """Return a page without the text between two marks, or to its end if one is not closed."""
    begins, ends = re.compile(opening, re.IGNORECASE), re.compile(closing, re.IGNORECASE)
    kept, at = [], 0
    while start := begins.search(html, at):
        kept.append(html[at : start.start()])
        end = ends.search(html, start.end())
        at = end.end() if end else len(html)
    return "".join([*kept, html[at:]])


def _may_be_a_pdf(link: _Link) -> bool:
    return (
        _is_named_pdf(link)
        or link.kind.lower() == "application/pdf"
        or _TELLING.search(f"{link.text} {_words_of(link.href)}") is not None
    )


def _is_named_pdf(link: _Link) -> bool:
    return ".pdf" in link.href.lower()


def _rank(link: _Link, title: frozenset[str]) -> tuple[int, bool]:
    """Return a key that sorts the likeliest link first."""
    words = content_words(f"{link.text} {_words_of(link.href)}")
    return -len(title & words), not _is_named_pdf(link)


def _words_of(href: str) -> str:
    """Return the words in an address's last part."""
    last = unquote(href.partition("?")[0].rstrip("/").rpartition("/")[2])
    return re.sub(r"[\W_]+", " ", last)


def _joined(base: str, href: str) -> str:
    """Return an absolute web address, or "" if it is not one."""
    try:
        whole = urljoin(base, href.strip())
        return whole if urlsplit(whole).scheme in ("http", "https") else ""
    except ValueError:
        return ""
