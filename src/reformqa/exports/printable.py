"""What every form shares: text that any file can hold, and how a source is named in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from reformqa.exports.document import ExportDocument, Provenance
from reformqa.model import Citation, Report, Sentence

#: Besides "\n", what Python, a browser or a word processor takes for the end of a line.
_BREAKS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
#: Not allowed in XML, or commands to a terminal, or not to be encoded at all.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_WEB = re.compile(r"https?://\w", re.IGNORECASE)
#: What may stand in an address as it is. The rest could end it in Markdown, HTML or BibTeX.
_PLAIN_IN_ADDRESS = ":/?#@!$&*+,;=%~"
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def clean(text: str) -> str:
    """The text with "\\n" for every line break, without control characters and lone surrogates."""
    return _UNPRINTABLE.sub("", _BREAKS.sub("\n", text))


def one_line(text: str) -> str:
    """The text, clean, on one line."""
    return re.sub(r"[\n\t]+", " ", clean(text)).strip()


def web_address(url: str | None) -> str | None:
    """The address, percent-encoded where need be; None where it is not of http or https."""
    address = _BARE_PERCENT.sub("%25", one_line(url or ""))
    return quote(address, safe=_PLAIN_IN_ADDRESS) if _WEB.match(address) else None


def introduction(sentence: Sentence) -> str:
    """The name of the recommendation that the sentence states, unless it begins with it; or ""."""
    if not sentence.recommendation:
        return ""
    name = one_line(sentence.recommendation.name)
    begins = re.match(rf"{re.escape(name)}\b", one_line(sentence.text), re.IGNORECASE)
    return "" if begins else name


def standing(citation: Citation) -> str:
    """What the quote gate found, where that is not "verified": "repaired: dashes"; or ""."""
    if citation.status == "verified":
        return ""
    return one_line(": ".join(filter(None, (citation.status, "; ".join(citation.repairs)))))


def cited_report(citation: Citation, reports: Mapping[str, Report]) -> Report:
    """The facts of the report cited; where `reports` lacks it, what the citation itself holds."""
    return reports.get(citation.report_id) or Report(
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
        sections=(),
        paragraphs=(),
    )


def address(citation: Citation, document: ExportDocument) -> str | None:
    """The landing page of the report cited, where it has one that can be linked to."""
    return web_address(cited_report(citation, document.provenance.reports).url)


def colophon(provenance: Provenance) -> str:
    """As much as is known of "Index build b1, asked on 2026-11-21."; or ""."""
    known = (("index build", provenance.build), ("asked on", provenance.asked))
    told = ", ".join(f"{name} {one_line(value)}" for name, value in known if value)
    return f"{told[:1].upper()}{told[1:]}." if told else ""
