"""All weights and thresholds that belong to a model, fitted together and stored with each build.

The packaged record was fitted on the questions that docs/figures.md describes. `reformqa evaluate
--calibrate` fits the two scales to other questions, and writes a record for the setting
`answer.calibration`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from reformqa.errors import DamagedIndexError, ExportError, SettingsError
from reformqa.settings import SearchSettings

#: The packaged record, and what is otherwise in those of other models. The first is used beside any
#: that have none.
PACKAGED, OTHERS = "tuning.json", ("tuning-fast.json",)
#: The features of a question and of a publisher that the scales weigh (see answering/features.py).
ANSWER_FEATURES = frozenset(
    {"score", "met", "weakest", "length", "figures", "names", "asks_figure"}
)
_LEGS = ("late", "rare", "embedding", "bm25", "amounts")
SPEAKING_FEATURES = frozenset({"nearest", "behind", "printed"})


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Point(_Part):
    """A threshold of a curve, and the shares from 0 to 1 that it would decide wrongly.

    `refused` is of the questions with an answer, `answered` of those without.
    """

    threshold: float
    refused: float
    answered: float


class Scale(_Part):
    """A logistic scale: probability = 1 / (1 + exp(-(bias + sum of weight times feature))).

    Platt's scaling (1999) of a few features that a reader can name. Below `threshold` the answer is
    no, from `sure` on it is yes, and between them it is doubtful. `questions` counts those of each
    kind that it was fitted on.
    """

    weights: dict[str, float]
    bias: float
    threshold: float = Field(ge=0, le=1)
    sure: float = Field(ge=0, le=1)
    curve: tuple[Point, ...] = ()
    questions: dict[str, int] = {}

    def probability(self, features: Mapping[str, float]) -> float:
        """Return a probability from 0 to 1. Raises KeyError for a missing feature."""
        total = self.bias + sum(weight * features[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, total))))


class SearchTuning(_Part):
    """The weights of the legs' scores in their sum, and what a search takes words for.

    A stop word counts the share `stop_words` of its idf in late interaction. An everyday term that
    more than the share `known_share` of the passages print is the reports' own.
    """

    late: float
    rare: float
    embedding: float
    bm25: float
    amounts: float
    label: float
    stop_words: float
    known_share: float


class Shape(_Part):
    """How much is quoted, and how briefly.

    At most `words` words together. A quote may have `behind` less merit than the best, and come
    `astray` less near the question's rare words than the nearest does; each quote
    that its paragraph has already given costs `repeated`, and length costs `brevity` times the
    logarithm of its words over the usual.
    """

    words: int
    behind: float
    astray: float
    repeated: float
    brevity: float


class SelectionTuning(_Part):
    """What a sentence's merit is made of besides its paragraph's score.

    `late` and `rare` weigh its own nearness. `demand` is added to sentences that say what should be
    done, if the question asks for that or compares; `expected` to those that say the kind of thing
    that it asks for (see answering/expected.py); `leaning` is taken from a quote that leans on
    a sentence it does not include, or has no end.
    """

    late: float
    rare: float
    demand: float
    expected: float
    leaning: float
    answer: Shape
    row: Shape


class FeatureTuning(_Part):
    """Below the cosine `far`, a question is about something else than its best passage; a word
    below `unmet` is reported to the reader."""

    far: float
    unmet: float


class SetTuning(_Part):
    """The weights of the rare words in a recommendation's own nearness and of its section's, how
    far each of a set may be behind the best ones' mean merit, and the share of the best passage's
    score that a recommendation in a row of a comparison needs."""

    rare: float
    section: float
    behind: float
    row_share: float


class RecommendationTuning(_Part):
    """The cosine from which two recommendations match (`match`), perhaps ask for one measure
    (`same`), or are copies (`copies`), and what makes the nearness and the names of themes (see
    recommendations/themes.py and theme_names.py)."""

    match: float
    same: float
    copies: float
    meaning: float
    printed: float
    least: float
    least_gain: float
    phrase: float
    second: float


class Tuning(_Part):
    """The numbers that belong to the encoder `model`; beside another model they are guesses.

    `answers` is the scale that a question is answered, `speaks` that a publisher speaks to it.
    """

    model: str
    search: SearchTuning
    selection: SelectionTuning
    features: FeatureTuning
    sets: SetTuning
    recommendations: RecommendationTuning
    answers: Scale
    speaks: Scale

    @model_validator(mode="after")
    def _weighs_known_features(self) -> Self:
        for scale, known in ((self.answers, ANSWER_FEATURES), (self.speaks, SPEAKING_FEATURES)):
            if scale.weights.keys() != known:
                raise ValueError(f"it weighs {sorted(scale.weights)} instead of {sorted(known)}")
        return self

    def search_with(self, settings: SearchSettings) -> SearchTuning:
        """Return the weights of a search, with those that the settings replace."""
        own = {name: getattr(settings, f"{name}_weight") for name in _LEGS}
        return self.search.model_copy(update={n: v for n, v in own.items() if v >= 0})

    def misfit(self, settings: SearchSettings) -> str | None:
        """Return why the calibration no longer fits the settings, and the cure; None if it fits."""
        weights = self.search_with(settings)
        changed = [
            f"search.{n}_weight" for n in _LEGS if getattr(weights, n) != getattr(self.search, n)
        ]
        if not changed:
            return None
        return (
            f"The calibration was fitted with other weights than the settings have"
            f" ({', '.join(changed)}): confidences are guesses. Remove the settings, or run"
            " `reformqa evaluate FILE --calibrate tuning.json`, name that file in"
            " answer.calibration and rebuild."
        )

    def save(self, file: Path) -> None:
        """Write it for the setting `answer.calibration`. Raises ExportError if that fails."""
        try:
            file.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise ExportError(
                f"{file} cannot be written: {error.strerror}. Choose another file."
            ) from error


def tuning_of(facts: Mapping[str, Any], version_id: str) -> Tuning:
    """Return the tuning stored with a version. Raises DamagedIndexError if it cannot be read."""
    try:
        return Tuning.model_validate(facts.get("tuning"))
    except ValidationError as error:
        raise DamagedIndexError(
            f"The index build {version_id} cannot be read: its tuning has another form. Build it"
            " again with `reformqa rebuild --force`."
        ) from error


def load_tuning(file: Path | None = None, model: str = "") -> Tuning:
    """Return the tuning in `file`, or the packaged one for those models, or else the first.

    Raises SettingsError if the file is missing or is not a tuning.
    """
    if file is None:
        first = _packaged(PACKAGED)
        others = (first | _packaged(name) for name in OTHERS)
        found = next((t for t in (first, *others) if t["model"] == model), first)
        return Tuning.model_validate(found)
    try:
        return Tuning.model_validate_json(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise SettingsError(
            f"The calibration {file} cannot be read: {error}. Make it with `reformqa evaluate"
            " --calibrate`, or remove the setting answer.calibration."
        ) from error


def _packaged(name: str) -> dict[str, Any]:
    text = resources.files("reformqa").joinpath(name).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
