"""A rebuild: only if something changed, whole or not at all, without touching the corpus."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reformqa import (
    CorpusError,
    DamagedIndexError,
    EncoderError,
    Library,
    MissingIndexError,
    Settings,
    rebuild,
)
from reformqa.exports.document import Provenance
from reformqa.model import FileProblem
from reformqa.models.base import Execution
from reformqa.models.onnx import OnnxReranker
from reformqa.models.registry import fingerprint
from reformqa.pipeline.rebuild import STEPS
from reformqa.settings import RebuildSettings
from reformqa.storage.files.manifest import SCHEMA_VERSION, is_whole
from reformqa.storage.files.store import FilesStore
from support.makers import newest_segment
from support.models import DEFAULT, export_into, other_small, reranker, small, small_cross_encoder
from support.nights import night, settings

KEEP = RebuildSettings().keep

BREAD = """# Bread in Towns

## Ovens at dawn

The bakers of the harbour town light their ovens well before the first tram leaves.

Rye keeps for a week in a stone crock, while a wheat loaf is stale by the second evening.

## Recommendations

- The town should lend its cold ovens to anybody who wants to learn the trade.
- The guild should print the price of flour on the door of every mill.
"""
TRAMS = """# Trams by the Sea

## Tracks and timetables

A tram that comes every ten minutes needs no timetable, as the drivers like to say.
"""
NOTE = """# Reading note on Bread in Towns

## In brief

This short note tells a hurried reader what the longer work on loaves has to offer.
"""
CATALOGUE = """[reports.bread]
title = "Bread in Towns"
publisher = "Bakers"
published = "2021"

[reports.trams]
title = "Trams by the Sea"
publisher = "Drivers"
published = "2022-03"

[reports.note-on-bread]
title = "Reading note on Bread in Towns"
publisher = "Bakers"
note_on = "bread"
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two short reports and their catalogue."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "catalogue.toml").write_text(CATALOGUE, encoding="utf-8")
    (folder / "bread.md").write_text(BREAD, encoding="utf-8")
    (folder / "trams.txt").write_text(TRAMS, encoding="utf-8")
    return folder


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """A folder for an index."""
    return tmp_path / "index"


@pytest.fixture(scope="module")
def models() -> dict[str, Path]:
    """Two small encoders and a small cross-encoder, their weights drawn at random."""
    return {"one": small(), "two": other_small(), "reranker": reranker()}


def with_models(model: str | Path | None = None, reranker: str | Path = "") -> dict[str, Any]:
    """Settings of the encoder, the small model unless another is named, and the reranker."""
    return {"encoder": {"model": str(model or small()), "reranker": str(reranker)}}


def exports(index: Path) -> dict[str, tuple[int, int]]:
    """Every file of the exports in the cache, with its inode and when it was written."""
    cache = index / "cache" / "models"
    return {
        f.relative_to(cache).as_posix(): (f.stat().st_ino, f.stat().st_mtime_ns)
        for f in cache.rglob("*")
        if f.is_file()
    }


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def reports(index: Path) -> list[str]:
    return [r.id for r in Library.open(index, settings()).reports]


def test_a_build_counts_what_it_holds(corpus: Path, index: Path):
    outcome = night(corpus, index)
    library = Library.open(index, settings())
    build = outcome.build
    assert outcome.changed
    assert library.build == build
    assert (build.reports, build.passages, build.recommendations) == (2, 5, 2)
    assert build.paragraphs == sum(len(library.report(r).paragraphs) for r in ("bread", "trams"))
    assert (build.problems, build.skipped, build.model) == ((), (), str(small()))
    assert library.search("stale loaf", limit=1)[0].paragraph.text.startswith("Rye keeps")


def test_an_unchanged_corpus_keeps_its_build(corpus: Path, index: Path):
    first = night(corpus, index)
    second = night(corpus, index)
    assert (second.changed, second.build) == (False, first.build)
    assert len(list((index / "builds").iterdir())) == 1


def test_force_builds_an_unchanged_corpus(corpus: Path, index: Path):
    first = night(corpus, index)
    second = night(corpus, index, force=True)
    assert second.changed
    assert second.build.id != first.build.id
    assert Library.open(index, settings()).build == second.build


