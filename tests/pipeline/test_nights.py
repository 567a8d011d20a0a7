"""Many nights equal one full build, and no kill loses anything: benchmarks/ has the long forms."""

from __future__ import annotations

import importlib
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from reformqa import Library, Settings, rebuild
from reformqa.models.export import PACKAGED, find_model, fingerprint
from reformqa.pipeline.rebuild import STEPS
from support.models import exported
from support.places import PROJECT

MODEL = f"encoder-{fingerprint(find_model(PACKAGED))[:16]}"


@pytest.fixture(scope="module")
def benchmarks() -> Iterator[dict[str, ModuleType]]:
    """benchmarks/crashes.py and incremental.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(PROJECT / "benchmarks"))
        yield {name: importlib.import_module(name) for name in ("crashes", "incremental")}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of exported models, as an index has it in its cache."""
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(exported(), folder / MODEL)
    return folder


@pytest.mark.parametrize("seed", range(3))
def test_nights_of_random_edits_equal_full_builds(
    benchmarks: dict[str, ModuleType], models: Path, tmp_path: Path, seed: int
):
    encoded = benchmarks["incremental"].sequence(tmp_path, models, random.Random(1000 + seed), 2)
    assert 0 < encoded["nights"] < encoded["full"]


@pytest.fixture(scope="module")
def case(benchmarks: dict[str, ModuleType]):
    with benchmarks["crashes"].case(PROJECT / "corpus") as made:
        yield made


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_a_step_loses_nothing(benchmarks: dict[str, ModuleType], case, step: str):
    met = benchmarks["crashes"].trial(case, step)
    which = "the new build" if step == "clearing" else "the build before"
    assert met == f"killed, {which} was served"


@pytest.mark.parametrize("seed", range(3))
def test_a_kill_at_a_random_moment_loses_nothing(
    benchmarks: dict[str, ModuleType], case, seed: int
):
    seconds = random.Random(seed).uniform(0, case.seconds)
    assert benchmarks["crashes"].trial(case, seconds=seconds).endswith("was served")


@pytest.mark.parametrize("most", [400, 60_000, 260_000])
def test_a_disk_that_is_full_loses_nothing(benchmarks: dict[str, ModuleType], case, most: int):
    status, said = benchmarks["crashes"].short_of_room(case, most)
    assert status == 1
    assert "What is served is whole. Make room on its disk" in said
    assert "Traceback" not in said


def test_with_every_ugly_file_there_the_good_are_in_and_the_bad_are_named(
    shared: Path, models: Path, tmp_path: Path
):
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    ugly = sorted((shared / "corpus" / "ugly").iterdir())
    for file in [*ugly, *sorted((PROJECT / "corpus").glob("*.*"))]:
        (corpus / file.name).write_bytes(file.read_bytes())
    shutil.copytree(models, index / "cache" / "models")
    build = rebuild(corpus, index).build
    library = Library.open(index, Settings())
    taken = {r.source for r in library.reports}
    named = {p.file: p.reason for p in build.problems}
    assert {f.name for f in ugly} <= taken | named.keys()
    assert not taken & named.keys()
    assert {"empty.pdf", "not-a-pdf.pdf"} <= named.keys()
    assert all(len(reason) > 20 for reason in named.values())
    assert len([r for r in library.reports if r.id.startswith("note-on-")]) == 5
    assert rebuild(corpus, index).changed is False
