"""Find the people who wrote a report."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reformqa.model import Metadata
from reformqa.parsing.facts.covers import BYLINE
from reformqa.parsing.facts.evidence import Candidate
from reformqa.parsing.facts.front import NOTICE_WORDS, Front
from reformqa.parsing.facts.names import NAME, NAMES, is_organisation, people
from reformqa.parsing.facts.titles import is_generated
from reformqa.parsing.titles import CHAPTER, known_kind
from reformqa.text.similarity import letters

_MADE_BY = re.compile(r"\b(?:printed|designed|typeset|produced|published)\b", re.IGNORECASE)
_BY = re.compile(rf"\b(?:[Bb]y|Authors?:?)\s+({NAMES})\W*$")
_ABOUT_AUTHOR = re.compile(rf"^({NAME}) is\b")
#: Names below the title stand in this many blocks, on a line of at most this many words.
_BELOW_TITLE = 6
_BYLINE_WORDS = 16

#: The authors, with the place where their names stand and the chance that it is right.
Authors = tuple[tuple[str, ...], Candidate]


def find_authors(front: Front, title: range, metadata: Metadata, stated: bool) -> Authors | None:
    """Return the authors and where they were found, or None.

    `stated` says whether the metadata were written for this text. Other metadata may name whoever
    typed it, and count only if the front matter prints the name or the title is filled in too.
    """
    if stated and metadata.authors:
        return _given(metadata.authors, "what the file states", 0.95)
    if names := _below_title(front, title):
        return _given(names, "the cover", 0.8)
    if names := _byline(front):
        return _given(names, "the byline", 0.75)
    if names := tuple(_about_authors(front)):
        return _given(names, "the heading “About the authors”", 0.75)
    persons = (a for a in metadata.authors if not is_organisation(a))
    named = tuple(a for a in persons if re.fullmatch(NAME, a))
    printed = letters(" ".join(b.text for b in front.front))
    if fit := tuple(a for a in named if letters(a) in printed):
        return _given(fit, "the file's metadata", 0.6)
    if named and not is_generated(metadata.title or ""):
        return _given(named, "the file's metadata", 0.4)
    return None


def _given(names: tuple[str, ...], source: str, weight: float) -> Authors:
    return names, Candidate(", ".join(names), source, weight)


def _below_title(front: Front, title: range) -> tuple[str, ...]:
    for block in front.front[title.stop : title.stop + _BELOW_TITLE]:
        if known_kind(block.text) or CHAPTER.match(block.text):
            break
        text = BYLINE.sub("", front.vocabulary.title(block.text))
        short = block.kind == "body" and block.words <= _BYLINE_WORDS
        if short and (names := people(text, front.vocabulary)):
            return names
    return ()


def _byline(front: Front) -> tuple[str, ...]:
    for block in front.front:
        if block.kind in ("table", "footnote", "furniture") or block.text.endswith("."):
            continue
        if block.words > NOTICE_WORDS or _MADE_BY.search(block.text):
            continue
        if (by := _BY.search(block.text)) and (names := people(by[1], front.vocabulary)):
            return names
    return ()


def _about_authors(front: Front) -> Iterator[str]:
    inside = False
    for block in front.front:
        if re.fullmatch(r"about the authors?", block.text, re.IGNORECASE):
            inside = True
        elif inside:
            match = _ABOUT_AUTHOR.match(block.text)
            if not match:
                return
            yield match[1]
