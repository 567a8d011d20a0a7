"""Readers of report files, by suffix.

A new kind of file takes one module in this package and one line in `READERS`. A module is
imported when a file of its kind is first read: some depend on packages that are slow to load.
"""

from __future__ import annotations

from collections.abc import KeysView
from importlib import import_module
from pathlib import Path
from typing import Protocol

from reformqa.errors import UnreadableFileError
from reformqa.parsing.blocks import FileText


class Reader(Protocol):
    """A function that reads one kind of file.

    With `ocr`, it may recognise text in pictures; a reader of files without pictures ignores it.
    Raises UnreadableFileError if the file is not what its suffix says.
    """

    def __call__(self, path: Path, *, ocr: bool = False) -> FileText: ...


#: The reader for each suffix, as "module:function"; suffixes are in lower case.
READERS: dict[str, str] = {
    ".txt": "reformqa.parsing.readers.text:read_text",
    ".md": "reformqa.parsing.readers.markdown:read_markdown",
    ".docx": "reformqa.parsing.readers.docx:read_docx",
    ".html": "reformqa.parsing.readers.html:read_html",
    ".htm": "reformqa.parsing.readers.html:read_html",
    ".pdf": "reformqa.parsing.readers.pdf:read_pdf",
}
#: The suffixes of the files that can be read: a live view of the registry.
SUFFIXES: KeysView[str] = READERS.keys()


def read_file(path: Path, *, ocr: bool = False) -> FileText:
    """Read the file in `path` with the reader for its suffix, upper or lower case.

    Raises UnreadableFileError if no reader is registered for the suffix, or if the reader fails.
    """
    name = READERS.get(path.suffix.lower())
    if name is None:
        raise UnreadableFileError(
            f"{path.name} cannot be read: only {', '.join(SUFFIXES)} files can. Convert it first."
        )
    module, _, function = name.partition(":")
    reader: Reader = getattr(import_module(module), function)
    return reader(path, ocr=ocr)


def reader_modules() -> list[str]:
    """Return the names of the modules that contain the readers, each once."""
    return list(dict.fromkeys(name.partition(":")[0] for name in READERS.values()))