def test_an_edited_report_is_read_anew(corpus: Path, index: Path):
    night(corpus, index)
    edit(corpus / "trams.txt", "ten minutes", "seven minutes")
    assert night(corpus, index).changed
    texts = [p.text for p in Library.open(index, settings()).report("trams").paragraphs]
    assert [t for t in texts if "seven minutes" in t]
    assert not [t for t in texts if "ten minutes" in t]


def test_an_edited_catalogue_is_read_anew(corpus: Path, index: Path):
    night(corpus, index)
    edit(corpus / "catalogue.toml", '"Drivers"', '"Conductors"')
    assert night(corpus, index).changed
    assert Library.open(index, settings()).publishers == ("Bakers", "Conductors")


@pytest.mark.parametrize(
    ("stages", "changed"),
    [
        ({"passages": {"max_characters": 500}}, True),
        ({"reading": {"ocr": True}}, True),
        ({"search": {"candidates": 50, "late_weight": 0}, "answer": {"sentences": 2}}, False),
        ({"search": {"reword": False, "reranked": 3}}, False),
        ({"reading": {"seconds": 9, "megabytes": 200, "workers": 1}}, False),
    ],
)
def test_only_settings_that_shape_the_index_ask_for_a_build(
    corpus: Path, index: Path, stages, changed: bool
):
    night(corpus, index)
    assert night(corpus, index, stages).changed is changed


def test_a_new_file_comes_in_and_a_removed_one_is_gone(corpus: Path, index: Path):
    (corpus / "trams.txt").rename(corpus.parent / "trams.txt")
    night(corpus, index)
    assert reports(index) == ["bread"]
    (corpus.parent / "trams.txt").rename(corpus / "trams.txt")
    (corpus / "bread.md").unlink()
    assert night(corpus, index).changed
    assert reports(index) == ["trams"]
    assert list(Library.open(index, settings()).recommendations()) == []


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("torn.pdf", b"%PDF-1.7 torn", "is a broken PDF"),
        ("empty.txt", b"", "is empty. Replace it, or remove it."),
        ("short.md", b"# Title\n\nToo few words.\n", "holds no paragraph of text"),
        ("photo.txt", b"\x89PNG\0\0\0", "holds binary data"),
        ("disguised.txt", b"%PDF-1.7 torn", "is a PDF under the name"),
    ],
)
def test_a_broken_file_is_recorded_and_the_others_go_in(
    corpus: Path, index: Path, name: str, data: bytes, reason: str
):
    (corpus / name).write_bytes(data)
    (problem,) = night(corpus, index).build.problems
    assert problem.file == name
    assert problem.reason.startswith(reason)
    assert reports(index) == ["bread", "trams"]
    again = night(corpus, index)
    assert (again.changed, again.build.problems) == (False, (problem,))


def test_a_file_beyond_the_limits_is_recorded_and_the_others_go_in(corpus: Path, index: Path):
    (corpus / "endless.txt").write_text("- bread\n" * 2_000_000)
    limits = {"reading": {"megabytes": 128}}
    (problem,) = night(corpus, index, limits).build.problems
    assert problem.file == "endless.txt"
    assert problem.reason.startswith("needed more than 128 MB to read: ")
    assert reports(index) == ["bread", "trams"]


def test_a_file_of_another_kind_is_recorded_as_not_read(corpus: Path, index: Path):
    (corpus / "loaf.odt").write_bytes(b"x")
    skipped = (FileProblem("loaf.odt", "not one of .txt, .md, .docx, .html, .htm, .pdf"),)
    assert night(corpus, index).build.skipped == skipped


def test_a_note_is_read_while_its_report_is_not_there(corpus: Path, index: Path):
    (corpus / "note-on-bread.md").write_text(NOTE, encoding="utf-8")
    (corpus / "bread.md").rename(corpus.parent / "bread.md")
    assert night(corpus, index).build.skipped == ()
    assert reports(index) == ["note-on-bread", "trams"]
    assert Library.open(index, settings()).report("note-on-bread").note_on == "bread"


