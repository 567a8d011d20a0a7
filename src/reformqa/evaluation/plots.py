"""A drawing of a calibration: what it would refuse and answer at each threshold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from reformqa.errors import ExportError
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
    if file.suffix.lower() != ".svg":
        raise ExportError(f"{file} cannot be drawn: plots are SVG files. Choose a name in .svg.")
    panel = LEFT + WIDTH + RIGHT
    height = TOP + HEIGHT + BOTTOM
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * panel} {height}"'
        f' width="{2 * panel}" height="{height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{2 * panel}" height="{height}" fill="white"/>',
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
        "</svg>",
    ]
    try:
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise ExportError(
            f"{file} cannot be written: {error.strerror}. Choose another file."
        ) from error


def _panel(scale: Scale, offset: int, title: str, legend: tuple[str, str]) -> Iterator[str]:
    """Yield the elements of one scale's plot, `offset` pixels from the left."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in scale.questions.items())
    yield f'<g transform="translate({offset + LEFT} {TOP})">'
    yield f'<text x="0" y="-26" font-weight="bold">{escape(f"{title} ({kinds})")}</text>'
    for tick in _TICKS:
        x, y = tick * WIDTH, (1 - tick) * HEIGHT
        yield f'<path d="M0 {y:g}H{WIDTH}" stroke="#ddd"/>'
        yield f'<text x="-8" y="{y + 4:g}" text-anchor="end" fill="{_GREY}">{tick:g}</text>'
        yield (
            f'<text x="{x:g}" y="{HEIGHT + 18}" text-anchor="middle" fill="{_GREY}">{tick:g}</text>'
        )
    x = scale.threshold * WIDTH
    yield f'<path d="M{x:g} 0V{HEIGHT}" stroke="{_GREY}" stroke-dasharray="3 3"/>'
    yield (
        f'<text x="{x:g}" y="-4" text-anchor="middle" fill="{_GREY}">'
        f"threshold {scale.threshold:.2f}</text>"
    )
    curves = (
        (REFUSED, legend[0], [(p.threshold, p.refused) for p in scale.curve]),
        (ANSWERED, legend[1], [(p.threshold, p.answered) for p in scale.curve]),
    )
    for n, (colour, text, points) in enumerate(curves):
        yield f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{_path(points)}"/>'
        y = HEIGHT + 40 + 18 * n
        yield f'<path d="M0 {y}H20" stroke="{colour}" stroke-width="2"/>'
        yield f'<text x="28" y="{y + 4}">{escape(text)}</text>'
    yield "</g>"


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Return points of the unit square as pixel coordinates, with y pointing down."""
    return " ".join(f"{x * WIDTH:g},{(1 - y) * HEIGHT:g}" for x, y in points)
