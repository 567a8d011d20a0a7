"""What a build depends on, recorded with it: equal facts make equal builds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from reformqa.errors import SettingsError
from reformqa.ingest.corpus import Corpus, Entry, is_mistaken
from reformqa.ingest.handed_in import remedy
from reformqa.ingest.rules import PIPELINE_VERSION
from reformqa.model import Metadata, ReportInfo
from reformqa.models.registry import chosen_models, encoders_named, find_model, fingerprint
from reformqa.parsing import PARSER_VERSION
from reformqa.settings import EncoderSettings, Settings
from reformqa.storage.base import Store
from reformqa.tuning import Tuning, load_tuning


def digest_models(settings: EncoderSettings) -> dict[str, dict[str, str]]:
    """Return the name and the digest of each model that the settings name, by role.

    Raises EncoderError if a model is missing.
    """
    return {
        role: {"name": name, "digest": fingerprint(find_model(name))}
        for role, name in chosen_models(settings).items()
    }


def model_names(models: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the names of a build's models by role."""
    return {role: model["name"] for role, model in models.items()}


def make_facts(
    corpus: Corpus, settings: Settings, models: dict[str, dict[str, str]]
) -> dict[str, Any]:
    """Return the facts of a build of that corpus.

    Raises SettingsError if the tuning that the settings name cannot be read.
    """
    own = settings.answer.calibration
    tuning = load_tuning(Path(own) if own else None, encoders_named(model_names(models)))
    return {
        "models": models,
        "parser": PARSER_VERSION,
        "rules": PIPELINE_VERSION,
        "settings": settings.index_fingerprint(),
        "tuning": tuning.model_dump(mode="json"),
        "sources": {s.path.name: s.sha256 for s in corpus.sources},
        "handed_in": [s.path.name for s in corpus.sources if s.handed_in],
        "left_out": [[p.file, p.reason] for p in (*corpus.left_out, *corpus.problems)],
        "catalogue": {
            name: dataclasses.asdict(entry.facts)
            | {"authors": list(entry.facts.authors), "note_on": entry.note_on}
            | ({"sha256": entry.sha256} if entry.sha256 else {})
            | ({"edition_of": entry.edition_of} if entry.edition_of else {})
            for name, entry in corpus.catalogue.items()
        },
    }


#: What an entry has besides metadata.
_NOT_METADATA = ("note_on", "sha256", "edition_of")


def catalogue_of(facts: Mapping[str, Any]) -> dict[str, Entry]:
    """Return the catalogue that a build was made with."""
    entries = {}
    for name, values in facts["catalogue"].items():
        known = {k: v for k, v in values.items() if k not in _NOT_METADATA}
        known["authors"] = tuple(known["authors"])
        entries[name] = Entry(
            name,
            Metadata(**known),
            values["note_on"],
            sha256=values.get("sha256"),
            edition_of=values.get("edition_of"),
        )
    return entries


def handed_in_notes(reports: Iterable[ReportInfo], catalogue: Mapping[str, Entry]) -> Iterator[str]:
    """Yield a note on each report that was handed in under the name of another's entry."""
    for report in reports:
        if is_mistaken(catalogue, report):
            yield f"{report.source} was handed in under a name of the catalogue. {remedy(report)}"


def model_note(before: Store | None, facts: Mapping[str, Any]) -> str | None:
    """Return a note if the version served was built with other models, or None."""
    models = before.version.facts.get("models") if before else None
    if models is None or models == facts["models"]:
        return None
    then, now = (" and ".join(model_names(m).values()) for m in (models, facts["models"]))
    if then == now:
        now += " with other files"
    return f"The index was built with {then}; the settings now name {now}."


def tuning_note(facts: Mapping[str, Any], settings: Settings) -> str | None:
    """Return a note if the tuning was fitted with another model or other weights, or None.

    Raises SettingsError if a tuning that the settings name belongs to another model.
    """
    tuning = Tuning.model_validate(facts["tuning"])
    model = encoders_named(model_names(facts["models"]))
    cure = "Fit it with `reformqa evaluate FILE --calibrate tuning.json`"
    if tuning.model == model:
        return tuning.misfit(settings.search)
    if own := settings.answer.calibration:
        raise SettingsError(
            f"The calibration {own} was fitted with the model {tuning.model}, not with {model}."
            f" {cure} on an index of {model}, or remove the setting answer.calibration."
        )
    return (
        f"The calibration was fitted with the model {tuning.model}, not with {model}: confidences"
        f" are guesses. {cure} and name that file in the setting answer.calibration."
    )
