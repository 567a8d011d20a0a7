"""A document in the forms in which it leaves the library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reformqa.errors import ExportError, UnknownNameError
from reformqa.exports.document import ExportDocument
from reformqa.exports.html import to_html
from reformqa.exports.markdown import to_markdown
from reformqa.exports.references import to_bibtex, to_csl_json, to_ris
from reformqa.exports.table import COLUMNS, rows, to_csv
from reformqa.exports.text import to_text
from reformqa.exports.word import to_word

__all__ = ["COLUMNS", "FORMS", "Form", "export", "rows", "save", "to_bytes"]


@dataclass(frozen=True, slots=True)
class Form:
    """A form of export: what draws it, and what a file or a download of it is called.

    `suffix` begins with the dot; `encoding` is that of a file, which has a byte order mark where
    its readers would otherwise guess wrongly.
    """

    suffix: str
    media_type: str
    draw: Callable[[ExportDocument], str | bytes]
    encoding: str = "utf-8"


#: Every form by its name.
FORMS: dict[str, Form] = {
    "text": Form(".txt", "text/plain", to_text),
    # A fragment has no place to name its encoding.
    "html": Form(".html", "text/html", to_html, "utf-8-sig"),
    "markdown": Form(".md", "text/markdown", to_markdown),
    "docx": Form(
        ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", to_word
    ),
    "csv": Form(".csv", "text/csv", to_csv, "utf-8-sig"),  # for Excel
    "bibtex": Form(".bib", "application/x-bibtex", to_bibtex),
    "ris": Form(".ris", "application/x-research-info-systems", to_ris),
    "csl-json": Form(".json", "application/vnd.citationstyles.csl+json", to_csl_json),
}


def export(document: ExportDocument, form: str) -> str | bytes:
    """The document in the form of that name: bytes for "docx", text otherwise.

    Raises UnknownNameError for a name that is not in FORMS.
    """
    return _form(form).draw(document)


def to_bytes(document: ExportDocument, form: str) -> bytes:
    """What a file or a download of that form holds. Raises UnknownNameError as `export` does."""
    drawn = export(document, form)
    return drawn if isinstance(drawn, bytes) else drawn.encode(_form(form).encoding)


def save(document: ExportDocument, file: Path) -> Path:
    """Write the document in the form that the file's suffix names; gives the file back.

    Nothing is written before the whole is drawn. Raises UnknownNameError for another suffix, and
    ExportError where the file cannot be written.
    """
    names = {form.suffix: name for name, form in FORMS.items()}
    suffix = file.suffix.lower()
    if suffix not in names:
        raise UnknownNameError("export form", suffix, names)
    drawn = to_bytes(document, names[suffix])
    try:
        file.write_bytes(drawn)
    except OSError as error:
        raise ExportError(f"{file} cannot be written: {error.strerror}. Name another.") from error
    return file


def _form(name: str) -> Form:
    if name not in FORMS:
        raise UnknownNameError("export form", name, FORMS)
    return FORMS[name]
