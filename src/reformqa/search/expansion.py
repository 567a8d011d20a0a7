"""Staff's words into the reports' words: a question worded a second time, by a list of terms.

The embedding model knows what "workforce" means, and little of "rank and file". Where a question
has an everyday term, it is asked in two wordings, its own and one with the policy words put in
after the everyday one; a passage's score is the mean of both. The list is `everyday.toml`.
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

_WORD = re.compile(r"[^\W_&]+(?:&[^\W_]+|['’](?!s\b)[^\W_]+)*")
_STEMMER = Stemmer.Stemmer("english")
_ENTRIES = TypeAdapter(dict[str, str])


class Everyday:
    """Everyday terms, each with the words that reports print in its place."""

    def __init__(self, entries: dict[str, str], own: dict[str, str] | None = None) -> None:
        """`own` entries stand for those of `entries` of the same stems; empty ones strike out."""
        known = {_stems(term): words for term, words in entries.items()}
        known |= {_stems(term): words for term, words in (own or {}).items()}
        self._entries = {stems: words for stems, words in known.items() if words.strip()}
        self._longest = max(map(len, self._entries), default=0)

    def reword(self, text: str, known: Callable[[str], bool] = lambda term: False) -> str:
        """The text with the reports' words in brackets after each everyday term.

        "How do kids get on?" becomes "How do kids (children, pupils) get on?"; a text without an
        everyday term comes back as it is, and so does a term that the reports themselves use,
        which `known` tells.
        """
        parts: list[str] = []
        end = 0
        for start, after, words in self._found(text, known):
            parts += [text[end:start], text[start:after], f" ({words})"]
            end = after
        return "".join([*parts, text[end:]])

    def terms(self, text: str, known: Callable[[str], bool] = lambda term: False) -> list[str]:
        """The everyday terms in `text` that `reword` would put other words after."""
        return [text[start:end] for start, end, _ in self._found(text, known)]

    def _found(self, text: str, known: Callable[[str], bool]) -> Iterator[tuple[int, int, str]]:
        """Where each everyday term begins and ends, and what reports print in its place."""
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
        """How many words the longest entry has that stands at this word; 0 for none."""
        longest = min(self._longest, len(stems) - at)
        return next((n for n in range(longest, 0, -1) if stems[at : at + n] in self._entries), 0)


@lru_cache(maxsize=4)
def load_everyday(own: Path | None = None) -> Everyday:
    """The packaged terms, with those of the file `own` added or put in their place.

    Raises SettingsError where `own` is missing or is not a list of terms.
    """
    packaged = (
        resources.files("reformqa.search").joinpath("everyday.toml").read_text(encoding="utf-8")
    )
    entries = tomllib.loads(packaged)
    added: dict[str, str] = {}
    if own:
        try:
            added = _ENTRIES.validate_python(tomllib.loads(own.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
            raise SettingsError(
                f"search.everyday: {own} cannot be read as a list of terms ({error}). Write a line"
                ' such as "town hall" = "council, local authority" for each.'
            ) from error
    return Everyday(entries, added)


def _stems(text: str) -> tuple[str, ...]:
    """The words of `text` without their endings; a hyphen parts words."""
    return tuple(_STEMMER.stemWord(m[0].lower().replace("’", "'")) for m in _WORD.finditer(text))
