"""Questions about the reports themselves, answered from the library's records.

Who wrote a report, who published it and when, which reports there are, how many recommendations
they make: a report may print none of it, or only on its cover. The sentences are the records', and
cite the front page or the first recommendation. "Summarise X" is answered by key sentences of the
summary that X prints.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from reformqa.answering.quoting import Quoter
from reformqa.answering.results import Answer
from reformqa.answering.summary import summarise
from reformqa.citations.verify import cite
from reformqa.model import Paragraph, Recommendation, Report, ReportInfo, Sentence
from reformqa.search.asking import NAME
from reformqa.search.frames import WORK
from reformqa.search.publishers import publishers_listed
from reformqa.search.query import Query
from reformqa.storage.base import Filters, Store
from reformqa.storage.filtering import matches_report
from reformqa.text.dates import in_words
from reformqa.text.phrases import counted, listed

#: The most reports that are listed, those of the newest, and those summed up at once.
MOST, NEWEST, MOST_SUMMED = 20, 5, 3
#: The key sentences of a summary.
KEY_SENTENCES = 5
#: The paragraphs of a report in which its front page is looked for, and the characters of a quote.
FRONT, LONGEST = 40, 200
NOTE = "From the library's records of its reports."

_REPORT = (
    rf"(?:the )?(?:(?:19|20)\d\d )?(?:{NAME}|{WORK})(?: {WORK})?(?: (?:of|from) (?:19|20)\d\d)?"
)
_REPORTS = r"(?:reports?|papers?|publications?|studies)"
_MADE = r"(?:published|written|written by|produced|issued|released|publish|write|put out)"
_IN_LIBRARY = r"(?: (?:there|you have|(?:are |is )?(?:there )?in (?:the|this) library))?"
_HOLD = (
    r"(?:do you have|have you got|are there|(?:are|is) (?:in|included in) (?:the|this) library"
    r"|does (?:the|this) library (?:have|hold|contain))"
)
_RECOMMENDATIONS = r"(?:recommendations|proposals|policy options)"
_MAKE = r"(?:make|made|have|contain|put forward)"
# Questions about reports that are named.
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
    rf"|how many {_REPORTS} (?:has|have|did) {NAME} {_MADE}"
    rf"|(?:what|which) {_REPORTS} (?:by|from|of) {NAME} (?:{_HOLD})",
    "author": rf"who (?:is|was) {NAME}",
    "summary": rf"(?:(?:please|can you) )?summari[sz]e {_REPORT}(?: for me)?"
    rf"|(?:(?:give|show) me )?(?:(?:a|the) )?summary(?: of)? {_REPORT}"
    rf"|what (?:are|is) the (?:main|key|central) (?:points?|arguments?|messages?|findings?|ideas?)"
    rf"(?: of| in)? {_REPORT}",
    "about": rf"what is {_REPORT} about|what (?:does|do) {_REPORT} (?:say|argue)",
}
# Those about all reports, of a publisher or of the whole library.
_COUNTS = {
    "recommendations": rf"how many {_RECOMMENDATIONS} (?:does|do|did|are|were|has|have)"
    rf"(?: there| made)?(?: (?:(?:in|by|from) )?{_REPORT})?(?: {_MAKE})?{_IN_LIBRARY}"
    r"(?:,? and (?:which|what)(?: are they)?)?",
    "newest": rf"(?:what|which) (?:is|are|was|were) (?:the )?(?:newest|latest|most recent) {WORK}"
    rf"(?: (?:by|from|of) {NAME})?{_IN_LIBRARY}"
    rf"|(?:what|which) {WORK} (?:is|are) (?:the )?(?:newest|latest|most recent)"
    rf"|(?:what is|anything) new(?: (?:by|from) {NAME})?{_IN_LIBRARY}",
    "held": rf"(?:what|which|how many) (?:{_REPORTS}|think[ -]?tanks|publishers) {_HOLD}"
    rf"|(?:list|show)(?: me)?(?: all)?(?: of)?(?: the)? {_REPORTS}{_IN_LIBRARY}"
    r"|what (?:do you have|is in (?:the|this) library)",
}
_ASKS = {
    what: re.compile(rf"(?:{form})[\s?.!]*", re.IGNORECASE)
    for what, form in {**_FORMS, **_COUNTS}.items()
}


def asked_of_records(query: Query) -> str | None:
    """Return what of the records a question asks for, or None if it asks what reports say."""
    named = bool(query.reports or query.named)
    for what, form in _ASKS.items():
        if not form.fullmatch(query.frame.strip()):
            continue
        if what in _COUNTS or (named and (what not in ("author", "about") or query.reports)):
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
    quoter = Quoter(store)
    note, more = NOTE, tuple[Sentence, ...]()
    if what in ("summary", "about"):
        sentences, more = _summed_up(reports[:MOST_SUMMED], store, quoter)
        note = "Key sentences of the report's own summary; its recommendations are behind them."
    elif what == "recommendations":
        known = quoter.known(where)
        sentences, more = _counted(reports, known, store), quoter.cited(known)[0]
        note = f"{NOTE} {counted(len(known), 'recommendation')} in all."
    else:
        shown = reports[: NEWEST if what == "newest" else MOST]
        sentences = tuple(s for r in shown if (s := _sentence(what, r, store.report(r.id))))
        by = publishers_listed(sorted({r.publisher for r in reports}))
        if what == "held":
            note = f"{NOTE} {counted(len(reports), 'report')} by {by}."
        if len(shown) < len(reports):
            note = f"{note} The {len(shown)} newest of {len(reports)}."
    if not sentences:
        return None
    return Answer(
        query.text,
        sentences,
        confidence=1.0,
        note=note,
        provenance=quoter.provenance((*sentences, *more)),
        more=more,
    )


def _summed_up(
    reports: Sequence[ReportInfo], store: Store, quoter: Quoter
) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    """Return the key sentences of reports, and their recommendations."""
    most = max(1, KEY_SENTENCES // len(reports))
    known = quoter.known(Filters(report=tuple(r.id for r in reports)))
    stated = {name for r in known for name in (r.stated, *r.restated)}
    sentences = [s for r in reports for s in summarise(store.report(r.id), r, most, stated)]
    return tuple(sentences), quoter.cited(known)[0]


def _counted(
    reports: Sequence[ReportInfo], known: Sequence[Recommendation], store: Store
) -> tuple[Sentence, ...]:
    """Return how many recommendations each report makes, citing the first, or its beginning."""
    counts = Counter(r.report_id for r in known)
    first = {r.report_id: r.stated for r in reversed(known)}
    stated = store.paragraphs(first.values())
    sentences = []
    for info in reports[:MOST]:
        found = stated.get(first.get(info.id, ""))
        if found := found or _front(store.report(info.id).paragraphs, (info.title,)):
            count = counts[info.id]
            makes = f"makes {counted(count, 'recommendation')}" if count else "makes none"
            sentences.append(
                Sentence(f"{info.title} {makes}.", (cite(_opening(found), found, info),))
            )
    return tuple(sentences)


def _sentence(what: str, info: ReportInfo, report: Report) -> Sentence | None:
    """Return what the record says, citing where the report prints it, or else its beginning."""
    month = in_words(info.published)
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
    return Sentence(f"{info.title} {said}.", (cite(_opening(found), found, info),))


def _opening(paragraph: Paragraph) -> str:
    """Return the beginning of a paragraph that is quoted for what a record says."""
    text = paragraph.text
    return text if len(text) <= LONGEST else text[:LONGEST].rpartition(" ")[0]


def _front(paragraphs: Sequence[Paragraph], wanted: Iterable[str]) -> Paragraph | None:
    """Return the paragraph near the beginning that prints the first of these words, or any."""
    front = [p for p in paragraphs[:FRONT] if p.text]
    for words in filter(None, wanted):
        for paragraph in front:
            if words.casefold() in paragraph.text.casefold():
                return paragraph
    return front[0] if front else None
