"""Rebuilds onto a server: the builds of a folder, one at a time, with status and rollback."""

from __future__ import annotations

from pathlib import Path

import pytest

from reformqa import Library, Settings
from reformqa.errors import BusyIndexError, UnreachableStoreError
from reformqa.pipeline.rollback import rollback
from reformqa.pipeline.runs import last_run
from reformqa.pipeline.status import status, verify
from reformqa.storage.chosen import open_versions, open_writer
from reformqa.storage.files.lock import only_writer
from support.milvus_server import MilvusServer
from support.nights import GARBAGE, make_corpus, night, settings


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return make_corpus(tmp_path / "corpus")


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def server(milvus: MilvusServer) -> dict[str, dict[str, object]]:
    """The settings of a library of its own on a server."""
    return {"storage": milvus.settings().model_dump()}


def opened(index: Path, server: dict[str, dict[str, object]]) -> Library:
    return Library.open(index, settings(**server))


def test_a_build_on_a_server_is_that_in_a_folder(
    corpus: Path, index: Path, server: dict[str, dict[str, object]], tmp_path: Path
):
    on_server = night(corpus, index, server)
    in_folder = night(corpus, tmp_path / "folder")
    assert on_server.changed
    assert not (index / "builds").exists()
    one, other = opened(index, server), Library.open(tmp_path / "folder", settings())
    assert one.reports == other.reports
    assert [r.text for r in one.recommendations()] == [r.text for r in other.recommendations()]
    for question in ("Who lights their ovens?", "timetable", "stale wheat"):
        assert [h.paragraph for h in one.search(question)] == [
            h.paragraph for h in other.search(question)
        ]
    assert on_server.build.passages == in_folder.build.passages
    assert verify(index, storage=settings(**server).storage) == on_server.build


def test_nights_on_a_server(corpus: Path, index: Path, server: dict[str, dict[str, object]]):
    storage = settings(**server).storage
    first = night(corpus, index, server).build
    assert not night(corpus, index, server).changed
    with (corpus / "bread.md").open("a") as file:
        file.write("\nThe baker's daughter keeps bees on the roof of the guild.\n")
    second = night(corpus, index, server)
    assert second.build.changes.changed == ("bread",)
    assert opened(index, server).search("bees on the roof")
    found = status(index, storage=storage)
    assert (found.state, found.rebuilding, found.build) == ("well", False, second.build)
    assert found.builds == (second.build, first)
    (corpus / "torn.pdf").write_bytes(GARBAGE)
    third = night(corpus, index, server).build
    assert [p.file for p in third.problems] == ["torn.pdf"]


def test_a_rollback_on_a_server_holds_until_the_corpus_changes(
    corpus: Path, index: Path, server: dict[str, dict[str, object]]
):
    storage = settings(**server).storage
    first = night(corpus, index, server).build
    (corpus / "trams.txt").unlink()
    night(corpus, index, server)
    assert rollback(index, storage=storage) == first
    assert {r.id for r in opened(index, server).reports} == {"bread", "trams"}
    held = night(corpus, index, server)
    assert not held.changed
    assert "rolled back" in held.notes[0]


def test_no_two_machines_rebuild_at_a_time(
    corpus: Path, index: Path, server: dict[str, dict[str, object]], tmp_path: Path
):
    storage = settings(**server).storage
    build = night(corpus, index, server).build
    elsewhere = tmp_path / "another machine's index"
    with only_writer(index) as lock, open_writer(index, storage, lock):
        assert open_versions(elsewhere, storage).is_written()
        with pytest.raises(BusyIndexError, match="is being changed by process"):
            night(corpus, elsewhere, server, force=True)
    assert open_versions(elsewhere, storage).served() == build.id


def test_a_rebuild_without_its_server_is_on_record(corpus: Path, index: Path):
    nowhere = {"storage": {"url": "http://127.0.0.1:1", "seconds": 1}}
    with pytest.raises(UnreachableStoreError, match="does not answer"):
        night(corpus, index, nowhere)
    run = last_run(index)
    assert run is not None
    assert run.state == "failed"
    assert "does not answer" in str(run.error)


def test_old_links_are_followed_on_a_server(
    corpus: Path, index: Path, server: dict[str, dict[str, object]]
):
    first = night(corpus, index, server).build
    before = opened(index, server)
    (paragraph,) = [p for p in before.report("trams").paragraphs if "timetable" in p.text][:1]
    (corpus / "trams.txt").unlink()
    night(corpus, index, server)
    traced = opened(index, server).trace(paragraph.id, first.id)
    assert traced.paragraph_then == paragraph


def test_settings_choose_the_folder_unless_they_name_a_server():
    assert Settings().storage.url == ""
