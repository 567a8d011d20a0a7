"""How a Word file is drawn. Imported when one is asked for, because python-docx loads slowly."""

from __future__ import annotations

import io
from datetime import datetime

from docx import Document as new_document
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.shared import Mm
from docx.text.paragraph import Paragraph

from reformqa.exports.document import ExportDocument, Part
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
from reformqa.exports.word_parts import Footnotes, add_link
from reformqa.model import Citation

#: Word's limit on the length of a property; python-docx refuses longer ones.
_LONGEST_PROPERTY = 255


def draw_word(document: ExportDocument) -> bytes:
    """Return a heading for each part, sentences with superscript numbers, and the references.

    A briefing has quotes in the style Quote with footnotes, and a bibliography. All styles have
    Word's own names, so a template changes their look.
    """
    made = new_document()
    made.sections[0].page_width, made.sections[0].page_height = Mm(210), Mm(297)  # A4
    _describe(made, document)
    made.add_heading(one_line(document.title), level=0)
    for note in document.notes:
        made.add_paragraph(one_line(note))
    if document.footnotes:
        _draw_briefing(made, document)
    else:
        _draw_parts(made, document)
    if end := colophon(document.provenance):
        made.add_paragraph().add_run(end).italic = True
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _describe(made: WordDocument, document: ExportDocument) -> None:
    """Set the properties, because the template's name python-docx and the year 2013."""
    properties = made.core_properties
    properties.title = one_line(document.title)[:_LONGEST_PROPERTY]
    properties.comments = colophon(document.provenance)[:_LONGEST_PROPERTY]
    properties.author = ""
    try:
        asked = datetime.fromisoformat(document.provenance.asked)
    except ValueError:  # the date is not known
        return
    properties.created = properties.modified = asked


def _draw_parts(made: WordDocument, document: ExportDocument) -> None:
    """Draw the parts, and the references that their numbers lead to."""
    numbers = document.references()
    for part in document.parts:
        _draw_part(made, part, numbers)
    if numbers:
        made.add_heading("References", level=1)
    for citation in numbers:
        _draw_reference(made, citation, address(citation, document))


def _draw_part(made: WordDocument, part: Part, numbers: dict[Citation, int]) -> None:
    made.add_heading(one_line(part.heading), level=1)
    if part.caption:
        made.add_paragraph().add_run(one_line(part.caption)).italic = True
    for sentence in part.sentences:
        drawn = made.add_paragraph()
        if name := introduction(sentence):
            drawn.add_run(f"{name}: ").bold = True
        drawn.add_run(one_line(sentence.text))
        marks = ", ".join(str(numbers[c]) for c in sentence.citations)
        drawn.add_run(marks).font.superscript = True


def _draw_reference(made: WordDocument, citation: Citation, link: str | None) -> None:
    # Word numbers the list from 1, as the references are numbered.
    drawn = made.add_paragraph(style="List Number")
    drawn.add_run(f"{one_line(str(citation))} · {one_line(citation.paragraph_id)}")
    if link:
        drawn.add_run(" · ")
        add_link(drawn, "report", link)
    if found := standing(citation):
        drawn.add_run(f" ({found})").bold = True
    drawn.add_run().add_break()
    drawn.add_run(f"“{one_line(citation.quote)}”").italic = True


def _draw_briefing(made: WordDocument, document: ExportDocument) -> None:
    """Draw headings, notes and quotes with their footnotes, and the bibliography."""
    footnotes = Footnotes(made)
    for part in document.parts:
        if not part.continued:
            made.add_heading(one_line(part.heading), level=1)
        if part.caption:
            made.add_paragraph(one_line(part.caption), style="Body Text")
        for sentence in part.sentences:
            quote = made.add_paragraph(style="Quote")
            if name := introduction(sentence):
                quote.add_run(f"{name}: ").bold = True
            quote.add_run(f"“{one_line(sentence.text)}”")
            for citation in sentence.citations:
                note = footnotes.add(quote)
                _fill_footnote(note, citation, permalink(citation, document))
    entries = bibliography(document)
    if entries:
        made.add_heading("Bibliography", level=1)
        made.styles.add_style("Bibliography", WD_STYLE_TYPE.PARAGRAPH, builtin=True)
    for entry, link in entries:
        drawn = made.add_paragraph(f"{entry} " if link else entry, style="Bibliography")
        if link:
            add_link(drawn, link, link)


def _fill_footnote(note: Paragraph, citation: Citation, link: str | None) -> None:
    note.add_run(f"{footnote(citation)} · ")
    if link:
        add_link(note, link, link)
    else:
        note.add_run(one_line(citation.paragraph_id))
