"""Read a Word file into blocks.

python-docx opens the package and its properties; `docx_body` reads the text. A Word file has no
pages until a program sets them, so its paragraphs have no page numbers.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from docx import Document
from docx.exceptions import PythonDocxError
from docx.opc.exceptions import OpcError
from lxml import etree

from reformqa.errors import UnreadableFileError
from reformqa.model import Metadata
from reformqa.parsing.blocks import Block, FileText
from reformqa.parsing.readers.docx_body import Body
from reformqa.parsing.readers.lists import levelled
from reformqa.parsing.readers.stated import month, names, text

#: A part of the package, and all parts together, unpack to at most this many bytes.
MOST_PART, MOST_WHOLE = 64 * 2**20, 256 * 2**20
#: A title in plain style has at most this many words.
_TITLE_WORDS = 15
#: What python-docx, lxml and zipfile raise for a damaged file.
BROKEN = (
    *(OpcError, PythonDocxError, etree.LxmlError, zipfile.BadZipFile, zlib.error, struct.error),
    *(OSError, EOFError, KeyError, ValueError, TypeError, AttributeError, IndexError),
    *(NotImplementedError, RuntimeError, AssertionError),
)
#: The first bytes of the container of encrypted Word files, and of those before Word 2007.
_OLE = b"\xd0\xcf\x11\xe0"


def read_docx(path: Path, *, ocr: bool = False) -> FileText:
    """Read a `.docx` file; `ocr` is ignored.

    Raises UnreadableFileError if the file is not a Word file, is locked, is damaged, or unpacks
    to more than MOST_PART or MOST_WHOLE bytes.
    """
    _check(path)
    try:
        document = Document(str(path))
        blocks = _titled(list(Body(document).blocks()))
        metadata = _metadata(document.core_properties)
    except BROKEN as error:
        raise UnreadableFileError(
            f"{path.name} is a damaged Word file ({error}). Open it in Word and save it again."
        ) from error
    titled = any(b.mark == 1 for b in blocks)
    return FileText(levelled(blocks), metadata=metadata, structured=True, cover=titled)


def _check(path: Path) -> None:
    """Raise UnreadableFileError if the file is no package, or unpacks to too much."""
    with path.open("rb") as file:
        head = file.read(8)
    if not head:
        raise UnreadableFileError(f"{path.name} is empty. Replace it, or remove it.")
    if head.startswith(_OLE):
        raise UnreadableFileError(
            f"{path.name} is locked with a password, or was saved by a Word older than 2007. Save"
            " it as .docx without a password."
        )
    try:
        with zipfile.ZipFile(path) as package:
            sizes = [part.file_size for part in package.infolist()]
    except BROKEN as error:
        raise UnreadableFileError(
            f"{path.name} is not a Word file, or is incomplete. Get a fresh copy."
        ) from error
    if max(sizes, default=0) > MOST_PART or sum(sizes) > MOST_WHOLE:
        raise UnreadableFileError(
            f"{path.name} unpacks to more than {MOST_PART // 2**20} MB in one part, or"
            f" {MOST_WHOLE // 2**20} MB in all. Save it without pictures, or as PDF."
        )


def _titled(blocks: list[Block]) -> list[Block]:
    """Return the blocks with the title as a heading, if a plain line above the headings is it."""
    first = next((n for n, b in enumerate(blocks) if b.mark), 0)
    above = next(iter(blocks[:first]), None)
    if above is None or any(b.mark == 1 for b in blocks) or above.kind != "body":
        return blocks
    if above.words > _TITLE_WORDS or above.text.endswith((".", ":", ",")):
        return blocks
    return [replace(above, kind="heading", mark=1, gap=False), *blocks[1:]]


def _metadata(properties: Any) -> Metadata:
    authors = names(properties.author)
    made = properties.modified or properties.created
    return Metadata(
        title=text(properties.title),
        authors=tuple(a for a in authors if a != "python-docx"),
        published=month(made),
    )
