"""What shows, saves and exports itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

from reformqa import exports
from reformqa.exports.document import ExportDocument

if TYPE_CHECKING:
    import pandas as pd


class Exportable(ABC):
    """What a document can be made of shows and exports itself."""

    __slots__ = ()

    @abstractmethod
    def document(self) -> ExportDocument:
        """The result as it looks on paper."""

    def export(self, form: str) -> str | bytes:
        """The result in a form of `exports.FORMS` ("markdown", "docx", "ris", …).

        Bytes for a Word document, text otherwise. Raises UnknownNameError for another form.
        """
        return exports.export(self.document(), form)

    def save(self, file: str | Path) -> Path:
        """Write the result in the form that the file's suffix names (".md", ".docx", ".ris", …).

        Raises UnknownNameError for another suffix.
        """
        return exports.save(self.document(), Path(file))

    def to_pandas(self) -> pd.DataFrame:
        """A row a citation: who says what, where it stands, in which build."""
        import pandas as pd  # takes half a second, which an answer need not wait for

        return pd.DataFrame(exports.rows(self.document()), columns=list(exports.COLUMNS))

    def __str__(self) -> str:
        return str(self.export("text"))

    def _repr_html_(self) -> str:
        return str(self.export("html"))
