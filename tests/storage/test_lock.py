"""One writer at a time: others are refused, and any end of the process frees the lock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reformqa import Library
from reformqa.errors import BusyIndexError, UnwritableIndexError
from reformqa.pipeline.rollback import rollback
from reformqa.storage.files.lock import is_locked, only_writer, told_plainly
from reformqa.storage.files.writer import FilesWriter
from support.nights import make_corpus, night

HOLDER = """
import sys
from pathlib import Path
from reformqa.storage.files.lock import only_writer

with only_writer(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(index: Path) -> subprocess.Popen[str]:
    """A process that holds the lock until it is ended."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(index)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_writer_is_refused_and_readers_are_not(tmp_path: Path):
    corpus, index = make_corpus(tmp_path / "corpus"), tmp_path / "index"
    build = night(corpus, index).build
    with holder(index) as process:
        for write in (lambda: night(corpus, index, force=True), lambda: rollback(index)):
            with pytest.raises(BusyIndexError, match="being changed by another process"):
                write()
        assert Library.open(index).build == build
        assert is_locked(index)
        process.communicate()
    assert not is_locked(index)
    assert night(corpus, index, force=True).changed


def test_no_crash_leaves_a_lock_behind(tmp_path: Path):
    with holder(tmp_path) as process:
        process.kill()
    assert not is_locked(tmp_path)
    with only_writer(tmp_path):
        assert is_locked(tmp_path)


def test_an_error_frees_the_lock(tmp_path: Path):
    with pytest.raises(ZeroDivisionError), only_writer(tmp_path):
        raise ZeroDivisionError
    assert not is_locked(tmp_path)


def test_the_folder_is_made_where_there_is_none(tmp_path: Path):
    index = tmp_path / "far" / "index"
    assert not is_locked(index)
    assert not index.exists()  # asking makes nothing
    with only_writer(index):
        assert is_locked(index)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    index = tmp_path / "file" / "index"
    with pytest.raises(
        UnwritableIndexError, match=r"file/index.*Give the user that rebuilds permission"
    ):
        only_writer(index).__enter__()


def test_a_lock_that_is_a_folder_is_an_error(tmp_path: Path):
    (tmp_path / "lock").mkdir()
    with pytest.raises(UnwritableIndexError, match="cannot be written"):
        only_writer(tmp_path).__enter__()
    assert not is_locked(tmp_path)


def test_an_error_of_the_disk_is_reported_with_the_file(tmp_path: Path):
    match = r"nowhere/file: .*The build being served is unchanged"
    with pytest.raises(UnwritableIndexError, match=match), told_plainly(tmp_path):
        (tmp_path / "nowhere" / "file").write_bytes(b"x")


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full")
def test_a_full_disk_is_reported_with_what_to_do(tmp_path: Path):
    error = pytest.raises(UnwritableIndexError, match=r"No space left on device.*Free disk space")
    with error, told_plainly(tmp_path), Path("/dev/full").open("wb", buffering=0) as stream:
        stream.write(b"x")


def test_a_writer_that_another_machine_followed_changes_nothing_more(tmp_path: Path):
    corpus, index = make_corpus(tmp_path / "corpus"), tmp_path / "index"
    build = night(corpus, index).build
    with only_writer(index) as lock:
        lock.check()
        writer = FilesWriter(index, lock.check)
        (index / "lock.lease").write_text("that of another machine")
        for change in (lambda: writer.serve(build.id), lambda: writer.prune(1), writer.clear):
            with pytest.raises(BusyIndexError, match="taken over by another machine"):
                change()
