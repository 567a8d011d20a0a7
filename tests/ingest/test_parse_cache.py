"""Reports in the cache: read back as they were parsed and prepared, or not at all."""

from __future__ import annotations

import dataclasses
import gzip
from pathlib import Path

import pytest

from reformqa.files import digest
from reformqa.ingest.corpus import Source
from reformqa.ingest.parse_cache import ParsedReports
from reformqa.ingest.prepare import prepare
from reformqa.parsing import parse, report_id
from reformqa.settings import PassageSettings
from support.makers import paragraph, report

SOURCE = Source(Path("made.txt"), "made", "0" * 64)
MADE = prepare(
    report(
        paragraph("Rye keeps for a week in a stone crock: “a week”, £5 – they say.\n\u2028"),
        paragraph("Recommendation 1: Towns should bake.", id="made-00000002", number=2),
        authors=("Ada Miller",),
        warnings=("no headings found",),
    )
)
SHORT = PassageSettings(max_characters=200)


def kept(
    folder: Path, *, ocr: bool = False, passages: PassageSettings = PassageSettings()
) -> ParsedReports:
    return ParsedReports(folder / "parsed", ocr=ocr, passages=passages)


def only_file(folder: Path) -> Path:
    (file,) = (folder / "parsed").iterdir()
    return file


def test_what_was_never_kept_is_missing(tmp_path: Path):
    assert kept(tmp_path).info(SOURCE) is None
    assert kept(tmp_path).load(SOURCE) is None


@pytest.mark.parametrize("name", ["typeset/smarter-state.pdf", "text/smarter-state.txt"])
def test_a_report_is_read_back_as_it_was_parsed(shared: Path, tmp_path: Path, name: str):
    path = shared / "corpus" / name
    source = Source(path, report_id(path), digest(path))
    whole = prepare(parse(path))
    assert whole.passages
    assert whole.recommendations
    kept(tmp_path).keep(source, whole)
    assert kept(tmp_path).load(source) == whole
    assert kept(tmp_path).info(source) == whole.report.info


def test_the_same_report_is_kept_in_the_same_bytes(tmp_path: Path):
    kept(tmp_path / "one").keep(SOURCE, MADE)
    kept(tmp_path / "two").keep(SOURCE, MADE)
    assert only_file(tmp_path / "one").read_bytes() == only_file(tmp_path / "two").read_bytes()


@pytest.mark.parametrize("data", [b"", b"\x1f", b"\x1f\x8b\x08", b"garbage", b"{}\n[]\n[]"])
def test_another_file_in_its_place_counts_as_missing(tmp_path: Path, data: bytes):
    kept(tmp_path).keep(SOURCE, MADE)
    only_file(tmp_path).write_bytes(data)
    assert kept(tmp_path).info(SOURCE) is None
    assert kept(tmp_path).load(SOURCE) is None
    kept(tmp_path).keep(SOURCE, MADE)
    assert kept(tmp_path).load(SOURCE) == MADE


def test_a_file_cut_short_anywhere_counts_as_missing(tmp_path: Path):
    kept(tmp_path).keep(SOURCE, MADE)
    data = only_file(tmp_path).read_bytes()
    for length in range(len(data)):
        only_file(tmp_path).write_bytes(data[:length])
        assert kept(tmp_path).info(SOURCE) is None
        assert kept(tmp_path).load(SOURCE) is None


def test_a_bit_that_flips_in_any_byte_gives_no_other_report(tmp_path: Path):
    kept(tmp_path).keep(SOURCE, MADE)
    file = only_file(tmp_path)
    data = file.read_bytes()
    for place, byte in enumerate(data):
        file.write_bytes(data[:place] + bytes([byte ^ 1 << place % 8]) + data[place + 1 :])
        assert kept(tmp_path).info(SOURCE) in (None, MADE.report.info)
        assert kept(tmp_path).load(SOURCE) in (None, MADE)


@pytest.mark.parametrize(
    "other",
    [
        dataclasses.replace(SOURCE, path=Path("other.txt")),
        dataclasses.replace(SOURCE, sha256="1" * 64),
    ],
)
def test_another_name_or_contents_is_another_entry(tmp_path: Path, other: Source):
    kept(tmp_path).keep(SOURCE, MADE)
    assert kept(tmp_path).info(other) is None
    kept(tmp_path).keep(other, prepare(report(title="Other")))
    assert kept(tmp_path).load(SOURCE) == MADE


