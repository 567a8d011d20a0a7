"""One row per citation, for a spreadsheet and for pandas."""

from __future__ import annotations

import csv
import io
import re

from reformqa.exports.document import ExportDocument, Part
from reformqa.exports.form import Form
from reformqa.exports.printable import cited_report, clean
from reformqa.model import Citation, Sentence

#: The names of the values in a row. `part` is the think tank that the sentence is listed under,
#: `publisher` the one whose report is cited, and `reference` the number that other forms print.
#: `published` is "YYYY-MM" or "YYYY".
#: `page` counts from 1 in the file; `printed_page` is its label, if that is different.
COLUMNS: tuple[str, ...] = (
    *("question", "part", "recommendation", "sentence", "reference", "quote", "status", "repairs"),
    *("publisher", "title", "report_id", "authors", "published", "year"),
    *("page", "printed_page", "paragraph", "section", "paragraph_id", "url", "build", "asked"),
)

#: What a spreadsheet takes for the start of a formula, even after space or quotation marks. See
#: OWASP, "CSV Injection".
_FORMULA = re.compile(r"[\t\n]|[\s\u200b\ufeff\"'`“”‘’]*[=+\-@＝＋－＠]")


def rows(document: ExportDocument) -> list[tuple[object, ...]]:
    """Return one row of COLUMNS for every citation, with texts unchanged and None for unknowns.

    A part without sentences has one row, with its caption as the sentence.
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
    """Return the rows as CSV with a header and every text in quotation marks.

    A cell that a spreadsheet would run as a formula is prefixed with an apostrophe. Use `rows` or
    another form for the words unchanged.
    """
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in row] for row in rows(document))
    return out.getvalue()


# Excel reads UTF-8 only after a byte order mark.
FORM = Form("csv", "Table (CSV)", ".csv", "text/csv", to_csv, "utf-8-sig")


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
        "printed_page": citation.printed_page,
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
