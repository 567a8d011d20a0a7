"""The names that reports print for the publishers of a library."""

from __future__ import annotations

from collections.abc import Sequence

from reformqa.storage.base import Store
from reformqa.text.acronyms import definitions
from reformqa.text.tokens import plain_terms

#: The passages in which a publisher's name is looked up.
LOOKED_UP = 24


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
