"""The part of a PDF's graphics state that affects text and shapes, and operators that change it.

ISO 32000-1, 8.4 (graphics state), 8.5.2 (paths) and 9.3 to 9.4 (text state and positioning).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pypdf.generic import DictionaryObject
from pypdf.generic._font import Font  # pypdf's only decoder of codes into characters and widths

Box = tuple[float, float, float, float]
Matrix = tuple[float, float, float, float, float, float]

#: A page that saves more states is hostile.
DEEPEST_STACK = 1_000

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(slots=True)
class State:
    """The part of the graphics state that affects text and shapes."""

    matrix: Matrix
    font: Font | None = None
    size: float = 1.0
    char_space: float = 0.0
    word_space: float = 0.0
    scale: float = 1.0
    leading: float = 0.0
    rise: float = 0.0
    mode: int = 0
    fill: str = "0"


@dataclass(slots=True)
class Stream:
    """The progress of reading one content stream."""

    state: State
    resources: DictionaryObject
    depth: int
    stack: list[State] = field(default_factory=list)
    text: Matrix = IDENTITY
    line: Matrix = IDENTITY
    path: list[Box] = field(default_factory=list)
    point: tuple[float, float] = (0.0, 0.0)

    def next_line(self, x: float, y: float) -> None:
        """Move to a line that starts at the offset `x`, `y` from the start of this one."""
        self.line = self.text = times((1, 0, 0, 1, x, y), self.line)


def _save(at: Stream, operands: Sequence[Any]) -> None:
    if len(at.stack) < DEEPEST_STACK:
        at.stack.append(replace(at.state))


def _restore(at: Stream, operands: Sequence[Any]) -> None:
    at.state = at.stack.pop() if at.stack else at.state


def _concatenate(at: Stream, operands: Sequence[Any]) -> None:
    at.state.matrix = times(matrix_of(operands), at.state.matrix)


def _begin_text(at: Stream, operands: Sequence[Any]) -> None:
    at.text = at.line = IDENTITY


def _set_text_matrix(at: Stream, operands: Sequence[Any]) -> None:
    at.text = at.line = matrix_of(operands)


def _move(at: Stream, operands: Sequence[Any]) -> None:
    x, y = numbers(operands, 2)
    at.next_line(x, y)


def _move_with_leading(at: Stream, operands: Sequence[Any]) -> None:
    at.state.leading = -numbers(operands, 2)[1]
    _move(at, operands)


def _next_line(at: Stream, operands: Sequence[Any]) -> None:
    at.next_line(0, -at.state.leading)


def _rectangle_path(at: Stream, operands: Sequence[Any]) -> None:
    at.path.append(rectangle(numbers(operands, 4), at.state.matrix))


def _move_to(at: Stream, operands: Sequence[Any]) -> None:
    x, y = numbers(operands[-2:], 2)
    at.point = apply(at.state.matrix, x, y)


def _line_to(at: Stream, operands: Sequence[Any]) -> None:
    start = at.point
    _move_to(at, operands)
    at.path.append(hull_of([start, at.point]))


MOVES: dict[bytes, Callable[[Stream, Sequence[Any]], None]] = {
    b"q": _save,
    b"Q": _restore,
    b"cm": _concatenate,
    b"BT": _begin_text,
    b"Tm": _set_text_matrix,
    b"Td": _move,
    b"TD": _move_with_leading,
    b"T*": _next_line,
    b"re": _rectangle_path,
    b"m": _move_to,
    b"l": _line_to,
    b"c": _move_to,  # a curve: only its end point is needed
    b"v": _move_to,
    b"y": _move_to,
}


def _set(name: str, factor: float = 1.0) -> Callable[[State, float], None]:
    def setter(state: State, value: float) -> None:
        setattr(state, name, value * factor)

    return setter


def _set_mode(state: State, value: float) -> None:
    state.mode = int(value)


TEXT_STATE: dict[bytes, Callable[[State, float], None]] = {
    b"Tc": _set("char_space"),
    b"Tw": _set("word_space"),
    b"Tz": _set("scale", 0.01),
    b"TL": _set("leading"),
    b"Ts": _set("rise"),
    b"Tr": _set_mode,
}


def number(value: Any) -> float:
    """Return `value` as a float, or 0 if it is no number."""
    return float(value) if isinstance(value, (int, float)) else 0.0


def numbers(operands: Sequence[Any], count: int) -> tuple[float, ...]:
    """Return the first `count` operands as floats, 0 for each that is missing or no number."""
    given = [number(v) for v in operands[:count]]
    return (*given, *([0.0] * (count - len(given))))


def matrix_of(operands: Sequence[Any]) -> Matrix:
    """Return the matrix that six operands give, or the identity if there are fewer."""
    a, b, c, d, e, f = numbers(operands, 6)
    return (a, b, c, d, e, f) if len(operands) >= 6 else IDENTITY


def times(m: Matrix, n: Matrix) -> Matrix:
    """Return the matrix that applies `m`, then `n`."""
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )


def apply(m: Matrix, x: float, y: float) -> tuple[float, float]:
    """Return the point (`x`, `y`) transformed by `m`."""
    return (m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5])


def hull_of(points: Sequence[tuple[float, ...]]) -> Box:
    """Return the smallest box around the points."""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return (min(xs), min(ys), max(xs), max(ys))


def hull(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around the boxes."""
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


def rectangle(sides: Sequence[float], m: Matrix) -> Box:
    """Return the box of a rectangle (x, y, width, height) transformed by `m`."""
    x, y, w, h = sides
    return hull_of([apply(m, x, y), apply(m, x + w, y), apply(m, x, y + h), apply(m, x + w, y + h)])
