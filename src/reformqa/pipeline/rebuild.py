"""Make the index from the corpus: gather, encode what is new, write aside, check, publish."""

from __future__ import annotations

import dataclasses
import secrets
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reformqa.answering.calibration import Calibration, load_calibration
from reformqa.errors import (
    CorpusError,
    DamagedIndexError,
    GateError,
    MissingIndexError,
    StrictError,
)
from reformqa.evaluation.history import Score
from reformqa.evaluation.metrics import read_questions
from reformqa.ingest.collect import Gathered, gather
from reformqa.ingest.corpus import QUESTIONS, Corpus, Entry, read_corpus
from reformqa.ingest.duplicates import group_restatements
from reformqa.ingest.parse_cache import ParsedReports
from reformqa.ingest.passages import make_passages
from reformqa.model import (
    Build,
    FileProblem,
    Metadata,
    Passage,
    Progress,
    RebuildResult,
    Recommendation,
)
from reformqa.models.cache import VectorStore
from reformqa.models.export import export_encoder, export_reranker, find_model, fingerprint
from reformqa.models.onnx import Encoder
from reformqa.parsing import PARSER_VERSION
from reformqa.pipeline.checks import (
    check_losses,
    check_probes,
    check_questions,
    check_whole,
)
from reformqa.pipeline.diff import Made, tell_changes
from reformqa.pipeline.rollback import rolled_back
from reformqa.pipeline.runs import Recorder, recorded
from reformqa.recommendations.finding import find_recommendations
from reformqa.settings import EncoderSettings, Settings
from reformqa.storage.files import builds
from reformqa.storage.files.lock import only_writer, told_plainly
from reformqa.storage.files.manifest import is_whole, write_manifest
from reformqa.storage.files.store import Contents, Snapshot, encoded_texts
from reformqa.storage.files.store import write as write_build

#: The steps of a rebuild, in order, as `progress` names them.
STEPS = ("listing", "reading", "encoding", "checking", "admitting", "publishing", "clearing")


@dataclasses.dataclass(frozen=True, slots=True)
class _Asked:
    """What a rebuild was asked for."""

    corpus: Path
    index: Path
    catalogue: Path | None
    settings: Settings
    force: bool
    strict: bool
    accept_losses: bool


