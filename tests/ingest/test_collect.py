"""What becomes of reports whose files are broken, cut short, gone, or rewritten while read."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reformqa import Library, Settings, StrictError
from reformqa.ingest.collect import Collected, collect
from reformqa.ingest.corpus import read_corpus
from reformqa.ingest.parse_cache import ParsedReports
from reformqa.ingest.workers import Job, PassingProblem
from reformqa.model import FileProblem
from reformqa.pipeline.executors import base
from reformqa.settings import ReadingSettings
from reformqa.storage.files.store import FilesStore
from support.nights import BREAD, CATALOGUE, GARBAGE, TRAMS, long_report, make_corpus, night

NOTE = """# Reading note on Bread in Towns

## In brief

This short note tells a hurried reader what the longer work on loaves has to offer.
"""
WITH_NOTE = CATALOGUE + (
    '\n[reports.note]\ntitle = "Reading note"\npublisher = "Bakers"\nnote_on = "bread"\n'
)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two short reports and their catalogue."""
    return make_corpus(tmp_path / "corpus")


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """A folder for an index."""
    return tmp_path / "index"


def ids(index: Path) -> list[str]:
    return list(FilesStore(index).reports())


def collected(corpus: Path, index: Path, before: FilesStore | None = None) -> Collected:
    parsed = ParsedReports(index / "cache" / "parsed", ocr=False)
    return collect(read_corpus(corpus), parsed, before, ReadingSettings())


def test_a_file_that_turns_to_garbage_keeps_its_last_version(corpus: Path, index: Path):
    first = night(corpus, index).build
    before = FilesStore(index).report("bread")
    (corpus / "bread.md").write_bytes(GARBAGE)
    outcome = night(corpus, index)
    (problem,) = outcome.build.problems
    assert (problem.file, problem.kept) == ("bread.md", True)
    assert "holds binary data" in problem.reason
    now = FilesStore(index).report("bread")
    assert now == dataclasses.replace(before, stale=problem.reason)
    assert outcome.build.passages == first.passages
    hits = Library.open(index, Settings()).search("stale loaf", limit=3)
    assert "bread" in {h.paragraph.report_id for h in hits}


def test_a_second_night_with_the_same_broken_file_changes_nothing(corpus: Path, index: Path):
    night(corpus, index)
    (corpus / "bread.md").write_bytes(GARBAGE)
    (corpus / "new.txt").write_bytes(GARBAGE)
    second = night(corpus, index)
    assert second.changed
    third = night(corpus, index)
    assert (third.changed, third.build) == (False, second.build)


def test_a_broken_file_stays_told_while_others_come_and_go(corpus: Path, index: Path):
    night(corpus, index)
    (corpus / "bread.md").write_bytes(GARBAGE)
    first = night(corpus, index).build.problems
    (corpus / "more.md").write_text(BREAD.replace("Rye", "Oats"), encoding="utf-8")
    second = night(corpus, index).build.problems
    assert second == first
    assert FilesStore(index).reports()["bread"].stale
    assert ids(index) == ["bread", "more", "trams"]


def test_a_file_that_is_mended_is_fresh_again(corpus: Path, index: Path):
    night(corpus, index)
    (corpus / "bread.md").write_bytes(GARBAGE)
    night(corpus, index)
    mended = BREAD.replace("Rye keeps", "Rye bread keeps")
    (corpus / "bread.md").write_text(mended, encoding="utf-8")
    assert night(corpus, index).build.problems == ()
    now = FilesStore(index).report("bread")
    assert now.stale is None
    assert any(p.text.startswith("Rye bread keeps") for p in now.paragraphs)


def test_a_file_that_is_put_back_as_it_was_is_fresh_again(corpus: Path, index: Path):
    night(corpus, index)
    before = FilesStore(index).report("bread")
    (corpus / "bread.md").write_bytes(GARBAGE)
    night(corpus, index)
    (corpus / "bread.md").write_text(BREAD, encoding="utf-8")
    assert night(corpus, index).encoded == 0
    assert FilesStore(index).report("bread") == before


def test_a_new_file_of_garbage_is_named_and_no_more(corpus: Path, index: Path):
    (corpus / "new.txt").write_bytes(GARBAGE)
    (problem,) = night(corpus, index).build.problems
    assert (problem.file, problem.kept) == ("new.txt", False)
    assert ids(index) == ["bread", "trams"]


def test_a_file_that_is_taken_away_is_gone_however_stale_it_was(corpus: Path, index: Path):
    night(corpus, index)
    (corpus / "bread.md").write_bytes(GARBAGE)
    night(corpus, index)
    (corpus / "bread.md").unlink()
    build = night(corpus, index).build
    assert (build.problems, ids(index)) == ((), ["trams"])


