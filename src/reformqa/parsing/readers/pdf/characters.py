"""The characters of a page, each with its origin, by the text object that draws it.

pdfium decodes the fonts. Its text page lists the characters in an order of its own, and adds
spaces and line breaks. Only a space that it adds between two characters of one text object is
kept: a wide kern.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from typing import Any

from reformqa.parsing.readers.pdf.calls import HANDLE, INT, address, function

#: A page with more characters is hostile.
MOST_CHARACTERS = 200_000
#: Where codes that stand for no character are kept, in the private use area of Unicode, as symbol
#: fonts keep theirs; and the highest of them (Microsoft's cmap table, platform 3, encoding 0).
PRIVATE = 0xF000
HIGHEST_CODE = 0xFF
#: What pdfium reports for a hyphen that it takes for one of line breaking.
_HYPHEN = 2
#: The bytes of a number in the arrays of origins.
_BYTES = ctypes.sizeof(ctypes.c_double)

_object = function("FPDFText_GetTextObject", HANDLE, HANDLE, INT)
_unicode = function("FPDFText_GetUnicode", ctypes.c_uint, HANDLE, INT)
_unmapped = function("FPDFText_HasUnicodeMapError", INT, HANDLE, INT)
_origin = function("FPDFText_GetCharOrigin", INT, HANDLE, INT, HANDLE, HANDLE)


@dataclass(slots=True)
class Shown:
    """The characters that a text object shows.

    `indexes` are their places in pdfium's text page, `xs` and `ys` their origins in the file's
    coordinates. A ligature is several characters with one origin. A space that only a kern makes
    has the index and the origin of the character after it.
    """

    characters: list[str] = field(default_factory=list)
    indexes: list[int] = field(default_factory=list)
    xs: list[float] = field(default_factory=list)
    ys: list[float] = field(default_factory=list)

    def add(self, character: str, index: int, x: float, y: float) -> None:
        """Add a character after the others."""
        self.characters.append(character)
        self.indexes.append(index)
        self.xs.append(x)
        self.ys.append(y)


def read_characters(text: Any) -> dict[int, Shown]:
    """Return the characters of a text page, by the addresses of their text objects.

    Raises ValueError if there are more than MOST_CHARACTERS.
    """
    count = text.count_chars()
    if count > MOST_CHARACTERS:
        raise ValueError(f"more than {MOST_CHARACTERS:,} characters on the page")
    at = address(text)
    xs, ys = (ctypes.c_double * count)(), (ctypes.c_double * count)()
    at_x, at_y = ctypes.addressof(xs), ctypes.addressof(ys)
    found: dict[int, Shown] = {}
    shown, source, spaced = Shown(), 0, False
    for n in range(count):
        drawn_by = _object(at, n)
        if not drawn_by:  # added by pdfium
            spaced = True
            continue
        _origin(at, n, at_x + n * _BYTES, at_y + n * _BYTES)
        x, y = xs[n], ys[n]
        if drawn_by != source:
            source = drawn_by
            shown = found.setdefault(source, Shown())
        elif spaced and shown.characters[-1] != " ":
            shown.add(" ", n, x, y)
        spaced = False
        shown.add(_character(at, n), n, x, y)
    return found


def _character(text: int, n: int) -> str:
    code = _unicode(text, n)
    if code == _HYPHEN:
        return "-"
    if _unmapped(text, n):
        return chr(PRIVATE + code) if 0 < code <= HIGHEST_CODE else "\ufffd"
    return chr(code)
