"""Fit when to answer, and when a publisher speaks, on questions whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from reformqa.errors import EvaluationFileError
from reformqa.evaluation.metrics import read_lines
from reformqa.library import Library
from reformqa.tuning import Point, Scale, Tuning

#: The weight of the squared weights beside the likelihood: there are few questions.
REGULARISATION = 0.5
#: The kind of a question that the reports answer.
ANSWERED = "answered"
SPEAKS, SILENT = "speaks", "silent"
#: The shares of questions with an answer that are refused, and that get a note: a wrong refusal
#: costs trust as a wrong answer does.
REFUSED, DOUBTED = 0.03, 0.25
#: The shares of publishers that speak that are called silent, and that are not said to speak.
SILENCED, NEAR = 0.02, 0.25
#: The kind of questions without an answer on which every publisher is silent, though not far off.
NEAR_TOPIC = "near-topic"


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

    `kind` is ANSWERED, or the type of a question without an answer ("near-topic", …), or None if
    the question only asks who speaks. `speakers` are publishers, and whether each speaks to it.
    """

    question: str
    kind: str | None
    speakers: tuple[tuple[str, bool], ...] = ()


def read_cases(files: Iterable[Path]) -> list[Case]:
    """Return the cases in JSON Lines files of questions.

    A question without evidence is unanswerable, of its `type`. One of type "comparison" says which
    publishers its evidence is from and which are `silent`.
    Raises EvaluationFileError, naming file and line, if a line is not a question.
    """
    return [_case(line) for line in read_lines(files, _Line)]


def _case(line: _Line) -> Case:
    if line.type != "comparison":
        return Case(line.question, ANSWERED if line.evidence else line.type)
    speaking = {f.publisher for f in line.evidence if f.publisher}
    speakers = [(p, True) for p in sorted(speaking)] + [(p, False) for p in line.silent]
    return Case(line.question, None, tuple(speakers))


def calibrate(
    library: Library,
    files: Sequence[Path],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Tuning:
    """Return the library's tuning with its two scales fitted to files of questions.

    `read_cases` says what the files contain. `save` on the result writes it for the setting
    `answer.calibration`.
    Raises EvaluationFileError for a file that cannot be used, or if questions of one side are
    missing.
    """
    cases = read_cases(files)
    features: list[dict[str, float]] = []
    kinds: list[str] = []
    speaking: list[dict[str, float]] = []
    spoke: list[str] = []
    for done, case in enumerate(cases):
        progress(done, len(cases))
        if case.kind and library.parse(case.question).set_of is None:  # sets use who speaks
            found = library.features(case.question)
            if found and not (found.labels or found.far):  # those are refused anyway
                features.append(dict(found.values))
                kinds.append(case.kind)
        every = [(name, False) for name in library.publishers]
        if speakers := every if case.kind == NEAR_TOPIC else case.speakers:
            of = library.speaking(case.question)
            speaking += [of[name] for name, _ in speakers]
            spoke += [SPEAKS if speaks else SILENT for _, speaks in speakers]
    progress(len(cases), len(cases))
    for what, found_kinds in (("answers", kinds), ("speakers", spoke)):
        if len(set(found_kinds)) < 2:
            raise EvaluationFileError(
                f"To calibrate {what}, give questions of both sides: with an answer and without,"
                " comparisons in which some speak and some are silent."
            )
    return library.tuning.model_copy(
        update={
            "model": library.build.model,
            "answers": fit(features, kinds, ANSWERED, (REFUSED, DOUBTED)),
            "speaks": fit(speaking, spoke, SPEAKS, (SILENCED, NEAR)),
        }
    )


def fit(
    features: Sequence[Mapping[str, float]],
    kinds: Sequence[str],
    answered: str,
    lost: tuple[float, float],
) -> Scale:
    """Return the scale that tells questions of the kind `answered` from the others.

    Both sides weigh alike, however many questions each has. `lost` are the shares of the
    answerable below the scale's threshold and below where it is sure. Raises ValueError if either
    side is empty.
    """
    from sklearn.linear_model import LogisticRegression  # a second to import, only for fitting

    names = list(features[0])
    values = np.array([[f[n] for n in names] for f in features], dtype=np.float64)
    truth = np.array([kind == answered for kind in kinds])
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    model = LogisticRegression(C=REGULARISATION, max_iter=5_000, class_weight="balanced")
    model.fit((values - mean) / spread, truth)
    weights = model.coef_[0] / spread
    scale = Scale(
        weights={n: round(float(w), 4) for n, w in zip(names, weights, strict=True)},
        bias=round(float(model.intercept_[0] - weights @ mean), 4),
        threshold=0.5,
        sure=0.5,
        questions={kind: kinds.count(kind) for kind in sorted(set(kinds))},
    )
    likely = np.array([scale.probability(f) for f in features])
    threshold, sure = (round(float(q), 4) for q in np.quantile(likely[truth], lost))
    return scale.model_copy(
        update={
            "threshold": threshold,
            "sure": sure,
            "curve": curve(likely[truth], likely[~truth]),
        }
    )


def curve(answerable: Sequence[float], others: Sequence[float]) -> tuple[Point, ...]:
    """Return what each threshold from 0 to 1, in steps of .02, would refuse and answer."""
    yes, no = np.asarray(answerable), np.asarray(others)
    return tuple(
        Point(
            threshold=round(t, 2),
            refused=round(float(np.mean(yes < t)), 4),
            answered=round(float(np.mean(no >= t)), 4),
        )
        for t in np.arange(0, 1.0001, 0.02)
    )
