"""Questions about the reports themselves, answered from the library's records.

Who wrote a report, who published it and when, and which reports there are: a report may print none
of it, or only on its cover. The sentences are the records', and cite the report's front page.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from datetime import date

from reformqa.answering.abstention import publishers_listed
from reformqa.answering.results import Answer
from reformqa.citations.verify import cite
from reformqa.exports.document import Provenance
from reformqa.model import Paragraph, Report, ReportInfo, Sentence
from reformqa.search.asking import NAME
from reformqa.search.frames import WORK
from reformqa.search.query import Query
from reformqa.storage.base import Filters, Store
from reformqa.storage.filtering import matches_report
from reformqa.text.phrases import listed

#: The most reports that are listed.
MOST = 20
#: The paragraphs of a report in which its front page is looked for, and the characters of a quote.
FRONT, LONGEST = 40, 200
NOTE = "From the library's records of its reports."

_REPORT = (
    rf"(?:the )?(?:(?:19|20)\d\d )?(?:{NAME}|{WORK})(?: {WORK})?(?: (?:of|from) (?:19|20)\d\d)?"
)
_REPORTS = r"(?:reports?|papers?|publications?|studies)"
_MADE = r"(?:published|written|written by|produced|issued|released|publish|write|put out)"
_FORMS = {
    "authors": rf"who (?:wrote|authored|(?:is|are|was|were) the authors? of) {_REPORT}"
    rf"|(?:the )?authors? of {_REPORT}",
    "date": rf"when (?:was|were|did|is) {_REPORT} (?:first )?(?:{_MADE}|come out|appear|from)"
    rf"|(?:in )?(?:what|which) year (?:was|is|did) {_REPORT} (?:{_MADE}|come out|appear|from)"
    rf"|(?:when|in (?:what|which) year) did {NAME} {_MADE} {_REPORT}"
    rf"|what is the (?:publication )?date of {_REPORT}|how old is {_REPORT}",
    "publisher": rf"who (?:published|produced|issued) {_REPORT}"
    rf"|(?:what|which) (?:think[ -]?tank|publisher|organi[sz]ation) {_MADE} {_REPORT}"
    rf"|(?:what|which) (?:think[ -]?tank|publisher) is {_REPORT} (?:by|from)",
    "reports": rf"(?:what|which) {_REPORTS} (?:has|have|did|does|do|were|was|are|is)"
    rf"(?: there)?(?: {_MADE})?(?: by)? {NAME}(?: {_MADE})?"
    rf"|(?:what|which) (?:has|did) {NAME} (?:published|written|publish|write)"
    rf"|(?:list|show)(?: me)?(?: all)?(?: of)?(?: the)? {_REPORTS} (?:(?:by|of|from) )?{NAME}"
    rf"|(?:list|show)(?: me)?(?: all)?(?: of)?(?: the)? {NAME} {_REPORTS}"
    rf"|how many {_REPORTS} (?:has|have|did) {NAME} {_MADE}",
    "author": rf"who (?:is|was) {NAME}",
}
_ASKS = {what: re.compile(rf"(?:{form})[\s?.!]*", re.IGNORECASE) for what, form in _FORMS.items()}


def asked_of_records(query: Query) -> str | None:
    """Return what of the records a question asks for, or None if it asks what reports say."""
    if not (query.reports or query.named):
        return None
    for what, form in _ASKS.items():
        if form.fullmatch(query.frame.strip()) and (what != "author" or query.reports):
            return what
    return None


def answer_from_records(query: Query, where: Filters, store: Store) -> Answer | None:
    """Return the answer to a question about the reports' records, or None if it is none."""
    what = asked_of_records(query)
    if what is None:
        return None
    reports = [r for r in store.reports().values() if matches_report(where, r)]
    reports.sort(key=lambda r: r.published or "", reverse=True)
    if not reports:
        return None
    sentences = tuple(s for r in reports[:MOST] if (s := _sentence(what, r, store.report(r.id))))
    cited = {r.id: r for r in reports[:MOST]}
    provenance = Provenance(store.version.id, date.today().isoformat(), cited)
    return Answer(query.text, sentences, confidence=1.0, note=NOTE, provenance=provenance)


def _sentence(what: str, info: ReportInfo, report: Report) -> Sentence | None:
    """Return what the record says, citing where the report prints it, or else its beginning."""
    month = _month(info.published)
    by = f"by {listed(info.authors, 'and')}" if info.authors else ""
    published = " ".join(
        filter(
            None,
            (f"was published by {publishers_listed([info.publisher])}", month and f"in {month}"),
        )
    )
    if what == "authors":
        said, wanted = f"was written {by}" if by else "names no author", info.authors
    elif what == "date":
        said, wanted = f"was published in {month}" if month else "has no date", (str(info.year),)
    elif what == "publisher":
        said, wanted = published, (info.publisher,)
    else:
        said, wanted = f"{published}, written {by}" if by else published, info.authors
    found = _front(report.paragraphs, (*wanted, info.title))
    if found is None:
        return None
    quote = found.text if len(found.text) <= LONGEST else found.text[:LONGEST].rpartition(" ")[0]
    return Sentence(f"{info.title} {said}.", (cite(quote, found, info),))


def _front(paragraphs: Sequence[Paragraph], wanted: Iterable[str]) -> Paragraph | None:
    """Return the paragraph near the beginning that prints the first of these words, or any."""
    front = [p for p in paragraphs[:FRONT] if p.text]
    for words in filter(None, wanted):
        for paragraph in front:
            if words.casefold() in paragraph.text.casefold():
                return paragraph
    return front[0] if front else None


def _month(published: str | None) -> str:
    """Return a date of publication in words: "March 2019"."""
    if not published:
        return ""
    year, _, month = published.partition("-")
    named = month.isdecimal() and 1 <= int(month) <= 12
    return f"{calendar.month_name[int(month)]} {year}" if named else year
