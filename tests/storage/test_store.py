"""A build on disk: its files, refused when damaged, and whole or not served."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reformqa import DamagedIndexError, MissingIndexError
from reformqa.model import Paragraph, Passage, PassageId, Recommendation, Report
from reformqa.models.base import Execution
from reformqa.storage.base import EncodedQuery, Filters, Request
from reformqa.storage.files import store as files_store
from reformqa.storage.files.builds import publish as serve
from reformqa.storage.files.manifest import (
    CHECKED_ON_OPENING,
    MANIFEST,
    SCHEMA_VERSION,
    read_manifest,
    write_manifest,
)
from reformqa.storage.files.postings import PostingsWriter
from reformqa.storage.files.store import FilesStore
from reformqa.storage.files.writer import FilesWriter
from reformqa.text.tokens import tokens
from support.makers import BUILD, Held, opened, paragraph, report, towns
from support.models import reranker_exported, small_encoder, small_exported, small_models

LATER = "20260102-000000-000000"
#: The folder of the segment that the first build writes.
SEGMENT = f"segments/{BUILD}"
FILES = (
    "encoder/model.json",
    "encoder/model.onnx",
    "encoder/reduction.npz",
    "encoder/tokenizer.json",
    "late.weights.npy",
    "lexical.data.npy",
    "lexical.data.npy.sums",
    "lexical.indices.npy",
    "lexical.indices.npy.sums",
    "lexical.indptr.npy",
    "lexical.json",
    "lexical.peaks.npy",
    "recommendations.npy",
    "reports.npy",
    "sections.npy",
    f"{SEGMENT}/dense.dimensions.npy",
    f"{SEGMENT}/dense.vectors.f32",
    f"{SEGMENT}/dense.vectors.f32.sums",
    f"{SEGMENT}/late.lengths.npy",
    f"{SEGMENT}/late.starts.npy",
    f"{SEGMENT}/late.tokens.i8",
    f"{SEGMENT}/late.tokens.i8.sums",
    f"{SEGMENT}/late.width.npy",
    f"{SEGMENT}/library.sqlite",
    "segments.json",
    "statements.npy",
    "statements.order.npy",
)
GRAPH = "encoder/model.onnx"
#: Which attribute of the models opens which file, and one that does not.
OPENS = {
    GRAPH: ("encoder", "reranker"),
    "encoder/reduction.npz": ("reduction", "reranker"),
    "reranker/model.onnx": ("reranker", "encoder"),
}
BREAD = paragraph("Rye keeps. Wheat does not.")
OVENS = paragraph("Heat the oven.", id="made-00000002", number=2, section_kind="summary")
MADE = report(BREAD, OVENS)
OTHER = report(paragraph("Trams run.", id="tram-1", report_id="tram"), id="tram")
RECOMMENDATIONS = (
    Recommendation("made-rec-1", "made", "Step 1", "Heat it.", ("Light it.",), (), OVENS.id),
    Recommendation("tram-rec-1", "tram", None, "Run trams.", (), (), "tram-1"),
)
PASSAGES = (
    Passage("tram-1", "tram", "Trams run.", "Trams run.", (0, 10)),
    Passage(BREAD.id, "made", "Rye keeps.", "Grain. Rye keeps.", (0, 10)),
    Passage(BREAD.id, "made", " Wheat does not.", "Grain. Wheat does not.", (10, 26)),
    Passage(OVENS.id, "made", "Heat the oven.", "Heat the oven.", (0, 14), recommends=True),
)
HELD = Held((OTHER, MADE), RECOMMENDATIONS, PASSAGES, (4, 4, 4, 7))


def written(index: Path, build_id: str = BUILD, held: Held = HELD, **models: Path) -> Path:
    """The folder of a published build, with the small model unless another is given."""
    opened(index, held, {**small_models(), **models}, build_id)
    return index / "builds" / build_id


def unlinked(file: Path) -> bytes:
    """What is in the file, which is now a file of its own: models are shared by hard links."""
    data = file.read_bytes()
    file.unlink()
    file.write_bytes(data)
    return data


def turn_a_bit(file: Path) -> None:
    data = bytearray(unlinked(file))
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def entries(folder: Path) -> list[str]:
    return sorted(f.name for f in folder.iterdir())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index to harm and to mend again."""
    index = tmp_path_factory.mktemp("whole")
    written(index)
    return index


