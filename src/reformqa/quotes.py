"""The quote gate: words are cited only where their paragraph prints them, in one run.

Quote and print are compared in the plain form (see `plain`). Case counts, but for the quote's
first letter. A quote that stands only in this form is repaired: the paragraph's own characters
take its place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import zip_longest

import sentencex

from reformqa.lexical import STOP_WORDS, amount
from reformqa.lexical import words as words_and_terms
from reformqa.model import Citation, Paragraph, QuoteStatus, Report
from reformqa.plain import BREAK, BROKEN, DASHES, MARKS, Plain, apart

#: A character range of a paragraph's text, half-open.
Span = tuple[int, int]

#: A quote of fewer words proves nothing, unless it is whole sentences of its paragraph.
LEAST_WORDS = 3

_NOWHERE: Span = (0, 0)
_WORD = re.compile(r"[^\W_](?:[^\s—―]*[^\W_])?")
_ELLIPSIS = r"[\[(]?\.(?: ?\.){2,}[\])]?"
_OPEN_END = (
    ("An ellipsis at the start was dropped", re.compile(rf"{_ELLIPSIS} ?([^.].*)", re.DOTALL)),
    ("An ellipsis at the end was dropped", re.compile(rf"(.*?[^ .]) ?{_ELLIPSIS}", re.DOTALL)),
)
_TRIMS = (
    *_OPEN_END,
    ("Quotation marks around it were dropped", re.compile(r"' ?(.+?) ?'", re.DOTALL)),
    *_OPEN_END,
    ("A mark at the end was dropped", re.compile(r"(.*[^\s.,;:])[.,;:]", re.DOTALL)),
)

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
#: Words that may stand before a name with a capital and are no part of it.
_OPENERS = STOP_WORDS | frozenset(
    {"according", "across", "although", "among", "despite", "even", "finally", "first", "however"}
    | {"instead", "later", "like", "meanwhile", "moreover", "nor", "overall", "rather", "second"}
    | {"similarly", "since", "still", "though", "thus", "today", "together", "unlike", "whereas"}
    | {"whether", "within", "without", "yet"}
)
#: Names that are common words in lower case.
_ALSO_WORDS = frozenset({"may", "march", "august", "us", "it", "who"})


def sentences(text: str) -> Iterator[tuple[Span, str]]:
    """The sentences of `text` with their spans; each is text[span] without space around it."""
    start = 0
    for piece in sentencex.segment("en", text):
        at = text.find(piece, start)
        start = at + len(piece)
        inner = piece.strip()
        if inner:
            begin = at + piece.index(inner)
            yield (begin, begin + len(inner)), inner


def cite(quote: str, paragraph: Paragraph, report: Report) -> Citation:
    """A citation of `quote`, with what the gate found: see `Citation`.

    Verified or repaired, its quote is the paragraph's text at its span. Unsupported are words
    that do not stand there in one run or that cut a word or figure, and quotes too short to prove
    anything.
    """
    span, status, repairs = _judge(quote, paragraph.text)
    return Citation(
        paragraph_id=paragraph.id,
        report_id=report.id,
        quote=quote if status == "unsupported" else paragraph.text[slice(*span)],
        span=span,
        status=status,
        publisher=report.publisher,
        report_title=report.title,
        year=report.year,
        section_path=paragraph.section_path,
        number=paragraph.number,
        page=paragraph.page,
        repairs=repairs,
    )


def locate(words: str, text: str) -> Span | None:
    """Where `text` has `words` in one run, in the plain form, uncut; None where it has not."""
    return next((span for span, _ in _places(words, text) if span != _NOWHERE), None)


def _judge(quote: str, text: str) -> tuple[Span, QuoteStatus, tuple[str, ...]]:
    """Where the quote stands, its status, and what was repaired or why it is refused."""
    if not _WORD.search(quote):
        return _NOWHERE, "unsupported", ("It holds no words",)
    if len(quote) > 4 * len(text) + 100:
        return _NOWHERE, "unsupported", ("It is far longer than its paragraph",)
    reason = ""
    whole: tuple[set[int], set[int]] | None = None
    for span, repairs in _places(quote, text):
        printed = text[slice(*span)]
        if span == _NOWHERE:
            reason = reason or "It begins or ends inside a word or a figure"
            continue
        if len(_WORD.findall(printed)) < LEAST_WORDS:
            whole = whole or _edges(text)
            start, end = _core(span, text)
            if start not in whole[0] or end not in whole[1]:
                reason = f"It has fewer than {LEAST_WORDS} words and is no whole sentence"
                continue
        return span, "verified" if printed == quote else "repaired", repairs
    return _NOWHERE, "unsupported", (reason or _absence(Plain(quote).text, Plain(text).text),)


def _places(quote: str, text: str) -> Iterator[tuple[Span, tuple[str, ...]]]:
    """The spans at which the quote stands, letter for letter first, and what each repairs.

    A place where it would cut a word is given as (0, 0).
    """
    printed = Plain(text)
    at = text.find(quote) if quote else -1
    while at >= 0:
        yield (at, at + len(quote)) if printed.is_uncut(at, at + len(quote)) else _NOWHERE, ()
        at = text.find(quote, at + 1)
    given = Plain(quote)
    for start, end, trims in _trimmed(given.text):
        pattern = _pattern(given.text[start:end], BROKEN in printed.text)
        for match in pattern.finditer(printed.text):
            if span := printed.span(*match.span(1)):
                # What is invisible at its ends was given too.
                first = given.starts[start] if start else 0
                last = given.ends[end - 1] if end < len(given.ends) else len(quote)
                asked = quote[first:last]
                yield span, (*trims, *_differences(asked, text[slice(*span)]))
            else:
                yield _NOWHERE, ()


def _trimmed(plain: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """The range of the quote without space around it, then without more and more of its edges."""
    start, end = len(plain) - len(plain.lstrip()), len(plain.rstrip())
    if start >= end:
        return
    done = ("Spaces around it were dropped",) if end - start < len(plain) else ()
    yield start, end, done
    for name, pattern in _TRIMS:
        if match := pattern.fullmatch(plain, start, end):
            start, end = match.span(1)
            done = tuple(dict.fromkeys((*done, name)))
            yield start, end, done


def _pattern(words: str, broken: bool) -> re.Pattern[str]:
    """What finds `words` in a plain text; `broken` tells that it has hyphens at line breaks."""
    first = next((n for n, c in enumerate(words) if c.isalnum()), 0)
    parts = []
    for n, character in enumerate(words):
        if n == first:
            part = f"(?:{re.escape(character)}|{re.escape(character.swapcase())})"
        elif character == BROKEN:
            part = f"[-{BROKEN}]?"
        elif character == "-":
            part = f"[-{BROKEN}]"
        elif character == " " and broken and words[n - 1] == "-":
            part = f"(?: |(?<={BROKEN}))"
        else:
            part = re.escape(character)
        joined = broken and character.isalpha() and words[n + 1 : n + 2].isalpha()
        parts.append(part + (f"{BROKEN}?" if joined else ""))
    return re.compile(f"(?=({''.join(parts)}))")


def _edges(text: str) -> tuple[set[int], set[int]]:
    """Where the sentences of a paragraph, or of the cells of a table row, begin and end."""
    starts, ends, offset = set(), set(), 0
    for cell in text.split(" | "):
        for (start, end), _ in sentences(cell):
            first, last = _core((offset + start, offset + end), text)
            starts.add(first)
            ends.add(last)
        offset += len(cell) + len(" | ")
    return starts, ends


def _core(span: Span, text: str) -> Span:
    """The span without marks and spaces at its edges."""
    start, end = span
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return start, end


def _absence(given: str, printed: str) -> str:
    """Why a quote does not stand in its paragraph, both in the plain form."""
    if re.search(_ELLIPSIS, given[slice(*_core((0, len(given)), given))]):
        return "It is stitched together: an ellipsis joins pieces of text"
    words, known = (
        re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text)) for text in (given, printed)
    )
    folded = {word.casefold() for word in known}
    strange = [word for word in words if word.casefold() not in folded]
    if strange:
        return "Not in the paragraph: " + ", ".join(f"“{w[:40]}”" for w in strange[:3])
    return "Its words stand in the paragraph, but not in this order or not in one run"


def _differences(given: str, printed: str) -> tuple[str, ...]:
    """Each kind of difference between a quote and its print once, with an example of both."""
    kinds = (
        ("Hyphens", lambda t: re.findall(rf"{BREAK.pattern}|[{DASHES}]+", t)),
        ("Spaces", lambda t: re.findall(r"\s+", BREAK.sub("", t))),
        ("Quotation marks", lambda t: re.findall(f"[{MARKS}]", t)),
        ("Ligatures and letter forms", _forms),
        ("Invisible characters", lambda t: [c for c in t if apart(c) == ""]),
        ("The first letter", lambda t: re.findall(r"[^\W_]", unicodedata.normalize("NFKD", t))[:1]),
    )
    found = []
    for name, parts in kinds:
        for a, b in zip_longest(parts(given), parts(printed), fillvalue=""):
            if a != b:
                if parts is _forms:
                    a, b = a or apart(b[0]), b or apart(a[0])
                found.append(f"{name}: given {_shown(a)}, printed {_shown(b)}")
                break
    return tuple(found)


def _forms(text: str) -> list[str]:
    """The letters of `text` that the plain form takes apart, and those with free accents."""
    letters = re.findall(rf"[^\s{MARKS}{DASHES}][\u0300-\u036f]*", text)
    return [c for c in letters if len(c) > 1 or apart(c) not in ("", c)]


def _shown(part: str) -> str:
    if not part:
        return "none"
    if part.isprintable() and not part.isspace():
        return part[:10]
    names = [unicodedata.name(c, "line break").lower() for c in part[:4]]
    return " + ".join(names)


def unsupported_terms(sentence: str, texts: Sequence[str]) -> tuple[str, ...]:
    """The figures and names of `sentence` that none of `texts` has, in order, once each.

    Figures are amounts however written ("£41bn", "41 billion"; "five" is 5, though "one" alone is
    no figure), words with digits ("2010s"), and fractions and multiples in words ("a third",
    "doubled"). An amount of money needs its currency. Names are words with a capital that do not
    open a sentence, words with two capitals, and such words in a row, which must stand in a row.
    A name of one word that opens a sentence cannot be told from any other word.
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
    """The plain form with accents on their letters and abbreviations without stops."""
    plain = unicodedata.normalize("NFC", Plain(text).text.replace(BROKEN, ""))
    return re.sub(r"\b(?:[A-Z]\.){2,}", lambda m: m[0].replace(".", ""), plain)


