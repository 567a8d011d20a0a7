"""Builds that the checks refuse: incomplete, with large losses, or not finding their own text."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from reformqa import Library, Settings
from reformqa.errors import EvaluationFileError, GateError
from reformqa.evaluation.metrics import read_questions
from reformqa.ingest.collect import Collected, collect
from reformqa.ingest.corpus import read_corpus
from reformqa.ingest.parse_cache import ParsedReports
from reformqa.model import Recommendation, Report
from reformqa.pipeline.checks import (
    FEW,
    check_losses,
    check_probes,
    check_questions,
    check_whole,
)
from reformqa.pipeline.runs import last_run
from reformqa.settings import ReadingSettings, RebuildSettings
from reformqa.storage.files.manifest import MANIFEST, write_manifest
from reformqa.storage.files.store import FilesStore
from support.makers import contents, newest_segment, opened, paragraph, report
from support.models import small_models
from support.nights import long_report, make_corpus, night, settings, word

OTHER = "20300101-000000-00ff00"
GUARD = RebuildSettings()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two short reports and a long one. Treat it as read-only."""
    folder = make_corpus(tmp_path_factory.mktemp("gates") / "corpus")
    (folder / "long.md").write_text(long_report(80), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def index(corpus: Path) -> Path:
    """Its index. Treat it as read-only."""
    night(corpus, corpus.parent / "index")
    return corpus.parent / "index"


@pytest.fixture(scope="module")
def collected(corpus: Path) -> Collected:
    """What the build of that index was made of."""
    parsed = ParsedReports(corpus.parent / "parsed", ocr=False)
    return collect(read_corpus(corpus), parsed, None, ReadingSettings())


def tampered(index: Path, aside: Path, change: Callable[[Path], None]) -> FilesStore:
    """Copy the served build and change it, with a manifest as if it had been written like that."""
    build = FilesStore(index)
    folder = aside / "builds" / OTHER
    shutil.copytree(index / "builds" / build.version.id, folder)
    change(folder)
    (folder / MANIFEST).unlink()
    version = build.version
    write_manifest(folder, {"build": dataclasses.asdict(version.build), **version.facts})
    return FilesStore(aside, OTHER)


def statement(*statements: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with (
            closing(sqlite3.connect(newest_segment(folder) / "library.sqlite")) as database,
            database,
        ):
            for sql in statements:
                database.execute(sql)

    return change


def shortened(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        array = np.load(folder / name)
        np.save(folder / name, array[:-1])

    return change


def test_a_good_build_is_let_through(index: Path, collected: Collected):
    build = FilesStore(index)
    assert list(check_whole(build, collected)) == []
    assert list(check_losses(build, build, GUARD)) == []
    assert list(check_probes(build)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (statement("DELETE FROM passages WHERE n = 0"), "passages but"),
        (statement("DELETE FROM paragraphs WHERE number = 3"), "paragraphs and should have"),
        (
            statement("DELETE FROM recommendations"),
            "its recommendations do not match their vectors",
        ),
        (shortened("recommendations.npy"), "its recommendations do not match their vectors"),
        (shortened("statements.npy"), "passages but"),
        (statement("DELETE FROM reports WHERE id = 'trams'"), "not those of the corpus: trams"),
        (
            statement("DELETE FROM reports WHERE id = 'trams'"),
            "neither in the build nor named: trams.txt",
        ),
        (statement("UPDATE reports SET id = 'x' || id"), "library.sqlite is altered"),
    ],
)
def test_a_build_that_is_not_whole_is_refused(
    index: Path, collected: Collected, tmp_path: Path, change, said: str
):
    faults = list(check_whole(tampered(index, tmp_path, change), collected))
    assert any(said in fault for fault in faults), faults


@pytest.mark.parametrize("pattern", ["lexical*", "dense*", "late*"])
def test_a_leg_of_other_passages_is_refused(
    corpus: Path, index: Path, collected: Collected, tmp_path: Path, pattern: str
):
    fewer = tmp_path / "fewer"
    shutil.copytree(corpus, fewer)
    (fewer / "bread.md").unlink()
    night(fewer, tmp_path / "index")
    other = FilesStore(tmp_path / "index")
    source = tmp_path / "index" / "builds" / other.version.id
    build = tampered(index, tmp_path / "aside", leg_of(source, pattern))
    faults = list(check_whole(build, collected))
    assert any("passages but" in fault for fault in faults), faults


def leg_of(source: Path, pattern: str) -> Callable[[Path], None]:
    """Puts the leg of another build in."""

    def change(folder: Path) -> None:
        for file in [*source.glob(pattern), *newest_segment(source).glob(pattern)]:
            (own,) = folder.rglob(file.name)
            own.unlink()
            shutil.copy2(file, own)

    return change


def test_a_build_harmed_since_it_was_written_is_refused(
    index: Path, collected: Collected, tmp_path: Path
):
    build = tampered(index, tmp_path, lambda folder: None)
    file = newest_segment(tmp_path / "builds" / OTHER) / "late.tokens.i8"
    file.write_bytes(file.read_bytes()[::-1])
    (fault,) = check_whole(build, collected)
    assert "late.tokens.i8 is altered" in fault


def test_a_file_that_is_neither_in_nor_named_is_a_fault(index: Path, collected: Collected):
    lost = dataclasses.replace(collected, sources={**collected.sources, "lost.pdf": "0"})
    (fault,) = check_whole(FilesStore(index), lost)
    assert fault == "Files of the corpus are neither in the build nor named: lost.pdf."


@pytest.fixture
def shuffled(index: Path, tmp_path: Path) -> Callable[[str], FilesStore]:
    """The build with a leg whose rows are those of the passages in reverse."""
    build = FilesStore(index)
    rows = sum(build.counts("passages").values())
    passages = build.sample(rows)
    reports = [build.report(r) for r in build.reports()][::-1]
    held = dataclasses.replace(contents(reports), passages=passages[::-1], statements=range(rows))
    opened(tmp_path / "reversed", held, small_models())
    source = tmp_path / "reversed" / "builds" / FilesStore(tmp_path / "reversed").version.id
    return lambda pattern: tampered(index, tmp_path / "aside", leg_of(source, pattern))


@pytest.mark.parametrize(
    ("pattern", "leg"),
    [("lexical*", "BM25"), ("dense*", "embedding"), ("late*", "late interaction")],
)
def test_a_leg_whose_rows_are_those_of_others_is_refused(
    shuffled: Callable[[str], FilesStore], pattern: str, leg: str
):
    (fault,) = check_probes(shuffled(pattern))
    assert fault.startswith(f"The {leg} entry of passage ")
    assert "is not its own" in fault


def made(name: str, paragraphs: int, sha256: str = "0" * 64) -> Report:
    """A report of so many paragraphs of its own."""
    texts = (
        f"The oven of {word(n)} is lit by {name} at {word(n + 99)}." for n in range(paragraphs)
    )
    return report(
        *(
            paragraph(text, id=f"{name}-{n}", report_id=name, number=n)
            for n, text in enumerate(texts, start=1)
        ),
        id=name,
        source=f"{name}.txt",
        sha256=sha256,
    )


def built(index: Path, *reports: Report, stated: int = 0) -> FilesStore:
    """A build of those reports, the first of which states so many recommendations."""
    first = reports[0]
    found = [
        Recommendation(f"r-{n}", first.id, str(n), p.text, (), (), p.id)
        for n, p in enumerate(first.paragraphs[:stated])
    ]
    return opened(index, contents(reports, found), small_models())


@pytest.mark.parametrize(
    ("had", "has", "refused"), [(100, 85, True), (100, 91, False), (30, 20, False), (30, 19, True)]
)
def test_the_same_files_may_not_read_as_much_less(
    tmp_path: Path, had: int, has: int, refused: bool
):
    """As they may by another version of the parser."""
    before, now = built(tmp_path / "a", made("x", had)), built(tmp_path / "b", made("x", has))
    faults = list(check_losses(now, before, GUARD))
    told = [
        f"Unchanged files now yield {has} {what} instead of {had}."
        for what in ("paragraphs", "passages")
    ]
    assert [f[: len(t)] for f, t in zip(faults, told, strict=False)] == (told if refused else [])
    assert all("--accept-losses" in fault for fault in faults)
    assert list(check_losses(before, now, GUARD)) == []  # more is no loss


def test_recommendations_lost_by_the_same_files_are_told(tmp_path: Path):
    before = built(tmp_path / "a", made("x", 40), stated=30)
    now = built(tmp_path / "b", made("x", 40), stated=2)
    (fault,) = check_losses(now, before, GUARD)
    assert fault.startswith("Unchanged files now yield 2 recommendations instead of 30.")
    lenient = RebuildSettings(most_lost=1)
    assert list(check_losses(now, before, lenient)) == []


def test_a_file_that_is_another_may_be_shorter(tmp_path: Path):
    before = built(tmp_path / "a", made("x", 100))
    now = built(tmp_path / "b", made("x", 20, sha256="1" * 64))
    assert list(check_losses(now, before, GUARD)) == []


def shelf(count: int, first: int = 0, prefix: str = "r") -> list[Report]:
    return [made(f"{prefix}{n:02}", 1, f"{n:064}") for n in range(first, first + count)]


def test_most_reports_may_not_vanish_at_once(tmp_path: Path):
    before = built(tmp_path / "a", *shelf(2 * FEW))
    (fault,) = check_losses(built(tmp_path / "b", *shelf(FEW - 1)), before, GUARD)
    assert fault.startswith(f"{FEW + 1} of {2 * FEW} reports are gone from the corpus: r09, r10")
    assert "--accept-losses" in fault
    half = built(tmp_path / "c", *shelf(FEW))
    assert list(check_losses(half, before, GUARD)) == []
    assert len(list(check_losses(half, before, RebuildSettings(most_removed=0.4)))) == 1


def test_few_reports_may_all_vanish(tmp_path: Path):
    before = built(tmp_path / "a", *shelf(FEW - 1))
    assert list(check_losses(built(tmp_path / "b", *shelf(1, first=50)), before, GUARD)) == []


def test_reports_under_other_names_have_not_vanished(tmp_path: Path):
    before = built(tmp_path / "a", *shelf(2 * FEW))
    now = built(tmp_path / "b", *shelf(2 * FEW, prefix="moved"))
    assert list(check_losses(now, before, GUARD)) == []


def ask(file: Path, *questions: tuple[str, str]) -> Path:
    lines = (
        json.dumps({"id": str(n), "question": text, "evidence": [{"any_of": [quote]}]})
        for n, (text, quote) in enumerate(questions)
    )
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def of_the_long_report(build: FilesStore) -> list[tuple[str, str]]:
    """Questions in the words of the paragraphs that answer them."""
    texts = [p.text for p in build.report("long").paragraphs if p.kind == "body"]
    return [(f"Who lights the {text.split(' is ')[0][4:]}?", text) for text in texts[::16]]


def test_questions_that_are_forgotten_are_a_fault(
    index: Path, shuffled: Callable[[str], FilesStore], tmp_path: Path
):
    good = FilesStore(index)
    asked = read_questions([ask(tmp_path / "q.jsonl", *of_the_long_report(good))])
    chosen = settings()
    now, before, faults = check_questions(good, good, asked, chosen)
    assert (now.overall.recall_at[10], before, faults) == (1.0, now, [])
    assert check_questions(good, None, asked, chosen) == (now, None, [])
    now, before, (fault,) = check_questions(shuffled("lexical*"), good, asked, chosen)
    assert before is not None
    assert now.overall.recall_at[10] < before.overall.recall_at[10]
    assert "100% were before" in fault
    assert "--accept-losses" in fault


def test_what_is_no_more_in_the_corpus_is_not_forgotten(index: Path, tmp_path: Path):
    good = FilesStore(index)
    asked = read_questions([ask(tmp_path / "q.jsonl", *of_the_long_report(good))])
    now = built(tmp_path / "now", made("other", 3))
    assert check_questions(now, good, asked, settings())[2] == []


def test_a_rebuild_after_a_mass_removal_serves_the_old_build_until_it_is_accepted(tmp_path: Path):
    corpus, index = make_corpus(tmp_path / "corpus"), tmp_path / "index"
    text = (corpus / "trams.txt").read_text(encoding="utf-8")
    for n in range(FEW + 3):
        (corpus / f"tram-{n}.txt").write_text(text.replace("ten", word(n)), encoding="utf-8")
    first = night(corpus, index).build
    for file in corpus.glob("tram-*.txt"):
        file.unlink()
    with pytest.raises(GateError, match="reports are gone from the corpus"):
        night(corpus, index)
    assert Library.open(index, Settings()).build == first
    run = last_run(index)
    assert run is not None
    assert (run.state, run.step) == ("failed", "checking")
    assert [p.name for p in (index / "builds").iterdir()] == [first.id]
    assert night(corpus, index, accept_losses=True).build.reports == 2


def test_a_rebuild_puts_the_scores_of_the_corpus_questions_on_record(tmp_path: Path):
    corpus, index = make_corpus(tmp_path / "corpus"), tmp_path / "index"
    ask(corpus / "questions.jsonl", ("How long does rye keep?", "Rye keeps for a week"))
    night(corpus, index)
    night(corpus, index, force=True)
    run = last_run(index)
    assert run is not None
    assert run.score is not None
    assert run.score_before is not None
    assert (run.score.recall_at_10, run.score_before.recall_at_10) == (1.0, 1.0)
    (corpus / "questions.jsonl").write_text("no JSON\n", encoding="utf-8")
    with pytest.raises(EvaluationFileError, match="questions"):
        night(corpus, index, force=True)
    assert Library.open(index, Settings()).build == run.build
