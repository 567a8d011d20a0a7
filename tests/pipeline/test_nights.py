"""Many nights equal one full build, and no kill loses anything: `make soak` has the long forms."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from soak import fuzz, kills, nights
from soak.kills import Case

from reformqa import Library, Settings
from reformqa.pipeline.rebuild import STEPS
from support.models import small, small_export_into
from support.nights import LEXICAL, night
from support.places import PROJECT


@pytest.mark.parametrize("seed", range(3))
def test_nights_of_random_edits_equal_full_builds(tmp_path: Path, seed: int):
    models = small_export_into(tmp_path / "seed") / "cache" / "models"
    stages = {"encoder": {"model": str(small())}, "search": LEXICAL}
    encoded = nights.sequence(tmp_path, models, random.Random(1000 + seed), 2, stages)
    assert 0 < encoded["nights"] < encoded["full"]


@pytest.fixture(scope="module")
def case() -> Iterator[Case]:
    """The notes after their edits, to be built with the small model."""
    with kills.case(PROJECT / "corpus", f'[encoder]\nmodel = "{small()}"\n') as made:
        yield made


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_a_step_loses_nothing(case: Case, step: str):
    which = "the new build" if step == "clearing" else "the build before"
    assert kills.trial(case, step) == f"killed, {which} was served"


def test_a_kill_at_a_random_moment_loses_nothing(case: Case):
    seconds = random.Random(0).uniform(0, case.seconds)
    assert kills.trial(case, seconds=seconds).endswith("was served")


@pytest.mark.parametrize("most", [400, 260_000])
def test_a_disk_that_is_full_loses_nothing(case: Case, most: int):
    status, said = kills.short_of_room(case, most)
    assert status == 1
    assert "The build being served is unchanged. Free disk space" in said
    assert "Traceback" not in said


def test_damaged_pdfs_are_read_or_refused(tmp_path: Path):
    files = [fuzz.printed(PROJECT / "corpus" / "note-on-going-public.md", tmp_path)]
    kinds = {fuzz.outcome(result) for _, result in fuzz.read(files, 1, range(8), tmp_path)}
    assert kinds == {"read", "refused"}


def test_with_every_ugly_file_there_the_good_are_in_and_the_bad_are_named(
    shared: Path, tmp_path: Path
):
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    ugly = sorted((shared / "corpus" / "ugly").iterdir())
    for file in [*ugly, *sorted((PROJECT / "corpus").glob("*.*"))]:
        (corpus / file.name).write_bytes(file.read_bytes())
    build = night(corpus, index).build
    library = Library.open(index, Settings())
    taken = {r.source for r in library.reports}
    named = {p.file: p.reason for p in build.problems}
    assert {f.name for f in ugly} <= taken | named.keys()
    assert not taken & named.keys()
    assert {"empty.pdf", "not-a-pdf.pdf"} <= named.keys()
    assert all(len(reason) > 20 for reason in named.values())
    assert len([r for r in library.reports if r.id.startswith("note-on-")]) == 5
    assert night(corpus, index).changed is False
