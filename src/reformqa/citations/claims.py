"""Figures and names in a sentence that its sources do not contain."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from reformqa.text.normalise import BROKEN, Plain
from reformqa.text.sentences import sentences
from reformqa.text.tokens import STOP_WORDS, amount
from reformqa.text.tokens import words as words_and_terms

_ONES = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_VALUES = {
    **{word: n for n, word in enumerate(f"zero|{_ONES}|{_TEENS}".split("|"))},
    **{word: 10 * n for n, word in enumerate(_TENS.split("|"), start=2)},
    "a": 1,
}
_TO_99 = rf"(?:{_TENS})(?:[- ](?:{_ONES}))?|{_TEENS}|{_ONES}"
_SCALED = rf"(?= (?:thousand|million|billion|trillion|per ?cent|in (?:\d+|{_TO_99}))\b)"
_NUMBER = re.compile(
    rf"\b(?:(?P<hundreds>a|{_ONES}) hundred(?:(?: and)? (?P<rest>{_TO_99}))?"
    rf"|(?P<below>a{_SCALED}|zero|{_TO_99}))\b",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    r"\b(?:half|halve[sd]?|halves|thirds?|quarters?|twice|doubl(?:e|es|ed|ing)"
    r"|trebl(?:e|es|ed|ing)|tripl(?:e|es|ed|ing)|dozens?|hundreds|thousands|millions|billions)\b",
    re.IGNORECASE,
)
_CURRENCIES = {"£": "pound", "$": "dollar", "€": "euro"}
_NAME = re.compile(r"[^\W\d_]+(?:['&][^\W\d_]+)*")
#: Capitalised words that may precede a name without being part of it.
_OPENERS = STOP_WORDS | frozenset(
    {"according", "across", "although", "among", "despite", "even", "finally", "first", "however"}
    | {"instead", "later", "like", "meanwhile", "moreover", "nor", "overall", "rather", "second"}
    | {"similarly", "since", "still", "though", "thus", "today", "together", "unlike", "whereas"}
    | {"whether", "within", "without", "yet"}
)
#: Names that are common words when in lower case.
_ALSO_WORDS = frozenset({"may", "march", "august", "us", "it", "who"})


def unsupported_terms(sentence: str, texts: Sequence[str]) -> tuple[str, ...]:
    """Return the figures and names in `sentence` that none of `texts` contains, in order.

    Figures are amounts in any notation ("£41bn", "41 billion", "five", but not a lone "one"), words
    with digits ("2010s"), and fractions and multiples in words ("a third", "doubled"). An amount
    of money must have the same currency.

    Names are capitalised words inside a sentence, words with two capitals, and runs of these,
    which must occur as a run. A one-word name that opens a sentence is indistinguishable from any
    other word and is ignored.
    """
    known = [_readable(text) for text in texts]
    text = _readable(sentence)
    figures = {key for other in known for _, keys in _figures(other, True) for key in keys}
    figures |= {
        sign + key
        for sign, name in _CURRENCIES.items()
        if any(re.search(rf"\b{name}s?\b", other, re.IGNORECASE) for other in known)
        for key in figures
    }
    missing = [written for written, keys in _figures(text, False) if keys[-1] not in figures]
    rows = [_row(other) for other in known]
    missing += [" ".join(name) for name in _names(text) if not _has_name(name, rows)]
    return tuple(dict.fromkeys(missing))


def _readable(text: str) -> str:
    """Return the plain form with composed accents and abbreviations without full stops."""
    plain = unicodedata.normalize("NFC", Plain(text).text.replace(BROKEN, ""))
    return re.sub(r"\b(?:[A-Z]\.){2,}", lambda m: m[0].replace(".", ""), plain)


def _figures(text: str, lone_one: bool) -> list[tuple[str, tuple[str, ...]]]:
    """Return each figure as written, with its keys: the amount, then the amount with currency.

    `lone_one` counts "one" as a figure even without a unit.
    """
    digits = _NUMBER.sub(lambda m: _in_digits(m, lone_one), text)
    found: list[tuple[str, tuple[str, ...]]] = []
    for sign, part in zip(*[iter(["", *re.split("([£$€])", digits)])] * 2, strict=True):
        for n, (written, _) in enumerate(words_and_terms(part)):
            if any(c.isdigit() for c in written):
                key = amount(written.lower())
                money = sign if n == 0 and part.lstrip()[:1].isdigit() else ""
                found.append((money + written, (key, money + key)))
    return found + [(m[0], (m[0].lower(),)) for m in _QUANTITY.finditer(text)]


def _in_digits(match: re.Match[str], lone_one: bool) -> str:
    """Return a number in words as digits."""
    if match[0].lower() == "one" and not lone_one:
        return match[0] if not re.match(_SCALED, match.string[match.end() :]) else "1"
    hundreds = 100 * _VALUES[match["hundreds"].lower()] if match["hundreds"] else 0
    rest = re.findall(r"[a-z]+", (match["rest"] or match["below"] or "").lower())
    return str(hundreds + sum(_VALUES[word] for word in rest))


def _names(text: str) -> list[list[str]]:
    """Return the names in `text`, each as a list of words without possessive endings."""
    found: list[list[str]] = []
    for _, sentence in sentences(text):
        run: list[str] = []
        end, opening = -1, False
        for match in _NAME.finditer(sentence):
            word = match[0].removesuffix("'s")
            opens = sentence[: match.start()].rstrip("'( ")[-1:] in ("", *":.?!;")
            if opens or sentence[end : match.start()] not in (" ", "-"):
                found += [run] * _is_name(run, opening)
                run = []
            if word == word.lower() or (word.lower() in _OPENERS and not _is_acronym(word)):
                found += [run] * _is_name(run, opening)
                run = []
            else:
                opening = opens if not run else opening
                run = [*run, word]
            end = match.start() + len(word)
        found += [run] * _is_name(run, opening)
    return found


def _is_name(run: Sequence[str], opening: bool) -> bool:
    """Return whether capitalised words are a name; `opening` words begin a sentence."""
    return len(run) > 1 or any(_is_acronym(word) or not opening for word in run)


def _is_acronym(word: str) -> bool:
    return sum(c.isupper() for c in word) > 1


def _row(text: str) -> list[str]:
    return [m[0].removesuffix("'s") for m in _NAME.finditer(text)]


def _has_name(name: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Return whether one of the lists of words contains `name` as a run.

    Case matters in abbreviations, and in names that are also common words.
    """
    return any(
        all(map(_same, name, row[at : at + len(name)]))
        for row in rows
        for at in range(len(row) - len(name) + 1)
    )


def _same(word: str, other: str) -> bool:
    if _is_acronym(word) or word.lower() in _ALSO_WORDS:
        return word == other or word == f"{other}s" or other == f"{word}s"
    return word.casefold() == other.casefold()
