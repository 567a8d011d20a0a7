"""The greatest lengths of facts and headings, which every page and citation prints."""

from __future__ import annotations

import dataclasses

from reformqa.model import Metadata

#: The most characters of each fact; of `authors`, of each name.
LONGEST = {
    "title": 300,
    "subtitle": 300,
    "authors": 100,
    "publisher": 150,
    "published": 7,
    "series": 200,
    "licence": 200,
    "url": 1_000,
}
#: The most authors.
MOST_AUTHORS = 100
#: The most characters of the title of a section. The heading's own paragraph keeps all of its text.
LONGEST_HEADING = 300


def shortened(text: str, most: int) -> str:
    """Return at most `most` characters of a text, ended by "…" if it is cut, between words."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"


def bounded(facts: Metadata) -> tuple[Metadata, tuple[str, ...]]:
    """Return facts of at most the longest lengths, and a warning for each that was cut.

    An address that is too long is left out: cut, it would lead elsewhere.
    """
    changed: dict[str, str | tuple[str, ...] | None] = {}
    warnings = []
    for name, most in LONGEST.items():
        value = getattr(facts, name)
        kept: str | tuple[str, ...] | None
        if name == "authors":
            kept = tuple(shortened(author, most) for author in value[:MOST_AUTHORS])
        elif value and len(value) > most:
            kept = None if name == "url" else shortened(value, most)
        else:
            continue
        if kept != value:
            changed[name] = kept
            rest = "it is left out" if kept is None else "only the beginning is kept"
            warnings.append(f"{name} too long: {rest}")
    return dataclasses.replace(facts, **changed), tuple(warnings)  # type: ignore[arg-type]
