"""How a question names a report: by its title, or a part of it, without taking topics for titles.

"The Smarter State" as printed names the report; "a smarter state" is a topic. In other letters, or
in part, a title counts only where it is asked as a source ("the smarter state report", "what does
going public want"), is in quotation marks, or is all that is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from reformqa.model import ReportInfo
from reformqa.search.frames import COMPILED, OWN, WORK, compiled, find_source
from reformqa.text.wordlists import COMMON, FUNCTION

#: A part of a title has at least so many words that are not function words.
LEAST_WORDS = 2

Span = tuple[int, int]
_ARTICLE = re.compile(r"^(?:the|an?) ", re.IGNORECASE)
_FROM = r"(?:(?:in|from|of|by|[Ii]n|[Aa]ccording to) )?"
_PLAIN = re.compile(r"[^\W_]+")
_WORK_AFTER = re.compile(rf"{OWN} {WORK}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Title:
    """The patterns of one title: as printed, in any letters, and of its parts.

    `words` are those of the title in lower case.
    """

    printed: str
    loose: str
    part: str
    words: frozenset[str]

    def may_be_in(self, words: Set[str]) -> bool:
        """Return whether a text of these words may name it: most titles are ruled out by this."""
        return len(self.words & words) >= min(LEAST_WORDS, len(self.words))

    def whole(self, text: str) -> list[Span]:
        """Return where the text names the report by its whole title."""
        if self.printed:
            as_printed = rf"{_FROM}\b(?:[Tt]he )?(?:{self.printed}){OWN}(?: {WORK}\b)?(?!\w)"
            if found := [m.span() for m in _exactly(as_printed).finditer(text)]:
                return found
        if not self.loose:
            return []
        sources = _sources(self.loose, text)
        return sources or _set_apart(self.loose, text)

    def parts(self, text: str) -> list[Span]:
        """Return where the text names the report by a part of its title."""
        return _sources(self.part, text) if self.part else []


def find_titles(text: str, titles: Mapping[str, Title]) -> dict[str, list[Span]]:
    """Return where the text names reports, by report id.

    Parts count only where no whole title stands: "River Trade Today" is not "River Trade Again".
    """
    words = {w.casefold() for w in _PLAIN.findall(text)}
    titles = {i: title for i, title in titles.items() if title.may_be_in(words)}
    whole = {i: spans for i, title in titles.items() if (spans := title.whole(text))}
    taken = [span for spans in whole.values() for span in spans]
    found = dict(whole)
    for report_id, title in titles.items():
        free = [
            (start, end)
            for start, end in title.parts(text)
            if not any(start < other_end and other < end for other, other_end in taken)
        ]
        if free and report_id not in whole:
            found[report_id] = free
    return found


def make_titles(reports: Sequence[ReportInfo]) -> dict[str, Title]:
    """Return the patterns of the reports' titles, by report id."""
    return {r.id: make_title(r.title, r.subtitle) for r in reports}


def make_title(title: str, subtitle: str | None = None) -> Title:
    """Return the patterns of a title; what stands before a colon is a title of its own."""
    whole = _words(title)
    heads = [_words(part) for part in re.split(r": |\s[–—]\s", title)] if title.strip() else []
    full = [f"{_run(w)}{_rest(subtitle)}" for w in (whole, *heads[:1]) if w]
    several = [_run(w) for w in (whole, *heads[:1]) if len(w) > 1]
    parts = [_run(p) for p in _parts(heads[0] if heads else [])]
    as_printed = [
        f for f, w in zip(full, (whole, *heads[:1]), strict=False) if len(w) > 1 and _in_capitals(w)
    ]
    return Title(
        printed="|".join(dict.fromkeys(as_printed)),
        loose="|".join(dict.fromkeys(several)),
        part="|".join(dict.fromkeys(parts)),
        words=frozenset(w.casefold() for word in whole for w in _PLAIN.findall(word)),
    )


def _words(title: str) -> list[str]:
    return re.findall(r"[^\s:,;“”\"()]+", _ARTICLE.sub("", title.strip()))


def _in_capitals(words: Sequence[str]) -> bool:
    return all(w[0].isupper() or w[0].isdigit() for w in words if len(w) > 3)


def _run(words: Sequence[str]) -> str:
    """Return a pattern of the words in a row, whatever marks stand between them."""
    return r"[\s:,;–—-]+".join(map(re.escape, words))


def _rest(subtitle: str | None) -> str:
    """Return a pattern of a subtitle that follows its title."""
    words = _words(subtitle or "")
    return rf"(?:[\s:,;–—-]+(?:(?i:an?|the) )?(?i:{_run(words)}))?" if words else ""


def _parts(words: Sequence[str]) -> list[list[str]]:
    """Return the beginnings and ends of a title that can stand for it, longest first."""
    count = len(words)
    cuts = [list(words[:n]) for n in range(count - 1, 0, -1)]
    cuts += [list(words[n:]) for n in range(1, count)]
    return [c for c in cuts if _says(c) >= LEAST_WORDS and _is_edge(c[0]) and _is_edge(c[-1])]


def _says(words: Sequence[str]) -> int:
    """Return how many of the words are content words that are not in every report."""
    return sum(w.casefold() not in FUNCTION and w.casefold() not in COMMON for w in words)


def _is_edge(word: str) -> bool:
    return word.casefold() not in FUNCTION and any(map(str.isalpha, word))


@lru_cache(maxsize=COMPILED)
def _exactly(form: str) -> re.Pattern[str]:
    return re.compile(form)


def _sources(title: str, text: str) -> list[Span]:
    """Return where a title in any letters is asked as a source, with "report" after it."""
    spans = find_source(rf"(?:the )?(?:{title})", text)
    ends = [_WORK_AFTER.match(text, end) for _, end in spans]
    return [(s, m.end() if m else e) for (s, e), m in zip(spans, ends, strict=True)]


def _set_apart(title: str, text: str) -> list[Span]:
    """Return where a title in any letters stands apart from the sentence around it.

    In quotation marks, before a colon that opens the question, after one that ends it, alone, or
    after a part of a report: "Recommendation 2 of …".
    """
    forms = (
        rf"[\"“‘']\s*(?:the )?(?:{title})\s*[\"”’'](?: {WORK}\b)?",
        rf"^(?:the )?(?:{title})(?=\s*[:–—])",
        rf"(?<=[:–—] )(?:the )?(?:{title})(?=[?.!]*$)",
        rf"^(?:the )?(?:{title})(?=[?.!]*$)",
        rf"\b(?:recommendation|option|chapter|section|page|figure|table|box)s?(?: \w+)?"
        rf" (?P<title>(?:of|in|from) (?:the )?(?:{title}))(?!\w)",
    )
    found = [m for form in forms for m in compiled(form).finditer(text)]
    return [m.span("title") if "title" in m.re.groupindex else m.span() for m in found]
