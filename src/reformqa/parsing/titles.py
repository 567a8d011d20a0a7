"""Decide which blocks are headings; `sections` then finds their levels."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from itertools import pairwise

from reformqa.model import SectionKind
from reformqa.parsing.blocks import Block
from reformqa.parsing.furniture import Contents
from reformqa.parsing.inline import DEMAND, is_capitals
from reformqa.text.labels import RECOMMENDATION_LABEL
from reformqa.text.similarity import letters

_ORDINAL = r"(?:\d+|[ivx]+|one|two|three|four|five|six|seven|eight|nine|ten)\b"
CHAPTER = re.compile(rf"^(?:chapter|part)\s+{_ORDINAL}", re.IGNORECASE)
FAMILY = re.compile(
    rf"^(step|shift|principle|challenge|phase|stage|theme|pillar|mission)\s+{_ORDINAL}",
    re.IGNORECASE,
)
NUMBER = re.compile(r"^(\d{1,2}(?:\.\d{1,2})*)\.?\s+\S")
_OPENS_TITLE = re.compile(
    r"^(?:(?:chapter|part)\s+\w+|case study(?: \d+)?|\d{1,2})[.:]?$", re.IGNORECASE
)
_UNFINISHED = ("body", "bullet", "numbered")
_ASIDE = re.compile(r"^(box|case study)(?:\s+[A-Z]?\d|\s*[:–-]|\s*$)", re.IGNORECASE)
_KINDS: tuple[tuple[SectionKind, str], ...] = (
    (
        "front",
        r"(?:table of )?contents|about (?!an? )\S+(?: \S+){0,3}|acknowledge?ments?|get in touch"
        r"|(?:list of )?abbreviations|glossary|list of .*|dedication",
    ),
    (
        "licence",
        r"permission to share|licen[cs]e to publish|open access.*|creative commons.*"
        r"|copyright.*|terms of use",
    ),
    ("references", r"references|bibliography|end ?notes|notes|works cited|sources"),
    ("summary", r"(?:executive )?summary|key (?:findings|messages|points)|at a glance|in brief"),
    ("conclusion", r"(?:\d+\.? )?conclusions?\b.*"),
    ("annex", r"(?:\w+ )?(?:annex|appendix)\b.*"),
    ("chapter", r"introduction|foreword|preface"),
)


_BEFORE_THE_BODY = (
    r".*advisory (?:board|group|panel)|.*policy advisors|contributors|download|citation"
)


def known_kind(text: str, *, begun: bool = False) -> SectionKind | None:
    """Return the kind of section with a well-known title ("References"), or None.

    Some titles belong to the front matter only before the body has `begun`.
    """
    text = text.strip(" .:")
    if not begun and re.fullmatch(_BEFORE_THE_BODY, text, re.IGNORECASE):
        return "front"
    for kind, pattern in _KINDS:
        if re.fullmatch(pattern, text, re.IGNORECASE):
            return kind
    return None


def aside_kind(title: str) -> SectionKind | None:
    """Return "box" or "case study" if the title starts with that word, or None."""
    match = _ASIDE.match(title)
    return None if match is None else "box" if match[1].lower() == "box" else "case study"


def marks_nest(blocks: Sequence[Block]) -> bool:
    """Return whether the file's heading marks form a tree: a single title, and no level skipped."""
    marks = [b.mark for b in blocks if b.kind == "heading" and b.mark]
    return (
        len(marks) > 1
        and marks[0] == 1
        and 1 not in marks[1:]
        and all(b <= a + 1 for a, b in pairwise(marks))
    )


def candidates(
    blocks: Sequence[Block], contents: Contents, title: range, numbers: Container[int]
) -> list[tuple[int, int]]:
    """Return the spans of blocks that are headings, except the report's `title`.

    `numbers` has the positions of the headings in the report's numbering. A heading printed as two
    blocks is one span.
    """
    marked = any(b.kind == "heading" for b in blocks)
    body = _body_start(blocks, contents)
    found = [
        i in numbers
        or (i not in title and _is_heading(blocks, i, contents, marked=marked, front=i < body))
        for i in range(len(blocks))
    ]
    spans: list[tuple[int, int]] = []
    i = 0
    while i < len(blocks):
        if not found[i]:
            i += 1
            continue
        end = i + 1
        if end < len(blocks) and _OPENS_TITLE.match(blocks[i].text):
            end += found[end] or is_capitals(blocks[end].text)
        spans.append((i, end))
        i = end
    return spans


