"""Typing errors in a question: words that no report prints, one edit away from words that they do.

A word that is printed, or that the encoder knows as a whole, is taken as it is: it may be a word
that the reports just do not use.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterable

from reformqa.model import ReportInfo
from reformqa.search.query import Query
from reformqa.storage.base import Filters, Store
from reformqa.text.tokens import STOP_WORDS, tokens

#: Shorter words are one edit away from too many others.
LEAST_LETTERS = 4
#: In shorter words no letter is replaced: "dads" is not meant for "days".
LEAST_REPLACED = 6
#: The most words of a question that are corrected; one with more is in another language.
MOST = 3

_WORD = re.compile(r"[^\W\d_]+")


def corrected(
    query: Query, store: Store, words: Collection[str], reports: Iterable[ReportInfo]
) -> str | None:
    """Return the question with its typing errors corrected, or None if none is found.

    `words` are known to the encoder. Names in the reports' records count as printed.
    """
    doubtful = _doubtful(query.text, words)
    if not doubtful:
        return None
    counts = _counts(store, doubtful)
    names = {w.casefold() for r in reports for w in _WORD.findall(_record(r))}
    wrong = [w for w in doubtful if counts.get(w) == 0 and w not in names]
    if not 0 < len(wrong) <= MOST:
        return None
    near = {word: _one_edit_from(word) for word in wrong}
    counts = _counts(store, [e for edits in near.values() for e in edits])
    better = {w: best for w, edits in near.items() if (best := _best(edits, counts, names, words))}
    text = _WORD.sub(lambda m: better.get(m[0].casefold(), m[0]), query.text)
    return text if text != query.text else None


def _doubtful(text: str, known: Collection[str]) -> list[str]:
    """Return the words of the question that may be typing errors, in lower case."""
    words = dict.fromkeys(w.casefold() for w in _WORD.findall(text))
    return [w for w in words if len(w) >= LEAST_LETTERS and w not in known and w not in STOP_WORDS]


def _counts(store: Store, words: Iterable[str]) -> dict[str, int]:
    """Return in how many passages each word occurs, in whatever form.

    Words of a script that is not indexed are left out.
    """
    stems = {w: found[0] for w in dict.fromkeys(words) if (found := tokens(w))}
    different = sorted(set(stems.values()))
    counted = store.count([Filters(terms=(stem,)) for stem in different])
    of_stem = dict(zip(different, counted, strict=True))
    return {w: of_stem[stem] for w, stem in stems.items()}


def _one_edit_from(word: str) -> list[str]:
    """Return the words one edit away that begin alike: few errors are in the first letter.

    Nothing is taken from the end: "pushy" is not meant for "push".
    """
    cuts = [(word[:n], word[n:]) for n in range(1, len(word) + 1)]
    swapped = [f"{a}{b[1]}{b[0]}{b[2:]}" for a, b in cuts if len(b) > 1]
    left_out = [f"{a}{b[1:]}" for a, b in cuts if len(b) > 1]
    long = len(word) >= LEAST_REPLACED
    other = [f"{a}{c}{b[1:]}" for a, b in cuts if b and long for c in string.ascii_lowercase]
    added = [f"{a}{c}{b}" for a, b in cuts for c in string.ascii_lowercase]
    return [e for e in dict.fromkeys((*swapped, *left_out, *added, *other)) if e != word]


def _best(
    edits: Iterable[str], counts: dict[str, int], names: Collection[str], words: Collection[str]
) -> str | None:
    """Return the edit that is a name, or else the word of the encoder that is printed most."""
    printed = [
        e for e in edits if e in names or (e in words and (counts.get(e) or e in STOP_WORDS))
    ]
    return max(printed, key=lambda e: (e in names, counts.get(e, 0)), default=None)


def _record(report: ReportInfo) -> str:
    return " ".join((report.title, report.subtitle or "", report.publisher, *report.authors))
