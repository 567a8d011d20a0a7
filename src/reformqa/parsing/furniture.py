"""Mark what is printed around the text: contents lists, page numbers, captions, photo credits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reformqa.parsing.blocks import Block
from reformqa.parsing.inline import is_capitals
from reformqa.text.similarity import letters

_PAGE_AT_END = re.compile(
    r"(?:(?:\s*\.{2,}\s*|\s*\|\s*|\s+)(?:page\s+)?(?:\d{1,3}|[ivxl]{1,5})|(?<=[^\d\s])\d{1,3})$",
    re.IGNORECASE,
)
_CREDIT = re.compile(r"^(?:©|Photo(?:graph)?s?:|Image:|Picture:)\s*\S.{0,60}$")
_FOLIO = re.compile(r"^(?:page\s*)?\d{1,3}$|^(?=[ivx])x{0,3}(?:ix|iv|v?i{0,3})$", re.IGNORECASE)
_LABEL_ONLY = re.compile(r"^(?:figure|table|fig)\.?\s+[A-Z]?\d+(?:\.\d+)?[:.]?$", re.IGNORECASE)
_NUMBERED = re.compile(r"^(?:chapter\s+\w+|part\s+\w+|\d{1,2}\.?)\b", re.IGNORECASE)

#: Titles of a contents list, as `letters`.
CONTENTS_TITLES = frozenset({"contents", "tableofcontents", "listofcontents", "contentspage"})
_ALWAYS_TOP = frozenset(
    {
        *("summary", "executivesummary", "introduction", "conclusion", "conclusions"),
        *("references", "bibliography", "foreword", "endnotes", "acknowledgements", "annex"),
        *("appendix", "recommendations", "preface", "glossary"),
    }
)

#: A finished body paragraph of this many words ends the loose words under a figure.
PROSE_WORDS = 30


@dataclass(frozen=True, slots=True)
class Contents:
    """The titles in the contents list, and those of the top level, both as `letters`."""

    titles: frozenset[str]
    top: frozenset[str]


def find_contents(blocks: Sequence[Block]) -> tuple[Contents, set[int]]:
    """Return the contents list and the positions of its lines, both empty if there is none."""
    start = next(
        (i for i, b in enumerate(blocks[:200]) if letters(b.text) in CONTENTS_TITLES),
        None,
    )
    if start is None:
        return Contents(frozenset(), frozenset()), set()
    lines: dict[int, str] = {}
    misses = 0
    for i in range(start + 1, min(start + 200, len(blocks))):
        text = blocks[i].text
        page = _PAGE_AT_END.search(text)
        title = text[: page.start()].strip(" .|") if page else ""
        if title and blocks[i].mark is None and len(text) < 160:
            lines[i] = title
            misses = 0
        elif (lines and (misses := misses + 1) > 1) or (i - start > 8 and not lines):
            break
    titles = list(lines.values())
    numbered = [t for t in titles if _NUMBERED.match(t)]
    top = numbered + [t for t in titles if letters(t) in _ALWAYS_TOP] if numbered else titles
    if any(t.lower().startswith("chapter") for t in titles):
        top = titles
    return Contents(frozenset(map(letters, titles)), frozenset(map(letters, top))), set(lines)


def mark_furniture(
    blocks: Sequence[Block], contents: set[int], *, trusted: bool = False
) -> list[Block]:
    """Return the blocks with contents lines, page numbers and credits marked as furniture.

    The lines that belong to a caption are marked too, unless the reader is `trusted` to have done
    so from the layout of the page.
    """
    marked = [
        replace(b, kind="furniture")
        if i in contents or (b.kind == "body" and (_CREDIT.match(b.text) or _FOLIO.match(b.text)))
        else b
        for i, b in enumerate(blocks)
    ]
    if trusted:
        return marked
    has_marks = any(b.mark for b in blocks)
    return _captions(marked, loose=not has_marks)


def _captions(blocks: list[Block], *, loose: bool) -> list[Block]:
    """Mark the title, legend and loose words of a figure as captions, up to the next prose."""
    budget = 0
    for i, block in enumerate(blocks):
        if block.kind == "caption":
            label_only = bool(_LABEL_ONLY.match(block.text))
            source = block.text.lower().startswith(("source", "note"))
            budget = 0 if source else 40 if loose else 2 if label_only else 1
        elif block.kind == "heading":
            if budget and blocks[i - 1].kind == "caption" and _is_subtitle(blocks, i):
                blocks[i] = replace(block, kind="caption")
            budget = 0
        elif budget and block.kind == "body":
            if (block.words >= PROSE_WORDS and not block.ends_open) or is_capitals(block.text):
                budget = 0
            elif _is_legend(block) and (
                blocks[i - 1].kind == "caption" or not _before_prose(blocks, i)
            ):
                blocks[i] = replace(block, kind="caption")
                budget -= 1
            elif not loose:
                budget = 0
    return blocks


def _is_subtitle(blocks: list[Block], i: int) -> bool:
    """Return whether the heading at `i` is the second line of a caption.

    If so, the line above is a label alone, or a source line follows.
    """
    source = any(
        b.kind == "caption" and b.text.lower().startswith("source") for b in blocks[i + 1 : i + 3]
    )
    return bool(_LABEL_ONLY.match(blocks[i - 1].text)) or (
        source and not is_capitals(blocks[i].text)
    )


def _before_prose(blocks: list[Block], i: int) -> bool:
    after = blocks[i + 1] if i + 1 < len(blocks) else None
    return after is not None and after.kind == "body" and after.words >= PROSE_WORDS


def _is_legend(block: Block) -> bool:
    if block.text.startswith(("Responses to", "Example:")):
        return True
    if not block.text[0].isupper() or re.match(r"^\d+\. [A-Z ]+$", block.text):
        return False
    if is_capitals(block.text):
        return False
    return block.words <= 45 and block.ends_open and "should" not in block.text.split()
