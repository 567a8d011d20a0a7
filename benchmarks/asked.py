"""Questions with known evidence, and how much of it is shown: what answers.py and its parts share.

Nothing is asked here and no library is opened. Texts are compared in lower case with letters and
digits only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from reformqa.model import Citation, Sentence
from reformqa.text.similarity import letters

#: A fact is said where this share of the words of one of its quotes is shown.
SAID_SHARE = 0.6
COMPARISON, LIST = "comparison", "list"

#: A row of a table; None is printed as a dash.
Row = dict[str, float | int | None]
Table = dict[str, Row]


@dataclass(frozen=True, slots=True)
class Fact:
    """What an answer must hold: any one of the quotes; `publisher` where the fact is of one."""

    quotes: tuple[str, ...]
    publisher: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; without facts it is one that the reports do not answer. `source` is its file."""

    id: str
    type: str
    text: str
    source: str
    facts: tuple[Fact, ...] = ()
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """The sentences that a system shows, and the texts of the paragraphs that it cites for them."""

    sentences: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def words(self) -> int:
        """How many words there are to read."""
        return sum(len(s.split()) for s in self.sentences)

    def within(self, words: int) -> Shown:
        """As much of it as the first `words` words; what is shown is its own source then."""
        left, kept = words, []
        for sentence in self.sentences:
            kept.append(" ".join(sentence.split()[:left]))
            left -= len(kept[-1].split())
        texts = tuple(filter(None, kept))
        return Shown(texts, texts)


def read(files: Iterable[Path]) -> list[Asked]:
    """The questions in JSON Lines files, or in the *.jsonl of folders.

    Raises ValueError, naming file and line, where a line is not a question.
    """
    asked = []
    for given in files:
        for file in sorted(given.glob("*.jsonl")) if given.is_dir() else [given]:
            source = f"{file.resolve().parent.name}/{file.stem}"
            for number, line in enumerate(file.read_text("utf-8").split("\n"), start=1):
                try:
                    asked += [_question(json.loads(line), source)] if line.strip() else []
                except (ValueError, KeyError, TypeError) as error:
                    raise ValueError(f"{file}, line {number}: no question ({error!r}).") from error
    return asked


def _question(line: Mapping[str, Any], source: str) -> Asked:
    facts = tuple(
        Fact(
            tuple(q if isinstance(q, str) else q["quote"] for q in fact["any_of"]),
            fact.get("publisher"),
        )
        for fact in line.get("evidence", ())
    )
    kind = line.get("type", "untyped")
    return Asked(line["id"], kind, line["question"], source, facts, tuple(line.get("silent", ())))


def single_facts(asked: Iterable[Asked]) -> list[Asked]:
    """The questions with evidence that are neither comparisons nor lists."""
    return [q for q in asked if q.facts and q.type not in (COMPARISON, LIST)]


def unanswerable(asked: Iterable[Asked]) -> list[Asked]:
    """The questions that the reports do not answer."""
    return [q for q in asked if not q.facts and q.type not in (COMPARISON, LIST)]


def holds(texts: Iterable[str], fact: Fact) -> bool:
    """Whether one of the texts holds one of the fact's quotes whole."""
    found = [letters(text) for text in texts]
    return any(letters(quote) in text for quote in fact.quotes for text in found)


def says(shown: Shown, fact: Fact) -> bool:
    """Whether enough of the words of one of the fact's quotes are shown, in whatever order."""
    words = {w for sentence in shown.sentences for w in _words(sentence)}
    return any(
        sum(w in words for w in wanted) >= SAID_SHARE * len(wanted)
        for wanted in map(_words, fact.quotes)
    )


def _words(text: str) -> list[str]:
    return [word for word in map(letters, text.split()) if word]


def invented(citation: Citation, paragraph: str) -> bool:
    """Whether the quote is not what the paragraph holds at its span."""
    return not citation.quote or paragraph[slice(*citation.span)] != citation.quote


def unquoted(sentence: Sentence) -> bool:
    """Whether a sentence holds letters or digits that stand in none of its quotes."""
    text = sentence.text
    for quote in sorted((c.quote for c in sentence.citations), key=len, reverse=True):
        text = text.replace(quote, " ")
    return bool(letters(text))


