"""Select the sentences of an answer: the few of the best paragraphs that answer, each cited.

No language model is used. Candidates are the sentences of the best paragraphs. The merit of a
candidate is its paragraph's score in the search plus its own nearness to the question, less a cost
for length. The best are taken one after another, passing over any that repeats one already taken.
A list item's first sentence is shown with the sentence that opens its list, a table's row with the
table's head, and both are cited.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reformqa.answering.evidence import Material
from reformqa.answering.expected import expected_of
from reformqa.citations.verify import cite
from reformqa.model import (
    LIST_ITEMS,
    Citation,
    Hit,
    Paragraph,
    Recommendation,
    ReportInfo,
    Sentence,
)
from reformqa.search.asking import asks_stance
from reformqa.search.spans import NearnessOf, Part, parts_of
from reformqa.text.context import LEAD_IN
from reformqa.text.sentences import Span, sentences
from reformqa.text.similarity import content_words, overlap
from reformqa.tuning import SelectionTuning, Shape

#: What separates the cells of a table's row.
CELLS = " | "
#: The most sentences that a quote takes with it because it depends on them.
MOST_LEANT_ON = 2
#: Lengths in words: below the first a quote costs no less, and at the second it costs nothing.
SHORT, USUAL = 8, 25
#: Two quotes that share more than this part of the shorter one's words say the same.
SAME_WORDS = 0.8
#: The least words of a quote: shorter sentences say too little.
LEAST_WORDS = 5
#: A row of at most so many words below a table's head is quoted whole: its cells alone say too
#: little.
ROW_WORDS = 60

# A sentence with such a beginning depends on the one before it, and is quoted with it.
_LEANS = re.compile(
    r"^[\"'“‘]?(?:this(?! (?:report|paper|essay|study|pamphlet|inquiry|review)\b)|these|that|those"
    r"|it|its|they|their|such|he|she|his|her|indeed|however|yet|but"
    r"|and|so|also|hence|rather|meanwhile|nevertheless|nonetheless|likewise|conversely"
    r"|consequently|as a result|for this reason|in other words|in turn|at the same time"
    r"|on the other hand|moreover"
    r"|furthermore|similarly|instead|finally|in addition|as such|therefore"
    r"|thus|for (?:example|instance)|by contrast|again|here|there|second|third|another|in another"
    r"|the (?:former|latter)|one (?:answer|example|reason|response|way)"
    # "To do so", "Despite these concerns", "Because of this"
    r"|(?:to do|by doing|in doing) so"
    r"|(?:to|in|for|by|with|without|despite|given|under|from|of|on|at|as|beyond|unlike|because)"
    r"(?: \w+){0,2}? (?:this|these|those))\b",
    re.IGNORECASE,
)
# "Complexity." or "Local variation." at the start of a paragraph.
_TITLE = re.compile(r"[A-Z][^\W\d]*(?: [^\W\d]+)?[.:]")
_ENDS = re.compile(r"[.!?;…][\"'”’)\]]*$")
_DEMANDS = re.compile(r"\b(?:should|must|recommends?|proposes?|wants?|calls? for)\b")
_STANCES = re.compile(
    rf"{_DEMANDS.pattern}|\b(?:supports?|opposes?|rejects?|favours?|welcomes?|backs?|against|abolish"
    r"|opposed|scrap|bar|ban|agree|disagree|right to|wrong to|mistake|error|in favour)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A quote that may be selected, and its nearness.

    `lead` is the paragraph that opens its list, if it needs one; `late` and `rare` are its own
    nearness to the question; `merit` includes its paragraph's score but not the cost of its length.
    `bonus` puts it before others, but lets none in that has too little merit.
    """

    text: str
    hit: Hit
    lead: Paragraph | None
    late: float
    rare: float
    merit: float
    bonus: float = 0.0

    @property
    def words(self) -> int:
        """The number of its words, including its lead-in's."""
        return len(f"{self.lead.text if self.lead else ''} {self.text}".split())


