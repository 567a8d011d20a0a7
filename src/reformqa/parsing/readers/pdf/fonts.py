"""Decode the strings that a PDF shows, and tell bold and italic fonts.

pypdf reads a font's encoding. Its result is corrected here where the encoding names glyphs that
pypdf does not know or that the font program encodes otherwise, and in fonts of signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pypdf._codecs import charset_encoding
from pypdf._codecs.adobe_glyphs import adobe_glyphs
from pypdf.generic import ArrayObject, DictionaryObject, NameObject
from pypdf.generic._font import Font  # pypdf's only decoder of codes into characters and widths

from reformqa.parsing.readers.pdf.graphics import number

#: Parts of the names of bold fonts.
_BOLD = ("bold", "black", "heavy", "semibold", "-demi")
#: The flag ForceBold of a font descriptor (ISO 32000-1, table 123).
_FORCE_BOLD = 0x40000

#: Fonts with an encoding of their own, by the start of their names, with pypdf's name for it.
_SIGN_ENCODINGS = (
    ("symbol", "/Symbol"),
    ("zapfdingbats", "/ZapfDingbats"),
    ("itczapfdingbats", "/ZapfDingbats"),
)
#: Fonts of pictures, by the start of their names: whatever code is shown, it is no letter.
_PICTURES = ("wingdings", "webdings", "monotypesorts")
#: The signs of Wingdings that matter in text; every other code is read as a bullet.
_WINGDINGS = {
    **dict(zip(b"lnoqtuvw", "●■□❑◆◆❖◆", strict=True)),
    **{0xA1: "○", 0xA7: "▪", 0xA8: "◻", 0xD8: "➢", 0xE0: "→", 0xE8: "➔", 0xF0: "⇨"},
    **{0xFB: "✗", 0xFC: "✔", 0xFD: "☒", 0xFE: "☑"},
}
#: Where a symbol font's codes stand in the private use area of Unicode (Microsoft, cmap format 4).
_PRIVATE = 0xF000

#: The components of a glyph name that give code points: "uni00410042", "u1F600".
_UNI = re.compile(r"uni((?:[0-9A-F]{4})+)$")
_U = re.compile(r"u([0-9A-F]{4,6})$")
#: A glyph named after its own code ("a65" at 65), as some programs write.
_CODE_NAME = re.compile(r"[A-Za-z]{1,3}(\d{1,3})$")


def load_font(resource: DictionaryObject) -> Font:
    """Read a font dictionary. Raises one of `positions.BROKEN` if it violates the standard."""
    encoding = resource.get("/Encoding")
    encoding = encoding.get_object() if encoding is not None else None
    mapped = "/ToUnicode" in resource
    simple = resource.get("/Subtype") != "/Type0"
    if simple and not mapped and _names_base(encoding):
        resource = _without_program(resource)
    font = Font.from_font_resource(resource)
    if simple and isinstance(font.encoding, dict):
        _use_sign_encoding(font, mapped)
        if isinstance(encoding, DictionaryObject):
            _use_differences(font, encoding, mapped)
    _use_signs(font)
    return font


def _names_base(encoding: Any) -> bool:
    """Return whether an encoding names its base: it then replaces that of the font program.

    See ISO 32000-1, 9.6.6.2 and table 114. pypdf prefers the font program.
    """
    named = encoding.get("/BaseEncoding") if isinstance(encoding, DictionaryObject) else encoding
    return isinstance(named, str) and named in charset_encoding


def _without_program(resource: DictionaryObject) -> DictionaryObject:
    """Return a copy of a font dictionary without the embedded font program."""
    descriptor = resource.get("/FontDescriptor")
    descriptor = descriptor.get_object() if descriptor is not None else None
    if not isinstance(descriptor, DictionaryObject):
        return resource
    programs = ("/FontFile", "/FontFile2", "/FontFile3")
    bare = DictionaryObject({k: v for k, v in descriptor.items() if k not in programs})
    return DictionaryObject({**resource, NameObject("/FontDescriptor"): bare})


def _use_sign_encoding(font: Font, mapped: bool) -> None:
    """Decode the codes of Symbol and ZapfDingbats, which have an encoding of their own."""
    plain = plain_name(font)
    for start, name in _SIGN_ENCODINGS:
        if not plain.startswith(start):
            continue
        for code, sign in enumerate(charset_encoding[name]):
            known = font.character_map.get(chr(code))
            if known is None and not mapped and sign.strip("\x00"):
                font.character_map[chr(code)] = sign
        for code_char, text in font.character_map.items():
            if len(str(text)) == 1 and 0 < ord(text) - _PRIVATE < 256:
                font.character_map[code_char] = charset_encoding[name][ord(text) - _PRIVATE]


def _use_differences(font: Font, encoding: DictionaryObject, mapped: bool) -> None:
    """Decode the codes that /Differences names, except those that /ToUnicode maps."""
    for code, name in _differences(encoding):
        char = chr(code)
        if mapped and char in font.character_map:
            continue
        text = glyph_text(name, code)
        font.character_map[char] = text
        if text == " ":
            font.space_char = char
            font.space_width = font.character_widths.get(char) or font.space_width


def _differences(encoding: DictionaryObject) -> Iterator[tuple[int, str]]:
    listed = encoding.get("/Differences")
    listed = listed.get_object() if listed is not None else ()
    code = 0
    for item in listed if isinstance(listed, ArrayObject) else ():
        item = item.get_object()
        if isinstance(item, str):
            if 0 <= code < 256:
                yield code, item.removeprefix("/")
            code += 1
        elif isinstance(item, (int, float)):
            code = int(item)


def glyph_text(name: str, code: int) -> str:
    """Return the text of a glyph, by the Adobe Glyph List Specification, section 2.

    A listed name counts as a whole ("two.superior"). A name that means nothing is U+FFFD, unless
    it ends in the glyph's own code.
    """
    base = name.partition(".")[0]
    if not base:  # ".notdef"
        return ""
    text = adobe_glyphs.get(f"/{name}") or "".join(map(_component, base.split("_")))
    if text:
        return text
    own = _CODE_NAME.fullmatch(base)
    return chr(code) if own and int(own[1]) == code and code > 32 else "\ufffd"


def _component(part: str) -> str:
    """Return the text of one component of a glyph's name, or "" if it has none."""
    if known := adobe_glyphs.get(f"/{part}"):
        return known
    if found := _UNI.match(part):
        points = [int(found[1][n : n + 4], 16) for n in range(0, len(found[1]), 4)]
    elif found := _U.match(part):
        points = [int(found[1], 16)]
    else:
        return ""
    valid = all(p < 0xD800 or 0xE000 <= p <= 0x10FFFF for p in points)
    return "".join(map(chr, points)) if valid else ""


