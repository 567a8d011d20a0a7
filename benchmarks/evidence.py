"""Questions with known evidence, and how much of it an answer shows.

No question is asked here and no library is opened. Texts are compared in lower case with letters
and digits only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from measuring import Row
from reformqa import Citation, Sentence
from reformqa.evaluation.metrics import Question
from reformqa.text.similarity import letters

#: An answer gives the gist of a fact if it contains this share of the words of one of its quotes.
GIST = 0.6
#: A sentence is evidence if it and a quote share this part of the shorter of the two.
OVERLAP = 0.5
#: How many words of an answer a reader in a hurry reads.
OPENING = 40
COMPARISON, LIST = "comparison", "list"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that an answer must show: any one of the quotes, from `publisher` if it is named."""

    quotes: tuple[str, ...]
    publisher: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question; one without facts has no answer in the reports.

    `silent` are the publishers that say nothing on a comparison's subject.
    """

    id: str
    type: str
    text: str
    facts: tuple[Fact, ...] = ()
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A sentence of an answer, with each cited paragraph's text and the cited span in it."""

    text: str
    sources: tuple[tuple[str, tuple[int, int]], ...] = ()


Answered = Sequence[tuple[Asked, Sequence[Shown]]]


def read(files: Iterable[Path]) -> list[Asked]:
    """Return the questions of JSON Lines files, or of the *.jsonl files in folders.

    Raises ValueError, naming file and line, if a line is not a question.
    """
    asked = []
    for given in files:
        for file in sorted(given.glob("*.jsonl")) if given.is_dir() else [given]:
            for number, line in enumerate(file.read_text("utf-8").split("\n"), start=1):
                try:
                    asked += [_question(json.loads(line))] if line.strip() else []
                except (ValueError, KeyError, TypeError) as error:
                    raise ValueError(f"{file}, line {number}: no question ({error!r}).") from error
    return asked


def _question(line: Mapping[str, Any]) -> Asked:
    facts = tuple(
        Fact(
            tuple(q if isinstance(q, str) else q["quote"] for q in fact["any_of"]),
            fact.get("publisher"),
        )
        for fact in line.get("evidence", ())
    )
    kind = line.get("type", "untyped")
    return Asked(line["id"], kind, line["question"], facts, tuple(line.get("silent", ())))


def single_facts(asked: Iterable[Asked]) -> list[Asked]:
    """Return the questions with evidence that are neither comparisons nor lists."""
    return [q for q in asked if q.facts and q.type not in (COMPARISON, LIST)]


def unanswerable(asked: Iterable[Asked]) -> list[Asked]:
    """Return the questions that the reports do not answer."""
    return [q for q in asked if not q.facts and q.type not in (COMPARISON, LIST)]


def for_search(asked: Iterable[Asked]) -> list[Question]:
    """Return the questions in the form that `reformqa.evaluation.metrics` scores."""
    return [
        Question(q.id, q.type, q.text, tuple(tuple(map(letters, f.quotes)) for f in q.facts))
        for q in asked
    ]


def shown(sentences: Iterable[Sentence], text_of: Callable[[str], str]) -> tuple[Shown, ...]:
    """Return sentences with the texts of the paragraphs that they cite, `text_of` their ids."""
    return tuple(
        Shown(s.text, tuple((text_of(c.paragraph_id), c.span) for c in s.citations))
        for s in sentences
    )


def invented(citation: Citation, paragraph: str) -> bool:
    """Return whether the quote differs from the paragraph's text at its span."""
    return not citation.quote or paragraph[slice(*citation.span)] != citation.quote


def unquoted(sentence: Sentence) -> bool:
    """Return whether a sentence contains letters or digits that none of its quotes does."""
    text = sentence.text
    for quote in sorted((c.quote for c in sentence.citations), key=len, reverse=True):
        text = text.replace(quote, " ")
    return bool(letters(text))


def holds(texts: Iterable[str], fact: Fact) -> bool:
    """Return whether one of the texts contains one of the fact's quotes whole."""
    found = [letters(text) for text in texts]
    return any(letters(quote) in text for quote in fact.quotes for text in found)


def cites(sentences: Iterable[Shown], fact: Fact) -> bool:
    """Return whether a cited paragraph contains one of the fact's quotes."""
    return holds((text for s in sentences for text, _ in s.sources), fact)


def says(sentences: Iterable[Shown], fact: Fact, words: int | None = None) -> bool:
    """Return whether the sentences, or their first `words` words, contain a quote whole."""
    return holds([" ".join(" ".join(s.text for s in sentences).split()[:words])], fact)


def gives_gist(sentences: Iterable[Shown], fact: Fact) -> bool:
    """Return whether the sentences contain enough of the words of a quote, in any order."""
    words = {w for s in sentences for w in _words(s.text)}
    return any(
        sum(w in words for w in wanted) >= GIST * len(wanted) for wanted in map(_words, fact.quotes)
    )