# ---- files --------------------------------------------------------------------------------------


def test_the_manifest_has_the_format_the_build_and_every_file(whole: Path):
    folder = whole / "builds" / BUILD
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["schema"] == SCHEMA_VERSION == 12
    assert manifest["build"]["id"] == BUILD
    assert tuple(manifest["files"]) == FILES
    for name, (size, digest) in manifest["files"].items():
        data = (folder / name).read_bytes()
        assert (size, digest) == (len(data), hashlib.sha256(data).hexdigest())


def test_a_build_has_links_to_its_models_and_no_copies(tmp_path: Path):
    one, two = written(tmp_path), written(tmp_path, LATER)
    for name in ("model.onnx", "model.json", "reduction.npz", "tokenizer.json"):
        files = [folder / "encoder" / name for folder in (one, two)] + [small_exported() / name]
        assert len({f.stat().st_ino for f in files}) == 1


def test_a_build_copies_its_models_where_links_cannot_be_made(tmp_path: Path, monkeypatch):
    def refuse(source: str, target: str) -> None:
        raise OSError("Invalid cross-device link")

    monkeypatch.setattr("os.link", refuse)
    folder = written(tmp_path)
    assert (folder / GRAPH).stat().st_ino != (small_exported() / "model.onnx").stat().st_ino
    FilesStore(tmp_path).verify()


def test_a_build_outlives_the_folder_its_models_came_from(tmp_path: Path):
    shutil.copytree(small_exported(), tmp_path / "model")
    written(tmp_path, encoder=tmp_path / "model")
    shutil.rmtree(tmp_path / "model")
    store = FilesStore(tmp_path)
    store.verify()
    (vector,) = store.models(Execution()).encoder.encode(["rye"], "question")
    assert vector.shape == (32,)


def test_a_build_with_a_reranker_opens_it(tmp_path: Path):
    written(tmp_path, reranker=reranker_exported())
    found = FilesStore(tmp_path).models(Execution()).reranker
    assert found is not None
    assert found.score("rye?", ["rye", "tram"]).shape == (2,)


def test_a_build_without_recommendations_opens(tmp_path: Path):
    written(tmp_path, held=replace(HELD, recommendations=()))
    store = FilesStore(tmp_path)
    store.verify()
    assert store.recommendations() == []
    assert store.recommendation_vectors().shape == (0, 32)


def test_a_text_that_occurs_twice_has_its_token_vectors_once(tmp_path: Path):
    twice = Passage("tram-1", "tram", "", PASSAGES[1].indexed, (10, 10))
    once = written(tmp_path / "once")
    both = written(
        tmp_path / "both", held=Held(HELD.reports, (), (*PASSAGES, twice), (*HELD.statements, 9))
    )
    sizes = [(folder / SEGMENT / "late.tokens.i8").stat().st_size for folder in (once, both)]
    assert sizes[0] == sizes[1]
    store = FilesStore(tmp_path / "both")
    evidence = store.evidence(EncodedQuery((), ()), [BREAD.id, "tram-1@10"])
    one, other = np.split(evidence.tokens, [evidence.lengths[0]])
    assert np.array_equal(one, other)
    assert len(one)


def test_more_values_than_a_query_takes_are_asked_for_in_parts(whole: Path):
    store = FilesStore(whole)
    absent = [f"absent-{n}" for n in range(40_000)]
    assert store.paragraphs([*absent, BREAD.id, OVENS.id]) == {BREAD.id: BREAD, OVENS.id: OVENS}
    assert store.statements(range(40_000)) == {4: [*PASSAGES[:3]], 7: [PASSAGES[3]]}


# ---- damage -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", ["altered", "cut short", "missing"])
def test_a_damaged_file_is_named_with_the_command_that_replaces_it(
    whole: Path, name: str, harm: str
):
    file = whole / "builds" / BUILD / name
    data = unlinked(file)
    try:
        if harm == "missing":
            file.unlink()
        else:
            turned = bytes([data[-1] ^ 1])
            file.write_bytes(data[:-1] + (turned if harm == "altered" else b""))
        said = "is altered" if harm == "altered" else "is missing or cut short"
        with pytest.raises(DamagedIndexError, match=f"{name} {said}.*rebuild --force"):
            FilesStore(whole)
    finally:
        file.write_bytes(data)
    FilesStore(whole).verify()


