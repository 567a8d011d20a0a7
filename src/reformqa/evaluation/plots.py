"""A drawing of a calibration: what it would refuse and answer at each threshold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from reformqa.exports.svg import drawing, save_svg, words
from reformqa.tuning import Scale, Tuning

#: A panel's plotting area in pixels, and the margins around it: left, top, right, bottom.
WIDTH, HEIGHT = 440, 260
LEFT, TOP, RIGHT, BOTTOM = 48, 48, 20, 76
#: The colours of wrongly refused and of wrongly answered questions.
REFUSED, ANSWERED = "#b4530a", "#1f5a87"

_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_GREY = "#666"


def plot_calibration(tuning: Tuning, file: Path) -> None:
    """Draw the curves of both scales, answers and think tanks, into an SVG file.

    Both axes run from 0 to 1. Raises ExportError for a suffix other than ".svg", or if the file
    cannot be written.
    """
    panel = LEFT + WIDTH + RIGHT
    panels = (
        *_panel(
            tuning.answers,
            0,
            "Answers",
            ("refused, of questions with an answer", "answered, of questions without one"),
        ),
        *_panel(
            tuning.speaks,
            panel,
            "Think tanks",
            ("omitted, of think tanks with an answer", "quoted, of think tanks without one"),
        ),
    )
    high = TOP + HEIGHT + BOTTOM
    save_svg(drawing(2 * panel, high, panels, title="When to answer", size=12), file)


def _panel(scale: Scale, offset: int, title: str, legend: tuple[str, str]) -> Iterator[str]:
    """Yield the elements of one scale's plot, `offset` pixels from the left."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in scale.questions.items())
    yield f'<g transform="translate({offset + LEFT} {TOP})">'
    yield words(0, -26, f"{title} ({kinds})", font_weight="bold")
    for tick in _TICKS:
        x, y = tick * WIDTH, (1 - tick) * HEIGHT
        yield f'<path d="M0 {y:g}H{WIDTH}" stroke="#ddd"/>'
        yield words(-8, y + 4, f"{tick:g}", text_anchor="end", fill=_GREY)
        yield words(x, HEIGHT + 18, f"{tick:g}", text_anchor="middle", fill=_GREY)
    x = scale.threshold * WIDTH
    yield f'<path d="M{x:g} 0V{HEIGHT}" stroke="{_GREY}" stroke-dasharray="3 3"/>'
    yield words(x, -4, f"threshold {scale.threshold:.2f}", text_anchor="middle", fill=_GREY)
    curves = (
        (REFUSED, legend[0], [(p.threshold, p.refused) for p in scale.curve]),
        (ANSWERED, legend[1], [(p.threshold, p.answered) for p in scale.curve]),
    )
    for n, (colour, text, points) in enumerate(curves):
        yield f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{_path(points)}"/>'
        y = HEIGHT + 40 + 18 * n
        yield f'<path d="M0 {y}H20" stroke="{colour}" stroke-width="2"/>'
        yield words(28, y + 4, text)
    yield "</g>"


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Return points of the unit square as pixel coordinates, with y pointing down."""
    return " ".join(f"{x * WIDTH:g},{(1 - y) * HEIGHT:g}" for x, y in points)
