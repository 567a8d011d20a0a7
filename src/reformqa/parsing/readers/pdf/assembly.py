"""Turn pieces of text into blocks, each with its places on the pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from reformqa.model import ParagraphKind, Region
from reformqa.parsing.blocks import Block
from reformqa.parsing.inline import Vocabulary
from reformqa.parsing.readers.pdf.flow import Piece
from reformqa.parsing.readers.pdf.graphics import hull
from reformqa.parsing.readers.pdf.lines import Line, note_start
from reformqa.parsing.readers.pdf.strips import DOTS

_REGION_KINDS: dict[str, ParagraphKind] = {"table": "table", "notes": "footnote"}


def make_blocks(pieces: Sequence[Piece]) -> list[Block]:
    """Return a block for each piece that has text."""
    vocabulary = Vocabulary(_texts(pieces))
    boxes = _titled_boxes(pieces)
    blocks = [_block(p, vocabulary, boxes.get(id(p), p.box)) for p in pieces]
    return [b for b in blocks if b.text]


def _texts(pieces: Sequence[Piece]) -> list[str]:
    """Return the text of each line, without the second half of a word broken at a line end."""
    texts = []
    for piece in pieces:
        cut_word = False
        for line in piece.lines:
            text = line.text
            if cut_word and " " in text:
                text = text.split(" ", 1)[1]
            texts.append(text)
            cut_word = line.text.endswith(("-", "\u00ad"))
    return texts


def _titled_boxes(pieces: Sequence[Piece]) -> dict[int, int]:
    """Map the `id` of each title printed above a box ("BOX 1", then the frame) to the box."""
    titles: dict[int, int] = {}
    above: list[Piece] = []
    for piece in pieces:
        if piece.box is not None:
            titles.update({id(p): piece.box for p in above})
            above = []
        elif piece.role == "heading" and (above or re.match(r"box\b", piece.text, re.IGNORECASE)):
            above.append(piece)
        elif piece.kind not in ("running", "label"):
            above = []
    return titles


def _block(piece: Piece, vocabulary: Vocabulary, box: int | None) -> Block:
    kind = _kind(piece)
    label = piece.first.label
    lines = piece.lines
    note = note_start(piece.first) if kind == "footnote" else None
    if note is not None:
        label = note[0]
        lines = [replace(piece.first, text=note[1]), *lines[1:]]
    elif kind in ("heading", "caption", "furniture") and piece.first.hanging:
        lines = [replace(piece.first, text=piece.first.whole), *lines[1:]]
        label = None
    raw = "\n".join(ln.raw for ln in lines)
    if kind == "table":
        text, places = _row(piece, vocabulary)
    else:
        text, places = _joined(lines, vocabulary)
    return Block(
        kind,
        text,
        raw,
        0,
        mark=(piece.level or 0) + 1 if kind == "heading" else None,
        bold=piece.bold and kind == "body",
        label=label if kind in ("numbered", "footnote") else None,
        gap=False,
        places=_merged(places),
        marks=tuple((label, ln.page) for ln in lines for _, label in ln.marks),
        box=box,
        size=round(piece.size, 1),
    )


def _kind(piece: Piece) -> ParagraphKind:
    if piece.kind in ("running", "label") or piece.role in ("pull quote", "contents"):
        return "furniture"
    if piece.kind in _REGION_KINDS:
        return _REGION_KINDS[piece.kind]
    if piece.role == "heading":
        return "heading"
    if piece.role == "caption":
        return "caption"
    if piece.first.label is not None:
        return "numbered"
    item = piece.element is not None and piece.element.begins_item(piece.page)
    return "bullet" if item or piece.first.bullet is not None else "body"


def _joined(lines: Sequence[Line], vocabulary: Vocabulary) -> tuple[str, list[Region]]:
    """Return the lines as one text, and each line's place with its span in that text."""
    text = ""
    places: list[Region] = []
    for n, line in enumerate(lines):
        words = line.whole if n else line.text
        text = text[:-1] + words if text.endswith("\u00ad") else vocabulary.join(text, words)
        begin = max(0, len(text) - len(words))
        if places:  # dropping a hyphen at the line's end shortens the line before
            last = places[-1]
            places[-1] = replace(last, span=(min(last.span[0], begin), min(last.span[1], begin)))
        places.append(Region(line.page, _rounded(line), (begin, len(text))))
    return text.rstrip("\u00ad"), places


def _row(piece: Piece, vocabulary: Vocabulary) -> tuple[str, list[Region]]:
    """Return a table row as one text, its cells separated by bars, and the lines' places.

    An empty cell keeps its bar, so that each figure stays in its column.
    """
    text = ""
    places: list[Region] = []
    for n, cell in enumerate(piece.cells):
        if n:
            text += "| " if not text or text.endswith(" ") else " | "
        shown = [replace(ln, text=DOTS.sub("", ln.whole), prefix="") for ln in cell]
        words, found = _joined(shown, vocabulary)
        shift = len(text)
        text += words
        places += [replace(p, span=(p.span[0] + shift, p.span[1] + shift)) for p in found]
    return text.rstrip(), places


def _rounded(line: Line) -> tuple[float, float, float, float]:
    x0, top, x1, bottom = (round(v, 1) for v in line.box)
    return (x0, top, x1, bottom)


def _merged(places: Sequence[Region]) -> tuple[Region, ...]:
    """Return one place for each run of lines in the same column of the same page."""
    merged: list[Region] = []
    for place in places:
        last = merged[-1] if merged else None
        if last and last.page == place.page and place.box[1] >= last.box[1]:
            merged[-1] = Region(
                last.page, hull((last.box, place.box)), (last.span[0], place.span[1])
            )
        else:
            merged.append(place)
    return tuple(merged)
