"""The noun phrases of a set of texts: what they are about, in the words that they print.

A term is one to three words in a row, counted by their stems and named as it is most often
printed. Whether a word is a noun is read off its surroundings: before a noun seldom stands "to"
or "should", after it seldom an article or another word of meaning.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import Stemmer

from reformqa.text.tokens import STOP_WORDS

#: A term's key: the stems of its words.
Key = tuple[str, ...]

#: How many words a term has at most.
LONGEST = 3
#: The share of a term's printings that have to end at its end, else it is part of a longer one.
ENDS = 0.5
#: A term is dropped for a longer one that holds it and has so much of what it has.
WITHIN = 0.8
#: The share of a word's surroundings that have to be a noun's, more where it ends like an
#: adjective; the share that may be a verb's.
NOUN = 0.15
ADJECTIVE = 0.6
VERB = 0.4
#: How often a word is looked up, and how far about it its surroundings are read, in characters.
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


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_BEFORE_VERBS = _words(
    "to should must would will can could may might shall not do does did have has had who which",
    "that they we it you already also",
)
_BE = _words("is are be been was were being become becomes remain")
_ARTICLES = _words(
    "the a an their its our them it these those this that his her your my each every any some",
    "more new all both one two three",
)
_JOINING = _words(
    "however together first second third last next etc eg ie also thus within across inside",
    "throughout towards alongside around including like whatever currently further",
)
_FUNCTION = STOP_WORDS | _BEFORE_VERBS | _BE | _ARTICLES | _JOINING
_ADJECTIVE = re.compile(r"(?<!m)ent$|(?:al|ic|ive|ant|ary|an|ern|est|ing)$")
_GERUNDS = _words(
    "banking bargaining budgeting building commissioning farming funding gambling housing learning",
    "lending licensing manufacturing mentoring monitoring nursing outsourcing parenting planning",
    "policing screening sentencing sharing spending teaching training volunteering wellbeing",
)
_DETERMINERS = _words("the a an their its our this these those that each every any some")
_ABSTRACT = re.compile(r"(?:ity|ion|ment|ness|[ae]nce|cy|ship|ing|ism)$")
#: Words that are nouns too often to be told, and name nothing.
_VAGUE = _words(
    "bring build call control critical design early exist fair find free genuine give good great",
    "guarantee hard help high hold include input keep lead long look low make move number open",
    "output put real seat see short small strong subject take test turn wide write",
)
#: Words for what any recommendation, report or part of a state is; alone they name no matter.
_COMMON = _words(
    "ability access act action activity aim approach area arrangement aspect authority basis body",
    "case category centre challenge change circumstance class condition core country creation day",
    "decade",
    "delivery department detail development difference direction duty effect effort element",
    "emphasis end example experience extent fact feature focus form framework function future",
    "goal government group idea impact implementation improvement individual initiative interest",
    "introduction issue key kind lack level limit line list lot majority manner matter means",
    "measure mechanism member method minister ministry minority model month nature need number",
    "objective opportunity option order organisation organization others outcome package page",
    "part people period person perspective place plan point policy position practice presumption",
    "principle priority problem procedure process programme progress project proposal provision",
    "public purpose quality question range reason recommendation reform relation report",
    "representative requirement response result right role rule scale scheme scope section sector",
    "sense series service set shift side situation society solution stage stakeholder state step",
    "strategy structure success support system task team term thing time tool total type use user",
    "value variety version view way whole work year",
    "annex appendix box chapter conclusion contents figure introduction study summary table",
)
#: Words for what is set up or written in whatever matter: a name that ends so says how, not what.
_INSTRUMENTS = _words(
    "agency bill board charter commission committee institution law legislation office",
    "panel paper regime review unit taskforce",
)


def stem(word: str) -> str:
    """The stem by which a word is counted."""
    return str(_STEMMER.stemWord(word.lower()))


_GENERIC = frozenset(map(stem, _COMMON | _VAGUE))
_MEANS = frozenset(map(stem, _INSTRUMENTS))


@dataclass(slots=True, eq=False)
class Term:
    """A term, the positions of the texts that have it, and how it is printed there.

    `opening` are the printings that begin a sentence, whose capital tells nothing, without it;
    `ending` is how many printings no further word of meaning follows.
    """

    key: Key
    holders: set[int] = field(default_factory=set)
    printed: Counter[str] = field(default_factory=Counter)
    opening: Counter[str] = field(default_factory=Counter)
    ending: int = 0

    def add(self, words: Sequence[str], before: str) -> None:
        """Count one more printing; `before` is what stands before it, or nothing."""
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
        """How often it is printed."""
        return self.printed.total() + self.opening.total()

    @property
    def name(self) -> str:
        """As it is most often printed; in small letters, and as more than one, where often so."""
        printed = self.printed or self.opening
        small = Counter({w: n for w, n in printed.items() if w.islower()})
        counts = small if 5 * small.total() >= printed.total() else printed
        best = min(counts, key=lambda w: (-counts[w], w))
        several = ({f"{best}s", re.sub("y$", "ies", best)} - {best}) & set(counts)
        several = {w for w in several if 3 * counts[w] >= counts[best]}
        return min(several, default=best)

    def within(self, other: Term) -> bool:
        """Whether the words of `other` have these in a row."""
        spans = range(len(other.key) - len(self.key) + 1)
        return any(other.key[n : n + len(self.key)] == self.key for n in spans)


def find_terms(texts: Sequence[Iterable[str]], names: Collection[str] = ()) -> list[Term]:
    """The terms of the texts, each in one or more pieces, that could name a matter, by name.

    None that is, or is part of, one of the `names` (of publishers) and has its capitals; none
    that stands almost only within a longer one.
    """
    found: dict[Key, Term] = {}
    for position, pieces in enumerate(texts):
        for piece in pieces:
            for key, words, before, ends in _runs(piece):
                term = found.setdefault(key, Term(key))
                term.holders.add(position)
                term.add(words, before)
                term.ending += ends
    named = [name.casefold() for name in names]
    terms = [t for t in found.values() if _names_a_matter(t) and not _is_name(t, named)]
    longer: dict[str, list[Term]] = defaultdict(list)
    for term in terms:
        for word in set(term.key) if len(term.key) > 1 else ():
            longer[word].append(term)
    kept = [t for t in terms if not any(_swallows(other, t) for other in longer[t.key[0]])]
    return sorted(kept, key=lambda t: t.key)


def is_noun(term: Term, text: str) -> bool:
    """Whether the term, as it is named, is used in a text as a noun: by its last word.

    Its first may be no verb.
    """
    first, *_, last = (*term.name.lower().split(), *term.name.lower().split())
    uses = {word: Counter[str]() for word in (first, last)}
    forms = {form: word for word in uses for form in (word, f"{word}s", word.removesuffix("s"))}
    form = "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))
    pattern = re.compile(rf"(?<![^\W_])(?:{form})(?![^\W_])", re.IGNORECASE)
    for match in itertools.islice(pattern.finditer(text), LOOKED_UP):
        words = _tokens(text[max(0, match.start() - REACH) : match.start()])
        words, n = [*words, *_tokens(text[match.start() : match.end() + REACH])], len(words)
        uses[forms[match[0].lower()]][_use(words, n)] += 1
    doubtful = _ADJECTIVE.search(last.removesuffix("s")) and last not in _GERUNDS
    least = ADJECTIVE if doubtful else NOUN
    return (
        not _NO_NOUN.search(last)
        and uses[last]["noun"] >= max(least * uses[last].total(), uses[last]["verb"])
        and uses[first]["verb"] <= VERB * uses[first].total()
    )


def as_said(name: str, text: str, least: int = 2) -> str | None:
    """A noun phrase as a sentence would have it: in the text's capitals and with its article.

    "Workforce" becomes "the workforce" where most printings have it so; so does what is printed
    with some article or other, and never bare. None where the text prints it fewer than `least`
    times, or only as part of longer phrases.
    """
    said, articles = Term(("",)), Counter[str]()
    phrase = r"\s+".join(map(re.escape, name.split()))
    for match in re.finditer(rf"(?<![\w-]){phrase}(?![\w-])", text, re.IGNORECASE):
        before = text[max(0, match.start() - REACH) : match.start()]
        after = _AFTER.match(text[match.end() : match.end() + REACH])
        word = found[0].strip() if (found := _BEFORE.search(before)) else ""
        part = word.lower() == "new" or not _is_function(word)
        longer = part and word.istitle() and match[0].istitle()
        if longer or (after and after[1].lower() not in _FUNCTION):
            continue
        said.add(match[0].split(), before.rstrip())
        articles[word.lower() if word.lower() in _ARTICLES or not _is_function(word) else ""] += 1
    if said.times < max(1, least):
        return None
    best = said.name
    for article in ("the", "a", "an"):
        if 2 * articles[article] > said.times:
            return f"{article} {best}"
    bare = articles[""] or best.endswith("s") or _ABSTRACT.search(best)
    return best if bare or not any(articles[a] for a in _DETERMINERS) else f"the {best}"


def _is_function(word: str) -> bool:
    return not word or word.lower() in _FUNCTION


def _use(words: Sequence[tuple[str, str | None]], n: int) -> str:
    """How the word at `n` is used, by its neighbours: as "noun", as "verb", or as neither."""
    before = words[n - 1][0].lower() if n else "."
    after, meaning = words[n + 1] if n + 1 < len(words) else (".", None)
    if before in _BEFORE_VERBS or before in _BE or after.lower() in _ARTICLES:
        return "verb"
    return "" if meaning or after[0].isdigit() else "noun"


def _runs(text: str) -> Iterator[tuple[Key, list[str], str, bool]]:
    """Each run of one to three words of meaning: key, words, what stands before, if it ends."""
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


def _tokens(text: str) -> list[tuple[str, str | None]]:
    """The words and marks of a text in order, each with its stem where it is one of meaning."""
    found: list[tuple[str, str | None]] = []
    for match in _TOKEN.finditer(text):
        bare = _OWN.sub("", match[0])
        means = _WORD.fullmatch(bare) and bare.lower() not in _FUNCTION
        means = means and (len(bare) > 2 or bare.isupper())
        found.append((match[0], stem(bare) if means else None))
    return found


def _names_a_matter(term: Term) -> bool:
    *_, last = term.key
    if "-" in last:  # "long-term", "cross-cutting"
        return False
    whole = term.ending >= ENDS * term.times
    if len(term.key) == 1:
        return last not in _GENERIC and last not in _MEANS
    return whole and last not in _MEANS and not all(k in _GENERIC for k in term.key)


def _is_name(term: Term, names: Sequence[str]) -> bool:
    name = term.name
    if name.islower():
        return False
    words = name.casefold()
    return any(re.search(rf"\b{re.escape(words)}\b", n) or n in words for n in names)


def _swallows(longer: Term, term: Term) -> bool:
    more = len(longer.key) > len(term.key) and term.within(longer)
    return more and len(longer.holders) >= WITHIN * len(term.holders)