def weigh(
    material: Material, nearness: NearnessOf, tuning: SelectionTuning, *, demands: bool
) -> list[Candidate]:
    """Return every quote of the hits' paragraphs that may be selected, with its merit.

    With `demands`, those that say what should be done have more; so have those that take a stance,
    if the question asks who is for or against. A sentence that says the kind of thing that is asked
    for, such as a figure, has a bonus.
    """
    expected = expected_of(material.asked.query.text)
    favoured = _STANCES if asks_stance(material.asked.query.text) else _DEMANDS
    hits, lead_ins = material.hits, material.lead_ins
    found: list[tuple[Span, Hit, Paragraph | None]] = []
    for hit in hits:
        lead, text = lead_ins.get(hit.paragraph.id), hit.paragraph.text
        if lead and hit.paragraph.kind == "table" and len(text.split()) <= ROW_WORDS:
            found.append(((0, len(text)), hit, lead))
            continue
        lead = None if hit.paragraph.kind == "table" else lead
        for start, end in quotable(text):
            led = None if start else lead
            if led or _is_said(text[start:end], hit.paragraph):
                found.append(((start, end), hit, led))
    if not found:
        found = [((0, len(h.paragraph.text)), h, lead_ins.get(h.paragraph.id)) for h in hits]
    if not found:
        return []
    near = nearness([_parts(material, span, hit, lead) for span, hit, lead in found])
    candidates, best = [], float(near.rare.max())
    for (span, hit, lead), late, rare in zip(
        found, near.late.tolist(), near.rare.tolist(), strict=True
    ):
        text = hit.paragraph.text[slice(*span)]
        merit = hit.score + tuning.late * late + tuning.rare * rare
        merit += tuning.demand * bool(demands and favoured.search(text))
        unsupported = _LEANS.match(text) or not (lead or _ENDS.search(text))
        merit -= tuning.leaning * bool(unsupported)
        # Any sentence may have a date; that of the matter is near to the question's rare words.
        on_it = rare >= best - tuning.answer.astray / 2
        bonus = tuning.expected * bool(on_it and expected and expected(text))
        candidates.append(Candidate(text, hit, lead, late, rare, merit, bonus))
    return candidates


def _parts(material: Material, span: Span, hit: Hit, lead: Paragraph | None) -> list[Part]:
    """Return the parts of passages that a quote is in, and those of its lead-in's context."""
    passages = material.passages[hit.paragraph.id]
    parts = parts_of(passages, span)
    if lead:
        opening = lead.text[:LEAD_IN] if lead.kind == "table" else lead.text[-LEAD_IN:]
        before = [(p, p.indexed.find(opening)) for p in passages[:1]]
        parts += [Part(p, at, at + len(opening)) for p, at in before if at >= 0]
    return parts


def _is_said(text: str, paragraph: Paragraph) -> bool:
    """Return whether a quote is a statement: not a list's opening, a caption or a title."""
    if len(text.split()) < LEAST_WORDS or text.endswith(":") or paragraph.kind == "caption":
        return False
    listed = paragraph.kind in LIST_ITEMS or text.startswith("•")  # in a cell of a table
    return listed or bool(_ENDS.search(text))


def choose(candidates: Sequence[Candidate], shape: Shape, quotes: int) -> list[Candidate]:
    """Return up to `quotes` quotes of the most merit that the shape allows, best first.

    None repeats another.
    """
    near = max((c.rare for c in candidates), default=0.0) - shape.astray
    left = {n: _for_length(c, shape) for n, c in enumerate(candidates) if c.rare >= near}
    taken: list[Candidate] = []
    words = 0
    least = max(left.values(), default=0.0) - shape.behind
    while left and len(taken) < quotes:
        merits = {n: m - shape.repeated * _given(candidates[n], taken) for n, m in left.items()}
        enough = [n for n, merit in merits.items() if not taken or merit >= least]
        if not enough:
            break
        chosen = max(enough, key=lambda n: merits[n] + candidates[n].bonus)
        candidate = candidates[chosen]
        del left[chosen]
        if taken and words + candidate.words > shape.words:
            continue
        if not any(_repeats(candidate, t) for t in taken):
            taken.append(candidate)
            words += candidate.words
    return taken