def rebuild(
    corpus: Path,
    index: Path,
    *,
    catalogue: Path | None = None,
    settings: Settings = Settings(),
    force: bool = False,
    strict: bool = False,
    accept_losses: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> RebuildResult:
    """Bring `index` up to date with `corpus`; do nothing where it already is.

    What is as it was is neither read nor encoded again, and what comes of it is equal to a build
    from nothing. The build being served stays as it is until the new one is whole and has passed
    its gates. A file that cannot be read keeps its last good version, or is left out, and is
    named; with `strict` it fails the run. With `accept_losses`, builds and reports are taken
    however much they have lost. `force` builds even if nothing has changed.
    Whatever comes of it is on record in the index (see runs.py).
    Raises CorpusError where the corpus is missing or none of its files can be read,
    BusyIndexError, UnwritableIndexError, GateError, StrictError.
    """
    if index.is_file():
        raise MissingIndexError(f"{index} is a file. Name a folder for the index with --index.")
    asked = _Asked(corpus, index, catalogue, settings, force, strict, accept_losses)
    with only_writer(index), recorded(index, progress) as run, told_plainly(index):
        return _rebuilt(asked, run)


def _rebuilt(asked: _Asked, run: Recorder) -> RebuildResult:
    index, settings = asked.index, asked.settings
    run.begin("listing")
    builds.clear(index)
    before, harm = _before(index)
    corpus = read_corpus(asked.corpus, asked.catalogue, _known(before))
    models = _models(settings.encoder)
    facts = _facts(corpus, settings, models)
    same = before and {k: before.manifest.get(k) for k in facts} == facts
    accepts = asked.accept_losses and before and any(p.kept for p in before.build.problems)
    if before and same and not harm and not asked.force and not accepts:
        run.note(build=before.build, problems=before.build.problems)
        run.note(skipped=before.build.skipped)
        _refuse_problems(asked, before.build.problems)
        return RebuildResult(before.build, changed=False)
    if not asked.force and (held := rolled_back(index, facts)) and before:
        run.note(build=before.build, notes=(held,))
        return RebuildResult(before.build, changed=False, notes=(held,))
    run.begin("reading")
    with ThreadPoolExecutor(1) as beside:
        # Files are read in processes of their own: this one has time to import torch.
        exported = beside.submit(_exported, index / "cache" / "models", models)
        parsed = ParsedReports(index / "cache" / "parsed", ocr=settings.reading.ocr)
        gathered = gather(
            corpus,
            parsed,
            before,
            settings.reading,
            accept_losses=asked.accept_losses,
            progress=run.progress,
        )
    run.note(problems=gathered.problems, skipped=gathered.skipped)
    _refuse_problems(asked, gathered.problems)
    facts |= {"sources": dict(gathered.sources)}
    told = (harm, _other_models(before, facts), _other_calibration(facts))
    notes = tuple(filter(None, told))
    run.note(notes=notes)
    outcome = _build(asked, run, gathered, before, exported.result(), facts)
    parsed.keep_only(gathered.read)
    return dataclasses.replace(outcome, notes=notes)


def _build(
    asked: _Asked,
    run: Recorder,
    gathered: Gathered,
    before: Snapshot | None,
    models: dict[Any, Path],
    facts: dict[str, Any],
) -> RebuildResult:
    index, settings = asked.index, asked.settings
    contents, paragraphs = _contents(gathered, settings)
    now = datetime.now(UTC)
    name = builds.new_id(index, now)
    made = Made(name, gathered.headers, facts)
    changes = tell_changes(_made(before) if before else None, made, forced=asked.force)
    build = Build(
        id=name,
        made=now.isoformat(timespec="seconds"),
        model=settings.encoder.model,
        reports=len(gathered.headers),
        paragraphs=paragraphs,
        passages=len(contents.passages),
        recommendations=len(contents.recommendations),
        problems=gathered.problems,
        skipped=gathered.skipped,
        changes=changes,
    )
    digest = facts["models"]["encoder"]["digest"][:16]
    vectors = index / "cache" / "vectors"
    encoder = Encoder(models["encoder"], side_by_side=True)
    with (
        VectorStore(vectors / f"{digest}.sqlite", encoder) as store,
        builds.written_aside(index, name) as aside,
    ):
        run.begin("encoding")
        write_build(
            aside,
            build,
            contents,
            models,
            store,
            facts,
            lambda done, of: run.progress("encoding", done, of),
        )
        run.note(encoded=store.encoded)
        run.begin("checking")
        _check(asked, run, Snapshot(index, aside.name), before, gathered)
        run.begin("admitting")
        builds.admit(index, aside, name)
        run.begin("publishing")
        builds.publish(index, name)
        run.note(build=build, changes=changes)
        run.begin("clearing")
        builds.prune(index, settings.rebuild.keep)
        store.keep_only(encoded_texts(contents))
        for other in vectors.glob("*"):
            if not other.name.startswith(digest):
                other.unlink()
        return RebuildResult(build, changed=True, encoded=store.encoded)


def _contents(gathered: Gathered, settings: Settings) -> tuple[Contents, int]:
    """What the build holds, and how many paragraphs; one report is in memory at a time."""
    recommendations: list[Recommendation] = []
    passages: list[Passage] = []
    searched: dict[str, str] = {}
    paragraphs = 0
    for report in gathered:
        found = find_recommendations(report)
        recommendations += found
        own = make_passages(report, found, settings.passages)
        passages += own
        wanted = {p.paragraph_id for p in own}
        searched |= {p.id: p.text for p in report.paragraphs if p.id in wanted}
        paragraphs += len(report.paragraphs)
    if not passages:
        raise CorpusError("The corpus holds no paragraph to search. Put reports in.")
    statement = group_restatements(searched, recommendations)
    statements = [statement[p.paragraph_id] for p in passages]
    return Contents(gathered, recommendations, passages, statements), paragraphs


def _check(
    asked: _Asked, run: Recorder, build: Snapshot, before: Snapshot | None, gathered: Gathered
) -> None:
    """Let a build through its gates. Raises GateError, with every fault."""
    settings = asked.settings
    faults = list(check_whole(build, gathered))
    if not faults:
        faults += check_probes(build)
        losses = list(check_losses(build, before, settings.rebuild)) if before else []
        questions = asked.corpus / QUESTIONS
        if questions.is_file():
            now, then, forgotten = check_questions(
                build, before, read_questions([questions]), settings
            )
            losses += forgotten
            run.note(score=Score.of(now, build.build.id, [questions]))
            if before and then:
                run.note(score_before=Score.of(then, before.build.id, [questions]))
        if not asked.accept_losses:
            faults += losses
    if faults:
        raise GateError(f"The new build is not served. {' '.join(faults)}")


def _refuse_problems(asked: _Asked, problems: Sequence[FileProblem]) -> None:
    if asked.strict and problems:
        told = "; ".join(f"{p.file}: {p.reason}" for p in problems)
        raise StrictError(f"Files cannot be read, and --strict was asked for. {told}")


def _before(index: Path) -> tuple[Snapshot | None, str | None]:
    """The build being served, or the newest other one where that is harmed; what to say of it."""
    try:
        names = [builds.served(index).name]
    except MissingIndexError:
        return None, None
    names += [b.id for b in builds.list_builds(index) if b.id not in names]
    harm = None
    for name in names:
        try:
            build = Snapshot(index, name)
            build.verify()
        except DamagedIndexError as error:
            harm = harm or str(error)
        else:
            return build, harm
    return None, harm


def _made(build: Snapshot) -> Made:
    return Made(build.build.id, build.reports, build.manifest)


def _known(before: Snapshot | None) -> dict[str, Entry] | None:
    """The catalogue as the build before knew it."""
    if before is None:
        return None
    known = {}
    for name, told in before.manifest["catalogue"].items():
        facts = {k: v for k, v in told.items() if k != "note_on"}
        facts["authors"] = tuple(facts["authors"])
        known[name] = Entry(name, Metadata(**facts), told["note_on"])
    return known


def _models(settings: EncoderSettings) -> dict[str, dict[str, str]]:
    """The models that are set, each with its name and the digest of its files."""
    names = {"encoder": settings.model, "reranker": settings.reranker}
    return {
        role: {"name": name, "digest": fingerprint(find_model(name))}
        for role, name in names.items()
        if name
    }


def _other_models(before: Snapshot | None, facts: dict[str, Any]) -> str | None:
    """What to say where the build served was made with other models."""
    models = before.manifest.get("models") if before else None
    if models is None or models == facts["models"]:
        return None
    names = " and ".join(m["name"] for m in models.values())
    now = " and ".join(m["name"] for m in facts["models"].values())
    if names == now:
        now += " with other files"
    return f"The index was built with {names}; set is {now}."


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
        "left_out": [[p.file, p.reason] for p in (*corpus.left_out, *corpus.problems)],
        "catalogue": {
            name: dataclasses.asdict(entry.facts)
            | {"authors": list(entry.facts.authors), "note_on": entry.note_on}
            for name, entry in corpus.catalogue.items()
        },
    }


def _calibration(settings: Settings) -> Calibration:
    own = settings.answer.calibration
    return load_calibration(Path(own) if own else None)


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