def _words(text: str) -> list[str]:
    return [word for word in map(letters, text.split()) if word]


def is_evidence(sentence: Shown, fact: Fact) -> bool:
    """Return whether a sentence's quote and one of the fact's quotes largely coincide."""
    return any(
        _overlap(text, span, letters(quote)) >= OVERLAP
        for text, span in sentence.sources
        for quote in fact.quotes
    )


def _overlap(text: str, span: tuple[int, int], quote: str) -> float:
    """Return how much of the shorter one a span of a paragraph and a quote in it share."""
    start = len(letters(text[: span[0]]))
    length = len(letters(text[slice(*span)]))
    at = letters(text).find(quote)
    if at < 0 or not min(length, len(quote)):
        return 0.0
    common = min(start + length, at + len(quote)) - max(start, at)
    return common / min(length, len(quote))


def first_rank(sentences: Iterable[Shown], fact: Fact) -> int | None:
    """Return the rank, from 1, of the first sentence that is evidence of the fact."""
    ranks = (n for n, s in enumerate(sentences, start=1) if is_evidence(s, fact))
    return next(ranks, None)


def share(values: Iterable[bool | float]) -> float | None:
    """Return the mean, or None of nothing."""
    found = [float(v) for v in values]
    return fmean(found) if found else None


def fact_row(answers: Answered) -> Row:
    """Return how much of the evidence of single-fact questions their answers show, over facts."""
    facts = [(given, fact) for question, given in answers for fact in question.facts]
    given_to = [(s, question) for question, given in answers for s in given]
    ranks = (first_rank(given, fact) for given, fact in facts)
    return {
        "questions": len(answers),
        "facts": len(facts),
        "cited": share(cites(given, fact) for given, fact in facts),
        "said": share(says(given, fact) for given, fact in facts),
        "gist": share(gives_gist(given, fact) for given, fact in facts),
        "RR": share(1 / rank if rank else 0.0 for rank in ranks),
        f"{OPENING}w": share(says(given, fact, OPENING) for given, fact in facts),
        "on evidence": share(any(cites([s], f) for f in q.facts) for s, q in given_to),
        "words": share(sum(len(s.text.split()) for s in given) for _, given in answers if given),
    }


@dataclass(frozen=True, slots=True)
class Side:
    """What a comparison shows of one publisher, and where it says that the publisher stands."""

    status: str = "silent"
    shown: tuple[Shown, ...] = ()


def comparison_row(answers: Sequence[tuple[Asked, Mapping[str, Side]]]) -> Row:
    """Return what is shown of each publisher that must speak, and which of the others speak."""
    asked = [(rows.get(name, Side()), fact) for q, rows in answers for name, fact in _required(q)]
    required = [(side.shown, fact) for side, fact in asked]
    silent = [rows.get(name, Side()) for question, rows in answers for name in question.silent]
    return {
        "questions": len(answers),
        "required": len(required),
        "cited": share(cites(given, fact) for given, fact in required),
        "said": share(says(given, fact) for given, fact in required),
        "gist": share(gives_gist(given, fact) for given, fact in required),
        "words": share(
            sum(len(s.text.split()) for s in side.shown)
            for _, rows in answers
            for side in rows.values()
            if side.shown
        ),
        "false silences": share(side.status == "silent" for side, _ in asked),
        "only near": share(side.status == "near" for side, _ in asked),
        "silent": len(silent),
        "shown speaking": share(side.status == "speaks" for side in silent),
    }


def _required(question: Asked) -> Iterator[tuple[str, Fact]]:
    """Yield each publisher that must speak, with what it must say."""
    return ((fact.publisher, fact) for fact in question.facts if fact.publisher)


def set_row(answers: Answered) -> Row:
    """Return the mean recall and precision of sets; a set that should be empty has neither."""
    full = [(q, given) for q, given in answers if q.facts]
    empty = [given for q, given in answers if not q.facts]
    return {
        "sets": len(full),
        "facts": sum(len(q.facts) for q, _ in full),
        "given": sum(len(given) for _, given in full),
        "recall": share(share(cites(given, f) for f in q.facts) or 0.0 for q, given in full),
        "precision": share(
            share(any(cites([s], f) for f in q.facts) for s in given) or 0.0 for q, given in full
        ),
        "empty sets": len(empty),
        "filled": share(bool(given) for given in empty),
    }


def area(yes: Sequence[float], no: Sequence[float]) -> float | None:
    """Return how often one of `yes` lies above one of `no` (AUROC; ties count half)."""
    if not yes or not no:
        return None
    return fmean((a > b) + (a == b) / 2 for a in yes for b in no)
