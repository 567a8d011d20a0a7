"""Read the structure tree of a tagged PDF: the block that each piece of marked content belongs to.

The tree is that of ISO 32000-1, 14.7, its types those of 14.8.4 and of ISO 32000-2, 14.8.4. pypdf
parses the objects. The tree is walked from its root and not page by page through the parent tree,
because only so is a paragraph on two pages one element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

from reformqa.parsing.readers.pdf.guard import PAGE_ERRORS

#: What a block is, whatever the file calls it. "furniture" is not read: artifacts, and the words
#: in a figure.
TagRole = Literal["text", "heading", "item", "note", "caption", "cell", "contents", "furniture"]

#: A tree with more nodes than this is hostile; its first nodes are used.
MOST_NODES = 500_000
#: The longest chain of names in a role map.
LONGEST_CHAIN = 8
#: A row has at most this many cells, and a cell covers at most this many columns or rows.
MOST_CELLS = 100

_INLINE = frozenset(
    {
        *("Span", "Quote", "Reference", "Code", "Link", "Annot", "Ruby", "RB", "RT", "RP"),
        *("Warichu", "WT", "WP", "Em", "Strong", "Sub", "NonStruct", "Private", "LBody"),
        *("Form", "Formula"),
    }
)
_GROUPING = frozenset(
    {
        *("Document", "DocumentFragment", "Part", "Art", "Sect", "Div", "BlockQuote", "Aside"),
        *("L", "THead", "TBody", "TFoot", "Index", "TOC", "Table", "TR"),
    }
)
_HEADING = re.compile(r"H([1-9]\d?)")
#: A style's own name that calls it a heading ("Heading_2", "_2._Bhead", "H3 bold"), and its level.
_NAMED_HEADING = re.compile(
    r"head(?:ing|line)?s?(?![a-z])[\W_]*([1-6](?!\d))?|(?<![a-z])h([1-6])(?![a-z\d])", re.IGNORECASE
)


@dataclass(slots=True, eq=False)
class Element:
    """A block of the structure tree: a paragraph, a heading, a list item, a note or a cell.

    - `name`: what the file calls it; a style's name in files made by InDesign.
    - `level`: the level of a heading; None if the tag does not say.
    - `order`: the position in the tree's order, from 0.
    - `page`: the page of its first words, from 1.
    - `cell`: the table, row and column of a table cell, each counted from 0.
    - `loose`: whether its content is that of a section rather than of one paragraph.
    """

    role: TagRole
    name: str
    level: int | None = None
    order: int = -1
    page: int = 0
    cell: tuple[int, int, int] | None = None
    loose: bool = False
    filled: bool = False  # whether a list item has its first paragraph

    def begins_item(self, page: int) -> bool:
        """Whether a list item begins on a page."""
        return self.role == "item" and self.page == page


#: The block for the page and the id of each piece of marked content; pages are counted from 1.
Marks = dict[tuple[int, int], Element]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk is: the page, the block, and what encloses it.

    `spare` is the block of content outside all blocks.
    """

    page: int | None = None
    block: Element | None = None
    spare: Element | None = None
    within: TagRole | Literal["label"] = "text"
    depth: int = 0
    table: _Table | None = None


@dataclass(slots=True)
class _Table:
    """A table on the way: its number, its current row, and the cells that reach into it."""

    number: int
    row: int = -1
    column: int = 0
    taken: set[tuple[int, int]] = field(default_factory=set)

    def add(self, columns: int, rows: int) -> tuple[int, int, int]:
        """Return the place of the next cell, which covers so many columns and rows."""
        row = max(0, self.row)
        while (row, self.column) in self.taken:
            self.column += 1
        at = (self.number, row, self.column)
        self.taken |= {(row + r, self.column + c) for r in range(1, rows) for c in range(columns)}
        self.column += columns
        return at


