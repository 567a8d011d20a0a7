"""A document as a Word file (.docx)."""

from __future__ import annotations

from reformqa.exports.document import ExportDocument
from reformqa.exports.form import Form


def to_word(document: ExportDocument) -> bytes:
    """Return the contents of a Word file: see `word_document.draw_word`."""
    # Imported here to keep `import reformqa` fast.
    from reformqa.exports.word_document import draw_word

    return draw_word(document)


FORM = Form(
    "docx",
    "Word",
    ".docx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    to_word,
)
