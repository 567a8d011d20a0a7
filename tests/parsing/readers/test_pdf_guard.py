"""An error on one page costs that page, whatever the page draws and wherever the error occurs."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reformqa import UnreadableFileError
from reformqa.parsing import parse
from reformqa.parsing.readers import pdf as reader
from reformqa.parsing.readers.pdf.flow import Piece
from reformqa.parsing.readers.pdf.guard import PageGuard, UnreadablePageError, describe
from reformqa.parsing.readers.pdf.layout import Zone
from support import pdfs
from support.pdfs import Sheet, picture, rectangle, report, set_lines, stroke, text

PROSE = (
    "The harbour board met nine times this year, and spoke of dues at each meeting.",
    "It set the dues of fishing boats apart from the dues of ferries and of yachts.",
    "Nobody on the quay could say why a tug should pay what a barge does not pay.",
)
FLAWED = "This page has the flaw, and nothing else on it can be read at all today."


def prose(*more: str, top: float = 100) -> str:
    return set_lines([*PROSE, *more], top)


# Steps that fail


def failing_on(words: str, error: Exception):
    """Return a step that raises an error if one of the pieces or zones has the words."""

    def step(things: Sequence[Piece | Zone], *others: object) -> list[Piece]:
        if any(words in line.text for thing in things for line in thing.lines):
            raise error
        return original(things, *others)

    original = reader.cut
    return step


@pytest.mark.parametrize("flawed", [1, 3, 6])
def test_a_step_over_the_whole_file_that_fails_costs_the_page_at_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flawed: int
):
    monkeypatch.setattr(reader, "cut", failing_on("has the flaw", ZeroDivisionError("by zero")))
    pages = [prose() if n != flawed else prose(FLAWED) for n in range(1, 7)]
    read = report(tmp_path, *pages)
    assert read.reading.broken == (flawed,)
    assert read.reading.pages == 6
    reason = "ZeroDivisionError: by zero"
    assert f"page {flawed} could not be read ({reason}): get a fresh copy" in read.warnings
    assert {p.page for p in read.paragraphs} == {1, 2, 3, 4, 5, 6} - {flawed}


def test_several_pages_at_fault_are_left_out_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reader, "cut", failing_on("has the flaw", KeyError("size")))
    read = report(tmp_path, prose(FLAWED), prose(), prose(FLAWED), prose(), prose(FLAWED))
    assert read.reading.broken == (1, 3, 5)
    assert read.reading.verdict == "poor"


def test_a_file_none_of_whose_pages_can_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reader, "cut", failing_on("has the flaw", KeyError("size")))
    with pytest.raises(UnreadableFileError) as refused:
        report(tmp_path, prose(FLAWED), prose(FLAWED), name="dues.pdf")
    assert str(refused.value) == (
        "dues.pdf is a broken PDF (page 1: KeyError: 'size'). Get a fresh copy, or repair it."
    )


@pytest.mark.parametrize("error", [MemoryError(), KeyboardInterrupt()])
def test_a_lack_of_memory_and_an_interruption_are_no_fault_of_a_page(error: BaseException):
    def step() -> None:
        raise error

    with pytest.raises(type(error)):
        PageGuard().attempt(1, step)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (UnreadablePageError("it cannot be drawn"), "it cannot be drawn"),
        (ValueError("not\n  a number"), "ValueError: not a number"),
        (IndexError(), "IndexError"),
        (ValueError("x" * 1_000), f"ValueError: {'x' * 120}"),
    ],
)
def test_an_error_is_described_in_a_few_words(error: Exception, words: str):
    assert describe(error) == words


# Figures in a column


def test_a_column_of_figures_with_decimals_stays_beside_its_words(tmp_path: Path):
    rows = [
        ("Fishing boats, 1608 visits", "3.64"),
        ("Ferries, 1395 visits", "3.16"),
        ("Yachts, 3003 visits", "6.80"),
        ("Barges, 120 visits", "0.27"),
        ("Tugs, 88 visits", "0.20"),
    ]
    drawn = [prose()]
    for n, (words, figure) in enumerate(rows):
        drawn.append(text(words, 50, 150 + 14 * n))
        drawn.append(text(figure, 390 - pdfs.width(figure), 150 + 14 * n))
    read = report(tmp_path, "\n".join([*drawn, prose(top=240)]))
    assert read.reading.broken == ()
    found = [p.text for p in read.paragraphs if p.kind == "table"]
    assert found == [f"{words} | {figure}" for words, figure in rows]


def test_figures_of_another_column_are_not_joined_to_the_words_beside_it(tmp_path: Path):
    left = set_lines([words[:44] for words in PROSE * 4], 100)
    figures = ("3.64", "3.16", "6.80", "0.27", "0.20", "1.11")
    right = [text(f, 520 - pdfs.width(f), 100 + 12 * n) for n, f in enumerate(figures)]
    read = report(tmp_path, "\n".join([left, *right]))
    assert not any(f"{words[:44]} 3.64" in p.text for p in read.paragraphs for words in PROSE)


# Any page

ODD_NUMBERS = (
    "0",
    "-1",
    "1000000000",
    "99999999999999999999",
    "-0.0001",
    "0.000001",
    f"3{'0' * 38}",
    "7",
    "400",
)
WORDS = (
    *("3.64", "0.20", "48.00", "10.0", "12", "2019", "9" * 5_000, "²", "¹ Ibid.", "³ See 4."),
    *("1", "(a)", "•", "–", "iv.", "1.1", "1.1 7", "... 12", "Contents", "Chapter One", "Notes"),
    *("Figure 1", "Table 2.1", "Source: the board", "a", " ", "ﬁ", "Recommendation 3"),
    *PROSE,
)
FIRST = "Ropes are spliced in the long loft above the granary before the first frost."
LAST = "Sails are mended there as well, by the same two hands, until the ice breaks up."
_place = st.integers(0, 70).map(lambda n: n * 10)
_size = st.sampled_from((10, 10, 10, 10, 7, 6, 24, 0, -10, 0.01, 1000))
_box = st.tuples(_place, _place, _place, _place)
OPERATORS = st.one_of(
    st.builds(text, st.sampled_from(WORDS), _place, _place, _size, st.sampled_from(("F1", "F2"))),
    st.builds(
        lambda words, x, top, step: set_lines([words] * 5, top, x=x, step=step),
        st.sampled_from(WORDS),
        _place,
        _place,
        st.sampled_from((12, 0, 1, -12)),
    ),
    _box.map(lambda b: rectangle(*b)),
    _box.map(lambda b: stroke(*b)),
    _box.map(lambda b: picture(*b)),
    st.tuples(
        st.lists(st.sampled_from(ODD_NUMBERS), max_size=6),
        st.sampled_from(("cm", "Tm", "Td", "TD", "Tz", "Tc", "Tw", "TL", "Ts", "Tr", "re", "l")),
    ).map(lambda parts: f"{' '.join(parts[0])} {parts[1]}"),
    st.sampled_from(
        ("q", "Q", "BT", "ET", "S", "f", "/F1 9 Tf", "/F9 9 Tf", "[(a) 9000000000 (b)] TJ")
    ),
)
ENTRIES = st.sampled_from(
    ("", "", "/Rotate 90", "/Rotate 45", "/MediaBox [0 0 0 0]", f"/MediaBox [0 0 1{'0' * 30} 1]")
)
PAGES = st.lists(
    st.builds(
        lambda parts, entries: Sheet("\n".join(parts), entries), st.lists(OPERATORS), ENTRIES
    ),
    max_size=4,
)


@given(PAGES)
@example([Sheet("\n".join(text(f"¹ {w}", 50, 700, 7) for w in PROSE))])
@example([Sheet(prose() + f"\n1{'0' * 40} 0 0 1{'0' * 40} 0 0 cm" * 9 + "\n" + prose())])
def test_any_page_is_read_or_left_out_without_harm_to_the_others(pages: list[Sheet]):
    """The layout code itself fails on none of them: only an absurd page is left out."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "any.pdf"
        file.write_bytes(pdfs.pdf(set_lines([FIRST], 300), *pages, set_lines([LAST], 300)))
        read = parse(file)
    text = " ".join(p.text for p in read.paragraphs)
    assert FIRST in text
    assert LAST in text
    allowed = ("the page is ", "more than ")
    faults = [a for a in read.reading.advice if "could not be read" in a]
    assert [f for f in faults if not any(words in f for words in allowed)] == []
