"""Helpers that every form shares: printable text, and how a source is named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from reformqa.exports.document import ExportDocument, Provenance
from reformqa.model import Citation, ReportInfo, Sentence

#: What Python, a browser or a word processor takes for the end of a line, besides "\n".
_BREAKS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
#: Characters that XML forbids, that a terminal obeys, or that UTF-8 cannot encode.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_WEB = re.compile(r"https?://\w", re.IGNORECASE)
#: What an address may contain unescaped. Anything else could end it in Markdown, HTML or BibTeX.
_PLAIN_IN_ADDRESS = ":/?#@!$&*+,;=%~"
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def clean(text: str) -> str:
    """Return the text with "\\n" for line breaks, without control characters or lone surrogates."""
    return _UNPRINTABLE.sub("", _BREAKS.sub("\n", text))


def one_line(text: str) -> str:
    """Return the text, cleaned, on one line."""
    return re.sub(r"[\n\t]+", " ", clean(text)).strip()


def web_address(url: str | None) -> str | None:
    """Return the address, percent-encoded as needed, or None if it is not http or https."""
    address = _BARE_PERCENT.sub("%25", one_line(url or ""))
    return quote(address, safe=_PLAIN_IN_ADDRESS) if _WEB.match(address) else None


def introduction(sentence: Sentence) -> str:
    """Return the name of a sentence's recommendation, or "" if the sentence begins with it."""
    if not sentence.recommendation:
        return ""
    name = one_line(sentence.recommendation.name)
    begins = re.match(rf"{re.escape(name)}\b", one_line(sentence.text), re.IGNORECASE)
    return "" if begins else name


def standing(citation: Citation) -> str:
    """Return the quote's status and repairs ("repaired: dashes"), or "" if it is verified."""
    if citation.status == "verified":
        return ""
    return one_line(": ".join(filter(None, (citation.status, "; ".join(citation.repairs)))))


def cited_report(citation: Citation, reports: Mapping[str, ReportInfo]) -> ReportInfo:
    """Return the cited report's metadata, or what the citation says if `reports` lacks it."""
    return reports.get(citation.report_id) or ReportInfo(
        id=citation.report_id,
        title=citation.report_title,
        subtitle=None,
        authors=(),
        publisher=citation.publisher,
        published=str(citation.year) if citation.year else None,
        series=None,
        licence=None,
        url=None,
        source="",
        sha256="",
    )


def address(citation: Citation, document: ExportDocument) -> str | None:
    """Return the cited report's landing page, or None if it has none that can be linked to."""
    return web_address(cited_report(citation, document.provenance.reports).url)


def permalink(citation: Citation, document: ExportDocument) -> str | None:
    """Return the address at which the app shows the quote, or None if it is not known."""
    return web_address(document.provenance.links.get(citation))


def footnote(citation: Citation) -> str:
    """Return the text of a footnote: publisher, year, title and place; the status of a repair."""
    found = standing(citation)
    return f"{one_line(str(citation))}{f' ({found})' if found else ''}"


def bibliography(document: ExportDocument) -> list[tuple[str, str | None]]:
    """Return a line for every cited report, by author and year, with the address of its page."""
    cited = {c.report_id: c for c in document.references()}
    reports = [cited_report(c, document.provenance.reports) for c in cited.values()]
    entries = [(_entry(report), web_address(report.url)) for report in reports]
    return sorted(entries, key=lambda entry: entry[0].casefold())


def _entry(report: ReportInfo) -> str:
    publisher = one_line(report.publisher)
    authors = ", ".join(filter(None, map(one_line, report.authors)))
    year = (report.published or "n.d.")[:4]
    title = ": ".join(filter(None, map(one_line, (report.title, report.subtitle or ""))))
    tail = f" {publisher}." if authors and publisher else ""
    return f"{authors or publisher} ({year}). {title}.{tail}"


def colophon(provenance: Provenance) -> str:
    """Return "Index build b1, asked on 2026-11-21.", the known half of it, or ""."""
    known = (("index build", provenance.build), ("asked on", provenance.asked))
    line = ", ".join(f"{name} {one_line(value)}" for name, value in known if value)
    return f"{line[:1].upper()}{line[1:]}." if line else ""