def quote(
    candidates: Iterable[Candidate], reports: Mapping[str, ReportInfo]
) -> tuple[Sentence, ...]:
    """Return candidates as cited sentences, in order; `reports` are by id."""
    return tuple(_sentence(c, reports) for c in candidates)


def _for_length(candidate: Candidate, shape: Shape) -> float:
    return candidate.merit - shape.brevity * math.log(max(candidate.words, SHORT) / USUAL)


def _given(candidate: Candidate, taken: Sequence[Candidate]) -> int:
    return sum(t.hit.paragraph.id == candidate.hit.paragraph.id for t in taken)


def _repeats(a: Candidate, b: Candidate) -> bool:
    return overlap(content_words(a.text), content_words(b.text)) > SAME_WORDS


def quotable(text: str) -> list[Span]:
    """Return the spans of a paragraph's sentences, each with the one or two that it depends on.

    A sentence depends on one that it refers back to, on a question that it answers, and on the one
    or two words that begin its paragraph as a title. Those alone are left out. The sentences of a
    table row are those of its cells.
    """
    quotes: list[Span] = []
    at = 0
    for cell in text.split(CELLS):
        spans = [(at + start, at + end) for (start, end), _ in sentences(cell)]
        for n, (_, end) in enumerate(spans):
            if n + 1 < len(spans) and _announces(text, spans, n):
                continue
            quotes.append((spans[_support(text, spans, n)][0], end))
        at += len(cell) + len(CELLS)
    return quotes


def _support(text: str, spans: Sequence[Span], n: int) -> int:
    """Return the position of the first sentence that the one at `n` depends on, or `n` itself."""
    first = n
    while first and n - first < MOST_LEANT_ON:
        if not (_announces(text, spans, first - 1) or _LEANS.match(text[slice(*spans[first])])):
            break
        first -= 1
    return first


def _announces(text: str, spans: Sequence[Span], n: int) -> bool:
    """Return whether the sentence at `n` only announces the next: a question, or a title."""
    sentence = text[slice(*spans[n])]
    titled = not spans[n][0] and CELLS not in text and _TITLE.fullmatch(sentence)
    return sentence.endswith("?") or bool(titled)


def opening_of(lead: Paragraph) -> str:
    """Return what is quoted of a lead-in: its last sentence, or all of a table's head."""
    *_, (_, last) = sentences(lead.text)
    return lead.text if lead.kind == "table" else last


def _sentence(candidate: Candidate, reports: Mapping[str, ReportInfo]) -> Sentence:
    """Return the sentence with its citation, after its list's lead-in or its table's head.

    Those are cited too, and so is each other report that says the same.
    """
    paragraph = candidate.hit.paragraph
    report = reports[paragraph.report_id]
    citations: list[Citation] = [cite(candidate.text, paragraph, report)]
    text = candidate.text
    if lead := candidate.lead:
        opening = opening_of(lead)
        citations.append(cite(opening, lead, report))
        text = f"{opening}: {text}" if lead.kind == "table" else f"{opening} {text}"
    elsewhere = {p.report_id: p for p in candidate.hit.also if p.report_id != report.id}
    copies = [cite(candidate.text, p, reports[name]) for name, p in elsewhere.items()]
    return Sentence(text, (*citations, *(c for c in copies if c.status == "verified")))


def state(
    recommendation: Recommendation,
    stated: Paragraph,
    following: Sequence[Paragraph],
    report: ReportInfo,
) -> Sentence:
    """Return a recommendation in the words of the paragraph that states it, with its sub-items.

    Each sub-item is cited where it occurs, in that paragraph or one of the following.
    """
    citations = [cite(recommendation.text, stated, report)]
    if citations[0].status == "unsupported":  # its words are not in one run there: cite the whole
        citations = [cite(stated.text, stated, report)]
    for item in recommendation.sub_items:
        places = (cite(item, p, report) for p in (stated, *following) if p.kind != "heading")
        found = [c for c in places if c.status != "unsupported"][:1]
        citations += [c for c in found if not any(c.quote in other.quote for other in citations)]
    quotes = dict.fromkeys(c.quote for c in citations)
    return Sentence(" ".join(quotes), tuple(dict.fromkeys(citations)), recommendation)