def _use_signs(font: Font) -> None:
    """Replace the letters of a font of pictures by the signs that it shows."""
    plain = plain_name(font)
    if not plain.startswith(_PICTURES):
        return
    if isinstance(font.encoding, dict):
        for code in range(33, 256):
            font.character_map.setdefault(chr(code), chr(code))
    signs = _WINGDINGS if re.match(r"wingdings(?! ?[23])", plain) else {}
    for char, text in font.character_map.items():
        code = ord(text) if len(str(text)) == 1 else 0
        if code & ~0xFF in (0, _PRIVATE) and code & 0xFF > 32:
            font.character_map[char] = signs.get(code & 0xFF, "•")


def decode(shown: bytes | str, font: Font | None) -> list[tuple[str, float]]:
    """Return the characters of a shown string, each with its width in ems."""
    if font is None:
        text = shown if isinstance(shown, str) else shown.decode("latin-1")
        return [(c, 0.5) for c in text]
    if isinstance(shown, str):
        codes = texts = list(shown)
    elif isinstance(font.encoding, str):
        try:
            codes = list(shown.decode(font.encoding, "surrogatepass"))
        except UnicodeDecodeError:
            codes = list(shown.decode(font.encoding, "replace"))
        texts = codes
    else:
        codes = [chr(b) for b in shown]
        texts = [font.encoding.get(b, chr(b)) for b in shown]
    widths, default = font.character_widths, font.character_widths.get("default", 500)
    return [
        (
            str(font.character_map.get(c, t)),
            number(font.space_width if c == font.space_char else widths.get(c, default)) / 1000,
        )
        for c, t in zip(codes, texts, strict=True)
    ]


def plain_name(font: Font | None) -> str:
    """Return the name of a font in lower case, without a subset's prefix ("ABCDEF+")."""
    name = font.name.lower() if font else ""
    return name.partition("+")[2] or name


def font_style(font: Font | None) -> tuple[str, bool, bool]:
    """Return the plain name of a font, and whether it is bold and italic."""
    plain = plain_name(font)
    descriptor = font.font_descriptor if font else None
    forced = descriptor is not None and bool(int(number(descriptor.flags)) & _FORCE_BOLD)
    bold = forced or any(word in plain for word in _BOLD)
    return plain, bold, "italic" in plain or "oblique" in plain