@pytest.mark.parametrize("name", ["bread.md", "download-17.md"])
def test_a_note_gives_way_to_its_report_under_whatever_name(corpus: Path, index: Path, name: str):
    (corpus / "note-on-bread.md").write_text(NOTE, encoding="utf-8")
    (corpus / "bread.md").rename(corpus / name)
    identity = Path(name).stem
    reason = f"the report itself is in: {identity}"
    assert night(corpus, index).build.skipped == (FileProblem("note-on-bread.md", reason),)
    assert reports(index) == [identity, "trams"]


def test_a_note_stays_while_its_report_cannot_be_read(corpus: Path, index: Path):
    (corpus / "note-on-bread.md").write_text(NOTE, encoding="utf-8")
    (corpus / "bread.md").write_bytes(b"")
    assert [p.file for p in night(corpus, index).build.problems] == ["bread.md"]
    assert reports(index) == ["note-on-bread", "trams"]


def test_a_report_under_another_name_has_the_catalogues_facts(corpus: Path, index: Path):
    (corpus / "bread.md").rename(corpus / "download-17.md")
    night(corpus, index)
    report = Library.open(index, settings()).report("download-17")
    assert (report.title, report.publisher, report.year) == ("Bread in Towns", "Bakers", 2021)
    assert report.guessed == ()


def emptied(corpus: Path) -> None:
    for file in corpus.iterdir():
        file.unlink()


def all_broken(corpus: Path) -> None:
    (corpus / "bread.md").write_bytes(b"")
    (corpus / "trams.txt").write_bytes(b"\0\0")


def gone(corpus: Path) -> None:
    corpus.rename(corpus.parent / "elsewhere")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (emptied, "holds no report"),
        (all_broken, "None of the files"),
        (gone, "There is no corpus folder"),
    ],
)
def test_a_corpus_that_cannot_be_built_leaves_the_old_index_answering(
    corpus: Path, index: Path, harm, said: str
):
    build = night(corpus, index).build
    harm(corpus)
    with pytest.raises(CorpusError, match=said):
        night(corpus, index)
    library = Library.open(index, settings())
    assert library.build == build
    assert library.search("stale loaf", limit=1)[0].paragraph.report_id == "bread"


def test_a_file_that_is_there_twice_is_named_and_read_once(corpus: Path, index: Path):
    (corpus / "loaves.md").write_text(BREAD, encoding="utf-8")
    (corpus / "trams.md").write_text(TRAMS.replace("ten", "nine"), encoding="utf-8")
    build = night(corpus, index).build
    assert build.skipped == (FileProblem("loaves.md", "has the same contents as bread.md"),)
    (problem,) = build.problems
    assert problem.file == "trams.txt"
    assert problem.reason.startswith("would have the same id as trams.md: trams.")
    assert reports(index) == ["bread", "trams"]


def test_a_first_build_needs_a_catalogue_that_can_be_read(corpus: Path, index: Path):
    edit(corpus / "catalogue.toml", "publisher", "printer")
    with pytest.raises(CorpusError, match=r"reports\.bread\.publisher"):
        night(corpus, index)


def test_nothing_is_written_into_the_corpus(corpus: Path, index: Path):
    (corpus / "torn.pdf").write_bytes(b"%PDF-1.7 torn")

    def state() -> dict[str, tuple[bytes, int]]:
        return {f.name: (f.read_bytes(), f.stat().st_mtime_ns) for f in corpus.iterdir()}

    before = state()
    night(corpus, index)
    assert state() == before


def test_a_damaged_index_is_built_anew(corpus: Path, index: Path):
    first = night(corpus, index).build
    (newest_segment(index / "builds" / first.id) / "library.sqlite").unlink()
    with pytest.raises(DamagedIndexError):
        Library.open(index, settings())
    assert night(corpus, index).changed
    assert reports(index) == ["bread", "trams"]


def test_old_builds_are_removed(corpus: Path, index: Path):
    for _ in range(KEEP + 2):
        build = night(corpus, index, force=True).build
    kept = [d.name for d in (index / "builds").iterdir()]
    assert len(kept) == KEEP
    assert max(kept) == build.id


