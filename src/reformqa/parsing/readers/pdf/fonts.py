"""Decode the strings that a PDF shows, and tell bold and italic fonts."""

from __future__ import annotations

from pypdf.generic._font import Font  # pypdf's only decoder of codes into characters and widths

from reformqa.parsing.readers.pdf.graphics import number

#: Parts of the names of bold fonts.
_BOLD = ("bold", "black", "heavy", "semibold", "-demi")
#: The flag ForceBold of a font descriptor (ISO 32000-1, table 123).
_FORCE_BOLD = 0x40000


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
            str(font.character_map.get(t, t)),
            number(font.space_width if c == font.space_char else widths.get(c, default)) / 1000,
        )
        for c, t in zip(codes, texts, strict=True)
    ]


def font_style(font: Font | None) -> tuple[str, bool, bool]:
    """Return the name of a font in lower case, and whether it is bold and italic.

    A subset's prefix ("ABCDEF+") is left out of the name.
    """
    name = font.name.lower() if font else ""
    plain = name.partition("+")[2] or name
    descriptor = font.font_descriptor if font else None
    forced = descriptor is not None and bool(int(number(descriptor.flags)) & _FORCE_BOLD)
    bold = forced or any(word in plain for word in _BOLD)
    return plain, bold, "italic" in plain or "oblique" in plain
