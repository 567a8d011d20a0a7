"""Acronyms as reports define them: "Small and medium-sized enterprises (SMEs)"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from reformqa.storage.base import Store
from reformqa.text.tokens import plain_terms

#: The passages in which a publisher's name is looked up.
LOOKED_UP = 24

_BRACKETED = re.compile(r" \(([A-Z][A-Za-z&]{1,7}?)s?\)")
_WORD = re.compile(r"[\w’'&-]+")
_SMALL = frozenset({"of", "for", "and", "the", "on", "in", "to", "a", "&"})


def definitions(text: str) -> Iterator[tuple[str, str]]:
    """Yield each name that the text spells out, and the acronym that it gives in brackets."""
    for match in _BRACKETED.finditer(text):
        if full := _spelt_out(text[: match.start()], match[1]):
            yield full, match[1]


def printed_names(store: Store, publishers: Sequence[str]) -> dict[str, set[str]]:
    """Return the acronyms and the full names that reports give for these publishers."""
    names: dict[str, set[str]] = {}
    for publisher in publishers:
        folded = publisher.casefold()
        for passage in store.containing(plain_terms(publisher), LOOKED_UP):
            for full, acronym in definitions(passage.text):
                if full.casefold() == folded.removeprefix("the "):
                    names.setdefault(publisher, set()).add(acronym)
                elif acronym.casefold() == folded:
                    names.setdefault(publisher, set()).add(full)
    return names


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
