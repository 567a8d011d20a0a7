"""Old links: where their paragraph is now, or what has happened to it, whatever is asked."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reformqa import Library, Settings
from reformqa.citations.permalink import Trace
from reformqa.storage.files.manifest import SCHEMA_VERSION, write_manifest
from support.makers import newest_segment
from support.nights import night

OVENS = "The bakers of the harbour town light their ovens well before the first tram leaves."
EDITED = "The bakers of the harbour town light their ovens well after the first tram leaves."
RYE = "Rye keeps for a week in a stone crock, while a wheat loaf is stale by the second evening."
BREAD = f"# Bread in Towns\n\n## Ovens at dawn\n\n{OVENS}\n\n{RYE}\n"
TRAMS = "# Trams\n\n## Tracks\n\nA tram that comes every ten minutes needs no timetable at all.\n"
NEVER = "20200102-030405-00ff00"


class Shelf:
    """A corpus and its index, rebuilt as a test goes on."""

    def __init__(self, folder: Path) -> None:
        self.corpus, self.index = folder / "corpus", folder / "index"
        self.corpus.mkdir()

    def put(self, name: str, text: str) -> None:
        (self.corpus / name).write_text(text, encoding="utf-8")

    def built(self, **settings: object) -> Library:
        night(self.corpus, self.index, settings)
        return Library.open(self.index, Settings())

    def build(self, build_id: str) -> Path:
        return self.index / "builds" / build_id


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Two reports, not built yet."""
    shelf = Shelf(tmp_path)
    shelf.put("bread.md", BREAD)
    shelf.put("trams.md", TRAMS)
    return shelf


def id_of(library: Library, text: str) -> str:
    found = (p.id for r in library.reports for p in library.report(r.id).paragraphs)
    return next(i for i in found if library.paragraph(i).text == text)


def test_a_paragraph_that_is_there_is_found_and_nothing_is_told(library: Library):
    paragraph = library.report(library.reports[0].id).paragraphs[7]
    for build in (None, library.build.id, NEVER, "../..", ""):
        assert library.trace(paragraph.id, build) == Trace(paragraph, None, None)


def test_of_a_changed_report_the_old_words_and_the_nearest_are_shown(shelf: Shelf):
    old = shelf.built()
    shelf.put("bread.md", BREAD.replace(OVENS, EDITED))
    new = shelf.built()
    lost = id_of(old, OVENS)
    for build in (old.build.id, None, NEVER, "nonsense"):
        trace = new.trace(lost, build)
        assert trace.paragraph
        assert (trace.paragraph.id, trace.paragraph.text) == (id_of(new, EDITED), EDITED)
        assert trace.paragraph_then
        assert trace.paragraph_then.text == OVENS
        assert trace.explanation == (
            f"The report has changed since build {old.build.id}."
            " The most similar paragraph in it is shown."
        )
    assert new.trace(id_of(old, RYE), old.build.id).explanation is None


def test_where_nothing_is_like_the_paragraph_none_is_shown(shelf: Shelf):
    old = shelf.built()
    shelf.put("bread.md", BREAD.replace(OVENS, "Nobody knows when millers go to sleep in winter."))
    trace = shelf.built().trace(id_of(old, OVENS), old.build.id)
    assert trace.paragraph is None
    assert trace.paragraph_then
    assert trace.paragraph_then.text == OVENS
    assert str(trace.explanation).endswith(" It no longer has a paragraph similar to this one.")


def test_a_link_from_before_the_served_build_is_followed_back_from_it(shelf: Shelf):
    """After an older build is served again, a link made from the newer one still speaks."""
    old = shelf.built()
    shelf.put("bread.md", BREAD.replace(OVENS, EDITED))
    new = shelf.built()
    trace = old.trace(id_of(new, EDITED), new.build.id)
    assert trace.paragraph
    assert trace.paragraph.text == OVENS


def test_a_report_that_is_gone_is_named(shelf: Shelf):
    old = shelf.built()
    (shelf.corpus / "bread.md").unlink()
    trace = shelf.built().trace(id_of(old, RYE), old.build.id)
    assert trace.paragraph is None
    assert trace.paragraph_then
    assert trace.paragraph_then.text == RYE
    assert trace.explanation == (
        f"The report “Bread in Towns” is no longer in the library; it was in build {old.build.id}."
    )


def test_a_report_under_another_name_is_followed(shelf: Shelf):
    old = shelf.built()
    (shelf.corpus / "bread.md").rename(shelf.corpus / "loaves.md")
    new = shelf.built()
    trace = new.trace(id_of(old, RYE), old.build.id)
    assert trace.paragraph
    assert (trace.paragraph.report_id, trace.paragraph.text) == ("loaves", RYE)
    assert trace.explanation == (
        "The report bread is now called loaves. The paragraph itself is unchanged."
    )


def test_a_note_leads_to_the_report_that_took_its_place(shelf: Shelf):
    entry = '[reports.{}]\ntitle = "{}"\npublisher = "Bakers"\n'
    note = entry.format("note", "Note on boats") + 'note_on = "boats"\n'
    shelf.put("catalogue.toml", note + entry.format("boats", "Boats"))
    told = "Boats that leave the harbour by night carry lamps at the bow and at the stern."
    shelf.put("note.md", f"# Note on boats\n\n## In brief\n\n{told}\n")
    old = shelf.built()
    full = told.replace("carry", "must carry two")
    shelf.put("boats.md", f"# Boats\n\n## Lamps\n\n{full}\n")
    trace = shelf.built().trace(id_of(old, told), old.build.id)
    assert trace.paragraph
    assert trace.paragraph.text == full
    assert str(trace.explanation).startswith(
        "The reading note has been replaced by the report itself."
    )


