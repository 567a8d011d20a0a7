"""A row a citation: for a spreadsheet, and for pandas."""

from __future__ import annotations

import csv
import io
import re

from reformqa.exports.document import ExportDocument, Part
from reformqa.exports.printable import cited_report, clean
from reformqa.model import Citation, Sentence

#: The names of what `rows` gives. `part` is the think tank under whose name the sentence stands,
#: `publisher` whose report is cited; `reference` is the number that the other forms print;
#: `published` is "YYYY-MM" or "YYYY".
COLUMNS: tuple[str, ...] = (
    *("question", "part", "recommendation", "sentence", "reference", "quote", "status", "repairs"),
    *("publisher", "title", "report_id", "authors", "published", "year"),
    *("page", "paragraph", "section", "paragraph_id", "url", "build", "asked"),
)

#: A spreadsheet takes a cell that begins so for a formula, even behind space or quotation marks.
#: See OWASP, "CSV Injection".
_FORMULA = re.compile(r"[\t\n]|[\s\u200b\ufeff\"'`“”‘’]*[=+\-@＝＋－＠]")


def rows(document: ExportDocument) -> list[tuple[object, ...]]:
    """A row of COLUMNS for every citation, the texts untouched, None where nothing is known.

    A part without sentences has one row, with its caption for a sentence.
    """
    numbers = document.references()
    found: list[dict[str, object]] = []
    for part in document.parts:
        if not part.sentences:
            found.append(_origin(document, part) | {"sentence": part.caption})
        found += [
            _origin(document, part) | _cited(document, sentence, citation, numbers[citation])
            for sentence in part.sentences
            for citation in sentence.citations
        ]
    return [tuple(row.get(column) for column in COLUMNS) for row in found]


def to_csv(document: ExportDocument) -> str:
    """The rows as CSV with a header, every text in quotation marks.

    No cell is a formula: one that begins like one has an apostrophe put before it. Whoever needs
    the words untouched takes `rows`, or another form.
    """
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in row] for row in rows(document))
    return out.getvalue()


def _origin(document: ExportDocument, part: Part) -> dict[str, object]:
    return {
        "question": document.title,
        "part": part.heading,
        "build": document.provenance.build or None,
        "asked": document.provenance.asked or None,
    }


def _cited(
    document: ExportDocument, sentence: Sentence, citation: Citation, number: int
) -> dict[str, object]:
    report = cited_report(citation, document.provenance.reports)
    return {
        "recommendation": sentence.recommendation.name if sentence.recommendation else None,
        "sentence": sentence.text,
        "reference": number,
        "quote": citation.quote,
        "status": citation.status,
        "repairs": "; ".join(citation.repairs) or None,
        "publisher": citation.publisher,
        "title": citation.report_title,
        "report_id": citation.report_id,
        "authors": "; ".join(report.authors) or None,
        "published": report.published,
        "year": citation.year,
        "page": citation.page,
        "paragraph": citation.number,
        "section": " › ".join(citation.section_path) or None,
        "paragraph_id": citation.paragraph_id,
        "url": report.url,
    }


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = clean(value)
    return f"'{text}" if _FORMULA.match(text) else text
