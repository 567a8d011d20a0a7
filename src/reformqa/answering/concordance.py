"""A concordance: every place that prints a phrase or a pattern, and the terms that reports use."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import TYPE_CHECKING, Literal, get_args, overload

from reformqa.citations.verify import cite_span
from reformqa.errors import QuestionError
from reformqa.exports.document import ExportDocument, Part, Provenance
from reformqa.exports.exportable import Exportable
from reformqa.model import Citation, Paragraph, Report, ReportInfo, Sentence
from reformqa.text.normalise import Plain
from reformqa.text.phrases import listed
from reformqa.text.sentences import Span, sentences
from reformqa.text.terms import find_terms, is_noun

if TYPE_CHECKING:
    import pandas as pd

#: What the columns of a table of terms stand for.
By = Literal["publisher", "report", "year"]
#: The characters of a paragraph that are given on either side of a place.
REACH = 120
#: The columns of `Quotes.to_pandas`, and their types: `before` and `after` are what surrounds the
#: quote in its paragraph, `published` is "YYYY-MM" or "YYYY".
QUOTE_COLUMNS = {
    **{"before": "str", "quote": "str", "after": "str", "sentence": "str"},
    **{"publisher": "str", "title": "str", "report_id": "str", "published": "str"},
    **{"year": "Int64", "page": "Int64", "printed_page": "str", "paragraph": "Int64"},
    **{"section": "str", "paragraph_id": "str", "start": "Int64", "end": "Int64"},
}


@dataclass(frozen=True, slots=True)
class Quote:
    """A place that prints what was looked for: its citation, its sentence and its surroundings."""

    citation: Citation
    sentence: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Quotes(Exportable, Sequence[Quote]):
    """Every place that prints a phrase or a pattern, in the library's order."""

    pattern: str
    found: tuple[Quote, ...]
    provenance: Provenance = field(default_factory=Provenance, repr=False)

    def __len__(self) -> int:
        return len(self.found)

    @overload
    def __getitem__(self, index: int) -> Quote: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Quote, ...]: ...
    def __getitem__(self, index: int | slice) -> Quote | tuple[Quote, ...]:
        return self.found[index]

    def __iter__(self) -> Iterator[Quote]:
        return iter(self.found)

    def document(self) -> ExportDocument:
        """Return a part for each report, with the sentences that print it."""
        parts = []
        for report_id, group in groupby(self.found, key=lambda q: q.citation.report_id):
            report = self.provenance.reports[report_id]
            caption = f"{report.title}, {report.year}" if report.year else report.title
            told = tuple(Sentence(q.sentence, (q.citation,)) for q in group)
            parts.append(Part(report.publisher, caption, told))
        notes = () if self.found else ("No report searched prints this.",)
        return ExportDocument(f"“{self.pattern}”", notes, tuple(parts), self.provenance)

    def to_pandas(self) -> pd.DataFrame:
        """Return a row for each place, with the columns and types of `QUOTE_COLUMNS`."""
        import pandas as pd  # takes half a second, which a search need not wait for

        rows = [_row(quote, self.provenance.reports) for quote in self.found]
        return pd.DataFrame(rows, columns=list(QUOTE_COLUMNS)).astype(QUOTE_COLUMNS)


@dataclass(frozen=True, slots=True)
class Terms:
    """The commonest terms, and in how many paragraphs each of the `groups` uses them.

    `by` is what a group is: a publisher, the title of a report or a year. `counts` are by term, the
    most frequent first, named as they are mostly printed.
    """

    by: By
    groups: tuple[str | int, ...]
    counts: Mapping[str, Mapping[str | int | None, int]] = field(repr=False)

    def to_pandas(self) -> pd.DataFrame:
        """Return a row for each term, a column for each group, and `paragraphs` with their sum."""
        import pandas as pd

        frame = pd.DataFrame(
            [[counts.get(group, 0) for group in self.groups] for counts in self.counts.values()],
            index=pd.Index(list(self.counts), name="term"),
            columns=list(self.groups),
            dtype="int64",
        )
        frame["paragraphs"] = [sum(counts.values()) for counts in self.counts.values()]
        return frame


