"""Briefings of people who sign in: theirs alone, and no tab overwrites another."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from reformqa import Briefing, BriefingError, NoteItem, read_briefing, write_briefing
from reformqa.briefing import kept as module
from reformqa.briefing.kept import KeptBriefings
from support.briefings import ovens


@pytest.fixture
def shelf(tmp_path: Path) -> KeptBriefings:
    return KeptBriefings(tmp_path / "briefings")


def test_a_briefing_is_kept_for_its_person_and_no_other(shelf: KeptBriefings):
    kept = shelf.add("ada", ovens())
    assert kept.revision == 1
    assert shelf.read("ada", kept.id) == kept
    assert shelf.read("bob", kept.id) is None
    assert (shelf.titles("ada"), shelf.titles("bob")) == ({kept.id: "Ovens & trams"}, {})
    shelf.delete("bob", kept.id)
    assert shelf.titles("ada")
    shelf.delete("ada", kept.id)
    assert shelf.titles("ada") == {}


def test_the_second_of_two_tabs_overwrites_nothing(shelf: KeptBriefings):
    first = second = shelf.add("ada", ovens())
    changed = shelf.replace("ada", first, ovens().entitled("Of the first"))
    assert changed
    assert changed.revision == 2
    assert shelf.replace("ada", second, ovens().entitled("Of the second")) is None
    assert shelf.read("ada", first.id) == changed
    shelf.delete("ada", first.id)
    assert shelf.replace("ada", changed, ovens()) is None


def test_of_many_sessions_at_a_time_one_wins_each_round(shelf: KeptBriefings):
    kept = shelf.add("ada", ovens())
    won: list[int] = []

    def change(n: int) -> None:
        if shelf.replace("ada", kept, ovens().entitled(str(n))):
            won.append(n)

    threads = [threading.Thread(target=change, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = won
    found = shelf.read("ada", kept.id)
    assert found
    assert (found.revision, found.briefing.title) == (2, str(winner))


def test_the_last_one_changed_is_listed_first(shelf: KeptBriefings):
    one, two = (shelf.add("ada", Briefing.of(title)) for title in ("one", "two"))
    assert list(shelf.titles("ada").values()) == ["two", "one"]
    shelf.replace("ada", one, one.briefing.add_note("more"))
    assert list(shelf.titles("ada")) == [one.id, two.id]


def test_a_person_has_so_many(shelf: KeptBriefings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MOST_KEPT", 1)
    shelf.add("ada", ovens())
    with pytest.raises(BriefingError, match="Delete one first"):
        shelf.add("ada", ovens())
    shelf.add("bob", ovens())


def test_a_folder_that_cannot_be_used_is_an_error_that_says_what_to_do(tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(BriefingError, match=r"kept in .*file/briefings.*Download the briefing"):
        KeptBriefings(tmp_path / "file" / "briefings").add("ada", ovens())


def test_only_the_last_revision_stays_and_a_mark_of_what_was_deleted(
    shelf: KeptBriefings, tmp_path: Path
):
    kept = shelf.add("ada", ovens())
    for title in ("one", "two"):
        changed = shelf.replace("ada", kept, ovens().entitled(title))
        assert changed
        kept = changed
    (file,) = tmp_path.rglob("*.json")
    assert file.name == f"{kept.id}-3.briefing.json"
    assert read_briefing(file.read_bytes()).title == "two"
    shelf.delete("ada", kept.id)
    (file,) = tmp_path.rglob("*.json")
    assert (file.name, file.read_bytes()) == (f"{kept.id}-4.briefing.json", b"")
    assert shelf.replace("ada", kept, ovens()) is None


def test_a_session_that_was_killed_between_two_files_leaves_the_later_one(
    shelf: KeptBriefings, tmp_path: Path
):
    kept = shelf.add("ada", ovens())
    (file,) = tmp_path.rglob("*.json")
    later = file.with_name(file.name.replace("-1.", "-2."))
    later.write_bytes(write_briefing(ovens().entitled("Later")))
    assert shelf.titles("ada") == {kept.id: "Later"}
    found = shelf.read("ada", kept.id)
    assert found
    assert shelf.replace("ada", found, ovens())
    assert len(list(tmp_path.rglob("*.json"))) == 1


CHANGE = """
import sys
from pathlib import Path
from reformqa.briefing.kept import KeptBriefings
shelf = KeptBriefings(Path(sys.argv[1]))
for _ in range(20):
    while True:
        found = shelf.read("ada", sys.argv[2])
        if shelf.replace("ada", found, found.briefing.add_note(sys.argv[3])):
            break
"""


def test_no_change_of_several_processes_is_lost(shelf: KeptBriefings, tmp_path: Path):
    kept = shelf.add("ada", Briefing.of("Ovens"))
    command = [sys.executable, "-c", CHANGE, str(tmp_path / "briefings"), kept.id]
    processes = [subprocess.Popen([*command, name]) for name in ("a", "b", "c")]
    assert [process.wait() for process in processes] == [0, 0, 0]
    found = shelf.read("ada", kept.id)
    assert found
    assert found.revision == 61
    notes = [item.text for item in found.briefing.items if isinstance(item, NoteItem)]
    assert sorted(notes) == sorted(20 * ["a", "b", "c"])


def test_looking_makes_no_file(shelf: KeptBriefings, tmp_path: Path):
    assert (shelf.titles("ada"), shelf.read("ada", "x")) == ({}, None)
    assert list(tmp_path.iterdir()) == []