def test_only_the_graphs_of_the_packaged_model_are_too_large_to_be_read_on_opening(
    town: FilesStore,
):
    files = read_manifest(town.index / "builds" / BUILD)["files"]
    large = [n for n, (size, _) in files.items() if size > CHECKED_ON_OPENING]
    assert large == [GRAPH, "tokens/model.onnx"]


@pytest.mark.parametrize("name", OPENS)
def test_a_damaged_model_is_reported_when_it_is_first_used(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(files_store, "CHECKED_ON_OPENING", 0)
    folder = written(tmp_path, reranker=reranker_exported())
    turn_a_bit(folder / name)
    store = FilesStore(tmp_path)
    damaged, other = OPENS[name]
    models = store.models(Execution())
    assert getattr(models, other) is not None
    for look in (lambda: getattr(models, damaged), store.verify):
        with pytest.raises(DamagedIndexError, match=f"{name} is altered.*rebuild --force"):
            look()


def test_an_altered_sentence_of_a_large_database_is_never_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(files_store, "CHECKED_ON_OPENING", 0)
    file = written(tmp_path) / SEGMENT / "library.sqlite"
    data = file.read_bytes()
    assert b"Rye keeps." in data
    file.write_bytes(data.replace(b"Rye keeps.", b"Rye rots!!"))
    store = FilesStore(tmp_path)
    assert store.paragraphs([OVENS.id]) == {OVENS.id: OVENS}
    for look in (
        lambda: store.paragraphs([BREAD.id]),
        lambda: store.neighbours([OVENS.id], 1, 0),
        lambda: store.report("made"),
        lambda: store.statements([4]),
        lambda: store.containing(["rye"], 3),
    ):
        with pytest.raises(DamagedIndexError, match=r"library\.sqlite is altered.*rebuild --force"):
            look()


#: What is read of a build, and so what a damaged one must not give otherwise.
READS: dict[str, Callable[[FilesStore], Any]] = {
    "reports": lambda s: dict(s.reports()),
    "report": lambda s: s.report("made"),
    "paragraphs": lambda s: s.paragraphs([BREAD.id, OVENS.id]),
    "neighbours": lambda s: s.neighbours([BREAD.id], 1, 1),
    "recommendations": lambda s: list(s.recommendations()),
    "statements": lambda s: s.statements([4, 7]),
    "containing": lambda s: s.containing(["rye"], 3),
    "sample": lambda s: s.sample(4),
    "vectors": lambda s: s.recommendation_vectors().tolist(),
    "candidates": lambda s: s.candidates(requests()[:1]),
    "evidence": lambda s: evidence_of(s),
}
#: What a large index has in files that are not compared with their digests on opening.
IN_PARTS = (
    f"{SEGMENT}/library.sqlite",
    f"{SEGMENT}/dense.vectors.f32",
    f"{SEGMENT}/late.tokens.i8",
    "lexical.data.npy",
    "lexical.indices.npy",
)


def evidence_of(store: FilesStore) -> list[Any]:
    (encoding,) = small_encoder().encode_tokens(["rye"], "question")
    query = EncodedQuery((encoding,), (("rye", "oven", "trams"),), ("1",))
    e = store.evidence(query, [BREAD.id, f"{BREAD.id}@10", OVENS.id])
    return [a.tolist() for a in (e.vectors, e.tokens, e.lengths, e.weights, e.held)] + [e.labelled]


def unless_damaged(index: Path, read: Callable[[FilesStore], Any]) -> Any:
    try:
        return read(FilesStore(index))
    except DamagedIndexError:
        return None


def is_part(found: Any, of: Any) -> bool:
    """Whether there is nothing in `found` that `of` has not: a key in SQLite's indexes may hide
    a record, and never change one."""
    if isinstance(found, Report):
        return is_part(found.paragraphs, of.paragraphs) and is_part(found.sections, of.sections)
    if isinstance(found, dict):
        return all(key in of and is_part(value, of[key]) for key, value in found.items())
    if isinstance(found, list | tuple):
        return isinstance(of, list | tuple) and all(any(is_part(f, o) for o in of) for f in found)
    return bool(found == of)


@pytest.mark.parametrize("name", IN_PARTS)
def test_a_large_file_altered_anywhere_gives_what_was_written_or_is_named(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
):
    """200 bytes in turn, spread over the file: sizes in headers, keys, text, numbers."""
    folder = written(tmp_path)
    expected = {what: read(FilesStore(tmp_path)) for what, read in READS.items()}
    monkeypatch.setattr(files_store, "CHECKED_ON_OPENING", 0)
    file = folder / name
    data = file.read_bytes()
    named = 0
    for at in np.linspace(0, len(data) - 1, 200).astype(int).tolist():
        file.write_bytes(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :])
        for what, read in READS.items():
            found = unless_damaged(tmp_path, read)
            whole = found == expected[what]
            assert found is None or whole or name.endswith("library.sqlite"), f"{what}, byte {at}"
            assert found is None or is_part(found, expected[what]), f"{what}, byte {at}"
            named += found is None
    assert named


