"""What a build says is new in it, and the list of the builds on disk."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reformqa import Library, Settings, cli
from reformqa.model import Changes
from reformqa.pipeline.diff import Made, compare_builds
from reformqa.pipeline.status import status
from reformqa.storage.files.builds import is_id, list_builds, new_id
from support.makers import newest_segment, report
from support.nights import night

BREAD = "# Bread\n\n## Ovens\n\nThe bakers of the harbour town light their ovens before dawn.\n"
TRAMS = "# Trams\n\n## Tracks\n\nA tram that comes every ten minutes needs no timetable at all.\n"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two short reports, of bread and of trams."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "bread.md").write_text(BREAD, encoding="utf-8")
    (folder / "Trams.txt").write_text(TRAMS, encoding="utf-8")
    return folder


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """A folder for an index."""
    return tmp_path / "index"


def test_the_first_build_adds_every_report(corpus: Path, index: Path):
    assert night(corpus, index).build.changes == Changes(added=("bread", "trams"))


def test_a_build_names_the_one_before_and_what_is_other_in_it(corpus: Path, index: Path):
    first = night(corpus, index).build
    (corpus / "bread.md").unlink()
    (corpus / "Trams.txt").write_text(TRAMS.replace("ten", "nine"), encoding="utf-8")
    (corpus / "boats.md").write_text(BREAD.replace("bakers", "boatmen"), encoding="utf-8")
    second = night(corpus, index).build
    assert second.changes == Changes(first.id, ("boats",), ("trams",), ("bread",))
    assert Library.open(index, Settings()).build == second


@pytest.mark.parametrize(
    ("harm", "settings", "reason"),
    [
        (lambda corpus: None, {"passages": {"max_characters": 500}}, "other settings"),
        (
            lambda corpus: (corpus / "catalogue.toml").write_text(
                '[reports.boats]\ntitle = "Boats"\npublisher = "Boatmen"\n'
            ),
            {"reading": {"ocr": True}},
            "other settings, another catalogue",
        ),
        (lambda corpus: (corpus / "loaf.odt").write_bytes(b"x"), {}, "other files left out"),
        (lambda corpus: (corpus / "torn.pdf").write_bytes(b"x"), {}, "other files left out"),
    ],
)
def test_where_no_report_is_other_the_reason_is_told(
    corpus: Path, index: Path, harm, settings: dict[str, object], reason: str
):
    first = night(corpus, index).build
    harm(corpus)
    build = night(corpus, index, settings).build
    assert build.changes == Changes(first.id, reason=reason)


def test_a_forced_build_says_so(corpus: Path, index: Path):
    first = night(corpus, index).build
    assert night(corpus, index, force=True).build.changes == Changes(first.id, reason="asked for")


def test_a_build_in_place_of_a_damaged_one_says_so(corpus: Path, index: Path):
    first = night(corpus, index).build
    (newest_segment(index / "builds" / first.id) / "library.sqlite").unlink()
    outcome = night(corpus, index)
    assert outcome.build.changes == Changes(added=("bread", "trams"))  # nothing to compare with
    note, _ = outcome.notes  # the other says that the calibration is not the model's
    assert first.id in note
    assert "library.sqlite is missing" in note
    (newest_segment(index / "builds" / outcome.build.id) / "library.sqlite").unlink()
    night(corpus, index)
    second = night(corpus, index, force=True).build
    (newest_segment(index / "builds" / second.id) / "library.sqlite").unlink()
    assert night(corpus, index).build.changes.reason == "the build before was damaged"


def test_a_file_that_can_be_read_at_last_is_a_report_added(corpus: Path, index: Path):
    (corpus / "boats.md").write_bytes(b"")
    first = night(corpus, index).build
    assert first.changes.added == ("bread", "trams")
    (corpus / "boats.md").write_text(BREAD.replace("bakers", "boatmen"), encoding="utf-8")
    assert night(corpus, index).build.changes == Changes(first.id, ("boats",))


def test_a_note_that_gives_way_is_a_report_removed(corpus: Path, index: Path):
    entry = '[reports.{}]\ntitle = "{}"\npublisher = "Bakers"\n'
    note = entry.format("note", "Note on bread") + 'note_on = "ovens"\n'
    (corpus / "catalogue.toml").write_text(note + entry.format("ovens", "Ovens"))
    (corpus / "note.md").write_text(BREAD.replace("bakers", "readers"), encoding="utf-8")
    first = night(corpus, index).build
    (corpus / "ovens.md").write_text(BREAD.replace("dawn", "noon"), encoding="utf-8")
    assert night(corpus, index).build.changes == Changes(first.id, ("ovens",), (), ("note",))


def test_a_report_that_the_catalogue_calls_an_edition_is_corrected(corpus: Path, index: Path):
    entry = '[reports.trams]\ntitle = "Trams"\npublisher = "Drivers"\n'
    (corpus / "catalogue.toml").write_text(entry)
    first = night(corpus, index).build
    (corpus / "catalogue.toml").write_text(f'{entry}edition_of = "bread"\n')
    changes = night(corpus, index).build.changes
    assert changes == Changes(first.id, corrected=("trams",), reason="another catalogue")
    reports = Library.open(index, Settings()).reports
    assert {r.id: r.edition_of for r in reports} == {"bread": None, "trams": "bread"}
    assert not night(corpus, index).changed


def test_a_file_under_another_name_has_moved(corpus: Path, index: Path):
    first = night(corpus, index).build
    (corpus / "bread.md").rename(corpus / "loaves.md")
    outcome = night(corpus, index)
    assert outcome.build.changes == Changes(first.id, moved=(("bread", "loaves"),))
    assert outcome.encoded == 0


def test_a_report_of_other_facts_is_corrected_and_of_other_words_changed(corpus: Path, index: Path):
    entry = '[reports.{}]\ntitle = "{}"\npublisher = "{}"\n'
    catalogue = corpus / "catalogue.toml"
    catalogue.write_text(entry.format("bread", "Bread", "Bakers"))
    first = night(corpus, index).build
    catalogue.write_text(
        entry.format("bread", "Bread", "Millers") + entry.format("trams", "Trams", "Drivers")
    )
    (corpus / "Trams.txt").write_text(TRAMS.replace("ten", "nine"), encoding="utf-8")
    assert night(corpus, index).build.changes == Changes(
        first.id, changed=("trams",), corrected=("bread",), reason="another catalogue"
    )


def test_one_of_two_files_that_were_alike_has_moved_and_the_other_is_removed():
    made_of = dict.fromkeys(("models", "parser", "settings", "rules", "tuning", "catalogue"), 1)
    made_of |= {"sources": {}, "left_out": []}
    before = {name: report(id=name, sha256="1") for name in ("a", "b")}
    told = compare_builds(
        Made("b1", before, made_of), Made("b2", {"c": report(id="c", sha256="1")}, made_of)
    )
    assert told == Changes("b1", removed=("b",), moved=(("a", "c"),))


def test_other_models_and_readers_are_told_beside_the_reports_that_changed():
    made_of = dict.fromkeys(("models", "parser", "settings", "rules", "tuning", "catalogue"), 1)
    made_of |= {"sources": {"a.md": "1"}, "left_out": []}
    now = made_of | {"models": 2, "parser": 2, "rules": 2, "tuning": 2}
    now |= {"sources": {"a.md": "2"}}
    reason = "other models, another parser, other rules, another calibration"
    one, two = ({"a": report(id="a", sha256=digest)} for digest in "12")
    told = compare_builds(Made("b1", one, made_of), Made("b2", two, now))
    assert told == Changes("b1", changed=("a",), reason=reason)


def test_a_build_of_before_there_were_changes_still_opens(corpus: Path, index: Path):
    build = night(corpus, index).build
    manifest = index / "builds" / build.id / "manifest.json"
    held = json.loads(manifest.read_text(encoding="utf-8"))
    del held["build"]["changes"]
    manifest.write_text(json.dumps(held), encoding="utf-8")
    assert Library.open(index, Settings()).build.changes == Changes()


def test_the_builds_on_disk_are_listed_newest_first(corpus: Path, index: Path):
    made = [night(corpus, index, force=True).build for _ in range(3)]
    assert list_builds(index) == status(index).builds == tuple(reversed(made))
    (index / "builds" / made[1].id / "manifest.json").write_text('{"schema": 1')
    (index / "builds" / ".x.writing").mkdir()
    (index / "builds" / "stray").write_text("no folder")
    assert list_builds(index) == status(index).builds == (made[2], made[0])


def test_the_name_of_a_build_leads_nowhere_else():
    assert is_id(new_id([], datetime.now(UTC)))
    name = "20260102-030405-00ff00"
    assert is_id(name)
    for bad in ("", ".", "..", "current", f"../{name}", f"{name}/..", f"{name}\n", f".{name}"):
        assert not is_id(bad)
    assert not is_id("٢٠٢٦٠١٠٢-030405-00ff00")


def test_builds_of_one_second_are_told_apart_by_when_they_were_written(corpus: Path, index: Path):
    made = [night(corpus, index, force=True).build for _ in range(2)]
    for build in made:
        manifest = index / "builds" / build.id / "manifest.json"
        held = json.loads(manifest.read_text(encoding="utf-8"))
        held["build"]["made"] = "2026-01-02T03:04:05+00:00"
        manifest.write_text(json.dumps(held), encoding="utf-8")
    assert [b.id for b in list_builds(index)] == [made[1].id, made[0].id]


def test_status_prints_what_is_new_in_the_build(corpus: Path, index: Path):
    first = night(corpus, index).build
    before = CliRunner().invoke(cli.app, ["status", "--index", str(index)]).stdout
    assert "Since build" not in before
    (corpus / "boats.md").write_text(BREAD.replace("bakers", "boatmen"), encoding="utf-8")
    night(corpus, index, {"passages": {"max_characters": 500}})
    after = CliRunner().invoke(cli.app, ["status", "--index", str(index)]).stdout
    told = f"Since build {first.id}:\n  added: boats\n  rebuilt in full: other settings\n"
    assert told in after
