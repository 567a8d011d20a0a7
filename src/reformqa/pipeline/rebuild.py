"""Bring an index up to date: collect, encode what is new, write a version, check and publish it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reformqa.errors import (
    CorpusError,
    DamagedIndexError,
    GateError,
    MissingIndexError,
    StrictError,
)
from reformqa.evaluation.history import Score
from reformqa.evaluation.metrics import read_questions
from reformqa.ingest.claiming import claim
from reformqa.ingest.collect import Collected, collect
from reformqa.ingest.corpus import read_corpus
from reformqa.ingest.folder import QUESTIONS
from reformqa.ingest.parse_cache import ParsedReports
from reformqa.model import Build, FileProblem, Progress, RebuildResult
from reformqa.models.base import Execution
from reformqa.models.cache import VectorCache
from reformqa.models.onnx import open_encoder, token_role
from reformqa.models.registry import encoders_named
from reformqa.models.token_reduction import Reduction, piece_factors
from reformqa.pipeline.checks import check_losses, check_probes, check_questions, check_whole
from reformqa.pipeline.contents import Contents, make_contents, texts_of, write_contents
from reformqa.pipeline.diff import Made, compare_builds
from reformqa.pipeline.executors.base import Executor
from reformqa.pipeline.executors.chosen import open_executor
from reformqa.pipeline.exported import exported_models
from reformqa.pipeline.facts import (
    catalogue_of,
    digest_models,
    handed_in_notes,
    make_facts,
    model_names,
    model_note,
    tuning_note,
)
from reformqa.pipeline.leaving import lately_served, note_leaving
from reformqa.pipeline.rollback import rolled_back
from reformqa.pipeline.runs import Recorder, recorded
from reformqa.settings import Settings
from reformqa.storage.base import IndexVersion, Store, StoreWriter
from reformqa.storage.chosen import open_writer
from reformqa.storage.files.builds import new_id
from reformqa.storage.files.lock import only_writer, told_plainly
from reformqa.text.acronyms import FACT
from reformqa.tuning import Tuning

#: The steps of a rebuild, in order, as `progress` names them.
STEPS = ("listing", "reading", "encoding", "checking", "publishing", "clearing")


@dataclasses.dataclass(frozen=True, slots=True)
class _Asked:
    """The arguments of a rebuild."""

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
    """Bring `index` up to date with `corpus`; do nothing if it already is.

    Unchanged files are neither read nor encoded again, and the result equals a build from nothing.
    The present build stays in use until the new one is complete and has passed its checks. If a
    file cannot be read, its last good version is kept, or it is left out; the build names it. With
    `strict` it fails the run instead. With `accept_losses`, builds and reports are accepted
    however much they have lost. `force` builds even if nothing has changed, and writes all files
    anew. The index has a record of every run (see pipeline/runs.py).
    Raises CorpusError if the corpus is missing or none of its files can be read, EncoderError if a
    model is missing, SettingsError if the calibration does not fit the model, ClusterError if the
    cluster that the settings name cannot be used, BusyIndexError if another process writes to the
    index, UnwritableIndexError, GateError if the new build fails its
    checks, and StrictError.
    """
    if index.is_file():
        raise MissingIndexError(f"{index} is a file. Name a folder for the index with --index.")
    asked = _Asked(corpus, index, catalogue, settings, force, strict, accept_losses)
    with (
        only_writer(index) as lock,
        recorded(index, progress) as run,
        told_plainly(index),
        open_executor(settings) as executor,
        open_writer(index, settings.storage, lock, afresh=force) as writer,
    ):
        return _rebuild(asked, run, writer, executor)


def _rebuild(
    asked: _Asked, run: Recorder, writer: StoreWriter, executor: Executor
) -> RebuildResult:
    index, settings = asked.index, asked.settings
    run.begin("listing")
    writer.clear()
    before, damage = _before(writer)
    known = catalogue_of(before.version.facts) if before else None
    uploads = _claimed(asked)
    corpus = read_corpus(asked.corpus, asked.catalogue, known)
    models = digest_models(settings.encoder)
    facts = make_facts(corpus, settings, models)
    other_tuning = tuning_note(facts, settings)
    if held := _nothing_to_do(asked, run, before, facts, damage, uploads):
        return held
    run.begin("reading")
    with ThreadPoolExecutor(1) as beside:
        # Files are read in other processes, so this one has time to import torch.
        exports = beside.submit(exported_models, index / "cache" / "models", models)
        parsed = ParsedReports(
            index / "cache" / "parsed", ocr=settings.reading.ocr, passages=settings.passages
        )
        collected = collect(
            corpus,
            parsed,
            before,
            settings.reading,
            accept_losses=asked.accept_losses,
            progress=run.progress,
            read=executor.read,
        )
    run.note(problems=collected.problems, skipped=collected.skipped)
    _refuse_problems(asked, collected.problems)
    facts |= {"sources": dict(collected.sources)}
    notes = (*uploads, *filter(None, (damage, model_note(before, facts), other_tuning)))
    notes += tuple(handed_in_notes(collected.infos.values(), corpus.catalogue))
    run.note(notes=notes)
    result = _build(asked, run, writer, executor, collected, before, exports.result(), facts)
    parsed.keep_only(collected.read)
    return dataclasses.replace(result, notes=notes)


def _claimed(asked: _Asked) -> tuple[str, ...]:
    """Take in what was uploaded, if that waits elsewhere, and return what to say of it."""
    if not asked.settings.app.upload_folder or not asked.corpus.is_dir():
        return ()
    uploads = claim(asked.corpus, asked.settings.app.upload_folder)
    came = f"Uploads taken in: {', '.join(uploads.files)}." if uploads.files else None
    return tuple(filter(None, (came, *uploads.faults)))


def _nothing_to_do(
    asked: _Asked,
    run: Recorder,
    before: Store | None,
    facts: dict[str, Any],
    damage: str | None,
    notes: tuple[str, ...],
) -> RebuildResult | None:
    """Return a result if the served build is up to date, or the next one was rolled back."""
    if before is None or asked.force:
        return None
    build = before.version.build
    same = {k: before.version.facts.get(k) for k in facts} == facts
    accepts = asked.accept_losses and any(p.kept for p in build.problems)
    if same and not damage and not accepts:
        run.note(build=build, problems=build.problems, skipped=build.skipped, notes=notes)
        _refuse_problems(asked, build.problems)
        return RebuildResult(build, changed=False, notes=notes)
    if held := rolled_back(asked.index, facts):
        run.note(build=build, notes=(*notes, held))
        return RebuildResult(build, changed=False, notes=(*notes, held))
    return None


def _build(
    asked: _Asked,
    run: Recorder,
    writer: StoreWriter,
    executor: Executor,
    collected: Collected,
    before: Store | None,
    models: dict[str, Path],
    facts: dict[str, Any],
) -> RebuildResult:
    index, settings = asked.index, asked.settings
    contents = make_contents(collected, index / "cache")
    if not contents.passages:
        raise CorpusError("The corpus has no paragraph to search. Add reports to it.")
    build_id = new_id(writer.versions(), datetime.now(UTC))
    build = _describe(asked, build_id, collected, contents, before, facts)
    vectors = index / "cache" / "vectors"
    execution = Execution(settings.encoder.provider, settings.encoder.threads)
    encoder = open_encoder(models, side_by_side=True, execution=execution)
    digest = encoder.digest[:16]
    tuning = Tuning.model_validate(facts["tuning"])
    factors = piece_factors(encoder, tuning.search.stop_words)
    with (
        VectorCache(
            vectors / f"{digest}.sqlite", encoder, Reduction.load(models[token_role(models)])
        ) as cache,
        writer.begin(build.id, piece_factors=factors) as draft,
    ):
        run.begin("encoding")
        draft.keep_models(models)
        texts = texts_of(collected)
        executor.encode(cache, models, texts, settings.encoder, run.progress)
        write_contents(draft, collected, contents, cache, run.progress)
        run.note(encoded=cache.encoded)
        run.begin("checking")
        _check(
            asked,
            run,
            draft.seal(IndexVersion(build, facts | {FACT: contents.acronyms})),
            before,
            collected,
        )
        run.begin("publishing")
        _note_leaving(index, writer)
        draft.publish()
        run.note(build=build, changes=build.changes)
        run.begin("clearing")
        spared = lately_served(index, settings.rebuild.grace_hours)
        writer.prune(settings.rebuild.keep, spared)
        cache.keep_used()
        for other in vectors.glob("*"):
            if not other.name.startswith(digest):
                other.unlink()
        return RebuildResult(build, changed=True, encoded=cache.encoded)


def _note_leaving(index: Path, writer: StoreWriter) -> None:
    with suppress(MissingIndexError):  # this is the first build
        note_leaving(index, writer.served(), writer.versions())


def _describe(
    asked: _Asked,
    build_id: str,
    collected: Collected,
    contents: Contents,
    before: Store | None,
    facts: dict[str, Any],
) -> Build:
    made = Made(build_id, collected.infos, facts)
    then = Made(before.version.id, before.reports(), before.version.facts) if before else None
    return Build(
        id=build_id,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        model=encoders_named(model_names(facts["models"])),
        reports=len(collected.infos),
        paragraphs=contents.paragraphs,
        passages=contents.passages,
        recommendations=contents.recommendations,
        problems=collected.problems,
        skipped=collected.skipped,
        changes=compare_builds(then, made, forced=asked.force),
    )


def _check(
    asked: _Asked, run: Recorder, build: Store, before: Store | None, collected: Collected
) -> None:
    """Check a build before it is served. Raises GateError, which names every fault."""
    settings = asked.settings
    faults = list(check_whole(build, collected))
    if not faults:
        faults += check_probes(build)
        losses = list(check_losses(build, before, settings.rebuild)) if before else []
        questions = asked.corpus / QUESTIONS
        if questions.is_file():
            now, then, forgotten = check_questions(
                build, before, read_questions([questions]), settings
            )
            losses += forgotten
            run.note(score=Score.of(now, build.version.id, [questions]))
            if before and then:
                run.note(score_before=Score.of(then, before.version.id, [questions]))
        if not asked.accept_losses:
            faults += losses
    if faults:
        raise GateError(f"The new build is not served. {' '.join(faults)}")


def _refuse_problems(asked: _Asked, problems: Sequence[FileProblem]) -> None:
    if asked.strict and problems:
        listed = "; ".join(f"{p.file}: {p.reason}" for p in problems)
        raise StrictError(f"Files cannot be read, and --strict is set. {listed}")


def _before(writer: StoreWriter) -> tuple[Store | None, str | None]:
    """Return the version being served, or the newest intact one, and what is damaged, if any is."""
    try:
        served = writer.served()
    except MissingIndexError:
        return None, None
    damage = None
    for version_id in dict.fromkeys([served, *writer.versions()]):
        try:
            store = writer.open(version_id)
            store.verify()
        except DamagedIndexError as error:
            damage = damage or str(error)
        else:
            return store, damage
    return None, damage
