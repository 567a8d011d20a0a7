"""The options that several commands share, with their help texts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reformqa import exports

CORPUS = Path("corpus")
INDEX = Path("index")

Corpus = Annotated[Path, typer.Option(help="The folder of reports.")]
Catalogue = Annotated[
    Path | None,
    typer.Option(help="The catalogue. Default: catalogue.toml in the corpus folder."),
]
Index = Annotated[Path, typer.Option(help="The folder of the index.")]
SettingsFile = Annotated[
    Path | None, typer.Option("--settings", help="The settings file. Default: reformqa.toml.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Question = Annotated[str, typer.Argument(help="The question, in quotation marks.")]
Publisher = Annotated[
    list[str] | None, typer.Option(help="Only this publisher. Can be used several times.")
]
ReportId = Annotated[
    list[str] | None,
    typer.Option(help="Only the report with this id. Can be used several times."),
]
Since = Annotated[int | None, typer.Option(help="Only reports from this year or later.")]
Until = Annotated[int | None, typer.Option(help="Only reports from this year or earlier.")]
Section = Annotated[
    list[str] | None,
    typer.Option(
        help="Only this kind of section (summary, chapter, box, …). Can be used several times."
    ),
]
Save = Annotated[
    Path | None,
    typer.Option(
        help="Also save the result to this file. Its suffix selects the format:"
        f" {', '.join(form.suffix for form in exports.FORMS.values())}."
    ),
]
