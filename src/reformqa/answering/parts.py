"""The answer to a question of several parts, each answered by itself."""

from __future__ import annotations

from collections.abc import Sequence

from reformqa.answering.results import Answer
from reformqa.exports.document import Provenance


def join_parts(question: str, answers: Sequence[Answer]) -> Answer:
    """Return the answers to a question's parts as one; the note says which parts have none."""
    answered = [a for a in answers if not a.abstained]
    notes = [f"{a.question} {a.note}" for a in answered if a.note]
    notes += [f"No answer to “{a.question}”: {a.reason}" for a in answers if a.abstained]
    sentences = dict.fromkeys(s for a in answers for s in a.sentences)
    reports = {i: r for a in answers for i, r in a.provenance.reports.items()}
    first = answers[0].provenance
    return Answer(
        question,
        tuple(sentences),
        abstained=not answered,
        reason=None if answered else " ".join(notes),
        nearest=tuple({h.paragraph.id: h for a in answers for h in a.nearest}.values()),
        confidence=min((a.confidence for a in answered), default=0.0),
        note=" ".join(notes) or None if answered else None,
        provenance=Provenance(first.build, first.asked, reports),
        parts=tuple(answers),
    )