def read_marks(reader: PdfReader) -> Marks:
    """Return the block of each piece of marked content; empty if the file is not tagged."""
    try:
        root = reader.root_object.get("/StructTreeRoot")
        root = root.get_object() if root is not None else None
        if not isinstance(root, DictionaryObject):
            return {}
        return _Walk(reader, root).marks()
    except PAGE_ERRORS:
        return {}


class _Walk:
    """A walk through a structure tree, in its order."""

    def __init__(self, reader: PdfReader, root: DictionaryObject) -> None:
        self._root = root
        self._roles = _dictionary(root.get("/RoleMap"))
        self._pages = {
            page.indirect_reference.idnum: number
            for number, page in enumerate(reader.pages, 1)
            if page.indirect_reference is not None
        }
        self._tables = 0
        self._names: dict[tuple[str, int], str] = {}

    def marks(self) -> Marks:
        """Return the block of each piece of marked content."""
        marks: Marks = {}
        seen: set[int] = set()
        order = 0
        stack: list[tuple[Any, _Place]] = [(self._root.get("/K"), _Place())]
        for _ in range(MOST_NODES):
            if not stack:
                break
            node, place = stack.pop()
            if isinstance(node, IndirectObject):
                if node.idnum in seen:
                    continue  # a cycle, or a child of two elements
                found = node.get_object()
                if isinstance(found, DictionaryObject):
                    seen.add(node.idnum)
                node = found
            if isinstance(node, list):
                stack += [(child, place) for child in reversed(node)]
            elif isinstance(node, DictionaryObject) and "/S" in node:
                inner = self._inside(node, self._on_page(node, place))
                stack.append((_kids(node), inner))
            elif (mark := self._mark(node, place)) is not None and mark not in marks:
                block = place.block or place.spare or Element("text", "", loose=True)
                if block.order < 0:
                    block.order, block.page, order = order, mark[0], order + 1
                marks[mark] = block
        return marks

    def _on_page(self, node: DictionaryObject, place: _Place) -> _Place:
        page = node.raw_get("/Pg") if "/Pg" in node else None
        if not isinstance(page, IndirectObject):
            return place
        return replace(place, page=self._pages.get(page.idnum))

    def _mark(self, node: Any, place: _Place) -> tuple[int, int] | None:
        """Return the page and id that a child of an element refers to, or None.

        Content in the stream of a form of its own, and annotations, are left out.
        """
        if isinstance(node, DictionaryObject):
            if "/Stm" in node:
                return None
            place, node = self._on_page(node, place), node.get("/MCID")
        return (place.page, int(node)) if isinstance(node, int) and place.page else None

    def _inside(self, node: DictionaryObject, place: _Place) -> _Place:
        """Return the place of the children of an element."""
        name = str(node["/S"]).lstrip("/")
        role = self._standard(name, node)
        place = replace(place, depth=place.depth + 1)
        if role in _INLINE:
            return place if place.block else replace(place, spare=Element("text", name, loose=True))
        if role == "Lbl":  # its paragraphs, if any, are not those of the item
            return replace(place, within="label") if place.block else place
        if place.within == "label":
            return place
        if role in ("Figure", "Artifact"):
            return replace(place, block=Element("furniture", name), within="furniture")
        if place.within == "furniture":
            return place
        if role in ("Note", "FENote"):
            return replace(place, block=Element("note", name), within="note")
        if role in ("TD", "TH") and place.table is not None:
            at = place.table.add(_span(node, "/ColSpan"), _span(node, "/RowSpan"))
            return replace(place, block=Element("cell", name, cell=at), within="cell")
        if role == "TR" and place.table is not None:
            place.table.row, place.table.column = place.table.row + 1, 0
            return place
        if role == "Table":
            return self._table(node, place)
        if place.within in ("note", "cell", "caption"):
            return place
        if role == "Caption":
            return replace(place, block=Element("caption", name), within="caption")
        if role in ("TOC", "TOCI"):
            block = Element("contents", name) if role == "TOCI" else None
            return replace(place, block=block, within="contents")
        if place.within == "contents":
            return place
        if role == "LI":
            return replace(place, block=Element("item", name), within="item")
        return self._paragraph(name, role, place)

    def _paragraph(self, name: str, role: str, place: _Place) -> _Place:
        """Return the place of the children of a paragraph, a heading or a group."""
        if role in _GROUPING:
            spare = Element("text", name, loose=True)
            return place if place.within == "item" else replace(place, block=None, spare=spare)
        kind, level = _heading(name, role, place.depth)
        item = place.block if place.within == "item" else None
        if item is not None and not item.filled:  # the paragraph of the item's label
            item.filled = True
            if kind == "heading":
                item.role, item.level = kind, level
            return place
        return replace(place, block=Element(kind, name, level=level))

    def _table(self, node: DictionaryObject, place: _Place) -> _Place:
        """Return the place of the rows of a table; one of a single column is only a frame."""
        if self._columns(node) < 2 or place.table is not None:
            return replace(place, block=None, table=None)
        self._tables += 1
        return replace(place, block=None, table=_Table(self._tables))

    def _columns(self, table: DictionaryObject) -> int:
        """Return the most cells in a row of a table."""
        most = 0
        for child in _children(table):
            rows = [child] if self._type(child) == "TR" else _children(child)
            for row in rows:
                most = max(most, sum(self._type(cell) in ("TD", "TH") for cell in _children(row)))
        return most

    def _type(self, node: DictionaryObject) -> str:
        return self._standard(str(node.get("/S", "")).lstrip("/"), node)

    def _standard(self, name: str, node: DictionaryObject) -> str:
        """Return the standard type that a name is mapped to, directly or through others."""
        space = _dictionary(node.get("/NS"))
        key = (name, id(space) if space else 0)
        if key not in self._names:
            self._names[key] = self._mapped(name, space)
        return self._names[key]

    def _mapped(self, name: str, space: DictionaryObject) -> str:
        for _ in range(LONGEST_CHAIN):
            own = _dictionary(space.get("/RoleMapNS"))
            found = own.get(f"/{name}", self._roles.get(f"/{name}"))
            found = found.get_object() if found is not None else None
            if isinstance(found, list) and found:  # a name, and the namespace it is of
                found, space = found[0], _dictionary(found[1] if len(found) > 1 else None)
            if found is None or str(found).lstrip("/") == name:
                break
            name = str(found).lstrip("/")
        return name


