"""Join the statements of one recommendation: summary, body and table often print the same one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from reformqa.model import Paragraph, Recommendation
from reformqa.recommendations.statements import Statement, is_title
from reformqa.text.similarity import content_words, letters, overlap

#: Two statements are copies if they share at least this share of the shorter one's words.
SAME_WORDS = 0.75
#: A lower share suffices with equal labels, or in sections of one name: the body may reword its
#: summary.
SAME_PLACE_WORDS = 0.4
#: A paragraph with fewer content words is too short to be recognised as a copy.
LEAST_WORDS = 5


def group(statements: Sequence[Statement]) -> list[list[Statement]]:
    """Return the statements in groups that state the same, in the order of the first of each."""
    groups: list[list[Statement]] = []
    for statement in statements:
        for members in groups:
            if _same(members[0], statement):
                members.append(statement)
                break
        else:
            groups.append([statement])
    return groups


def _same(a: Statement, b: Statement) -> bool:
    shared = overlap(a.words, b.words)
    if a.label and b.label:
        # A summary may print no more than the titles.
        titled = " " in a.label and is_title(a.whole) != is_title(b.whole)
        return letters(a.label) == letters(b.label) and (titled or shared >= SAME_PLACE_WORDS)
    namesake = _namesakes(a.paragraph, b.paragraph)
    return shared >= (SAME_PLACE_WORDS if namesake else SAME_WORDS)


def _namesakes(a: Paragraph, b: Paragraph) -> bool:
    """Whether two paragraphs are in different sections of one name, as in summary and body."""
    if a.section == b.section:
        return False
    titles = {letters(t) for t in a.section_path}
    return any(letters(t) in titles for t in b.section_path)


def records(
    report_id: str, groups: Sequence[Sequence[Statement]], paragraphs: Sequence[Paragraph]
) -> Iterator[Recommendation]:
    """Yield a record for each group, with the `paragraphs` that repeat its statement."""
    taken = {s.paragraph.id for members in groups for s in members}
    others = [p for p in paragraphs if p.id not in taken and p.kind != "heading"]
    for members in groups:
        # The first that says it in full: a summary may print no more than the title.
        first = next((s for s in members if not is_title(s.whole)), members[0])
        also = [s.paragraph for s in members] + list(_copies(first, others))
        also.sort(key=lambda p: p.number)
        sub_items = first.sub_items or next((s.sub_items for s in members if s.sub_items), [])
        digest = hashlib.sha256(letters(first.text).encode()).hexdigest()[:8]
        yield Recommendation(
            id=f"{report_id}-rec-{digest}",
            report_id=report_id,
            label=first.label,
            text=first.text,
            sub_items=tuple(sub_items),
            section_path=first.paragraph.section_path,
            stated=first.paragraph.id,
            restated=tuple(dict.fromkeys(p.id for p in also if p.id != first.paragraph.id)),
        )


def _copies(stated: Statement, others: Sequence[Paragraph]) -> Iterator[Paragraph]:
    """Yield the paragraphs that begin with the words of the statement."""
    words = stated.words
    if len(words) < LEAST_WORDS:
        return
    for paragraph in others:
        opening = content_words(" ".join(paragraph.text.split()[: 2 * len(stated.text.split())]))
        least = 0.5 if _namesakes(stated.paragraph, paragraph) else SAME_WORDS
        if len(opening) >= LEAST_WORDS and len(words & opening) >= least * len(words):
            yield paragraph
