"""On a full disk, the error names the file that could not be written."""

from __future__ import annotations

import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from reformqa import UnwritableIndexError
from reformqa.files import naming, write_atomically
from reformqa.storage.files.dense import DenseWriter
from reformqa.storage.files.lock import told_plainly
from reformqa.storage.files.parts import save_array, write_sums
from reformqa.storage.files.postings import PostingsWriter
from reformqa.storage.files.tokens import TokenWriter
from support.nights import long_report, make_corpus, night

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs limits of resources")


@contextmanager
def room_for(most: int) -> Iterator[None]:
    """Let no file grow above that many bytes; a write then fails as on a full disk."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def named(error: pytest.ExceptionInfo[OSError]) -> str:
    return Path(error.value.filename).name


def test_a_file_that_is_replaced_is_named(tmp_path: Path):
    with pytest.raises(OSError, match="too large") as error, room_for(100):
        write_atomically(tmp_path / "current", bytes(10_000))
    assert named(error) == "current"


def test_an_array_is_named_with_the_reason(tmp_path: Path):
    with pytest.raises(OSError, match="too large") as error, room_for(100):
        save_array(tmp_path / "a.npy", np.zeros(10_000))
    assert named(error) == "a.npy"


def test_checksums_are_named(tmp_path: Path):
    (tmp_path / "late.npy").write_bytes(bytes(64 * 1024 * 200))
    with pytest.raises(OSError, match="too large") as error, room_for(100):
        write_sums(tmp_path / "late.npy")
    assert named(error) == "late.npy.sums"


def test_token_vectors_are_named(tmp_path: Path):
    writer = TokenWriter(tmp_path)
    with pytest.raises(OSError, match="too large") as error, room_for(100):
        writer.add(np.zeros((20_000, 48), dtype=np.int8))
    assert named(error) == "late.tokens.i8"
    writer.close()


def test_the_vectors_of_sentences_are_named(tmp_path: Path):
    writer = DenseWriter(tmp_path)
    with pytest.raises(OSError, match="too large") as error, room_for(100):
        writer.add(np.zeros(100_000, dtype=np.float32))
    assert named(error) == "dense.vectors.f32"
    writer.close()


def test_the_weights_of_terms_are_named(tmp_path: Path):
    writer = PostingsWriter(tmp_path)
    writer.add([f"term{n}" for n in range(1_000)])
    with pytest.raises(OSError, match="too large") as error, room_for(400):
        writer.save()
    assert named(error) == tmp_path.name  # what is sorted there has no name of its own
    writer.close()


@pytest.mark.parametrize("most", [300, 3_000, 30_000, 80_000, 150_000])
def test_a_rebuild_names_a_file_of_the_index(tmp_path: Path, most: int):
    corpus, index = make_corpus(tmp_path / "corpus"), tmp_path / "index"
    night(corpus, index)
    (corpus / "long.md").write_text(long_report(400), encoding="utf-8")
    with pytest.raises(UnwritableIndexError) as error, room_for(most):
        night(corpus, index)
    where = re.match(rf"{index}/(\S+): (.+?)\. The build being served", str(error.value))
    assert where, error.value
    assert where[2] in ("File too large", "disk I/O error", "database or disk is full")


def test_a_file_that_cannot_be_copied_is_named_by_its_new_place(tmp_path: Path):
    (tmp_path / "model").write_bytes(bytes(100_000))
    match = r"index/model: .*The build being served is unchanged"
    (tmp_path / "index").mkdir()
    with pytest.raises(UnwritableIndexError, match=match), told_plainly(tmp_path), room_for(100):
        shutil.copyfile(tmp_path / "model", tmp_path / "index" / "model")


def test_a_folder_that_cannot_be_copied_names_its_first_file(tmp_path: Path):
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "model").write_bytes(bytes(100_000))
    match = r"index/model: .*The build being served is unchanged"
    with pytest.raises(UnwritableIndexError, match=match), told_plainly(tmp_path), room_for(100):
        shutil.copytree(tmp_path / "export", tmp_path / "index")


def test_an_error_that_names_a_file_keeps_it(tmp_path: Path):
    with pytest.raises(OSError, match="nowhere") as error, naming(tmp_path / "other"):
        (tmp_path / "nowhere" / "file").write_bytes(b"")
    assert named(error) == "file"
    with pytest.raises(sqlite3.Error) as other, naming(tmp_path / "cache.sqlite"):
        raise sqlite3.OperationalError("disk I/O error")
    assert other.value.filename == str(tmp_path / "cache.sqlite")