def find_quotes(
    pattern: str, reports: Iterable[tuple[ReportInfo, Report]], *, regex: bool = False
) -> list[Quote]:
    """Return every place in the searched text of the reports that prints `pattern`.

    A phrase is found in any case, and however it is typed: quotation marks, dashes, ligatures and
    spaces are compared in plain form. With `regex`, it is a regular expression of Python's `re`,
    for the text as it is. Raises QuestionError for one that is empty or invalid.
    """
    looked_up = _compiled(pattern, regex=regex)
    word = "" if regex else max(re.findall(r"\w+", _folded(pattern)), key=len)
    found = []
    for info, report in reports:
        for paragraph in report.paragraphs:
            if not paragraph.searchable or (word and word not in _folded(paragraph.text)):
                continue
            found += [
                _quote(span, paragraph, info)
                for span in _spans(looked_up, paragraph.text, plain=not regex)
            ]
    return found


def count_terms(reports: Sequence[tuple[ReportInfo, Report]], by: By, most: int) -> Terms:
    """Return how often each group of reports uses each of the `most` frequent terms.

    Raises QuestionError for another grouping.
    """
    if by not in get_args(By):
        choices = listed(get_args(By), "or")
        raise QuestionError(f"Terms are not counted by {by!r}. Choose {choices}.")
    texts: list[str] = []
    groups: list[str | int | None] = []
    for info, report in reports:
        told = [p.text for p in report.paragraphs if p.searchable]
        texts += told
        groups += [info.title if by == "report" else getattr(info, by)] * len(told)
    found = find_terms([[text] for text in texts], {info.publisher for info, _ in reports})
    printed = "\n".join(texts)
    ranked = sorted(found, key=lambda t: (-len(t.holders), t.name))
    counts: dict[str, Counter[str | int | None]] = defaultdict(Counter)
    for term in islice((t for t in ranked if is_noun(t, printed)), most):
        counts[term.name].update(groups[n] for n in term.holders)
    named = sorted({g for g in groups if g is not None}, key=str)
    return Terms(by, tuple(named), counts)


def _compiled(pattern: str, *, regex: bool) -> re.Pattern[str]:
    if not any(map(str.isalnum, pattern)):
        raise QuestionError("There is nothing to look for. Give a phrase or a pattern with words.")
    if not regex:
        return re.compile(rf"(?<!\w){re.escape(Plain(pattern).text.strip())}(?!\w)", re.IGNORECASE)
    try:
        return re.compile(pattern)
    except re.error as error:
        raise QuestionError(f"“{pattern}” is not a regular expression: {error}.") from error


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKD", text).casefold()


def _spans(looked_up: re.Pattern[str], text: str, *, plain: bool) -> Iterator[Span]:
    """Yield where the text prints the pattern."""
    if not plain:
        yield from (m.span() for m in looked_up.finditer(text) if m.end() > m.start())
        return
    form = Plain(text)
    for match in looked_up.finditer(form.text):
        yield form.starts[match.start()], form.ends[match.end() - 1]


def _quote(span: Span, paragraph: Paragraph, info: ReportInfo) -> Quote:
    text, (start, end) = paragraph.text, span
    around = [(a, b) for (a, b), _ in sentences(text) if a < end and b > start] or [span]
    return Quote(
        cite_span(span, paragraph, info),
        text[around[0][0] : around[-1][1]],
        text[max(0, start - REACH) : start],
        text[end : end + REACH],
    )


def _row(quote: Quote, reports: Mapping[str, ReportInfo]) -> tuple[object, ...]:
    cited = quote.citation
    return (
        *(quote.before, cited.quote, quote.after, quote.sentence),
        *(cited.publisher, cited.report_title, cited.report_id),
        *(reports[cited.report_id].published, cited.year, cited.page, cited.printed_page),
        *(cited.number, " › ".join(cited.section_path), cited.paragraph_id, *cited.span),
    )