def share(values: Iterable[bool | float]) -> float | None:
    """The mean; None of nothing."""
    found = [float(v) for v in values]
    return fmean(found) if found else None


def fact_row(answers: Sequence[tuple[Asked, Shown]]) -> Row:
    """What is cited and said of the facts, in how many words, and how often there is no answer."""
    facts = [(shown, fact) for question, shown in answers for fact in question.facts]
    return {
        "asked": len(answers),
        "facts": len(facts),
        "cited": share(holds(shown.sources, fact) for shown, fact in facts),
        "said": share(says(shown, fact) for shown, fact in facts),
        "quoted": share(holds(shown.sentences, fact) for shown, fact in facts),
        "words": share(shown.words for _, shown in answers if shown.sentences),
        "refused": share(not shown.sentences for _, shown in answers),
    }


def by_type(answers: Sequence[tuple[Asked, Shown]]) -> Table:
    """`fact_row` by type and for all."""
    types = sorted({question.type for question, _ in answers})
    table = {t: fact_row([a for a in answers if a[0].type == t]) for t in types}
    return {**table, "all": fact_row(answers)}


def comparison_row(answers: Sequence[tuple[Asked, Mapping[str, Shown]]]) -> Row:
    """What is shown of each publisher that speaks, and which are left silent."""
    wanted = [
        (rows.get(fact.publisher, Shown()), fact)
        for question, rows in answers
        for fact in question.facts
        if fact.publisher
    ]
    speaking = [
        rows.get(name, Shown())
        for question, rows in answers
        for name in dict.fromkeys(f.publisher for f in question.facts if f.publisher)
    ]
    silent = [rows.get(name, Shown()) for question, rows in answers for name in question.silent]
    return {
        "asked": len(answers),
        "facts": len(wanted),
        "cited": share(holds(shown.sources, fact) for shown, fact in wanted),
        "said": share(says(shown, fact) for shown, fact in wanted),
        "quoted": share(holds(shown.sentences, fact) for shown, fact in wanted),
        "words": share(s.words for _, rows in answers for s in rows.values() if s.sentences),
        "speak": len(speaking),
        "silenced": sum(not shown.sentences for shown in speaking),
        "silent": len(silent),
        "left silent": sum(not shown.sentences for shown in silent),
    }


def list_row(question: Asked, sentences: Sequence[Shown]) -> Row:
    """Recall and precision of a set, each sentence with what it cites.

    A sentence is right where a paragraph that it cites holds a quote of some fact.
    """
    right = [any(holds(s.sources, fact) for fact in question.facts) for s in sentences]
    met = [any(holds(s.sources, fact) for s in sentences) for fact in question.facts]
    return {
        "facts": len(met),
        "given": len(right),
        "recall": share(met),
        "precision": share(right),
    }


def mean_row(rows: Sequence[Row]) -> Row:
    """The means of the rows' columns; a dash counts in none."""
    return {name: share(r[name] or 0 for r in rows if r[name] is not None) for name in rows[0]}


def shown(sentences: Iterable[Sentence], text_of: Callable[[str], str]) -> Shown:
    """The sentences with the texts of the paragraphs that they cite, by `text_of` their id."""
    given = tuple(sentences)
    ids = dict.fromkeys(c.paragraph_id for s in given for c in s.citations)
    return Shown(tuple(s.text for s in given), tuple(map(text_of, ids)))


def print_table(title: str, table: Table) -> None:
    """A line a row, as wide as its figures need."""
    names = list(dict.fromkeys(name for row in table.values() for name in row))
    cells = {first: [_cell(row.get(n), n) for n in names] for first, row in table.items()}
    widths = [
        max(len(n), *map(len, column)) for n, *column in zip(names, *cells.values(), strict=True)
    ]
    first_width = max(map(len, (title, *table)))
    for first, row in {title: names, **cells}.items():
        line = (f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
        print(f"{first:{first_width}}", *line, sep="  ")
    print()


def _cell(value: float | int | None, name: str) -> str:
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.1f}" if name in ("words", "facts", "given") else f"{value:.3f}"