def deleted(folder: Path) -> None:
    shutil.rmtree(folder)


def without_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def without_database(folder: Path) -> None:
    (newest_segment(folder) / "library.sqlite").unlink()


def altered(folder: Path) -> None:
    file = newest_segment(folder) / "library.sqlite"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.unlink()  # another build may share it
    file.write_bytes(data)


def of_another_format(folder: Path) -> None:
    file = folder / "manifest.json"
    file.write_text(file.read_text().replace(f'"schema": {SCHEMA_VERSION}', '"schema": 3'))


def a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("no folder")


@pytest.mark.parametrize(
    ("harm", "state"),
    [
        (deleted, "is no longer kept"),
        (a_file, "cannot be read"),
        (without_manifest, "cannot be read"),
        (without_database, "cannot be read"),
        (altered, "cannot be read"),
        (of_another_format, "cannot be read"),
    ],
)
def test_where_the_old_build_is_harmed_or_gone_that_is_told(
    shelf: Shelf, harm: Callable[[Path], None], state: str
):
    old = shelf.built()
    lost = id_of(old, OVENS)
    shelf.put("bread.md", BREAD.replace(OVENS, EDITED))
    new = shelf.built()
    harm(shelf.build(old.build.id))
    assert new.trace(lost, old.build.id) == Trace(
        None,
        f"The report bread has changed since build {old.build.id}. What the paragraph said then"
        f" cannot be shown: that build {state}.",
    )
    assert str(new.trace(lost).explanation).startswith(
        "The report bread has no such paragraph: it has"
    )


def test_a_report_read_otherwise_is_not_said_to_have_changed(shelf: Shelf):
    old = shelf.built()
    lost = id_of(old, RYE)
    new = shelf.built(passages={"max_characters": 500})
    database = newest_segment(shelf.build(new.build.id)) / "library.sqlite"
    assert new.trace(lost, old.build.id).explanation is None
    forget(database, lost)
    trace = reopened(shelf, new).trace(lost, old.build.id)
    assert str(trace.explanation).startswith(
        f"The report has not changed since build {old.build.id}, but"
    )


def forget(database: Path, paragraph_id: str) -> None:
    """Take a paragraph out of a build, as a reader that makes less of the same file would."""
    data = database.read_bytes()
    database.unlink()  # the build before shares it
    database.write_bytes(data)
    with sqlite3.connect(database) as opened:
        opened.execute("DELETE FROM paragraphs WHERE id = ?", [paragraph_id])
    opened.close()


def reopened(shelf: Shelf, library: Library) -> Library:
    """The library after its build was changed: the manifest is written anew."""
    folder = shelf.build(library.build.id)
    held = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").unlink()
    write_manifest(folder, {k: v for k, v in held.items() if k not in ("schema", "files")})
    return Library.open(shelf.index, Settings())


def test_an_id_that_the_old_build_has_not_either_never_was_one(shelf: Shelf):
    old = shelf.built()
    shelf.put("bread.md", BREAD.replace(OVENS, EDITED))
    new = shelf.built()
    for build in (old.build.id, new.build.id):
        told = f"No paragraph of bread has this id, not even in build {build}."
        assert str(new.trace("bread-00000000", build).explanation).startswith(told)


def test_a_report_that_nobody_knows_is_said_not_to_be_there(library: Library):
    told = "There is no report cake in the library: it has been removed or renamed since build"
    assert str(library.trace("cake-00000000", NEVER).explanation).startswith(
        f"{told} {NEVER}, or the"
    )
    told = (
        "There is no report cake in the library: it has been removed or renamed, or the link is"
        " incomplete."
    )
    assert library.trace("cake-00000000-2").explanation == told


@pytest.mark.parametrize(
    "name", ["", "bread", "Bread-00000000", "../x", "a" * 5_000, "<b>", "\ud800", "x\0y", "a-b\n"]
)
def test_what_is_no_id_is_said_to_be_none(library: Library, name: str):
    trace = library.trace(name, name)
    assert (trace.paragraph, trace.paragraph_then) == (None, None)
    assert "Check that the link was copied in full." in str(trace.explanation)


builds = st.one_of(
    st.none(),
    st.text(),
    st.sampled_from(["..", "../current", "/etc", ".x.writing", "current", "\0", NEVER]),
)


@given(st.text(), builds)
@example("note-on-going-public-00000000", "../../corpus")
@example("\udcff-00000000", "\udcff")
def test_whatever_an_address_says_an_answer_comes_back(library: Library, name: str, build):
    trace = library.trace(name, build)
    assert trace.paragraph is None
    assert trace.explanation
    if build and build != NEVER:
        assert f"build {build}" not in trace.explanation


def test_no_path_leaves_the_builds(shelf: Shelf, tmp_path: Path):
    old = shelf.built()
    lost = id_of(old, OVENS)
    shelf.put("bread.md", BREAD.replace(OVENS, EDITED))
    new = shelf.built()
    shutil.move(shelf.build(old.build.id), tmp_path / "aside")
    for build in ("../../aside", str(tmp_path / "aside"), f"{new.build.id}/../../../aside"):
        assert new.trace(lost, build).paragraph_then is None
