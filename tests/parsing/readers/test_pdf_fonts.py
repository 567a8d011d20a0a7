"""The letters that a font shows, by its encoding, the names of its glyphs and its map."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import pdfs
from support.pdfs import content_of, pdf, text


def font(base: str = "Helvetica", kind: str = "Type1", **entries: str) -> str:
    """Return the body of a font dictionary, with its entries as they are written."""
    more = " ".join(f"/{key} {value}" for key, value in entries.items())
    return f"<< /Type /Font /Subtype /{kind} /BaseFont /{base} {more} >>"


def encoding(differences: str, base: str = "WinAnsiEncoding") -> str:
    return f"<< /Type /Encoding /BaseEncoding /{base} /Differences [{differences}] >>"


def shown(body: str, codes: str) -> str:
    """Return what a page shows that prints the codes, given in hexadecimal, in the font."""
    drawn = f"BT /F9 10 Tf 50 700 Td <{codes}> Tj ET"
    return "".join(r.text for r in content_of(pdf(drawn, more_fonts={"F9": body})).runs)


@pytest.mark.parametrize(
    ("name", "character"),
    [
        ("one.pnum", "1"),
        ("a.sc", "a"),
        ("R", "R"),
        ("eacute", "é"),
        ("fi", "fi"),
        ("uni0041", "A"),
        ("quoteright", "’"),
    ],
)
def test_a_glyphs_name_is_read_by_the_adobe_glyph_list(name: str, character: str):
    assert shown(font(Encoding=encoding(f"66 /{name}")), "42") == character


@pytest.mark.parametrize(
    ("base", "codes", "signs"),
    [
        ("Wingdings", "7720fca7", "◆ ✔▪"),
        ("ABCDEF+Wingdings-Regular", "6c21", "●•"),
        ("Webdings", "34", "•"),
        ("ABCDEF+ZapfDingbats", "6c6e", "●■"),
        ("ABCDEF+Symbol", "b761", "•α"),
    ],
)
def test_a_font_of_signs_shows_no_letters(base: str, codes: str, signs: str):
    assert shown(font(base), codes) == signs
    if base.endswith("dings"):
        windows = font(base, "TrueType", Encoding="/WinAnsiEncoding")
        assert shown(windows, codes) == signs


MAP = """/CIDInit /ProcSet findresource begin begincmap
1 begincodespacerange <00> <ff> endcodespacerange
1 beginbfchar <41> <{0}> endbfchar endcmap end"""


def mapped(base: str, to: str) -> str:
    """Return what the code 41 shows in a font whose /ToUnicode maps it to `to`, in UTF-16."""
    stream = MAP.format(to.encode("utf-16-be").hex())
    # The fonts are made before the page's contents: the next object is the map.
    drawn = "BT /F9 10 Tf 50 700 Td (A) Tj ET"
    bodies = {"F8": pdfs.stream("", stream)}
    at = pdfs.number_of_font("F8", bodies)
    bodies["F9"] = font(base, ToUnicode=f"{at} 0 R")
    return "".join(r.text for r in content_of(pdf(drawn, more_fonts=bodies)).runs)


@pytest.mark.parametrize(
    ("base", "to", "sign"),
    [("SymbolMT", "\uf0b7", "•"), ("Wingdings", "\uf0a7", "▪"), ("Helvetica", "Rye", "Rye")],
)
def test_a_private_code_of_a_font_of_signs_is_the_sign(base: str, to: str, sign: str):
    assert mapped(base, to) == sign


def test_letters_of_wingdings_at_the_start_of_lines_are_list_marks(tmp_path: Path):
    items = ["A lock that leaks costs more than gates.", "Reeds have closed the whole basin."]
    drawn = " ".join(
        text("w", 50, 120 + 14 * n, font="F9") + " " + text(words, 64, 120 + 14 * n)
        for n, words in enumerate(items)
    )
    opening = text("The trust has heard from keepers and boaters. We will:", 50, 100)
    report = pdfs.report(tmp_path, f"{opening} {drawn}", more_fonts={"F9": font("Wingdings")})
    found = [(p.kind, p.text) for p in report.paragraphs[1:]]
    assert found == [("bullet", words) for words in items]


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (
            "glyph-names-with-suffix/keepers-figures.pdf",
            "In all 1240 keepers answered, and 37 per cent of them had kept a lock for 20 years.",
        ),
        (
            "differences-against-built-in-encoding/shuffled.pdf",
            "In the 3 year of the count the keepers of Alder Bridge asked for a lock that",
        ),
    ],
)
def test_a_program_that_names_its_glyphs_otherwise_does_not_change_the_letters(
    shared: Path, case: str, words: str
):
    lines = [r.text for r in content_of(shared / "cases" / case).runs]
    assert words in "".join(lines)
