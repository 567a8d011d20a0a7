"""The corpus folder: which files count as reports, and what a catalogue may contain."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path

import pytest

from reformqa import CorpusError
from reformqa.ingest.corpus import Entry, Source, find_entry, read_catalogue, read_corpus
from reformqa.model import FileProblem, Metadata
from support.makers import report

ENTRY = '[reports.loaf]\ntitle = "The Loaf"\npublisher = "Bakers"\n'


def put(folder: Path, name: str, text: str = "Bread.") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_reports_are_listed_by_path_with_id_and_hash(tmp_path: Path):
    second = put(tmp_path, "Sour Dough.txt", "Rye.")
    first = put(tmp_path, "A/Flat_Bread.MD", "Wheat.")
    assert read_corpus(tmp_path).sources == (
        Source(first, "flat-bread", hashlib.sha256(b"Wheat.").hexdigest()),
        Source(second, "sour-dough", hashlib.sha256(b"Rye.").hexdigest()),
    )


def test_files_about_the_folder_and_hidden_ones_are_passed_over(tmp_path: Path):
    report = put(tmp_path, "loaf.txt")
    for name in ("README.md", "Licence.txt", "LICENSE", ".loaf.txt.swp", ".git/loaf.txt"):
        put(tmp_path, name)
    put(tmp_path, "catalogue.toml", ENTRY)
    found = read_corpus(tmp_path)
    assert [s.path for s in found.sources] == [report]
    assert found.left_out == ()


def test_a_file_of_another_kind_is_left_out_with_the_reason(tmp_path: Path):
    put(tmp_path, "loaf.txt")
    put(tmp_path, "loaf.odt")
    left_out = (FileProblem("loaf.odt", "not one of .txt, .md, .docx, .html, .htm, .pdf"),)
    assert read_corpus(tmp_path).left_out == left_out


def test_of_two_files_with_one_id_the_first_is_taken_and_the_other_named(tmp_path: Path):
    put(tmp_path, "rye loaf.txt")
    put(tmp_path, "old/Rye-Loaf.md", "# Other\n")
    corpus = read_corpus(tmp_path)
    assert [s.path.name for s in corpus.sources] == ["Rye-Loaf.md"]
    (problem,) = corpus.problems
    assert problem.file == "rye loaf.txt"
    assert problem.reason == (
        "would have the same id as Rye-Loaf.md: rye-loaf. Rename or remove one of them."
    )


def test_a_file_that_is_there_twice_is_taken_once(tmp_path: Path):
    put(tmp_path, "b/loaf.txt")
    put(tmp_path, "a rye.txt")
    corpus = read_corpus(tmp_path)
    assert [s.path.name for s in corpus.sources] == ["a rye.txt"]
    assert corpus.left_out == (FileProblem("loaf.txt", "has the same contents as a rye.txt"),)
    assert corpus.problems == ()


def test_no_copy_takes_the_place_of_a_report_that_the_catalogue_knows(tmp_path: Path):
    (tmp_path / "catalogue.toml").write_text(ENTRY)
    put(tmp_path, "a copy.txt")
    put(tmp_path, "loaf.txt")
    put(tmp_path, "aaa.txt", "Rye.")
    assert [s.report_id for s in read_corpus(tmp_path).sources] == ["aaa", "loaf"]


def test_known_entries_replace_a_catalogue_that_cannot_be_read(tmp_path: Path):
    put(tmp_path, "loaf.txt")
    (tmp_path / "catalogue.toml").write_text("[reports.loaf\n")
    with pytest.raises(CorpusError, match="not valid TOML"):
        read_corpus(tmp_path)
    known = {"loaf": Entry("loaf", Metadata(title="Loaf"), None)}
    corpus = read_corpus(tmp_path, known=known)
    assert corpus.catalogue == known
    (problem,) = corpus.problems
    assert (problem.file, problem.kept) == ("catalogue.toml", True)
    assert "not valid TOML" in problem.reason


# What is in the folder and is no file of it


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A corpus of one report, beside a file and a folder that are none of its business."""
    put(tmp_path, "outside/secret.txt", "The combination is 1234.")
    put(tmp_path, "corpus/loaf.txt")
    return tmp_path / "corpus"


def fate(corpus: Path, name: str) -> str:
    """Return why `name` is not read; the report beside it is."""
    found = read_corpus(corpus)
    assert [s.path.name for s in found.sources] == ["loaf.txt"]
    (problem,) = found.problems
    assert problem.file == name
    return problem.reason


@pytest.mark.parametrize("target", ["../outside/secret.txt", "/etc/hostname", "/proc/self/environ"])
def test_a_link_out_of_the_folder_is_named_and_not_followed(corpus: Path, target: str):
    (corpus / "rye.txt").symlink_to(target)
    assert fate(corpus, "rye.txt").startswith("is a link out of the corpus folder")


def test_a_link_to_a_folder_is_named_and_not_followed(corpus: Path):
    (corpus / "more").symlink_to("../outside", target_is_directory=True)
    assert fate(corpus, "more").startswith("is a link out of the corpus folder")
    (corpus / "more").unlink()
    (corpus / "inner").mkdir()
    (corpus / "more").symlink_to("inner", target_is_directory=True)
    assert fate(corpus, "more").startswith("is a link to a folder")


def test_a_link_within_the_folder_is_a_file_like_any(corpus: Path):
    put(corpus, "store/rye.txt", "Rye.")
    (corpus / "crust.txt").symlink_to("store/rye.txt")
    found = read_corpus(corpus)
    assert [s.path.name for s in found.sources] == ["crust.txt", "loaf.txt"]
    assert found.left_out == (FileProblem("rye.txt", "has the same contents as crust.txt"),)
    assert found.problems == ()


