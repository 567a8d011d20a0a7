"""The commands of those who run the library: they change it, check it, serve it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from reformqa.cli.options import (
    CORPUS,
    INDEX,
    AsJson,
    Catalogue,
    Corpus,
    Index,
    ReportId,
    SettingsFile,
)
from reformqa.cli.output import (
    err,
    out,
    print_build,
    print_entry,
    print_fetched,
    print_findings,
    print_json,
    print_standing,
)
from reformqa.cli.progress import log, log_lines, show_bars, stand_back, stoppable
from reformqa.cli.serve import serve
from reformqa.library import Library
from reformqa.pipeline.rollback import rollback
from reformqa.pipeline.status import standing
from reformqa.settings import load_settings
from reformqa.storage.files.store import Snapshot

app = typer.Typer()

#: How far a rebuild stands back for the app: as far as a program that nobody waits for.
NICE = 10
#: The exit status where the library answers and something is to be seen to.
ATTENTION = 3


@app.command("rebuild")
def rebuild_command(
    corpus: Corpus = CORPUS,
    index: Index = INDEX,
    catalogue: Catalogue = None,
    force: Annotated[bool, typer.Option(help="Build even if nothing has changed.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail where a file cannot be read.")
    ] = False,
    accept_losses: Annotated[
        bool,
        typer.Option("--accept-losses", help="Serve the build however much it has lost."),
    ] = False,
    nice: Annotated[
        int, typer.Option(min=0, max=19, help="How far to stand back for other programs.")
    ] = NICE,
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
    from reformqa.pipeline.rebuild import rebuild  # what reads PDFs takes half a second to import

    stand_back(nice)
    with stoppable(), log_lines() if log_json else show_bars() as report:
        chosen = load_settings(settings)
        if ocr:
            reading = chosen.reading.model_copy(update={"ocr": True})
            chosen = chosen.model_copy(update={"reading": reading})
        outcome = rebuild(
            corpus,
            index,
            catalogue=catalogue,
            settings=chosen,
            force=force,
            strict=strict,
            accept_losses=accept_losses,
            progress=report,
        )
    if log_json:
        log("outcome", **asdict(outcome))
        return
    if as_json:
        print_json(outcome)
        return
    for note in outcome.notes:
        err.print(f"[yellow]{escape(note)}[/]")
    out.print("The index is up to date." if not outcome.changed else "The index is built.")
    print_build(outcome.build)


@app.command()
def status(
    index: Index = INDEX,
    max_age: Annotated[
        float | None, typer.Option(help="Hours within which a rebuild should have ended well.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell what is served and how the last rebuild went. Exit status 3: see to something."""
    found = standing(index, max_age)
    if as_json:
        print_json(found)
    else:
        print_standing(found)
    if found.state != "well":
        raise typer.Exit(ATTENTION)


@app.command()
def verify(
    build: Annotated[str | None, typer.Argument(help="The build; the one served by default.")] = (
        None
    ),
    index: Index = INDEX,
) -> None:
    """Compare every file of a build with its digest."""
    opened = Snapshot(index, build)
    opened.verify()
    out.print(f"Build {opened.build.id} is whole.", highlight=False)


@app.command("rollback")
def rollback_command(
    build: Annotated[
        str | None, typer.Argument(help="The build to serve; the one before by default.")
    ] = None,
    index: Index = INDEX,
) -> None:
    """Serve an earlier build, until the corpus is another."""
    served = rollback(index, build)
    out.print(f"Build {served.id}, made {served.made}, is served.", highlight=False)
    print_build(served)


@app.command("fetch")
def fetch_command(
    corpus: Corpus = CORPUS,
    catalogue: Catalogue = None,
    report: ReportId = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be fetched, and ask nobody.")
    ] = False,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Get the papers that the catalogue names and the corpus lacks."""
    from reformqa.fetch import fetch  # with what speaks HTTP

    with stoppable(), show_bars() as progress:
        done = fetch(
            corpus,
            catalogue=catalogue,
            reports=report or (),
            settings=load_settings(settings).fetch,
            dry_run=dry_run,
            progress=progress,
        )
    print_json(done) if as_json else print_fetched(done)
    if any(paper.outcome in ("failed", "refused") for paper in done):
        raise typer.Exit(1)


@app.command("add")
def add_command(
    paper: Annotated[str, typer.Argument(help="A .pdf, .md or .txt file, or a PDF's address.")],
    name: Annotated[str | None, typer.Option(help="What to call the file in the corpus.")] = None,
    title: Annotated[
        str | None, typer.Option(help="Its title; a PDF from an address has to bear it.")
    ] = None,
    corpus: Corpus = CORPUS,
    settings: SettingsFile = None,
) -> None:
    """Put one new paper into the corpus, from a file or an address."""
    from reformqa.fetch import add  # with what speaks HTTP
    from reformqa.ingest.corpus import CATALOGUE, read_catalogue

    with stoppable():
        chosen = load_settings(settings).fetch
        added = add(paper, corpus, name=name, title=title, settings=chosen)
    out.print(f"{escape(str(added.file))} is in the corpus.", highlight=False)
    if added.report_id not in read_catalogue(corpus / CATALOGUE):
        print_entry(added.report_id, title, None if Path(paper).is_file() else added.address)
    out.print("`reformqa rebuild` brings it into the index.", highlight=False)


@app.command()
def doctor(
    corpus: Corpus = CORPUS,
    index: Index = INDEX,
    catalogue: Catalogue = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Look for what is wrong, and say what to do; exit status 0 well, 3 attention, 1 broken."""
    from reformqa.doctor.checks import examine  # with the readers
    from reformqa.doctor.findings import worst

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
