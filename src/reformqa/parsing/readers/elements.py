"""Turn HTML elements into blocks: of a page, or of a table within a text or Markdown file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from reformqa.model import LIST_ITEMS, ParagraphKind
from reformqa.parsing.blocks import Block
from reformqa.parsing.inline import UNIT, tidy
from reformqa.parsing.readers.lists import Cell, label, rows

#: An element of lxml, which has no types.
Element = Any

#: Elements whose contents are not text.
SILENT = frozenset(
    {
        *("script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas"),
        *("audio", "video", "button", "select", "textarea", "input", "head", "title", "meta"),
        *("link", "math"),
    }
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_KINDS: dict[str, ParagraphKind] = {
    "blockquote": "quote",
    "caption": "caption",
    "figcaption": "caption",
    "pre": "furniture",  # code: kept, but not searched
}
_APART = frozenset(
    {
        *("p", "div", "section", "article", "main", "header", "footer", "aside", "nav", "ul", "ol"),
        *("li", "dl", "dt", "dd", "figure", "hr", "form", "fieldset", "details", "summary", "tr"),
        *("address", "center", "body", "html", "hgroup", "td", "th", "tbody", "thead", "tfoot"),
        *_KINDS,
        *_HEADINGS,
    }
)
_NOTE_ID = re.compile(
    r"^[#_]*(?:fn|ftn|edn|footnote|endnote|note)[-_:.]?(?:ref)?[-_:.]?(\d+)", re.I
)
_NOTE_LINK = re.compile(
    r"#_?(?:user-content-)?(?:fn|ftn|edn|footnote|endnote|note)(?!\w*ref)", re.I
)
_BACK_LINK = re.compile(r"^[\s↩↑⏎^︎]*$|^(?:back|return)(?: to (?:text|content))?$", re.IGNORECASE)
_MARK = re.compile(r"^\s*[\[(]?(\d{1,3}|[*†‡§]{1,3})[\])]?\s*$")
#: A list of at least this many links, each of at most so many words, is navigation or contents.
_LINKS, _LINK_WORDS = 3, 14


def blocks_of_text(text: str, line: int = 0) -> list[Block]:
    """Return the blocks of a piece of HTML; `line` is its first line in the file."""
    root = parse_html(text)
    return [] if root is None else blocks_of(root, line)


def parse_html(text: str) -> Element | None:
    """Return the root of the parsed HTML, or None if there is no element in it."""
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
    )
    data = text.replace("\0", "").encode("utf-8", "replace")
    try:
        return etree.fromstring(data, parser) if data.strip() else None
    except etree.XMLSyntaxError:
        return None


def blocks_of(root: Element, line: int = 0) -> list[Block]:
    """Return the blocks in an element. Elements nested too deeply lose their structure."""
    reader = _Elements(line)
    try:
        reader.read(root)
    except RecursionError:
        reader = _Elements(line)
        reader.words("\n".join(t for e in root.iter() if name(e) not in SILENT for t in _texts(e)))
    reader.flush()
    return reader.blocks


def name(element: Element) -> str:
    """Return an element's name in lower case, or "" for a comment and the like."""
    return element.tag.lower() if isinstance(element.tag, str) else ""


def words_of(element: Element) -> str:
    """Return an element's text with single spaces."""
    return " ".join("".join(element.itertext()).split())


def _texts(element: Element) -> Iterator[str]:
    yield from (t for t in (element.text, element.tail) if t)


