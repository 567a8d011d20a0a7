"""The extractive answer: the few sentences of the best paragraphs that answer, each cited.

No language model. Candidates are the sentences of the best paragraphs; a sentence's merit is the
cosine of sentence and question plus its paragraph's; sentences are taken best first, and one that
says what a taken one says is passed over. A list item's first sentence is shown with the sentence
that leads its list in, and both are cited.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reformqa.lexical import tokens
from reformqa.likeness import content_words, overlap
from reformqa.model import Citation, Hit, Paragraph, Report, Sentence
from reformqa.questions import Reading
from reformqa.quotes import cite, sentences
from reformqa.results import Answer
from reformqa.retrieval import Hits
from reformqa.settings import AnswerSettings

#: Unit vectors of texts, shape (texts, dimensions).
EmbedAll = Callable[[Sequence[str]], NDArray[np.float32]]
#: The paragraph that leads a list item in, or None.
LeadIn = Callable[[Paragraph], Paragraph | None]

#: Weight of the paragraph's similarity beside the sentence's own: chosen, with LEAST_MERIT, on the
#: gold questions (see benchmarks).
PARAGRAPH_WEIGHT = 1.0
#: Two quotes with this cosine, or this share of the shorter one's words, say the same.
SAME_POINT = 0.8
SAME_WORDS = 0.8
#: A sentence is taken only with this share of the best one's merit.
LEAST_MERIT = 0.8
#: A topic of so few terms is also met by a passage that prints them all.
FEW_TERMS = 2
#: A paragraph gives at most this many quotes.
MOST_OF_ONE = 2
#: Merit added to a recommendation, and to a sentence that says what should be done, where the
#: question asks for that; and taken from a quote that leans on a sentence it does not include.
RECOMMENDATION_BONUS = 0.12
DEMAND_BONUS = 0.08
LEANING_PENALTY = 0.15
#: Words: shorter sentences say too little, longer answers are not read.
LEAST_WORDS = 5
MOST_WORDS = 150


# A sentence that begins so leans on the one before it, and is quoted with it.
_LEANS = re.compile(
    r"^[\"'“‘]?(?:this|these|that|those|it|its|they|their|such|he|she|his|her|indeed|however|yet|but"
    r"|and|so|also|moreover|furthermore|similarly|instead|finally|in addition|as such|therefore"
    r"|thus|for (?:example|instance)|by contrast|again|here|there|second|third|another)\b",
    re.IGNORECASE,
)


_DEMANDS = re.compile(r"\b(?:should|must|recommends?|proposes?|wants?|calls? for)\b")


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str
    hit: Hit
    lead: Paragraph | None
    merit: float
    vector: NDArray[np.float32]


def compose(
    reading: Reading,
    groups: Sequence[Hits],
    reports: dict[str, Report],
    embed: EmbedAll,
    lead_in: LeadIn,
    settings: AnswerSettings = AnswerSettings(),
) -> Answer:
    """The answer that the hits allow, or an abstention with the reason and the nearest hits.

    Each group of hits (one, or one a think tank) speaks for itself where it comes near enough.
    Sentences of one think tank stand together.
    """
    everything = sorted((h for g in groups for h in g), key=lambda h: -h.similarity)
    near = [g for g in groups if any(is_near(h, reading, settings) for h in g)]
    if not near:
        reason = next((g.reason for g in groups if g.reason), "Nothing was found.")
        if everything:
            reason = (
                "Nothing in the reports comes near enough to this question (best similarity"
                f" {everything[0].similarity:.2f}, needed {settings.least_similarity:.2f})."
            )
        nearest = tuple(everything[:3])
        return Answer(reading.text, (), abstained=True, reason=reason, nearest=nearest)
    limit = settings.sentences if len(near) == 1 else settings.sentences_per_publisher
    most = MOST_WORDS if len(near) == 1 else 2 * MOST_WORDS // len(near)
    chosen = [s for g in near for s in choose(reading, g, reports, embed, lead_in, limit, most)]
    order = list(dict.fromkeys(s.citations[0].publisher for s in chosen))
    chosen.sort(key=lambda s: order.index(s.citations[0].publisher))
    return Answer(reading.text, tuple(chosen), nearest=tuple(everything[:3]))


def is_near(hit: Hit, reading: Reading, settings: AnswerSettings) -> bool:
    """Whether a hit is near enough to speak to the question.

    Near in meaning; named by its label; or, where the topic is but a term or two, printing every
    one of them: a cosine says little about so short a text.
    """
    terms = set(tokens(reading.topic))
    named = 0 < len(terms) <= FEW_TERMS and terms <= set(tokens(hit.passage.text))
    return hit.labelled or named or hit.similarity >= settings.least_similarity


def choose(
    reading: Reading,
    hits: Sequence[Hit],
    reports: dict[str, Report],
    embed: EmbedAll,
    lead_in: LeadIn,
    limit: int,
    most_words: int = MOST_WORDS,
) -> list[Sentence]:
    """At most `limit` quotes from the hits' paragraphs, best first, no point made twice."""
    taken: list[_Candidate] = []
    words = 0
    candidates = _candidates(reading, hits, embed, lead_in)
    for candidate in candidates:
        length = len(candidate.text.split())
        weak = candidate.merit < LEAST_MERIT * candidates[0].merit
        if len(taken) == limit or (taken and weak):
            break
        if taken and words + length > most_words:
            continue
        same = [t for t in taken if t.hit.paragraph.id == candidate.hit.paragraph.id]
        if len(same) == MOST_OF_ONE or any(_repeats(candidate, t) for t in taken):
            continue
        taken.append(candidate)
        words += length
    return [_sentence(c, reports) for c in taken]


