"""Builds stay for readers on other machines, for as long as the settings say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from reformqa.pipeline.leaving import is_leaving, lately_served, note_leaving
from reformqa.pipeline.rollback import rollback
from reformqa.storage.files.writer import FilesVersions
from support.nights import make_corpus, night

NOW = datetime(2026, 2, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_build_is_read_for_half_of_the_time_that_it_stays(tmp_path: Path):
    note_leaving(tmp_path, "old", ["old"], NOW)
    for hours, read, stays in ((0, True, True), (11, True, True), (13, False, True)):
        now = NOW + hours * HOUR
        assert is_leaving(tmp_path, "old", 24, now) is not read
        assert (lately_served(tmp_path, 24, now) == {"old"}) is stays
    assert lately_served(tmp_path, 24, NOW + 25 * HOUR) == set()
    assert not is_leaving(tmp_path, "never served", 24, NOW + 99 * HOUR)


def test_without_a_time_nobody_has_to_turn_away_and_nothing_stays(tmp_path: Path):
    note_leaving(tmp_path, "old", ["old"], NOW)
    assert not is_leaving(tmp_path, "old", 0, NOW + 99 * HOUR)
    assert lately_served(tmp_path, 0, NOW) == set()


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
