"""Fit when to answer, and when a think tank speaks, on questions whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from reformqa.answering.answerer import Answerer
from reformqa.answering.calibration import Calibration, fit
from reformqa.errors import EvaluationFileError
from reformqa.evaluation.metrics import read_lines
from reformqa.search.filters import Filters
from reformqa.search.query import Query

#: The kind of a question that the reports answer.
ANSWERED = "answered"
SPEAKS, SILENT = "speaks", "silent"
#: The thresholds refuse so many of the questions with an answer, and silence so many of the think
#: tanks that speak: a wrong refusal costs trust as a wrong answer does.
REFUSED = 0.06
SILENCED = 0.08


class _Fact(BaseModel):
    publisher: str | None = None


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: str = "untyped"
    question: str
    evidence: list[_Fact] = []
    silent: list[str] = []


@dataclass(frozen=True, slots=True)
class Case:
    """A question, and what is true of it.

    `kind` is ANSWERED, or what a question without an answer is ("near-topic", …), or None where
    the question only asks who speaks; `speakers` has think tanks, and whether each speaks to it.
    """

    question: str
    kind: str | None
    speakers: tuple[tuple[str, bool], ...] = ()


def read_cases(files: Iterable[Path]) -> list[Case]:
    """The cases in JSON Lines files of questions.

    A question without evidence is unanswerable, of its `type`; one of type "comparison" says which
    publishers its evidence is of and which are `silent`.
    Raises EvaluationFileError, naming file and line, where a line is not a question.
    """
    return [_case(line) for line in read_lines(files, _Line)]


def _case(line: _Line) -> Case:
    if line.type != "comparison":
        return Case(line.question, ANSWERED if line.evidence else line.type)
    speaking = {f.publisher for f in line.evidence if f.publisher}
    speakers = [(p, True) for p in sorted(speaking)] + [(p, False) for p in line.silent]
    return Case(line.question, None, tuple(speakers))


def calibrate(
    asker: Answerer,
    read: Callable[[str], tuple[Query, Filters]],
    cases: Sequence[Case],
    model: str,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Calibration:
    """The calibration that these cases give; `read` understands a question, `model` is named in it.

    Raises EvaluationFileError where there are no questions of one side.
    """
    signs: list[dict[str, float]] = []
    kinds: list[str] = []
    speaking: list[dict[str, float]] = []
    spoke: list[str] = []
    for done, case in enumerate(cases):
        progress(done, len(cases))
        reading, filters = read(case.question)
        if case.kind and reading.set_of is None:  # sets are held to who speaks
            found = asker.signs(reading, filters)
            if found and not (found.labels or found.far):  # those are refused as they are
                signs.append(dict(found.values))
                kinds.append(case.kind)
        if case.speakers:
            of = asker.speaking(reading, Filters(phrases=reading.phrases))
            speaking += [of[name] for name, _ in case.speakers]
            spoke += [SPEAKS if speaks else SILENT for _, speaks in case.speakers]
    progress(len(cases), len(cases))
    for what, found_kinds in (("answers", kinds), ("speakers", spoke)):
        if len(set(found_kinds)) < 2:
            raise EvaluationFileError(
                f"To calibrate {what}, give questions of both sides: with an answer and without,"
                " comparisons in which some speak and some are silent."
            )
    return Calibration(
        model=model,
        answers=fit(signs, kinds, ANSWERED, REFUSED),
        speaks=fit(speaking, spoke, SPEAKS, SILENCED),
    )
