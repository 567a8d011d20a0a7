"""Acronyms as reports define them.

In brackets, "Small and medium-sized enterprises (SMEs)" or "SMEs (small and medium-sized
enterprises)", and in lists of abbreviations: "SME: Small or medium-sized enterprise".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

#: The fact of a version that holds the table of its acronyms.
FACT = "acronyms"
#: The most definitions that are kept of a library: those printed most often.
MOST = 20_000

_BRACKETED = re.compile(r" \(([A-Z][A-Za-z&]{1,7}?)s?\)")
_EXPLAINED = re.compile(r"\b([A-Z][A-Za-z&]{1,7}?)s? \(([A-Za-z][^()]{3,80})\)")
_LISTED = re.compile(
    r"^([A-Z][A-Za-z&]{1,7}) ?[:=|–—-] ?([A-Za-z][^|:]{3,80}?)[.;]?(?: \||$)", re.MULTILINE
)
_WORD = re.compile(r"[\w’'&-]+")
_SMALL = frozenset({"of", "for", "and", "the", "on", "in", "to", "a", "or", "&"})
#: The most words of a name that has an acronym.
_LONGEST = 10


def definitions(text: str) -> Iterator[tuple[str, str]]:
    """Yield each name that the text spells out, and the acronym that it gives in brackets."""
    for match in _BRACKETED.finditer(text):
        if full := _spelt_out(text[: match.start()], match[1]):
            yield full, match[1]
    for match in (*_EXPLAINED.finditer(text), *_LISTED.finditer(text)):
        full = match[2].removeprefix("the ")
        if _spelt_out(full, match[1]) == full:
            yield full, match[1]


class Defined:
    """Counts the definitions in the texts of a library."""

    def __init__(self) -> None:
        self._printed: Counter[tuple[str, str]] = Counter()

    def read(self, texts: Iterable[str]) -> None:
        """Count the definitions in further texts."""
        self._printed.update(found for text in texts for found in definitions(text))

    def table(self) -> dict[str, str]:
        """Return the acronym of each name, of several the one printed most; by name."""
        kept = sorted(self._printed.items(), key=lambda entry: (-entry[1], entry[0]))[:MOST]
        found: dict[str, str] = {}
        for (full, acronym), _ in kept:
            found.setdefault(full, acronym)
        return found


class Acronyms:
    """The names and acronyms of a library, either of which may stand for the other."""

    def __init__(self, table: Mapping[str, str]) -> None:
        """`table` has the acronym of each name, those printed most often first."""
        self._acronyms: dict[tuple[str, ...], str] = {}
        self._names: dict[str, str] = {}
        for name, acronym in table.items():
            self._acronyms.setdefault(_folded(name), acronym)
            self._names.setdefault(acronym, name)

    def swapped(self, text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Return the text with each for the other, and the pairs of what it prints and what is put.

        A text that prints both keeps them. A name is found in any case, an acronym as it is
        written, also in the plural. Of overlapping names, the first and longest counts.
        """
        parts: list[str] = []
        pairs: list[tuple[str, str]] = []
        end = 0
        for start, after, other in self._found(text):
            if start >= end and not _prints(text, other):
                parts += [text[end:start], other]
                pairs.append((text[start:after], other))
                end = after
        return "".join([*parts, text[end:]]), tuple(pairs)

    def _found(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield the start and end of each name and acronym, and what stands for it."""
        words = list(_WORD.finditer(text))
        for n, word in enumerate(words):
            if name := self._names.get(word[0]) or self._names.get(word[0].removesuffix("s")):
                yield *word.span(), name
            for length in range(min(_LONGEST, len(words) - n), 1, -1):
                last = words[n + length - 1].end()
                if acronym := self._acronyms.get(_folded(text[word.start() : last])):
                    yield word.start(), last, acronym
                    break


def _folded(name: str) -> tuple[str, ...]:
    """Return the words of a name in small letters, the last without its plural."""
    *words, last = (w[0].casefold() for w in _WORD.finditer(name))
    return (*words, last.removesuffix("s"))


def _prints(text: str, other: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(other)}s?(?!\w)", text, re.IGNORECASE) is not None


def _spelt_out(before: str, acronym: str) -> str:
    """Return the words at the end of `before` whose initials are the acronym; "" if there are none.

    Small words need no letter: "Institute for Fiscal Studies" is IFS, and may be IfFS.
    """
    letters = list(acronym.casefold())
    start = len(before)
    for match in reversed(list(_WORD.finditer(before))):
        word = match[0].casefold()
        if word[0] == letters[-1]:
            letters.pop()
        elif word not in _SMALL:
            return ""
        start = match.start()
        if not letters:
            return before[start:]
    return ""
