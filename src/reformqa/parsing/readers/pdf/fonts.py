"""What a font is called, whether it is bold or italic, and how wide its characters are.

pdfium decodes a font's codes into characters. Its result is corrected here in fonts of signs,
whose codes it reads as letters.
"""

from __future__ import annotations

import ctypes
import re
import sys

from reformqa.parsing.readers.pdf.calls import HANDLE, INT, function

#: What pdfium reports for a hyphen that it takes for one of line breaking.
HYPHEN = 2
#: Where symbol fonts keep codes, in the private use area of Unicode, and the highest of them
#: (Microsoft's cmap table, platform 3, encoding 0).
PRIVATE = 0xF000
HIGHEST_CODE = 0xFF

#: Parts of the names of bold and of italic fonts.
_BOLD = ("bold", "black", "heavy", "semibold", "-demi")
_ITALIC = ("italic", "oblique")
#: The flag ForceBold of a font descriptor (ISO 32000-1, table 123).
_FORCE_BOLD = 0x40000

#: The signs of Wingdings that matter in text, by code.
_WINGDINGS = {
    **dict(zip(b"lnoqtuvw", "●■□❑◆◆❖◆", strict=True)),
    **{0xA1: "○", 0xA7: "▪", 0xA8: "◻", 0xD8: "➢", 0xE0: "→", 0xE8: "➔", 0xF0: "⇨"},
    **{0xFB: "✗", 0xFC: "✔", 0xFD: "☒", 0xFE: "☑"},
}
#: The signs of ZapfDingbats (ISO 32000-1, annex D.6): in the order of Unicode, but for a few.
_DINGBATS = {
    **{code: chr(0x2701 + code - 0x21) for code in range(0x21, 0x7F)},
    **dict(zip(b"%*+Hlnstuw", "☎☛☞★●■▲▼◆◗", strict=True)),
}
#: The signs of Symbol that matter in text (ISO 32000-1, annex D.5).
_SYMBOL = {
    **dict(zip(b"abcdefghijklmnopqrstuvwxyz", "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True)),
    **{0xA3: "≤", 0xA7: "♣", 0xA8: "♦", 0xA9: "♥", 0xAA: "♠", 0xAC: "←", 0xAD: "↑", 0xAE: "→"},
    **{0xAF: "↓", 0xB0: "°", 0xB1: "±", 0xB3: "≥", 0xB4: "×", 0xB7: "•", 0xB8: "÷", 0xB9: "≠"},
    **{0xBB: "≈", 0xBC: "…", 0xD2: "®", 0xD3: "©", 0xD4: "™", 0xDE: "⇒", 0xE0: "◊"},
}
#: Fonts of signs by their names, with their signs, and what any other code shows. No code of a
#: font of pictures is a letter. None: pdfium's character is right.
_SIGNS: tuple[tuple[re.Pattern[str], dict[int, str], str | None], ...] = (
    (re.compile(r"wingdings(?! ?[23])"), _WINGDINGS, "•"),
    (re.compile(r"wingdings|webdings|monotypesorts"), {}, "•"),
    (re.compile(r"(itc)?zapfdingbats"), _DINGBATS, None),
    (re.compile(r"symbol(mt|ps)?\b"), _SYMBOL, None),
)
#: Fonts of Microsoft number their glyphs, from 3 (the space), in the order of the Macintosh's
#: encoding (Apple's TrueType manual, table "post", format 1). A composite font without a map to
#: Unicode shows glyphs by these numbers.
_MICROSOFT = re.compile(r"arial|timesnewroman|couriernew|verdana|tahoma|georgia|trebuchet")
_GLYPHS = dict(enumerate(bytes([*range(0x20, 0x7F), *range(0x80, 0x100)]).decode("mac_roman"), 3))
#: The least code of a composite font without a usable map that is taken for Unicode. Below it, the
#: code may as well be the number of a glyph; few fonts have more glyphs.
_LEAST_UNICODE = 0x900
#: The codes that pdfium reads by the encoding of Windows, by character.
_WINDOWS = {bytes([code]).decode("cp1252", "replace"): code for code in range(0x80, 0xA0)}

_font = function("FPDFTextObj_GetFont", HANDLE, HANDLE)
_name = function("FPDFFont_GetBaseFontName", ctypes.c_size_t, HANDLE, HANDLE, ctypes.c_size_t)
_flags = function("FPDFFont_GetFlags", INT, HANDLE)
_width = function("FPDFFont_GetGlyphWidth", INT, HANDLE, ctypes.c_uint32, ctypes.c_float, HANDLE)
#: The longest name of a font (ISO 32000-1, table C.1, with its subset's prefix).
_LONGEST = 256


class Font:
    """A font: its name in lower case without a subset's prefix ("ABCDEF+"), and its style.

    `known` are the characters met so far, by what pdfium reports for them. A code without a
    meaning and a code point may be one number; a font that has both is read by the first.
    """

    def __init__(self, at: int) -> None:
        written = ctypes.create_string_buffer(_LONGEST)
        _name(at, ctypes.byref(written), _LONGEST)
        name = written.value.decode("utf-8", "replace").lower()
        self.name = name.partition("+")[2] or name
        self.bold = bool(max(0, _flags(at)) & _FORCE_BOLD) or any(w in self.name for w in _BOLD)
        self.italic = any(w in self.name for w in _ITALIC)
        self.known: dict[int, str] = {}
        self._at = at
        self._signs: dict[int, str] | None = None
        self._other: str | None = None
        for names, signs, other in _SIGNS:
            if names.match(self.name):
                self._signs, self._other = signs, other
                break
        self._widths: dict[str, float] = {}

    def character(self, code: int, *, mapped: bool) -> str:
        """Return the character for what pdfium reports.

        That is a code point if the font maps the glyph to one, and the glyph's own code if not.
        """
        if code == HYPHEN:
            return "-"
        character = chr(min(code, sys.maxunicode))
        if self._signs is None or character.isspace():
            return character if mapped else self._unmapped(code, character)
        code = _WINDOWS.get(character, code)
        if PRIVATE < code <= PRIVATE + HIGHEST_CODE:
            code -= PRIVATE
        if code > HIGHEST_CODE:
            return character
        return self._signs.get(code, self._other or character)

    def _unmapped(self, code: int, character: str) -> str:
        """Return the character for a code that neither the font nor its program explains."""
        if code >= _LEAST_UNICODE and character.isprintable():
            return character
        return _GLYPHS.get(code, "\ufffd") if _MICROSOFT.match(self.name) else "\ufffd"

    def width(self, character: str) -> float:
        """Return the width of a character in ems, or 0 if the font does not give it."""
        if character not in self._widths:
            found = ctypes.c_float()
            known = _width(self._at, ord(character), 1.0, ctypes.byref(found))
            self._widths[character] = max(0.0, found.value) if known else 0.0
        return self._widths[character]


class Fonts:
    """The fonts of a page, each read once."""

    def __init__(self) -> None:
        self._known: dict[int, Font] = {}

    def of(self, text_object: int) -> Font:
        """Return the font of the text object at this address."""
        at = _font(text_object) or 0
        if at not in self._known:
            self._known[at] = Font(at)
        return self._known[at]
