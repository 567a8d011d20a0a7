"""Read the body of a Word file into blocks.

The text is read from the document's XML, because python-docx has no interface for text boxes,
notes and content controls. Headers, footers and deleted text are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from docx.oxml.ns import qn
from lxml import etree

from reformqa.model import ParagraphKind
from reformqa.parsing.blocks import Block
from reformqa.parsing.inline import UNIT, tidy
from reformqa.parsing.readers.lists import Cell, rows
from reformqa.parsing.readers.styles import Styles
from reformqa.parsing.titles import aside_kind

_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}
#: What programs read that do not know the choice before it: the same text again.
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

#: An element of lxml, which has no types.
Element = Any


class Body:
    """Reads the elements of a document in order."""

    def __init__(self, document: Any) -> None:
        self._root = document.element.body
        self._styles = Styles(document)
        self._notes = {kind: _notes(document, kind) for kind in _NOTES.values()}
        self._numbered = 0  # notes so far
        self._boxes = 0
        self._pending: list[Block] = []  # notes and boxes, which follow their paragraph

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks that contain letters or digits."""
        found = self._read(self._root, None)
        yield from (b for b in found if any(c.isalnum() for c in b.text))

    def _read(self, parent: Element, box: int | None) -> Iterator[Block]:
        for element in parent:
            if element.tag == qn("w:p"):
                yield from self._paragraph(element, box)
            elif element.tag == qn("w:tbl"):
                yield from self._table(element, box)
            elif element.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:customXml"), qn("w:ins")):
                yield from self._read(element, box)

    def _paragraph(self, element: Element, box: int | None) -> Iterator[Block]:
        words = _Words(self)
        words.read(element)
        shown = tidy(words.text)
        look = self._styles.look(element)
        kind: ParagraphKind = look.kind
        if look.label and kind == "heading":
            shown = f"{look.label}. {shown}" if shown else ""
        yield Block(
            kind,
            shown,
            shown,
            0,
            mark=look.level if kind == "heading" else None,
            bold=words.bold == {True},
            label=look.label if kind == "numbered" else None,
            gap=words.bold == {True} and kind == "body",
            marks=tuple((mark, 0) for mark in dict.fromkeys(words.marks)),
            box=box,
        )
        pending, self._pending = self._pending, []
        yield from pending

    def note(self, kind: str, number: str | None) -> str:
        """Keep the note with this number in the file for after the paragraph; return its mark."""
        self._numbered += 1
        mark = str(self._numbered)
        element = self._notes[kind].get(number or "")
        if element is not None:
            words = _Words(None)
            for paragraph in element.iter(qn("w:p")):
                words.read(paragraph)
                words.text += " "
            shown = tidy(words.text)
            self._pending.append(Block("footnote", shown, shown, 0, label=mark, gap=False))
        return mark

    def box(self, content: Element) -> None:
        """Keep the text of a box for after the paragraph to which it is anchored."""
        self._boxes += 1
        outer, self._pending = self._pending, []
        inner = self._framed(content, self._boxes)
        self._pending = [*outer, *inner]

    def _framed(self, content: Element, box: int) -> list[Block]:
        """Return the blocks in a frame, of which the first may be its title."""
        blocks = list(self._read(content, box))
        if blocks and blocks[0].kind == "body" and aside_kind(blocks[0].text):
            blocks[0] = replace(blocks[0], kind="heading", gap=False)
        return blocks

    def _table(self, element: Element, box: int | None) -> Iterator[Block]:
        lines = [_cells(row) for row in element.iter(qn("w:tr")) if _table_of(row) is element]
        if len(lines) == 1 and len(lines[0]) == 1:  # a frame around text
            self._boxes += 1
            yield from self._framed(lines[0][0], box or self._boxes)
            return
        table: list[list[Cell]] = []
        for line in lines:
            before = table[-1] if table else []
            table.append([self._cell(c, before, n) for n, c in enumerate(line)])
        for shown in rows(table):
            yield Block("table", shown, shown, 0, gap=False, box=box)
        pending, self._pending = self._pending, []
        yield from pending

    def _cell(self, element: Element, above: list[Cell], column: int) -> Cell:
        """Return a cell; one that continues the cell above repeats its text."""
        properties = element.find(qn("w:tcPr"))
        merge = None if properties is None else properties.find(qn("w:vMerge"))
        span = None if properties is None else properties.find(qn("w:gridSpan"))
        columns = _value(span, 1)
        if merge is not None and merge.get(qn("w:val")) != "restart" and column < len(above):
            return replace(above[column], columns=columns)
        parts = []
        for paragraph in element.iter(qn("w:p")):
            words = _Words(self)
            words.read(paragraph)
            parts.append(tidy(words.text))
        return Cell(" ".join(p for p in parts if p), columns)


