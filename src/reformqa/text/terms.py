"""Find the noun phrases in a set of texts, as names for their topics.

A term is one to three consecutive words, counted by their stems and named by its most frequent
form. A phrase has two to four words, one of which may join others: "audit and learning". Whether a
word is a noun is inferred from its neighbours: "to" or "should" seldom precede a noun, and an
article or another content word seldom follows it.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import Stemmer

from reformqa.text.wordlists import (
    ARTICLES,
    BE,
    BEFORE_VERBS,
    COMMON,
    DETERMINERS,
    FUNCTION,
    GERUNDS,
    INSTRUMENTS,
    VAGUE,
)

#: A term's key: the stems of its words, and those that join them.
Key = tuple[str, ...]
#: An occurrence: its key, its words, the token before it, and whether no content word follows.
_Run = tuple[Key, list[str], str, bool]

#: The most words in a term, and in a phrase.
LONGEST = 3
LONGEST_PHRASE = 4
#: The words that may join those of a phrase.
JOINING = frozenset({"and", "for", "of"})
#: In at least this share of its occurrences no content word follows a term of several words.
#: Otherwise it is part of a longer term.
ENDS = 0.5
#: A term is dropped if a longer one contains it and occurs in this share of its number of texts.
WITHIN = 0.8
#: The least share of uses as a noun, for an ordinary word and for one that ends like an
#: adjective, and the greatest share of uses as a verb.
NOUN = 0.15
ADJECTIVE = 0.6
VERB = 0.4
#: The most occurrences of a word that are checked, and the characters read on either side.
LOOKED_UP = 60
REACH = 24

_TOKEN = re.compile(r"[^\W_]+(?:[-‐‑–/&’'][^\W_]+)*|[^\w\s]|_")
_WORD = re.compile(r"[^\W\d_]{2,}(?:[-‐‑][^\W\d_]{2,})*")
_BEFORE = re.compile(r"[\w’'-]+\s+$")
_AFTER = re.compile(r"(?:['’]s?)?\s+([\w’'-]+)")
_OWN = re.compile(r"[’']s?$")
_SENTENCE_ENDS = ("", *".:;?!")
_NO_NOUN = re.compile(r"[^\W_]{3}(?:ed|ous|able|ible|ful|ly)$")
_STEMMER = Stemmer.Stemmer("english")
_ADJECTIVE = re.compile(r"(?<!m)ent$|(?:al|ic|ive|ant|ary|an|ern|est|ing)$")
_ABSTRACT = re.compile(r"(?:ity|ion|ment|ness|[ae]nce|cy|ship|ing|ism)$")


def stem(word: str) -> str:
    """Return the stem of a word, by which it is counted."""
    return str(_STEMMER.stemWord(word.lower()))


_GENERIC = frozenset(map(stem, COMMON | VAGUE))
_MEANS = frozenset(map(stem, INSTRUMENTS))


@dataclass(slots=True, eq=False)
class Term:
    """A term, the positions of the texts that contain it, and its forms there.

    `printed` counts its forms within sentences, and `opening` those at the start of a sentence,
    without the capital that the position requires. `ending` counts the occurrences that no other
    content word follows.
    """

    key: Key
    holders: set[int] = field(default_factory=set)
    printed: Counter[str] = field(default_factory=Counter)
    opening: Counter[str] = field(default_factory=Counter)
    ending: int = 0

    def add(self, words: Sequence[str], before: str) -> None:
        """Count an occurrence; `before` is the token before it, or empty."""
        first, *more = words
        opens = (
            before[-1:] in _SENTENCE_ENDS
            and first.istitle()
            and not any(word.istitle() for word in more)
        )
        if opens:
            self.opening[" ".join((first.lower(), *more))] += 1
        else:
            self.printed[" ".join(words)] += 1

    @property
    def times(self) -> int:
        """The number of occurrences."""
        return self.printed.total() + self.opening.total()

    @property
    def name(self) -> str:
        """The most frequent form, in lower case and in the plural if these are common."""
        printed = self.printed or self.opening
        small = Counter({w: n for w, n in printed.items() if w.islower()})
        counts = small if 5 * small.total() >= printed.total() else printed
        best = min(counts, key=lambda w: (-counts[w], w))
        several = ({f"{best}s", re.sub("y$", "ies", best)} - {best}) & set(counts)
        several = {w for w in several if 3 * counts[w] >= counts[best]}
        return min(several, default=best)

    def within(self, other: Term) -> bool:
        """Return whether the words of `other` contain these words in sequence."""
        spans = range(len(other.key) - len(self.key) + 1)
        return any(other.key[n : n + len(self.key)] == self.key for n in spans)


def find_terms(texts: Sequence[Iterable[str]], names: Collection[str] = ()) -> list[Term]:
    """Return the terms that could name a topic, sorted by key.

    Each text is given in one or more pieces. Terms in capitals that are part of `names` (of
    publishers), and terms that occur almost only within a longer one, are left out.
    """
    return _kept(_counted(texts, _runs), names)


def find_phrases(texts: Sequence[Iterable[str]], names: Collection[str] = ()) -> list[Term]:
    """Return the phrases that could name a group of texts, as `find_terms` returns the terms."""
    return _kept(_counted(texts, _phrases), names)


def _counted(
    texts: Sequence[Iterable[str]], runs: Callable[[str], Iterator[_Run]]
) -> dict[Key, Term]:
    found: dict[Key, Term] = {}
    for position, pieces in enumerate(texts):
        for piece in pieces:
            for key, words, before, ends in runs(piece):
                term = found.setdefault(key, Term(key))
                term.holders.add(position)
                term.add(words, before)
                term.ending += ends
    return found


def _kept(found: Mapping[Key, Term], names: Collection[str]) -> list[Term]:
    """Return the terms that could name a topic, without names and parts of longer terms."""
    named = [name.casefold() for name in names]
    terms = [t for t in found.values() if _names_a_topic(t) and not _is_name(t, named)]
    longer: dict[str, list[Term]] = defaultdict(list)
    for term in terms:
        for word in set(term.key) if len(term.key) > 1 else ():
            longer[word].append(term)
    kept = [t for t in terms if not any(_swallows(other, t) for other in longer[t.key[0]])]
    return sorted(kept, key=lambda t: t.key)


def word_keys(pieces: Iterable[str]) -> frozenset[str]:
    """Return the stems of the content words of a text that is given in pieces."""
    return frozenset(stem for piece in pieces for _, stem in _tokens(piece) if stem)


def telling(key: Key) -> frozenset[str]:
    """Return the stems of a key that are not general words of all reports, nor join others."""
    return frozenset(key) - _GENERIC - JOINING


def is_noun(term: Term, text: str) -> bool:
    """Whether `text` uses the last word of the term as a noun, and seldom the first as a verb."""
    first, *_, last = (*term.name.lower().split(), *term.name.lower().split())
    uses = {word: Counter[str]() for word in (first, last)}
    forms = {form: word for word in uses for form in (word, f"{word}s", word.removesuffix("s"))}
    form = "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))
    pattern = re.compile(rf"(?<![^\W_])(?:{form})(?![^\W_])", re.IGNORECASE)
    for match in itertools.islice(pattern.finditer(text), LOOKED_UP):
        words = _tokens(text[max(0, match.start() - REACH) : match.start()])
        words, n = [*words, *_tokens(text[match.start() : match.end() + REACH])], len(words)
        uses[forms[match[0].lower()]][_use(words, n)] += 1
    doubtful = _ADJECTIVE.search(last.removesuffix("s")) and last not in GERUNDS
    least = ADJECTIVE if doubtful else NOUN
    return (
        not _NO_NOUN.search(last)
        and uses[last]["noun"] >= max(least * uses[last].total(), uses[last]["verb"])
        and uses[first]["verb"] <= VERB * uses[first].total()
    )


def as_said(name: str, text: str, least: int = 2) -> str | None:
    """Return a noun phrase as used within a sentence: with the text's capitals and article.

    "Workforce" becomes "the workforce" if most occurrences have that article, or if all have some
    article. Returns None if the text contains the phrase fewer than `least` times, not counting
    occurrences within longer phrases.
    """
    said, articles = Term(("",)), Counter[str]()
    phrase = r"\s+".join(map(re.escape, name.split()))
    for match in re.finditer(rf"(?<![\w-]){phrase}(?![\w-])", text, re.IGNORECASE):
        before = text[max(0, match.start() - REACH) : match.start()]
        after = _AFTER.match(text[match.end() : match.end() + REACH])
        word = found[0].strip() if (found := _BEFORE.search(before)) else ""
        part = word.lower() == "new" or not _is_function(word)
        longer = part and word.istitle() and match[0].istitle()
        if longer or (after and after[1].lower() not in FUNCTION):
            continue
        said.add(match[0].split(), before.rstrip())
        articles[word.lower() if word.lower() in ARTICLES or not _is_function(word) else ""] += 1
    if said.times < max(1, least):
        return None
    best = said.name
    for article in ("the", "a", "an"):
        if 2 * articles[article] > said.times:
            return f"{article} {best}"
    bare = articles[""] or best.endswith("s") or _ABSTRACT.search(best)
    return best if bare or not any(articles[a] for a in DETERMINERS) else f"the {best}"


def _is_function(word: str) -> bool:
    return not word or word.lower() in FUNCTION


def _use(words: Sequence[tuple[str, str | None]], n: int) -> str:
    """Return the use of the word at `n`, inferred from its neighbours: "noun", "verb" or ""."""
    before = words[n - 1][0].lower() if n else "."
    after, meaning = words[n + 1] if n + 1 < len(words) else (".", None)
    if before in BEFORE_VERBS or before in BE or after.lower() in ARTICLES:
        return "verb"
    return "" if meaning or after[0].isdigit() else "noun"


def _runs(text: str) -> Iterator[_Run]:
    """Yield each run of one to three content words."""
    words = _tokens(text)
    for start in range(len(words)):
        key: Key = ()
        printed: list[str] = []
        for n in range(start, min(start + LONGEST, len(words))):
            word, meaning = words[n]
            if meaning is None or (n > start and _OWN.search(words[n - 1][0])):
                break
            key, printed = (*key, meaning), [*printed, _OWN.sub("", word)]
            ends = n + 1 == len(words) or words[n + 1][1] is None
            yield key, printed, words[start - 1][0] if start else "", ends


def _phrases(text: str) -> Iterator[_Run]:
    """Yield each run of two to four words, of which one may join content words.

    What stands before that word says more than "a number of" or "support for".
    """
    words = _tokens(text)
    for start, (_, begins) in enumerate(words):
        key: Key = ()
        printed: list[str] = []
        for n in range(start, min(start + LONGEST_PHRASE, len(words))):
            word, meaning = words[n]
            joins = word.lower() in JOINING
            hollow = not key or key[-1] in _GENERIC or bool(JOINING & set(key))
            if begins is None or (joins and hollow) or (meaning is None and not joins):
                break
            if n > start and _OWN.search(words[n - 1][0]):
                break
            key = (*key, word.lower() if joins else str(meaning))
            printed.append(word.lower() if joins else _OWN.sub("", word))
            ends = n + 1 == len(words) or words[n + 1][1] is None
            if n > start and not joins:
                yield key, list(printed), words[start - 1][0] if start else "", ends


def _tokens(text: str) -> list[tuple[str, str | None]]:
    """Return the words and marks of a text in order, with the stems of content words."""
    found: list[tuple[str, str | None]] = []
    for match in _TOKEN.finditer(text):
        bare = _OWN.sub("", match[0])
        means = _WORD.fullmatch(bare) and bare.lower() not in FUNCTION
        means = means and (len(bare) > 2 or bare.isupper())
        found.append((match[0], stem(bare) if means else None))
    return found


def _names_a_topic(term: Term) -> bool:
    *_, last = term.key
    if "-" in last:  # "long-term", "cross-cutting"
        return False
    whole = term.ending >= ENDS * term.times
    if len(term.key) == 1:
        return last not in _GENERIC and last not in _MEANS
    return whole and last not in _MEANS and bool(telling(term.key))


def _is_name(term: Term, names: Sequence[str]) -> bool:
    name = term.name
    if name.islower():
        return False
    words = name.casefold()
    return any(re.search(rf"\b{re.escape(words)}\b", n) or n in words for n in names)


def _swallows(longer: Term, term: Term) -> bool:
    more = len(longer.key) > len(term.key) and term.within(longer)
    return more and len(longer.holders) >= WITHIN * len(term.holders)
