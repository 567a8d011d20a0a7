"""How a question describes a report: "Kenya's land policy", "the response on women's pensions".

A description is a noun for a paper, and words before or after it that one report alone has in its
title or its publisher's name. It may as well be a topic, so it counts only where the question asks
it as a source (see `frames`) or asks more than one source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import Stemmer

from reformqa.model import ReportInfo
from reformqa.search.frames import find_source
from reformqa.text.wordlists import COMMON, FUNCTION

#: The most words of a description before its noun, and after it.
BEFORE, AFTER = 6, 5
#: The fewest letters of a word that another may go on from: "Kenya" and "Kenyan".
ROOT = 4

Span = tuple[int, int]
_KIND = re.compile(
    r"(?:report|paper|polic|guideline|guidance|response|inquir|enquir|review|plan|rule|proposal"
    r"|strateg|bill|act|manifesto|decision|statement|note|roadmap|directive|regulation|code"
    r"|charter|framework|study|essay|pamphlet|consultation)(?:y|ies|s)?",
    re.IGNORECASE,
)
# What may stand among the words of a description without telling which it is.
_SOFT = frozenset({"proposed", "new", "recent", "draft", "latest", "own", "uk", "british", "final"})
_WORD = re.compile(r"[^\W_]+(?:[-’'][^\W_]+)*")
_LINKS = frozenset({"on", "of", "for", "about", "into"})
_STEMMER = Stemmer.Stemmer("english")


@dataclass(frozen=True, slots=True)
class _Known:
    """The stems by which a report may be described; `kinds` are its title's nouns for a paper."""

    report: ReportInfo
    stems: frozenset[str]
    kinds: frozenset[str]

    def has(self, stem: str) -> bool:
        """Return whether the stem is one of them, or goes on from one."""
        return not self.stems.isdisjoint(_roots(stem))


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a question, with their stems and places."""

    text: str
    stems: tuple[str, ...]
    places: tuple[Span, ...]


class Descriptions:
    """The reports of a library, as questions describe them."""

    def __init__(self, reports: Sequence[ReportInfo]) -> None:
        """Learn the words of the reports' titles and publishers."""
        self._by_stem: dict[str, list[_Known]] = {}
        for known in (_Known(r, *_stems_of(r)) for r in reports):
            for stem in known.stems:
                self._by_stem.setdefault(stem, []).append(known)

    def find(self, text: str) -> dict[str, list[Span]]:
        """Return where the text describes reports, by report id."""
        words = _split(text)
        roots = {root for stem in words.stems for root in _roots(stem)}
        # By id: most of a large library's reports share no word with a question.
        near = {k.report.id: k for root in roots for k in self._by_stem.get(root, ())}
        found: dict[str, list[Span]] = {}
        end = 0
        for n, place in enumerate(words.places):
            if place[0] < end or not _KIND.fullmatch(text[slice(*place)]):
                continue
            if described := _at(words, n, near.values()):
                report_id, span = described
                end = span[1]
                found.setdefault(report_id, []).append(span)
        return found


def _at(words: _Words, n: int, near: Iterable[_Known]) -> tuple[str, Span] | None:
    """Return the report that the noun at `n` stands for, and where it is described."""
    ways = [(known, *_reach(words, n, known)) for known in near]
    most = max((told for _, told, _ in ways), default=0)
    best = [(known.report.id, span) for known, told, span in ways if told == most]
    if not most or len(best) > 1:
        return None
    report_id, (first, last) = best[0]
    if first and _contradicts(words, first - 1):
        return None
    return report_id, (_article(words, first), words.places[last][1])


def asked_as_source(text: str, span: Span) -> bool:
    """Return whether the description at `span` is asked as a source."""
    return bool(find_source(re.escape(text[slice(*span)]), text))


def _reach(words: _Words, n: int, known: _Known) -> tuple[int, Span]:
    """Return how much the words around the noun at `n` tell of a report, and the first and last.

    Each word counts two, and the noun one if it is the title's own.
    """
    told, first, last = 0, n, n
    for at in range(n - 1, max(-1, n - 1 - BEFORE), -1):
        soft = words.stems[at] in _SOFT
        telling = not soft and known.has(words.stems[at])
        if not telling and not soft:
            break
        told += telling
        first = at
    linked = n + 1 < len(words.stems) and words.stems[n + 1] in _LINKS
    for at in range(n + 2, min(len(words.stems), n + 2 + AFTER)) if linked else ():
        telling = known.has(words.stems[at])
        if not telling and words.stems[at] not in FUNCTION:
            break
        told += telling
        last = at if telling else last
    exactly = bool(told) and words.stems[n] in known.kinds
    return 2 * told + exactly, (first, last)


def _contradicts(words: _Words, at: int) -> bool:
    """Return whether the word before a description belongs to it, and no report has it."""
    gap = words.text[words.places[at][1] : words.places[at + 1][0]]
    word = words.text[slice(*words.places[at])]
    return gap == " " and word.casefold() not in FUNCTION and not word.endswith("ing")


def _article(words: _Words, first: int) -> int:
    """Return where a description begins, its article and the preposition before it included."""
    while first and words.stems[first - 1] in {"the", "this", "in", "by"}:
        first -= 1
    return words.places[first][0]


def _split(text: str) -> _Words:
    matches = list(_WORD.finditer(text))
    return _Words(text, tuple(_stem(m[0]) for m in matches), tuple(m.span() for m in matches))


def _stem(word: str) -> str:
    folded = word.casefold()
    if folded in FUNCTION or folded in _SOFT:
        return folded
    return str(_STEMMER.stemWord(re.sub(r"[’']s?$", "", folded)))


def _roots(stem: str) -> Iterator[str]:
    """Yield the stem, and the shorter ones that it may go on from."""
    yield stem
    yield from (stem[:length] for length in range(ROOT, len(stem)))


def _stems_of(report: ReportInfo) -> tuple[frozenset[str], frozenset[str]]:
    """Return the stems of a report's title and publisher with its initials, and the title's kinds.

    Those of words that tell nothing are left out.
    """
    words = _WORD.findall(f"{report.title} {report.subtitle or ''} {report.publisher}")
    capitals = [w[0] for w in _WORD.findall(report.publisher) if w[0].isupper()]
    kinds = {w for w in words if _KIND.fullmatch(w)}
    stems = {_stem(w) for w in words if w.casefold() not in FUNCTION | COMMON and w not in kinds}
    initials = {"".join(capitals).casefold()} if len(capitals) > 1 else set[str]()
    return frozenset(stems | initials), frozenset(map(_stem, kinds))