def test_the_folder_of_a_file_does_not_matter(tmp_path: Path):
    kept(tmp_path).keep(SOURCE, MADE)
    moved = dataclasses.replace(SOURCE, path=Path("elsewhere") / "made.txt")
    assert kept(tmp_path).load(moved) == MADE


def test_pictures_read_or_not_are_other_entries(tmp_path: Path):
    kept(tmp_path).keep(SOURCE, MADE)
    assert kept(tmp_path, ocr=True).load(SOURCE) is None


def test_another_parser_version_does_not_use_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    kept(tmp_path).keep(SOURCE, MADE)
    monkeypatch.setattr("reformqa.ingest.parse_cache.PARSER_VERSION", "another")
    assert kept(tmp_path).load(SOURCE) is None


def test_a_name_of_odd_bytes_is_kept_like_any_other(tmp_path: Path):
    odd = dataclasses.replace(SOURCE, path=Path("r\udcffye.txt"))
    kept(tmp_path).keep(odd, MADE)
    assert kept(tmp_path).load(odd) == MADE


def test_all_but_what_is_wanted_is_forgotten(tmp_path: Path):
    other = dataclasses.replace(SOURCE, path=Path("other.txt"))
    kept(tmp_path).keep(SOURCE, MADE)
    kept(tmp_path).keep(other, MADE)
    (tmp_path / "parsed" / ".half.json.gz.0a0b0c").write_bytes(b"half")
    kept(tmp_path).keep_only([SOURCE])
    assert only_file(tmp_path)
    assert kept(tmp_path).load(SOURCE) == MADE
    assert kept(tmp_path).load(other) is None
    kept(tmp_path / "never").keep_only([SOURCE])


def test_no_file_lends_its_recommendations_to_another_or_loses_them(tmp_path: Path):
    assert [r.label for r in MADE.recommendations] == ["Recommendation 1"]
    kept(tmp_path).keep(SOURCE, MADE)
    found = kept(tmp_path).load(SOURCE)
    assert found is not None
    assert [p.recommends for p in found.passages] == [False, True]


LONG = report(paragraph(" ".join(f"Oven {n} is lit before the tram leaves." for n in range(30))))


def test_other_settings_of_passages_slice_the_cached_report_again(tmp_path: Path):
    kept(tmp_path).keep(SOURCE, prepare(LONG))
    file = only_file(tmp_path)
    short = kept(tmp_path, passages=SHORT)
    assert short.info(SOURCE) == LONG.info
    assert short.load(SOURCE) == prepare(LONG, SHORT) != prepare(LONG)
    assert only_file(tmp_path) == file
    assert kept(tmp_path).load(SOURCE) == prepare(LONG)


@pytest.mark.parametrize("passages", [PassageSettings(), SHORT])
def test_what_is_prepared_again_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passages: PassageSettings
):
    kept(tmp_path).keep(SOURCE, prepare(LONG))
    made = []
    monkeypatch.setattr(
        "reformqa.ingest.parse_cache.prepare",
        lambda *arguments: made.append(arguments) or prepare(*arguments),
    )
    for _ in range(3):
        assert kept(tmp_path, passages=passages).load(SOURCE) == prepare(LONG, passages)
    assert made == ([(LONG, SHORT)] if passages == SHORT else [])


def test_another_version_of_the_rules_prepares_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Even if what is stored was made by a rule that is no longer."""
    earlier = dataclasses.replace(MADE, recommendations=(), passages=MADE.passages[:1])
    kept(tmp_path).keep(SOURCE, earlier)
    assert kept(tmp_path).load(SOURCE) == earlier
    monkeypatch.setattr("reformqa.ingest.parse_cache.PIPELINE_VERSION", 0)
    assert kept(tmp_path).load(SOURCE) == MADE


def test_an_entry_with_a_report_alone_is_prepared(tmp_path: Path):
    """As the cache held them before it had passages, too."""
    kept(tmp_path).keep(SOURCE, MADE)
    lines = gzip.decompress(only_file(tmp_path).read_bytes()).split(b"\n")
    only_file(tmp_path).write_bytes(gzip.compress(b"\n".join(lines[:3])))
    assert kept(tmp_path).load(SOURCE) == MADE
