"""Read an HTML page into blocks: its main text, without navigation, banners and footers.

The main text is that of <main> or <article>, if they contain most of it, or else of the body.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from reformqa.errors import UnreadableFileError
from reformqa.model import Metadata
from reformqa.parsing.blocks import FileText
from reformqa.parsing.readers.elements import (
    SILENT,
    Element,
    blocks_of,
    name,
    parse_html,
    words_of,
)
from reformqa.parsing.readers.lists import levelled
from reformqa.parsing.readers.stated import month, names

_CHARSET = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_AROUND = ("nav", "aside", "footer", "header", "form", "dialog", "menu")
_ROLES = frozenset(
    {
        *("navigation", "banner", "contentinfo", "search", "complementary", "dialog"),
        *("alertdialog", "menu", "menubar"),
    }
)
#: Words in the class or id of what surrounds the text.
_AROUND_NAMES = re.compile(
    r"(?:^|[-_ ])(?:cookies?|consent|gdpr|breadcrumbs?|nav(?:bar|igation)?|menu|share|sharing"
    r"|social|sidebar|newsletter|subscribe|signup|related|skip|skiplink|advert(?:isement)?|promo"
    r"|comments|pagination|popup|modal)(?:$|[-_ ])",
    re.IGNORECASE,
)
#: What surrounds the text has less than this share of it, whatever its class says.
_MOST_AROUND = 0.3
#: <main> and <article> are believed if they contain this share of the page's text.
_LEAST_MAIN = 0.4
_TITLES = ("citation_title", "dc.title", "dcterms.title")
_AUTHORS = ("citation_author", "dc.creator", "dcterms.creator", "author", "article:author")
_PUBLISHERS = (
    *("citation_publisher", "citation_technical_report_institution", "dc.publisher"),
    *("dcterms.publisher", "og:site_name"),
)
_DATES = (
    *("citation_publication_date", "citation_date", "citation_online_date", "dc.date"),
    *("dcterms.issued", "dcterms.date", "article:published_time", "date"),
)


def read_html(path: Path, *, ocr: bool = False) -> FileText:
    """Read a `.html` or `.htm` file; `ocr` is ignored.

    Raises UnreadableFileError if the bytes are not a page.
    """
    root = parse_html(_DECLARATION.sub("", _decode(path)))
    if root is None:
        raise UnreadableFileError(f"{path.name} contains no HTML. Save the page again.")
    metadata = _metadata(root)
    blocks = levelled(blocks_of(_main(root)))
    return FileText(blocks, metadata=metadata, stated=True, structured=True, cover=False)


def _decode(path: Path) -> str:
    """Return the text, in the encoding of its byte order mark or declaration, or else UTF-8."""
    data = path.read_bytes()
    if not data.strip():
        raise UnreadableFileError(f"{path.name} is empty. Replace it, or remove it.")
    if data.lstrip().startswith(b"%PDF"):
        raise UnreadableFileError(
            f"{path.name} is a PDF under the name of a page. Rename it to end in .pdf."
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data[:65536]:
        raise UnreadableFileError(
            f"{path.name} holds binary data, not HTML. Save the page again as HTML."
        )
    declared = _CHARSET.search(data[:4096])
    for encoding in ("utf-8-sig", declared[1].decode() if declared else "cp1252"):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", errors="replace")


def _main(root: Element) -> Element:
    """Return the element with the main text; what surrounds it is removed from the tree."""
    body = next(root.iter("body"), root)
    _clear(body, SILENT)
    heading = next(body.iter("h1"), None)
    whole = len(words_of(body))
    main = _largest(body, whole)
    _remove_around(main)
    if heading is not None and next(main.iter("h1"), None) is None:
        heading.tail = None
        main.insert(0, heading)
        if main.text and main.text.strip():
            heading.tail, main.text = main.text, None
    return main


def _largest(body: Element, whole: int) -> Element:
    """Return <main>, or else the only <article>, if it contains much of the text."""
    marked = [e for e in body.iter() if name(e) == "main" or e.get("role") == "main"]
    articles = [
        e for e in body.iter("article") if not any(True for _ in e.iterancestors("article"))
    ]
    found = marked[:1] or (articles if len(articles) == 1 else [])
    fits = found and len(words_of(found[0])) >= _LEAST_MAIN * whole
    return found[0] if fits else body


def _remove_around(main: Element) -> None:
    """Remove navigation, banners and the like from the tree."""
    whole = len(words_of(main))
    for element in list(main.iter()):
        if element is main or element.getparent() is None or not name(element):
            continue
        if _is_around(element, whole):
            _remove(element)


def _is_around(element: Element, whole: int) -> bool:
    tag = name(element)
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if tag == "header" and next(element.iter("h1"), None) is not None:
        return False  # the title of the article, and its date
    if tag == "footer" and re.search(r"note", f"{element.get('class')} {element.get('id')}"):
        return False
    if tag in _AROUND or element.get("role") in _ROLES:
        return True
    named = _AROUND_NAMES.search(f"{element.get('class') or ''} {element.get('id') or ''}")
    heading = tag in ("h1", "h2", "h3", "h4", "h5", "h6", "a", "sup", "span")
    return bool(named) and not heading and len(words_of(element)) < _MOST_AROUND * whole


def _clear(body: Element, tags: frozenset[str]) -> None:
    for element in list(body.iter()):
        if name(element) in tags and element.getparent() is not None:
            _remove(element)


def _remove(element: Element) -> None:
    """Remove an element from the tree, but not the text after it."""
    parent, before = element.getparent(), element.getprevious()
    if element.tail:
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)


def _metadata(root: Element) -> Metadata:
    """Return what the page states about itself: <title>, <meta>, <time> and <link>."""
    stated: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        key = (element.get("name") or element.get("property") or "").strip().lower()
        if key and (value := " ".join((element.get("content") or "").split())):
            stated.setdefault(key, []).append(value)

    def first(keys: Sequence[str]) -> list[str]:
        return next((stated[k] for k in keys if k in stated), [])

    publisher = next(iter(first(_PUBLISHERS)), None)
    address = _address(root, stated)
    return Metadata(
        title=next(iter(first(_TITLES)), None) or _title(root, stated, publisher),
        authors=_authors(first(_AUTHORS)),
        publisher=publisher,
        published=next((m for d in [*first(_DATES), *_times(root)] if (m := month(d))), None),
        url=address,
    )


def _title(root: Element, stated: dict[str, list[str]], publisher: str | None) -> str | None:
    """Return the page's only <h1>, or else its title without the name of the site."""
    headings = [words_of(h) for h in root.iter("h1")]
    if len(headings) == 1 and headings[0]:
        return headings[0]
    titles = [words_of(t) for t in root.iter("title") if name(t.getparent()) == "head"]
    found = next((t for t in [*stated.get("og:title", []), *titles] if t), "")
    parts = re.split(r"\s+[|–—·»-]\s+", found)
    if len(parts) > 1 and (parts[-1] == publisher or found.count("|")):
        return found[: found.rindex(parts[-1])].rstrip(" |–—·»-") or None
    return found or None


def _authors(values: Sequence[str]) -> tuple[str, ...]:
    """Return the authors; "Byron, Ada" is turned round."""
    found = names(list(values)) if len(values) > 1 else names(next(iter(values), None))
    turned = (re.sub(r"^([^\s,]+), ([^,]+)$", r"\2 \1", n) for n in found)
    return tuple(n for n in turned if not n.startswith(("@", "www.")))


def _times(root: Element) -> list[str]:
    return [t.get("datetime") or words_of(t) for t in root.iter("time")][:1]


def _address(root: Element, stated: dict[str, list[str]]) -> str | None:
    links = [e.get("href") for e in root.iter("link") if e.get("rel") == "canonical"]
    found = [a for a in [*links, *stated.get("og:url", [])] if a]
    return next((a for a in found if urlsplit(a).scheme in ("http", "https")), None)
