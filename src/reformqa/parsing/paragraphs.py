"""Build whole paragraphs: join the parts separated by pages, footnotes and boxes; assign ids."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from reformqa.model import (
    LIST_ITEMS,
    Paragraph,
    ParagraphKind,
    Region,
    Section,
    SectionKind,
)
from reformqa.parsing.asides import aside_end
from reformqa.parsing.blocks import Block
from reformqa.parsing.inline import DEMAND, Vocabulary
from reformqa.parsing.lengths import LONGEST_HEADING, shortened
from reformqa.parsing.sections import Heading
from reformqa.parsing.titles import is_label
from reformqa.text.similarity import letters

#: An unfinished paragraph may continue after up to this many others (a box may intervene).
REACH = 30
#: A pull quote or a repeated paragraph is at most this many paragraphs from its source.
ECHO_REACH = 12

_GOES_ON = re.compile(
    r"(?:[,\-–]|\b(?:the|a|an|of|and|or|to|in|for|with|by|that|on|as|from|at|is|are|was|were|be"
    r"|which|who|their|its|this|these|some|has|have|had|will|not|than|but|into|despite))$",
    re.IGNORECASE,
)
_NEXT_ITEM = re.compile(r"[;,] (?:and|or)$", re.IGNORECASE)
_JOINABLE = ("body", "bullet", "numbered", "quote")
_QUOTED = re.compile(r"^[\"“‘'](?=[A-Z.…]).*[\"”’']\W*$", re.DOTALL)


@dataclass(slots=True)
class _Draft:
    """An incomplete paragraph: its blocks, the start of each in the text, and its heading."""

    blocks: list[Block]
    starts: list[int]
    section: int
    text: str
    kind: ParagraphKind
    closed: bool = False

    def extend(self, block: Block, vocabulary: Vocabulary) -> None:
        self.text = vocabulary.join(self.text, block.text)
        self.blocks.append(block)
        self.starts.append(len(self.text) - len(block.text))

    @property
    def open(self) -> bool:
        return not self.closed and self.kind in _JOINABLE and self.blocks[-1].ends_open


def build(
    report_id: str,
    blocks: Sequence[Block],
    headings: Sequence[Heading],
    vocabulary: Vocabulary,
) -> tuple[tuple[Section, ...], tuple[Paragraph, ...]]:
    """Return the report's sections and paragraphs.

    Nothing is lost: headings are paragraphs of the kind "heading", and furniture and pull quotes
    are of the kind "furniture".
    """
    drafts = _join(blocks, headings, vocabulary)
    _mark_echoes(drafts)
    sections = _sections(blocks, headings, drafts)
    return sections, _paragraphs(report_id, drafts, sections)


def _join(
    blocks: Sequence[Block], headings: Sequence[Heading], vocabulary: Vocabulary
) -> list[_Draft]:
    starts = {h.start: n for n, h in enumerate(headings)}
    inside = {i for h in headings for i in range(h.start, h.end)}
    ends = _aside_ends(blocks, headings)
    prose = {h.prose for h in headings}
    drafts: list[_Draft] = []
    current = -1
    for i, block in enumerate(blocks):
        if i in ends and ends[i] in _upward(headings, current):
            parent = headings[ends[i]].parent
            current = -1 if parent is None else parent
        if i in prose:
            current = -1  # the heading of the text after the references is unknown
        if i in starts:
            current = starts[i]
            heading = headings[current]
            span = list(blocks[heading.start : heading.end])
            lengths = accumulate(len(b.text) + 2 for b in span[:-1])
            drafts.append(_Draft(span, [0, *lengths], current, heading.title, "heading"))
            if heading.level == 1:
                _close(drafts)
            continue
        if i in inside:
            continue
        earlier = _continued(drafts, block)
        if earlier is None:
            kind = "body" if block.kind == "heading" and not is_label(block) else block.kind
            drafts.append(_Draft([block], [0], current, block.text, kind))
            continue
        earlier.extend(block, vocabulary)
        if earlier.section != current and current >= 0 and headings[current].aside:
            current = earlier.section  # the box is over: the surrounding text continues
    return drafts


def _upward(headings: Sequence[Heading], current: int) -> list[int]:
    """Return the positions of a heading and of those that enclose it, innermost first."""
    path = []
    at: int | None = current if current >= 0 else None
    while at is not None:
        path.append(at)
        at = headings[at].parent
    return path


def _aside_ends(blocks: Sequence[Block], headings: Sequence[Heading]) -> dict[int, int]:
    """Map each position where a box or case study ends to the position of its heading."""
    ends: dict[int, int] = {}
    for n, heading in enumerate(headings):
        if heading.aside:
            box = blocks[heading.end].box if heading.end < len(blocks) else None
            if box is not None and box == heading.box:
                ends[_box_end(blocks, heading.end, box)] = n
                continue
            stop = headings[n + 1].start if n + 1 < len(headings) else len(blocks)
            ends[aside_end(blocks, heading.end, stop, box=heading.kind == "box")] = n
    return ends


def _box_end(blocks: Sequence[Block], start: int, box: int) -> int:
    """Return the position after the last block of a box that the file shows as one."""
    inside = (i for i in range(start, len(blocks)) if blocks[i].box == box)
    return max(inside, default=start) + 1


def _close(drafts: Sequence[_Draft]) -> None:
    for draft in drafts[-REACH:]:
        draft.closed = True


def _continued(drafts: Sequence[_Draft], block: Block) -> _Draft | None:
    """Return the unfinished paragraph that `block` continues, or None."""
    if block.kind != "body" or not block.gap:
        return None
    recent = [d for d in drafts[-REACH:] if d.open]
    if not recent:
        return None
    if block.text[0].islower():
        return recent[-1]
    flow = [d for d in drafts[-REACH:] if d.kind not in ("footnote", "furniture", "caption")]
    last = flow[-1] if flow else None
    if last is not recent[-1] or not _GOES_ON.search(last.text):
        return None
    item = last.kind in LIST_ITEMS
    return None if item and _NEXT_ITEM.search(last.text) else last


def _mark_echoes(drafts: Sequence[_Draft]) -> None:
    """Mark pull quotes and repeated paragraphs: text that is printed again nearby."""
    for draft in drafts:
        if draft.kind == "body" and _QUOTED.match(draft.text) and len(draft.text.split()) >= 10:
            draft.kind = "quote"
    plain = [letters(d.text) for d in drafts]
    for i, draft in enumerate(drafts):
        if draft.kind not in ("body", "quote", "bullet") or len(plain[i]) < 30:
            continue
        for j in range(max(0, i - ECHO_REACH), min(len(drafts), i + ECHO_REACH + 1)):
            other = drafts[j]
            if j == i or other.kind not in _JOINABLE:
                continue
            same = plain[i] == plain[j]
            if (same and j < i) or (not same and _pulled(draft) and plain[i] in plain[j]):
                draft.kind = "furniture"
                break


def _pulled(draft: _Draft) -> bool:
    """Whether `draft` may be a pull quote; a recommendation that is spelt out later is not."""
    return draft.kind != "bullet" and not DEMAND.search(draft.text)


def _sections(
    blocks: Sequence[Block], headings: Sequence[Heading], drafts: Sequence[_Draft]
) -> tuple[Section, ...]:
    sections: list[Section] = []
    first = {d.section: i for i, d in reversed(list(enumerate(drafts))) if d.kind == "heading"}
    for n, h in enumerate(headings):
        line = blocks[h.start].line or None
        span = (first[n], first[n] + 1)
        sections.append(
            Section(shortened(h.title, LONGEST_HEADING), h.level, h.kind, h.parent, span, line)
        )
    for i, draft in enumerate(drafts):
        at = draft.section if draft.section >= 0 else None
        while at is not None:
            start, end = sections[at].span
            sections[at] = replace(sections[at], span=(start, max(end, i + 1)))
            at = sections[at].parent
    return tuple(sections)


def _paragraphs(
    report_id: str, drafts: Sequence[_Draft], sections: Sequence[Section]
) -> tuple[Paragraph, ...]:
    seen: Counter[str] = Counter()
    paragraphs: list[Paragraph] = []
    for i, draft in enumerate(drafts):
        digest = hashlib.sha256(letters(draft.text).encode()).hexdigest()[:8]
        seen[digest] += 1
        tie = f"-{seen[digest]}" if seen[digest] > 1 else ""
        path = section_path(sections, draft.section)
        paragraphs.append(
            Paragraph(
                id=f"{report_id}-{digest}{tie}",
                report_id=report_id,
                number=i + 1,
                kind=draft.kind,
                text=draft.text,
                raw="\n\n".join(b.raw for b in draft.blocks),
                section=draft.section,
                section_path=path,
                section_kind=_kind(i, draft, sections),
                places=_places(draft),
                lines=tuple(b.line for b in draft.blocks if b.line),
                label=draft.blocks[0].label,
                bold=draft.blocks[0].bold or draft.blocks[0].kind == "heading",
            )
        )
    return tuple(_with_notes(paragraphs, drafts))


def _with_notes(paragraphs: Sequence[Paragraph], drafts: Sequence[_Draft]) -> Iterator[Paragraph]:
    """Yield the paragraphs, each with the ids of the notes whose marks it contains.

    A mark refers to the note of that number at the foot of its page or the next one. Otherwise it
    refers to the next endnote of that number: an item in a section of references or notes.
    """
    feet: dict[tuple[str, int], str] = {}
    ends: dict[str, list[Paragraph]] = {}
    for paragraph in paragraphs:
        if not paragraph.label:
            continue
        if paragraph.kind == "footnote" and paragraph.page:
            feet.setdefault((paragraph.label, paragraph.page), paragraph.id)
        if paragraph.kind == "footnote" or paragraph.section_kind == "references":
            ends.setdefault(paragraph.label, []).append(paragraph)
    for paragraph, draft in zip(paragraphs, drafts, strict=True):
        notes = []
        for label, page in (m for b in draft.blocks for m in b.marks):
            for part in re.findall(r"\d+|[*†‡§]+", label):
                later = (p.id for p in ends.get(part, ()) if p.number > paragraph.number)
                found = feet.get((part, page)) or feet.get((part, page + 1)) or next(later, None)
                if found:
                    notes.append(found)
        yield replace(paragraph, notes=tuple(dict.fromkeys(notes))) if notes else paragraph


def _kind(at: int, draft: _Draft, sections: Sequence[Section]) -> SectionKind:
    """Return the kind of the draft's section, for the draft at a position.

    Text above all headings is front matter. Later text below no heading is of a chapter whose
    title is unknown.
    """
    if draft.section >= 0:
        return sections[draft.section].kind
    return "front" if sections and at < sections[0].span[0] else "chapter"


def _places(draft: _Draft) -> tuple[Region, ...]:
    """Return the places of all parts, with spans in the joined text."""
    places = []
    ends = [*draft.starts[1:], len(draft.text)]  # dropping a hyphen at a join shortens a part
    for start, end, block in zip(draft.starts, ends, draft.blocks, strict=True):
        for place in block.places:
            low, high = (min(start + s, max(start, end)) for s in place.span)
            places.append(replace(place, span=(low, high)))
    return tuple(places)


def section_path(sections: Sequence[Section], index: int) -> tuple[str, ...]:
    """Return the titles from the chapter down to section `index`; empty for -1."""
    path: list[str] = []
    at: int | None = index if index >= 0 else None
    while at is not None:
        path.append(sections[at].title)
        at = sections[at].parent
    return tuple(reversed(path))
