"""Documents in the forms in which they leave the library, one module to a form."""

from __future__ import annotations

from pathlib import Path

from reformqa.errors import ExportError, UnknownNameError
from reformqa.exports import html, markdown, references, table, text, word
from reformqa.exports.document import ExportDocument
from reformqa.exports.form import Form
from reformqa.exports.table import COLUMNS, rows

__all__ = ["COLUMNS", "FORMS", "Form", "export", "rows", "save", "to_bytes"]

_REGISTERED = (
    word.FORM,
    markdown.FORM,
    html.FORM,
    table.FORM,
    references.RIS,
    references.BIBTEX,
    references.CSL_JSON,
    text.FORM,
)
#: Every form by its name, in the order in which a menu offers them.
FORMS: dict[str, Form] = {form.name: form for form in _REGISTERED}


def export(document: ExportDocument, form: str) -> str | bytes:
    """Return the document in the named form: bytes for "docx", text otherwise.

    Raises UnknownNameError if the name is not in FORMS.
    """
    return _form(form).draw(document)


def to_bytes(document: ExportDocument, form: str) -> bytes:
    """Return the contents of a file in the named form. Raises UnknownNameError as `export` does."""
    drawn = export(document, form)
    return drawn if isinstance(drawn, bytes) else drawn.encode(_form(form).encoding)


def save(document: ExportDocument, file: Path) -> Path:
    """Write the document in the form that the file's suffix selects, and return the file.

    Nothing is written until the whole document is drawn. Raises UnknownNameError for an unknown
    suffix, and ExportError if the file cannot be written.
    """
    names = {form.suffix: name for name, form in FORMS.items()}
    suffix = file.suffix.lower()
    if suffix not in names:
        raise UnknownNameError("export form", suffix, names)
    drawn = to_bytes(document, names[suffix])
    try:
        file.write_bytes(drawn)
    except OSError as error:
        raise ExportError(
            f"{file} cannot be written: {error.strerror}. Choose another file."
        ) from error
    return file


def _form(name: str) -> Form:
    if name not in FORMS:
        raise UnknownNameError("export form", name, FORMS)
    return FORMS[name]
