"""The command that lists and corrects what is known of the reports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from reformqa.cli.options import CORPUS, INDEX, AsJson, Catalogue, Corpus, Index
from reformqa.cli.output import out, print_json, print_known
from reformqa.errors import CallerError
from reformqa.library import Library
from reformqa.model import ReportInfo

app = typer.Typer()


@app.command("catalogue")
def catalogue_command(
    file: Annotated[
        str | None,
        typer.Argument(help="A report: its file, or its id. Default: list all of the index."),
    ] = None,
    title: Annotated[str | None, typer.Option(help='Correct its title. "" removes a fact.')] = None,
    subtitle: Annotated[str | None, typer.Option(help="Correct its subtitle.")] = None,
    author: Annotated[
        list[str] | None, typer.Option(help="Correct its authors. Can be used several times.")
    ] = None,
    publisher: Annotated[str | None, typer.Option(help="Correct its publisher.")] = None,
    date: Annotated[
        str | None, typer.Option(help="Correct its date: 2024-12, December 2024 or 2024.")
    ] = None,
    series: Annotated[str | None, typer.Option(help="Correct its series.")] = None,
    licence: Annotated[str | None, typer.Option(help="Correct its licence.")] = None,
    url: Annotated[str | None, typer.Option(help="Correct the address of its page.")] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Take the guesses over as they are.")
    ] = False,
    corpus: Corpus = CORPUS,
    index: Index = INDEX,
    catalogue: Catalogue = None,
    as_json: AsJson = False,
) -> None:
    """List what is known and guessed of the reports, or correct a report in the catalogue."""
    from reformqa.ingest.catalogue import correct, known, listed  # slow to import
    from reformqa.ingest.corpus import read_catalogue
    from reformqa.ingest.folder import CATALOGUE

    book = catalogue or corpus / CATALOGUE
    given = {
        "title": title,
        "subtitle": subtitle,
        "authors": author,
        "publisher": publisher,
        "published": date,
        "series": series,
        "licence": licence,
        "url": url,
    }
    corrections = {name: value for name, value in given.items() if value is not None}
    if file is None:
        if corrections or accept:
            raise CallerError("Name the report to correct: its file, or its id.")
        every = listed(Library.open(index).reports, read_catalogue(book))
        print_json(every) if as_json else print_known(every)
        return
    report = _report(file, corpus)
    if corrections or accept:
        taken = correct(book, report, corrections)
        out.print(f"{escape(str(book))} was changed.", highlight=False)
        if taken:
            out.print(f"Taken over as guessed: {', '.join(taken)}.", highlight=False)
        out.print("Run `reformqa rebuild` to use it.", highlight=False)
    found = (known(report, read_catalogue(book)),)
    print_json(found) if as_json else print_known(found)


def _report(name: str, corpus: Path) -> ReportInfo:
    """Return the report in a file, or in the file of the corpus with that name or id.

    Raises CallerError if there is none.
    """
    from reformqa.ingest.folder import list_files
    from reformqa.ingest.handed_in import as_handed_in, was_handed_in
    from reformqa.parsing import SUFFIXES, parse, report_id

    path = Path(name)
    if not path.is_file():
        files = [f for f in list_files(corpus) if f.suffix.lower() in SUFFIXES]
        named = [f for f in files if name in (f.name, report_id(f))]
        if not named:
            raise CallerError(f"There is no file {name}, and no report of that id in {corpus}.")
        path = named[0]
    report = parse(path).info
    return as_handed_in(report) if was_handed_in(path, report.sha256) else report