class _Elements:
    """Collects the words of elements into blocks."""

    def __init__(self, line: int) -> None:
        self.blocks: list[Block] = []
        self._line = line
        self._kind: ParagraphKind = "body"
        self._label: str | None = None
        self._mark: int | None = None
        self._words: list[str] = []
        self._marks: list[str] = []
        self._bold: set[bool] = set()
        self._breaks = 0
        self._notes = 0  # how many enclosing elements contain footnotes

    def read(self, element: Element, *, bold: bool = False) -> None:
        """Read an element, but not the text after it."""
        tag = name(element)
        if not tag or tag in SILENT:
            return
        notes = _contains_notes(element)
        self._notes += notes
        if tag == "br":
            self._break()
        elif tag in ("ul", "ol"):
            self._list(element, tag)
        elif tag == "table" and not _is_layout(element):
            self._table(element)
        elif tag in _APART or tag == "table":
            self._apart(element, tag)
        elif not (tag in ("sup", "a") and self._note_mark(element, tag)):
            self._children(element, bold=bold or tag in ("b", "strong"))
        self._notes -= notes

    def words(self, text: str | None, *, bold: bool = False) -> None:
        """Add words to the open block."""
        if text:
            self._words.append(text)
        if text and text.strip():
            self._bold.add(bold)
            self._breaks = 0

    def flush(self) -> None:
        """Close the open block, if there is one."""
        text = tidy("".join(self._words))
        bold = self._bold == {True}
        if any(c.isalnum() for c in text):
            level = self._mark if self._kind == "heading" else None
            marks = tuple((mark, 0) for mark in dict.fromkeys(self._marks))
            found = Block(self._kind, text, text, self._line, mark=level, bold=bold)
            self._add(found, marks)
            if self._kind in LIST_ITEMS or self._kind == "footnote":
                self._kind, self._label = "body", None
        self._words, self._marks, self._bold, self._breaks = [], [], set(), 0

    def _add(self, block: Block, marks: tuple[tuple[str, int], ...]) -> None:
        # A gap lets a later part continue the block; whole paragraphs need that only as headings.
        block = Block(
            *(block.kind, block.text, block.raw, block.line, block.mark, block.bold),
            label=self._label,
            gap=block.bold,
            marks=marks,
        )
        self.blocks.append(block)

    def _children(self, element: Element, *, bold: bool = False) -> None:
        self.words(element.text, bold=bold)
        for child in element:
            self.read(child, bold=bold)
            self.words(child.tail, bold=bold)

    def _apart(self, element: Element, tag: str) -> None:
        self.flush()
        before = self._kind, self._label, self._mark
        if tag in _HEADINGS:
            self._kind, self._label, self._mark = "heading", None, int(tag[1])
        elif tag in _KINDS:
            self._kind, self._label = _KINDS[tag], None
        elif self._notes and (number := _note_number(element)):
            self._kind, self._label = "footnote", number
        self._children(element)
        self.flush()
        if tag in _HEADINGS or tag in _KINDS:
            self._kind, self._label, self._mark = before

    def _break(self) -> None:
        """A line break is a space; two are the end of a paragraph."""
        self._words.append(" ")
        self._breaks += 1
        if self._breaks > 1:
            self.flush()

    def _list(self, element: Element, tag: str) -> None:
        self.flush()
        before = self._kind, self._label
        number = _number(element.get("start"), 1)
        links = not self._notes and _is_links(element)
        for child in element:
            if name(child) != "li":
                self.read(child)
                self.flush()
                continue
            number = _number(child.get("value"), number)
            kind: ParagraphKind = "numbered" if tag == "ol" else "bullet"
            shown = label(number, element.get("type") or "1") if tag == "ol" else None
            if self._notes:
                kind, shown = "footnote", _note_number(child) or str(number)
            self._kind, self._label = ("furniture", None) if links else (kind, shown)
            self._children(child)
            self.flush()
            number += 1
        self._kind, self._label = before

    def _table(self, element: Element) -> None:
        self.flush()
        before = self._kind, self._label
        for caption in element.findall("caption"):
            self._apart(caption, "caption")
        lines = []
        for row in element.iter("tr"):
            cells = [c for c in row if name(c) in ("td", "th")]
            lines.append([self._cell(c) for c in cells])
        for text in rows(lines):
            if any(c.isalnum() for c in text):
                self.blocks.append(Block("table", text, text, self._line, gap=False))
        self._kind, self._label = before

    def _cell(self, element: Element) -> Cell:
        inside = _Elements(0)
        inside.read(element)
        inside.flush()
        text = " ".join(f"{b.label}. {b.text}" if b.label else b.text for b in inside.blocks)
        text = text or tidy(words_of(element))  # a dash alone
        spans = (min(_number(element.get(s), 1) or 1, 200) for s in ("colspan", "rowspan"))
        return Cell(text, *(max(1, s) for s in spans))

    def _note_mark(self, element: Element, tag: str) -> bool:
        """Return whether an element is a footnote mark or a way back from a note, and not text."""
        text = words_of(element)
        link = element if tag == "a" else next(element.iter("a"), None)
        target = link.get("href") or "" if link is not None else ""
        if tag == "a" and target.startswith("#") and self._notes and _BACK_LINK.match(text):
            return True
        mark = _MARK.match(text)
        own = link is not None and _NOTE_ID.match(link.get("name") or "")
        if mark and own and "ref" in target and not "".join(self._words).strip():
            self._kind, self._label = "footnote", mark[1]  # as word processors write notes
            return True
        if mark is None or (tag == "a" and not _NOTE_LINK.search(target)):
            return False
        if link is None and mark[1] in ("2", "3") and UNIT.search("".join(self._words)):
            self._words.append("²" if mark[1] == "2" else "³")
            return True
        self._marks.append(mark[1])
        return True


def _contains_notes(element: Element) -> bool:
    named = f"{element.get('class') or ''} {element.get('role') or ''}".lower().split()
    return any(re.fullmatch(r"(?:doc-)?(?:foot|end)notes?(?:-list)?", word) for word in named)


def _note_number(element: Element) -> str | None:
    match = _NOTE_ID.match(element.get("id") or "")
    return match[1] if match else None


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and re.fullmatch(r"\d{1,6}", text) else otherwise


def _is_layout(table: Element) -> bool:
    """Return whether a table only arranges a page: it contains headings or tables."""
    inner = (e for e in table.iter("table", *_HEADINGS) if e is not table)
    return table.get("role") == "presentation" or next(inner, None) is not None


def _is_links(element: Element) -> bool:
    """Return whether a list contains links alone, as navigation and contents lists do."""
    items = [words_of(e) for e in element if name(e) == "li"]
    linked = sum(len(words_of(a)) for a in element.iter("a"))
    short = all(len(i.split()) <= _LINK_WORDS for i in items)
    return len(items) >= _LINKS and short and linked >= 0.9 * _length(items)


def _length(texts: Iterable[str]) -> int:
    return sum(map(len, texts))
