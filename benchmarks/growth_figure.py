"""Draw what growth.py measured: docs/images/growth.svg.

    python benchmarks/growth_figure.py JSON [JSON …] [--save docs/images/growth.svg]

Takes the files that `growth.py --json` wrote. Both axes of each panel are logarithmic.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log10
from pathlib import Path

from measuring import PROJECT, Row, Table
from reformqa.exports.svg import drawing, save_svg, words

#: A panel's plotting area in pixels, and the margins around it: left, top, right, bottom.
WIDTH, HEIGHT = 230, 200
LEFT, TOP, RIGHT, BOTTOM = 64, 44, 32, 84
COLOURS = {"files": "#1f5a87", "milvus": "#b4530a"}
NAMES = {"files": "a folder", "milvus": "a Milvus Lite server"}
_GREY = "#666"

#: The points of a store: passages, and what was measured.
Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Panel:
    """A plot of one measure, and the points of each store."""

    title: str
    points: dict[str, Points]


def panels(builds: Table, questions: Table) -> list[Panel]:
    """Return what is drawn: what a question, its start and a night cost, and the disk."""
    nights = {k.removesuffix(", night"): r for k, r in builds.items() if k.endswith(", night")}
    started = {
        key: {**row, "start": float(row["open"] or 0) + float(row["first"] or 0)}
        for key, row in questions.items()
    }
    return [
        _panel("A question: p50, ms", questions, "search p50"),
        _panel("To the first answer, ms", started, "start"),
        _panel("Written or sent at night, MB", nights, "new MB"),
        _panel("On disk, MB", nights, "index MB"),
    ]


def _panel(title: str, table: dict[str, Row] | Table, measure: str) -> Panel:
    found: dict[str, Points] = {}
    for key, row in table.items():
        store, passages = key.split(", ")
        point = float(passages.replace(",", "")), float(row[measure] or 0)
        found.setdefault(store, []).append(point)
    return Panel(title, {store: sorted(points) for store, points in found.items()})


def draw(found: Sequence[Panel]) -> str:
    """Return the drawing of the panels side by side."""
    wide = LEFT + WIDTH + RIGHT
    elements = [e for n, panel in enumerate(found) for e in _drawn(panel, n * wide)]
    for n, (store, colour) in enumerate(COLOURS.items()):
        x, y = LEFT + 200 * n, TOP + HEIGHT + 64
        elements.append(f'<path d="M{x} {y}h20" stroke="{colour}" stroke-width="2"/>')
        elements.append(words(x + 28, y + 4, NAMES[store]))
    title = "What grows with the number of passages"
    return drawing(len(found) * wide, TOP + HEIGHT + BOTTOM, elements, title=title, size=12)


def _drawn(panel: Panel, offset: int) -> Iterator[str]:
    every = [p for points in panel.points.values() for p in points]
    across = _decades([x for x, _ in every])
    up = _decades([y for _, y in every])
    yield f'<g transform="translate({offset + LEFT} {TOP})">'
    yield words(0, -18, panel.title, font_weight="bold")
    for power in range(up[0], up[1] + 1):
        y = _place(10**power, up, HEIGHT, 0)
        yield f'<path d="M0 {y:g}H{WIDTH}" stroke="#ddd"/>'
        yield words(-8, y + 4, f"{10.0**power:,g}", text_anchor="end", fill=_GREY)
    for power in range(across[0], across[1] + 1):
        x = _place(10**power, across, 0, WIDTH)
        yield words(x, HEIGHT + 18, f"{10**power:,}", text_anchor="middle", fill=_GREY)
    yield words(WIDTH / 2, HEIGHT + 38, "passages", text_anchor="middle", fill=_GREY)
    for store, points in panel.points.items():
        at = [(_place(x, across, 0, WIDTH), _place(y, up, HEIGHT, 0)) for x, y in points]
        path = " ".join(f"{x:g},{y:g}" for x, y in at)
        colour = COLOURS[store]
        yield f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{path}"/>'
        for x, y in at:
            yield f'<circle cx="{x:g}" cy="{y:g}" r="3" fill="{colour}"/>'
    yield "</g>"


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """Return the powers of ten around the values."""
    low, high = log10(min(values)), log10(max(values))
    return int(low // 1), max(int(low // 1) + 1, int(-(-high // 1)))


def _place(value: float, powers: tuple[int, int], start: float, end: float) -> float:
    share = (log10(value) - powers[0]) / (powers[1] - powers[0])
    return round(start + share * (end - start), 1)


def main() -> None:
    """Write the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("json", type=Path, nargs="+")
    parser.add_argument("--save", type=Path, default=PROJECT / "docs" / "images" / "growth.svg")
    options = parser.parse_args()
    builds: Table = {}
    questions: Table = {}
    for file in options.json:
        for table, more in zip(
            (builds, questions), json.loads(file.read_text("utf-8")), strict=True
        ):
            table |= more
    print(save_svg(draw(panels(builds, questions)), options.save))


if __name__ == "__main__":
    main()
