"""Score the search on questions with known evidence; no language model judges.

A question's evidence is a list of facts, each with quotes any one of which supports it. A fact
counts as found at the rank of the first hit whose paragraph holds one of its quotes, compared in
lower case with letters and digits only. Facts whose quotes stand nowhere in the library count as
missed and are listed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reformqa.errors import EvaluationFileError
from reformqa.model import Hit
from reformqa.settings import explain
from reformqa.text.similarity import letters

#: How deep a search is looked at: the rank beyond which a fact counts as missed.
DEPTH = 50
RANKS = (1, 3, 5, 10)
WORDS = (300, 1000)

#: A search: a question and a limit in, hits out, best first.
Search = Callable[[str, int], Sequence[Hit]]


#: What a line of a file of questions holds.
Line = TypeVar("Line", bound=BaseModel)

_Words = Annotated[str, Field(pattern=r"[A-Za-z0-9]")]


class _Quote(BaseModel):
    quote: _Words


class _Fact(BaseModel):
    any_of: list[_Words | _Quote] = Field(min_length=1)


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str
    type: str = "untyped"
    question: str
    evidence: list[_Fact] = []


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its facts: for each, the quotes (as letters) that support it."""

    id: str
    type: str
    text: str
    facts: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Miss:
    """A fact outside the first five hits; `rank` is where it came, or None."""

    id: str
    type: str
    question: str
    quote: str
    rank: int | None


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over facts: recall at ranks and within words (0–1), and mean reciprocal rank."""

    questions: int
    facts: int
    recall_at: dict[int, float]
    mrr: float
    recall_within_words: dict[int, float]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The scores over all questions and by type, and the facts that were missed."""

    overall: Scores
    by_type: dict[str, Scores]
    misses: tuple[Miss, ...]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""

        def plain(s: Scores) -> dict[str, Any]:
            return {
                "questions": s.questions,
                "facts": s.facts,
                **{f"r@{k}": round(v, 4) for k, v in s.recall_at.items()},
                "mrr": round(s.mrr, 4),
                **{f"recall_{w}_words": round(v, 4) for w, v in s.recall_within_words.items()},
            }

        return {
            "overall": plain(self.overall),
            "by_type": {name: plain(s) for name, s in self.by_type.items()},
            "misses": [
                {
                    "id": m.id,
                    "type": m.type,
                    "question": m.question,
                    "quote": m.quote,
                    "rank": m.rank,
                }
                for m in self.misses
            ],
        }


@dataclass(frozen=True, slots=True)
class _Found:
    """Where one fact came: its rank, and how many words of hits end with its quote."""

    question: Question
    quote: str
    rank: int | None
    words: int | None


def read_questions(files: Iterable[Path]) -> list[Question]:
    """The questions in JSON Lines files; those without evidence are left out.

    Raises EvaluationFileError, naming file and line, where a line is not a question.
    """
    questions: list[Question] = []
    for line in read_lines(files, _Line):
        facts = tuple(
            tuple(letters(q if isinstance(q, str) else q.quote) for q in fact.any_of)
            for fact in line.evidence
        )
        if facts:
            questions.append(Question(line.id, line.type, line.question, facts))
    if not questions:
        raise EvaluationFileError("The files hold no question with evidence.")
    return questions


def read_lines(files: Iterable[Path], form: type[Line]) -> Iterator[Line]:
    """Each line of JSON Lines files in that form; empty lines are passed over.

    Raises EvaluationFileError, naming file and line, where a line has another form.
    """
    for file in files:
        if not file.is_file():
            raise EvaluationFileError(f"There is no file {file}. Check the path.")
        lines = file.read_bytes().decode("utf-8", errors="replace").split("\n")
        for number, text in enumerate(lines, start=1):
            if not text.strip():
                continue
            try:
                yield form.model_validate(json.loads(text))
            except ValidationError as error:
                raise EvaluationFileError(f"{file}, line {number}: {explain(error)}") from error
            except ValueError as error:
                raise EvaluationFileError(f"{file}, line {number}: not JSON ({error}).") from error


def evaluate(
    search: Search,
    questions: Sequence[Question],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Evaluation:
    """Ask every question and score the hits."""
    found: list[_Found] = []
    for n, question in enumerate(questions):
        progress(n, len(questions))
        hits = search(question.text, DEPTH)
        found += [_look(question, quotes, hits) for quotes in question.facts]
    progress(len(questions), len(questions))
    types: dict[str, list[_Found]] = defaultdict(list)
    for fact in found:
        types[fact.question.type].append(fact)
    misses = [
        Miss(f.question.id, f.question.type, f.question.text, f.quote, f.rank)
        for f in found
        if f.rank is None or f.rank > 5
    ]
    by_type = {name: _scores(facts) for name, facts in sorted(types.items())}
    return Evaluation(_scores(found), by_type, tuple(misses))


def _look(question: Question, quotes: Sequence[str], hits: Sequence[Hit]) -> _Found:
    rank = words = None
    read = 0
    for n, hit in enumerate(hits, start=1):
        text = hit.paragraph.text
        if any(q in letters(text) for q in quotes):
            rank = rank or n
            words = read + _words_to_quote(text, quotes)
            break
        read += len(text.split())
    return _Found(question, quotes[0], rank, words)


def _words_to_quote(text: str, quotes: Sequence[str]) -> int:
    """How many words of `text` must be read until one of the quotes is whole."""
    read = ""
    words = text.split()
    for n, word in enumerate(words, start=1):
        read += letters(word)
        if any(q in read for q in quotes):
            return n
    return len(words)


def _scores(found: Sequence[_Found]) -> Scores:
    return Scores(
        questions=len({f.question for f in found}),
        facts=len(found),
        recall_at={k: fmean(f.rank is not None and f.rank <= k for f in found) for k in RANKS},
        mrr=fmean(1 / f.rank if f.rank else 0.0 for f in found),
        recall_within_words={
            w: fmean(f.words is not None and f.words <= w for f in found) for w in WORDS
        },
    )
