"""What every user of pdfium shares: its lock, and the place of a page's points as shown.

pypdfium2 is imported by the users, when they need it.
"""

from __future__ import annotations

import threading
from typing import Any

#: pdfium is not thread-safe: only one thread at a time may use it.
PDFIUM = threading.Lock()

#: The six numbers of an affine map, as in ISO 32000-1, 8.3.3.
Matrix = tuple[float, float, float, float, float, float]


def frame(page: Any) -> tuple[Matrix, float, float]:
    """Return the matrix from the file's coordinates to a page as shown, and its size in points.

    The page as shown is cut by its crop box and turned by its /Rotate. Its top left corner is
    (0, 0).
    """
    left, bottom, right, top = page.get_bbox()
    if left >= right or bottom >= top:  # a crop box beside the sheet shows nothing: use the sheet
        left, bottom, right, top = page.get_mediabox()
    width, height = right - left, top - bottom
    turns: dict[int, Matrix] = {
        0: (1, 0, 0, -1, -left, top),
        90: (0, 1, 1, 0, -bottom, -left),
        180: (-1, 0, 0, 1, right, -bottom),
        270: (0, -1, -1, 0, top, right),
    }
    turn = page.get_rotation()
    return (turns[turn], height, width) if turn in (90, 270) else (turns[turn], width, height)
