"""Parse a question: whom and what it names, its topic, and the kind of answer it asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reformqa.errors import QuestionError
from reformqa.model import ReportInfo
from reformqa.search.asking import NAME, asks_several, asks_silence, bare, without_silence
from reformqa.search.authors import find_authors
from reformqa.search.described import Descriptions, asked_as_source
from reformqa.search.frames import OWN
from reformqa.search.ordinals import with_numbers
from reformqa.search.parts import split_parts
from reformqa.search.proposals import asks_for_set, set_topic
from reformqa.search.publishers import AGAINST, Mention, Publishers, is_listed
from reformqa.search.sums import as_printed
from reformqa.search.titles import find_titles, make_titles
from reformqa.search.years import Published, Years, asks_latest, published_in, report_years
from reformqa.text.labels import label_keys, label_numbers
from reformqa.text.tokens import amounts, tokens

#: The most characters of a question: anything longer is a pasted document.
MAX_CHARACTERS = 2_000

Span = tuple[int, int]

_RECOMMENDS = re.compile(
    r"\brecommend\w*|\bpropos\w+|\bshould\b|\bwant\w*|\bcall(?:s|ing)? for\b", re.IGNORECASE
)
_PHRASE = re.compile(r'"([^"“”]*)"|“([^"“”]*)”')
_PAPER = re.compile(
    rf"{OWN} (?:(?:new|latest|recent|own) )?(?:report|paper|roadmap|response|manifesto|study|essay"
    r"|pamphlet|publication)\b(?! of\b)",
    re.IGNORECASE,
)
# What leaves out the publishers that follow it.
_EXCEPT = re.compile(
    r"(?:\b(?:and |but )?(?:not|never) (?:from|by|in|of|those of)|\bapart from|\baside from"
    r"|\bother than|\bbut not|\bexcept(?:ing)?(?: for| from)?|\bbesides|\bleaving (?:out|aside)"
    r"|\bexcluding|\bwith the exception of|\bnot counting|\bignoring|\bwithout) $",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed question.

    `topic` is the question without the names of sources and the words of asking. `named` are the
    publishers that it asks, those that it leaves out taken away; `reports` the ids of reports
    (named by title, author or year), `labels` the recommendations (see `text.labels`), `phrases`
    the words in quotation marks. `several` is true if it asks about think tanks together,
    `recommends` if it asks what should be done. `set_of` is the subject of the set of
    recommendations that it asks for: "" for all recommendations, None if it asks for no set.
    `published` are the years of publication that it asks for. `silence` is true if it asks which
    think tanks say nothing of the topic. `frame` is the question with `asking.NAME` for each name.
    `unknown` are names listed beside publishers that the library has no reports by.
    """

    text: str
    topic: str
    named: tuple[str, ...]
    reports: tuple[str, ...]
    labels: tuple[str, ...]
    phrases: tuple[str, ...]
    amounts: tuple[str, ...]
    several: bool
    recommends: bool
    set_of: str | None
    published: Years | None = None
    silence: bool = False
    frame: str = field(default="", compare=False)
    unknown: tuple[str, ...] = ()


