"""Find the headings of a report and arrange them in a tree.

Heading marks in converted files are unreliable, so they are used only if they nest as a tree
should (`titles.marks_nest`). Otherwise levels are inferred by these rules, in this order: titles
in the contents list and well-known titles have the top level; a box or case study is one level
below the section it interrupts; numbered families ("Step 2") share a level; capitals rank above
mixed case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from reformqa.model import UNSEARCHED_PARAGRAPHS, UNSEARCHED_SECTIONS, SectionKind
from reformqa.parsing.blocks import Block
from reformqa.parsing.furniture import CONTENTS_TITLES, Contents
from reformqa.parsing.inline import Vocabulary, is_capitals
from reformqa.parsing.numbering import outline
from reformqa.parsing.references import references_end
from reformqa.parsing.titles import (
    CHAPTER,
    FAMILY,
    NUMBER,
    aside_kind,
    candidates,
    known_kind,
    marks_nest,
)
from reformqa.text.similarity import letters

#: Front matter below one heading has at most this share of a report's words, if not so few words.
FRONT_WORDS = 100
FRONT_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading made of the blocks from `start` to `end` (exclusive).

    `parent` is the position of the enclosing heading in the list, or None. An `aside` is the
    heading of a box or case study, which interrupts the running text; `box` is its number.
    `prose` is where the running text begins again below a list of references.
    """

    start: int
    end: int
    title: str
    level: int
    kind: SectionKind
    parent: int | None
    aside: bool = False
    capitals: bool = False
    mark: int = 0
    box: int | None = None
    prose: int | None = None


def find_headings(
    blocks: Sequence[Block],
    contents: Contents,
    vocabulary: Vocabulary,
    title: range,
    *,
    trusted: bool = False,
    cover: bool = True,
) -> list[Heading]:
    """Return the headings in order, with their levels.

    `title` contains the positions of the blocks that print the report's title and subtitle. The
    file's heading marks are used if they are `trusted`, or nest as a tree should. The text below
    the title is front matter if there may be a `cover`.
    """
    marked = trusted or any(b.kind == "heading" for b in blocks)
    numbers = {} if marked else outline(blocks)
    if not marked:  # a first heading may look like a subtitle
        ends = (i for i in title if i in numbers or CHAPTER.match(blocks[i].text))
        title = range(title.start, next(ends, title.stop))
    lists, marks = _chapters_own(blocks), trusted or marks_nest(blocks)
    spans = candidates(blocks, contents, title, numbers)

    def grown(prose: Mapping[int, int]) -> list[Heading]:
        tree = _Tree(contents, numbers, lists, prose, marks=marks)
        if title:
            tree.add_title(blocks, title, vocabulary)
        for start, end in spans:
            if start in numbers or not tree.closed_to(blocks[start], start):
                tree.add(blocks[start:end], start, vocabulary)
        return tree.headings

    headings = grown({})
    if prose := _prose_below(blocks, headings):
        headings = grown(prose)  # the headings after it are outside the references
    return _with_body_searched(blocks, _with_title_searched(headings, title, cover=cover))


def _prose_below(blocks: Sequence[Block], headings: Sequence[Heading]) -> dict[int, int]:
    """Map the start of each heading in the references to where prose begins below it.

    Without a list above the prose, the heading is the prose's own and begins it.
    """
    found: dict[int, int] = {}
    bounds = [*(h.start for h in headings), len(blocks)]
    for heading, stop in zip(headings, bounds[1:], strict=True):
        if heading.kind == "references":
            at = references_end(blocks, heading.end, stop)
            if at is not None:
                listed = any(b.kind != "furniture" for b in blocks[heading.end : at])
                found[heading.start] = at if listed else heading.start
    return found


def _with_title_searched(headings: list[Heading], title: range, *, cover: bool) -> list[Heading]:
    """Return the headings, with that of the title as a chapter if it holds text to be searched.

    Otherwise nothing below the title, or nothing above a page's subheadings, is searched.
    """
    own = next((n for n, h in enumerate(headings) if title and h.start == title.start), None)
    below = [h for h in headings if own is not None and h.start >= title.start]
    if own is not None and (not cover or all(h.kind in UNSEARCHED_SECTIONS for h in below)):
        return [replace(h, kind="chapter") if n == own else h for n, h in enumerate(headings)]
    return headings


