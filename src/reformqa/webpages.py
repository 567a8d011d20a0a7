"""Landing pages: which of their links leads to the report's PDF."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from reformqa.likeness import content_words

#: What a link to a report's file says where its address does not tell.
_TELLING = re.compile(r"\b(?:pdf|download|full report|read the report)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """What a landing page offers: its title, and addresses of PDFs, the likeliest first."""

    title: str
    links: tuple[str, ...]


def read_page(html: str, address: str, title: str | None = None) -> Page:
    """The page at `address`, with its links to PDFs, absolute and each once.

    What the page names as the paper's file comes first (`citation_pdf_url`, the meta tag that
    Google Scholar reads); then its links to PDFs or downloads, ordered by how many words of
    `title` their text and file name have, such to a ".pdf" before others, as they stand.
    """
    reader = _Reader()
    try:
        reader.feed(html)
        reader.close()
    except AssertionError:  # html.parser's word for a declaration that it cannot make out
        pass
    base = _joined(address, reader.base) or address
    words = content_words(title or "")
    ranked = sorted(filter(_may_be_a_pdf, reader.links), key=lambda link: _rank(link, words))
    found = [_joined(base, href) for href in (*reader.named, *(link.href for link in ranked))]
    return Page(" ".join(reader.title.split()), tuple(dict.fromkeys(filter(None, found))))


@dataclass(slots=True)
class _Link:
    href: str
    text: str
    kind: str


class _Reader(HTMLParser):
    """Gathers the base, the title, the files that meta tags name, and the links."""

    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.title = ""
        self.named: list[str] = []
        self.links: list[_Link] = []
        self._open: _Link | None = None
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "base" and not self.base:
            self.base = given.get("href", "")
        elif tag == "title":
            self._in_title = not self.title
        elif tag == "meta":
            named = given.get("name") or given.get("property", "")
            if named.lower() == "citation_pdf_url" and given.get("content"):
                self.named.append(given["content"])
        elif tag == "a" and given.get("href"):
            words = f"{given.get('title', '')} {given.get('aria-label', '')} "
            self._open = _Link(given["href"], words, given.get("type", ""))
            self.links.append(self._open)
        elif tag == "img" and self._open:
            self._open.text += f" {given.get('alt', '')} "

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._open = None
        elif tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        elif self._open:
            self._open.text += data


def _may_be_a_pdf(link: _Link) -> bool:
    return (
        _is_named_pdf(link)
        or link.kind.lower() == "application/pdf"
        or _TELLING.search(f"{link.text} {_words_of(link.href)}") is not None
    )


def _is_named_pdf(link: _Link) -> bool:
    return ".pdf" in link.href.lower()


def _rank(link: _Link, title: frozenset[str]) -> tuple[int, bool]:
    """A key by which the likeliest link sorts first."""
    words = content_words(f"{link.text} {_words_of(link.href)}")
    return -len(title & words), not _is_named_pdf(link)


def _words_of(href: str) -> str:
    """The words of an address's last part."""
    last = unquote(href.partition("?")[0].rstrip("/").rpartition("/")[2])
    return re.sub(r"[\W_]+", " ", last)


def _joined(base: str, href: str) -> str:
    """A web address made absolute, or "" where it is none."""
    try:
        whole = urljoin(base, href.strip())
        return whole if urlsplit(whole).scheme in ("http", "https") else ""
    except ValueError:
        return ""
