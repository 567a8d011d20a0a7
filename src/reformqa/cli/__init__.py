"""The command line: each command reads its options, makes one call and prints the result."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer
from rich.markup import escape

from reformqa import __version__
from reformqa.cli import admin, ask, assistants, catalogue, measure, models, news
from reformqa.cli.output import err, out
from reformqa.errors import ReformqaError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Ask think-tank reports; every sentence of an answer links to its source paragraph.",
)
for part in (ask, measure, admin, assistants, catalogue, news, models):
    app.registered_commands += part.app.registered_commands


def _print_version(asked: bool) -> None:
    if asked:
        out.print(f"reformqa {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version and exit.",
            callback=_print_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """Read the options that stand before a command."""


def main() -> None:
    """Run the command line, printing an expected error in one line and setting the exit status."""
    # The build's report repeats what pypdf logs.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        app()
    except ReformqaError as error:
        err.print(f"[bold red]Error:[/] {escape(str(error))}", highlight=False)
        sys.exit(error.exit_code)