def _heading(name: str, role: str, depth: int) -> tuple[TagRole, int | None]:
    """Return "heading" with its level, if the tag says one, or "text"."""
    if match := _HEADING.fullmatch(role):
        return "heading", int(match[1])
    if role in ("H", "Title"):
        return "heading", depth if role == "H" else None
    if name != role and (match := _NAMED_HEADING.search(name)):
        level = match[1] or match[2]
        return "heading", int(level) if level else None
    return "text", None


def _kids(node: DictionaryObject) -> Any:
    return node.raw_get("/K") if "/K" in node else None


def _dictionary(node: Any) -> DictionaryObject:
    found = node.get_object() if node is not None else None
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _span(node: DictionaryObject, name: str) -> int:
    """Return how many columns or rows a cell covers (ISO 32000-1, table 349)."""
    attributes = node.get("/A")
    attributes = attributes.get_object() if attributes is not None else None
    for entry in attributes if isinstance(attributes, list) else [attributes]:
        found = _dictionary(entry).get(name)
        if isinstance(found, int):
            return min(max(1, int(found)), MOST_CELLS)
    return 1


def _children(node: DictionaryObject) -> Iterator[DictionaryObject]:
    kids = node.get("/K")
    kids = kids.get_object() if kids is not None else None
    for kid in kids if isinstance(kids, list) else [kids]:
        if found := _dictionary(kid):
            yield found
