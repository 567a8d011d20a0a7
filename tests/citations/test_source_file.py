"""A report's file is found only in the corpus folder, and only if unchanged."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from reformqa import SourceFileError
from reformqa.citations.source_file import source_file
from reformqa.model import Report
from support.makers import report

WORDS = b"Bread is dear."


def of(name: str, words: bytes = WORDS) -> Report:
    """Return a report that was read from a file with this name and contents."""
    return report(source=name, sha256=hashlib.sha256(words).hexdigest())


def put(path: Path, words: bytes = WORDS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(words)
    return path


@pytest.mark.parametrize("name", ["bread.pdf", "2024/demos/bread.pdf", "a [b]*?/bread.pdf"])
def test_a_file_is_found_anywhere_below_the_folder(name: str, tmp_path: Path):
    file = put(tmp_path / name)
    assert source_file(tmp_path, of("bread.pdf")) == file


def test_of_files_of_one_name_the_one_with_the_contents_is_it(tmp_path: Path):
    put(tmp_path / "a" / "bread.pdf", b"Rye is not.")
    own = put(tmp_path / "b" / "bread.pdf")
    put(tmp_path / "c" / "bread.pdf", b"Oats are cheap.")
    assert source_file(tmp_path, of("bread.pdf")) == own


@pytest.mark.parametrize("corpus", [".", "nowhere"])
def test_a_missing_file_is_named_with_the_folder(corpus: str, tmp_path: Path):
    put(tmp_path / "rye.pdf")
    with pytest.raises(SourceFileError, match=r"bread\.pdf is not in the corpus folder"):
        source_file(tmp_path / corpus, of("bread.pdf"))


def test_a_folder_of_that_name_is_no_file(tmp_path: Path):
    put(tmp_path / "bread.pdf" / "rye.txt")
    with pytest.raises(SourceFileError, match="is not in the corpus folder"):
        source_file(tmp_path, of("bread.pdf"))


def test_a_file_that_changed_is_refused_until_it_is_as_it_was(tmp_path: Path):
    file = put(tmp_path / "bread.pdf")
    known = of("bread.pdf")
    assert source_file(tmp_path, known) == file
    put(file, b"Rye is not dear.")
    with pytest.raises(SourceFileError, match=r"has changed since the index was built\. The next"):
        source_file(tmp_path, known)
    put(file)
    assert source_file(tmp_path, known) == file


def test_a_change_that_keeps_the_size_is_seen(tmp_path: Path):
    file = put(tmp_path / "bread.pdf")
    known = of("bread.pdf")
    source_file(tmp_path, known)
    put(file, WORDS.swapcase())
    os.utime(file, ns=(0, 0))
    with pytest.raises(SourceFileError, match="has changed"):
        source_file(tmp_path, known)


def test_a_change_that_keeps_the_time_is_seen(tmp_path: Path):
    file = put(tmp_path / "bread.pdf")
    known = of("bread.pdf")
    os.utime(file, ns=(0, 0))
    source_file(tmp_path, known)
    put(file, b"Rye is not dear.")
    os.utime(file, ns=(0, 0))
    with pytest.raises(SourceFileError, match="has changed"):
        source_file(tmp_path, known)


@pytest.mark.parametrize("name", ["../bread.pdf", "sub/../../bread.pdf", "sub/bread.pdf", "", "."])
def test_a_name_that_is_a_path_leads_nowhere(name: str, tmp_path: Path):
    put(tmp_path / "bread.pdf")
    put(tmp_path / "corpus" / "sub" / "bread.pdf")
    with pytest.raises(SourceFileError, match="is not in the corpus folder"):
        source_file(tmp_path / "corpus", of(name))


def test_an_absolute_name_leads_nowhere(tmp_path: Path):
    file = put(tmp_path / "bread.pdf")
    put(tmp_path / "corpus" / "rye.pdf")
    with pytest.raises(SourceFileError, match="is not in the corpus folder"):
        source_file(tmp_path / "corpus", of(str(file)))


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path):
    outside = put(tmp_path / "outside" / "bread.pdf")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "bread.pdf").symlink_to(outside)
    with pytest.raises(SourceFileError, match="link that leads out of the corpus folder"):
        source_file(corpus, of("bread.pdf"))


def test_a_linked_folder_outside_is_not_searched(tmp_path: Path):
    put(tmp_path / "outside" / "bread.pdf")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "more").symlink_to(tmp_path / "outside", target_is_directory=True)
    with pytest.raises(SourceFileError, match="is not in the corpus folder"):
        source_file(corpus, of("bread.pdf"))


def test_a_link_within_the_folder_and_a_linked_corpus_folder_are_followed(tmp_path: Path):
    put(tmp_path / "real" / "store" / "loaf.pdf")
    (tmp_path / "real" / "bread.pdf").symlink_to(tmp_path / "real" / "store" / "loaf.pdf")
    (tmp_path / "corpus").symlink_to(tmp_path / "real", target_is_directory=True)
    found = source_file(tmp_path / "corpus", of("bread.pdf"))
    assert found.read_bytes() == WORDS


def test_a_broken_link_is_a_missing_file(tmp_path: Path):
    (tmp_path / "bread.pdf").symlink_to(tmp_path / "gone.pdf")
    with pytest.raises(SourceFileError, match="is not in the corpus folder"):
        source_file(tmp_path, of("bread.pdf"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads what nobody may")
def test_a_file_that_may_not_be_read_is_an_error_for_people(tmp_path: Path):
    file = put(tmp_path / "bread.pdf")
    file.chmod(0)
    with pytest.raises(SourceFileError, match=r"bread\.pdf cannot be read"):
        source_file(tmp_path, of("bread.pdf"))