def torso(corpus: Path, paragraphs: int) -> None:
    (corpus / "long.md").write_text(long_report(paragraphs), encoding="utf-8")


def test_a_report_that_lost_most_of_its_paragraphs_is_held_back(corpus: Path, index: Path):
    torso(corpus, 120)
    night(corpus, index)
    before = FilesStore(index).report("long")
    torso(corpus, 10)
    (problem,) = night(corpus, index).build.problems
    assert (problem.file, problem.kept) == ("long.md", True)
    assert "--accept-losses" in problem.reason
    assert FilesStore(index).report("long") == dataclasses.replace(before, stale=problem.reason)
    assert night(corpus, index).changed is False


def test_a_torso_is_taken_where_losses_are_accepted(corpus: Path, index: Path):
    torso(corpus, 120)
    night(corpus, index)
    torso(corpus, 10)
    assert night(corpus, index, accept_losses=True).build.problems == ()
    now = FilesStore(index).report("long")
    assert now.stale is None
    assert len(now.paragraphs) <= 12


def test_a_torso_that_was_held_back_can_still_be_accepted(corpus: Path, index: Path):
    """As its problem tells the operator to."""
    torso(corpus, 120)
    night(corpus, index)
    torso(corpus, 10)
    night(corpus, index)
    assert night(corpus, index, accept_losses=True).build.problems == ()
    assert FilesStore(index).reports()["long"].stale is None
    assert night(corpus, index).changed is False


@pytest.mark.parametrize(("before", "after"), [(120, 70), (50, 5)])
def test_a_report_that_lost_less_is_taken(corpus: Path, index: Path, before: int, after: int):
    torso(corpus, before)
    night(corpus, index)
    torso(corpus, after)
    assert night(corpus, index).build.problems == ()
    assert len(FilesStore(index).report("long").paragraphs) < before


def rewriting(file: Path, texts: list[str]) -> Callable[[str, int, int], None]:
    """A progress that rewrites a file each time that reading begins or goes on."""

    def progress(stage: str, done: int, total: int) -> None:
        if stage == "reading" and total and texts:
            file.write_text(texts.pop(0), encoding="utf-8")

    return progress


def test_a_file_that_changes_while_it_is_read_is_read_again(corpus: Path, index: Path):
    later = TRAMS.replace("ten minutes", "seven minutes")
    outcome = night(corpus, index, progress=rewriting(corpus / "trams.txt", [later]))
    assert outcome.build.problems == ()
    texts = " ".join(p.text for p in FilesStore(index).report("trams").paragraphs)
    assert "seven minutes" in texts
    assert "ten minutes" not in texts
    assert night(corpus, index).changed is False


def test_a_file_that_never_holds_still_is_taken_by_the_next_rebuild(corpus: Path, index: Path):
    night(corpus, index)
    many = [TRAMS.replace("ten minutes", f"{n} minutes") for n in range(60)]
    last = list(many)
    (corpus / "bread.md").write_text(BREAD.replace("Rye", "Oats"), encoding="utf-8")
    (corpus / "trams.txt").write_text(TRAMS.replace("ten", "two"), encoding="utf-8")
    outcome = night(corpus, index, progress=rewriting(corpus / "trams.txt", last))
    (problem,) = outcome.build.problems
    assert (problem.file, problem.kept) == ("trams.txt", True)
    assert "changes while it is read" in problem.reason
    assert FilesStore(index).version.facts["sources"]["trams.txt"] == ""
    assert "ten minutes" in " ".join(p.text for p in FilesStore(index).report("trams").paragraphs)
    assert night(corpus, index).build.problems == ()
    texts = " ".join(p.text for p in FilesStore(index).report("trams").paragraphs)
    assert f"{many.index(last[0]) - 1} minutes" in texts
    assert FilesStore(index).reports()["trams"].stale is None


def test_a_file_that_vanishes_while_it_is_read_is_named(corpus: Path, index: Path):
    night(corpus, index)
    (corpus / "trams.txt").write_text(TRAMS.replace("ten", "two"), encoding="utf-8")

    def vanish(stage: str, done: int, total: int) -> None:
        if stage == "reading" and total:
            (corpus / "trams.txt").unlink(missing_ok=True)

    (problem,) = night(corpus, index, progress=vanish).build.problems
    assert (problem.file, problem.kept) == ("trams.txt", True)
    assert ids(index) == ["bread", "trams"]
    assert night(corpus, index).build.problems == ()
    assert ids(index) == ["bread"]


