"""Reports to set in a house style: real words in made structures, with every block labelled."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from house_styles import Style
from measuring import REPORTS
from report_words import AREAS, gather_all

PUBLISHERS = ("Demos", "IPPR", "Fabian Society", "Harbour Institute", "Centre for Local Policy")
MONTHS = ("January", "March", "May", "June", "September", "October", "December")
PEOPLE = ("Amy Glover", "Ruth Hill", "Sam Okoro", "Priya Nair", "Tom Ellis", "Jane Carrick")


@dataclass
class Block:
    """A block of the truth.

    - `marks`: the note marks in its text, each as (position, label).
    - `box`: the title of the box around it.
    - `over`: a chapter's number on a line of its own over the title.
    - `lead`: how many of its words are a bold heading that runs into the text.
    - `set_as`: "heading" for a recommendation that is set like one.
    """

    kind: str
    text: str
    level: int | None = None
    label: str | None = None
    path: tuple[str, ...] = ()
    recommendation: str | None = None
    marks: list[tuple[int, str]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    box: str = ""
    opens: bool = False
    drop: bool = False
    over: str = ""
    lead: int = 0
    set_as: str | None = None


@dataclass
class Report:
    """A composed report: facts, blocks in reading order, and the text of its notes.

    `front` is what stands before the report's own text, which begins with the `summary` if there
    is one.
    """

    title: str
    subtitle: str
    authors: str
    publisher: str
    date: str
    front: list[Block]
    summary: list[Block]
    blocks: list[Block]
    notes: dict[str, str]


def compose(seed: int, style: Style, shared: Path) -> Report:
    """Return the report of a seed."""
    return _Composer(seed, style, shared).report()


class _Composer:
    def __init__(self, seed: int, style: Style, shared: Path) -> None:
        self.chance = random.Random(f"composed {seed}")
        self.style = style
        self.words = gather_all(shared, self.chance.sample(REPORTS, len(REPORTS)))
        self.chance.shuffle(self.words.headings)
        self.notes: dict[str, str] = {}
        self.late: list[str] = []
        self.path: tuple[str, ...] = ()
        self.tables = self.boxes = self.stated = 0
        self.proposed: list[Block] = []
        self.noted = bool(style.notes)

    def report(self) -> Report:
        title = self.words.headings.pop()
        subtitle = self.words.headings.pop()
        chapters = [list(self.chapter(n)) for n in range(1, self.chance.randint(3, 5) + 1)]
        if self.style.paragraph_numbers:
            chapters = [list(self.counted(n, iter(c))) for n, c in enumerate(chapters, start=1)]
        summary = self.summary() if self.style.summary else []
        blocks = [b for chapter in chapters for b in chapter]
        if self.style.recommendations in ("numbered", "bullets") and not self.style.summary:
            blocks += self.listed()
        if self.style.references:
            blocks += self.references()
        if self.style.notes == "end":
            blocks += self.end_notes("Notes", 1)
        authors = " and ".join(self.chance.sample(PEOPLE, 2))
        date = f"{self.chance.choice(MONTHS)} {self.chance.randint(2009, 2026)}"
        publisher = self.chance.choice(PUBLISHERS)
        (summary or blocks)[0].opens = True
        front = list(self.front(title, publisher, date))
        return Report(title, subtitle, authors, publisher, date, front, summary, blocks, self.notes)

    def front(self, title: str, publisher: str, date: str) -> Iterator[Block]:
        if self.style.imprint:
            rights = f"© {publisher} {date[-4:]}. All rights reserved."
            text = f"First published by {publisher}, 12 Harbour Street, London, in {date}. {rights}"
            yield Block("paragraph", text, path=(title,), opens=True)
        named = ("Foreword", f"About {publisher}", "About the authors", "Acknowledgements")
        for title in self.chance.sample(named, self.style.front_sections):
            self.path, self.noted = (), False
            yield self.heading(1, title, self.chance.random() < 0.7)
            yield from self.body(2)

    def heading(self, level: int, text: str, opens: bool = False) -> Block:
        self.path = (*self.path[: level - 1], text)
        return Block("heading", text, level, path=self.path, opens=opens)

    def numbered(self, title: str, *numbers: int) -> str:
        kind, dotted = self.style.numbering, ".".join(map(str, numbers))
        if kind in ("", "over") or (len(numbers) > 1 and kind in ("1", "1.", "Chapter", "A")):
            return title
        first = {"Chapter": f"Chapter {dotted}:", "A": f"{chr(64 + numbers[0])}."}
        return f"{first.get(kind, dotted + '.' * (kind == '1.'))} {title}"

    def paragraph(self) -> Block:
        text = self.words.paragraphs.pop(0)
        block = Block("paragraph", text, path=self.path)
        if self.noted and self.chance.random() < 0.3:
            label = str(len(self.notes) + 1)
            self.notes[label] = self.source()
            self.late.append(label)
            block.marks.append((len(text), label))
        return block

    def run_in(self, title: str) -> Block:
        """Return a paragraph that begins with a heading, which is part of the paragraph."""
        block = self.paragraph()
        block.text, block.lead = f"{title}. {block.text}", len(title.split())
        block.marks = [(len(block.text), label) for _, label in block.marks]
        return block

    def counted(self, n: int, blocks: Iterator[Block]) -> Iterator[Block]:
        """Yield a chapter's blocks, with paragraphs numbered as in government papers."""
        count = 0
        for block in blocks:
            if block.kind == "paragraph" and not block.lead and not block.drop:
                count += 1
                block.kind, block.label = "numbered", f"{n}.{count}"
                block.text = f"{block.label} {block.text}"
                block.marks = [(len(block.text), label) for _, label in block.marks]
            yield block

    def source(self) -> str:
        person, heading = self.chance.choice(PEOPLE), self.chance.choice(self.words.headings)
        year, page = self.chance.randint(1998, 2025), self.chance.randint(2, 140)
        return f"{person}, {heading}, {self.chance.choice(PUBLISHERS)}, {year}, p. {page}."

    def chapter(self, n: int) -> Iterator[Block]:
        title = self.numbered(self.words.headings.pop(), n)
        heading = self.heading(1, title, self.style.new_page)
        if self.style.numbering == "over":
            heading.over = f"Chapter {n}" if self.style.capitals else str(n)
        yield heading
        opening = self.paragraph()
        opening.drop = self.style.drop_caps and opening.text[0].isalpha()
        yield opening
        yield from self.body(2)
        for m in range(1, self.chance.randint(1, 3) + 1):
            yield self.heading(2, self.numbered(self.words.headings.pop(), n, m))
            yield from self.body(self.chance.randint(2, 4))
            if self.chance.random() < 0.3 and len(self.words.headings) > 12:
                title = self.words.headings.pop()
                if self.style.run_in:
                    yield self.run_in(title)
                    yield self.run_in(self.words.headings.pop())
                else:
                    yield self.heading(3, self.numbered(title, n, m, 1))
                yield from self.body(2)
            yield from self.extras()
        if self.style.recommendations in ("labelled", "boxed"):
            for _ in range(min(2, len(self.words.recommendations))):
                yield self.recommendation()
        if self.style.notes == "chapter" and self.late:
            yield from self.end_notes("Notes", 2)

    def body(self, count: int) -> Iterator[Block]:
        for _ in range(min(count, max(1, len(self.words.paragraphs) - 12))):
            yield self.paragraph()

    def extras(self) -> Iterator[Block]:
        roll = self.chance.random()
        if roll < 0.3:
            for _ in range(self.chance.randint(2, 4)):
                yield Block("bullet", self.words.sentence(8, 32), path=self.path)
            yield self.paragraph()
        elif roll < 0.45:
            for n in range(1, self.chance.randint(3, 5)):
                text = f"{n}. {self.words.sentence(8, 30)}"
                yield Block("numbered", text, label=f"{n}.", path=self.path)
            yield self.paragraph()
        elif roll < 0.6 and self.style.box:
            yield from self.box()
            yield self.paragraph()
        elif roll < 0.75:
            yield from self.table()
            yield self.paragraph()
        elif roll < 0.9 and self.style.pull_quotes:
            yield Block("pull_quote", self.words.sentence(9, 22))
            yield self.paragraph()

    def box(self) -> Iterator[Block]:
        self.boxes += 1
        title = f"Box {self.boxes}: {self.words.headings.pop()}"
        path = (*self.path, title)
        yield Block("box", title, path=path, box=title)
        for _ in range(self.chance.choice((2, 2, 5))):
            yield Block("paragraph", self.words.sentence(18, 60), path=path, box=title)
        for _ in range(2):
            yield Block("bullet", self.words.sentence(8, 25), path=path, box=title)

    def table(self) -> Iterator[Block]:
        self.tables += 1
        caption = f"Table {self.tables}: {self.chance.choice(self.words.headings)}"
        yield Block("caption", caption, path=self.path)
        areas = self.chance.sample(AREAS, self.chance.randint(3, 5))
        if self.chance.random() < 0.5:
            rows = [["Service", "2010", "2023", "Change"]]
            rows += [[a, *(f"{self.chance.randint(11, 99)}%" for _ in range(3))] for a in areas]
        else:
            rows = [["Service", "What should change"]]
            rows += [[a, self.words.sentence(8, 24)] for a in areas[:3]]
        text = "\n".join(" ".join(row) for row in rows)
        yield Block("table", text, path=self.path, rows=rows)

    def recommendation(self) -> Block:
        self.stated += 1
        label, text = f"Recommendation {self.stated}", self.words.recommendations.pop(0)
        block = Block("recommendation", f"{label}: {text}", path=self.path, recommendation=label)
        self.proposed.append(block)
        return block

    def summary(self) -> list[Block]:
        self.path, self.noted = (), False  # the chapters have taken the first numbers
        blocks = [self.heading(1, "Summary", self.style.new_page), *self.body(3)]
        blocks += self.listed() if not self.proposed else self.restated()
        return blocks

    def restated(self) -> list[Block]:
        heading = self.heading(2, "Recommendations")
        stated = self.proposed
        return [
            heading,
            *(
                Block("recommendation", b.text, path=self.path, recommendation=b.recommendation)
                for b in stated
            ),
        ]

    def listed(self) -> list[Block]:
        heading = self.heading(2 if self.style.summary else 1, "Recommendations")
        blocks = [heading]
        for n, text in enumerate(self.words.recommendations[:8], start=1):
            label = f"{n}." if self.style.recommendations == "numbered" else None
            shown = f"{label} {text}" if label else text
            blocks.append(
                Block("recommendation", shown, label=label, path=self.path, recommendation=f"R{n}")
            )
        return blocks

    def references(self) -> list[Block]:
        heading = self.heading(1, "References", self.style.new_page)
        sources = dict.fromkeys(self.source() for _ in range(self.chance.randint(6, 14)))
        return [heading, *(Block("reference", text, path=self.path) for text in sources)]

    def end_notes(self, title: str, level: int) -> list[Block]:
        blocks = [self.heading(level, title)]
        for label in self.late:
            text = self.notes[label]
            blocks.append(Block("footnote", text, label=label, path=self.path))
        self.late = []
        return blocks