class Reader:
    """Parses questions asked of a library, whose names it knows."""

    def __init__(
        self,
        reports: Iterable[ReportInfo],
        printed: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        """`printed` has further names of publishers that the reports print, by publisher."""
        self.reports = tuple(reports)
        self._publishers = Publishers((r.publisher for r in self.reports), printed)
        self._titles = make_titles(self.reports)
        self._descriptions = Descriptions(self.reports)

    def parse(self, question: str) -> Query:
        """Return a question, parsed.

        Raises QuestionError if it is empty or too long, or leaves out every publisher.
        """
        text = _checked(question)
        titles = find_titles(text, self._titles)
        every = self._publishers.find(text)
        titles |= self._described(text, titles, every)
        of_titles = [_with_marks(text, span) for spans in titles.values() for span in spans]
        authors = find_authors(text, self.reports)
        mentions = [
            m
            for m in every
            if not any(start <= m.start and m.end <= end for start, end in of_titles)
        ]
        named, left_out = self._asked(text, mentions)
        strangers = [] if text.isupper() else self._publishers.find_strangers(text, mentions)
        of_publishers = [
            _with_paper(text, (m.start, m.end)) for m in (*mentions, *strangers) if not m.acts
        ]
        of_authors = [span for spans in authors.values() for span in spans]
        sources = [*of_publishers, *of_titles, *of_authors]
        of_reports = {r.publisher for r in self.reports if r.id in titles}
        several = len(of_reports.union(named)) > 1 or asks_several(text)
        published = self._published(text, named, asks_whom=several or bool(sources))
        away = [*left_out, *([published.span] if published else [])]
        unnamed = _cut(text, sources, away)
        topic = _topic(unnamed) or _topic(_cut(text, of_publishers, away)) or text
        topic = as_printed(topic)
        labels = tuple(label_keys(with_numbers(text)))
        set_of = set_topic(topic) if not labels and asks_for_set(unnamed) else None
        topic = set_of or topic
        return Query(
            text=text,
            topic=topic,
            named=named,
            reports=self._named_reports(text, named, titles, authors),
            labels=labels,
            phrases=tuple(p for p, span in _phrases(text) if not _overlaps(span, of_titles)),
            amounts=tuple(a for a in amounts(topic) if a not in label_numbers(with_numbers(text))),
            several=several,
            recommends=bool(_RECOMMENDS.search(text)),
            set_of=set_of,
            published=published.years if published else None,
            silence=asks_silence(text),
            frame=" ".join(unnamed.split()),
            unknown=tuple(m.name for m in strangers),
        )

    def naming(self, publisher: str, question: str) -> Callable[[str], bool]:
        """Return what says whether a text names the publisher that the question asks."""
        return self._publishers.naming(publisher, question)

    def parse_parts(self, query: Query) -> tuple[Query, ...]:
        """Return the questions that a question is made of, or only itself.

        A part that names no source asks that of the whole.
        """
        if query.several or query.labels or query.set_of is not None:
            return (query,)
        parts = [self.parse(part) for part in split_parts(query.text)]
        if len(parts) == 1:
            return (query,)
        return tuple(
            p
            if p.named or p.reports
            else replace(p, named=query.named, reports=query.reports, published=query.published)
            for p in parts
        )

    def _described(
        self, text: str, titles: Mapping[str, Sequence[Span]], mentions: Sequence[Mention]
    ) -> dict[str, list[Span]]:
        """Return where the text describes reports as sources, by report id."""
        taken = [span for spans in titles.values() for span in spans]
        found = {
            report_id: [s for s in spans if not _overlaps(s, taken)]
            for report_id, spans in self._descriptions.find(text).items()
        }
        publishers = {r.id: r.publisher for r in self.reports}
        together = len({publishers[i] for i, spans in found.items() if spans}) > 1
        return {
            report_id: spans
            for report_id, spans in found.items()
            if spans
            and (
                together
                or any(
                    asked_as_source(text, span)
                    or is_listed(Mention(*span, publishers[report_id]), mentions, text, AGAINST)
                    for span in spans
                )
            )
        }

    def _asked(self, text: str, mentions: Sequence[Mention]) -> tuple[tuple[str, ...], list[Span]]:
        """Return the publishers that are asked, and where the text leaves others out.

        Those left out are named by "apart from Demos and IPPR"; then all others are asked.
        """
        asked, left_out, spans = set[str](), set[str](), list[Span]()
        before: Mention | None = None
        for mention in mentions:
            excluded = _EXCEPT.search(text[: mention.start])
            if excluded:
                spans.append((excluded.start(), mention.end))
            elif (
                before
                and spans
                and spans[-1][1] == before.end
                and is_listed(mention, [before], text)
            ):
                spans[-1] = (spans[-1][0], mention.end)
            of_list = bool(spans) and spans[-1][1] == mention.end
            (left_out if of_list else asked).add(mention.name)
            before = mention
        every = set(self._publishers.names)
        if left_out and left_out >= every:
            raise QuestionError("The question leaves out every publisher. Leave one to be asked.")
        chosen = (asked or every) - left_out if left_out else asked
        return tuple(sorted(chosen)), spans

    def _published(self, text: str, named: Sequence[str], *, asks_whom: bool) -> Published | None:
        """Return the years of publication asked for; if doubtful, only those of some report."""
        found = None if report_years(text) else published_in(text, asks_whom=asks_whom)
        if found is None or found.certain:
            return found
        first, last = found.years
        own = [r.year for r in self.reports if not named or r.publisher in named]
        return found if any(y and first <= y <= last for y in own) else None

    def _named_reports(
        self,
        text: str,
        named: Sequence[str],
        titles: Collection[str],
        authors: Collection[str],
    ) -> tuple[str, ...]:
        """Return the reports named: by title rather than author, by author rather than year.

        A year narrows down what a title or an author leaves open. A publisher named beside a
        report of another stands for all of its own reports.
        """
        years = report_years(text)
        if titles:
            said = {r.publisher for r in self.reports if r.id in titles}
            of_others = set(named) - said
            titled = [r for r in self.reports if r.id in titles]
            titled = [r for r in titled if r.year in years] or titled
            return tuple(r.id for r in self.reports if r in titled or r.publisher in of_others)
        asked = [r for r in self.reports if not named or r.publisher in named]
        written = [r for r in asked if any(a.strip() in authors for a in r.authors)]
        asked = written or asked
        if asks_latest(text):
            latest = max((r.published or "" for r in asked), default="")
            return tuple(r.id for r in asked if latest and r.published == latest)
        of_years = [r for r in asked if r.year in years]
        return tuple(r.id for r in of_years or written)


def parse_query(question: str, reports: Iterable[ReportInfo]) -> Query:
    """Return a question asked of these reports, parsed; `Reader` keeps their names for more."""
    return Reader(reports).parse(question)


def _checked(question: str) -> str:
    """Return the question in single spaces. Raises QuestionError if it is none."""
    text = " ".join(question.split())
    if not any(c.isalnum() for c in text):
        raise QuestionError("The question is empty. Ask in a few words or a sentence.")
    if len(text) > MAX_CHARACTERS:
        raise QuestionError(
            f"The question has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}."
            " Ask about one thing at a time."
        )
    return text


def _phrases(text: str) -> Iterable[tuple[str, Span]]:
    """Yield the phrases in double quotation marks, and where each stands."""
    for match in _PHRASE.finditer(text):
        phrase = (match[1] or match[2] or "").strip()
        if any(map(str.isalnum, phrase)):
            yield phrase, match.span()


def _overlaps(span: Span, others: Iterable[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


def _with_marks(text: str, span: Span) -> Span:
    """Return the span with the quotation marks around it, if there are any."""
    start, end = span
    marked = text[start - 1 : start] in tuple("\"“‘'") and text[end : end + 1] in tuple("\"”’'")
    return (start - 1, end + 1) if start and marked else span


def _with_paper(text: str, span: Span) -> Span:
    """Return the span of a publisher with the word for its paper after it, if there is one."""
    paper = _PAPER.match(text, span[1])
    return (span[0], paper.end()) if paper else span


def _cut(text: str, names: Iterable[Span], away: Iterable[Span]) -> str:
    """Return the text with `NAME` for each name or list of names, and without what is `away`."""
    away = list(away)
    text = text.replace(NAME, " ")
    cuts = [(span, " ") for span in away]
    cuts += [(span, NAME) for span in names if not _overlaps(span, away)]
    start = len(text)
    for span, by in sorted(cuts, reverse=True):
        if span[1] <= start:
            text = text[: span[0]] + by + text[span[1] :]
            start = span[0]
    return re.sub(rf"{NAME}(?:\s*(?:,|and|or|&|,\s*and)\s*{NAME})*", NAME, text)


def _topic(unnamed: str) -> str:
    """Return the topic of a question without names; "" if nothing is left of it."""
    whole = " ".join(without_silence(unnamed.replace(NAME, " ")).split())
    topic = bare(whole)
    if not tokens(topic) or topic == whole:
        topic = re.sub(r"[ ,:;–-]+(?=[?.]+$)", "", whole).strip(" ,:;-–")
        return topic if tokens(topic) else ""
    topic = re.sub(r"[ ,:;–-]+(?=[?.])", "", topic)  # what was around the words removed
    return re.sub(r"(?<=[?.])[ ?.]+$", "", topic).strip(" ,:;-–")
