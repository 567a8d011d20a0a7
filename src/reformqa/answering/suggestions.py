"""Example questions, made from the contents of the reports, each of which has an answer.

A topic is a noun phrase that occurs in a report's headings and in its text, or the term of a theme.
It is put into the questions that a reader would ask: what one think tank says or recommends on it,
what all say, which recommendations concern it, what a recommendation says.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from reformqa.model import Report, ReportInfo
from reformqa.recommendations.themes import Theme
from reformqa.search.query import parse_query
from reformqa.text.labels import label_keys
from reformqa.text.terms import as_said, find_terms, is_noun

#: The most examples, and the most subjects to compare.
EXAMPLES = 6
MATTERS = 4
#: The least think tanks with recommendations on a subject to compare, and the least recommendations
#: of one think tank for a question about those.
SIDES = 2
OWN = 2
#: The least occurrences in the text of a term in a heading, for it to be a topic.
SEVERAL = 2
#: The most questions of a kind that are tried, and the most topics of a report.
TRIES = 3
TOPICS = 6
#: More occurrences than this make a topic no better.
ENOUGH = 8
#: The most reports that are read, each of a different publisher.
READ = 4

#: The kinds of section whose headings name what the report is about.
_TOPICAL = frozenset({"summary", "chapter", "section", "box", "conclusion", "annex"})
_ORGANISATION = re.compile(
    r"\b(?:Society|Institute|Foundation|Trust|Centre|Center|Commission|Association|Council|Fund"
    r"|Alliance|Network|Forum|Federation|Committee|Guild|Union|College|University|Academy|Office)\b"
)

#: Returns whether a question would be answered.
Answered = Callable[[str], bool]
#: Questions of one kind, best first, each with its topic.
_Kind = Iterable[tuple[str, str]]


def find_examples(
    reports: Sequence[ReportInfo],
    themes: Sequence[Theme],
    whole: Callable[[str], Report],
    text_with: Callable[[str], str],
    answered: Answered,
) -> tuple[str, ...]:
    """Return about six questions of different kinds and publishers, all of which are `answered`.

    `reports` are sorted by id; `whole` returns a report with its sections and paragraphs, and
    `text_with` some passages of the library that contain the words it is given.
    """
    by_publisher = _newest(reports)
    names = list(by_publisher)
    owner = {r.id: r.publisher for r in reports}
    read = [whole(by_publisher[name].id) for name in names[:READ]]
    topics = {r.publisher: list(itertools.islice(find_topics(r, names), TOPICS)) for r in read}
    matters = [(t, said) for t in themes if (said := _said(t, text_with))]
    kinds = (
        _all_say(matters, owner),
        *(_one_says(r.publisher, topics[r.publisher]) for r in read[:1]),
        _recommended(matters, owner, list(reversed(names))),
        *(_title_says(r, topics[r.publisher]) for r in read[1:2]),
        _which(matters),
        _labelled(by_publisher, themes),
        *(_one_says(r.publisher, topics[r.publisher]) for r in (*read[2:], *read[1:2], *read[:1])),
    )
    return tuple(itertools.islice(_chosen(kinds, answered), EXAMPLES))


def find_matters(
    reports: Sequence[ReportInfo],
    themes: Sequence[Theme],
    whole: Callable[[str], Report],
    text_with: Callable[[str], str],
) -> tuple[str, ...]:
    """Return subjects on which several think tanks make recommendations, the most shared first.

    If there are none, they are topics of one report's headings that another report contains.
    """
    owner = {r.id: r.publisher for r in reports}
    shared = [t for t in _by_sides(themes, owner) if len(_sides(t, owner)) >= SIDES]
    found = [said for t in shared[:MATTERS] if (said := _said(t, text_with))]
    if not found:
        newest = _newest(reports)
        read = [whole(r.id) for r in itertools.islice(newest.values(), READ)]
        texts = {r.id: _searched(r) for r in read}
        topics = ((r.id, topic) for r in read for topic in find_topics(r, newest))
        both = (t for i, t in topics if any(as_said(t, texts[o]) for o in texts if o != i))
        found = list(itertools.islice(dict.fromkeys(both), MATTERS))
    return tuple(said[:1].upper() + said[1:] for said in found)


def find_topics(report: Report, names: Iterable[str]) -> Iterator[str]:
    """Yield the topics of a report's headings, in the words of its text, best first.

    Frequent and longer topics are better; `names` are left out. If no heading names a topic, the
    topics are terms of the text.
    """
    text = _searched(report)
    lower = text.lower()
    titles = dict.fromkeys(s.title for s in report.sections if s.kind in _TOPICAL)
    found = False
    for lines, least in (titles, SEVERAL), (text.splitlines(), 1):
        if found:
            return
        counts = {
            term: len(term.key[:2]) * min(lower.count(term.name.lower()), ENOUGH)
            for term in find_terms([(line,) for line in lines], (*names, report.title))
        }
        for term in sorted(counts, key=lambda t: (-counts[t], t.key)):
            said = as_said(term.name, text, least) if counts[term] else None
            if said and is_noun(term, text):
                found = True
                yield said


def _newest(reports: Iterable[ReportInfo]) -> dict[str, ReportInfo]:
    """Return the newest report of each publisher, by publisher."""
    ordered = sorted(reports, key=lambda r: (r.published or "", r.id))
    return dict(sorted({r.publisher: r for r in ordered}.items()))


def _searched(report: Report) -> str:
    """Return the searchable text of a report, one line for each paragraph."""
    return "\n".join(" ".join(p.text.split()) for p in report.paragraphs if p.searchable)


def _chosen(kinds: Iterable[_Kind], answered: Answered) -> Iterator[str]:
    """Yield the first question of each kind that is answered and has a new topic."""
    about: set[str] = set()
    for kind in kinds:
        fresh = ((q, a) for q, a in kind if not _words(a) & about)
        for question, topic in itertools.islice(fresh, TRIES):
            if answered(question):
                about |= _words(topic)
                yield question
                break


def _words(topic: str) -> set[str]:
    return {word for word in topic.lower().split() if word not in ("the", "a", "an")}


def _all_say(matters: Sequence[tuple[Theme, str]], owner: Mapping[str, str]) -> _Kind:
    said = dict(matters)
    for theme in _by_sides(list(said), owner):
        if len(_sides(theme, owner)) >= SIDES:
            yield f"What do the think tanks say about {said[theme]}?", said[theme]


def _which(matters: Sequence[tuple[Theme, str]]) -> _Kind:
    for _, said in matters:
        yield f"Which recommendations concern {said}?", said


def _recommended(
    matters: Sequence[tuple[Theme, str]], owner: Mapping[str, str], names: Sequence[str]
) -> _Kind:
    for name in names:
        for theme, said in matters:
            if sum(owner[r.report_id] == name for r in theme.recommendations) >= OWN:
                yield f"What does {_the(name)} recommend on {said}?", said


def _one_says(name: str, topics: Iterable[str]) -> _Kind:
    for topic in topics:
        yield f"What does {_the(name)} say about {topic}?", topic


def _title_says(report: ReportInfo, topics: Iterable[str]) -> _Kind:
    if not _names(report.title, report):
        return
    for topic in topics:
        yield f"What does {report.title} say about {topic}?", topic


def _labelled(reports: Mapping[str, ReportInfo], themes: Sequence[Theme]) -> _Kind:
    """Yield questions about labelled recommendations of the reports, the largest themes first."""
    of = {r.id: r for r in reports.values()}
    for theme in themes:
        for recommendation in theme.recommendations:
            report = of.get(recommendation.report_id)
            if report and recommendation.label and label_keys(recommendation.name):
                name = f"{_the(report.publisher)}'s {recommendation.name}"
                if _names(report.title, report):
                    name = f"{recommendation.name} of {report.title}"
                yield f"What does {name} say?", recommendation.name


def _names(text: str, report: ReportInfo) -> bool:
    """Return whether a question that contains the text is about that report alone."""
    return parse_query(text, [report]).reports == (report.id,)


def _the(publisher: str) -> str:
    """Return a publisher's name as used within a sentence."""
    the = _ORGANISATION.search(publisher) and not publisher.lower().startswith("the ")
    return f"the {publisher}" if the else publisher


def _said(theme: Theme, text_with: Callable[[str], str]) -> str | None:
    """Return the theme's first term with the article that the library uses before it."""
    return as_said(theme.words[0], text_with(theme.words[0]), 1) if theme.words else None


def _sides(theme: Theme, owner: Mapping[str, str]) -> set[str]:
    return {owner[r.report_id] for r in theme.recommendations}


def _by_sides(themes: Iterable[Theme], owner: Mapping[str, str]) -> list[Theme]:
    """Return the themes, those of the most publishers first."""
    return sorted(themes, key=lambda t: -len(_sides(t, owner)))
