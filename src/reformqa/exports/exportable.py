"""The base class of results that can be shown, saved and exported."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

from reformqa import exports
from reformqa.exports.document import ExportDocument

if TYPE_CHECKING:
    import pandas as pd


class Exportable(ABC):
    """A result with a document: every export follows from it."""

    __slots__ = ()

    @abstractmethod
    def document(self) -> ExportDocument:
        """Return the result as a document."""

    def export(self, form: str) -> str | bytes:
        """Return the result in a form of `exports.FORMS` ("markdown", "docx", "ris", …).

        Returns bytes for a Word document and text otherwise. Raises UnknownNameError for an
        unknown form.
        """
        return exports.export(self.document(), form)

    def save(self, file: str | Path) -> Path:
        """Write the result in the form that the suffix selects (".md", ".docx", …).

        Returns the file. Raises UnknownNameError for an unknown suffix, and ExportError if the
        file cannot be written.
        """
        return exports.save(self.document(), Path(file))

    def to_pandas(self) -> pd.DataFrame:
        """Return one row per citation: who says what, where, and in which build."""
        import pandas as pd  # half a second to import, and an answer does not need it

        return pd.DataFrame(exports.rows(self.document()), columns=list(exports.COLUMNS))

    def __str__(self) -> str:
        return str(self.export("text"))

    def _repr_html_(self) -> str:
        return str(self.export("html"))
