"""A rebuild: only when something changed, whole or not at all, the corpus left as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from reformqa.rebuild import KEEP

from reformqa import (
    CorpusError,
    DamagedIndexError,
    Library,
    MissingIndexError,
    Settings,
    rebuild,
)
from reformqa.model import FileProblem

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
    return tmp_path / "index"


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def reports(index: Path) -> list[str]:
    return [r.id for r in Library.open(index, Settings()).reports]


def test_a_build_counts_what_it_holds(corpus: Path, index: Path):
    outcome = rebuild(corpus, index)
    library = Library.open(index, Settings())
    build = outcome.build
    assert outcome.changed
    assert library.build == build
    assert (build.reports, build.passages, build.recommendations) == (2, 5, 2)
    assert build.paragraphs == sum(len(library.report(r).paragraphs) for r in ("bread", "trams"))
    assert (build.problems, build.skipped, build.model) == ((), (), "all-MiniLM-L6-v2")
    assert library.search("stale loaf", limit=1)[0].paragraph.text.startswith("Rye keeps")


def test_an_unchanged_corpus_keeps_its_build(corpus: Path, index: Path):
    first = rebuild(corpus, index)
    second = rebuild(corpus, index)
    assert (second.changed, second.build) == (False, first.build)
    assert len(list((index / "builds").iterdir())) == 1


def test_force_builds_an_unchanged_corpus(corpus: Path, index: Path):
    first = rebuild(corpus, index)
    second = rebuild(corpus, index, force=True)
    assert second.changed
    assert second.build.id != first.build.id
    assert Library.open(index, Settings()).build == second.build


def test_an_edited_report_is_read_anew(corpus: Path, index: Path):
    rebuild(corpus, index)
    edit(corpus / "trams.txt", "ten minutes", "seven minutes")
    assert rebuild(corpus, index).changed
    texts = [p.text for p in Library.open(index, Settings()).report("trams").paragraphs]
    assert [t for t in texts if "seven minutes" in t]
    assert not [t for t in texts if "ten minutes" in t]


def test_an_edited_catalogue_is_read_anew(corpus: Path, index: Path):
    rebuild(corpus, index)
    edit(corpus / "catalogue.toml", '"Drivers"', '"Conductors"')
    assert rebuild(corpus, index).changed
    assert Library.open(index, Settings()).publishers == ("Bakers", "Conductors")


@pytest.mark.parametrize(
    ("stages", "changed"),
    [
        ({"passages": {"max_characters": 500}}, True),
        ({"reading": {"ocr": True}}, True),
        ({"search": {"candidates": 50}, "answer": {"sentences": 2}}, False),
        ({"reading": {"seconds": 9, "megabytes": 200, "workers": 1}}, False),
    ],
)
def test_only_settings_that_shape_the_index_ask_for_a_build(
    corpus: Path, index: Path, stages, changed: bool
):
    rebuild(corpus, index)
    assert rebuild(corpus, index, settings=Settings.model_validate(stages)).changed is changed


def test_a_new_file_comes_in_and_a_removed_one_is_gone(corpus: Path, index: Path):
    (corpus / "trams.txt").rename(corpus.parent / "trams.txt")
    rebuild(corpus, index)
    assert reports(index) == ["bread"]
    (corpus.parent / "trams.txt").rename(corpus / "trams.txt")
    (corpus / "bread.md").unlink()
    assert rebuild(corpus, index).changed
    assert reports(index) == ["trams"]
    assert Library.open(index, Settings()).recommendations() == []


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
    (problem,) = rebuild(corpus, index).build.problems
    assert problem.file == name
    assert problem.reason.startswith(reason)
    assert reports(index) == ["bread", "trams"]
    again = rebuild(corpus, index)
    assert (again.changed, again.build.problems) == (False, (problem,))


def test_a_file_beyond_the_limits_is_recorded_and_the_others_go_in(corpus: Path, index: Path):
    (corpus / "endless.txt").write_text("- bread\n" * 2_000_000)
    limits = Settings.model_validate({"reading": {"megabytes": 128}})
    (problem,) = rebuild(corpus, index, settings=limits).build.problems
    assert problem.file == "endless.txt"
    assert problem.reason.startswith("needed more than 128 MB to read: ")
    assert reports(index) == ["bread", "trams"]


def test_a_file_of_another_kind_is_recorded_as_not_read(corpus: Path, index: Path):
    (corpus / "loaf.docx").write_bytes(b"x")
    skipped = (FileProblem("loaf.docx", "not one of .txt, .md, .pdf"),)
    assert rebuild(corpus, index).build.skipped == skipped


def test_a_note_is_read_while_its_report_is_not_there(corpus: Path, index: Path):
    (corpus / "note-on-bread.md").write_text(NOTE, encoding="utf-8")
    (corpus / "bread.md").rename(corpus.parent / "bread.md")
    assert rebuild(corpus, index).build.skipped == ()
    assert reports(index) == ["note-on-bread", "trams"]
    assert Library.open(index, Settings()).report("note-on-bread").note_on == "bread"


@pytest.mark.parametrize("name", ["bread.md", "download-17.md"])
def test_a_note_gives_way_to_its_report_under_whatever_name(corpus: Path, index: Path, name: str):
    (corpus / "note-on-bread.md").write_text(NOTE, encoding="utf-8")
    (corpus / "bread.md").rename(corpus / name)
    identity = Path(name).stem
    reason = f"the report itself is in: {identity}"
    assert rebuild(corpus, index).build.skipped == (FileProblem("note-on-bread.md", reason),)
    assert reports(index) == [identity, "trams"]


def test_a_note_stays_while_its_report_cannot_be_read(corpus: Path, index: Path):
    (corpus / "note-on-bread.md").write_text(NOTE, encoding="utf-8")
    (corpus / "bread.md").write_bytes(b"")
    assert [p.file for p in rebuild(corpus, index).build.problems] == ["bread.md"]
    assert reports(index) == ["note-on-bread", "trams"]


def test_a_report_under_another_name_has_the_catalogues_facts(corpus: Path, index: Path):
    (corpus / "bread.md").rename(corpus / "download-17.md")
    rebuild(corpus, index)
    report = Library.open(index, Settings()).report("download-17")
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


def doubled(corpus: Path) -> None:
    (corpus / "Bread.txt").write_text(BREAD, encoding="utf-8")


def bad_catalogue(corpus: Path) -> None:
    edit(corpus / "catalogue.toml", "publisher", "printer")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (emptied, "holds no report"),
        (all_broken, "None of the files"),
        (gone, "There is no corpus folder"),
        (doubled, "would both be 'bread'"),
        (bad_catalogue, "reports.bread.publisher"),
    ],
)
def test_a_corpus_that_cannot_be_built_leaves_the_old_index_answering(
    corpus: Path, index: Path, harm, said: str
):
    build = rebuild(corpus, index).build
    harm(corpus)
    with pytest.raises(CorpusError, match=said):
        rebuild(corpus, index)
    library = Library.open(index, Settings())
    assert library.build == build
    assert library.search("stale loaf", limit=1)[0].paragraph.report_id == "bread"


def test_nothing_is_written_into_the_corpus(corpus: Path, index: Path):
    (corpus / "torn.pdf").write_bytes(b"%PDF-1.7 torn")

    def state() -> dict[str, tuple[bytes, int]]:
        return {f.name: (f.read_bytes(), f.stat().st_mtime_ns) for f in corpus.iterdir()}

    before = state()
    rebuild(corpus, index)
    assert state() == before


def test_a_damaged_index_is_built_anew(corpus: Path, index: Path):
    first = rebuild(corpus, index).build
    (index / "builds" / first.id / "library.sqlite").unlink()
    with pytest.raises(DamagedIndexError):
        Library.open(index, Settings())
    assert rebuild(corpus, index).changed
    assert reports(index) == ["bread", "trams"]


def test_old_builds_are_removed(corpus: Path, index: Path):
    for _ in range(KEEP + 2):
        build = rebuild(corpus, index, force=True).build
    kept = [d.name for d in (index / "builds").iterdir()]
    assert len(kept) in (KEEP, KEEP + 1)  # the one served stays, whatever its place
    assert build.id in kept


def test_progress_names_the_stages_in_order(corpus: Path, index: Path):
    steps: list[tuple[str, int, int]] = []
    rebuild(corpus, index, progress=lambda *step: steps.append(step))
    assert steps == [
        ("reading", 0, 2),
        ("reading", 1, 2),
        ("reading", 2, 2),
        ("encoding", 5, 5),
        ("writing", 0, 1),
        ("writing", 1, 1),
    ]


def test_one_corpus_gives_one_answer_however_often_it_is_built(corpus: Path, tmp_path: Path):
    answers = []
    for name in ("one", "two"):
        rebuild(corpus, tmp_path / name)
        library = Library.open(tmp_path / name, Settings())
        answers.append((library.ask("How long does rye keep?"), list(library.search("rye"))))
    assert answers[0] == answers[1]


def test_a_note_named_in_the_catalogue_makes_a_new_build(tmp_path: Path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.md").write_text(
        "# A\n\n## Bread\n\nBread is baked by bakers who all rise early.\n"
    )
    entry = '[reports.a]\ntitle = "A"\npublisher = "Maker"\n'
    (corpus / "catalogue.toml").write_text(entry)
    rebuild(corpus, tmp_path / "index")
    (corpus / "catalogue.toml").write_text(entry + 'note_on = "b"\n')
    assert rebuild(corpus, tmp_path / "index").changed


def test_a_file_in_the_place_of_the_index_is_named(tmp_path: Path):
    (tmp_path / "index").write_text("not a folder")
    with pytest.raises(MissingIndexError, match="is a file"):
        rebuild(tmp_path, tmp_path / "index")
