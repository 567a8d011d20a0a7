"""A night writes what changed: the rest is shared with the build before, and is as sure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reformqa import DamagedIndexError
from reformqa.model import Build, Paragraph, Passage, Report
from reformqa.models.base import Encoding, TextVectors
from reformqa.storage.base import Batch, EncodedQuery, Filters, IndexVersion, Request
from reformqa.storage.files import segments
from reformqa.storage.files.manifest import MANIFEST
from reformqa.storage.files.places import SEGMENTS
from reformqa.storage.files.store import FilesStore
from reformqa.storage.files.writer import FilesWriter
from support.makers import paragraph, report

PIECES, WIDTH, DIMENSIONS = 40, 4, 16
#: The passages of a report.
PASSAGES = 30
WORDS = [f"word{n}" for n in range(200)]


def drawn(words: str) -> np.random.Generator:
    """A generator of its own for each text."""
    return np.random.default_rng(list(words.encode()))


def vectors_of(words: str) -> TextVectors:
    draw = drawn(words)
    made = draw.normal(size=DIMENSIONS).astype(np.float32)
    tokens = draw.integers(-127, 128, (draw.integers(20, 40), WIDTH), dtype=np.int8)
    pieces = np.unique(draw.integers(0, PIECES, 5, dtype=np.int32))
    return TextVectors(made / np.linalg.norm(made), tokens, pieces)


def made(number: int, edition: int) -> Report:
    """A report whose every text is another in every edition."""
    name, draw = f"report-{number:02}", np.random.default_rng([number, edition])
    found: list[Paragraph] = []
    for n in range(PASSAGES):
        words = " ".join(draw.choice(WORDS, 30).tolist())
        found.append(paragraph(words, id=f"{name}-{n}", report_id=name, number=n + 1))
    return report(*found, id=name)


def night(index: Path, number: int, reports: Sequence[Report], **options: bool) -> Path:
    """Publish the version of a night; return its folder."""
    version = f"202601{number:02}-000000-000000"
    factors = np.ones(PIECES, dtype=np.float32)
    with FilesWriter(index, **options).begin(version, piece_factors=factors) as draft:
        total = 0
        for one in reports:
            texts = [p.text for p in one.paragraphs]
            passages = [Passage(p.id, one.id, p.text, p.text, (0, 1)) for p in one.paragraphs]
            none = np.zeros((0, DIMENSIONS), dtype=np.float32)
            statements = range(total, total + len(texts))
            draft.put(Batch(one, (), none, passages, statements, map(vectors_of, texts)))
            total += len(texts)
        draft.seal(IndexVersion(Build(version, "now", "made", len(reports), total, total, 0), {}))
        draft.publish()
    FilesStore(index, version).verify()
    return index / "builds" / version


def files(folder: Path) -> list[Path]:
    return [f for f in folder.rglob("*") if f.is_file()]


def written(new: Path, before: Path) -> list[Path]:
    """The files of a build that are not those of the one before."""
    known = {f.stat().st_ino for f in files(before)}
    return [f for f in files(new) if f.stat().st_ino not in known]


def size(of: Iterable[Path]) -> int:
    return sum(f.stat().st_size for f in of)


def segments_of(folder: Path) -> list[str]:
    return sorted(f.name for f in (folder / SEGMENTS).iterdir())


def answers(store: FilesStore) -> list[Any]:
    """All that a store says of a library, to the byte."""
    said: list[Any] = [dict(store.reports()), [store.report(i) for i in store.reports()]]
    said += [store.counts("passages"), store.sample(50), store.piece_weights.tobytes()]
    for words in ("word1 word2", "word5", "word7 word9 word11"):
        encoding = Encoding(vectors_of(words).sentence, np.zeros((1, 2)), np.zeros(1))
        query = EncodedQuery((encoding,), (tuple(words.split()),))
        wheres = (Filters(), Filters(report=("report-01", "report-09")), Filters(terms=("word3",)))
        for ids in store.candidates([Request(query, where, 20, 10) for where in wheres]):
            e = store.evidence(query, ids)
            arrays = (e.statements, e.vectors, e.tokens, e.lengths, e.weights, e.held)
            said += [ids, [a.tobytes() for a in arrays], store.statements(e.statements.tolist())]
            said += [store.paragraphs(ids), store.neighbours(ids, 1, 1)]
    return said


@pytest.fixture
def first() -> list[Report]:
    return [made(n, 0) for n in range(25)]


def test_a_night_writes_what_changed_and_the_answers_are_those_of_a_full_build(
    tmp_path: Path, first: list[Report]
):
    before = night(tmp_path / "nights", 1, first)
    second = [made(9, 1) if r.id == "report-09" else r for r in first]
    folder = night(tmp_path / "nights", 2, second)
    full = night(tmp_path / "full", 2, second)
    new = written(folder, before)
    assert segments_of(folder) == [before.name, folder.name]
    assert not [f for f in new if before.name in f.parts]
    of_reports = [f for f in files(full) if SEGMENTS in f.parts]
    assert size(f for f in new if SEGMENTS in f.parts) < 0.1 * size(of_reports)
    assert answers(FilesStore(tmp_path / "nights")) == answers(FilesStore(tmp_path / "full"))


@pytest.mark.parametrize("seed", range(4))
def test_any_nights_answer_as_full_builds(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
):
    """Reports come, go, change and change back; one without text is among them."""
    monkeypatch.setattr(segments, "MOST", 3)
    draw = np.random.default_rng(seed)
    editions = {n: int(draw.integers(3)) for n in range(8)}
    for number in range(1, 8):
        for n in draw.choice(12, 3, replace=False).tolist():
            if n in editions and draw.random() < 0.4:
                del editions[n]
            else:
                editions[n] = int(draw.integers(3))
        reports = [made(n, editions[n]) for n in sorted(editions)]
        reports.insert(number % 3, report(id=f"empty-{number}"))
        folder = night(tmp_path / "nights", number, reports)
        night(tmp_path / f"full-{number}", number, reports)
        found = answers(FilesStore(tmp_path / "nights"))
        assert found == answers(FilesStore(tmp_path / f"full-{number}"))
        assert len(segments_of(folder)) <= 3


def test_a_night_without_a_change_writes_no_report(tmp_path: Path, first: list[Report]):
    before = night(tmp_path, 1, first)
    folder = night(tmp_path, 2, first)
    assert segments_of(folder) == [before.name]
    assert not [f for f in written(folder, before) if SEGMENTS in f.parts]


def test_there_are_never_more_segments_than_most(tmp_path: Path, first: list[Report]):
    reports, counts = list(first), []
    for number in range(1, 21):
        reports[number] = made(number, number)
        counts.append(len(segments_of(night(tmp_path, number, reports))))
    assert max(counts) == segments.MOST
    assert min(counts[segments.MOST :]) >= segments.MOST // 2


def test_a_segment_that_is_mostly_read_no_more_is_not_shared(tmp_path: Path, first: list[Report]):
    before = night(tmp_path, 1, first)
    shares = []
    for number, others in ((2, 12), (3, 13), (4, 13)):
        reports = [made(n, int(n < others)) for n in range(len(first))]
        shares.append(before.name in segments_of(night(tmp_path, number, reports)))
    # The third has 12 of its 25 reports: the fourth writes them again.
    assert shares == [True, True, False]


def test_a_build_outlives_the_one_that_it_shares_with(tmp_path: Path, first: list[Report]):
    before = night(tmp_path, 1, first)
    night(tmp_path, 2, [*first[1:], made(30, 0)])
    FilesWriter(tmp_path).prune(1)
    assert not before.exists()
    store = FilesStore(tmp_path)
    store.verify()
    assert store.report("report-01") == first[1]


@pytest.mark.parametrize("name", ["library.sqlite", "late.tokens.i8", "dense.vectors.f32"])
def test_damage_in_a_shared_file_is_named_in_both_and_not_shared_on(
    tmp_path: Path, first: list[Report], name: str
):
    before = night(tmp_path, 1, first)
    folder = night(tmp_path, 2, [*first[1:], made(30, 0)])
    shared = f"{SEGMENTS}/{before.name}/{name}"
    data = bytearray((folder / shared).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / shared).write_bytes(data)
    for version in (before.name, folder.name):
        with pytest.raises(DamagedIndexError, match=f"{version} .*{shared} is altered"):
            FilesStore(tmp_path, version).verify()
    third = night(tmp_path, 3, first)
    assert segments_of(third) == [third.name]
    assert answers(FilesStore(tmp_path)) == answers(store_of(tmp_path / "full", first))


def store_of(index: Path, reports: Sequence[Report]) -> FilesStore:
    night(index, 1, reports)
    return FilesStore(index)


def test_where_links_cannot_be_made_there_are_copies(
    tmp_path: Path, first: list[Report], monkeypatch: pytest.MonkeyPatch
):
    def refuse(source: str, target: str) -> None:
        raise OSError("Invalid cross-device link")

    monkeypatch.setattr("os.link", refuse)
    before = night(tmp_path, 1, first)
    second = [*first[1:], made(30, 0)]
    folder = night(tmp_path, 2, second)
    assert segments_of(folder) == [before.name, folder.name]
    assert len(written(folder, before)) == len(files(folder))
    assert answers(FilesStore(tmp_path)) == answers(store_of(tmp_path / "full", second))


def test_a_build_that_is_written_afresh_shares_nothing(tmp_path: Path, first: list[Report]):
    """Nor does it have the words of a report that was taken out."""
    words = first[0].paragraphs[0].text.encode()
    before = night(tmp_path, 1, first)
    shares = night(tmp_path, 2, first[1:])
    assert any(words in f.read_bytes() for f in files(shares))
    afresh = night(tmp_path, 3, first[1:], afresh=True)
    assert len(written(afresh, before)) == len(files(afresh))
    assert not any(words in f.read_bytes() for f in files(afresh))


def test_of_a_build_of_another_format_nothing_is_shared(tmp_path: Path, first: list[Report]):
    before = night(tmp_path, 1, first)
    text = (before / MANIFEST).read_text(encoding="utf-8")
    (before / MANIFEST).write_text(text.replace('"schema": 12', '"schema": 11'), encoding="utf-8")
    folder = night(tmp_path, 2, first)
    assert segments_of(folder) == [folder.name]


def test_a_report_is_put_once(tmp_path: Path, first: list[Report]):
    night(tmp_path, 1, first)
    with pytest.raises(ValueError, match="report-00 is put twice"):
        night(tmp_path, 2, [first[0], first[0]])
    with pytest.raises(ValueError, match="report-00 is put twice"):
        night(tmp_path, 2, [made(0, 1), replace(made(0, 2), id="report-00")])
