"""Make the index from the corpus: read, find, encode, write aside, publish."""

from __future__ import annotations

import dataclasses
import secrets
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reformqa import builds, snapshot
from reformqa.calibration import Calibration, load_calibration
from reformqa.changes import tell_changes
from reformqa.corpus import Corpus, read_corpus
from reformqa.errors import CorpusError, DamagedIndexError, MissingIndexError
from reformqa.manifest import is_whole, read_manifest, write_manifest
from reformqa.model import Build, Changes, FileProblem, Outcome, Passage, Recommendation, Report
from reformqa.models import export_encoder, export_reranker, find_model, fingerprint
from reformqa.parsing import PARSER_VERSION, known_as
from reformqa.passages import make_passages
from reformqa.recommendations import find_recommendations
from reformqa.restatements import group_restatements
from reformqa.settings import EncoderSettings, ReadingSettings, Settings
from reformqa.workers import Job, Progress, read_all

#: How many builds are kept, the one being served included.
KEEP = 3

#: A build and its manifest, or None.
_Before = tuple[Build, dict[str, Any]] | None


def rebuild(
    corpus: Path,
    index: Path,
    *,
    catalogue: Path | None = None,
    settings: Settings = Settings(),
    force: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> Outcome:
    """Bring `index` up to date with `corpus`; do nothing where it already is.

    A file that cannot be read is recorded in the build and left out; the others go in.
    The build being served stays as it is until the new one is whole.
    Raises CorpusError where the corpus is missing or none of its files can be read.
    """
    if index.is_file():
        raise MissingIndexError(f"{index} is a file. Name a folder for the index with --index.")
    found = read_corpus(corpus, catalogue)
    models = _models(settings.encoder)
    facts = _facts(found, settings, models)
    before = _before(index)
    same = before and {k: before[1].get(k) for k in facts} == facts
    if before and same and not force and is_whole(builds.served(index)):
        return Outcome(before[0], changed=False)
    with ThreadPoolExecutor(1) as beside:
        # Files are read in processes of their own: this one has time to import torch.
        exported = beside.submit(_exported, index / "cache" / "models", models)
        reports, problems, skipped = _read(found, settings.reading, progress)
    if not reports:
        reasons = "; ".join(f"{p.file}: {p.reason}" for p in problems)
        raise CorpusError(f"None of the files in {corpus} can be read. {reasons}")
    left_out = (problems, skipped)
    without = [p.file for p in (*problems, *skipped)]
    changes = tell_changes(before, facts, without, forced=force)
    build = _build(index, reports, settings, left_out, changes, exported.result(), facts, progress)
    told = (_other_models(before, facts), _other_calibration(facts))
    return Outcome(build, changed=True, reason=" ".join(filter(None, told)) or None)


def _models(settings: EncoderSettings) -> dict[str, dict[str, str]]:
    """The models that are set, each with its name and the digest of its files."""
    names = {"encoder": settings.model, "reranker": settings.reranker}
    return {
        role: {"name": name, "digest": fingerprint(find_model(name))}
        for role, name in names.items()
        if name
    }


def _other_models(before: _Before, facts: dict[str, Any]) -> str | None:
    """What to say where the build served was made with other models."""
    models = before[1].get("models") if before else None
    if models is None or models == facts["models"]:
        return None
    names = " and ".join(m["name"] for m in models.values())
    now = " and ".join(m["name"] for m in facts["models"].values())
    if names == now:
        now += " with other files"
    return f"The index was built with {names}; set is {now}. Everything is encoded anew."


def _other_calibration(facts: dict[str, Any]) -> str | None:
    """What to say where the calibration was fitted with another encoder."""
    fitted, now = facts["calibration"]["model"], facts["models"]["encoder"]["name"]
    if fitted == now:
        return None
    return (
        f"When to answer was fitted with {fitted}, not with {now}: fit it with `reformqa evaluate"
        " --calibrate` and name the file in the setting answer.calibration."
    )


def _facts(corpus: Corpus, settings: Settings, models: dict[str, dict[str, str]]) -> dict[str, Any]:
    """What the build depends on; where all of it is as before, so is the build."""
    return {
        "models": models,
        "parser": PARSER_VERSION,
        "settings": settings.index_fingerprint(),
        "calibration": _calibration(settings).model_dump(mode="json"),
        "sources": {s.path.name: s.sha256 for s in corpus.sources},
        "left_out": [p.file for p in corpus.left_out],
        "catalogue": {
            name: dataclasses.asdict(entry.facts)
            | {"authors": list(entry.facts.authors), "note_on": entry.note_on}
            for name, entry in corpus.catalogue.items()
        },
    }


def _calibration(settings: Settings) -> Calibration:
    own = settings.answer.calibration
    return load_calibration(Path(own) if own else None)


def _before(index: Path) -> _Before:
    """The build being served and its manifest, where there is one that can be read."""
    try:
        folder = builds.served(index)
        manifest = read_manifest(folder)
        return builds.described(folder, manifest), manifest
    except (MissingIndexError, DamagedIndexError):
        return None


def _read(
    corpus: Corpus, limits: ReadingSettings, progress: Progress
) -> tuple[list[Report], list[FileProblem], list[FileProblem]]:
    jobs = [Job(s.path, s.report_id) for s in corpus.sources]
    results = {job.report_id: result for job, result in read_all(jobs, limits, progress)}
    problems = [r for r in results.values() if isinstance(r, FileProblem)]
    reports: dict[str, Report] = {}
    for name, result in results.items():
        if isinstance(result, Report):
            entry = corpus.entry(name, result.title)
            if entry:  # known by its id or, whatever its file is called, by its title
                result = dataclasses.replace(known_as(result, entry.facts), note_on=entry.note_on)
            reports[name] = result
    skipped = list(corpus.left_out)
    for note, subject in list(_replaced(reports, corpus)):
        skipped.append(FileProblem(reports.pop(note).source, f"the report itself is in: {subject}"))
    return list(reports.values()), problems, skipped


def _replaced(reports: dict[str, Report], corpus: Corpus) -> Iterator[tuple[str, str]]:
    """Reading notes whose report is in the corpus, under whatever file name."""
    present = {}
    for report in reports.values():
        entry = corpus.entry(report.id, report.title)
        if entry and not report.note_on:
            present[entry.report_id] = report.id
    for report in reports.values():
        if report.note_on in present:
            yield report.id, present[report.note_on]


def _build(
    index: Path,
    reports: Sequence[Report],
    settings: Settings,
    left_out: tuple[Sequence[FileProblem], Sequence[FileProblem]],
    changes: Changes,
    models: dict[Any, Path],
    facts: dict[str, Any],
    progress: Progress,
) -> Build:
    recommendations: list[Recommendation] = []
    passages: list[Passage] = []
    for report in reports:
        found = find_recommendations(report)
        recommendations += found
        passages += make_passages(report, found, settings.passages)
    if not passages:
        raise CorpusError("The corpus holds no paragraph to search. Put reports in.")
    now = datetime.now(UTC)
    build = Build(
        id=builds.new_id(now),
        made=now.isoformat(timespec="seconds"),
        model=settings.encoder.model,
        reports=len(reports),
        paragraphs=sum(len(r.paragraphs) for r in reports),
        passages=len(passages),
        recommendations=len(recommendations),
        problems=tuple(left_out[0]),
        skipped=tuple(left_out[1]),
        changes=changes,
    )
    statements = _statements(reports, passages, recommendations)
    contents = snapshot.Contents(reports, recommendations, passages, statements)
    snapshot.write(
        index, build, contents, models, facts, lambda done, of: progress("encoding", done, of)
    )
    builds.publish(index, build.id)
    builds.prune(index, KEEP)
    return build


def _statements(
    reports: Sequence[Report],
    passages: Sequence[Passage],
    recommendations: Sequence[Recommendation],
) -> list[int]:
    """A number for each passage, equal where paragraphs state the same."""
    searched = {p.paragraph_id for p in passages}
    paragraphs = [p for r in reports for p in r.paragraphs if p.id in searched]
    groups = group_restatements(paragraphs, recommendations)
    of = {p.id: group for p, group in zip(paragraphs, groups, strict=True)}
    return [of[p.paragraph_id] for p in passages]


def _exported(cache: Path, models: dict[str, dict[str, str]]) -> dict[Any, Path]:
    """The folder of each model's export; made where the cache has none of its digest, or harmed.

    Exports of models that are set no more are removed: builds that use one hold its files.
    """
    folders: dict[Any, Path] = {}
    export = {"encoder": export_encoder, "reranker": export_reranker}
    for role, model in models.items():
        folders[role] = cache / f"{role}-{model['digest'][:16]}"
        if not is_whole(folders[role]):
            shutil.rmtree(folders[role], ignore_errors=True)
            aside = cache / f".{folders[role].name}.{secrets.token_hex(3)}"
            try:
                export[role](model["name"], aside)
                write_manifest(aside, {"build": None})
                aside.rename(folders[role])
            finally:
                shutil.rmtree(aside, ignore_errors=True)
    for old in set(cache.iterdir()) - set(folders.values()):
        shutil.rmtree(old)
    return folders