def _body_start(blocks: Sequence[Block], contents: Contents) -> int:
    """Return the position where the body begins: the summary, introduction or first chapter."""
    for i, block in enumerate(blocks):
        if block.kind not in ("heading", "body", "numbered") or block.words > 14:
            continue
        if block.kind == "heading" or is_capitals(block.text):
            kind = known_kind(block.text)
            if kind in ("summary", "chapter") or CHAPTER.match(block.text):
                return i
            if kind is None and letters(block.text) in contents.top:
                return i
    return 0


def is_label(block: Block) -> bool:
    """Return whether a block on a page is only a recommendation's label.

    Such a label is the title of a box, not of a section.
    """
    label = RECOMMENDATION_LABEL.match(block.text)
    return bool(block.places) and label is not None and label.end() == len(block.text)


def is_statement(block: Block) -> bool:
    """Return whether a heading is a sentence ("Government should …"), which belongs to the text."""
    label = RECOMMENDATION_LABEL.match(block.text)
    if label and len(block.text) > label.end() + 10:
        return True
    if is_capitals(block.text) or NUMBER.match(block.text):
        return False
    return (block.words >= 8 and DEMAND.search(block.text) is not None) or (
        block.words > 14 and block.text.endswith(".")
    )


def _is_heading(
    blocks: Sequence[Block], i: int, contents: Contents, *, marked: bool, front: bool
) -> bool:
    block = blocks[i]
    if block.kind == "heading":
        return not is_statement(block) and not is_label(block)
    if block.kind == "bullet" and block.raw.rstrip().endswith("**"):
        return "**" not in block.raw.rstrip()[:-2] and block.words <= 8  # caught in a list
    if block.kind == "numbered":  # on a page it would have been seen to be a heading
        return is_capitals(block.text) and block.words <= 15 and not block.places
    if block.kind != "body" or not block.gap or block.words > 24 or "@" in block.text:
        return False
    if front:
        return not marked and known_kind(block.text) not in (None, "conclusion", "annex")
    if letters(block.text) in contents.titles:
        return True
    if marked:
        return _bold_title(blocks, i)
    return is_capitals(block.text) or _looks_like_title(blocks, i)


def _bold_title(blocks: Sequence[Block], i: int) -> bool:
    block = blocks[i]
    return (
        block.bold
        and 3 <= block.words <= 14
        and not block.text.endswith((".", ":", ","))
        and (i == 0 or blocks[i - 1].kind not in ("caption", "table"))
        and not is_statement(block)
    )


def _looks_like_title(blocks: Sequence[Block], i: int) -> bool:
    """Return whether a block is a short line in mixed case above prose, in a file without marks."""
    block = blocks[i]
    if not _short(block):
        return known_kind(block.text) is not None and block.words < 6
    after = [b for b in blocks[i + 1 : i + 6] if b.kind not in ("footnote", "furniture")][:2]
    if not after or blocks[i - 1].kind == "caption" or after[0].text[0].islower():
        return False
    if _short(after[0]) and (len(after) < 2 or _short(after[1])):
        return False  # one of several short lines: the words of a figure
    if is_statement(block) or _goes_on_later(blocks, i):
        return False
    if block.text.endswith(":") and "recommendations" not in block.text.lower():
        return False  # it introduces a list
    return after[0].kind in ("body", "bullet", "numbered", "heading", "caption")


def _goes_on_later(blocks: Sequence[Block], i: int) -> bool:
    """Whether a later block continues this one, with no other unfinished block in between."""
    for block in blocks[i + 1 : i + 30]:
        if block.kind == "body" and block.text[0].islower():
            return True
        if block.kind in _UNFINISHED and block.ends_open and block.words > 5:
            return False
    return False


def _short(block: Block) -> bool:
    return (
        block.kind == "body"
        and block.words <= 14
        and (block.text[0].isupper() or block.text[0] in "'‘“\"0123456789")
        and not block.text.endswith((".", ",", ";", "…", "”", '"'))
        and "|" not in block.text
        and "://" not in block.text
    )
