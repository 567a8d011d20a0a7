"""The cited reports for a reference manager: BibTeX, RIS and CSL-JSON.

There is one entry per report, as in a bibliography. Its notes list every cited place with the
number that the other forms print.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from reformqa.exports.document import ExportDocument
from reformqa.exports.form import Form
from reformqa.exports.names import Name, name
from reformqa.exports.printable import (
    cited_report,
    colophon,
    one_line,
    standing,
    web_address,
)
from reformqa.model import Citation, ReportInfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: Braces become commands, because BibTeX counts even escaped ones and texts may not pair them.
_LATEX = str.maketrans(
    {
        "\\": r"{\textbackslash}",
        "{": r"{\textbraceleft}",
        "}": r"{\textbraceright}",
        "~": r"{\textasciitilde}",
        "^": r"{\textasciicircum}",
        **{mark: f"\\{mark}" for mark in "&%#_$"},
    }
)
#: Between two marks that LaTeX would print as one: "--" as a dash, "?`" as "¿".
_LIGATURES = re.compile(r"(?<=([-`',<>]))(?=\1)|(?<=[?!])(?=`)")


@dataclass(frozen=True, slots=True)
class _Reference:
    """A cited report's metadata, each value on one line, "" or None if unknown.

    `published` and `accessed` are year, month and day, as far as they are known.
    """

    key: str
    title: str
    authors: tuple[Name, ...]
    publisher: str
    published: tuple[int, ...]
    accessed: tuple[int, ...]
    url: str | None
    notes: tuple[str, ...]


def to_bibtex(document: ExportDocument) -> str:
    """Return a techreport for every cited report.

    The cited places are in `annote`, which bibliography styles do not print.
    """
    # Imported here to keep `import reformqa` fast.
    from pybtex.database import BibliographyData, Entry
    from pybtex.database.output.bibtex import Writer

    class Unescaped(Writer):  # type: ignore[misc]  # pybtex is not typed
        """Writes fields unescaped: texts are escaped already, and a URL must not be."""

        def _write_field(self, stream: Any, type: str, value: str) -> None:
            # Without quotation marks, the bibliography style prints its own name of the month.
            written = value if type == "month" else self.quote(value)
            stream.write(f",\n    {type} = {written}")

    entries = {r.key: Entry("techreport", list(_bibtex_fields(r))) for r in _references(document)}
    written: str = Unescaped().to_string(BibliographyData(entries))
    return written


BIBTEX = Form("bibtex", "BibTeX", ".bib", "application/x-bibtex", to_bibtex)


def to_ris(document: ExportDocument) -> str:
    """Return a record of type RPRT for every cited report, with each cited place as a note (N1)."""
    import rispy  # imported here to keep `import reformqa` fast

    class Unnumbered(rispy.RisWriter):  # type: ignore[misc]  # rispy is not typed
        """Writes no number before a record, which some readers reject."""

        def set_header(self, count: int) -> str:
            return ""

    records = [dict(_ris_fields(reference)) for reference in _references(document)]
    written: str = rispy.dumps(records, implementation=Unnumbered)
    return written


RIS = Form("ris", "RIS", ".ris", "application/x-research-info-systems", to_ris)


def to_csl_json(document: ExportDocument) -> str:
    """Return a list of items of type "report", one for every cited report."""
    items = [dict(_csl_fields(reference)) for reference in _references(document)]
    return json.dumps(items, ensure_ascii=False, indent=2) + "\n"


CSL_JSON = Form(
    "csl-json", "CSL JSON", ".json", "application/vnd.citationstyles.csl+json", to_csl_json
)


def _references(document: ExportDocument) -> list[_Reference]:
    numbers = document.references()
    of: dict[str, list[Citation]] = {}
    for citation in numbers:
        of.setdefault(citation.report_id, []).append(citation)
    keys = _keys(of)
    end = colophon(document.provenance)
    found = []
    for report_id, citations in of.items():
        report = cited_report(citations[0], document.provenance.reports)
        places = [_place(numbers[c], c) for c in citations]
        found.append(
            _Reference(
                key=keys[report_id],
                title=_title(report),
                authors=_authors(report),
                publisher=one_line(report.publisher),
                published=_date(report.published),
                accessed=_date(document.provenance.asked),
                url=web_address(report.url),
                notes=tuple(filter(None, (*places, *_remarks(report), end))),
            )
        )
    return found


def _keys(report_ids: Iterable[str]) -> dict[str, str]:
    """Return a BibTeX key for every report, based on its id and unique regardless of case."""
    keys: dict[str, str] = {}
    taken: set[str] = set()
    for report_id in report_ids:
        base = key = re.sub(r"[^A-Za-z0-9.:_-]+", "-", report_id).strip("-") or "report"
        count = 1
        while key.casefold() in taken:
            count += 1
            key = f"{base}-{count}"
        taken.add(key.casefold())
        keys[report_id] = key
    return keys


def _title(report: ReportInfo) -> str:
    return ": ".join(filter(None, (one_line(report.title), one_line(report.subtitle or ""))))


def _authors(report: ReportInfo) -> tuple[Name, ...]:
    """Return the authors, or the publisher if none is named and this is no reading note."""
    named = tuple(name(one_line(author)) for author in report.authors if one_line(author))
    publisher = one_line(report.publisher)
    return named or ((Name(publisher),) if publisher and not report.note_on else ())


def _place(number: int, citation: Citation) -> str:
    found = standing(citation)
    return one_line(
        f"[{number}] {citation.pinpoint} ({citation.paragraph_id}): “{citation.quote}”"
        f"{f' ({found})' if found else ''}"
    )


def _remarks(report: ReportInfo) -> Iterator[str]:
    if report.note_on:
        yield "A reading note on the report, not the report itself"
    if report.guessed:
        yield one_line(f"Read from the front page, not checked: {', '.join(report.guessed)}")


def _date(text: str | None) -> tuple[int, ...]:
    """Return as many of year, month and day as the text has: (2024, 12) for "2024-12"."""
    found = re.match(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", text or "")
    return tuple(int(part) for part in found.groups() if part) if found else ()


def _bibtex_fields(reference: _Reference) -> Iterable[tuple[str, str]]:
    fields = {
        "title": _latex(reference.title),
        "author": " and ".join(map(_bibtex_name, reference.authors)),
        "institution": _latex(reference.publisher),
        "year": str(reference.published[0]) if reference.published else "",
        "month": _month(reference.published),
        "url": reference.url,
        "urldate": "-".join(f"{part:02}" for part in reference.accessed),
        "annote": _latex(" ".join(reference.notes)),
    }
    return [(field, value) for field, value in fields.items() if value]


def _latex(text: str) -> str:
    return _LIGATURES.sub("{}", text.translate(_LATEX))


def _bibtex_name(author: Name) -> str:
    family, given = _latex(author.family), _latex(author.given)
    # Braces keep an organisation whole: BibTeX would split it at spaces, commas and "and".
    return f"{family}, {given}" if given else f"{{{family}}}"


def _month(date: Sequence[int]) -> str:
    return _MONTHS[date[1] - 1] if len(date) > 1 and 1 <= date[1] <= len(_MONTHS) else ""


def _ris_fields(reference: _Reference) -> Iterable[tuple[str, str | list[str]]]:
    fields: dict[str, str | list[str]] = {
        "type_of_reference": "RPRT",
        "id": reference.key,
        "title": reference.title,
        "authors": [", ".join(filter(None, (a.family, a.given))) for a in reference.authors],
        "publisher": reference.publisher,
        "year": str(reference.published[0]) if reference.published else "",
        "date": _ris_date(reference.published),
        # RIS readers split addresses at a semicolon.
        "urls": [reference.url.replace(";", "%3B")] if reference.url else [],
        "access_date": _ris_date(reference.accessed),
        "notes": list(reference.notes),
    }
    return [(field, value) for field, value in fields.items() if value]


def _ris_date(date: Sequence[int]) -> str:
    """Return the date as RIS writes it: "2024/12//" has no day and no remark."""
    parts = [f"{part:02}" for part in date]
    return "/".join([*parts, *[""] * (4 - len(parts))]) if parts else ""


def _csl_fields(reference: _Reference) -> Iterable[tuple[str, object]]:
    authors = [
        {"family": a.family, "given": a.given} if a.given else {"literal": a.family}
        for a in reference.authors
    ]
    fields: dict[str, object] = {
        "id": reference.key,
        "type": "report",
        "title": reference.title,
        "author": authors,
        "issued": reference.published and {"date-parts": [list(reference.published)]},
        "publisher": reference.publisher,
        "URL": reference.url,
        "accessed": reference.accessed and {"date-parts": [list(reference.accessed)]},
        "note": "\n".join(reference.notes),
    }
    return [(field, value) for field, value in fields.items() if value]