def test_a_note_gives_way_to_its_report_even_where_that_is_stale(corpus: Path, index: Path):
    (corpus / "catalogue.toml").write_text(WITH_NOTE, encoding="utf-8")
    (corpus / "note.md").write_text(NOTE, encoding="utf-8")
    skipped = (FileProblem("note.md", "the report itself is in: bread"),)
    assert night(corpus, index).build.skipped == skipped
    (corpus / "bread.md").write_bytes(GARBAGE)
    assert night(corpus, index).build.skipped == skipped
    assert ids(index) == ["bread", "trams"]
    (corpus / "bread.md").unlink()
    assert night(corpus, index).build.skipped == ()
    assert ids(index) == ["note", "trams"]


def test_a_corrected_catalogue_reaches_stale_reports(corpus: Path, index: Path):
    night(corpus, index)
    (corpus / "bread.md").write_bytes(GARBAGE)
    night(corpus, index)
    corrected = CATALOGUE.replace('"Bakers"', '"Millers"')
    (corpus / "catalogue.toml").write_text(corrected, encoding="utf-8")
    outcome = night(corpus, index)
    report = FilesStore(index).reports()["bread"]
    assert report.publisher == "Millers"
    assert report.stale
    assert outcome.build.changes.corrected == ("bread",)
    assert outcome.encoded == 0


def test_a_catalogue_that_is_broken_falls_back_to_what_is_known(corpus: Path, index: Path):
    night(corpus, index)
    (corpus / "catalogue.toml").write_text("[reports.bread\n", encoding="utf-8")
    outcome = night(corpus, index)
    (problem,) = outcome.build.problems
    assert (problem.file, problem.kept) == ("catalogue.toml", True)
    assert Library.open(index, Settings()).publishers == ("Bakers", "Drivers")
    assert night(corpus, index).changed is False


def test_strict_fails_and_the_old_build_is_served(corpus: Path, index: Path):
    first = night(corpus, index).build
    (corpus / "bread.md").write_bytes(GARBAGE)
    with pytest.raises(StrictError, match=r"bread\.md: holds binary data"):
        night(corpus, index, strict=True)
    assert FilesStore(index).version.build == first
    second = night(corpus, index).build
    assert second != first
    with pytest.raises(StrictError, match=r"bread\.md"):  # though nothing has changed since
        night(corpus, index, strict=True)
    assert FilesStore(index).version.build == second


def test_strict_passes_where_all_is_well(corpus: Path, index: Path):
    (corpus / "loaf.odt").write_bytes(b"x")  # not meant to be in
    assert night(corpus, index, strict=True).changed
    assert night(corpus, index, strict=True).changed is False


def test_parsed_files_harmed_meanwhile_are_read_again(corpus: Path, index: Path):
    found = collected(corpus, index)
    whole = list(found)
    assert [r.report.id for r in whole] == ["bread", "trams"]
    assert all(r.report.paragraphs and r.passages for r in whole)
    for file in (index / "cache" / "parsed").iterdir():
        file.write_bytes(file.read_bytes()[:40])
    assert list(found) == whole


def test_the_next_night_reads_no_file_again(corpus: Path, index: Path):
    night(corpus, index)
    (corpus / "bread.md").unlink()
    (corpus / "more.md").write_text(BREAD.replace("Rye", "Oats"), encoding="utf-8")
    steps: list[tuple[str, int, int]] = []
    night(corpus, index, progress=lambda *step: steps.append(step))
    assert ("reading", 1, 1) in steps
    assert max(total for stage, _, total in steps if stage == "reading") == 1


def test_a_name_of_odd_bytes_is_read_or_named_and_takes_no_other_down(corpus: Path, index: Path):
    odd = corpus / "r\udcffye.md"
    try:
        odd.write_text(BREAD.replace("Rye", "Oats"), encoding="utf-8")
    except (OSError, UnicodeError):
        pytest.skip("the disk takes no such name")
    night(corpus, index)
    assert {"bread", "trams"} <= set(ids(index))


@pytest.mark.parametrize(("passing", "settled"), [(False, True), (True, False)])
def test_a_problem_that_may_pass_leaves_the_file_to_the_next_rebuild(
    corpus: Path, index: Path, monkeypatch: pytest.MonkeyPatch, passing: bool, settled: bool
):
    """The facts of the build lack the hash, so they differ though the file stays as it is."""
    kind = PassingProblem if passing else FileProblem
    original = base.read_all

    def read_all(jobs: list[Job], *others: Any) -> Iterator[tuple[Job, object]]:
        for job, result in original(jobs, *others):
            refused = kind(job.path.name, "was not read") if job.report_id == "trams" else result
            yield job, refused

    with monkeypatch.context() as patch:
        patch.setattr(base, "read_all", read_all)
        (problem,) = night(corpus, index).build.problems
        assert problem.file == "trams.txt"
        sources = FilesStore(index).version.facts["sources"]
        assert (sources["trams.txt"] != "") is settled
    outcome = night(corpus, index)
    assert outcome.changed is not settled
    assert ("trams" in ids(index)) is not settled
