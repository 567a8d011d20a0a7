"""What a reader returns: the blocks of a file, before sections and paragraphs are made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from reformqa.model import Metadata, ParagraphKind, Region


@dataclass(frozen=True, slots=True)
class Block:
    """A run of lines that the file sets apart from the rest.

    - `mark`: the heading level in the file (Markdown's, or a rank of type sizes); may be wrong.
    - `bold`: whether the whole block is bold.
    - `label`: the printed number of a list item.
    - `line`: the first source line, from 1; 0 in a PDF.
    - `gap`: whether empty lines or a page end precede the block, so that it may continue an
      earlier one.
    - `marks`: the note marks in the text, each with its page.
    - `box`: the number of the box around the block, in a file that shows boxes.
    - `size`: the type size in points, or None if the file does not say.
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
    size: float | None = None

    @property
    def words(self) -> int:
        """The number of words."""
        return len(self.text.split())

    @property
    def ends_open(self) -> bool:
        """Whether the last sentence is unfinished, so that a later block may continue it."""
        return not self.text.rstrip("'\"’”)]").endswith((".", "!", "?", ":", ";", "…"))


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of a file, as far as its reader can tell.

    `headings` names the source of the heading levels; `joined` counts the paragraphs joined
    across columns and pages. `labels` are the pages' own numbers as the file gives them, in order;
    empty if it gives none. The other fields list pages, counted from 1: `tagged` read by the
    file's tags, `doubts` not read by them although they have some, each with the reason, `bare`
    without text, `broken` unreadable, `layered` with no text but the invisible layer of a scan,
    `ocr` read from the picture, `illegible` left out because their letters make no words.
    `reasons` says for each broken page, in the same order, why it is unreadable.
    """

    pages: int = 0
    columns: int = 1
    headings: str = "marks"
    joined: int = 0
    tagged: tuple[int, ...] = ()
    doubts: tuple[tuple[int, str], ...] = ()
    labels: tuple[str, ...] = ()
    bare: tuple[int, ...] = ()
    broken: tuple[int, ...] = ()
    reasons: tuple[str, ...] = ()
    layered: tuple[int, ...] = ()
    ocr: tuple[int, ...] = ()
    illegible: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FileText:
    """The blocks of a file in reading order, its layout, and the metadata stored in it.

    - `stated`: whether the metadata were written for this text, so that they are preferred to
      what the front page says. Programs fill in those of PDF and Word files.
    - `structured`: whether the file's format marks headings and captions, so that their marks are
      trusted.
    - `cover`: whether front matter may stand below the title, as in a report, not on a web page.
    """

    blocks: Sequence[Block]
    layout: Layout = Layout()
    metadata: Metadata = field(default_factory=Metadata)
    stated: bool = False
    structured: bool = False
    cover: bool = True
