"""A document as an HTML fragment, as a notebook shows it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from reformqa.exports.document import ExportDocument, Part
from reformqa.exports.form import Form
from reformqa.exports.printable import (
    address,
    bibliography,
    colophon,
    footnote,
    introduction,
    one_line,
    permalink,
    standing,
)
from reformqa.model import Citation, Sentence

# No fixed colours, so that the fragment is readable on dark and light backgrounds.
_WHOLE = "max-width:46em;line-height:1.5;color:inherit"
_QUIET = "opacity:.7;font-size:.9em"
_QUOTE = "margin:.2em 0 .6em;padding-left:.8em;border-left:2px solid currentColor;opacity:.85"
_HEADING = "margin:1.2em 0 .2em"
_CAPTION = f"margin:0;{_QUIET}"
_LINK = "target='_blank' rel='noopener noreferrer' style='color:inherit'"


def to_html(document: ExportDocument) -> str:
    """Return headings, sentences with reference numbers, and an ordered list of references.

    All text is escaped. Every element that contains a report's words sets its own writing
    direction, so that right-to-left text cannot reorder its neighbours.
    """
    numbers = document.references()
    lines = [f"<h3 dir='auto'>{_text(document.title)}</h3>"]
    lines += [f"<p dir='auto'>{_text(note)}</p>" for note in document.notes]
    for part in document.parts:
        lines += _quotes(part, numbers) if document.footnotes else _part(part, numbers)
    if document.footnotes:
        lines += _footnotes(document, numbers)
    elif numbers:
        items = [_reference(c, address(c, document)) for c in numbers]
        lines += [f"<h4 style='{_HEADING}'>References</h4>", "<ol>", *items, "</ol>"]
    if end := colophon(document.provenance):
        lines.append(f"<p style='{_QUIET}'>{_text(end)}</p>")
    inner = "\n".join(lines)
    return f"<div class='reformqa' style='{_WHOLE}'>\n{inner}\n</div>\n"


# A fragment cannot declare its encoding, so the file begins with a byte order mark.
FORM = Form("html", "Web page", ".html", "text/html", to_html, "utf-8-sig")


def _text(text: str) -> str:
    return escape(one_line(text))


def _part(part: Part, numbers: dict[Citation, int]) -> Iterator[str]:
    yield f"<h4 dir='auto' style='{_HEADING}'>{_text(part.heading)}</h4>"
    if part.caption:
        yield f"<p dir='auto' style='{_CAPTION}'>{_text(part.caption)}</p>"
    for sentence in part.sentences:
        yield _sentence(sentence, numbers)


def _quotes(part: Part, numbers: dict[Citation, int]) -> Iterator[str]:
    if not part.continued:
        yield f"<h4 dir='auto' style='{_HEADING}'>{_text(part.heading)}</h4>"
    if part.caption:
        yield f"<p dir='auto'>{_text(part.caption)}</p>"
    for sentence in part.sentences:
        name = introduction(sentence)
        lead = f"<b>{_text(name)}:</b> " if name else ""
        yield (
            f"<blockquote dir='auto' style='{_QUOTE}'>{lead}“{_text(sentence.text)}”"
            f"<sup>{_marks(sentence, numbers)}</sup></blockquote>"
        )


def _footnotes(document: ExportDocument, numbers: dict[Citation, int]) -> Iterator[str]:
    if not numbers:
        return
    yield f"<h4 style='{_HEADING}'>Notes</h4><ol>"
    for citation in numbers:
        link = permalink(citation, document)
        place = _linked("source", link) if link else _text(citation.paragraph_id)
        yield f"<li><bdi>{_text(footnote(citation))}</bdi> · {place}</li>"
    yield f"</ol><h4 style='{_HEADING}'>Bibliography</h4><ul>"
    for entry, link in bibliography(document):
        yield f"<li dir='auto'>{_text(entry)}{f' {_linked(link, link)}' if link else ''}</li>"
    yield "</ul>"


def _linked(text: str, link: str) -> str:
    return f"<a href='{escape(link)}' {_LINK}>{_text(text)}</a>"


def _marks(sentence: Sentence, numbers: dict[Citation, int]) -> str:
    return "".join(
        f"<span title='{_text(str(c))}'>[{numbers[c]}]</span>" for c in sentence.citations
    )


def _sentence(sentence: Sentence, numbers: dict[Citation, int]) -> str:
    name = introduction(sentence)
    lead = f"<b>{_text(name)}:</b> " if name else ""
    return f"<p dir='auto'>{lead}{_text(sentence.text)}<sup>{_marks(sentence, numbers)}</sup></p>"


def _reference(citation: Citation, link: str | None) -> str:
    source = f"<bdi>{_text(str(citation))}</bdi>"
    if link:
        source += f" · {_linked('report', link)}"
    if found := standing(citation):
        source += f" <b>({_text(found)})</b>"
    return (
        f"<li>{source} <span style='{_QUIET}'>{_text(citation.paragraph_id)}</span>"
        f"<blockquote dir='auto' style='{_QUOTE}'>“{_text(citation.quote)}”</blockquote></li>"
    )
