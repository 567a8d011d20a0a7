"""A grid of subjects by think tanks, whose cells are buttons in five shades."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import streamlit as st

from reformqa.app.html import escape, label

#: The number of shades, the last the darkest.
SHADES = 5


class Cell(NamedTuple):
    """A cell in one of the shades; without a shade, `text` is shown and nothing can be chosen."""

    text: str
    shade: int = 0
    about: str = ""


class Line(NamedTuple):
    """A line of the grid: its name, and a cell for each think tank."""

    name: str
    cells: Sequence[Cell]


class Chosen(NamedTuple):
    """The name of a line that was clicked, or a cell of it: with its think tank."""

    name: str
    publisher: str | None = None


def draw_grid(corner: str, publishers: Sequence[str], lines: Iterable[Line]) -> Chosen | None:
    """Draw a line for each subject and a column for each think tank, and return what was clicked.

    `corner` is what the lines are.
    """
    widths = [2.0, *[1.0] * len(publishers)]
    chosen: Chosen | None = None
    with st.container(key="matrix"):
        head = st.columns(widths, wrap=False, gap="xsmall", vertical_alignment="bottom")
        for column, name in zip(head, (corner, *publishers), strict=True):
            column.html(f'<p class="path">{escape(name)}</p>')
        for n, line in enumerate(lines):
            cells = st.columns(widths, wrap=False, gap="xsmall", vertical_alignment="center")
            with cells[0]:
                if st.button(label(line.name), key=f"line-{n}", type="tertiary", wrap=True):
                    chosen = Chosen(line.name)
            drawn = zip(cells[1:], publishers, line.cells, strict=True)
            for m, (column, publisher, cell) in enumerate(drawn):
                with column:
                    if _draw_cell(cell, f"{n}-{m}"):
                        chosen = Chosen(line.name, publisher)
    return chosen


def _draw_cell(cell: Cell, key: str) -> bool:
    """Draw a cell, and return whether it was clicked."""
    if not cell.shade:
        about = f' aria-label="{escape(cell.about)}"' if cell.about else ""
        st.html(f'<p class="none"{about}>{escape(cell.text)}</p>')
        return False
    key = f"shade{cell.shade}-{key}"
    return st.button(cell.text, key=key, help=label(cell.about), width="stretch")