def test_progress_names_the_stages_in_order(corpus: Path, index: Path):
    steps: list[tuple[str, int, int]] = []
    night(corpus, index, progress=lambda *step: steps.append(step))
    assert tuple(dict.fromkeys(stage for stage, _, _ in steps)) == STEPS
    assert [step for step in steps if step[2]] == [
        ("reading", 0, 2),
        ("reading", 1, 2),
        ("reading", 2, 2),
        ("encoding", 0, 5),
        ("encoding", 5, 5),
    ]


def test_one_corpus_gives_one_answer_however_often_it_is_built(corpus: Path, tmp_path: Path):
    answers = []
    for name in ("one", "two"):
        rebuild(corpus, export_into(tmp_path / name))
        library = Library.open(tmp_path / name, Settings())
        answer = library.ask("How long does rye keep?")
        assert answer.provenance.build == library.build.id
        plain = replace(answer, provenance=Provenance())
        answers.append((plain, list(library.search("rye"))))
    assert answers[0] == answers[1]


def test_a_note_named_in_the_catalogue_makes_a_new_build(tmp_path: Path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.md").write_text(
        "# A\n\n## Bread\n\nBread is baked by bakers who all rise early.\n"
    )
    entry = '[reports.a]\ntitle = "A"\npublisher = "Maker"\n'
    (corpus / "catalogue.toml").write_text(entry)
    night(corpus, tmp_path / "index")
    (corpus / "catalogue.toml").write_text(entry + 'note_on = "b"\n')
    assert night(corpus, tmp_path / "index").changed


def test_a_file_in_the_place_of_the_index_is_named(tmp_path: Path):
    (tmp_path / "index").write_text("not a folder")
    with pytest.raises(MissingIndexError, match="is a file"):
        rebuild(tmp_path, tmp_path / "index")


def test_the_first_build_exports_the_model_and_the_next_one_links_to_it(
    corpus: Path, tmp_path: Path
):
    index = tmp_path / "index"
    first = rebuild(corpus, index, settings=settings()).build
    before = exports(index)
    assert len(before) == 5  # graph, reduction, tokenizer, header and their manifest
    edit(corpus / "trams.txt", "ten minutes", "seven minutes")
    second = night(corpus, index).build
    assert second.id != first.id
    assert exports(index) == before
    (cached,) = (index / "cache" / "models").iterdir()
    for build in (first, second):
        files = sorted((index / "builds" / build.id / "encoder").iterdir())
        names = ["model.json", "model.onnx", "reduction.npz", "tokenizer.json"]
        assert [f.name for f in files] == names
        assert all(f.samefile(cached / f.name) for f in files)


def test_an_export_of_an_older_version_is_made_again(corpus: Path, index: Path):
    """Whole as it may be: it has no reduction in today's form."""
    first = night(corpus, index).build
    (current,) = (index / "cache" / "models").iterdir()
    old = current.rename(current.with_name(f"encoder-{'0' * 16}"))
    build = index / "builds" / first.id
    for folder, name in ((old, "reduction.npz"), (build, "encoder/reduction.npz")):
        (folder / name).unlink()
        held = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        del held["files"][name]
        if "models" in held:
            held["models"]["encoder"]["digest"] = "0" * 64
        (folder / "manifest.json").write_text(json.dumps(held), encoding="utf-8")
        assert is_whole(folder)
    assert night(corpus, index).changed
    assert list((index / "cache" / "models").iterdir()) == [current]
    (cosines,) = (
        FilesStore(index).models(Execution()).reduction.asked(np.ones((1, 32), dtype=np.float32))
    )
    assert cosines.shape == (32,)


def other_calibration(model: Path) -> str:
    return (
        f"The calibration was fitted with the model {DEFAULT}, not with {model}: confidences are"
        " guesses. Fit it with `reformqa evaluate FILE --calibrate tuning.json` and name that file"
        " in the setting answer.calibration."
    )