def test_the_folder_itself_may_be_a_link(corpus: Path, tmp_path: Path):
    (tmp_path / "link").symlink_to(corpus, target_is_directory=True)
    assert [s.path.name for s in read_corpus(tmp_path / "link").sources] == ["loaf.txt"]


def test_a_broken_link_and_a_circle_of_links_are_named(corpus: Path):
    (corpus / "rye.txt").symlink_to("gone.txt")
    assert fate(corpus, "rye.txt").startswith("is a broken link")
    (corpus / "rye.txt").unlink()
    (corpus / "rye.txt").symlink_to("rye.txt")
    assert fate(corpus, "rye.txt").startswith("cannot be examined")


def test_a_pipe_and_a_socket_are_named_and_not_opened(corpus: Path):
    os.mkfifo(corpus / "rye.txt")
    assert fate(corpus, "rye.txt").startswith("is not a file but a pipe")
    (corpus / "rye.txt").unlink()
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(corpus / "rye.pdf"))
        assert fate(corpus, "rye.pdf").startswith("is not a file but a pipe")


def test_a_file_that_is_too_large_is_named_and_not_hashed(corpus: Path):
    with (corpus / "rye.txt").open("wb") as file:
        file.truncate(2**43)  # eight terabytes of holes: hashing them takes hours
    assert fate(corpus, "rye.txt").startswith("has 8,388,608 MB; at most 1,000 are read.")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list any folder")
def test_a_folder_that_may_not_be_listed_is_named(corpus: Path):
    (corpus / "closed").mkdir(mode=0)
    assert fate(corpus, "closed").startswith("cannot be listed")


def test_a_folder_of_such_things_alone_says_so(tmp_path: Path):
    (tmp_path / "rye.txt").symlink_to("gone.txt")
    with pytest.raises(CorpusError, match=r"holds no report\. .* rye\.txt is a broken link"):
        read_corpus(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path):
    with pytest.raises(CorpusError, match=r"There is no corpus folder .*absent"):
        read_corpus(tmp_path / "absent")


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path):
    with pytest.raises(CorpusError, match="There is no corpus folder"):
        read_corpus(put(tmp_path, "loaf.txt"))


@pytest.mark.parametrize("name", ["README.md", "loaf.odt", ".hidden.txt", "x.provenance.json"])
def test_a_folder_without_a_report_is_refused(tmp_path: Path, name: str):
    put(tmp_path, name)
    with pytest.raises(CorpusError, match="holds no report"):
        read_corpus(tmp_path)


def test_the_catalogue_gives_facts_and_marks_notes(tmp_path: Path):
    text = ENTRY + (
        'subtitle = "A Crust"\nauthors = ["A. Miller", "B. Baker"]\npublished = "2021-03"\n'
        'series = "Flour"\nlicence = "CC BY"\nurl = "https://example.org/loaf"\nnote_on = "grain"\n'
        'file = "https://example.org/loaf.pdf"\nedition_of = "crumb"\n'
    )
    facts = Metadata(
        title="The Loaf",
        subtitle="A Crust",
        authors=("A. Miller", "B. Baker"),
        publisher="Bakers",
        published="2021-03",
        series="Flour",
        licence="CC BY",
        url="https://example.org/loaf",
    )
    file = put(tmp_path, "catalogue.toml", text)
    assert read_catalogue(file) == {
        "loaf": Entry("loaf", facts, "grain", "https://example.org/loaf.pdf", edition_of="crumb")
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ENTRY + "colour = 1\n", "reports.loaf.colour"),
        (ENTRY + 'published = "May 2021"\n', "reports.loaf.published"),
        ('[reports.loaf]\ntitle = "The Loaf"\n', "reports.loaf.publisher"),
        ('[report.loaf]\ntitle = "The Loaf"\n', "report"),
        ("[reports.loaf\n", "is not valid TOML"),
    ],
)
def test_a_wrong_catalogue_is_refused_with_the_key(tmp_path: Path, text: str, said: str):
    put(tmp_path, "loaf.txt")
    file = put(tmp_path, "catalogue.toml", text)
    with pytest.raises(CorpusError) as error:
        read_corpus(tmp_path)
    assert str(error.value).startswith(str(file))
    assert said in str(error.value)


def test_no_catalogue_is_no_fault_unless_it_was_named(tmp_path: Path):
    put(tmp_path, "loaf.txt")
    assert read_corpus(tmp_path).catalogue == {}
    with pytest.raises(CorpusError, match=r"There is no catalogue .*facts\.toml"):
        read_corpus(tmp_path, tmp_path / "facts.toml")


def test_a_named_catalogue_takes_the_place_of_the_folders_own(tmp_path: Path):
    put(tmp_path, "corpus/loaf.txt")
    put(tmp_path, "corpus/catalogue.toml", ENTRY)
    named = put(tmp_path, "facts.toml", '[reports.bun]\ntitle = "Bun"\npublisher = "Cooks"\n')
    assert set(read_corpus(tmp_path / "corpus", named).catalogue) == {"bun"}


def test_a_report_under_another_file_name_is_known_by_its_title(tmp_path: Path):
    put(tmp_path, "download.txt")
    put(tmp_path, "catalogue.toml", ENTRY)
    corpus = read_corpus(tmp_path)
    named = report(id="download", title="THE  LOAF!")
    assert find_entry(corpus.catalogue, named) == corpus.catalogue["loaf"]
    assert find_entry(corpus.catalogue, report(id="download", title="The Bun")) is None
