"""Briefings of people who sign in: theirs alone, and no tab overwrites another."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from reformqa import Briefing, BriefingError
from reformqa.briefing import kept as module
from reformqa.briefing.kept import KeptBriefings
from support.briefings import ovens


@pytest.fixture
def shelf(tmp_path: Path) -> KeptBriefings:
    return KeptBriefings(tmp_path / "briefings.sqlite")


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


def test_a_file_that_cannot_be_used_is_an_error_that_says_what_to_do(tmp_path: Path):
    file = tmp_path / "briefings.sqlite"
    file.write_bytes(b"not a database, but long enough to be taken for one " * 40)
    with pytest.raises(BriefingError, match="Download the briefing file"):
        KeptBriefings(file).add("ada", ovens())
    with pytest.raises(BriefingError, match=r"kept in briefings\.sqlite"):
        KeptBriefings(tmp_path / "nowhere" / "briefings.sqlite").add("ada", ovens())


def test_looking_makes_no_file(shelf: KeptBriefings, tmp_path: Path):
    assert (shelf.titles("ada"), shelf.read("ada", "x")) == ({}, None)
    assert list(tmp_path.iterdir()) == []
