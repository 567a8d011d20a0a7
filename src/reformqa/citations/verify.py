"""Verification of quotes: a citation needs words that its paragraph prints in one run.

Quote and paragraph are compared in plain form (see `text.normalise`). Case matters, except in the
quote's first letter. A quote that matches only in plain form is repaired: it is replaced by the
paragraph's own characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import zip_longest

from reformqa.model import Citation, Paragraph, QuoteStatus, ReportInfo
from reformqa.text.normalise import BREAK, BROKEN, DASHES, MARKS, Plain, apart
from reformqa.text.sentences import Span, sentences

#: A shorter quote proves nothing, unless it consists of whole sentences.
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


def cite(quote: str, paragraph: Paragraph, report: ReportInfo) -> Citation:
    """Return a citation of `quote` with its status: see `Citation`.

    If verified or repaired, the citation's quote is the paragraph's text at its span. A quote is
    unsupported if its words are not there in one run, if it cuts a word or figure, or if it is too
    short to prove anything.
    """
    span, status, repairs = _judge(quote, paragraph.text)
    printed = quote if status == "unsupported" else paragraph.text[slice(*span)]
    return _citation(printed, span, status, repairs, paragraph, report)


def cite_span(span: Span, paragraph: Paragraph, report: ReportInfo) -> Citation:
    """Return the citation of a paragraph's characters in `span`, or of all of it.

    A span that is empty or leaves the paragraph stands for all of it.
    """
    start, end = span
    if not 0 <= start < end <= len(paragraph.text):
        start, end = 0, len(paragraph.text)
    return _citation(paragraph.text[start:end], (start, end), "verified", (), paragraph, report)


def _citation(
    quote: str,
    span: Span,
    status: QuoteStatus,
    repairs: tuple[str, ...],
    paragraph: Paragraph,
    report: ReportInfo,
) -> Citation:
    return Citation(
        paragraph_id=paragraph.id,
        report_id=report.id,
        quote=quote,
        span=span,
        status=status,
        publisher=report.publisher,
        report_title=report.title,
        year=report.year,
        section_path=paragraph.section_path,
        number=paragraph.number,
        page=paragraph.page,
        repairs=repairs,
        printed_page=paragraph.printed_page,
    )


def locate(words: str, text: str) -> Span | None:
    """Return the span of `words` in `text`, in one run, uncut and in plain form, or None."""
    return next((span for span, _ in _places(words, text) if span != _NOWHERE), None)


def _judge(quote: str, text: str) -> tuple[Span, QuoteStatus, tuple[str, ...]]:
    """Return the quote's span and status, with the repairs or the reason for refusal."""
    if not _WORD.search(quote):
        return _NOWHERE, "unsupported", ("It contains no words",)
    if len(quote) > 4 * len(text) + 100:
        return _NOWHERE, "unsupported", ("It is much longer than its paragraph",)
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
                reason = f"It has fewer than {LEAST_WORDS} words and is not a whole sentence"
                continue
        return span, "verified" if printed == quote else "repaired", repairs
    return _NOWHERE, "unsupported", (reason or _absence(Plain(quote).text, Plain(text).text),)


def _places(quote: str, text: str) -> Iterator[tuple[Span, tuple[str, ...]]]:
    """Yield the spans where the quote occurs, exact ones first, with the repairs of each.

    An occurrence that would cut a word has the span (0, 0).
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
                # Invisible characters at its ends belong to the quote.
                first = given.starts[start] if start else 0
                last = given.ends[end - 1] if end < len(given.ends) else len(quote)
                asked = quote[first:last]
                yield span, (*trims, *_differences(asked, text[slice(*span)]))
            else:
                yield _NOWHERE, ()


def _trimmed(plain: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield the quote's range without outer spaces, then trimmed further step by step."""
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
    """Return a pattern for `words`; `broken` means that the text has line-break hyphens."""
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
    """Return the starts and ends of a paragraph's sentences, or of those in table cells."""
    starts, ends, offset = set(), set(), 0
    for cell in text.split(" | "):
        for (start, end), _ in sentences(cell):
            first, last = _core((offset + start, offset + end), text)
            starts.add(first)
            ends.add(last)
        offset += len(cell) + len(" | ")
    return starts, ends


def _core(span: Span, text: str) -> Span:
    """Return the span without punctuation and spaces at its edges."""
    start, end = span
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return start, end


def _absence(given: str, printed: str) -> str:
    """Return why a quote is not in its paragraph, both in plain form."""
    if re.search(_ELLIPSIS, given[slice(*_core((0, len(given)), given))]):
        return "It is stitched together: an ellipsis joins pieces of text"
    words, known = (
        re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text)) for text in (given, printed)
    )
    folded = {word.casefold() for word in known}
    strange = [word for word in words if word.casefold() not in folded]
    if strange:
        return "Not in the paragraph: " + ", ".join(f"“{w[:40]}”" for w in strange[:3])
    return "Its words are in the paragraph, but not in this order or not in one run"


def _differences(given: str, printed: str) -> tuple[str, ...]:
    """Return each kind of difference between a quote and its print, with one example."""
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
    """Return the letters that the plain form splits, and those with combining accents."""
    letters = re.findall(rf"[^\s{MARKS}{DASHES}][\u0300-\u036f]*", text)
    return [c for c in letters if len(c) > 1 or apart(c) not in ("", c)]


def _shown(part: str) -> str:
    if not part:
        return "none"
    if part.isprintable() and not part.isspace():
        return part[:10]
    names = [unicodedata.name(c, "line break").lower() for c in part[:4]]
    return " + ".join(names)