def _repeats(a: _Candidate, b: _Candidate) -> bool:
    shared = overlap(content_words(a.text), content_words(b.text))
    return shared > SAME_WORDS or float(a.vector @ b.vector) > SAME_POINT


def _candidates(
    reading: Reading, hits: Sequence[Hit], embed: EmbedAll, lead_in: LeadIn
) -> list[_Candidate]:
    found: list[tuple[str, Hit, Paragraph | None]] = []
    for hit in hits:
        lead = lead_in(hit.paragraph)
        for text in quotable(hit.paragraph.text):
            led = lead if hit.paragraph.text.startswith(text) else None
            if led or (len(text.split()) >= LEAST_WORDS and not text.endswith(":")):
                found.append((text, hit, led))
    if not found:
        found = [(hit.paragraph.text, hit, lead_in(hit.paragraph)) for hit in hits]
    vectors = embed([reading.topic, *(f"{lead.text} {t}" if lead else t for t, _, lead in found)])
    similar = vectors[1:] @ vectors[0]
    candidates = []
    for (text, hit, lead), own, vector in zip(found, similar, vectors[1:], strict=True):
        merit = float(own) + PARAGRAPH_WEIGHT * hit.similarity
        if reading.recommends:
            merit += RECOMMENDATION_BONUS * hit.passage.recommends
            merit += DEMAND_BONUS * bool(_DEMANDS.search(text))
        merit -= LEANING_PENALTY * bool(_LEANS.match(text))
        candidates.append(_Candidate(text, hit, lead, merit, vector))
    return sorted(candidates, key=lambda c: -c.merit)


def quotable(text: str) -> list[str]:
    """The sentences of a paragraph, each that leans on another together with that other.

    A sentence leans on one that it refers back to, and on the question that it answers; a
    question alone answers nothing. A table row gives the sentences of its cells.
    """
    quotes = []
    for cell in text.split(" | "):
        spans = [span for span, _ in sentences(cell)]
        for n, (start, end) in enumerate(spans):
            before = cell[slice(*spans[n - 1])] if n else ""
            if cell[start:end].endswith("?") and n + 1 < len(spans):
                continue
            leans = before.endswith("?") or (before and _LEANS.match(cell[start:end]))
            quotes.append(cell[spans[n - 1][0] : end] if leans else cell[start:end])
    return quotes


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
