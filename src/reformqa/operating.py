"""The commands of those who run the library: they change it, check it, serve it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from reformqa.library import Library
from reformqa.options import CORPUS, INDEX, AsJson, Catalogue, Corpus, Index, SettingsFile
from reformqa.printing import (
    err,
    out,
    print_build,
    print_changes,
    print_findings,
    print_json,
    print_reports,
)
from reformqa.running import log, log_lines, show_bars, stoppable
from reformqa.serving import serve
from reformqa.settings import load_settings

app = typer.Typer()


@app.command("rebuild")
def rebuild_command(
    corpus: Corpus = CORPUS,
    index: Index = INDEX,
    catalogue: Catalogue = None,
    force: Annotated[bool, typer.Option(help="Build even if nothing has changed.")] = False,
    ocr: Annotated[
        bool, typer.Option("--ocr", help="Read scanned pages by tesseract, where installed.")
    ] = False,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    log_json: Annotated[
        bool,
        typer.Option("--log-json", help="Print a line of JSON for each step, and the outcome."),
    ] = False,
) -> None:
    """Bring the index up to date with the corpus."""
    from reformqa.rebuilding import rebuild  # what reads PDFs takes half a second to import

    with stoppable(), log_lines() if log_json else show_bars() as report:
        chosen = load_settings(settings)
        if ocr:
            reading = chosen.reading.model_copy(update={"ocr": True})
            chosen = chosen.model_copy(update={"reading": reading})
        outcome = rebuild(
            corpus, index, catalogue=catalogue, settings=chosen, force=force, progress=report
        )
    if log_json:
        log("outcome", **asdict(outcome))
        return
    if as_json:
        print_json(outcome)
        return
    if outcome.reason:
        err.print(f"[yellow]{escape(outcome.reason)}[/]")
    out.print("The index is up to date." if not outcome.changed else "The index is built.")
    print_build(outcome.build)


@app.command()
def status(
    index: Index = INDEX,
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare every file of the index with its digest.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell what the index holds, and which files were left out and why."""
    library = Library.open(index, load_settings())
    if verify:
        library.verify()
    if as_json:
        print_json({"build": library.build, "reports": library.reports})
        return
    print_build(library.build)
    print_changes(library.build.changes)
    print_reports(library.reports)


@app.command()
def doctor(
    corpus: Corpus = CORPUS,
    index: Index = INDEX,
    catalogue: Catalogue = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Look for what is wrong, and say what to do; exit status 0 well, 3 attention, 1 broken."""
    from reformqa.doctor import examine  # with the readers
    from reformqa.findings import worst

    findings = examine(corpus, index, catalogue=catalogue, settings_file=settings)
    state = worst(findings)
    if as_json:
        print_json({"state": state, "findings": findings})
    else:
        print_findings(findings)
    raise typer.Exit({"well": 0, "attention": 3, "broken": 1}[state])


@app.command("app")
def app_command(
    corpus: Corpus = CORPUS,
    index: Index = INDEX,
    catalogue: Catalogue = None,
    port: Annotated[int, typer.Option(help="The port to serve at.")] = 8501,
    address: Annotated[
        str, typer.Option(help="The address to serve at; 0.0.0.0 lets other machines in.")
    ] = "localhost",
    settings: SettingsFile = None,
) -> None:
    """Serve the app, and print its address."""
    Library.open(index, load_settings(settings))  # an error here is better told on the command line
    script = Path("app.py")
    if not script.is_file():
        raise typer.BadParameter("app.py is not in this folder: run this from the project's own.")
    out.print(f"The app is at http://{address}:{port} (stop it with Ctrl-C).")
    files = {"CORPUS": corpus, "INDEX": index, "CATALOGUE": catalogue, "SETTINGS": settings}
    serve(script, address, port, {f"REFORMQA_{name}": file for name, file in files.items()})
