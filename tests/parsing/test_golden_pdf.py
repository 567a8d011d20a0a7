"""Two made-up PDFs are parsed as their golden files say.

`REFORMQA_REWRITE_GOLDEN=1 pytest tests/parsing/test_golden_pdf.py` rewrites the golden files and
skips the tests. Read the difference before keeping it.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from reformqa.parsing import parse
from reformqa.recommendations.finding import find_recommendations
from support.golden import FLAG, in_lines
from support.pdfs import pdf, rectangle, stroke, text, width, wrapped
from support.places import PROJECT

GOLDEN = PROJECT / "tests" / "golden"


class Column:
    """A column that is filled with text from the top down."""

    def __init__(self, x: float, top: float, measure: float) -> None:
        self.x, self.top, self.measure = x, top, measure
        self.drawn: list[str] = []

    def line(self, words: str, size: float = 10, font: str = "F1", after: float = 8) -> None:
        """Add a line, with a space below it."""
        self.top += size
        self.drawn.append(text(words, self.x, self.top, size, font))
        self.top += 0.2 * size + after

    def words(
        self, words: str, *, indent: float = 0, after: float = 8, open_: bool = False
    ) -> None:
        """Add a justified paragraph; with `open_` it continues elsewhere: its last line is full."""
        lines = wrapped(words, self.measure - indent)
        for n, line in enumerate(lines):
            self.top += 12
            start = self.x + (indent if n == 0 else 0)
            room = self.measure - (start - self.x) - width(line)
            last = n == len(lines) - 1 and not open_
            gaps = line.count(" ")
            space = 0 if last or not gaps else room / gaps
            self.drawn.append(f"{space:.3f} Tw {text(line, start, self.top)} 0 Tw")
        self.top += after

    def item(self, mark: str, words: str) -> None:
        """Add a list item with its mark."""
        self.drawn.append(text(mark, self.x, self.top + 12))
        self.x, self.measure = self.x + 18, self.measure - 18
        self.words(words)
        self.x, self.measure = self.x - 18, self.measure + 18


def note(number: int, words: str, top: float) -> str:
    return f"{text(str(number), 60, top - 3, 5)} {text(words, 66, top, 8)}"


def page(*parts: Iterable[str] | str) -> str:
    return "\n".join(p if isinstance(p, str) else "\n".join(p) for p in parts)


def orchard() -> bytes:
    """Return one column: cover, contents, running heads, notes, box, table, recommendations."""
    cover = page(
        text("Orchards for everyone", 60, 200, 30, "F2"),
        text("How a town may keep its apple trees", 60, 240, 16),
        text("Ada Pippin and Ben Russet", 60, 300, 12),
        text("May 2021", 60, 330, 12),
    )
    entries = (("The trees", 3, 0), ("Who owns them", 3, 15), ("The fruit", 4, 0))
    entries += (("Recommendations", 5, 0),)
    contents = [text("Contents", 60, 100, 18, "F2")]
    for n, (title, number, indent) in enumerate(entries):
        top = 140 + 20 * n
        contents += [text(title, 60 + indent, top), text(str(number), 530, top)]
    imprint = text("Published by Pomona Press in May 2021. © Pomona Press 2021", 60, 700, 8)
    return pdf(
        cover,
        page(contents, imprint),
        *(page(furniture(n), drawn) for n, drawn in enumerate(orchard_chapters(), start=3)),
        info={"Title": "orchard_final_v3.indd", "Author": "setter"},
    )


def furniture(number: int) -> list[str]:
    return [text("Orchards for everyone", 60, 40, 8), text(str(number), 530, 780, 8)]


def orchard_chapters() -> list[list[str]]:
    trees = Column(60, 70, 480)
    trees.line("The trees", 18, "F2")
    trees.words(
        "There are four thousand apple trees within the walls of the town, and most of them are"
        " older than the houses beside them. Nobody planted them in rows. They came up along the"
        " lanes where carters threw their cores, and were grafted later by whoever had a knife."
    )
    marked = "A count was made in the spring, street by street and tree by tree."
    trees.line(marked)
    trees.drawn.append(text("1", 60 + width(marked), trees.top - 14, 6))
    trees.line("Who owns them", 13, "F2")
    trees.words(
        "A third of the trees stand on ground that belongs to the council. The rest are in gardens,"
        " and a few hang over the wall of the brewery, which has never asked for the fruit."
    )
    trees.drawn.append(rectangle(60, trees.top + 4, 540, trees.top + 84))
    box = Column(70, trees.top + 10, 460)
    box.line("Box 1: The brewery wall", 10, "F2", 4)
    box.words(
        "In dry years the brewers pick the wall clean for themselves, and in wet ones they let the"
        " children in by the coal gate, two at a time and without sticks."
    )
    after = Column(60, trees.top + 100, 480)
    after.words(
        "Where a tree leans over two gardens, custom gives the windfalls to whoever bends for them"
        " first, and what is on the branch to the owner of the root. The custom has held since"
        " the year of the flood, when the registers were lost and the town had to agree",
        open_=True,
    )
    notes = [stroke(60, 706, 160, 706), note(1, "Count by the parish, April 2020.", 720)]
    fruit = Column(60, 70, 480)
    fruit.words("on something that could be told to a child in one breath.")
    fruit.line("The fruit", 18, "F2")
    fruit.words(
        "Most of the fruit is eaten, some is pressed, and a good part rots where it falls. Table 1"
        " says how much of each there was in two years."
    )
    fruit.line("Table 1: Baskets of fruit", 10, "F2", 4)
    rows = (("Use", "2019", "2020"), ("Eaten", "1,200", "900"), ("Pressed", "340", "410"))
    top = fruit.top
    for m, row in enumerate(rows):
        fruit.drawn.append(stroke(60, top + 20 * m, 480, top + 20 * m))
        fruit.drawn += [text(c, 66 + 140 * n, top + 14 + 20 * m) for n, c in enumerate(row)]
    fruit.drawn.append(stroke(60, top + 60, 480, top + 60))
    fruit.top = top + 76
    fruit.words(
        "Pressing pays for the ladders. It could pay for a warden too, if the press were run on"
        " more than one Saturday in the month, as it was before the bridge was closed."
    )
    asks = Column(60, 70, 480)
    asks.line("Recommendations", 18, "F2")
    asks.words("The town can keep its trees for little money if it acts on three things.")
    asks.item(
        "1.", "The council should pay a warden, who prunes what nobody owns and keeps a list."
    )
    asks.item("2.", "The press should be open on every Saturday from September until the frost.")
    asks.item(
        "3.",
        "Every child who leaves the school should be given a graft, and shown by the warden where"
        " to put it.",
    )
    return [
        [*trees.drawn, *box.drawn, *after.drawn, *notes],
        fruit.drawn,
        asks.drawn,
    ]


def harbour() -> bytes:
    """Return two columns: indents, pull quote, hyphens across columns and pages, outline."""
    first = "Boats came into the harbour on every tide until the bar silted up in the year of the"
    first += " long frost, and since then they have waited outside for the pilot."
    second = "The pilot is paid by the foot of draught. He lives above the chandlery, and hangs a"
    second += (
        " lamp in the window when the bar may be crossed. Nobody has ever been drowned by it in"
    )
    second += " in a hundred years."
    third = "Dredging was tried twice. Each time the sand was back before the bill was settled,"
    third += " and the dredger went on to a harbour with a better purse. What remains is the lamp,"
    third += " and with it the custom that no master may blame the pilot for a tide that he has"
    third += " himself waited out on the quay."
    return pdf(
        page(harbour_title(), *harbour_columns(first, second, third)),
        page(harbour_second(first, second)),
        info={"Title": "The bar and the lamp", "Author": "Cora Keel"},
        outline=[("The bar", 1), ("The pilot", 1), ("What is owed", 2)],
    )


def harbour_title() -> list[str]:
    return [text("The bar and the lamp", 50, 90, 26, "F2")]


def harbour_columns(first: str, second: str, third: str) -> Sequence[list[str]]:
    left, right = Column(50, 120, 235), Column(315, 120, 235)
    left.line("The bar", 14, "F2", 4)
    left.words(first, after=0)
    left.words(second, indent=12, after=0)
    left.words(first.replace("Boats", "Barges"), indent=12, after=0)
    quote = wrapped("Nobody has ever been drowned by it in a hundred years", 235, 16, "F3")
    left.top += 16
    for line in quote:
        left.line(line, 16, "F3", 2)
    left.top += 14
    left.words(third, indent=12, after=0)
    half = "In spring the women of the lower town mend nets on the slip, and the men who have no"
    left.words(f"{half} boat of their own carry stone for the break-", indent=12, open_=True)
    right.words("water, which is never done.", after=0)
    right.words(second.replace("pilot", "warden"), indent=12)
    right.line("The pilot", 14, "F2", 4)
    right.words(third.replace("Dredging", "Blasting"), after=0)
    right.words(first.replace("Boats", "Colliers"), indent=12, after=0)
    fund = "There is a fund for widows, which was set up by a master who had none and which"
    right.words(fund, indent=12, open_=True)
    return left.drawn, right.drawn


def harbour_second(first: str, second: str) -> list[str]:
    left, right = Column(50, 60, 235), Column(315, 60, 235)
    left.words("has grown with every good year since.", after=0)
    left.words(second.replace("pilot", "master"), indent=12)
    left.line("What is owed", 14, "F2", 4)
    left.words("We recommend that the harbour board should do two things:")
    left.item("\u2022", "pay the pilot by the year, whatever the draught of the boats;")
    left.item("\u2022", "hang a second lamp on the breakwater, and have it tended.")
    right.words(first.replace("Boats", "Trawlers"), after=0)
    right.words(second.replace("pilot", "keeper"), indent=12, after=0)
    return [*left.drawn, *right.drawn]


MADE = {"orchard": orchard, "harbour": harbour}


def as_read(path: Path) -> dict[str, Any]:
    """Return what the parser makes of a PDF, without ids."""
    report = parse(path)
    labels = {p.id: p.label for p in report.paragraphs}
    texts = {p.id: p.text for p in report.paragraphs}
    facts = ("title", "subtitle", "authors", "publisher", "published", "guessed", "warnings")
    return {
        "facts": {name: getattr(report, name) for name in facts},
        "reading": dataclasses.asdict(report.reading),
        "sections": [[s.level, s.kind, s.title] for s in report.sections],
        "paragraphs": [
            [
                p.kind,
                p.label,
                " > ".join(p.section_path),
                p.text,
                [[place.page, *place.box, *place.span] for place in p.places],
                [labels[n] for n in p.notes],
            ]
            for p in report.paragraphs
        ],
        "recommendations": [
            [r.label, r.text, texts[r.stated][:40]] for r in find_recommendations(report)
        ],
    }


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_made_up_pdf_is_read_as_its_golden_file_says(name: str, tmp_path: Path):
    file, golden = tmp_path / f"{name}.pdf", GOLDEN / f"{name}.json"
    file.write_bytes(MADE[name]())
    found = in_lines(as_read(file))
    if os.environ.get(FLAG) == "1":
        golden.write_text(found, encoding="utf-8")
        pytest.skip(f"{golden.name} rewritten")
    assert json.loads(found) == json.loads(golden.read_text(encoding="utf-8"))