def _with_body_searched(blocks: Sequence[Block], headings: list[Heading]) -> list[Heading]:
    """Return the headings, with those of front matter too long to be that as chapters."""
    bounds = [*(h.start for h in headings), len(blocks)]
    words = [
        sum(b.words for b in blocks[start:end] if b.kind not in UNSEARCHED_PARAGRAPHS)
        for start, end in pairwise(bounds)
    ]
    most = max(FRONT_WORDS, FRONT_SHARE * sum(words))
    return [
        replace(h, kind="chapter" if h.parent is None else "section")
        if h.kind == "front" and n > most
        else h
        for h, n in zip(headings, words, strict=True)
    ]


def _chapters_own(blocks: Sequence[Block]) -> frozenset[str]:
    """Return the titles, as `letters`, of lists of references that several chapters have."""
    counts = Counter(letters(b.text) for b in blocks if b.kind == "heading")
    return frozenset(t for t, n in counts.items() if n > 1 and known_kind(t) == "references")


class _Tree:
    """A tree of headings, built by adding each below the headings that are still open."""

    def __init__(
        self,
        contents: Contents,
        numbers: Mapping[int, int],
        lists: frozenset[str],
        prose: Mapping[int, int],
        *,
        marks: bool,
    ) -> None:
        self.headings: list[Heading] = []
        self._contents = contents
        self._numbers = numbers
        self._lists = lists | CONTENTS_TITLES
        self._prose = prose
        self._marks = marks
        self._open: list[int] = []
        self._families: dict[str, int] = {}
        self._titled = False
        self._numbered: int | None = None
        self._ranked = False
        self._deeper = 0
        self._chapter_look: tuple[int, bool] | None = None

    def add_title(self, blocks: Sequence[Block], at: range, vocabulary: Vocabulary) -> None:
        """Add the report's title as the first section of the front matter."""
        shown = ": ".join(vocabulary.title(blocks[i].text) for i in at)
        self.headings.append(Heading(at.start, at.stop, shown, 1, "front", None))
        self._open, self._titled = [0], True

    def closed_to(self, block: Block, start: int) -> bool:
        """Whether a short line cannot be a heading here, in a reference list or an imprint."""
        if not self._open or block.mark or self._known(block.text):
            return False
        if self._left(start):
            return False
        top = self.headings[self._open[0]]
        if top.kind == "front" and not self._contents.top:
            return False  # without a contents list, any heading may begin the report proper
        return top.kind in ("references", "front") and not self._is_top(_printed(block), "")

    def add(self, blocks: Sequence[Block], start: int, vocabulary: Vocabulary) -> None:
        """Add the heading made of `blocks` below the open headings that enclose it."""
        first = _printed(blocks[0])
        shown = _joined([vocabulary.title(_printed(b)).rstrip(":") for b in blocks])
        aside = aside_kind(first)
        level = self._level(blocks, first, shown, start, aside=aside is not None)
        if aside is None:
            level = max(level, self._least(blocks[0]))
        while self._open and (
            self.headings[self._open[-1]].level >= level or self._in_list or self._left(start)
        ):
            self._open.pop()
        if level == 1:
            self._families.clear()
            self._numbered, self._ranked, self._deeper = None, False, 0
        parent = self._open[-1] if self._open else None
        kind = aside or self._kind(first, shown, level)
        prose = self._prose.get(start) if kind == "references" else None
        if prose == start:
            kind, prose = "chapter", None
        capitals = is_capitals(first)
        end = start + len(blocks)
        self._ranked |= level == 2 and first.endswith(":")
        self._open.append(len(self.headings))
        look = (aside is not None, capitals, blocks[0].mark or 0, blocks[0].box, prose)
        self.headings.append(Heading(start, end, shown, level, kind, parent, *look))

    @property
    def _in_list(self) -> bool:
        """Whether the innermost open heading is that of a list that holds no others.

        Such are a contents list, and the references of one of several chapters.
        """
        return letters(self.headings[self._open[-1]].title) in self._lists

    def _left(self, start: int) -> bool:
        """Whether the innermost open headings are of references that end at or before `start`."""
        lists = [h for h in (self.headings[i] for i in self._open) if h.kind == "references"]
        return bool(lists) and any(lists[0].start < p <= start for p in self._prose.values())

    def _least(self, block: Block) -> int:
        """Return the least level for a heading: inside a box, one below the box's title."""
        asides = [h for h in (self.headings[i] for i in self._open) if h.aside]
        return asides[-1].level + 1 if asides and block.box and asides[-1].box == block.box else 1

    def _level(
        self, blocks: Sequence[Block], first: str, shown: str, start: int, *, aside: bool
    ) -> int:
        block = blocks[0]
        if aside:
            return self._depth + 1
        if self._marks and block.mark:
            return max(1, block.mark - 1)
        if start in self._numbers:
            return self._numbers[start]
        numbered = len(blocks) > 1 and first.rstrip(".").isdigit()
        if not self._open or numbered or self._is_top(first, shown):
            return 1
        capitals = is_capitals(first)
        if self._ends_front(block, capitals):
            return 1
        if self.headings[self._open[0]].kind in ("front", "licence"):
            return 3 if NUMBER.match(first) and len(self._open) > 1 else 2
        family = FAMILY.match(first)
        key = f"{family[1].lower()} {capitals}" if family else ""
        if key not in self._families:
            level = self._by_type(block, first, start, capitals=capitals, family=bool(family))
            if not family:
                return level
            self._families[key] = level
        return self._families[key]

    def _ends_front(self, block: Block, capitals: bool) -> bool:
        """Return whether a heading without a well-known title begins the body or a chapter.

        In a report without a contents list, the first such heading begins the body, and later
        ones that look the same begin chapters.
        """
        if self._contents.top:
            return False
        look = (block.mark or 0, capitals)
        if self.headings[self._open[0]].kind == "front":
            self._chapter_look = look
        return self._chapter_look == look

    def _known(self, title: str) -> SectionKind | None:
        begun = any(h.kind not in UNSEARCHED_SECTIONS for h in self.headings)
        return known_kind(title, begun=begun)

    @property
    def _flow(self) -> list[Heading]:
        """The open headings of the running text, without boxes and case studies."""
        headings = [self.headings[i] for i in self._open]
        asides = [n for n, h in enumerate(headings) if h.aside]
        return headings[: asides[0]] if asides else headings

    @property
    def _depth(self) -> int:
        """The level of the section that contains the running text."""
        return self._flow[-1].level if self._flow else 1

    def _by_type(
        self, block: Block, first: str, start: int, *, capitals: bool, family: bool
    ) -> int:
        if len(self._flow) < len(self._open) and family and not capitals:
            return self._depth + 2  # a step within a case study
        if capitals:
            self._numbered = None
            above = [k for k in self._families if k.endswith("True")]
            return 3 if above and not family else 2
        second = [h for h in self._flow if h.level >= 2 and h.capitals]
        level = second[-1].level + 1 if second else 3 if self._ranked else 2
        if NUMBER.match(first):
            self._numbered = level
        elif self._numbered is not None and self._flow and self._flow[-1].level >= self._numbered:
            level = self._numbered + 1
        return self._beside(block, start, level)

    def _beside(self, block: Block, start: int, level: int) -> int:
        """Return a level one deeper directly below a heading with a higher mark.

        The same applies to the following headings with the same mark.
        """
        last = self.headings[-1]
        if last.capitals or last.aside or last.level < 3 or not block.mark:
            return level
        adjacent = last.end == start and last.mark < block.mark
        if adjacent or (self._deeper and self._deeper == block.mark):
            self._deeper = block.mark
            return level + 1
        self._deeper = 0
        return level

    def _is_top(self, first: str, shown: str) -> bool:
        top = self._contents.top
        if letters(first) in top or letters(shown) in top or CHAPTER.match(first):
            return True
        if NUMBER.match(first):
            return is_capitals(first)
        kind = self._known(first)
        if kind in ("conclusion", "chapter", "annex") and top:
            return False  # a chapter's own introduction or conclusion
        return kind is not None

    def _kind(self, first: str, shown: str, level: int) -> SectionKind:
        if level == 1 or not self._open:
            return self._known(shown) or self._known(first) or "chapter"
        parent = self._open[-1]
        if parent == 0 and self._titled:  # a section below the title on the first page of the text
            return self._known(shown) or "chapter"
        kind = self.headings[parent].kind
        return "section" if kind == "chapter" else kind


def _printed(block: Block) -> str:
    return f"{block.label}. {block.text}" if block.kind == "numbered" else block.text


def _joined(titles: Sequence[str]) -> str:
    if len(titles) > 1 and titles[0].rstrip(".").isdigit():
        return f"{titles[0].rstrip('.')}. {titles[1]}"
    return ": ".join(titles)
