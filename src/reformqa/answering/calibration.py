"""From signs to a probability: logistic scales, fitted on questions with and without an answer.

Platt's scaling (1999) of a few signs that a reader can name. The packaged scales were fitted on
the questions that benchmarks/README.md describes; `reformqa evaluate --calibrate` fits others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from reformqa.errors import ExportError, SettingsError

PACKAGED = "calibration.json"
#: What `signs.py` reads of a question, and of a think tank.
ANSWER_SIGNS = frozenset({"score", "weakest", "length", "figures", "names", "asks_figure"})
SPEAKING_SIGNS = frozenset({"nearest", "behind", "printed"})
#: The weight of the squared weights beside the likelihood: few questions, hardly any fitting.
REGULARISATION = 0.5


class Point(BaseModel):
    """One threshold of a curve, and what it would do, as shares from 0 to 1.

    `refused` are the questions with an answer that would get none, `answered` those without an
    answer that would get one.
    """

    threshold: float
    refused: float
    answered: float


class Scale(BaseModel):
    """A logistic scale: probability = 1 / (1 + exp(-(bias + sum of weight times sign)))."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weights: dict[str, float]
    bias: float
    threshold: float = Field(ge=0, le=1)
    curve: tuple[Point, ...] = ()
    #: How many questions of each kind it was fitted on.
    questions: dict[str, int] = {}

    def probability(self, signs: Mapping[str, float]) -> float:
        """How likely there is an answer, from 0 to 1. Raises KeyError for a sign not given."""
        total = self.bias + sum(weight * signs[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, total))))


class Calibration(BaseModel):
    """When to answer, and when a think tank speaks.

    `model` names the encoder that the scales were fitted with: with another they are guesses.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    answers: Scale
    speaks: Scale

    @model_validator(mode="after")
    def _weighs_what_is_read(self) -> Self:
        for scale, signs in ((self.answers, ANSWER_SIGNS), (self.speaks, SPEAKING_SIGNS)):
            if scale.weights.keys() != signs:
                raise ValueError(f"it has weights for {sorted(scale.weights)}, not {sorted(signs)}")
        return self

    def save(self, file: Path) -> None:
        """Write it for the setting `answer.calibration`. Raises ExportError where it cannot be."""
        try:
            file.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise ExportError(
                f"{file} cannot be written: {error.strerror}. Name another."
            ) from error


def load_calibration(file: Path | None = None) -> Calibration:
    """The calibration in `file`, or the packaged one.

    Raises SettingsError where the file is missing or is no calibration.
    """
    try:
        text = (
            file.read_text(encoding="utf-8")
            if file
            else resources.files("reformqa.answering")
            .joinpath(PACKAGED)
            .read_text(encoding="utf-8")
        )
        return Calibration.model_validate_json(text)
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise SettingsError(
            f"The calibration {file or PACKAGED} cannot be read: {error}. Make it with"
            " `reformqa evaluate --calibrate`, or remove the setting answer.calibration."
        ) from error


def fit(
    signs: Sequence[Mapping[str, float]], kinds: Sequence[str], answered: str, refused: float
) -> Scale:
    """The scale that tells questions of the kind `answered` from the others.

    Both sides weigh alike, however many questions each has. The threshold refuses the share
    `refused` of the answerable. Raises ValueError where either side is empty.
    """
    from sklearn.linear_model import LogisticRegression  # a second to import, for fitting alone

    names = list(signs[0])
    values = np.array([[s[n] for n in names] for s in signs], dtype=np.float64)
    truth = np.array([kind == answered for kind in kinds])
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    model = LogisticRegression(C=REGULARISATION, max_iter=5_000, class_weight="balanced")
    model.fit((values - mean) / spread, truth)
    weights = model.coef_[0] / spread
    scale = Scale(
        weights={n: round(float(w), 4) for n, w in zip(names, weights, strict=True)},
        bias=round(float(model.intercept_[0] - weights @ mean), 4),
        threshold=0.5,
        questions={kind: kinds.count(kind) for kind in sorted(set(kinds))},
    )
    likely = np.array([scale.probability(s) for s in signs])
    return scale.model_copy(
        update={
            "threshold": round(float(np.quantile(likely[truth], refused)), 4),
            "curve": curve(likely[truth], likely[~truth]),
        }
    )


def curve(answerable: Sequence[float], others: Sequence[float]) -> tuple[Point, ...]:
    """What each threshold from 0 to 1, in steps of .02, would refuse and would answer."""
    yes, no = np.asarray(answerable), np.asarray(others)
    return tuple(
        Point(
            threshold=round(t, 2),
            refused=round(float(np.mean(yes < t)), 4),
            answered=round(float(np.mean(no >= t)), 4),
        )
        for t in np.arange(0, 1.0001, 0.02)
    )