class _Words:
    """The words of a paragraph, its note marks, and whether they are bold."""

    def __init__(self, body: Body | None) -> None:
        self.text = ""
        self.marks: list[str] = []
        self.bold: set[bool] = set()
        self._body = body

    def read(self, element: Element) -> None:
        """Read the runs in an element, in order."""
        for child in element:
            tag = child.tag
            if tag == qn("w:r"):
                self._run(child)
            elif tag in (qn("w:pPr"), qn("w:del"), qn("w:moveFrom"), _FALLBACK):
                continue
            elif isinstance(tag, str):
                self.read(child)

    def _run(self, run: Element) -> None:
        if _on(run, "vanish"):
            return
        raised = run.find(f"{qn('w:rPr')}/{qn('w:vertAlign')}")
        before = len(self.text)
        for child in run:
            self._part(child)
        added = self.text[before:].strip()
        is_raised = raised is not None and raised.get(qn("w:val")) == "superscript"
        if is_raised and added.isdecimal() and len(added) < 4:
            self.text = self.text[:before]
            if added in ("2", "3") and UNIT.search(self.text):
                self.text += "²" if added == "2" else "³"
            else:
                self.marks.append(added)
        elif added:
            self.bold.add(_on(run, "b"))

    def _part(self, child: Element) -> None:
        tag = etree.QName(child).localname if isinstance(child.tag, str) else ""
        if tag == "t":
            self.text += child.text or ""
        elif tag in ("tab", "br", "cr", "ptab"):
            self.text += " "
        elif tag == "noBreakHyphen":
            self.text += "-"
        elif tag in _NOTES and self._body is not None:
            self.marks.append(self._body.note(_NOTES[tag], child.get(qn("w:id"))))
        elif tag in ("AlternateContent", "drawing", "pict", "object") and self._body is not None:
            for content in _boxes(child):
                self._body.box(content)


def _boxes(element: Element) -> Iterator[Element]:
    """Yield the contents of text boxes, not of those repeated for old programs."""
    for child in element:
        if child.tag == qn("w:txbxContent"):
            yield child
        elif child.tag != _FALLBACK and isinstance(child.tag, str):
            yield from _boxes(child)


def _cells(row: Element) -> list[Element]:
    """Return the cells of a row, also those in content controls."""
    found = []
    for child in row:
        if child.tag == qn("w:tc"):
            found.append(child)
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:customXml")):
            found += _cells(child)
    return found


def _table_of(row: Element) -> Element:
    return next(row.iterancestors(qn("w:tbl")), None)


def _on(run: Element, name: str) -> bool:
    found = run.find(f"{qn('w:rPr')}/{qn(f'w:{name}')}")
    return found is not None and found.get(qn("w:val")) not in ("0", "false", "off", "none")


def _value(element: Element | None, otherwise: int) -> int:
    value = None if element is None else element.get(qn("w:val"))
    return int(value) if value and value.isdecimal() else otherwise


def _notes(document: Any, kind: str) -> dict[str, Element]:
    """Return the notes in the package's part of this kind, by their numbers in the file."""
    related = document.part.rels.values()
    parts = [r.target_part for r in related if r.reltype.endswith(f"/{kind}")]
    if not parts:
        return {}
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root = etree.fromstring(parts[0].blob, parser)
    return {n.get(qn("w:id")) or "": n for n in root if n.get(qn("w:type")) in (None, "normal")}
