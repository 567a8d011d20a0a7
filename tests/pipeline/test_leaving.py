"""Builds stay for readers on other machines, for as long as the settings say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from reformqa.pipeline.leaving import is_leaving, lately_served, note_leaving
from reformqa.pipeline.rollback import rollback
from reformqa.storage.files.writer import FilesVersions
from support.nights import make_corpus, night

NOW = datetime(2026, 2, 27, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


#: Builds of a day before, now and a day later.
OLD, NEXT, LAST = (f"2026022{day}-120000-00ff00" for day in (6, 7, 8))


def test_a_build_stays_for_hours_after_it_was_replaced(tmp_path: Path):
    note_leaving(tmp_path, OLD, [OLD], NOW)
    assert lately_served(tmp_path, 24, NOW + 23 * HOUR) == {OLD}
    assert lately_served(tmp_path, 24, NOW + 25 * HOUR) == set()
    assert lately_served(tmp_path, 0, NOW) == set()


def test_a_reader_turns_away_in_half_of_the_time(tmp_path: Path):
    kept = [LAST, NEXT, OLD]
    assert not is_leaving(kept, OLD, 24, NOW + 11 * HOUR)
    assert is_leaving(kept, OLD, 24, NOW + 13 * HOUR)
    assert not is_leaving(kept, NEXT, 24, NOW + 13 * HOUR)
    assert not is_leaving(kept, OLD, 0, NOW + 99 * HOUR)


def test_a_reader_turns_away_from_what_is_gone_and_stays_with_the_newest():
    for hours in (0, 24):
        assert is_leaving([LAST, NEXT], OLD, hours, NOW)
        assert not is_leaving([LAST, NEXT], LAST, hours, NOW + 99 * HOUR)
    assert is_leaving(["99999999-999999-00ff00", OLD], OLD, 24, NOW)  # an id that is no moment


def test_a_build_that_was_served_again_counts_from_its_last_day(tmp_path: Path):
    note_leaving(tmp_path, "a", ["a", "b"], NOW)
    note_leaving(tmp_path, "b", ["a", "b"], NOW + HOUR)
    note_leaving(tmp_path, "a", ["a", "c"], NOW + 30 * HOUR)
    assert lately_served(tmp_path, 2, NOW + 31 * HOUR) == {"a"}
    assert lately_served(tmp_path, 99, NOW + 31 * HOUR) == {"a"}  # of b, nothing is kept


def test_a_record_that_is_damaged_spares_nothing(tmp_path: Path):
    (tmp_path / "left.json").write_text('{"a": "yesterday"}')
    assert lately_served(tmp_path, 99) == set()
    note_leaving(tmp_path, "b", ["b"])
    assert lately_served(tmp_path, 99) == {"b"}


def test_a_rebuild_removes_no_build_that_was_served_a_moment_ago(tmp_path: Path):
    corpus, index = make_corpus(tmp_path / "corpus"), tmp_path / "index"
    versions = FilesVersions(index)
    patient, hasty = ({"rebuild": {"keep": 1, "grace_hours": hours}} for hours in (24, 0))
    first = night(corpus, index, patient).build.id
    second = night(corpus, index, patient, force=True).build.id
    rollback(index, first)
    third = night(corpus, index, patient, force=True).build.id
    assert versions.versions() == [third, second, first]
    assert versions.open(first).reports().keys() == {"bread", "trams"}
    last = night(corpus, index, hasty, force=True).build.id
    assert versions.versions() == [last]
