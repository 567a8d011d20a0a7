"""A build on disk: whole or not served, read back as written, and refused when altered."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reformqa import DamagedIndexError, MissingIndexError
from reformqa.model import Build, FileProblem, Passage, Recommendation, Region, Section
from reformqa.models.cache import VectorStore
from reformqa.models.export import export_reranker
from reformqa.models.onnx import Encoder
from reformqa.storage.files.builds import admit, folder_of, prune, publish, written_aside
from reformqa.storage.files.manifest import CHECKED_ON_OPENING, SCHEMA_VERSION
from reformqa.storage.files.store import Contents, Snapshot, write
from support.makers import paragraph, report
from support.models import exported, small_cross_encoder

B1, B2 = "20240101-000000-000001", "20240101-000001-000002"
FACTS = {"models": {"encoder": {"name": "made", "digest": "1"}}, "sources": {"made": "0" * 64}}
FILES = (
    "dense.faiss",
    "encoder/model.json",
    "encoder/model.onnx",
    "encoder/quick.onnx",
    "encoder/reduction.npy",
    "encoder/tokenizer.json",
    "late.components.npy",
    "late.lengths.npy",
    "late.scale.npy",
    "late.starts.npy",
    "late.tokens.i8",
    "late.weights.npy",
    "lexical.data.npy",
    "lexical.indices.npy",
    "lexical.indptr.npy",
    "lexical.json",
    "library.sqlite",
    "passages.npy",
    "recommendations.npy",
)
LARGE, QUICK = "encoder/model.onnx", "encoder/quick.onnx"
BREAD = paragraph(
    "Rye keeps. Wheat does not.",
    places=(Region(2, (1.5, 2.0, 3.0, 4.0), (0, 10)), Region(3, (0.0, 0.0, 1.0, 1.0), (10, 26))),
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
    Recommendation("made-rec-2", "made", "7", "Keep rye.", (), (), BREAD.id),
    Recommendation("made-rec-3", "made", "Policy Option Two", "Heat it.", (), (), OVENS.id),
    Recommendation("tram-rec-2", "tram", "Recommendation 7", "Run more.", (), (), "tram-1"),
)
PASSAGES = (
    Passage(BREAD.id, "made", "Rye keeps.", "Grain. Rye keeps.", (0, 10)),
    Passage(BREAD.id, "made", " Wheat does not.", "Grain. Wheat does not.", (10, 26)),
    Passage(OVENS.id, "made", "Heat the oven.", "Heat the oven.", (0, 14), recommends=True),
    Passage("tram-1", "tram", "Trams run.", "Trams run.", (0, 10)),
)
CONTENTS = Contents((OTHER, MADE), RECOMMENDATIONS, PASSAGES, (4, 4, 7, 4))


def build(name: str) -> Build:
    problems = (FileProblem("torn.pdf", "torn"),)
    skipped = (FileProblem("a.docx", "odd"),)
    return Build(name, "2024-01-01T00:00:00+00:00", "a-model", 2, 3, 4, 2, problems, skipped)


def written(
    index: Path,
    name: str,
    contents: Contents = CONTENTS,
    progress: Callable[[int, int], None] = lambda done, total: None,
    **models: Path,
) -> Path:
    held: Any = {"encoder": exported()} | models
    with (
        VectorStore(index / "vectors.sqlite", Encoder(exported())) as store,
        written_aside(index, name) as aside,
    ):
        write(aside, build(name), contents, held, store, FACTS, progress)
        admit(index, aside, name)
    return folder_of(index, name)


def served(index: Path, name: str = B1) -> Path:
    folder = written(index, name)
    publish(index, name)
    return folder


def unlinked(file: Path) -> bytes:
    """What is in the file, which is now a file of its own: models are shared by hard links."""
    data = file.read_bytes()
    file.unlink()
    file.write_bytes(data)
    return data


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
    both = {BREAD.id: BREAD, OVENS.id: OVENS}
    assert snapshot.paragraphs([OVENS.id, "absent", BREAD.id]) == both
    assert snapshot.paragraphs([]) == {}


def test_recommendations_and_passages_are_read_back_as_written(snapshot: Snapshot):
    first, second, *others = RECOMMENDATIONS
    assert snapshot.recommendations() == [first, *others[:2], second, others[2]]
    assert snapshot.passages([3, 0, 2, 1]) == dict(enumerate(PASSAGES))
    assert snapshot.passages([2]) == {2: PASSAGES[2]}


def test_the_vectors_of_recommendations_are_in_their_order(snapshot: Snapshot):
    vectors = snapshot.recommendation_vectors
    texts = [" ".join((r.text, *r.sub_items)) for r in snapshot.recommendations()]
    assert texts[0] == "Heat the oven. Light it."
    assert vectors.dtype == np.float32
    assert vectors == pytest.approx(snapshot.encoder.sentence_vectors(texts), abs=1e-4)


def test_a_build_without_recommendations_opens(tmp_path: Path):
    written(tmp_path, B1, replace(CONTENTS, recommendations=()))
    publish(tmp_path, B1)
    opened = Snapshot(tmp_path)
    assert opened.recommendations() == []
    assert opened.recommendation_vectors.shape == (0, 384)


def test_the_build_and_the_facts_are_read_back_as_written(snapshot: Snapshot):
    assert snapshot.build == build(B1)
    assert {k: snapshot.manifest[k] for k in FACTS} == FACTS
    assert tuple(snapshot.manifest["files"]) == FILES


def test_the_legs_are_read_back_as_written(snapshot: Snapshot):
    rows = np.arange(len(PASSAGES))
    assert np.flatnonzero(snapshot.legs.lexical.score("trams")).tolist() == [3]
    for n, passage in enumerate(PASSAGES):
        encoding = snapshot.encoder.encode([passage.indexed], "passage")[0]
        assert snapshot.legs.dense.nearest(encoding.sentence[None], 1)[0].tolist() == [n]
        assert snapshot.legs.dense.cosines(encoding.sentence, rows)[n] == pytest.approx(1, abs=1e-4)
        assert snapshot.legs.late.score([encoding], rows)[0].argmax() == n


def test_passages_are_counted_by_report(snapshot: Snapshot):
    assert snapshot.counts("passages") == {"made": 3, "tram": 1}
    assert snapshot.counts("paragraphs") == {"made": 2, "tram": 1}
    assert snapshot.counts("recommendations") == {"made": 3, "tram": 2}


def test_the_columns_tell_report_kind_and_statement_of_every_passage(snapshot: Snapshot):
    columns = snapshot.columns
    ids = list(snapshot.reports)
    assert [ids[n] for n in columns.report] == [p.report_id for p in PASSAGES]
    assert columns.recommends.tolist() == [p.recommends for p in PASSAGES]
    assert columns.statement.tolist() == list(CONTENTS.statements)
    assert snapshot.section_kinds == ("chapter", "summary")
    assert snapshot.rows_of_kinds(["chapter"]).tolist() == [True, True, False, True]
    assert snapshot.rows_of_kinds(["summary", "box"]).tolist() == [False, False, True, False]


def test_the_rows_of_paragraphs_come_in_order(snapshot: Snapshot):
    assert snapshot.rows_of([OVENS.id, BREAD.id]).tolist() == [0, 1, 2]
    assert snapshot.rows_of(["tram-1", "absent"]).tolist() == [3]
    assert snapshot.rows_of([]).tolist() == []


def test_more_values_than_a_query_takes_are_asked_for_in_parts(snapshot: Snapshot):
    absent = [f"absent-{n}" for n in range(40_000)]
    assert snapshot.rows_of([*absent, BREAD.id, OVENS.id]).tolist() == [0, 1, 2]
    assert snapshot.passages([*range(4), *range(100, 40_000)]) == dict(enumerate(PASSAGES))


def test_the_passages_of_a_statement_are_told_with_their_paragraphs(snapshot: Snapshot):
    same = [(0, BREAD.id), (1, BREAD.id), (3, "tram-1")]
    assert snapshot.restated([7, 4]) == {4: same, 7: [(2, OVENS.id)]}
    assert snapshot.restated([5]) == snapshot.restated([]) == {}


def test_labels_lead_to_the_passages_that_state_their_recommendation(snapshot: Snapshot):
    assert snapshot.labelled("recommendation 7").tolist() == [0, 1, 3]
    assert snapshot.labelled("policy option 2").tolist() == [2]
    assert snapshot.labelled("recommendation 1").tolist() == []
    assert snapshot.labelled("Recommendation 7").tolist() == []


def test_a_build_holds_links_to_its_models_and_no_copies(tmp_path: Path):
    one, two = written(tmp_path, B1), written(tmp_path, B2)
    for name in ("model.onnx", "quick.onnx", "model.json", "reduction.npy", "tokenizer.json"):
        files = [folder / "encoder" / name for folder in (one, two)] + [exported() / name]
        assert len({f.stat().st_ino for f in files}) == 1


def test_a_build_copies_its_models_where_links_cannot_be_made(tmp_path: Path, monkeypatch):
    def refuse(source: str, target: str) -> None:
        raise OSError("Invalid cross-device link")

    monkeypatch.setattr("os.link", refuse)
    folder = served(tmp_path)
    assert (folder / LARGE).stat().st_ino != (exported() / "model.onnx").stat().st_ino
    Snapshot(tmp_path).verify()


def test_a_build_outlives_the_folder_its_models_came_from(tmp_path: Path):
    shutil.copytree(exported(), tmp_path / "model")
    written(tmp_path, B1, encoder=tmp_path / "model")
    publish(tmp_path, B1)
    shutil.rmtree(tmp_path / "model")
    snapshot = Snapshot(tmp_path)
    snapshot.verify()
    assert snapshot.encoder.encode(["rye"])[0].sentence.shape == (384,)
    assert snapshot.reranker is None


def test_a_build_with_a_reranker_opens_it(tmp_path: Path):
    export_reranker(str(small_cross_encoder(tmp_path / "model")), tmp_path / "reranker")
    written(tmp_path, B1, reranker=tmp_path / "reranker")
    publish(tmp_path, B1)
    reranker = Snapshot(tmp_path).reranker
    assert reranker is not None
    assert reranker.score("rye?", ["rye", "tram"]).shape == (2,)


def test_progress_is_told_up_to_the_end(tmp_path: Path):
    steps: list[tuple[int, int]] = []
    written(tmp_path, B1, progress=lambda *step: steps.append(step))
    assert steps[-1] == (4, 4)
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)


def test_the_manifest_tells_format_sizes_and_digests(tmp_path: Path):
    folder = served(tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["schema"] == SCHEMA_VERSION == 5
    for name, (size, digest) in manifest["files"].items():
        data = (folder / name).read_bytes()
        assert (size, digest) == (len(data), hashlib.sha256(data).hexdigest())


def test_a_paragraph_is_given_between_its_neighbours_in_its_report_alone(snapshot: Snapshot):
    assert snapshot.around(BREAD, 5, 5) == [BREAD, OVENS]
    assert snapshot.around(OVENS, 0, 1) == [OVENS]


def test_ids_that_nothing_bears_are_a_key_error(snapshot: Snapshot):
    with pytest.raises(KeyError, match="absent"):
        snapshot.paragraph("absent")
    with pytest.raises(KeyError, match="absent"):
        snapshot.report("absent")


def test_a_build_is_served_only_once_published(tmp_path: Path):
    written(tmp_path, B1)
    with pytest.raises(MissingIndexError):
        Snapshot(tmp_path)
    publish(tmp_path, B1)
    written(tmp_path, B2)
    assert Snapshot(tmp_path).build.id == B1
    publish(tmp_path, B2)
    assert Snapshot(tmp_path).build.id == B2


def test_a_reader_keeps_to_the_build_it_opened(tmp_path: Path):
    served(tmp_path, B1)
    reader = Snapshot(tmp_path)
    served(tmp_path, B2)
    prune(tmp_path, 1)
    assert reader.build.id == B1
    assert reader.paragraph(BREAD.id) == BREAD


def test_no_index_is_told_with_the_command_that_makes_one(tmp_path: Path):
    with pytest.raises(MissingIndexError, match=r"Make one with `reformqa rebuild`"):
        Snapshot(tmp_path / "absent")


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """An index to harm and to mend again."""
    index = tmp_path_factory.mktemp("whole")
    served(index)
    return index


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", ["altered", "cut short", "missing"])
def test_a_harmed_file_is_told_with_the_command_that_mends_it(whole: Path, name: str, harm: str):
    file = whole / "builds" / B1 / name
    data = unlinked(file)
    try:
        if harm == "missing":
            file.unlink()
        else:
            turned = bytes([data[-1] ^ 1])
            file.write_bytes(data[:-1] + (turned if harm == "altered" else b""))
        if harm == "altered" and name in (LARGE, QUICK):
            opened = Snapshot(whole)
            told: Callable[[], object] = opened.verify
        else:
            told = lambda: Snapshot(whole)  # noqa: E731
        said = "is altered" if harm == "altered" else "is missing or cut short"
        with pytest.raises(DamagedIndexError, match=f"{name} {said}.*rebuild --force"):
            told()
    finally:
        file.write_bytes(data)
    Snapshot(whole).verify()


def test_only_the_models_weights_are_too_large_to_be_read_on_opening(whole: Path):
    folder = whole / "builds" / B1
    large = [n for n in FILES if (folder / n).stat().st_size > CHECKED_ON_OPENING]
    assert large == [LARGE, QUICK]


@pytest.mark.parametrize("role", ["encoder", "reranker"])
def test_a_harmed_model_is_told_when_it_is_first_used(tmp_path: Path, role: str):
    export_reranker(str(small_cross_encoder(tmp_path / "model")), tmp_path / "reranker")
    folder = written(tmp_path, B1, reranker=tmp_path / "reranker")
    publish(tmp_path, B1)
    snapshot = Snapshot(tmp_path)
    file = folder / role / "model.onnx"
    data = bytearray(unlinked(file))
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(DamagedIndexError, match=f"{role}/model.onnx is altered.*rebuild --force"):
        getattr(snapshot, role)
    other = {"encoder": "reranker", "reranker": "encoder"}[role]
    assert getattr(snapshot, other) is not None


def test_a_harmed_quick_graph_is_told_when_it_is_first_used(tmp_path: Path):
    file = served(tmp_path) / QUICK
    snapshot = Snapshot(tmp_path)
    data = bytearray(unlinked(file))
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(DamagedIndexError, match=f"{QUICK} is altered.*rebuild --force"):
        _ = snapshot.quick_encoder


def test_a_build_of_an_older_format_is_not_read(tmp_path: Path):
    manifest = served(tmp_path) / "manifest.json"
    held = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(held | {"schema": 3}), encoding="utf-8")
    with pytest.raises(DamagedIndexError, match=r"its format is 3, not 5\..*rebuild --force"):
        Snapshot(tmp_path)


@pytest.mark.parametrize("files", [[], None, "all", {"library.sqlite": 5}, {"passages.npy": [1]}])
def test_a_manifest_whose_list_of_files_is_none_is_damage(tmp_path: Path, files: object):
    manifest = served(tmp_path) / "manifest.json"
    held = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(held | {"files": files}), encoding="utf-8")
    with pytest.raises(DamagedIndexError, match="rebuild --force"):
        Snapshot(tmp_path)


@pytest.mark.parametrize("text", [None, "", "{", '{"schema": 0}', "not json"])
def test_a_harmed_manifest_is_told_with_the_command_that_mends_it(tmp_path: Path, text: str | None):
    manifest = served(tmp_path) / "manifest.json"
    if text is None:
        manifest.unlink()
    else:
        manifest.write_text(text, encoding="utf-8")
    with pytest.raises(DamagedIndexError, match=rf"{B1} cannot be read: .*rebuild --force"):
        Snapshot(tmp_path)


def test_a_served_build_that_is_gone_is_damage(tmp_path: Path):
    served(tmp_path)
    publish(tmp_path, "b9")
    with pytest.raises(DamagedIndexError, match="rebuild --force"):
        Snapshot(tmp_path)


BROKEN = {
    "too few statements": replace(CONTENTS, statements=(4,)),
    "a passage of no report": replace(
        CONTENTS, passages=(Passage("x", "unknown", "x", "x", (0, 1)),), statements=(0,)
    ),
    "a report twice": replace(CONTENTS, reports=(MADE, MADE, OTHER)),
    "a recommendation twice": replace(CONTENTS, recommendations=RECOMMENDATIONS[:1] * 2),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_write_that_fails_half_way_leaves_nothing_but_the_served_build(
    tmp_path: Path, broken: Contents
):
    served(tmp_path, B1)
    with pytest.raises(Exception):  # noqa: B017 — whatever stops it
        written(tmp_path, B2, broken)
    assert [d.name for d in (tmp_path / "builds").iterdir()] == [B1]
    assert Snapshot(tmp_path).report("made") == MADE


def test_what_a_failed_write_left_does_not_stop_the_next_one(tmp_path: Path):
    with pytest.raises(KeyError):
        written(tmp_path, B1, BROKEN["a passage of no report"])
    served(tmp_path, B1)
    Snapshot(tmp_path).verify()


def test_prune_keeps_the_newest_builds_and_the_one_being_served(tmp_path: Path):
    b3, b4, b5 = (f"20240101-00000{n}-000000" for n in (3, 4, 5))
    for name in (b5, B1, b4, B2, b3):
        written(tmp_path, name)
    publish(tmp_path, B2)
    prune(tmp_path, 2)
    assert sorted(d.name for d in (tmp_path / "builds").iterdir()) == [B2, b4, b5]
    assert Snapshot(tmp_path).build.id == B2


@pytest.mark.parametrize(
    "manifest", ["[]", "null", '{"schema": 4}', '{"schema": 4, "build": {}, "files": {}}']
)
def test_a_manifest_that_is_none_is_damage(manifest: str, tmp_path: Path):
    folder = served(tmp_path)
    (folder / "manifest.json").write_text(manifest)
    with pytest.raises(DamagedIndexError, match="rebuild --force"):
        Snapshot(tmp_path)


def test_a_current_that_is_no_text_is_damage(tmp_path: Path):
    (tmp_path / "current").write_bytes(b"\xff")
    with pytest.raises(DamagedIndexError):
        Snapshot(tmp_path)
