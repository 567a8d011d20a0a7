"""The options that commands share: what each is called, and what its help says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CORPUS = Path("corpus")
INDEX = Path("index")

Corpus = Annotated[Path, typer.Option(help="The folder of reports.")]
Catalogue = Annotated[
    Path | None, typer.Option(help="The catalogue; catalogue.toml in the corpus by default.")
]
Index = Annotated[Path, typer.Option(help="The folder of the index.")]
SettingsFile = Annotated[
    Path | None, typer.Option("--settings", help="A settings file; reformqa.toml by default.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Question = Annotated[str, typer.Argument(help="The question, in quotation marks.")]
Publisher = Annotated[
    list[str] | None, typer.Option(help="Only this publisher; may be given again.")
]
ReportId = Annotated[list[str] | None, typer.Option(help="Only this report; may be given again.")]
Since = Annotated[int | None, typer.Option(help="Only reports of this year or later.")]
Until = Annotated[int | None, typer.Option(help="Only reports of this year or earlier.")]
Section = Annotated[
    list[str] | None,
    typer.Option(help="Only this kind of section (summary, chapter, box, …); may be given again."),
]
Save = Annotated[
    Path | None,
    typer.Option(help="Also write it to this file: .md, .docx, .csv, .bib, .ris, .json, .html."),
]
