"""Tagged PDFs: the structure tree is added to a PDF made by `pdfs`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject


@dataclass
class Tag:
    """An element of the tree: its type, its children, and further entries of its dictionary.

    A child is an element, the id of marked content on `page`, or a page and an id.
    """

    role: str
    kids: Sequence[Tag | int | tuple[int, int]]
    page: int = 1
    entries: Mapping[str, Any] = field(default_factory=dict)


def marked(number: int, operators: str) -> str:
    """Operators in marked content with an id."""
    return f"/P << /MCID {number} >> BDC {operators} EMC"


def tagged(file: bytes, *tags: Tag, roles: Mapping[str, str] | None = None) -> bytes:
    """The PDF with a structure tree of these elements, and a map of their types."""
    writer = PdfWriter(clone_from=BytesIO(file))
    pages = [page.indirect_reference for page in writer.pages]

    def child(kid: Tag | int | tuple[int, int], parent: Any) -> Any:
        if isinstance(kid, Tag):
            return element(kid, parent)
        if isinstance(kid, int):
            return NumberObject(kid)
        page, number = kid
        return _dictionary({"Type": NameObject("/MCR"), "Pg": pages[page - 1], "MCID": number})

    def element(tag: Tag, parent: Any) -> Any:
        node = _dictionary(
            {"S": NameObject(f"/{tag.role}"), "P": parent, "Pg": pages[tag.page - 1]}
        )
        node.update(_dictionary(tag.entries))
        at = writer._add_object(node)
        node[NameObject("/K")] = ArrayObject(child(kid, at) for kid in tag.kids)
        return at

    root = DictionaryObject()
    at = writer._add_object(root)
    mapped = {name: NameObject(f"/{role}") for name, role in (roles or {}).items()}
    root.update(
        _dictionary({"Type": NameObject("/StructTreeRoot"), "RoleMap": _dictionary(mapped)})
    )
    root[NameObject("/K")] = ArrayObject(element(tag, at) for tag in tags)
    writer.root_object[NameObject("/StructTreeRoot")] = at
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _dictionary(entries: Mapping[str, Any]) -> DictionaryObject:
    return DictionaryObject(
        {
            NameObject(f"/{key}"): NumberObject(value) if isinstance(value, int) else value
            for key, value in entries.items()
        }
    )
