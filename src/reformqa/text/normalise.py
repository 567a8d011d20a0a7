"""The plain form of a text: what its print has in common with any way of typing it.

Ligatures and other compatibility letters are taken apart (raised and lowered figures and
fractions excepted), accents stand beside their letters, every quotation mark and apostrophe is
one mark, every hyphen and dash one hyphen, every run of space one space; invisible characters are
left out. A hyphen at a line break, which may be the break's own, has a sign to itself.
"""

from __future__ import annotations

import re
import unicodedata

MARKS = "'\"`´‘’‚‛“”„‟‹›«»′″ʹʺʻʼʽˈ＇＂〝〞〟"
#: For a character class of a pattern, at its end.
DASHES = r"\u2010-\u2015\u2212\ufe58\ufe63\uff0d-"
#: A hyphen at a line break, with the break.
BREAK = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010\u2011][^\S\n\r\u2028]*[\n\r\u2028]\s*(?=[^\W\d_])")
#: Its sign in the plain form: a soft hyphen, since all others are left out.
BROKEN = "\u00ad"
_PIECE = re.compile(
    rf"(?P<broken>{BREAK.pattern})|(?P<space>\s[\s\u00ad\u200b-\u200f\u2060\ufeff]*)"
    rf"|(?P<dash>[{DASHES}]+)|(?P<mark>[{MARKS}])|.",
    re.DOTALL,
)
_PLAIN = {"broken": BROKEN, "space": " ", "dash": "-", "mark": "'"}
# What may not be cut: a word with its hyphens and apostrophes, a figure with its signs.
_TOKEN = re.compile(
    r"(?:(?<![\w-])-(?=[£$€]?\d))?[£$€]?[\w\u0300-\u036f]+"
    rf"(?:(?:[-'/&@{BROKEN}]|(?<=\d)[.,:](?=\d))[\w\u0300-\u036f]+)*(?: ?%)?"
)


class Plain:
    """`raw` in the plain form: character n of `text` is made of raw[starts[n]:ends[n]]."""

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
        # A long or doubled dash parts words; a hyphen or a short dash joins them.
        parted = "".join(
            " " if c == "-" and raw[start:end] not in "-‐‑‒–−" else c
            for c, start, end in zip(plain, self.starts, self.ends, strict=True)
        )
        self._tokens = [
            (self.starts[m.start()], self.ends[m.end() - 1]) for m in _TOKEN.finditer(parted)
        ]

    def is_uncut(self, start: int, end: int) -> bool:
        """Whether a span of `raw` begins and ends inside no word or figure."""
        return not any(a < start < b or a < end < b for a, b in self._tokens)

    def span(self, first: int, last: int) -> tuple[int, int] | None:
        """The span of `raw` that text[first:last] is made of; None if that cuts something."""
        start, end = self.starts[first], self.ends[last - 1]
        halved = (first and self.starts[first - 1] == start) or (self.ends[last:] or [-1])[0] == end
        return (start, end) if not halved and self.is_uncut(start, end) else None


def apart(character: str) -> str:
    """A character as compared: itself, its compatibility letters, or nothing if invisible."""
    if character.isascii():
        return character
    if unicodedata.category(character) == "Cf":
        return ""
    kind = unicodedata.decomposition(character).partition(" ")[0]
    # Apart, "10²" would be "102", "½" "1⁄2" and "①" a figure that nobody printed.
    if kind in ("<super>", "<sub>", "<fraction>", "<circle>", "<square>"):
        return character
    apart = unicodedata.normalize("NFKD", character)
    return character if apart.startswith(" ") else apart