def test_indexes_of_different_sizes_are_damage(tmp_path: Path):
    folder = written(tmp_path)
    writer = PostingsWriter(folder)
    for p in PASSAGES[1:]:
        writer.add(tokens(p.indexed))
    writer.save()
    seal_again(folder)
    with pytest.raises(DamagedIndexError, match="it has 4 passages but 3 BM25"):
        FilesStore(tmp_path).verify()


def test_recommendations_without_their_vectors_are_damage(tmp_path: Path):
    folder = written(tmp_path)
    np.save(folder / "recommendations.npy", np.zeros((1, 32), dtype=np.float32))
    seal_again(folder)
    with pytest.raises(DamagedIndexError, match="recommendations do not match their vectors"):
        FilesStore(tmp_path).verify()


def seal_again(folder: Path) -> None:
    """Write the manifest to fit files that a test has replaced."""
    manifest = read_manifest(folder)
    (folder / MANIFEST).unlink()
    write_manifest(folder, {k: v for k, v in manifest.items() if k not in ("schema", "files")})


def test_records_that_are_no_records_are_damage(tmp_path: Path):
    folder = written(tmp_path)
    with closing(sqlite3.connect(folder / SEGMENT / "library.sqlite")) as database, database:
        database.execute("UPDATE paragraphs SET record = '{}'")
    seal_again(folder)
    for look in (
        lambda store: store.paragraphs([BREAD.id]),
        lambda store: store.report("made"),
        lambda store: store.neighbours([BREAD.id], 1, 1),
    ):
        with pytest.raises(DamagedIndexError, match="rebuild --force"):
            look(FilesStore(tmp_path))


BROKEN_MANIFESTS = {
    "missing": None,
    "empty": "",
    "cut": "{",
    "no JSON": "not json",
    "a list": "[]",
    "null": "null",
    "no build": '{"schema": 8}',
    "a build of nothing": '{"schema": 8, "build": {}, "files": {}}',
}


@pytest.mark.parametrize("text", BROKEN_MANIFESTS.values(), ids=BROKEN_MANIFESTS)
def test_a_broken_manifest_is_damage(whole: Path, text: str | None):
    manifest = whole / "builds" / BUILD / MANIFEST
    before = manifest.read_text(encoding="utf-8")
    try:
        manifest.unlink()
        if text is not None:
            manifest.write_text(text, encoding="utf-8")
        with pytest.raises(DamagedIndexError, match=rf"{BUILD} cannot be read: .*rebuild --force"):
            FilesStore(whole)
    finally:
        manifest.write_text(before, encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"schema": 3}, r"its format is 3, not 12\."),
        ({"files": []}, "does not list its files"),
        ({"files": None}, "does not list its files"),
        ({"files": "all"}, "does not list its files"),
        ({"files": {"segments.json": 5}}, "does not list its files"),
        ({"files": {"statements.npy": [1]}}, ""),
    ],
)
def test_a_manifest_of_another_format_is_damage(whole: Path, changes: dict[str, Any], said: str):
    manifest = whole / "builds" / BUILD / MANIFEST
    before = manifest.read_text(encoding="utf-8")
    try:
        manifest.write_text(json.dumps(json.loads(before) | changes), encoding="utf-8")
        with pytest.raises(DamagedIndexError, match=f"{said}.*rebuild --force"):
            FilesStore(whole)
    finally:
        manifest.write_text(before, encoding="utf-8")


