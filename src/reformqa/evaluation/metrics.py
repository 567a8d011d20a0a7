"""Score the search on questions with known evidence; no language model judges.

A question's evidence is a list of facts, each with quotes, any one of which supports it. A fact is
found at the rank of the first hit whose paragraph contains one of its quotes, compared in lower
case by letters and digits only. Facts whose quotes are nowhere in the library count as missed and
are listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reformqa.errors import EvaluationFileError
from reformqa.formats import parse_json
from reformqa.model import Hit
from reformqa.settings import explain
from reformqa.text.similarity import letters

#: The number of hits examined: a fact beyond this rank counts as missed.
DEPTH = 50
RANKS = (1, 3, 5, 10)
WORDS = (300, 1000)

#: Takes a question and a limit; returns hits, best first.
Search = Callable[[str, int], Sequence[Hit]]
#: The form of a line in a file of questions.
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
    """A fact outside the first five hits; `rank` is None if it was not found."""

    id: str
    type: str
    question: str
    quote: str
    rank: int | None


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over facts, 0 to 1: recall at ranks and within words of hits, and reciprocal rank."""

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
        """Return the evaluation as plain values, for JSON."""

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
    """A fact with its rank, and the number of words in the hits up to the end of its quote."""

    question: Question
    quote: str
    rank: int | None
    words: int | None


def read_questions(files: Iterable[Path]) -> list[Question]:
    """Return the questions in JSON Lines files, without those that have no evidence.

    Raises EvaluationFileError, naming file and line, if a line is not a question.
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
        raise EvaluationFileError("The files contain no question with evidence. Check the files.")
    return questions


def read_lines(files: Iterable[Path], form: type[Line]) -> Iterator[Line]:
    """Yield each line of JSON Lines files in that form; empty lines are skipped.

    Raises EvaluationFileError, naming file and line, if a line has another form.
    """
    for file in files:
        if not file.is_file():
            raise EvaluationFileError(f"There is no file {file}. Check the path.")
        lines = file.read_bytes().decode("utf-8", errors="replace").split("\n")
        for number, text in enumerate(lines, start=1):
            if not text.strip():
                continue
            try:
                yield form.model_validate(parse_json(text))
            except ValidationError as error:
                raise EvaluationFileError(f"{file}, line {number}: {explain(error)}") from error
            except ValueError as error:
                raise EvaluationFileError(f"{file}, line {number}: not JSON ({error}).") from error


def evaluate(
    search: Search,
    questions: Sequence[Question],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Evaluation:
    """Search for every question and return the scores of the hits."""
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
    """Return the number of words of `text` up to the end of the first complete quote."""
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
