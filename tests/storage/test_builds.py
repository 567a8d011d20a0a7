"""The builds on disk: their ids in order, one served, nothing half-written among them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reformqa.errors import MissingIndexError
from reformqa.storage.files import builds
from reformqa.storage.files.writer import FilesVersions

NOW = datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC)


def made(index: Path, *names: str) -> None:
    for name in names:
        (builds.folder_of(index, name)).mkdir(parents=True)


def entries(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


def day(number: int) -> str:
    return f"202601{number:02}-030405-00ff00"


def new_id(index: Path, now: datetime) -> str:
    """An id that is new to the versions in a folder."""
    return builds.new_id(FilesVersions(index).versions(), now)


@pytest.mark.parametrize("back", [timedelta(0), timedelta(seconds=1), timedelta(days=400)])
def test_a_build_comes_after_all_others_though_the_clock_is_set_back(tmp_path: Path, back):
    first = new_id(tmp_path, NOW)
    assert first.startswith("20260228-235959-")
    made(tmp_path, first)
    names = [first]
    for _ in range(3):
        names.append(new_id(tmp_path, NOW - back))
        made(tmp_path, names[-1])
    assert names == sorted(names)
    assert names[1].startswith("20260301-000000-")
    assert all(builds.is_id(name) for name in names)


def test_a_clock_that_goes_on_gives_its_own_moment(tmp_path: Path):
    made(tmp_path, new_id(tmp_path, NOW))
    later = new_id(tmp_path, NOW + timedelta(hours=1))
    assert later.startswith("20260301-005959-")


def test_what_is_no_build_gives_no_moment(tmp_path: Path):
    made(tmp_path, "99991231-235959-ffffff.bak", ".99991231-235959-ffffff.writing")
    assert new_id(tmp_path, NOW).startswith("20260228-235959-")


def test_half_made_things_are_cleared_and_nothing_else(tmp_path: Path):
    made(tmp_path, day(1), f".{day(2)}.writing", f".{day(3)}.removing", ".mine")
    (builds.folder_of(tmp_path, f".{day(2)}.writing") / "half").write_text("x")
    for name in ("current", "report.json", ".current.0a0b0c", ".report.json.0a0b0c"):
        (tmp_path / name).write_text("x")
    (tmp_path / ".folder").mkdir()
    builds.clear(tmp_path)
    assert entries(tmp_path / "builds") == {day(1), ".mine"}
    assert entries(tmp_path) == {"builds", "current", "report.json", ".folder"}


def test_what_others_keep_in_the_folder_stays(tmp_path: Path):
    (tmp_path / ".gitkeep").touch()
    (tmp_path / ".report.json.0a1b2c").touch()
    builds.clear(tmp_path)
    assert entries(tmp_path) == {".gitkeep"}


def test_clearing_an_index_that_is_not_there_yet_makes_nothing(tmp_path: Path):
    builds.clear(tmp_path / "index")
    assert not (tmp_path / "index").exists()


def test_the_newest_builds_are_kept_and_the_one_served_however_old(tmp_path: Path):
    made(tmp_path, *(day(n) for n in range(1, 7)))
    (tmp_path / "builds" / "mine").mkdir()
    builds.publish(tmp_path, day(2))
    builds.prune(tmp_path, 2)
    assert entries(tmp_path / "builds") == {day(2), day(5), day(6), "mine"}
    builds.publish(tmp_path, day(6))
    builds.prune(tmp_path, 1, [day(5)])
    assert entries(tmp_path / "builds") == {day(5), day(6), "mine"}
    builds.prune(tmp_path, 1)
    assert entries(tmp_path / "builds") == {day(6), "mine"}


def test_a_build_that_is_admitted_stays_and_another_is_gone(tmp_path: Path):
    with builds.written_aside(tmp_path, day(1)) as aside:
        (aside / "file").write_text("x")
        assert [d for d in entries(tmp_path / "builds") if builds.is_id(d)] == []
        builds.admit(tmp_path, aside, day(1))
    assert (builds.folder_of(tmp_path, day(1)) / "file").read_text() == "x"
    with pytest.raises(ZeroDivisionError), builds.written_aside(tmp_path, day(2)):
        raise ZeroDivisionError
    assert entries(tmp_path / "builds") == {day(1)}


def test_the_build_published_last_is_served(tmp_path: Path):
    with pytest.raises(MissingIndexError, match="reformqa rebuild"):
        builds.served(tmp_path)
    for name in (day(1), day(2), day(1)):
        builds.publish(tmp_path, name)
        assert builds.served(tmp_path) == builds.folder_of(tmp_path, name)
    assert entries(tmp_path) == {"current"}
