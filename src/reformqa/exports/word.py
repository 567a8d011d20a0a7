"""A document as a Word file (.docx)."""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING

from reformqa.exports.document import ExportDocument, Part
from reformqa.exports.form import Form
from reformqa.exports.printable import address, colophon, introduction, one_line, standing
from reformqa.model import Citation

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.text.paragraph import Paragraph

#: Word's limit on the length of a property; python-docx refuses longer ones.
_LONGEST_PROPERTY = 255


def to_word(document: ExportDocument) -> bytes:
    """Return a heading for each part, sentences with superscript numbers, and the references."""
    # Imported here to keep `import reformqa` fast.
    from docx import Document as new_document
    from docx.shared import Mm

    made = new_document()
    made.sections[0].page_width, made.sections[0].page_height = Mm(210), Mm(297)  # A4
    _describe(made, document)
    made.add_heading(one_line(document.title), level=0)
    for note in document.notes:
        made.add_paragraph(one_line(note))
    numbers = document.references()
    for part in document.parts:
        _draw_part(made, part, numbers)
    if numbers:
        made.add_heading("References", level=1)
    for citation in numbers:
        _draw_reference(made, citation, address(citation, document))
    if end := colophon(document.provenance):
        made.add_paragraph().add_run(end).italic = True
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


FORM = Form(
    "docx",
    "Word",
    ".docx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    to_word,
)


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
        _add_link(drawn, "report", link)
    if found := standing(citation):
        drawn.add_run(f" ({found})").bold = True
    drawn.add_run().add_break()
    drawn.add_run(f"“{one_line(citation.quote)}”").italic = True


def _add_link(paragraph: Paragraph, text: str, link: str) -> None:
    """Append a link to a paragraph, which python-docx has no method for."""
    # Imported here to keep `import reformqa` fast.
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    held = OxmlElement("w:hyperlink")
    held.set(qn("r:id"), paragraph.part.relate_to(link, RELATIONSHIP_TYPE.HYPERLINK, True))
    run = paragraph.add_run(text)
    run.font.underline = True
    run.font.color.rgb = RGBColor(0x05, 0x63, 0xC1)
    paragraph._p.append(held)
    held.append(run._r)
