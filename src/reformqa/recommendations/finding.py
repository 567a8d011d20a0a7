"""Find the recommendations of a report, and join the copies of each into one record.

A recommendation is stated in one of these ways, tried in this order:

1. after a label ("Recommendation 7:", "Policy Option Two:"), in a paragraph or a table cell;
2. as an item of a list, either in a section called recommendations, proposals or policy options,
   or in the summary if most items demand something; a section called "Recommendations" is
   preferred to one called "Conclusions and recommendations";
3. as a sentence in bold or as a heading ("Government should …"), unless there is a long numbered
   list;
4. as a paragraph that demands something, in a section called recommendations;
5. as an item of a list that a sentence with "recommend" introduces;
6. as a paragraph that says who recommends something.

If a report labels its recommendations, nothing without a label is added. A single label may
refer to another report, so a list is preferred to it.

Copies are joined if their labels or words agree: a recommendation is often printed in the
summary, in the body and in a table.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from reformqa.model import LIST_ITEMS, Paragraph, Recommendation, Report
from reformqa.parsing.inline import DEMAND, clean
from reformqa.parsing.titles import RECOMMENDATION_LABEL
from reformqa.text.similarity import content_words, letters, overlap

#: Two statements are copies if they share at least this share of the shorter one's words.
SAME_WORDS = 0.75
#: A lower share suffices with equal labels, or in sections of one name: the body may reword its
#: summary.
SAME_PLACE_WORDS = 0.4
#: A list of at least this many numbered recommendations is complete.
FORMAL_LIST = 5
#: A list in the summary contains recommendations if this share of its items says "should".
SHOULD_SHARE = 0.6

_SECTION = re.compile(
    r"\brecommendations?\b|\bpolicy (?:options|proposals)\b|\bour proposals\b", re.IGNORECASE
)
_NAMED = re.compile(r"^(?:[\d.]+ )?(?:our |key |policy )?recommendations\b", re.IGNORECASE)
_CONCLUSIONS = re.compile(r"\bconclusions?\b", re.IGNORECASE)
_SAYS = re.compile(
    r"\b(?:we|I|they|committee|commission|inquiry|report|would have)\b[^.:]{0,40}"
    r"\brecommend(?:s|ed)? (?!above|below)",
    re.IGNORECASE,
)
_LEADS_IN = re.compile(r"\brecommend(?:s|ed|ations?)?\b.*:$|\bshould:$", re.IGNORECASE)


@dataclass(slots=True)
class _Statement:
    paragraph: Paragraph
    text: str
    label: str | None = None
    sub_items: list[str] = field(default_factory=list)

    @property
    def words(self) -> frozenset[str]:
        return content_words(self.text)


def find_recommendations(report: Report) -> tuple[Recommendation, ...]:
    """Return the recommendations of a report, in the order in which it first states them."""
    paragraphs = [p for p in report.paragraphs if _may_state(p)]
    labelled = list(_labelled(paragraphs))
    listed = _proper(list(_listed(paragraphs, _in_named_section)))
    if len({letters(s.label or "") for s in labelled}) > 1 or (labelled and not listed):
        groups = _grouped(labelled)
    else:
        listed = listed or list(_listed(paragraphs, _demands))
        numbered = sum(s.label is not None for s in listed) >= FORMAL_LIST
        groups = _grouped(listed if numbered else [*listed, *_headed(paragraphs)])
        ways = (_demanded, _led_in, _said)
        groups = groups or next((g for way in ways if (g := _grouped(list(way(paragraphs))))), [])
    taken = {s.paragraph.id for g in groups for s in g}
    others = [p for p in paragraphs if p.id not in taken and p.kind != "heading"]
    return tuple(_record(report.id, g, list(_copies(g[0], others))) for g in groups)


def _may_state(paragraph: Paragraph) -> bool:
    return (
        paragraph.section_kind not in ("licence", "references")
        and paragraph.kind not in ("footnote", "furniture", "caption")
        and (paragraph.section_kind != "front" or not paragraph.section_path)
    ) or paragraph.kind == "heading"


def _labelled(paragraphs: Sequence[Paragraph]) -> Iterator[_Statement]:
    """Yield statements after a label, in the same paragraph or the next one."""
    waiting: str | None = None
    for paragraph in paragraphs:
        for part in _parts(paragraph):
            label = RECOMMENDATION_LABEL.match(part)
            if label and len(part) > label.end() + 10:
                yield _Statement(paragraph, part[label.end() :], label[1])
            elif waiting and not label and paragraph.kind != "heading":
                yield _Statement(paragraph, part, waiting)
            waiting = label[1] if label and len(part) == label.end() else None


def _parts(paragraph: Paragraph) -> list[str]:
    """Return the paragraph's text, or for a table row the text of each paragraph in its cells."""
    if paragraph.kind != "table":
        return [paragraph.text]
    return [clean(p) for p in re.split(r"\t|</p>|<br ?/?>", paragraph.raw) if p.strip()]


def _in_named_section(items: Sequence[Paragraph]) -> bool:
    return any(_SECTION.search(t) for t in items[0].section_path)