def test_another_model_encodes_everything_anew_and_says_so(
    corpus: Path, index: Path, models: dict[str, Path]
):
    first = night(corpus, index)
    second = night(corpus, index, with_models(models["two"]))
    assert second.changed
    assert second.notes == (
        f"The index was built with {models['one']}; the settings now name {models['two']}.",
        other_calibration(models["two"]),
    )
    assert (first.encoded, second.encoded) == (7, 7)
    assert second.build.model == str(models["two"])
    store = FilesStore(index)
    assert store.models(Execution()).encoder.dimensions == 32
    assert store.version.facts["models"]["encoder"]["digest"] == fingerprint(models["two"])
    assert len(exports(index)) == 5  # the other model's export is gone
    hits = Library.open(index, settings(**with_models(models["two"]))).search("rye", limit=5)
    assert len(hits) == 5


def test_the_same_model_is_not_built_again(corpus: Path, index: Path, models: dict[str, Path]):
    both = with_models(models["one"], models["reranker"])
    first = night(corpus, index, both)
    again = night(corpus, index, both)
    assert (again.changed, again.build, again.notes) == (False, first.build, ())


def test_other_files_under_the_same_name_are_another_model(
    corpus: Path, index: Path, models: dict[str, Path], tmp_path: Path
):
    named = tmp_path / "model"
    shutil.copytree(models["one"], named)
    first = night(corpus, index, with_models(named))
    shutil.rmtree(named)
    shutil.copytree(models["two"], named)
    second = night(corpus, index, with_models(named))
    assert (first.notes, second.changed) == ((other_calibration(named),), True)
    assert second.notes == (
        f"The index was built with {named}; the settings now name {named} with other files.",
        other_calibration(named),
    )
    shutil.rmtree(named)
    shutil.copytree(models["two"], named)
    assert night(corpus, index, with_models(named)).changed is False


def test_the_same_files_under_another_name_are_built_for_the_name(
    corpus: Path, index: Path, models: dict[str, Path], tmp_path: Path
):
    night(corpus, index, with_models(models["one"]))
    before = exports(index)
    shutil.copytree(models["one"], tmp_path / "moved")
    moved = night(corpus, index, with_models(tmp_path / "moved"))
    assert exports(index) == before
    assert moved.build.model == str(tmp_path / "moved")


def test_a_reranker_that_is_set_is_built_in_and_orders_the_hits(
    corpus: Path, index: Path, models: dict[str, Path]
):
    plain = night(corpus, index)
    assert "reranker" not in Library.open(index, settings()).search("rye")[0].legs
    chosen = with_models(reranker=models["reranker"])
    outcome = night(corpus, index, chosen)
    assert outcome.build.id != plain.build.id
    assert outcome.notes == (
        f"The index was built with {small()}; the settings now name {small()} and"
        f" {models['reranker']}.",
        other_calibration(small()),
    )
    assert outcome.encoded == 0
    question = "How long does rye keep?"
    hits = Library.open(index, settings(**chosen)).search(question)
    own = OnnxReranker(index / "builds" / outcome.build.id / "reranker")
    scores = own.score(question, [h.passage.indexed for h in hits]).tolist()
    assert len(hits) == 5
    assert scores == sorted(scores, reverse=True)
    ranks = [1 + sum(other > score for other in scores) for score in scores]
    assert [h.legs["reranker"].rank for h in hits] == ranks
    assert [h.legs["reranker"].score for h in hits] == pytest.approx(scores, abs=1e-5)


def test_a_reranker_that_is_set_no_more_is_left_out(
    corpus: Path, index: Path, models: dict[str, Path]
):
    night(corpus, index, with_models(reranker=models["reranker"]))
    outcome = night(corpus, index)
    assert outcome.changed
    assert outcome.notes[0].startswith("The index was built with ")
    assert FilesStore(index).models(Execution()).reranker is None
    assert "reranker" not in Library.open(index, settings()).search("rye")[0].legs


def test_with_the_packaged_model_there_is_no_note(corpus: Path, index: Path):
    assert rebuild(corpus, export_into(index)).notes == ()
    edit(corpus / "trams.txt", "ten minutes", "seven minutes")
    outcome = rebuild(corpus, index)
    assert (outcome.changed, outcome.notes, outcome.encoded) == (True, (), 1)
    assert outcome.build.model == DEFAULT


