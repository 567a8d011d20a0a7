"""What a question takes for granted and the reports contradict, found by rules alone.

Only what can be read off is judged: "the fifteen tests" of ten, "the fifth maxim" of four, and a
name that only another think tank prints. Each is a reason to refuse that names the premise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import Stemmer

from reformqa.answering.abstention import searched_in
from reformqa.answering.features import topic_names
from reformqa.model import Hit, Recommendation
from reformqa.search.ordinals import CARDINAL, ORDINAL, numbered_parts, value
from reformqa.search.publishers import publishers_listed
from reformqa.search.query import Query
from reformqa.storage.base import Filters, Store
from reformqa.storage.filtering import matches_report
from reformqa.text.phrases import listed
from reformqa.text.sentences import sentences
from reformqa.text.tokens import tokens

#: The hits in which a count is looked for.
LOOKED_AT = 10
#: With fewer terms, a sentence that prints them all may deny something else.
LEAST_TERMS = 2
#: The passages of a named source in which a count is looked for.
COUNTED = 200

_STEMMER = Stemmer.Stemmer("english")
# What is counted in any text, and says nothing of a list.
_UNITS = frozenset(
    _STEMMER.stemWord(w)
    for w in (
        *("years", "months", "weeks", "days", "hours", "minutes", "times", "pounds", "points"),
        *("people", "decades", "places", "others", "things", "ways", "terms", "cents", "percents"),
        *("reports", "tanks", "organisations", "publishers", "questions", "series", "is", "was"),
    )
)
# A number, up to three words, and the first plural: "three interlocking principles".
_COUNT = re.compile(
    rf"(?<![\w£$€.,-])({CARDINAL}) ((?:[A-Za-z’'-]+ ){{0,3}}?)([A-Za-z-]+s)\b(?![%\d])",
    re.IGNORECASE,
)
_NTH = re.compile(rf"\b({ORDINAL}) ([a-z-]+)\b", re.IGNORECASE)
_NAME = re.compile(r"\b[A-Z][\w’'-]*(?: (?:(?:of(?: the)?|for|and) )?[A-Z][\w’'-]*)+")
# Acronyms are not names of this kind: a report may spell out "US" or give it an "A".
_WORDED = re.compile(r"[A-Z][a-z]{2}")
_WHY = re.compile(r"\W*why (?:do|does|did|would|is|are|was|were|has|have|should)\b", re.IGNORECASE)
# What a sentence that denies the matter need not repeat.
_ASKED = re.compile(
    r"\b(?:wants?|recommends?|propos\w+|says?|argues?|thinks?|concludes?|believes?|claims?"
    r"|calls? for|every|each)\b",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(?:not|never|neither|error|mistake|wrong|oppos\w+|against|reject\w*)\b|n['’]t\b",
    re.IGNORECASE,
)
_ADDED = re.compile(r"\(([^()]*)\)")
_QUOTED = re.compile(r"(?<!\w)['‘]([\w-]+(?: [\w-]+)+)['’](?!\w)")


@dataclass(frozen=True, slots=True)
class _Count:
    """So many of something, as written: "three interlocking principles"."""

    number: int
    noun: str
    written: str


def contradicted(query: Query, where: Filters, hits: Sequence[Hit], store: Store) -> str | None:
    """Return which premise of a question the reports contradict, as a sentence; None if none."""
    closest = hits[:LOOKED_AT]
    return (
        _count_contradicted(query, where, closest, store)
        or _of_another(query, where, store)
        or _apart(query, closest)
    )


def denied(query: Query, hits: Sequence[Hit]) -> str | None:
    """Return a note on a sentence that denies what a question asks the reason of; None if none.

    "Why does the Society support tolls?" of one that says "We do not support tolls".
    """
    if not _WHY.match(query.text) or _NEGATION.search(query.text):
        return None
    asked = set(tokens(_ASKED.sub(" ", query.topic)))
    if len(asked) < LEAST_TERMS:
        return None
    for sentence in _sentences(h.paragraph.text for h in hits[:LOOKED_AT]):
        if asked <= set(tokens(sentence)) and _NEGATION.search(sentence):
            return f"The reports may say otherwise: “{sentence}”"
    return None


def any_prints(recommendations: Sequence[Recommendation], wordings: Sequence[str]) -> bool:
    """Return whether any of the recommendations prints a word of the question's first wording.

    Of the words that other wordings add in brackets, it must print all of one term. Where none
    does, the recommendations are only the nearest there are.
    """
    first, *others = wordings
    terms = [{term} for term in tokens(first)]
    added = [
        part for other in others for inside in _ADDED.findall(other) for part in inside.split(",")
    ]
    terms += [found for part in added if (found := set(tokens(part)))]
    printed = [
        set(tokens(" ".join((r.text, *r.sub_items, *r.section_path)))) for r in recommendations
    ]
    return any(term <= own for term in terms for own in printed)


def _count_contradicted(
    query: Query, where: Filters, hits: Sequence[Hit], store: Store
) -> str | None:
    """Return that the reports count fewer of what the question counts or numbers."""
    reports = store.reports()
    for asked in (*_counts(query.text), *_least_counts(query.text)):
        texts = [h.paragraph.text for h in hits]
        if query.named or query.reports:  # of one source: all that it counts of these
            printed = store.containing([asked.noun], COUNTED)
            texts += [p.text for p in printed if matches_report(where, reports[p.report_id])]
        told = [(c, s) for s in _sentences(texts) for c in _counts(s) if c.noun == asked.noun]
        if any(c.number >= asked.number for c, _ in told):
            continue
        others = set(tokens(query.topic)) - {asked.noun, str(asked.number)}
        near = [c for c, s in told if query.reports or query.named or others & set(tokens(s))]
        if near:
            most = max(near, key=lambda c: c.number)
            return (
                f"The question speaks of “{asked.written}”, but the closest passages in"
                f" {searched_in(query)} speak of “{most.written}”."
            )
    return None


def _counts(text: str) -> list[_Count]:
    """Return what a text counts, from two up."""
    found = []
    for match in _COUNT.finditer(text):
        noun = _STEMMER.stemWord(match[3].lower())
        if noun not in _UNITS and value(match[1]) > 1:
            found.append(_Count(value(match[1]), noun, match[0]))
    return found


def _least_counts(text: str) -> list[_Count]:
    """Return how many there must at least be of what a text numbers: of the fifth maxim, five."""
    found = [
        _Count(value(n), _STEMMER.stemWord(noun.lower()), f"{n} {noun}")
        for n, noun in _NTH.findall(text)
    ]
    found += [_Count(n, _STEMMER.stemWord(kind), f"{kind} {n}") for kind, n in numbered_parts(text)]
    return [c for c in found if c.number > 1 and c.noun not in _UNITS]


def _sentences(texts: Iterable[str]) -> Iterable[str]:
    return (text[slice(*span)] for text in texts for span, _ in sentences(text))


def _of_another(query: Query, where: Filters, store: Store) -> str | None:
    """Return that only other publishers' reports print a name or words that the question quotes."""
    if not (query.named or query.reports) or where.section:
        return None
    names = [*_NAME.findall(query.topic), *_QUOTED.findall(query.topic)]
    if not names:
        return None
    own = [replace(where, runs=(n,), phrases=()) for n in names]
    every = [Filters(runs=(n,)) for n in names]
    counts = store.count([*own, *every])
    for name, here, anywhere in zip(names, counts, counts[len(names) :], strict=False):
        if anywhere and not here:
            publishers = sorted({r.publisher for r in store.reports().values()} - set(query.named))
            left = store.count([Filters(publisher=(p,), runs=(name,)) for p in publishers])
            by = [p for p, n in zip(publishers, left, strict=True) if n]
            asked = searched_in(query) if query.named else "the report asked"
            return f"“{name}” is in reports of {publishers_listed(by)}, not in {asked}."
    return None


def _apart(query: Query, hits: Sequence[Hit]) -> str | None:
    """Return that the passages on one name of the question mention another of its names nowhere.

    "What did the Mill achieve in Cardiff?" of a Mill that is in Leeds.
    """
    names = [n for n in topic_names(query) if _WORDED.search(n) and not re.search(r"\d", n)]
    if len(names) < 2:
        return None
    held = [set(tokens(h.passage.indexed)) for h in hits]
    found = [n for n in names if any(set(tokens(n)) <= own for own in held)]
    absent = [n for n in names if n not in found]
    if not found or not absent:
        return None
    quoted = listed([f"“{n}”" for n in absent], "or")
    return f"The closest passages in {searched_in(query)} do not mention {quoted}."
