"""What a page shows, and the number it prints, as a viewer has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import pdfs
from support.pdfs import Sheet, text

LEFT = "The weir at Alder Bridge holds back the river for all of six miles in dry years."
RIGHT = "Where swans nest the keepers tow by rope, and nobody has yet broken the rule."
LABELS = "0 << /P (Cover) >> 1 << /S /r >> 3 << /S /D >>"


def spread(half: int) -> Sheet:
    """Half of a spread of two pages side by side."""
    drawn = f"{text(LEFT, 40, 100)} {text(RIGHT, 640, 100)}"
    left = 600 * half
    boxes = f"/MediaBox [0 0 1200 800] /CropBox [{left} 0 {left + 600} 800]"
    return Sheet(drawn, boxes)


def test_a_spread_shown_as_two_pages_is_read_once(tmp_path: Path):
    report = pdfs.report(tmp_path, spread(0), spread(1))
    assert [(p.page, p.text, p.kind) for p in report.paragraphs] == [
        (1, LEFT, "body"),
        (2, RIGHT, "body"),
    ]
    for paragraph in report.paragraphs:
        (place,) = paragraph.places
        assert 39 < place.box[0] < place.box[2] < 600


def labelled(folder: Path, labels: str) -> list[str]:
    pages = [text(f"{LEFT} It did so in year {n}.", 50, 100) for n in range(6)]
    report = pdfs.report(folder, *pages, labels=labels)
    return [p.page_name for p in report.paragraphs]


def test_a_pages_own_label_is_read(tmp_path: Path):
    assert labelled(tmp_path, LABELS) == [
        "p. Cover (PDF page 1)",
        "p. i (PDF page 2)",
        "p. ii (PDF page 3)",
        "p. 1 (PDF page 4)",
        "p. 2 (PDF page 5)",
        "p. 3 (PDF page 6)",
    ]


@pytest.mark.parametrize(
    "labels",
    [
        "",
        "0 << /S /D >>",
        "0 << >>",
        f"0 << /P ({'long ' * 10}) >>",
        "(no number) 7",
    ],
)
def test_a_label_that_is_the_number_or_none_is_not_kept(tmp_path: Path, labels: str):
    assert labelled(tmp_path, labels) == [f"p. {n}" for n in range(1, 7)]
