"""Everyday terms in questions, followed by the words that reports use for them.

The embedding model understands "workforce" but hardly "rank and file". A question with an everyday
term is asked in two wordings, its own and one with the policy words inserted after the everyday
term; a passage's score is the mean of both. The list is `everyday.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import resources
from pathlib import Path

import Stemmer
from pydantic import TypeAdapter, ValidationError

from reformqa.errors import SettingsError
from reformqa.formats import parse_toml

_WORD = re.compile(r"[^\W_&]+(?:&[^\W_]+|['’](?!s\b)[^\W_]+)*")
_STEMMER = Stemmer.Stemmer("english")
_ENTRIES = TypeAdapter(dict[str, str])


class Everyday:
    """Everyday terms, each with the words that reports use for it."""

    def __init__(self, entries: dict[str, str], own: dict[str, str] | None = None) -> None:
        """`own` entries replace those of `entries` with the same stems; empty ones remove them."""
        known = {_stems(term): words for term, words in entries.items()}
        known |= {_stems(term): words for term, words in (own or {}).items()}
        self._entries = {stems: words for stems, words in known.items() if words.strip()}
        self._longest = max(map(len, self._entries), default=0)

    def reword(self, text: str, known: Callable[[str], bool] = lambda term: False) -> str:
        """Return the text with the reports' words in brackets after each everyday term.

        "How do kids get on?" becomes "How do kids (children, pupils) get on?". Terms that the
        reports use themselves, for which `known` returns true, are left as they are.
        """
        parts: list[str] = []
        end = 0
        for start, after, words in self._found(text, known):
            parts += [text[end:start], text[start:after], f" ({words})"]
            end = after
        return "".join([*parts, text[end:]])

    def terms(self, text: str, known: Callable[[str], bool] = lambda term: False) -> list[str]:
        """Return the everyday terms in `text` that `reword` would insert words after."""
        return [text[start:end] for start, end, _ in self._found(text, known)]

    def _found(self, text: str, known: Callable[[str], bool]) -> Iterator[tuple[int, int, str]]:
        """Yield the start and end of each everyday term, and the words that reports use for it."""
        words = list(_WORD.finditer(text))
        stems = _stems(text)
        at = 0
        while at < len(words):
            length = self._length(stems, at)
            start, end = words[at].start(), words[at + (length or 1) - 1].end()
            if length and not known(text[start:end]):
                yield start, end, self._entries[stems[at : at + length]]
            at += length or 1

    def _length(self, stems: tuple[str, ...], at: int) -> int:
        """Return the number of words of the longest entry at this word; 0 if there is none."""
        longest = min(self._longest, len(stems) - at)
        return next((n for n in range(longest, 0, -1) if stems[at : at + n] in self._entries), 0)


@lru_cache(maxsize=4)
def load_everyday(own: Path | None = None) -> Everyday:
    """Return the packaged terms, with those of the file `own` added or replacing them.

    Raises SettingsError if `own` is missing or is not a list of terms.
    """
    packaged = (
        resources.files("reformqa.search").joinpath("everyday.toml").read_text(encoding="utf-8")
    )
    entries = parse_toml(packaged)
    added: dict[str, str] = {}
    if own:
        try:
            added = _ENTRIES.validate_python(parse_toml(own.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
            raise SettingsError(
                f"search.everyday: {own} cannot be read as a list of terms ({error}). Write a line"
                ' such as "town hall" = "council, local authority" for each term.'
            ) from error
    return Everyday(entries, added)


def _stems(text: str) -> tuple[str, ...]:
    """Return the stems of the words of `text`; a hyphen separates words."""
    return tuple(_STEMMER.stemWord(m[0].lower().replace("’", "'")) for m in _WORD.finditer(text))
