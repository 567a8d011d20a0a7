"""A document as plain text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from reformqa.exports.document import ExportDocument, Part
from reformqa.exports.form import Form
from reformqa.exports.printable import colophon, introduction, one_line, standing
from reformqa.model import Citation, Sentence


def to_text(document: ExportDocument) -> str:
    """Return the parts, their sentences with reference numbers, and the references.

    A reference includes its quote if a sentence that cites it is worded differently. Lines are
    not wrapped: the terminal does that.
    """
    numbers = document.references()
    blocks = [one_line(document.title), *map(one_line, document.notes)]
    blocks += ["\n".join(_part(part, numbers)) for part in document.parts]
    if numbers:
        blocks.append("\n".join(_references(document, numbers)))
    blocks.append(colophon(document.provenance))
    return "\n\n".join(filter(None, blocks))


FORM = Form("text", "Plain text", ".txt", "text/plain", to_text)


def _part(part: Part, numbers: dict[Citation, int]) -> Iterator[str]:
    if not part.continued:
        heading = one_line(part.heading)
        yield heading
        yield "─" * len(heading)
    if part.caption:
        yield one_line(part.caption)
    for sentence in part.sentences:
        yield f"• {_sentence(sentence, numbers)}"


def _sentence(sentence: Sentence, numbers: dict[Citation, int]) -> str:
    name = introduction(sentence)
    marks = "".join(f"[{numbers[c]}]" for c in sentence.citations)
    return f"{f'{name}: ' if name else ''}{one_line(sentence.text)} {marks}"


def _references(document: ExportDocument, numbers: dict[Citation, int]) -> Iterator[str]:
    sentences = [s for part in document.parts for s in part.sentences]
    reworded = {c for s in sentences for c in s.citations if c.quote not in s.text}
    yield "References"
    for citation, number in numbers.items():
        found = standing(citation)
        yield (
            f"[{number}] {one_line(str(citation))} · {one_line(citation.paragraph_id)}"
            f"{f' ({found})' if found else ''}"
        )
        if citation in reworded:
            yield f"    “{one_line(citation.quote)}”"
