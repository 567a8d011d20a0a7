"""The name of a file that a visitor hands in gives it nothing of the catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from reformqa import CorpusError, cli
from reformqa.doctor.index import check_handed_in
from reformqa.fetch.papers import fetch
from reformqa.files import digest
from reformqa.ingest.catalogue import correct, known
from reformqa.ingest.corpus import read_catalogue, read_corpus
from reformqa.ingest.handed_in import UNTITLED, note_of
from reformqa.ingest.inspect import read_report
from reformqa.ingest.upload import receive
from reformqa.model import ReportInfo
from reformqa.settings import AppSettings
from reformqa.storage.files.store import FilesStore
from support.nights import BREAD, CATALOGUE, TRAMS, make_corpus, night

TAKEN = AppSettings(uploads="wait")
BOATS = """# Boats for Hire

## Oars

The boats of the upper lake are hired out by the hour, and each of them has two oars.
"""
NAMELESS = "The boats of the upper lake are hired out by the hour, and each has two oars.\n"
NOTE = BOATS.replace("Boats for Hire", "A note on bread")
ENTRY = '\n[reports.note]\ntitle = "Reading note"\npublisher = "Bakers"\nnote_on = "bread"\n'


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A report, a reading note on another, and a catalogue of both and the note."""
    folder = make_corpus(tmp_path / "corpus")
    (folder / "bread.md").unlink()
    (folder / "note.md").write_text(NOTE)
    (folder / "catalogue.toml").write_text(CATALOGUE + ENTRY)
    return folder


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """A folder for an index."""
    return tmp_path / "index"


def hand_in(corpus: Path, text: str, name: str = "bread.md") -> Path:
    return receive(corpus, name, text.encode(), TAKEN)


def built(corpus: Path, index: Path) -> dict[str, ReportInfo]:
    night(corpus, index)
    return dict(FilesStore(index).reports())


def test_a_name_of_the_catalogue_gives_another_report_none_of_its_facts(corpus: Path, index: Path):
    hand_in(corpus, BOATS)
    outcome = night(corpus, index)
    found = FilesStore(index).reports()["bread"]
    assert (found.title, found.publisher) == ("Boats for Hire", "Unknown publisher")
    assert (found.handed_in, "title" in found.guesses) == (True, True)
    assert any(w.startswith("handed in as bread.md") for w in found.warnings)
    note = outcome.notes[-1]
    assert "bread.md was handed in under a name of the catalogue" in note
    assert "remove bread.handed-in.json" in note


def test_such_a_name_sets_no_reading_note_aside(corpus: Path, index: Path):
    hand_in(corpus, BOATS)
    assert set(built(corpus, index)) == {"bread", "note", "trams"}


def test_a_file_without_a_title_is_not_called_by_its_name(corpus: Path, index: Path):
    hand_in(corpus, NAMELESS, "bread in towns.txt")
    found = built(corpus, index)
    assert set(found) == {"bread-in-towns", "note", "trams"}
    assert (found["bread-in-towns"].title, found["bread-in-towns"].publisher) == (
        UNTITLED,
        "Unknown publisher",
    )


@pytest.mark.parametrize("name", ["bread.md", "download.md"])
def test_the_title_on_the_front_page_gives_the_facts(corpus: Path, index: Path, name: str):
    hand_in(corpus, BREAD, name)
    found = built(corpus, index)
    (own,) = (r for r in found.values() if r.handed_in)
    assert (own.title, own.publisher, own.guesses) == ("Bread in Towns", "Bakers", {})
    assert own.warnings == ()
    assert "note" not in found  # the report itself is in


def test_a_digest_in_the_catalogue_gives_the_facts(corpus: Path, index: Path):
    file = hand_in(corpus, BOATS)
    book = corpus / "catalogue.toml"
    entry = f'title = "Bread in Towns"\nsha256 = "{digest(file)}"'
    book.write_text(book.read_text().replace('title = "Bread in Towns"', entry))
    assert built(corpus, index)["bread"].publisher == "Bakers"
    book.write_text("[reports.bread")  # the entries known so far are used
    assert built(corpus, index)["bread"].publisher == "Bakers"


