"""The extractive answer: the few sentences of the best paragraphs that answer, each cited.

No language model. Candidates are the sentences of the best paragraphs; a sentence's merit is the
cosine of sentence and question, plus a share of its paragraph's own; sentences are taken best
first, and one that says what a taken one says is passed over. A list item is shown with the
sentence that leads its list in, and both are cited.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reformqa.model import Answer, Citation, Hit, Paragraph, Report, Sentence
from reformqa.quotes import cite, sentences
from reformqa.settings import AnswerSettings

#: Unit vectors of texts, shape (texts, dimensions).
EmbedAll = Callable[[Sequence[str]], NDArray[np.float32]]
#: The paragraph that leads a list item in, or None.
LeadIn = Callable[[Paragraph], Paragraph | None]

#: Weight of the paragraph's similarity beside the sentence's own.
PARAGRAPH_WEIGHT = 0.5
#: Two sentences with this cosine say the same.
SAME_POINT = 0.8
#: A sentence is taken only with this share of the best one's merit.
LEAST_MERIT = 0.72
#: Words: shorter sentences say too little, longer answers are not read.
LEAST_WORDS = 5
MOST_WORDS = 150


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str
    hit: Hit
    lead: Paragraph | None
    merit: float
    vector: NDArray[np.float32]


def compose(
    question: str,
    hits: Sequence[Hit],
    reports: dict[str, Report],
    embed: EmbedAll,
    lead_in: LeadIn,
    settings: AnswerSettings = AnswerSettings(),
) -> Answer:
    """The answer that the hits allow, or an abstention with the reason and the nearest hits.

    Sentences of one think tank stand together, think tanks in the order of their best sentence.
    """
    best = max((h.similarity for h in hits), default=0.0)
    if best < settings.least_similarity:
        reason = (
            "Nothing in the library matches the filters."
            if not hits
            else "Nothing in the reports comes near enough to this question"
            f" (best similarity {best:.2f}, needed {settings.least_similarity:.2f})."
        )
        return Answer(question, (), abstained=True, reason=reason, nearest=tuple(hits[:3]))
    chosen = choose(question, hits, reports, embed, lead_in, settings.sentences)
    order = list(dict.fromkeys(s.citations[0].publisher for s in chosen))
    chosen.sort(key=lambda s: order.index(s.citations[0].publisher))
    return Answer(question, tuple(chosen), nearest=tuple(hits[:3]))


def choose(
    question: str,
    hits: Sequence[Hit],
    reports: dict[str, Report],
    embed: EmbedAll,
    lead_in: LeadIn,
    limit: int,
) -> list[Sentence]:
    """At most `limit` sentences from the hits' paragraphs, best first, no point made twice."""
    taken: list[_Candidate] = []
    words = 0
    candidates = _candidates(question, hits, embed, lead_in)
    for candidate in candidates:
        length = len(candidate.text.split())
        if len(taken) == limit or candidate.merit < LEAST_MERIT * candidates[0].merit:
            break
        if taken and words + length > MOST_WORDS:
            continue
        if any(float(candidate.vector @ t.vector) > SAME_POINT for t in taken):
            continue
        taken.append(candidate)
        words += length
    return [_sentence(c, reports) for c in taken]


def _candidates(
    question: str, hits: Sequence[Hit], embed: EmbedAll, lead_in: LeadIn
) -> list[_Candidate]:
    found: list[tuple[str, Hit, Paragraph | None]] = []
    for hit in hits:
        lead = lead_in(hit.paragraph)
        for _, text in sentences(hit.paragraph.text):
            if lead or len(text.split()) >= LEAST_WORDS:
                found.append((text, hit, lead))
    if not found:
        return []
    vectors = embed([question, *(f"{lead.text} {t}" if lead else t for t, _, lead in found)])
    similar = vectors[1:] @ vectors[0]
    candidates = [
        _Candidate(text, hit, lead, float(s) + PARAGRAPH_WEIGHT * hit.similarity, vector)
        for (text, hit, lead), s, vector in zip(found, similar, vectors[1:], strict=True)
    ]
    return sorted(candidates, key=lambda c: -c.merit)


def _sentence(candidate: _Candidate, reports: dict[str, Report]) -> Sentence:
    """The sentence with its citation, and its list's lead-in, cited too, before it."""
    paragraph = candidate.hit.paragraph
    report = reports[paragraph.report_id]
    citations: list[Citation] = [cite(candidate.text, paragraph, report)]
    text = candidate.text
    if candidate.lead:
        *_, (_, opening) = sentences(candidate.lead.text)
        citations.append(cite(opening, candidate.lead, report))
        text = f"{opening} {text}"
    return Sentence(text, tuple(citations))
