"""The drawing of a calibration is an SVG file that has its curves where they belong."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from reformqa.errors import ExportError
from reformqa.evaluation.plots import HEIGHT, WIDTH, plot_calibration
from reformqa.tuning import Point, Scale, Tuning, load_tuning

SVG = "{http://www.w3.org/2000/svg}"


def scale(like: Scale, **changes: object) -> Scale:
    return like.model_copy(update=changes)


@pytest.fixture
def tuning() -> Tuning:
    """One with a curve of two points for answers, and none for think tanks."""
    whole = load_tuning()
    points = (
        Point(threshold=0, refused=0, answered=1),
        Point(threshold=0.5, refused=0.25, answered=0),
    )
    answers = scale(
        whole.answers, threshold=0.25, curve=points, questions={"answered": 6, "a < b": 4}
    )
    speaks = scale(whole.speaks, curve=(), questions={})
    return whole.model_copy(update={"answers": answers, "speaks": speaks})


def test_the_curves_of_both_scales_are_drawn(tuning: Tuning, tmp_path: Path):
    file = tmp_path / "curve.SVG"
    plot_calibration(tuning, file)
    root = ET.parse(file).getroot()
    assert root.tag == f"{SVG}svg"
    lines = [line.get("points") for line in root.iter(f"{SVG}polyline")]
    assert lines == [
        f"0,{HEIGHT} {WIDTH // 2},{HEIGHT * 3 // 4}",
        f"0,0 {WIDTH // 2},{HEIGHT}",
        "",
        "",
    ]
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert "Answers (6 answered, 4 a < b)" in texts
    assert "threshold 0.25" in texts


def test_the_packaged_tuning_is_drawn(tmp_path: Path):
    whole = load_tuning()
    plot_calibration(whole, tmp_path / "curve.svg")
    lines = ET.parse(tmp_path / "curve.svg").getroot().iter(f"{SVG}polyline")
    counts = [len(str(line.get("points")).split()) for line in lines]
    curves = (whole.answers.curve, whole.speaks.curve)
    assert counts == [len(curve) for curve in curves for _ in range(2)]


@pytest.mark.parametrize("name", ["curve.png", "curve", "svg"])
def test_only_svg_files_are_drawn(tuning: Tuning, tmp_path: Path, name: str):
    with pytest.raises(ExportError, match=r"drawings are SVG files"):
        plot_calibration(tuning, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_told(tuning: Tuning, tmp_path: Path):
    with pytest.raises(ExportError, match=r"cannot be written: No such file"):
        plot_calibration(tuning, tmp_path / "absent" / "curve.svg")
