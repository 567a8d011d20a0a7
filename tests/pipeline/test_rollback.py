"""An earlier build served again and kept; what status and verify report, and how they exit."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reformqa import DamagedIndexError
from reformqa.errors import MissingIndexError, UnknownNameError
from reformqa.pipeline.rollback import rollback
from reformqa.pipeline.runs import last_run
from reformqa.pipeline.status import status
from reformqa.storage.files.builds import served
from reformqa.storage.files.lock import only_writer
from reformqa.storage.files.store import FilesStore
from support.makers import newest_segment
from support.nights import BREAD, GARBAGE, TRAMS, make_corpus, night
from support.places import PROJECT

COMMAND = Path(sys.executable).parent / "reformqa"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two short reports and their catalogue."""
    return make_corpus(tmp_path / "corpus")


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """A folder for an index."""
    return tmp_path / "index"


@pytest.fixture(scope="module")
def three_nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A folder with a corpus and an index of three builds, and their ids, oldest first."""
    folder = tmp_path_factory.mktemp("nights")
    corpus, index = make_corpus(folder / "corpus"), folder / "index"
    ids = [night(corpus, index).build.id]
    for minutes in ("seven", "nine"):
        (corpus / "trams.txt").write_text(TRAMS.replace("ten", minutes), encoding="utf-8")
        ids.append(night(corpus, index).build.id)
    return folder, ids


@pytest.fixture
def nights(three_nights: tuple[Path, list[str]], corpus: Path, index: Path) -> list[str]:
    """The ids of three builds, oldest first, each of another corpus."""
    folder, ids = three_nights
    shutil.copytree(folder / "corpus", corpus, dirs_exist_ok=True)
    shutil.copytree(folder / "index", index)
    return ids


def now_served(index: Path) -> str:
    return served(index).name


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    line = [str(COMMAND), *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=120)


def harm(index: Path, build: str) -> None:
    file = newest_segment(index / "builds" / build) / "library.sqlite"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.unlink()  # another build may share it
    file.write_bytes(data)


def test_the_build_before_is_served_again(index: Path, nights: list[str]):
    assert rollback(index).id == nights[1]
    assert now_served(index) == nights[1]
    assert rollback(index).id == nights[0]
    with pytest.raises(UnknownNameError, match="the one before"):
        rollback(index)
    assert now_served(index) == nights[0]


def test_a_build_that_is_named_is_served_again(index: Path, nights: list[str]):
    assert rollback(index, nights[0]).id == nights[0]
    assert FilesStore(index).version.id == nights[0]


@pytest.mark.parametrize("name", ["", "20200101-000000-000000", "..", "../../corpus", "current"])
def test_a_name_of_no_build_is_refused(index: Path, nights: list[str], name: str):
    if not name:
        assert rollback(index, name).id == nights[1]  # no name: the one before
        return
    with pytest.raises(UnknownNameError, match="No earlier build"):
        rollback(index, name)
    assert now_served(index) == nights[2]


def test_a_harmed_build_is_not_served(index: Path, nights: list[str]):
    harm(index, nights[1])
    with pytest.raises(DamagedIndexError, match=nights[1]):
        rollback(index)
    assert now_served(index) == nights[2]
    assert rollback(index, nights[0]).id == nights[0]


def test_an_index_without_builds_is_told(tmp_path: Path):
    with pytest.raises(MissingIndexError):
        rollback(tmp_path / "index")


def test_a_rebuild_afterwards_holds_still_and_says_so(corpus: Path, index: Path, nights: list[str]):
    rollback(index)
    for _ in range(2):
        outcome = night(corpus, index)
        assert (outcome.changed, outcome.build.id) == (False, nights[1])
        (note,) = outcome.notes
        assert nights[2] in note
        assert "--force" in note
        run = last_run(index)
        assert run is not None
        assert (run.state, run.notes) == ("unchanged", (note,))
    assert now_served(index) == nights[1]


def test_another_corpus_is_built_again(corpus: Path, index: Path, nights: list[str]):
    rollback(index)
    (corpus / "more.md").write_text(BREAD.replace("Rye", "Oats"), encoding="utf-8")
    outcome = night(corpus, index)
    assert outcome.changed
    assert now_served(index) == outcome.build.id > nights[2]
    assert outcome.build.changes.before == nights[1]
    assert night(corpus, index).changed is False


def test_a_corpus_that_is_put_back_keeps_the_build_served(
    corpus: Path, index: Path, nights: list[str]
):
    rollback(index)
    (corpus / "trams.txt").write_text(TRAMS.replace("ten", "seven"), encoding="utf-8")
    outcome = night(corpus, index)
    assert (outcome.changed, outcome.build.id, outcome.notes) == (False, nights[1], ())


def test_force_builds_again(corpus: Path, index: Path, nights: list[str]):
    rollback(index)
    outcome = night(corpus, index, force=True)
    assert outcome.changed
    assert now_served(index) == outcome.build.id
    assert night(corpus, index).changed is False


def test_rolling_forward_again_ends_it(corpus: Path, index: Path, nights: list[str]):
    rollback(index)
    assert rollback(index, nights[2]).id == nights[2]
    outcome = night(corpus, index)
    assert (outcome.changed, outcome.notes) == (False, ())


@pytest.mark.parametrize("data", [b"", b"[]", b'{"rejected": 1}', b"\xff"])
def test_a_harmed_record_of_a_rollback_holds_nothing_up(
    corpus: Path, index: Path, nights: list[str], data: bytes
):
    rollback(index)
    (index / "rolled-back.json").write_bytes(data)
    assert night(corpus, index).changed


def test_all_is_well_after_a_rebuild(corpus: Path, index: Path):
    build = night(corpus, index).build
    found = status(index, max_age=1)
    assert (found.state, found.findings, found.rebuilding) == ("well", (), False)
    assert (found.build, [r.id for r in found.reports]) == (build, ["bread", "trams"])
    assert found.run == last_run(index)


def test_a_broken_file_and_a_failed_run_want_attention(corpus: Path, index: Path):
    night(corpus, index)
    (corpus / "bread.md").write_bytes(GARBAGE)
    night(corpus, index)
    found = status(index)
    assert found.state == "attention"
    assert [f for f in found.findings if f.startswith("bread.md: holds binary data")]
    (corpus / "bread.md").write_text(BREAD, encoding="utf-8")
    night(corpus, index)
    assert status(index).state == "well"
    corpus.rename(corpus.parent / "elsewhere")
    assert "failed: There is no corpus folder" in failed_night(corpus, index)


def failed_night(corpus: Path, index: Path) -> str:
    """Return what needs attention after a night that fails."""
    with pytest.raises(Exception, match="corpus"):
        night(corpus, index)
    (finding,) = status(index).findings
    return finding


@pytest.mark.parametrize(("hours", "state"), [(20, "well"), (30, "attention")])
def test_a_run_that_is_too_long_ago_wants_attention(
    corpus: Path, index: Path, hours: int, state: str
):
    night(corpus, index)
    told = json.loads((index / "report.json").read_text(encoding="utf-8"))
    told["ended"] = (datetime.now(UTC) - timedelta(hours=hours)).isoformat(timespec="seconds")
    (index / "report.json").write_text(json.dumps(told), encoding="utf-8")
    assert status(index, max_age=26).state == state
    assert status(index).state == "well"


def test_no_record_at_all_is_too_long_ago(corpus: Path, index: Path):
    night(corpus, index)
    (index / "report.json").unlink()
    assert status(index).state == "well"
    assert status(index, max_age=26).state == "attention"


def test_a_rebuild_under_way_is_told_and_wants_no_attention(corpus: Path, index: Path):
    night(corpus, index)
    states = []

    def look(stage: str, done: int, total: int) -> None:
        found = status(index)
        states.append((found.rebuilding, found.state))

    night(corpus, index, force=True, progress=look)
    assert set(states) == {(True, "well")}
    with only_writer(index):
        assert status(index).rebuilding
    assert not status(index).rebuilding


KILLED = """
import sys, time
from pathlib import Path
from reformqa import rebuild
from support.nights import settings

