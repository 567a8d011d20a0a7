"""The pages of a report that tell what it is: its cover, its front and back matter, its margins."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from reformqa.parsing.blocks import Block
from reformqa.parsing.inline import Vocabulary

#: The front matter is expected in this many blocks, the imprint at the back in the last few.
FRONT_BLOCKS = 140
BACK_BLOCKS = 12
#: The title is expected in this many blocks of a file without pages.
TITLE_BLOCKS = 12
#: A block of more words is running text, which may name dates and authors of other works.
NOTICE_WORDS = 40
#: A cover or title page has fewer words.
COVER_WORDS = 80
#: Type larger than the text's by this factor is display type.
DISPLAY = 1.15
#: A page number at either end of a running head; a year at its end is none.
FOLIO = re.compile(r"^\W*\d+\s+|\s+(?!(?:19|20)\d\d\W*$)\d+\W*$")
#: A text in the margin of this many pages runs through the report.
RUNNING_PAGES = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line: its text and the position of its block."""

    text: str
    block: int


@dataclass(frozen=True)
class Front:
    """What of a report is searched for its facts. `blocks` are all of its blocks."""

    blocks: Sequence[Block]
    vocabulary: Vocabulary

    @cached_property
    def front(self) -> Sequence[Block]:
        """The front matter, or what stands in its place."""
        return self.blocks[:FRONT_BLOCKS]

    @cached_property
    def back(self) -> Sequence[Block]:
        """The end of the report, where an imprint may stand, without what is in the front."""
        return self.blocks[FRONT_BLOCKS:][-BACK_BLOCKS:]

    @cached_property
    def cover(self) -> range:
        """The positions of the blocks of the first page with text, or of the first few blocks."""
        first = next((p.page for b in self.front for p in b.places[:1]), None)
        if first is None:
            return range(min(TITLE_BLOCKS, len(self.front)))
        end = next((i for i, b in enumerate(self.front) if _page(b) not in (None, first)), None)
        return range(len(self.front) if end is None else end)

    @cached_property
    def covered(self) -> bool:
        """Whether the first page is a cover, with little besides the title."""
        return sum(self.front[i].words for i in self.cover) < COVER_WORDS

    @cached_property
    def text_size(self) -> float | None:
        """The type size of most words, in points, or None for a file without sizes."""
        words: Counter[float] = Counter()
        for block in self.blocks:
            if block.size is not None and block.kind != "furniture":
                words[round(block.size * 2) / 2] += block.words
        return words.most_common(1)[0][0] if words else None

    def displayed(self, block: Block) -> bool:
        """Return whether a block is set in larger type than the text."""
        return block.size is not None and block.size >= DISPLAY * (self.text_size or block.size)

    @cached_property
    def masthead(self) -> range:
        """The positions of the first page's blocks above its running text."""
        words = accumulate(self.front[i].words for i in self.cover)
        return range(next((i for i, n in enumerate(words) if n > COVER_WORDS), self.cover.stop))

    @cached_property
    def notices(self) -> list[Block]:
        """The blocks of front and back matter that are no running text."""
        return [b for b in (*self.front, *self.back) if b.words <= NOTICE_WORDS]

    @cached_property
    def lines(self) -> list[Line]:
        """The lines of the front matter's short blocks, as printed."""
        return [
            Line(" ".join(text.split()), i)
            for i, block in enumerate(self.front)
            if block.words <= NOTICE_WORDS
            for text in (block.raw.split("\n") if block.places else [block.text])
            if text.strip()
        ]

    @cached_property
    def text(self) -> str:
        """The text of the whole report."""
        return " ".join(b.text for b in self.blocks)

    def uses(self, name: str) -> int:
        """Return how many blocks contain a name."""
        used = re.compile(rf"\b{re.escape(name)}(?!\w)")
        return sum(used.search(b.text) is not None for b in self.blocks)

    @cached_property
    def running(self) -> list[str]:
        """The texts that run through the margins of many pages, the most frequent first."""
        pages: dict[str, set[int]] = {}
        for block in self.blocks:
            if block.kind == "furniture" and (page := _page(block)) is not None:
                pages.setdefault(FOLIO.sub("", block.text), set()).add(page)
        counts = Counter({text: len(found) for text, found in pages.items()})
        return [text for text, count in counts.most_common() if count >= RUNNING_PAGES]


def _page(block: Block) -> int | None:
    return block.places[0].page if block.places else None