@pytest.mark.parametrize("role", ["model", "reranker"])
def test_a_model_that_is_not_there_leaves_the_old_index_answering(
    corpus: Path, index: Path, role: str
):
    build = night(corpus, index).build
    absent = with_models(**{role: "no-such-model"})
    with pytest.raises(EncoderError, match="'no-such-model' is not on this machine"):
        night(corpus, index, absent)
    assert Library.open(index, settings()).build == build


def test_a_model_that_cannot_be_a_reranker_leaves_nothing_behind(
    corpus: Path, index: Path, tmp_path: Path
):
    build = night(corpus, index).build
    before = exports(index)
    two_scores = small_cross_encoder(tmp_path / "two-scores", labels=2)
    with pytest.raises(EncoderError, match="returns 2 scores for a pair"):
        night(corpus, index, with_models(reranker=two_scores))
    assert Library.open(index, settings()).build == build
    assert exports(index) == before


@pytest.mark.parametrize("name", ["late.tokens.i8", "statements.npy", "encoder/tokenizer.json"])
def test_a_build_with_a_harmed_file_is_made_anew(corpus: Path, index: Path, name: str):
    first = night(corpus, index).build
    (file,) = (index / "builds" / first.id).rglob(name)
    data = file.read_bytes()
    file.unlink()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    outcome = night(corpus, index)
    assert outcome.changed
    FilesStore(index).verify()
    assert Library.open(index, settings()).search("stale loaf")[0].paragraph.report_id == "bread"


def test_a_build_whose_large_files_are_harmed_is_made_anew(corpus: Path, index: Path):
    first = rebuild(corpus, export_into(index)).build
    file = index / "builds" / first.id / "encoder" / "model.onnx"
    shutil.copy(file, index / "copy")
    with (index / "copy").open("r+b") as stream:
        stream.seek(20_000_000)
        stream.write(b"bread and trams")
    (index / "copy").replace(file)
    Library.open(index, Settings())  # opening does not read it
    assert rebuild(corpus, index).changed
    FilesStore(index).verify()


@pytest.mark.parametrize("harm", ["altered", "cut short"])
def test_a_model_harmed_in_place_is_exported_anew(corpus: Path, index: Path, harm: str):
    """A failing disk harms a file under all its names: the cache's export with the build's."""
    first = night(corpus, index).build
    (vector,) = FilesStore(index).models(Execution()).encoder.encode(["rye"], "passage")
    with (index / "builds" / first.id / "encoder" / "model.onnx").open("r+b") as stream:
        if harm == "cut short":
            stream.truncate(1_000)
        else:
            stream.seek(50_000)
            stream.write(bytes(10_000))
    with pytest.raises(DamagedIndexError):
        FilesStore(index).verify()
    assert night(corpus, index).changed
    (again,) = FilesStore(index).models(Execution()).encoder.encode(["rye"], "passage")
    assert again == pytest.approx(vector, abs=1e-5)


def test_an_index_of_an_older_format_is_refused_and_rebuilt(corpus: Path, index: Path):
    """As version 5 wrote it, with other contents under the same file names."""
    first = night(corpus, index).build
    manifest = index / "builds" / first.id / "manifest.json"
    edit(manifest, f'"schema": {SCHEMA_VERSION}', '"schema": 5')
    with pytest.raises(
        DamagedIndexError, match=rf"its format is 5, not {SCHEMA_VERSION}\..* `reformqa rebuild"
    ):
        Library.open(index, settings())
    outcome = night(corpus, index)
    assert outcome.changed
    assert [n for n in outcome.notes if f"{first.id} cannot be read: its format is 5" in n]
    assert reports(index) == ["bread", "trams"]
    assert night(corpus, index).changed is False


def test_what_is_said_twice_in_a_corpus_is_found_once(corpus: Path, index: Path):
    (corpus / "bread-again.md").write_text(f"{BREAD}\n", encoding="utf-8")
    build = night(corpus, index).build
    assert build.passages == 9
    hits = Library.open(index, settings()).search("How long does rye keep?", limit=9)
    assert len(hits) == 5
    assert [p.report_id for p in hits[0].also] in (["bread"], ["bread-again"])
    assert hits[0].paragraph.report_id != hits[0].also[0].report_id