def _proper(listed: list[_Statement]) -> list[_Statement]:
    """Return the statements outside a chapter of conclusions, or all if there are no others."""
    proper = [s for s in listed if not any(map(_CONCLUSIONS.search, s.paragraph.section_path))]
    return proper or listed


def _demands(items: Sequence[Paragraph]) -> bool:
    wanted = [p for p in items if DEMAND.search(p.text)]
    summary = items[0].section_kind == "summary"
    return summary and len(items) > 1 and len(wanted) >= SHOULD_SHARE * len(items)


def _listed(
    paragraphs: Sequence[Paragraph], fits: Callable[[Sequence[Paragraph]], bool]
) -> Iterator[_Statement]:
    for items in filter(fits, _lists(paragraphs)):
        statement: _Statement | None = None
        numbered = any(p.kind == "numbered" for p in items)
        for item in items:
            if statement and numbered and item.kind == "bullet":
                statement.sub_items.append(item.text)
                continue
            if statement:
                yield statement
            statement = _Statement(item, item.text, item.label)
        if statement:
            yield statement


def _lists(paragraphs: Sequence[Paragraph]) -> Iterator[list[Paragraph]]:
    """Yield runs of list items within one section."""
    run: list[Paragraph] = []
    for paragraph in paragraphs:
        item = paragraph.kind in LIST_ITEMS
        if run and (not item or paragraph.section != run[0].section):
            yield run
            run = []
        if item:
            run.append(paragraph)
    if run:
        yield run


def _headed(paragraphs: Sequence[Paragraph]) -> Iterator[_Statement]:
    """Yield sentences in bold or set as headings, which `parsing` returns as body paragraphs."""
    for paragraph in paragraphs:
        headed = paragraph.kind == "body" and paragraph.bold
        if headed and DEMAND.search(paragraph.text):
            yield _Statement(paragraph, paragraph.text)


def _demanded(paragraphs: Sequence[Paragraph]) -> Iterator[_Statement]:
    """Yield body paragraphs that demand something, in a section of recommendations."""
    for paragraph in paragraphs:
        named = any(_NAMED.match(t) for t in paragraph.section_path)
        if named and paragraph.kind == "body" and DEMAND.search(paragraph.text):
            yield _Statement(paragraph, paragraph.text)


def _led_in(paragraphs: Sequence[Paragraph]) -> Iterator[_Statement]:
    leading = False
    for paragraph in paragraphs:
        if paragraph.kind in LIST_ITEMS:
            if leading:
                yield _Statement(paragraph, paragraph.text, paragraph.label)
        else:
            leading = bool(_LEADS_IN.search(paragraph.text))


def _said(paragraphs: Sequence[Paragraph]) -> Iterator[_Statement]:
    for paragraph in paragraphs:
        if paragraph.kind in ("body", *LIST_ITEMS) and _SAYS.search(paragraph.text):
            yield _Statement(paragraph, paragraph.text, paragraph.label)


def _grouped(statements: Sequence[_Statement]) -> list[list[_Statement]]:
    groups: list[list[_Statement]] = []
    for statement in statements:
        for group in groups:
            if _same(group[0], statement):
                group.append(statement)
                break
        else:
            groups.append([statement])
    return groups


def _same(a: _Statement, b: _Statement) -> bool:
    shared = overlap(a.words, b.words)
    if a.label and b.label:
        return letters(a.label) == letters(b.label) and shared >= SAME_PLACE_WORDS
    namesake = _namesakes(a.paragraph, b.paragraph)
    return shared >= (SAME_PLACE_WORDS if namesake else SAME_WORDS)


def _namesakes(a: Paragraph, b: Paragraph) -> bool:
    """Whether two paragraphs are in different sections of one name, as in summary and body."""
    if a.section == b.section:
        return False
    titles = {letters(t) for t in a.section_path}
    return any(letters(t) in titles for t in b.section_path)


def _copies(stated: _Statement, others: Sequence[Paragraph]) -> Iterator[Paragraph]:
    """Yield the paragraphs that begin with the words of the statement."""
    words = stated.words
    if len(words) < 5:
        return
    for paragraph in others:
        opening = content_words(" ".join(paragraph.text.split()[: 2 * len(stated.text.split())]))
        least = 0.5 if _namesakes(stated.paragraph, paragraph) else SAME_WORDS
        if len(opening) >= 5 and len(words & opening) >= least * len(words):
            yield paragraph


def _record(
    report_id: str, group: Sequence[_Statement], copies: Sequence[Paragraph]
) -> Recommendation:
    first = group[0]
    digest = hashlib.sha256(letters(first.text).encode()).hexdigest()[:8]
    also = [s.paragraph for s in group[1:]] + list(copies)
    also.sort(key=lambda p: p.number)
    sub_items = next((s.sub_items for s in group if s.sub_items), [])
    return Recommendation(
        id=f"{report_id}-rec-{digest}",
        report_id=report_id,
        label=first.label,
        text=first.text,
        sub_items=tuple(sub_items),
        section_path=first.paragraph.section_path,
        stated=first.paragraph.id,
        restated=tuple(dict.fromkeys(p.id for p in also if p.id != first.paragraph.id)),
    )
