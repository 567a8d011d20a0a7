"""The block: what both readers hand on, before sections and paragraphs are made of it."""

from __future__ import annotations

from dataclasses import dataclass

from reformqa.model import ParagraphKind, Region


@dataclass(frozen=True, slots=True)
class Block:
    """A run of lines that the file sets apart.

    `mark` is the heading level that the file gives (Markdown's, or a rank of type sizes), which
    may be wrong; `bold` says that all of it is bold; `label` is a list item's number as printed;
    `line` counts from 1 (0 in a PDF); `gap` tells that empty lines or a page end stand before it,
    so that it may go on with an earlier block. `marks` are the note marks in it, each with its
    page; `box` is the number of the box that it stands in, where the file shows boxes.
    """

    kind: ParagraphKind
    text: str
    raw: str
    line: int
    mark: int | None = None
    bold: bool = False
    label: str | None = None
    gap: bool = True
    places: tuple[Region, ...] = ()
    marks: tuple[tuple[str, int], ...] = ()
    box: int | None = None

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())

    @property
    def ends_open(self) -> bool:
        """Whether its last sentence is unfinished, so that it may go on elsewhere."""
        return not self.text.rstrip("'\"’”)]").endswith((".", "!", "?", ":", ";", "…"))


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is laid out, as far as its reader could tell.

    `headings` says what told the headings' levels; `joined` counts paragraphs put together over
    columns and pages. `bare` are the pages without text, `broken` those that could not be read,
    `layered` those whose only text is the invisible layer of a scan, `ocr` those read from the
    picture; all count from 1.
    """

    pages: int = 0
    columns: int = 1
    headings: str = "marks"
    joined: int = 0
    bare: tuple[int, ...] = ()
    broken: tuple[int, ...] = ()
    layered: tuple[int, ...] = ()
    ocr: tuple[int, ...] = ()
