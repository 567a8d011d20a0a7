"""The letters that a font shows, by its encoding and the names of its glyphs."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
)

from reformqa.parsing.inline import ligatures_apart
from reformqa.parsing.readers.pdf.fonts import decode, glyph_text, load_font
from support import pdfs
from support.pdfs import text


def font(base: str = "Rye", **entries: object) -> DictionaryObject:
    plain = {"Type": NameObject("/Font"), "Subtype": NameObject("/Type1")}
    named = plain | {"BaseFont": NameObject(f"/{base}")} | entries
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in named.items()})


def encoding(*differences: int | str, base: str | None = None) -> DictionaryObject:
    listed = [NumberObject(d) if isinstance(d, int) else NameObject(f"/{d}") for d in differences]
    made = DictionaryObject({NameObject("/Differences"): ArrayObject(listed)})
    if base:
        made[NameObject("/BaseEncoding")] = NameObject(f"/{base}")
    return made


def program(**glyphs: str) -> DictionaryObject:
    """Return the descriptor of a Type 1 font whose own encoding is a letter's glyph each."""
    stream = DecodedStreamObject()
    puts = "\n".join(f"dup {ord(code)} /{name} put" for code, name in glyphs.items())
    stream.set_data(f"/Encoding 256 array\n{puts}\nreadonly def\neexec\n".encode())
    return DictionaryObject({NameObject("/FontFile"): stream})


def mapping(code: str, shown: str) -> StreamObject:
    stream = DecodedStreamObject()
    to = shown.encode("utf-16-be").hex()
    stream.set_data(f"1 beginbfchar\n<{ord(code):02x}> <{to}>\nendbfchar".encode())
    return stream


def shown(resource: DictionaryObject, codes: bytes) -> str:
    return "".join(char for char, _ in decode(codes, load_font(resource)))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("one.pnum", "1"),
        ("a.sc", "a"),
        ("fi.alt", "fi"),
        ("f_f_i", "ffi"),
        ("uni0041.case", "A"),
        ("uni00410042", "AB"),
        ("u1F600", "\U0001f600"),
        ("two.superior", "²"),
        (".notdef", ""),
        ("g23", "\ufffd"),
        ("uniD800", "\ufffd"),
        ("a65", "A"),
    ],
)
def test_a_glyphs_name_is_read_by_the_adobe_glyph_list(name: str, text: str):
    assert ligatures_apart(glyph_text(name, 65)) == text


def test_a_glyph_name_with_a_suffix_in_the_differences_is_its_letter():
    named = encoding(48, "zero.pnum", "one.pnum", "two.pnum", base="WinAnsiEncoding")
    assert shown(font("Helvetica", Encoding=named), b"(120 x)") == "(120 x)"


def test_differences_outweigh_the_encoding_in_the_font_program():
    own = program(A="B", C="D", Q="space")
    assert shown(font(FontDescriptor=own), b"AC") == "BD"
    assert shown(font(FontDescriptor=own, Encoding=encoding(65, "R", "y")), b"ABC") == "RyD"
    named = encoding(65, "R", "y", "e", "space")
    assert shown(font(FontDescriptor=own, Encoding=named), b"ABCD") == "Rye "


def test_a_named_base_encoding_replaces_the_one_in_the_font_program():
    own = program(A="B", C="D")
    plain = NameObject("/WinAnsiEncoding")
    assert shown(font(FontDescriptor=own, Encoding=plain), b"AC") == "AC"
    named = encoding(65, "R", base="MacRomanEncoding")
    assert shown(font(FontDescriptor=own, Encoding=named), b"AC") == "RC"


def test_the_fonts_own_map_to_unicode_outweighs_the_names_of_its_glyphs():
    named = encoding(65, "g1", "b.sc")
    assert shown(font(Encoding=named, ToUnicode=mapping("A", "Rye")), b"AB") == "Ryeb"


@pytest.mark.parametrize(
    ("base", "codes", "signs"),
    [
        ("Wingdings", b"w \xfc\xa7", "◆ ✔▪"),
        ("ABCDEF+Wingdings-Regular", b"l!", "●•"),
        ("Webdings", b"4", "•"),
        ("ABCDEF+ZapfDingbats", b"ln", "●■"),
        ("ABCDEF+Symbol", b"\xb7a", "•α"),
    ],
)
def test_a_font_of_signs_shows_no_letters(base: str, codes: bytes, signs: str):
    assert shown(font(base), codes) == signs
    if base.endswith("dings"):
        assert shown(font(base, Encoding=NameObject("/WinAnsiEncoding")), codes) == signs


@pytest.mark.parametrize(("base", "sign"), [("SymbolMT", "•"), ("Wingdings", "▪")])
def test_a_private_code_of_a_font_of_signs_is_the_sign(base: str, sign: str):
    code = {"SymbolMT": "\uf0b7", "Wingdings": "\uf0a7"}[base]
    assert shown(font(base, ToUnicode=mapping("A", code)), b"A") == sign


def test_letters_of_wingdings_at_the_start_of_lines_are_list_marks(tmp_path: Path):
    wingdings = "<< /Type /Font /Subtype /Type1 /BaseFont /Wingdings >>"
    items = ["A lock that leaks costs more than gates.", "Reeds have closed the whole basin."]
    drawn = " ".join(
        text("w", 50, 120 + 14 * n, font="F9") + " " + text(words, 64, 120 + 14 * n)
        for n, words in enumerate(items)
    )
    opening = text("The trust has heard from keepers and boaters. We will:", 50, 100)
    report = pdfs.report(tmp_path, f"{opening} {drawn}", more_fonts={"F9": wingdings})
    found = [(p.kind, p.text) for p in report.paragraphs[1:]]
    assert found == [("bullet", words) for words in items]
