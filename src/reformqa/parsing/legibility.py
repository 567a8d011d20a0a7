"""Tell text in a language from the wrong letters that a font without a map to Unicode gives.

Two signs do not depend on the language, as long as its script is Latin: a word is written in small
letters, with a capital, or in capitals; and more than a quarter of the letters are vowels. The
commonest words of some languages are a third sign, for pages of codes and names. Nothing is said
of a page with few words, such as one of figures, nor of other scripts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

#: A page with fewer words than this is not judged.
LEAST_WORDS = 30
#: The most characters that stand for none (U+FFFD, private use), as a share of all.
MOST_ODD = 0.1
#: A page with this share of common words is in a language.
COMMON = 0.1
#: The most words not written as words are, as a share. Of real text it is one in fifty, of pages of
#: codes in public PDFs three in ten at most, and of shuffled letters half or more.
MOST_MISSHAPEN = 0.4
#: The least share of vowels among the letters. On 4,300 pages of public PDFs the least was 0.31;
#: of shifted or shuffled letters, half have less than 0.22.
LEAST_VOWELS = 0.28
#: Shorter words show too little of their shape.
LEAST_LETTERS = 3
#: Capitals of no more letters may be an abbreviation, which needs no vowel.
LONGEST_ABBREVIATION = 5

#: Common words of English, Welsh, Irish, French, Spanish, Portuguese, Italian, Romanian, German,
#: Dutch, Swedish, Danish, Norwegian, Polish, Czech, Finnish, Hungarian, Turkish, Malay and Swahili.
_COMMON = frozenset(
    word
    for line in (
        "the of and to in is for that on with as by be are yn yr ac ar am mae wedi na is",
        "agus leis le la les des du et en que est pour dans une un el los las por con del se su",
        "os da do em não uma il di che per della sono și de cu pe din der die das und von zu mit",
        "den ist nicht het een van op dat voor att och som på av til ikke og nie się na jest",
        "je že se ve ja on ei ettei hogy az és nem ve bir bu için yang dan untuk dengan ini",
        "ya wa kwa katika ni za",
    )
    for word in line.split()
)
#: U+FFFD, private use, and control characters.
_ODD = re.compile(r"[\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff\x00-\x08\x0e-\x1f\x7f-\x9f]")
_WORD = re.compile(r"[^\W_]+")
#: Signs that stand within no word, between letters.
_MIXED = re.compile(r"(?<=\w)[<>~|{}\[\]\\^*#;!?=+\"%$`]+(?=\w)")
_LATIN = re.compile(r"[a-zæøœßłđðþı]")
_VOWELS = re.compile(r"[aeiouyæøœı]")


def legible(text: str) -> bool:
    """Return whether a page's text may be in a language; True if nothing shows that it is not."""
    odd = len(_ODD.findall(text))
    if odd >= LEAST_WORDS and odd > MOST_ODD * sum(map(len, text.split())):
        return False
    words = _WORD.findall(text)
    if sum(w.lower() in _COMMON for w in words) >= COMMON * len(words):
        return True
    judged = [w for w in map(_letters, words) if w is not None]
    mixed = len(_MIXED.findall(text))
    if len(judged) + mixed < LEAST_WORDS:
        return True
    misshapen = mixed + sum(not _shaped(w) for w in judged)
    if misshapen > MOST_MISSHAPEN * (mixed + len(judged)):
        return False
    whole = [w for w in judged if len(w) > LONGEST_ABBREVIATION or not w.isupper()]
    return len(whole) < LEAST_WORDS or _vowels(whole) >= LEAST_VOWELS


def _letters(word: str) -> str | None:
    """Return a word to judge, without digits around it; None if it is short or not Latin."""
    inner = word.strip("0123456789")
    latin = len(_LATIN.findall(_plain(inner)))
    return inner if len(inner) >= LEAST_LETTERS and 2 * latin >= len(inner) else None


def _plain(text: str) -> str:
    """Return a text in small letters, with the marks above and below them apart."""
    return unicodedata.normalize("NFD", text.lower())


def _shaped(word: str) -> bool:
    """Return whether a word is written in small letters, with a capital, or in capitals."""
    return word.isalpha() and (word.isupper() or word[1:].islower())


def _vowels(words: Sequence[str]) -> float:
    """Return the share of vowels among the Latin letters of the words."""
    plain = _plain("".join(words))
    return len(_VOWELS.findall(plain)) / max(1, len(_LATIN.findall(plain)))