def test_a_served_build_that_is_gone_is_damage(tmp_path: Path):
    written(tmp_path)
    serve(tmp_path, "b9")
    with pytest.raises(DamagedIndexError, match="rebuild --force"):
        FilesStore(tmp_path)


def test_a_current_that_is_no_text_is_damage(tmp_path: Path):
    (tmp_path / "current").write_bytes(b"\xff")
    with pytest.raises(DamagedIndexError):
        FilesStore(tmp_path)


def test_a_missing_index_is_named_with_the_command_that_makes_one(tmp_path: Path):
    with pytest.raises(MissingIndexError, match=r"absent\. Run `reformqa rebuild` to make one"):
        FilesStore(tmp_path / "absent")


# ---- writing ------------------------------------------------------------------------------------

BROKEN = {
    "too few statements": replace(HELD, statements=(4,)),
    "a passage of no paragraph": replace(
        HELD, passages=(Passage("x", "made", "x", "x", (0, 1)),), statements=(0,)
    ),
    "a report twice": replace(HELD, reports=(MADE, MADE, OTHER)),
    "a recommendation twice": replace(HELD, recommendations=RECOMMENDATIONS[:1] * 2),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_write_that_fails_half_way_leaves_nothing_but_the_served_build(
    tmp_path: Path, broken: Held
):
    written(tmp_path)
    with pytest.raises(Exception):  # noqa: B017 — whatever stops it
        written(tmp_path, LATER, broken)
    assert entries(tmp_path / "builds") == [BUILD]
    assert FilesStore(tmp_path).report("made") == MADE
    written(tmp_path, LATER)
    FilesStore(tmp_path).verify()


def test_what_a_killed_writer_left_is_cleared(tmp_path: Path):
    written(tmp_path)
    (tmp_path / "builds" / f".{LATER}.writing").mkdir()
    writer = FilesWriter(tmp_path)
    assert writer.versions() == [BUILD]
    writer.clear()
    assert entries(tmp_path / "builds") == [BUILD]


# ---- threads ------------------------------------------------------------------------------------


def requests() -> list[Request]:
    """A request for the passages of each report of the towns and of all, by words alone."""
    (encoding,) = small_encoder().encode_tokens(["rye"], "question")
    query = EncodedQuery((encoding,), (("oven", "tram", "harbour", "cold"),))
    reports = [(r.id,) for r in towns().reports]
    return [Request(query, Filters(report=of), 100, 1) for of in ((), *reports)]


def test_threads_find_what_one_finds(tmp_path: Path):
    """The store is new: masks, metadata and ids are made by all of them at once."""
    store = opened(tmp_path, towns(), small_models())
    asked = requests()

    def look(request: Request) -> tuple[list[PassageId], list[int], dict[str, Paragraph]]:
        (ids,) = store.candidates([request])
        evidence = store.evidence(request.query, ids)
        return ids, evidence.statements.tolist(), store.paragraphs(ids)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(look, 8 * asked))
    store = FilesStore(tmp_path)
    assert found == 8 * [look(request) for request in asked]


def test_ids_are_found_though_another_thread_empties_the_memory_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(files_store, "_IDS", 12)
    store = opened(tmp_path, towns(), small_models())
    every, loaves, trams, *_ = requests()
    store.candidates([loaves])
    look: Callable[..., dict[int, PassageId]] = store._records.ids

    def interrupted(rows: list[int]) -> dict[int, PassageId]:
        monkeypatch.setattr(store._records, "ids", look)
        found = look(rows)
        store.candidates([every])  # as another thread would fill the memory …
        store.candidates([trams])  # … and empty it
        return found

    monkeypatch.setattr(store._records, "ids", interrupted)
    assert store.candidates([every]) == FilesStore(tmp_path).candidates([every])
