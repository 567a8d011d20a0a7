"""The plain form of a text, which is the same however the text is printed or typed.

Ligatures and other compatibility characters are decomposed (except superscripts, subscripts and
fractions), and so are accented letters. All quotation marks and apostrophes become one character,
all hyphens and dashes a hyphen, and each run of white space one space. Invisible characters are
removed. A hyphen at a line break, which may belong to the word or not, has its own character.
"""

from __future__ import annotations

import re
import unicodedata

MARKS = "'\"`´‘’‚‛“”„‟‹›«»′″ʹʺʻʼʽˈ＇＂〝〞〟"
#: Dashes, for use at the end of a character class in a pattern.
DASHES = r"\u2010-\u2015\u2212\ufe58\ufe63\uff0d-"
#: Matches a hyphen at a line break, and the break.
BREAK = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010\u2011][^\S\n\r\u2028]*[\n\r\u2028]\s*(?=[^\W\d_])")
#: Its character in the plain form: a soft hyphen, because all other soft hyphens are removed.
BROKEN = "\u00ad"
_PIECE = re.compile(
    rf"(?P<broken>{BREAK.pattern})|(?P<space>\s[\s\u00ad\u200b-\u200f\u2060\ufeff]*)"
    rf"|(?P<dash>[{DASHES}]+)|(?P<mark>[{MARKS}])|.",
    re.DOTALL,
)
_PLAIN = {"broken": BROKEN, "space": " ", "dash": "-", "mark": "'"}
# A unit that a span may not cut: a word with its hyphens and apostrophes, a figure with its signs.
_TOKEN = re.compile(
    r"(?:(?<![\w-])-(?=[£$€]?\d))?[£$€]?[\w\u0300-\u036f]+"
    rf"(?:(?:[-'/&@{BROKEN}]|(?<=\d)[.,:](?=\d))[\w\u0300-\u036f]+)*(?: ?%)?"
)


class Plain:
    """The plain form of `raw`: character n of `text` comes from raw[starts[n]:ends[n]]."""

    def __init__(self, raw: str) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        plain: list[str] = []
        for piece in _PIECE.finditer(raw):
            for character in _PLAIN.get(piece.lastgroup or "") or apart(piece[0]):
                plain.append(character)
                self.starts.append(piece.start())
                self.ends.append(piece.end())
        self.text = "".join(plain)
        # A long or double dash separates words; a hyphen or a short dash joins them.
        parted = "".join(
            " " if c == "-" and raw[start:end] not in "-‐‑‒–−" else c
            for c, start, end in zip(plain, self.starts, self.ends, strict=True)
        )
        self._tokens = [
            (self.starts[m.start()], self.ends[m.end() - 1]) for m in _TOKEN.finditer(parted)
        ]

    def is_uncut(self, start: int, end: int) -> bool:
        """Return whether the span raw[start:end] does not begin or end inside a word or figure."""
        return not any(a < start < b or a < end < b for a, b in self._tokens)

    def span(self, first: int, last: int) -> tuple[int, int] | None:
        """Return the span of `raw` that text[first:last] comes from, or None if it cuts a unit."""
        start, end = self.starts[first], self.ends[last - 1]
        halved = (first and self.starts[first - 1] == start) or (self.ends[last:] or [-1])[0] == end
        return (start, end) if not halved and self.is_uncut(start, end) else None


def apart(character: str) -> str:
    """Return the plain form of a character: decomposed, or empty if it is invisible."""
    if character.isascii():
        return character
    if unicodedata.category(character) == "Cf":
        return ""
    kind = unicodedata.decomposition(character).partition(" ")[0]
    # Decomposed, "10²" would be "102", "½" would be "1⁄2", and "①" would be "1".
    if kind in ("<super>", "<sub>", "<fraction>", "<circle>", "<square>"):
        return character
    apart = unicodedata.normalize("NFKD", character)
    return character if apart.startswith(" ") else apart
