"""A document in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reformqa.exports.document import ExportDocument, Part
from reformqa.exports.printable import address, colophon, introduction, one_line, standing
from reformqa.model import Citation, Sentence

#: What begins emphasis, code, a link, a table's cell, a formula, an attribute, … in some dialect.
_MARKS = re.compile(r"[\\`*_\[\]{}#|~$^@]")
#: An address that becomes a link by itself ("https://", "www.", "mailto:"), a short name (":tea:").
_JOINTS = re.compile(r"\.(?=\w)|:(?=\S)")
#: Where "&copy;" would become a sign.
_ENTITY = re.compile(r"&(?=[#\w])")
#: Where a list, a rule or a definition would begin.
_OPENING = re.compile(r"^(\d+(?=[.)])|(?=[-+:]))")


def to_markdown(document: ExportDocument) -> str:
    """A heading a part, a paragraph a sentence, the references as a numbered list."""
    numbers = document.references()
    blocks = [f"# {escaped(document.title)}", *map(escaped, document.notes)]
    for part in document.parts:
        blocks += _part(part, numbers)
    if numbers:
        blocks.append("## References")
        blocks += [_reference(c, n, address(c, document)) for c, n in numbers.items()]
    blocks.append(escaped(colophon(document.provenance)))
    return "\n\n".join(filter(None, blocks)) + "\n"


def escaped(text: str) -> str:
    """The text on one line, so that Markdown prints it as it is wherever it stands."""
    # Entities, for some dialects know no backslash before these.
    safe = _ENTITY.sub("&amp;", one_line(text)).replace("<", "&lt;").replace(">", "&gt;")
    safe = _JOINTS.sub(r"\\\g<0>", _MARKS.sub(r"\\\g<0>", safe))
    return _OPENING.sub(r"\1\\", safe)


def _part(part: Part, numbers: dict[Citation, int]) -> Iterator[str]:
    yield f"## {escaped(part.heading)}"
    if one_line(part.caption):
        yield f"*{escaped(part.caption)}*"
    for sentence in part.sentences:
        yield _sentence(sentence, numbers)


def _sentence(sentence: Sentence, numbers: dict[Citation, int]) -> str:
    name = introduction(sentence)
    marks = "".join(rf"\[{numbers[c]}\]" for c in sentence.citations)
    return f"{f'**{escaped(name)}:** ' if name else ''}{escaped(sentence.text)} {marks}"


def _reference(citation: Citation, number: int, link: str | None) -> str:
    found = standing(citation)
    source = f"{escaped(str(citation))} · {escaped(citation.paragraph_id)}"
    if link:
        source += f" · [report](<{link.replace('&', '&amp;')}>)"
    if found:
        source += f" **({escaped(found)})**"
    indent = " " * len(f"{number}. ")  # under the item's first word, or it is no part of the item
    return f"{number}. {source}\n\n{indent}> “{escaped(citation.quote)}”"
