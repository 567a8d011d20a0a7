"""The passages of a file are made once, in whatever process, and not again on later nights."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reformqa import rebuild
from support.loaded import modules
from support.models import export_into, small
from support.nights import GARBAGE, TRAMS, make_corpus, night
from support.places import PROJECT

#: Every Python process that has this on its path writes a line for each report that it slices.
COUNTER = """
import os, sys
if "REFORMQA_COUNTER" in os.environ:
    from reformqa.ingest import passages
    real = passages.make_passages

    def counted(report, *arguments, **options):
        with open(os.environ["REFORMQA_COUNTER"], "a") as file:
            file.write(f"{report.id}\\n")
        return real(report, *arguments, **options)

    passages.make_passages = counted
"""
REBUILD = """
import sys
from pathlib import Path
from support.nights import night
night(Path(sys.argv[1]), Path(sys.argv[2]), {"passages": {"max_characters": int(sys.argv[3])}})
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two short reports and their catalogue."""
    return make_corpus(tmp_path / "corpus")


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """A folder for an index."""
    return tmp_path / "index"


@pytest.fixture
def sliced(corpus: Path, index: Path, tmp_path: Path) -> Callable[..., list[str]]:
    """Rebuild in another process; return the reports that were sliced there and in its workers."""
    (tmp_path / "counting").mkdir()
    (tmp_path / "counting" / "sitecustomize.py").write_text(COUNTER, encoding="utf-8")
    tests = PROJECT / "tests"
    path = [str(tmp_path / "counting"), str(tests), os.environ.get("PYTHONPATH", "")]
    counter = tmp_path / "counter"
    counting = {"PYTHONPATH": os.pathsep.join(path), "REFORMQA_COUNTER": str(counter)}

    def run(max_characters: int = 1000) -> list[str]:
        counter.write_text("")
        command = [sys.executable, "-c", REBUILD, str(corpus), str(index), str(max_characters)]
        subprocess.run(command, env=os.environ | counting, check=True, timeout=300)
        return sorted(counter.read_text().split())

    return run


def test_a_night_slices_only_what_has_changed(corpus: Path, sliced: Callable[..., list[str]]):
    for n in range(3):
        (corpus / f"more-{n}.txt").write_text(TRAMS.replace("ten", str(n)), encoding="utf-8")
    every = ["bread", "more-0", "more-1", "more-2", "trams"]
    assert sliced() == every
    (corpus / "trams.txt").write_text(TRAMS.replace("ten", "nine"), encoding="utf-8")
    assert sliced() == ["trams"]
    (corpus / "more-1.txt").unlink()
    assert sliced() == []
    assert sliced(max_characters=500) == ["bread", "more-0", "more-2", "trams"]


def test_a_report_kept_from_the_version_before_is_sliced_once(
    corpus: Path, sliced: Callable[..., list[str]]
):
    sliced()
    (corpus / "bread.md").write_bytes(GARBAGE)
    assert sliced() == ["bread"]


NIGHT = """
import sys
from pathlib import Path
from reformqa import rebuild
assert rebuild(Path(sys.argv[1]), Path(sys.argv[2])).encoded == 1
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
#: What only exporting a model or fitting a tuning needs.
EXPORT_ONLY = {"torch", "transformers", "sentence_transformers", "onnx", "sklearn"}


def test_a_night_with_the_packaged_model_loads_no_torch(corpus: Path, index: Path):
    rebuild(corpus, export_into(index))
    (corpus / "trams.txt").write_text(TRAMS.replace("ten", "nine"), encoding="utf-8")
    loaded = modules(NIGHT, str(corpus), str(index))
    assert {"reformqa", "onnxruntime", "faiss"} <= loaded
    assert loaded.isdisjoint(EXPORT_ONLY)


def test_an_export_would_be_seen(corpus: Path, index: Path):
    """The first rebuild of an index exports a model that is no ready graph."""
    own = f"settings=Settings(encoder={{'model': {str(small())!r}}})"
    program = NIGHT.replace("import rebuild", "import Settings, rebuild").replace(
        "Path(sys.argv[2])).encoded == 1", f"Path(sys.argv[2]), {own}).changed"
    )
    assert not modules(program, str(corpus), str(index)).isdisjoint(EXPORT_ONLY)


def test_a_first_night_with_the_packaged_models_loads_no_torch_either(corpus: Path, index: Path):
    program = NIGHT.replace(".encoded == 1", ".changed")
    assert modules(program, str(corpus), str(index)).isdisjoint(EXPORT_ONLY)


def test_the_settings_of_passages_are_those_of_the_rebuild(corpus: Path, index: Path):
    """Workers slice with them, too."""
    sentences = " ".join(f"The oven numbered {n} is lit before the tram leaves." for n in range(30))
    (corpus / "long.txt").write_text(f"# Long\n\n## Ovens\n\n{sentences}\n", encoding="utf-8")
    long = night(corpus, index, {"passages": {"max_characters": 2000}}).build.passages
    assert night(corpus, index, {"passages": {"max_characters": 200}}).build.passages > long
