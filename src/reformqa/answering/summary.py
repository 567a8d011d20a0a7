"""A report in a few of its own sentences, chosen from the summary that it prints.

A sentence counts by cue, key words, title and place (Edmundson, 1969): that it says what the report
argues, by the words that the summary repeats, by those of the title, and by standing first in its
paragraph. Words of sentences already chosen count less (SumBasic; Nenkova and Vanderwende, 2005).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from reformqa.answering.selection import quotable
from reformqa.citations.verify import cite
from reformqa.model import Paragraph, Report, ReportInfo, Sentence
from reformqa.text.sentences import sentences
from reformqa.text.similarity import content_words

#: The words of a key sentence: less says little, more is a paragraph.
SHORTEST, LONGEST = 10, 50
#: The sections that sum a report up; the first kind that it has is taken.
KINDS = ("summary", "conclusion")
#: What a cue, all words of the title and the first place in a paragraph are worth, beside key words
#: of the most frequent kind, which are worth 1; and what each sentence of the same section costs.
CUE, TITLE, FIRST, SAME = 0.5, 0.3, 0.2, 0.3

_CUE = re.compile(
    r"\b(?:this|our) (?:report|paper|essay|study|pamphlet)\b(?! is the (?:first|second|third))"
    r"|\b[Ww]e (?:\w+ )?(?:argue|propose|recommend|call for|conclude|believe|need|must|find)\b"
    r"|\b(?:our|the) (?:argument|approach|vision|aim|conclusion|answer) (?:is|means)\b"
    r"|\bshould\b|\bmust\b",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"[.!][”’\"')]*$")


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence of the summary; `merit` is all that does not depend on the words chosen so far."""

    paragraph: Paragraph
    text: str
    words: frozenset[str]
    merit: float


def summarise(
    report: Report, info: ReportInfo, most: int, without: Collection[str] = ()
) -> tuple[Sentence, ...]:
    """Return up to `most` key sentences of the report, cited, in the order in which it has them.

    None is from the paragraphs with the ids in `without`.
    """
    told = [p for p in _of_summary(report) if p.id not in without]
    said = _sentences(told, content_words(info.title))
    counts = Counter(word for sentence in said for word in sentence.words)
    highest = max(counts.values(), default=1)
    weights = {word: count / highest for word, count in counts.items()}
    left, chosen = list(range(len(said))), list[int]()
    while left and len(chosen) < most:
        sections = Counter(said[n].paragraph.section_path for n in chosen)
        merits = {
            n: said[n].merit
            + _mean([weights[w] for w in said[n].words])
            - SAME * sections[said[n].paragraph.section_path]
            for n in left
        }
        best = max(merits, key=merits.__getitem__)
        left.remove(best)
        chosen.append(best)
        weights |= {w: weights[w] ** 2 for w in said[best].words}
    return tuple(
        Sentence(s.text, (cite(s.text, s.paragraph, info),))
        for s in (said[n] for n in sorted(chosen))
    )


def _sentences(paragraphs: Sequence[Paragraph], title: frozenset[str]) -> list[_Said]:
    found = []
    for paragraph in paragraphs:
        for start, end in quotable(paragraph.text):
            text = paragraph.text[start:end]
            words = content_words(text)
            alone = len(list(sentences(text))) == 1  # it leans on none before it
            if alone and SHORTEST <= len(text.split()) <= LONGEST and _WHOLE.search(text):
                merit = CUE * bool(_CUE.search(text)) + FIRST * (start == 0)
                merit += TITLE * len(words & title) / max(1, len(title))
                found.append(_Said(paragraph, text, words, merit))
    return found


def _of_summary(report: Report) -> Sequence[Paragraph]:
    """Return the paragraphs of its summary, or of what comes nearest to one."""
    for kind in KINDS:
        spans = [s.span for s in report.sections if s.kind == kind]
        held = {p.id: p for start, end in spans for p in report.paragraphs[start:end] if _tells(p)}
        if held:
            return list(held.values())
    return [p for p in report.paragraphs if _tells(p)]


def _tells(paragraph: Paragraph) -> bool:
    return paragraph.searchable and paragraph.kind == "body"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
