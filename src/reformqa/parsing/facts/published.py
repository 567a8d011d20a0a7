"""Find when a report was published."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reformqa.model import Guess, Metadata
from reformqa.parsing.blocks import Block
from reformqa.parsing.facts.evidence import Candidate, elect
from reformqa.parsing.facts.front import NOTICE_WORDS, Front
from reformqa.text.dates import Dated, find_dates
from reformqa.text.similarity import letters

#: Words just before a date that say what happened then, with the weight of such a date.
_EVENTS: tuple[tuple[re.Pattern[str], str, float], ...] = tuple(
    (re.compile(rf"\b(?:{words})\W*(?:\w+ ){{0,2}}?\W*$", re.IGNORECASE), source, weight)
    for words, source, weight in (
        (r"(?:first )?published(?: (?:on|in|at|by [\w' ]{2,50}?))?", "“published”", 0.9),
        (r"issued|released|launched|adopted(?: on)?|dated|date", "the date it gives itself", 0.7),
        (r"(?:last )?(?:updated|revised|reviewed)(?: on)?", "“updated”", 0.45),
        (r"ordered to be printed|printed", "“printed”", 0.45),
        (
            r"amended(?: up)? to|amended|effective|in force|commencement(?: date)?|until|from"
            r"|before|since|born|founded|session",
            "another event",
            0.05,
        ),
    )
)
_COPYRIGHT = re.compile(r"©|\(c\)|\bcopyright\b", re.IGNORECASE)
#: The letters that may stand beside a date on a line of its own.
_BESIDE = 14
#: Words that say what a date is stand so near the beginning, or the date before, in characters.
_OPENING = 30
#: The words of a notice with a date on the cover, or elsewhere.
_COVER_WORDS = 14
#: A running head that carries a date has at most this many words.
_HEAD_WORDS = 16
_IMPRINT = re.compile(r"\bisbn\b|\bE-?Number\b|\bE\d{8}\b", re.IGNORECASE)


def find_published(
    front: Front, metadata: Metadata, stated: bool, stem: str, title: str | None
) -> tuple[Candidate, Guess] | None:
    """Return the best date of publication ("YYYY-MM" or "YYYY"), or None.

    `stated` says whether the metadata were written for this text; `stem` is the file's name.
    """
    candidates = [
        *_printed(front, title),
        *_running(front),
        *_of_title(title),
        *_of_file(metadata, stated, stem),
    ]
    return elect(candidates, _supports)


def _supports(read: str, value: str) -> bool:
    """Return whether a month or year speaks for another: the year for its months."""
    return value.startswith(read)


def _printed(front: Front, title: str | None) -> Iterator[Candidate]:
    cover = front.cover
    heading = letters(title or "")
    for i, block in enumerate((*front.front, *front.back)):
        dates = find_dates(block.text)
        if not dates or block.kind in ("table", "footnote") or letters(block.text) in heading:
            continue
        on_cover = i in cover
        for dated in dates:
            yield from _weighed(block, dated, dates, on_cover=on_cover, back=i >= len(front.front))


def _weighed(
    block: Block, dated: Dated, dates: list[Dated], *, on_cover: bool, back: bool
) -> Iterator[Candidate]:
    before = block.text[: dated.span[0]]
    start = max((d.span[1] for d in dates if d.span[1] <= dated.span[0]), default=0)
    between = before[start:]
    short = block.words <= _COVER_WORDS
    month = len(dated.value) > 4
    for pattern, source, weight in _EVENTS:
        if match := pattern.search(between):
            # Further on in a text, the words are about another work.
            if match.start() < _OPENING and (short or source == "“published”"):
                factor = 1.0 if block.words <= NOTICE_WORDS and not back else 0.5
                yield Candidate(dated.value, source, weight * factor)
            return
    if _COPYRIGHT.search(block.text) and block.words <= 60:
        yield Candidate(dated.value, "the copyright line", 0.55)
    elif _IMPRINT.search(block.text) and short and month:
        yield Candidate(dated.value, "the imprint", 0.6)
    elif not month and not (on_cover and block.words <= 3):
        return
    elif _alone(block.text, dates):
        weight = (0.75 if on_cover else 0.4) * (1.0 if month else 0.7)
        yield Candidate(dated.value, "the cover" if on_cover else "the front matter", weight)
    elif on_cover and short:
        yield Candidate(dated.value, "the cover", 0.5)


def _alone(text: str, dates: list[Dated]) -> bool:
    """Return whether a text is little more than a date."""
    spent = sum(sum(c.isalnum() for c in text[d.span[0] : d.span[1]]) for d in dates)
    return len(dates) == 1 and len(letters(text)) - spent <= _BESIDE


def _running(front: Front) -> Iterator[Candidate]:
    for text in front.running:
        if len(text.split()) > _HEAD_WORDS:
            continue
        for dated in find_dates(text):
            weight = 0.65 if len(dated.value) > 4 else 0.35
            yield Candidate(dated.value, "the running heads", weight)


def _of_title(title: str | None) -> Iterator[Candidate]:
    """Yield the year in a title ("National Agroforestry Policy 2014")."""
    years = [d for d in find_dates(title or "") if len(d.value) == 4]
    if years:
        yield Candidate(years[-1].value, "the title", 0.4)


def _of_file(metadata: Metadata, stated: bool, stem: str) -> Iterator[Candidate]:
    if metadata.published:
        if stated:
            yield Candidate(metadata.published, "what the file states", 0.95)
        else:
            yield Candidate(metadata.published, "the file's date of creation", 0.2)
            yield Candidate(metadata.published[:4], "the file's date of creation", 0.2)
    for dated in find_dates(re.sub(r"[-_ ]+", "-", stem).replace("-", " ")):
        yield Candidate(dated.value, "the file name", 0.3)
