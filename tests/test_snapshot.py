"""A build on disk: whole or not served, read back as written, and refused when altered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from makers import paragraph, report
from reformqa import DamagedIndexError, MissingIndexError
from reformqa.model import Build, FileProblem, Passage, Place, Recommendation, Section
from reformqa.snapshot import Contents, Snapshot, prune, publish, write

FACTS = {"model": "weights", "sources": {"made": "0" * 64}}
FILES = (
    "dense.faiss",
    "lexical.data.npy",
    "lexical.indices.npy",
    "lexical.indptr.npy",
    "lexical.json",
    "library.sqlite",
)
BREAD = paragraph(
    "Rye keeps. Wheat does not.",
    places=(Place(2, (1.5, 2.0, 3.0, 4.0), (0, 10)), Place(3, (0.0, 0.0, 1.0, 1.0), (10, 26))),
    section_path=("Grain", "Rye & “wheat”"),
)
OVENS = paragraph(
    "Heat the oven.",
    id="made-00000002",
    number=2,
    kind="numbered",
    raw="1. Heat the *oven*.",
    section=1,
    section_kind="summary",
    lines=(4, 5),
    label="1",
)
MADE = report(
    BREAD,
    OVENS,
    subtitle="On Bread",
    authors=("A. Miller", "B. Baker"),
    sections=(
        Section("Grain", 1, "chapter", None, (0, 1), 3),
        Section("Ovens", 2, "summary", 0, (1, 2)),
    ),
    guessed=("subtitle",),
    warnings=("the oven is cold",),
    note_on="whole-loaf",
)
OTHER = report(
    paragraph("Trams run.", id="tram-1", report_id="tram"),
    id="tram",
    publisher="Drivers",
    published=None,
)
RECOMMENDATIONS = (
    Recommendation(
        "made-rec-1",
        "made",
        "Step 1",
        "Heat the oven.",
        ("Light it.",),
        ("Ovens",),
        OVENS.id,
        (BREAD.id,),
    ),
    Recommendation("tram-rec-1", "tram", None, "Run trams.", (), (), "tram-1"),
)
PASSAGES = (
    Passage(BREAD.id, "made", "Rye keeps.", "Grain. Rye keeps.", (0, 10)),
    Passage(BREAD.id, "made", " Wheat does not.", "Grain. Wheat does not.", (10, 26)),
    Passage(OVENS.id, "made", "Heat the oven.", "Heat the oven.", (0, 14), recommends=True),
    Passage("tram-1", "tram", "Trams run.", "Trams run.", (0, 10)),
)
CONTENTS = Contents((MADE, OTHER), RECOMMENDATIONS, PASSAGES, np.eye(4, dtype=np.float32))


def build(name: str) -> Build:
    problems = (FileProblem("torn.pdf", "torn"),)
    skipped = (FileProblem("a.docx", "odd"),)
    return Build(name, "2024-01-01T00:00:00+00:00", "a-model", 2, 3, 4, 2, problems, skipped)


def served(index: Path, name: str = "b1") -> Path:
    folder = write(index, build(name), CONTENTS, FACTS)
    publish(index, name)
    return folder


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory) -> Snapshot:
    index = tmp_path_factory.mktemp("snapshot")
    served(index)
    return Snapshot(index)


def test_a_report_is_read_back_as_written(snapshot: Snapshot):
    assert [snapshot.report("made"), snapshot.report("tram")] == [MADE, OTHER]


def test_the_list_of_reports_leaves_sections_and_paragraphs_out(snapshot: Snapshot):
    bare = {r.id: replace(r, sections=(), paragraphs=()) for r in (MADE, OTHER)}
    assert snapshot.reports == bare
    assert snapshot.publishers == ("Drivers", "Maker")


def test_paragraphs_are_read_back_as_written(snapshot: Snapshot):
    assert [snapshot.paragraph(p.id) for p in (BREAD, OVENS)] == [BREAD, OVENS]


def test_recommendations_and_passages_are_read_back_as_written(snapshot: Snapshot):
    assert snapshot.recommendations() == list(RECOMMENDATIONS)
    assert snapshot.passages([3, 0, 2, 1]) == dict(enumerate(PASSAGES))
    assert snapshot.passages([2]) == {2: PASSAGES[2]}


def test_the_build_and_the_facts_are_read_back_as_written(snapshot: Snapshot):
    assert snapshot.build == build("b1")
    assert {k: snapshot.manifest[k] for k in FACTS} == FACTS
    assert tuple(snapshot.manifest["files"]) == FILES


def test_the_legs_are_read_back_as_written(snapshot: Snapshot):
    rows, cosines = snapshot.dense.nearest(np.array([0, 0, 1, 0], dtype=np.float32), 1)
    assert (rows.tolist(), cosines.tolist()) == ([2], [1.0])
    assert np.flatnonzero(snapshot.lexical.score("trams")).tolist() == [3]


def test_passages_are_counted_and_chosen_by_what_is_known_of_them(snapshot: Snapshot):
    assert snapshot.counts("passages") == {"made": 3, "tram": 1}
    assert snapshot.counts("paragraphs") == {"made": 2, "tram": 1}
    assert snapshot.counts("recommendations") == {"made": 1, "tram": 1}
    assert snapshot.section_kinds == ("chapter", "summary")
    assert snapshot.passage_rows("publisher = ?", ["Maker"]).tolist() == [0, 1, 2]
    assert snapshot.passage_rows("year = ?", [2024]).tolist() == [0, 1, 2]
    assert snapshot.passage_rows("section_kind = ?", ["chapter"]).tolist() == [0, 1, 3]
    assert snapshot.passage_rows("recommends", []).tolist() == [2]


def test_a_paragraph_is_given_between_its_neighbours_in_its_report_alone(snapshot: Snapshot):
    assert snapshot.around(BREAD, 5, 5) == [BREAD, OVENS]
    assert snapshot.around(OVENS, 0, 1) == [OVENS]


def test_ids_that_nothing_bears_are_a_key_error(snapshot: Snapshot):
    with pytest.raises(KeyError, match="absent"):
        snapshot.paragraph("absent")
    with pytest.raises(KeyError, match="absent"):
        snapshot.report("absent")


def test_a_build_is_served_only_once_published(tmp_path: Path):
    write(tmp_path, build("b1"), CONTENTS, FACTS)
    with pytest.raises(MissingIndexError):
        Snapshot(tmp_path)
    publish(tmp_path, "b1")
    write(tmp_path, build("b2"), CONTENTS, FACTS)
    assert Snapshot(tmp_path).build.id == "b1"
    publish(tmp_path, "b2")
    assert Snapshot(tmp_path).build.id == "b2"


def test_a_reader_keeps_to_the_build_it_opened(tmp_path: Path):
    served(tmp_path, "b1")
    reader = Snapshot(tmp_path)
    served(tmp_path, "b2")
    prune(tmp_path, 1)
    assert reader.build.id == "b1"
    assert reader.paragraph(BREAD.id) == BREAD


def test_no_index_is_told_with_the_command_that_makes_one(tmp_path: Path):
    with pytest.raises(MissingIndexError, match=r"Make one with `reformqa rebuild`"):
        Snapshot(tmp_path / "absent")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", ["altered", "cut short", "missing"])
def test_a_harmed_file_is_told_with_the_command_that_mends_it(tmp_path: Path, name: str, harm: str):
    file = served(tmp_path) / name
    data = file.read_bytes()
    if harm == "missing":
        file.unlink()
    else:
        turned = bytes([data[-1] ^ 1])
        file.write_bytes(data[:-1] + (turned if harm == "altered" else b""))
    with pytest.raises(DamagedIndexError) as error:
        Snapshot(tmp_path)
    assert f"{name} is missing or altered" in str(error.value)
    assert "rebuild --force" in str(error.value)


@pytest.mark.parametrize("text", [None, "", "{", '{"schema": 0}', "not json"])
def test_a_harmed_manifest_is_told_with_the_command_that_mends_it(tmp_path: Path, text: str | None):
    manifest = served(tmp_path) / "manifest.json"
    if text is None:
        manifest.unlink()
    else:
        manifest.write_text(text, encoding="utf-8")
    with pytest.raises(DamagedIndexError, match=r"b1 cannot be read: .*rebuild --force"):
        Snapshot(tmp_path)


def test_a_served_build_that_is_gone_is_damage(tmp_path: Path):
    served(tmp_path)
    publish(tmp_path, "b9")
    with pytest.raises(DamagedIndexError, match="rebuild --force"):
        Snapshot(tmp_path)


BROKEN = (
    replace(CONTENTS, vectors=np.zeros(4, dtype=np.float32)),  # fails when the rest is written
    replace(CONTENTS, passages=(Passage("x", "unknown", "", "", (0, 0)),)),
    replace(CONTENTS, reports=(MADE, MADE)),
)


@pytest.mark.parametrize("broken", BROKEN, ids=["vectors", "passages", "reports"])
def test_a_write_that_fails_half_way_leaves_the_served_build(tmp_path: Path, broken: Contents):
    served(tmp_path, "b1")
    with pytest.raises(Exception):  # noqa: B017 — whatever stops it
        write(tmp_path, build("b2"), broken, FACTS)
    assert not (tmp_path / "builds" / "b2").exists()
    assert Snapshot(tmp_path).report("made") == MADE


def test_what_a_failed_write_left_does_not_stop_the_next_one(tmp_path: Path):
    with pytest.raises(IndexError):
        write(tmp_path, build("b1"), BROKEN[0], FACTS)
    served(tmp_path, "b1")
    assert Snapshot(tmp_path).recommendations() == list(RECOMMENDATIONS)


def test_prune_keeps_the_newest_builds_and_the_one_being_served(tmp_path: Path):
    for name in ("b1", "b2", "b3", "b4", "b5"):
        write(tmp_path, build(name), CONTENTS, FACTS)
    publish(tmp_path, "b2")
    prune(tmp_path, 2)
    assert sorted(d.name for d in (tmp_path / "builds").iterdir()) == ["b2", "b4", "b5"]
    assert Snapshot(tmp_path).build.id == "b2"


@pytest.mark.parametrize(
    "manifest", ["[]", "null", '{"schema": 1}', '{"schema": 1, "build": {}, "files": {}}']
)
def test_a_manifest_that_is_none_is_damage(manifest: str, tmp_path: Path):
    folder = write(tmp_path, build("b1"), CONTENTS, FACTS)
    publish(tmp_path, "b1")
    (folder / "manifest.json").write_text(manifest)
    with pytest.raises(DamagedIndexError, match="rebuild --force"):
        Snapshot(tmp_path)


def test_a_current_that_is_no_text_is_damage(tmp_path: Path):
    (tmp_path / "current").write_bytes(b"\xff")
    with pytest.raises(DamagedIndexError):
        Snapshot(tmp_path)


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path):
    broken = replace(CONTENTS, vectors=np.zeros((0,), dtype=np.float32))
    with pytest.raises(IndexError):
        write(tmp_path, build("b1"), broken, FACTS)
    assert list((tmp_path / "builds").iterdir()) == []
