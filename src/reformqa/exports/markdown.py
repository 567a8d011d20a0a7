"""A document in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

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

#: Characters that begin emphasis, code, a link, a table cell or a formula in some dialect.
_MARKS = re.compile(r"[\\`*_\[\]{}#|~$^@]")
#: Where some dialects make a link ("https://", "www.", "mailto:") or an emoji (":tea:").
_JOINTS = re.compile(r"\.(?=\w)|:(?=\S)")
#: Where "&copy;" would become a symbol.
_ENTITY = re.compile(r"&(?=[#\w])")
#: Where a list, a rule or a definition would begin.
_OPENING = re.compile(r"^(\d+(?=[.)])|(?=[-+:]))")


def to_markdown(document: ExportDocument) -> str:
    """Return a heading for each part, a paragraph for each sentence, and numbered references.

    Footnotes are written as Pandoc and GitHub read them: "[^1]".
    """
    numbers = document.references()
    blocks = [f"# {escaped(document.title)}", *map(escaped, document.notes)]
    for part in document.parts:
        blocks += _quotes(part, numbers) if document.footnotes else _part(part, numbers)
    if document.footnotes:
        blocks += _footnotes(document, numbers)
    elif numbers:
        blocks.append("## References")
        blocks += [_reference(c, n, address(c, document)) for c, n in numbers.items()]
    blocks.append(escaped(colophon(document.provenance)))
    return "\n\n".join(filter(None, blocks)) + "\n"


FORM = Form("markdown", "Markdown", ".md", "text/markdown", to_markdown)


def escaped(text: str) -> str:
    """Return the text on one line, escaped so that Markdown prints it unchanged anywhere."""
    # Entities, because some dialects do not accept a backslash before these.
    safe = _ENTITY.sub("&amp;", one_line(text)).replace("<", "&lt;").replace(">", "&gt;")
    safe = _JOINTS.sub(r"\\\g<0>", _MARKS.sub(r"\\\g<0>", safe))
    return _OPENING.sub(r"\1\\", safe)


def _part(part: Part, numbers: dict[Citation, int]) -> Iterator[str]:
    yield f"## {escaped(part.heading)}"
    if one_line(part.caption):
        yield f"*{escaped(part.caption)}*"
    for sentence in part.sentences:
        yield _sentence(sentence, numbers)


def _quotes(part: Part, numbers: dict[Citation, int]) -> Iterator[str]:
    if not part.continued:
        yield f"## {escaped(part.heading)}"
    yield escaped(part.caption)
    for sentence in part.sentences:
        name = introduction(sentence)
        marks = "".join(f"[^{numbers[c]}]" for c in sentence.citations)
        lead = f"**{escaped(name)}:** " if name else ""
        yield f"> {lead}“{escaped(sentence.text)}”{marks}"


def _footnotes(document: ExportDocument, numbers: dict[Citation, int]) -> Iterator[str]:
    if numbers:
        yield "## Bibliography"
    for entry, link in bibliography(document):
        yield f"- {escaped(entry)}{f' {_linked(link, link)}' if link else ''}"
    for citation, number in numbers.items():
        link = permalink(citation, document)
        place = _linked("source", link) if link else escaped(citation.paragraph_id)
        yield f"[^{number}]: {escaped(footnote(citation))} · {place}"


def _linked(text: str, link: str) -> str:
    return f"[{escaped(text)}](<{link.replace('&', '&amp;')}>)"


def _sentence(sentence: Sentence, numbers: dict[Citation, int]) -> str:
    name = introduction(sentence)
    marks = "".join(rf"\[{numbers[c]}\]" for c in sentence.citations)
    return f"{f'**{escaped(name)}:** ' if name else ''}{escaped(sentence.text)} {marks}"


def _reference(citation: Citation, number: int, link: str | None) -> str:
    found = standing(citation)
    source = f"{escaped(str(citation))} · {escaped(citation.paragraph_id)}"
    if link:
        source += f" · {_linked('report', link)}"
    if found:
        source += f" **({escaped(found)})**"
    indent = " " * len(f"{number}. ")  # less would end the list item
    return f"{number}. {source}\n\n{indent}> “{escaped(citation.quote)}”"
