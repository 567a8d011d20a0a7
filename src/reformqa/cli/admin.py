"""The commands that operate the library: rebuild, check, fetch and serve."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from reformqa.access import read_access, secrets_files
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
    print_status,
)
from reformqa.cli.progress import log, log_lines, lower_priority, show_bars, stoppable
from reformqa.cli.serve import serve
from reformqa.errors import MissingIndexError
from reformqa.library import Library
from reformqa.pipeline.rollback import rollback
from reformqa.pipeline.status import status as index_status
from reformqa.pipeline.status import verify as verify_index
from reformqa.settings import load_settings

app = typer.Typer()

#: The niceness of a rebuild, so that the app answers first.
NICE = 10
#: The exit status if the library answers but something needs attention.
ATTENTION = 3


@app.command("rebuild")
def rebuild_command(
    corpus: Corpus = CORPUS,
    index: Index = INDEX,
    catalogue: Catalogue = None,
    force: Annotated[
        bool, typer.Option(help="Rebuild even if nothing has changed, and write every file anew.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail if a file cannot be read.")
    ] = False,
    accept_losses: Annotated[
        bool,
        typer.Option(
            "--accept-losses", help="Publish the build even if it lost many reports or paragraphs."
        ),
    ] = False,
    nice: Annotated[
        int,
        typer.Option(min=0, max=19, help="The niceness: a higher value yields to other programs."),
    ] = NICE,
    ocr: Annotated[
        bool, typer.Option("--ocr", help="Read scanned pages with tesseract, if installed.")
    ] = False,
    settings: SettingsFile = None,
    as_json: AsJson = False,
    log_json: Annotated[
        bool,
        typer.Option("--log-json", help="Print a line of JSON for each step and the outcome."),
    ] = False,
) -> None:
    """Bring the index up to date with the corpus."""
    from reformqa.pipeline.rebuild import rebuild  # the PDF readers take half a second to import

    lower_priority(nice)
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
    out.print("The index is up to date." if not outcome.changed else "The index has been rebuilt.")
    print_build(outcome.build)


@app.command()
def status(
    index: Index = INDEX,
    max_age: Annotated[
        float | None, typer.Option(help="The hours within which a rebuild must have succeeded.")
    ] = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Report the current build, the last rebuild, and who may enter the app served from here.

    Exit status 3: something needs attention.
    """
    chosen = load_settings(settings)
    secrets = secrets_files(named=chosen.app.secrets)
    access = read_access(secrets, required=chosen.app.needs_sign_in)
    found = index_status(index, max_age, storage=chosen.storage)
    if as_json:
        print_json({**{f.name: getattr(found, f.name) for f in fields(found)}, "access": access})
    else:
        print_status(found, access)
    if found.state != "well" or access.who == "nobody":
        raise typer.Exit(ATTENTION)


@app.command()
def verify(
    build: Annotated[
        str | None, typer.Argument(help="The build id. Default: the current build.")
    ] = (None),
    index: Index = INDEX,
    settings: SettingsFile = None,
) -> None:
    """Compare every file of a build with its checksum; on a server, its rows."""
    found = verify_index(index, build, storage=load_settings(settings).storage)
    out.print(f"Build {found.id} is intact.", highlight=False)


@app.command("rollback")
def rollback_command(
    build: Annotated[
        str | None, typer.Argument(help="The build id. Default: the previous build.")
    ] = None,
    index: Index = INDEX,
    settings: SettingsFile = None,
) -> None:
    """Return to an earlier build, until the corpus changes."""
    served = rollback(index, build, storage=load_settings(settings).storage)
    out.print(f"The current build is now {served.id}, made {served.made}.", highlight=False)
    print_build(served)


@app.command("fetch")
def fetch_command(
    corpus: Corpus = CORPUS,
    catalogue: Catalogue = None,
    report: ReportId = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what would be fetched, without any request.")
    ] = False,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Download the papers that the catalogue lists and the corpus lacks."""
    from reformqa.fetch import fetch  # slow to import

    chosen = load_settings(settings)
    with stoppable(), show_bars() as progress:
        done = fetch(
            corpus,
            catalogue=catalogue,
            reports=report or (),
            settings=chosen.fetch,
            limits=chosen.drawing,
            dry_run=dry_run,
            progress=progress,
        )
    print_json(done) if as_json else print_fetched(done)
    if any(paper.outcome in ("failed", "refused") for paper in done):
        raise typer.Exit(1)


@app.command("add")
def add_command(
    paper: Annotated[
        str,
        typer.Argument(
            help="A report file (.pdf, .docx, .html, .md, .txt), or the address of a PDF."
        ),
    ],
    name: Annotated[str | None, typer.Option(help="The name of the file in the corpus.")] = None,
    title: Annotated[
        str | None, typer.Option(help="The title. A PDF from an address must have it.")
    ] = None,
    corpus: Corpus = CORPUS,
    settings: SettingsFile = None,
) -> None:
    """Add one new paper to the corpus, from a file or an address."""
    from reformqa.fetch import add  # slow to import
    from reformqa.ingest.corpus import read_catalogue
    from reformqa.ingest.folder import CATALOGUE

    with stoppable():
        chosen = load_settings(settings)
        added = add(
            paper, corpus, name=name, title=title, settings=chosen.fetch, limits=chosen.drawing
        )
    out.print(f"{escape(str(added.file))} was added to the corpus.", highlight=False)
    if added.report_id not in read_catalogue(corpus / CATALOGUE):
        print_entry(added.report_id, title, None if Path(paper).is_file() else added.address)
    out.print("Run `reformqa rebuild` to add it to the index.", highlight=False)


@app.command()
def doctor(
    corpus: Corpus = CORPUS,
    index: Index = INDEX,
    catalogue: Catalogue = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Find problems and say how to fix them. Exit status: 0 well, 3 needs attention, 1 broken."""
    from reformqa.doctor.checks import examine  # slow to import
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
    port: Annotated[int, typer.Option(help="The port to serve on.")] = 8501,
    address: Annotated[
        str, typer.Option(help="The address to serve on. 0.0.0.0 admits other machines.")
    ] = "localhost",
    settings: SettingsFile = None,
) -> None:
    """Serve the app, and print its address."""
    chosen = load_settings(settings)
    try:
        Library.open(index, chosen)  # reports an error here, not in the browser
    except MissingIndexError:
        out.print("There is no index yet: the app shows how to begin.")
    script = Path("app.py")
    if not script.is_file():
        raise typer.BadParameter("app.py is not in this folder. Run this in the project folder.")
    out.print(f"The app is at http://{address}:{port} (press Ctrl-C to stop it).")
    files = {"CORPUS": corpus, "INDEX": index, "CATALOGUE": catalogue, "SETTINGS": settings}
    named = {f"REFORMQA_{name}": file for name, file in files.items()}
    secrets = secrets_files(named=chosen.app.secrets) if chosen.app.secrets else []
    serve(script, address, port, named, secrets)
