"""How a question names a publisher: in full, by a short name, or by the initials of its words.

A name is strong if it can mean nothing else ("IPPR", "the Fabian Society", "the Fabians"), and weak
if it is also a word of topics ("Government", "demos", "the Health report"). A weak one counts only
where it is asked as a source (see `frames`), or is listed beside a publisher.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from reformqa.search.frames import OWN, SAY, WORK, compiled, find_source
from reformqa.text.phrases import listed
from reformqa.text.tokens import STOP_WORDS
from reformqa.text.wordlists import COMMON, INSTRUMENTS

#: Fewer initials than these ("HS") mean too many things; they count only if a report prints them.
LEAST_INITIALS = 3
#: The fewest letters that a word of a name is cut to.
SHORTENED = 3

_SMALL = frozenset({"of", "for", "and", "the", "on", "in", "to", "&"})
_SMALL_WORDS = r"(?:(?:of|for|and|the|on|in|to|&) )*"
_ORGANISATION = re.compile(
    r"Society|Institute|Foundation|Trust|Centre|Commission|Association|Guild|Party|Union|Forum"
    r"|Committee|Board|Council|Panel|Agency|Administration|Department|Inquiry|Authority|Network"
)
# The names that take an article.
_WITH_ARTICLE = re.compile(
    r"(?<!^The )\b(?:Society|Institute|Foundation|Trust|Centre|Commission|Association|Guild"
    r"|Committee)(?:$| (?:for|of|on)\b)"
)
_ALONE = frozenset(
    {"Institute", "Foundation", "Committee", "Inquiry", "Society", "Association", "Forum"}
)
_ORDINARY = COMMON | INSTRUMENTS | STOP_WORDS
_BRACKETED = re.compile(r"(.+?) \(([^()]+)\)")
# What stands before the one that a question asks.
_WHOM = re.compile(r"\b(?:do|does|did|would|has|have|had|by|from|compare|between) $", re.IGNORECASE)
_STRANGER = re.compile(r"(?:the )?([A-Z][\w’'-]*(?: (?:(?:of|for) )?[A-Z][\w’'-]*)*)")
#: What may stand between publishers that are listed together.
LISTED = r"\s*(?:,|and|or|&|,\s*and|vs\.?|versus)\s*"
#: What may stand between publishers that are held against each other.
AGAINST = rf"{LISTED}|\s*(?:with|from)\s*"


@dataclass(frozen=True, slots=True)
class Mention:
    """A publisher named at the half-open character range from `start` to `end`.

    `acts` is true if it is named by a short form that is not asked as a source: such a name is
    also a part of the topic, as in "Who works with the FAA?".
    """

    start: int
    end: int
    name: str
    acts: bool = False


def publishers_listed(names: Iterable[str]) -> str:
    """Return publishers as one phrase, with the article that a name takes: "the A Trust and B"."""
    return listed([f"the {n}" if _WITH_ARTICLE.search(n) else n for n in names])


class Publishers:
    """The publishers of a library, as questions name them."""

    def __init__(
        self, names: Iterable[str], printed: Mapping[str, Collection[str]] | None = None
    ) -> None:
        """`printed` has further names of publishers that reports print, by publisher."""
        self.names = tuple(sorted({n for n in names if n.strip()}))
        more = printed or {}
        initials = [_initials(n) for n in self.names]
        self._strong: dict[str, re.Pattern[str]] = {}
        self._short: dict[str, re.Pattern[str]] = {}
        self._weak: dict[str, str] = {}
        kinds = Counter(kind for n in self.names for kind in _kinds(n))
        for name, own in zip(self.names, initials, strict=True):
            short = [*_short_forms(name), *map(re.escape, more.get(name, ()))]
            if own and initials.count(own) == 1:
                short.append(own)
            self._strong[name] = _named(_strong_forms(name))
            self._short[name] = _named(short)
            alone = [rf"(?<=the ){kind}" for kind in _kinds(name) if kinds[kind] == 1]
            self._weak[name] = "|".join([*_weak_forms(name), *alone])

    def find(self, text: str) -> list[Mention]:
        """Return where the text names publishers, in order and without overlaps."""
        found = [
            Mention(*match.span(), name)
            for name, pattern in self._strong.items()
            for match in self._pattern(pattern, text).finditer(text)
        ]
        for name, pattern in self._short.items():
            short = [m.span() for m in self._pattern(pattern, text).finditer(text)]
            found += [Mention(*span, name, acts=not _is_asked(span, text)) for span in short]
        folded = text.casefold()
        weak = {
            name: rf"(?:the )?(?:{form}){OWN}"
            for name, form in self._weak.items()
            if form and any(len(w) > SHORTENED and w.casefold() in folded for w in name.split())
        }
        for name, form in weak.items():
            found += [Mention(*span, name) for span in find_source(form, text)]
        for name, form in weak.items():
            found += [Mention(*span, name) for span in _listed_with(form, found, text)]
        found = _without_overlaps(found)
        asked = [m for m in found if not m.acts]
        return [replace(m, acts=m.acts and not is_listed(m, asked, text)) for m in found]

    def naming(self, name: str, question: str) -> Callable[[str], bool]:
        """Return what says whether a text names the publisher that the question asks.

        It does so in a form of its name, or in the question's own words with more between them:
        who asks the Lords committee may mean the "House of Lords Space Committee".
        """
        asked = [question[m.start : m.end] for m in self.find(question) if m.name == name]
        as_asked = _with_more([words for form in asked if len(words := _worded(form)) > 1])

        def names(text: str) -> bool:
            short = self._short[name].finditer(text)
            return bool(
                self._strong[name].search(text)
                or any(_tells(m, text) for m in short)
                or as_asked.search(text)
            )

        return names

    def find_strangers(self, text: str, found: Sequence[Mention]) -> list[Mention]:
        """Return the names listed beside publishers that are found, and that are none here."""
        strangers = []
        for match in _STRANGER.finditer(text):
            name = Mention(*match.span(), match[1])
            known = any(name.start < m.end and m.start < name.end for m in found)
            if not known and is_listed(name, found, text):
                strangers.append(name)
        return strangers

    def _pattern(self, pattern: re.Pattern[str], text: str) -> re.Pattern[str]:
        """Return the pattern, of any case for a question all in capitals."""
        return compiled(pattern.pattern) if text.isupper() else pattern


def _tells(short: re.Match[str], text: str) -> bool:
    """Return whether a short form in a text tells its publisher from others of the kind.

    "FAA" and "Science and Technology Committee" do; "the Select Committee" does not, nor what
    belongs to a longer name.
    """
    words = _worded(short[0])
    article = short[0].lower().startswith("the ")
    longer = not article and re.search(r"\b[A-Z][\w’'-]*,? (?:and )?$", text[: short.start()])
    return len(words) == 1 or (len(words) > 2 and not longer)


def _worded(form: str) -> list[str]:
    """Return the words of a name that tell it from others."""
    return [w for w in re.sub(rf"{OWN}$", "", form).split() if w.casefold() not in _SMALL]


def _with_more(forms: Iterable[Sequence[str]]) -> re.Pattern[str]:
    """Return a pattern of names that consist of the words of a form, with more between them."""
    more = rf"(?: (?:[A-Z][\w’'-]*|{'|'.join(_SMALL)}|with))*? "
    whole = "|".join(more.join(rf"(?i:{re.escape(w)})" for w in form) for form in forms)
    return re.compile(rf"(?<!\w)(?:{whole or '(?!)'})(?!\w)")


def _named(forms: Sequence[str]) -> re.Pattern[str]:
    whole = "|".join(dict.fromkeys(forms)) or r"(?!)"
    return re.compile(rf"(?<!\w)(?:[Tt]he )?(?:{whole}){OWN}(?!\w)")


def _strong_forms(publisher: str) -> list[str]:
    """Return patterns that name the publisher wherever they stand."""
    name = publisher.strip()
    if bracketed := _BRACKETED.fullmatch(name):
        return _strong_forms(bracketed[1])
    bare = name.removeprefix("The ")
    words = bare.split()
    if len(words) == 1:
        if bare.casefold() in _ORDINARY and not bare.isupper():
            return []
        if not bare.isupper():
            return [re.escape(bare)]
        return [rf"(?i:{re.escape(bare)})", _spelt_out(bare)]
    forms = [rf"(?i:{re.escape(bare)})"]
    if len(words) == 2 and _ORGANISATION.fullmatch(words[1]):
        first = re.escape(words[0])
        forms += [rf"{first}s", rf"{first}(?={OWN} {WORK}\b)"]
    if len(words) == 2 and all(len(w) > SHORTENED for w in words):
        forms.append(rf"(?:{_beginnings(words[0])}) (?:{_beginnings(words[1])})s?")
    return forms


def _short_forms(publisher: str) -> list[str]:
    """Return patterns of what a name is cut to."""
    name = publisher.strip()
    if bracketed := _BRACKETED.fullmatch(name):
        return [*_short_forms(bracketed[1]), re.escape(bracketed[2])]
    words = name.removeprefix("The ").split()
    long = len(words) > 3 and _ORGANISATION.fullmatch(words[-1])
    return [_shortened(words)] if long else []


def _weak_forms(publisher: str) -> list[str]:
    """Return patterns that may also be words of a topic."""
    words = publisher.strip().removeprefix("The ").split()
    if len(words) == 1:
        return [re.escape(words[0])]
    if len(words) == 2 and _ORGANISATION.fullmatch(words[1]):
        return [rf"{re.escape(words[0])}s?"]
    return []


def _is_asked(span: tuple[int, int], text: str) -> bool:
    """Return whether the name at `span` is asked as a source, or is all of the question."""
    start, end = span
    sources = find_source(re.escape(text[start:end].removesuffix("s").rstrip("'’")), text)
    says = compiled(rf" (?:each |both |all )?(?:{SAY}|differ|agree|disagree)\b").match(text, end)
    whom = _WHOM.search(text[:start])
    alone = not text[:start].strip() and not text[end:].strip(" ?.!")
    opens = not text[:start].strip() and text[end : end + 1] in (":", "’", "'")
    return bool(says or whom or alone or opens or any(s < end and start < e for s, e in sources))


def _beginnings(word: str) -> str:
    """Return a pattern of what a word is cut to: "Lib" in "Lib Dems"."""
    return "|".join(re.escape(word[:n]) for n in range(len(word), SHORTENED - 1, -1))


def _kinds(publisher: str) -> list[str]:
    """Return the words of a name for what it is, which may stand for the only one of the kind."""
    return [w for w in publisher.split() if w in _ALONE and len(publisher.split()) > 1]


def _shortened(words: Sequence[str]) -> str:
    """Return a pattern of a long name's last word after some of its own, in their order.

    "The Lords committee" is the House of Lords Science and Technology Select Committee.
    """
    own = [re.escape(w) for w in words[:-1] if w[0].isupper() and w.casefold() not in _ORDINARY]
    if not own:
        return r"(?!)"
    last = words[-1]
    first = "|".join(own)
    return rf"(?:{first})(?: (?:{_SMALL_WORDS})(?:{first}))* [{last[0]}{last[0].lower()}]{last[1:]}"


def _spelt_out(acronym: str) -> str:
    """Return a pattern of capitalised words whose initials are the acronym."""
    letters = [re.escape(letter) for letter in acronym if letter.isalpha()]
    if len(letters) < LEAST_INITIALS:
        return r"(?!)"
    return rf" {_SMALL_WORDS}".join(rf"{letter}[\w’'-]+" for letter in letters)


def _initials(publisher: str) -> str:
    """Return a pattern of the initials of a name's words, "" if they are too few.

    Small words may be left out, or keep their small letters: "IW" is too short, "IfW" is not.
    """
    words = re.split(r"[\s-]+", publisher.strip().removeprefix("The "))
    kept = [w for w in words if w[0].isalpha() or w == "&"]
    large = [w for w in kept if w[0].isupper()]
    small = [w for w in kept if w in _SMALL]
    if len(large) < 2 or len(large) + len(small) < LEAST_INITIALS or len(kept) < len(words):
        return ""
    must = len(large) >= LEAST_INITIALS
    parts = []
    for word in kept:
        if word in _SMALL:
            letter = "&" if word == "&" else f"[{word[0]}{word[0].upper()}]"
            parts.append(letter + "?" * must)
        else:
            parts.append(re.escape(word[0]))
    return "".join(parts)


def _listed_with(form: str, found: Sequence[Mention], text: str) -> list[tuple[int, int]]:
    """Return where `form` is listed beside a publisher that was found."""
    spans = []
    for match in compiled(rf"(?<!\w)(?:{form})(?!\w)").finditer(text):
        if is_listed(Mention(*match.span(), form), found, text, AGAINST):
            spans.append(match.span())
    return spans


def is_listed(name: Mention, found: Iterable[Mention], text: str, by: str = LISTED) -> bool:
    """Return whether a name stands in a list with one of those found."""
    for other in found:
        first, second = sorted((name, other), key=lambda m: m.start)
        between = text[first.end : second.start]
        if between and re.fullmatch(by, between):
            return True
    return False


def _without_overlaps(found: Iterable[Mention]) -> list[Mention]:
    """Return the mentions in order; of two that overlap, the longer one."""
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda m: m.start - m.end):
        if all(mention.end <= k.start or mention.start >= k.end for k in kept):
            kept.append(mention)
    return sorted(kept, key=lambda m: m.start)