def test_the_operator_vouches_for_a_file_by_removing_the_note(corpus: Path, index: Path):
    file = hand_in(corpus, BOATS)
    assert built(corpus, index)["bread"].publisher == "Unknown publisher"
    (found,) = check_handed_in(index)
    assert "bread.md was handed in" in found.found
    note_of(file).unlink()
    assert built(corpus, index)["bread"].publisher == "Bakers"
    assert list(check_handed_in(index)) == []


def test_a_file_that_the_operator_puts_in_its_place_is_known_by_its_name(corpus: Path, index: Path):
    hand_in(corpus, BOATS)
    assert built(corpus, index)["bread"].publisher == "Unknown publisher"
    (corpus / "bread.md").write_text(TRAMS + BOATS)
    found = built(corpus, index)["bread"]
    assert (found.publisher, found.handed_in) == ("Bakers", False)


def test_a_note_that_cannot_be_read_vouches_for_nothing(corpus: Path):
    note_of(hand_in(corpus, BOATS)).write_bytes(b"{")
    assert [s.path.name for s in read_corpus(corpus).sources if s.handed_in] == ["bread.md"]


def test_the_operators_file_takes_the_place_of_one_handed_in(corpus: Path):
    hand_in(corpus, BOATS)
    (corpus / "new").mkdir()
    (corpus / "new" / "bread.md").write_text(BREAD)
    (corpus / "zebra.md").write_text(BOATS)
    taken = read_corpus(corpus)
    names = {s.path.relative_to(corpus).as_posix() for s in taken.sources}
    assert names == {"new/bread.md", "note.md", "trams.txt", "zebra.md"}
    assert [p.file for p in taken.left_out] == ["bread.md"]


def test_an_entry_of_another_report_is_not_corrected(corpus: Path, index: Path):
    hand_in(corpus, BOATS)
    found = built(corpus, index)["bread"]
    before = (corpus / "catalogue.toml").read_text()
    assert not known(found, read_catalogue(corpus / "catalogue.toml")).catalogued
    with pytest.raises(CorpusError, match=r"another report of the name bread.*rename it"):
        correct(corpus / "catalogue.toml", found, {"publisher": "Ferrymen"})
    called = CliRunner().invoke(
        cli.app, ["catalogue", str(corpus / "bread.md"), "--accept", "--corpus", str(corpus)]
    )
    assert isinstance(called.exception, CorpusError)
    assert (corpus / "catalogue.toml").read_text() == before


def test_a_correction_holds_for_the_file_that_it_was_made_for(corpus: Path, index: Path):
    hand_in(corpus, BOATS, "boats.md")
    own = built(corpus, index)["boats"]
    correct(corpus / "catalogue.toml", own, {"title": "Hiring Boats", "publisher": "Ferrymen"})
    now = built(corpus, index)["boats"]
    assert (now.title, now.publisher, now.guesses) == ("Hiring Boats", "Ferrymen", {})
    correct(corpus / "catalogue.toml", now, {"title": "Boats"})
    assert built(corpus, index)["boats"].title == "Boats"


def test_an_inspection_knows_it_by_its_front_page(corpus: Path):
    report = read_report(hand_in(corpus, BOATS))
    assert (report.title, report.handed_in) == ("Boats for Hire", True)


def test_a_paper_is_not_taken_to_be_there_for_a_name(corpus: Path):
    file = hand_in(corpus, BOATS)
    (found,) = fetch(corpus, reports=["bread"], dry_run=True)
    assert found.outcome == "refused"
    assert "bread.md was handed in under this name" in (found.reason or "")
    note_of(file).unlink()
    (found,) = fetch(corpus, reports=["bread"], dry_run=True)
    assert found.outcome == "there"
