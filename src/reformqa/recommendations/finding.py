"""Find the recommendations of a report, and join the copies of each into one record.

Structure proposes and evidence decides. `statements` finds the places where a report of any house
may state a recommendation; `evidence` says how likely the words of each are to demand something.
The ways of stating them are tried in this order:

1. after labels ("Recommendation 7: …", "Policy Option Two", "R4"), in paragraphs and table cells;
2. as titles over lettered parts: alone if several have numbers, else beside what follows;
3. as items of a list, or as numbered subsections, in a section called recommendations, proposals
   or policy options: all of them if most demand something, only those that demand something if
   the section has conclusions as well; a section called "Recommendations" is preferred to one
   called "Conclusions and recommendations";
4. as a list in the summary, if most of its items demand something;
5. as sentences in bold or set as headings, unless there is a long numbered list;
6. as paragraphs that demand something, in a section called recommendations;
7. as a list that a sentence with "recommend" or "should" introduces;
8. as paragraphs that say who recommends something.

If a report labels its recommendations, nothing without a label is added; a single label may refer
to another report, so a list is preferred to it. A response to recommendations has none of its own
(`responses`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reformqa.model import LIST_ITEMS, Paragraph, Recommendation, Report
from reformqa.recommendations.copies import group, records
from reformqa.recommendations.evidence import (
    LIKELY,
    POSSIBLE,
    demand,
    is_concluding,
    is_named,
    leads_in,
    recommends,
)
from reformqa.recommendations.labelled import labelled
from reformqa.recommendations.lists import lists, named_sections, numbered, of_list
from reformqa.recommendations.responses import is_response
from reformqa.recommendations.statements import Entry, Statement, entries
from reformqa.recommendations.titled import titled
from reformqa.text.similarity import letters

#: A list of at least this many numbered recommendations is complete.
FORMAL_LIST = 5
#: A list is one of recommendations if more than this share of its items demands something.
DEMANDING = 0.5
#: So is a long numbered list of a section of recommendations with this share: houses differ in
#: their words ("shall", "will", "is to"), but not in what they number there.
FORMAL_DEMANDING = 0.25


def find_recommendations(report: Report) -> tuple[Recommendation, ...]:
    """Return the recommendations of a report, in the order in which it first states them."""
    if is_response(report):
        return ()
    paragraphs = [p for p in report.paragraphs if _may_state(p)]
    groups = group(_statements(paragraphs))
    return tuple(records(report.id, groups, paragraphs))


def _may_state(paragraph: Paragraph) -> bool:
    return (
        paragraph.section_kind not in ("licence", "references")
        and paragraph.kind not in ("footnote", "furniture", "caption")
        and (paragraph.section_kind != "front" or not paragraph.section_path)
    ) or paragraph.kind == "heading"


def _statements(paragraphs: Sequence[Paragraph]) -> list[Statement]:
    """Return the statements of the first way that finds some."""
    found = entries(paragraphs)
    labels = _trusted(list(labelled(paragraphs)))
    if len({letters(s.label or "") for s in labels}) > 1:
        return labels
    over_parts, found = titled(found)
    if sum(s.label is not None for s in over_parts) > 1:
        return over_parts
    items = [*over_parts, *_in_named_sections(found)]
    if labels and not items:
        return labels
    items = items or list(_in_summary(found))
    formal = sum(s.label is not None for s in items) >= FORMAL_LIST
    stated = items if formal else [*items, *_headed(paragraphs)]
    if stated:
        return stated
    return next((s for way in (_demanded, _led_in, _said) if (s := list(way(found)))), [])


def _trusted(labels: list[Statement]) -> list[Statement]:
    """Return the labelled statements, or none if they are options that demand nothing."""
    demanding = [s for s in labels if s.demand >= POSSIBLE]
    named = any("recommendation" in letters(s.label or "") for s in labels)
    return labels if named or len(demanding) > DEMANDING * len(labels) else []


def _in_named_sections(found: Sequence[Entry]) -> list[Statement]:
    """Return the items of lists, and the numbered subsections, of sections of recommendations.

    Those of sections that have conclusions as well count only if there are no others.
    """
    proper: list[Statement] = []
    mixed: list[Statement] = []
    for chapter in named_sections(found):
        concluding = any(map(is_concluding, chapter[0].paragraph.section_path))
        stated = numbered(chapter)
        runs = [stated] if stated else [of_list(lead, run) for lead, run in lists(chapter)]
        for run in runs:
            (mixed if concluding else proper).extend(_kept(run, concluding=concluding))
    return proper or mixed


def _kept(statements: Sequence[Statement], *, concluding: bool) -> list[Statement]:
    """Return the statements if most demand something; of a mixed list those that do."""
    demanding = [s for s in statements if s.demand >= POSSIBLE]
    formal = sum(s.label is not None for s in statements) >= FORMAL_LIST
    share = FORMAL_DEMANDING if formal else DEMANDING
    whole = not concluding and len(demanding) >= share * len(statements)
    return list(statements) if whole else demanding


def _in_summary(found: Sequence[Entry]) -> Iterator[Statement]:
    for lead, run in lists(found):
        if run[0].paragraph.section_kind == "summary" and len(run) > 1:
            statements = of_list(lead, run)
            demanding = [s for s in statements if s.demand >= LIKELY]
            if len(demanding) >= DEMANDING * len(statements):
                yield from statements


def _headed(paragraphs: Sequence[Paragraph]) -> Iterator[Statement]:
    """Yield sentences in bold or set as headings, which `parsing` returns as body paragraphs."""
    for paragraph in paragraphs:
        headed = paragraph.kind == "body" and paragraph.bold
        if headed and demand(paragraph.text) >= LIKELY:
            yield Statement(paragraph, paragraph.text)


def _demanded(found: Sequence[Entry]) -> Iterator[Statement]:
    """Yield body paragraphs that demand something, in a section of recommendations."""
    for entry in found:
        named = any(map(is_named, entry.paragraph.section_path))
        body = entry.paragraph.kind == "body"
        if named and body and demand(entry.text) >= LIKELY:
            yield Statement(entry.paragraph, entry.text, entry.label)


def _led_in(found: Sequence[Entry]) -> Iterator[Statement]:
    for lead, run in lists(found):
        if lead and leads_in(lead.text):
            yield from of_list(lead, run)


def _said(found: Sequence[Entry]) -> Iterator[Statement]:
    for entry in found:
        if entry.paragraph.kind in ("body", *LIST_ITEMS) and recommends(entry.text):
            yield Statement(entry.paragraph, entry.text, entry.label)