def stop(stage, done, total):
    if stage == "checking":
        print(stage, flush=True)
        time.sleep(600)

if __name__ == "__main__":  # the readers of files import this anew
    rebuild(Path(sys.argv[1]), Path(sys.argv[2]), settings=settings(
        encoder={"model": sys.argv[3]}), progress=stop)
"""


def test_a_run_that_was_killed_is_told_and_the_next_one_finishes_its_work(
    corpus: Path, index: Path, tmp_path: Path
):
    first = night(corpus, index).build
    (corpus / "more.md").write_text(BREAD.replace("Rye", "Oats"), encoding="utf-8")
    script = tmp_path / "killed.py"
    tests = str(PROJECT / "tests")
    script.write_text(f"import sys\nsys.path.insert(0, {tests!r})\n{KILLED}", encoding="utf-8")
    line = [sys.executable, str(script), str(corpus), str(index), first.model]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "checking\n"
        process.kill()
    assert [p.name for p in (index / "builds").glob(".*")]
    found = status(index)
    assert (found.state, found.build, found.rebuilding) == ("attention", first, False)
    (finding,) = found.findings
    assert "was killed while checking" in finding
    outcome = night(corpus, index)
    assert (outcome.changed, outcome.encoded) == (True, 0)
    assert status(index).state == "well"
    assert not [p.name for p in (index / "builds").glob(".*")]


def test_the_commands_tell_by_their_exit_status(corpus: Path, index: Path, nights: list[str]):
    well = command("status", "--index", index, "--json", "--max-age", "24")
    assert well.returncode == 0
    told = json.loads(well.stdout)
    assert (told["state"], told["findings"], told["rebuilding"]) == ("well", [], False)
    assert (told["build"]["id"], told["run"]["state"]) == (nights[2], "built")
    late = command("status", "--index", index, "--max-age", "0")
    assert late.returncode == 3
    assert "Check its timer" in late.stderr
    whole = command("verify", "--index", index)
    assert (whole.returncode, whole.stdout) == (0, f"Build {nights[2]} is intact.\n")
    back = command("rollback", "--index", index)
    assert back.returncode == 0
    assert f"The current build is now {nights[1]}" in back.stdout
    assert now_served(index) == nights[1]


def test_the_commands_fail_by_their_exit_status(index: Path, nights: list[str]):
    assert command("rollback", "no-such-build", "--index", index).returncode == 2
    assert command("status", "--index", index / "nowhere").returncode == 2
    harm(index, nights[1])
    harmed = command("verify", nights[1], "--index", index)
    assert harmed.returncode == 1
    assert "library.sqlite is altered" in harmed.stderr.replace("\n", " ")
    (index / "builds" / nights[2] / "manifest.json").unlink()
    assert command("status", "--index", index).returncode == 1
