"""Find what a report says of itself: title, authors, publisher, date and the like.

Every place that tells a fact is evidence: the cover, the imprint, the running heads, the file's
metadata, its name. Each gives a candidate with a weight, and the candidates vote (`evidence`).
A fact without evidence stays unknown.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from reformqa.model import Guess, Metadata
from reformqa.parsing.blocks import FileText
from reformqa.parsing.facts.authors import find_authors
from reformqa.parsing.facts.evidence import Candidate
from reformqa.parsing.facts.front import Front
from reformqa.parsing.facts.names import NAMES, split_names
from reformqa.parsing.facts.notices import find_landing_page, find_licence, find_series
from reformqa.parsing.facts.published import find_published
from reformqa.parsing.facts.publishers import find_publisher
from reformqa.parsing.facts.titles import find_subtitle, find_title
from reformqa.parsing.inline import Vocabulary

#: The least confidence of a fact that is shown rather than left unknown. A date may be the file's
#: own; a title or publisher named by one weak place is as often something else.
LEAST = {"title": 0.3, "published": 0.2, "publisher": 0.3}

_WITH_AUTHORS = re.compile(rf",?\s+by (?P<names>{NAMES})$")


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts found, how each was found, and the blocks that print title and subtitle."""

    metadata: Metadata
    guesses: dict[str, Guess]
    title_at: range


def find_facts(file: FileText, stem: str, vocabulary: Vocabulary) -> Facts:
    """Return the facts of a report; those without evidence are None or empty.

    `stem` is the name of its file without the suffix.
    """
    front = Front(file.blocks, vocabulary)
    given, stated = file.metadata, file.stated
    guesses: dict[str, Guess] = {}

    def keep(name: str, found: tuple[Candidate, Guess] | None) -> str | None:
        if found is None or found[1].confidence < LEAST[name]:
            return None
        guesses[name] = found[1]
        return found[0].value

    titled = find_title(front, given, stated, stem)
    title = keep("title", titled)
    at = titled[0].at if titled and title else range(0)
    subtitle, authors, at = _below(front, titled[0] if titled else None, given, stated, at, guesses)
    publisher = keep("publisher", find_publisher(front, given, stated, stem, at, authors))
    published = keep("published", find_published(front, given, stated, stem, title))
    series = find_series(front, at)
    facts = Metadata(
        title=title,
        subtitle=subtitle,
        authors=authors,
        publisher=publisher,
        published=published,
        series=series.removesuffix(publisher or "").strip() if series else None,
        licence=find_licence(front),
        url=find_landing_page(front),
    )
    return Facts(*_completed(facts, given, stated, guesses), at)


def _below(
    front: Front,
    title: Candidate | None,
    given: Metadata,
    stated: bool,
    at: range,
    guesses: dict[str, Guess],
) -> tuple[str | None, tuple[str, ...], range]:
    """Return the subtitle, the authors, and the blocks of title and subtitle."""
    found = find_subtitle(front, title, given) if title else None
    subtitle = found.value if found else None
    authors: tuple[str, ...] = ()
    if found and (by := _WITH_AUTHORS.search(found.value)):
        subtitle, authors = found.value[: by.start()], split_names(by["names"])
        guesses["authors"] = Guess(found.source, found.weight)
    if found:
        guesses["subtitle"] = Guess(found.source, found.weight)
        at = range(at.start, found.at.stop) if len(found.at) else at
    if not authors and (written := find_authors(front, at, given, stated)):
        authors, place = written
        guesses["authors"] = Guess(place.source, place.weight)
    return subtitle, authors, at


def _completed(
    facts: Metadata, given: Metadata, stated: bool, guesses: dict[str, Guess]
) -> tuple[Metadata, dict[str, Guess]]:
    """Return the facts with the smaller ones that the file states, and their guesses."""
    for name in ("subtitle", "series", "licence", "url"):
        if stated and getattr(given, name):
            facts = dataclasses.replace(facts, **{name: getattr(given, name)})
            guesses[name] = Guess("what the file states", 0.95)
        elif getattr(facts, name):
            guesses.setdefault(name, Guess("the front matter", 0.6))
        else:
            guesses.pop(name, None)
    return facts, guesses