def _figures(text: str, lone_one: bool) -> list[tuple[str, tuple[str, ...]]]:
    """The figures as written, each in one form, and then in one with its currency, if any.

    `lone_one` tells that "one" is a figure even without a unit.
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
    """A number in words, in digits."""
    if match[0].lower() == "one" and not lone_one:
        return match[0] if not re.match(_SCALED, match.string[match.end() :]) else "1"
    hundreds = 100 * _VALUES[match["hundreds"].lower()] if match["hundreds"] else 0
    rest = re.findall(r"[a-z]+", (match["rest"] or match["below"] or "").lower())
    return str(hundreds + sum(_VALUES[word] for word in rest))


def _names(text: str) -> list[list[str]]:
    """The names in `text`, each as its words without possessive endings."""
    found: list[list[str]] = []
    for _, sentence in sentences(text):
        run: list[str] = []
        end, opening = -1, False
        for match in _NAME.finditer(sentence):
            word = match[0].removesuffix("'s")
            opens = sentence[: match.start()].rstrip("'( ")[-1:] in ("", *":.?!;")
            if opens or sentence[end : match.start()] not in (" ", "-"):
                found += [run] * _tells(run, opening)
                run = []
            if word == word.lower() or (word.lower() in _OPENERS and not _is_acronym(word)):
                found += [run] * _tells(run, opening)
                run = []
            else:
                opening = opens if not run else opening
                run = [*run, word]
            end = match.start() + len(word)
        found += [run] * _tells(run, opening)
    return found


def _tells(run: Sequence[str], opening: bool) -> bool:
    """Whether words with capitals are a name; `opening` tells that they open a sentence."""
    return len(run) > 1 or any(_is_acronym(word) or not opening for word in run)


def _is_acronym(word: str) -> bool:
    return sum(c.isupper() for c in word) > 1


def _row(text: str) -> list[str]:
    return [m[0].removesuffix("'s") for m in _NAME.finditer(text)]


def _has_name(name: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether one of the rows of words has the words of `name` in a row.

    Case counts in abbreviations and in names that are common words too.
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
