"""The characters of a page, each with its origin, by the text object that draws it.

pdfium decodes the fonts. Its text page lists the characters in an order of its own, and adds
spaces and line breaks. Only a space that it adds between two characters of one text object is
kept: a wide kern.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from typing import Any

from reformqa.parsing.readers.pdf.calls import HANDLE, function, handle
from reformqa.parsing.readers.pdf.fonts import HYPHEN, Font, Fonts

#: A page with more characters is hostile.
MOST_CHARACTERS = 200_000

# Called for each character: without types.
_object = function("FPDFText_GetTextObject", HANDLE)
_unicode = function("FPDFText_GetUnicode", ctypes.c_uint)
_unmapped = function("FPDFText_HasUnicodeMapError", ctypes.c_int)
_origin = function("FPDFText_GetCharOrigin", ctypes.c_int)


@dataclass(slots=True)
class Shown:
    """The characters that a text object shows, and its font.

    `indexes` are their places in pdfium's text page, `xs` and `ys` their origins in the file's
    coordinates. A ligature is several characters with one origin. A space that only a kern makes
    has the index and the origin of the character after it.
    """

    font: Font
    characters: list[str] = field(default_factory=list)
    indexes: list[int] = field(default_factory=list)
    xs: list[float] = field(default_factory=list)
    ys: list[float] = field(default_factory=list)


def read_characters(text: Any) -> dict[int, Shown]:
    """Return the characters of a text page, by the addresses of their text objects.

    Raises ValueError if there are more than MOST_CHARACTERS.
    """
    count = text.count_chars()
    if count > MOST_CHARACTERS:
        raise ValueError(f"more than {MOST_CHARACTERS:,} characters on the page")
    at, fonts = handle(text), Fonts()
    x, y = ctypes.c_double(), ctypes.c_double()
    at_x, at_y = ctypes.byref(x), ctypes.byref(y)
    found: dict[int, Shown] = {}
    source, spaced = 0, False
    for n in range(count):
        drawn_by = _object(at, n)
        if not drawn_by:  # added by pdfium
            spaced = True
            continue
        _origin(at, n, at_x, at_y)
        if drawn_by != source:
            source = drawn_by
            shown = found.get(source) or Shown(fonts.of(source))
            found[source] = shown
            known = shown.font.known
        elif spaced and shown.characters[-1] != " ":
            shown.characters.append(" ")
            shown.indexes.append(n)
            shown.xs.append(x.value)
            shown.ys.append(y.value)
        spaced = False
        code = _unicode(at, n)
        character = known.get(code)
        if character is None:
            mapped = code == HYPHEN or not _unmapped(at, n)
            character = known[code] = shown.font.character(code, mapped=mapped)
        shown.characters.append(character)
        shown.indexes.append(n)
        shown.xs.append(x.value)
        shown.ys.append(y.value)
    return found
