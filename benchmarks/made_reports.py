"""Reports made by recombining the sentences of the project's own notes, and questions on them.

A sentence is the front of one and the back of another, cut in the middle third, with other
numbers; a paragraph is two to five of those. No two paragraphs are nearly equal, so none are
grouped as restatements: in 100,000, the nearest to a paragraph has a ratio of .55 to .69 (60
tried). Unlike in real corpora, new reports bring no new words: each word occurs in the same share
of passages at every size, which is hard on BM25 (long postings). A larger corpus begins with the
smaller one.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: A sentence of the notes in fewer words is left out.
SHORT = 8
PUBLISHERS = 20


@dataclass(frozen=True, slots=True)
class Notes:
    """The sentences, as words, and the headings that reports are made of."""

    sentences: list[list[str]]
    headings: list[str]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a made report: a heading and paragraphs of sentences."""

    heading: str
    paragraphs: list[list[str]]


def read_notes(folder: Path) -> Notes:
    """Return the sentences of the notes in a folder, without labels, and their unique headings."""
    headings: Counter[str] = Counter()
    sentences: list[list[str]] = []
    for note in sorted(folder.glob("note-*.md")):
        for line in note.read_text("utf-8").splitlines():
            if line.startswith("#"):
                headings[re.sub(r"#+ (Step \d+: )?", "", line)] += not line.startswith("# ")
                continue
            text = re.sub(r"^(- |\d+\. )?(\*\*.*?\*\* ?)?", "", line)
            parts = (s.split() for s in re.split(r"(?<=[.?!]) +(?=[A-Z])", text))
            sentences += [words for words in parts if len(words) >= SHORT]
    return Notes(sentences, [name for name, count in headings.items() if count == 1])


def make_sentence(chance: random.Random, notes: Notes) -> str:
    """Return the front of a sentence and the back of another, with other numbers."""
    front, back = chance.sample(notes.sentences, 2)
    cuts = [chance.randint(len(words) // 3, 2 * len(words) // 3) for words in (front, back)]
    text = " ".join([*front[: cuts[0]], *back[cuts[1] :]])
    return re.sub(r"\d+", lambda found: other_number(chance, found[0]), text)


def other_number(chance: random.Random, number: str) -> str:
    """Return a number of as many digits; for a year, a year."""
    if re.fullmatch("(19|20)..", number):
        return str(chance.randint(1980, 2030))
    return str(chance.randint(10 ** (len(number) - 1), 10 ** len(number) - 1))


def make_report(chance: random.Random, notes: Notes, paragraphs: int) -> list[Section]:
    """Return sections of five to fifteen paragraphs, of two to five sentences each."""
    sections: list[Section] = []
    while paragraphs > 0:
        count = min(paragraphs, chance.randint(5, 15))
        made = [
            [make_sentence(chance, notes) for _ in range(chance.randint(2, 5))]
            for _ in range(count)
        ]
        sections.append(Section(chance.choice(notes.headings), made))
        paragraphs -= count
    return sections


def markdown(title: str, sections: Sequence[Section]) -> str:
    """Return a report as Markdown."""
    blocks = [f"# {title}"]
    for n, section in enumerate(sections, start=1):
        blocks.append(f"## {n}. {section.heading}")
        blocks += [" ".join(sentences) for sentences in section.paragraphs]
    return "\n\n".join(blocks) + "\n"


def write_corpus(folder: Path, notes: Notes, reports: int, paragraphs: int, seed: int) -> None:
    """Write so many reports of so many paragraphs, and their catalogue, into a folder."""
    folder.mkdir(exist_ok=True)
    entries = []
    for n in range(1, reports + 1):
        title = f"Report {n}: {notes.headings[n % len(notes.headings)]}"
        entries.append(
            f"[reports.report-{n}]\ntitle = {json.dumps(title)}\n"
            f'publisher = "Institute {n % PUBLISHERS + 1}"\n'
            f'published = "{2000 + n % 25}-{n % 12 + 1:02}"\n'
        )
        sections = make_report(random.Random(f"{seed}-{n}"), notes, paragraphs)
        (folder / f"report-{n}.md").write_text(markdown(title, sections), "utf-8")
    (folder / "catalogue.toml").write_text("\n".join(entries), "utf-8")


def make_questions(notes: Notes, count: int, seed: int) -> list[str]:
    """Return, in turns, half a sentence of the notes with words dropped, and a few longer words."""
    chance = random.Random(f"{seed}-questions")
    questions = []
    for n in range(count):
        words = chance.choice(notes.sentences)
        if n % 2:
            words = words[: len(words) // 2] if chance.random() < 0.5 else words[len(words) // 2 :]
            kept = chance.sample(range(len(words)), -(-2 * len(words) // 3))
        else:
            longer = sorted(range(len(words)), key=lambda i: -len(words[i]))[:8]
            kept = chance.sample(longer, min(len(longer), chance.randint(3, 5)))
        questions.append(" ".join(words[i] for i in sorted(kept)))
    return questions
