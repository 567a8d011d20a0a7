"""The commands that tell what is new: on publishers' sites, in the library, in answers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from reformqa.cli.options import CORPUS, INDEX, AsJson, Catalogue, Corpus, Index, SettingsFile
from reformqa.cli.output import (
    err,
    out,
    print_answers,
    print_inbox,
    print_json,
    print_looked,
)
from reformqa.cli.progress import lower_priority, show_bars, stoppable
from reformqa.errors import CallerError, ExportError
from reformqa.files import write_atomically
from reformqa.library import Library
from reformqa.settings import LanguageModelSettings, Settings, load_settings

app = typer.Typer()


@app.command("watch")
def watch_command(
    inbox: Annotated[
        bool, typer.Option("--inbox", help="List the papers in the inbox, without any request.")
    ] = False,
    take: Annotated[
        str | None, typer.Option(help="Take the paper with this id from the inbox into the corpus.")
    ] = None,
    title: Annotated[
        str | None,
        typer.Option(help='With --take: the title that its PDF must have; "" for any title.'),
    ] = None,
    drop: Annotated[
        str | None, typer.Option(help="Drop the paper with this id from the inbox.")
    ] = None,
    corpus: Corpus = CORPUS,
    catalogue: Catalogue = None,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Look for new papers on the sites that the catalogue watches."""
    if (take is not None) + (drop is not None) + inbox > 1:
        raise CallerError("Use one of --inbox, --take and --drop at a time.")
    if title is not None and take is None:
        raise CallerError("--title goes with --take ID.")
    chosen = load_settings(settings)
    if inbox:
        _show_inbox(corpus, as_json)
    elif take is not None:
        _take(corpus, take, title, catalogue, chosen, as_json)
    elif drop is not None:
        _drop(corpus, drop, as_json)
    else:
        _look(corpus, catalogue, chosen, as_json)


# What is new is imported where it is needed: it is slow to import.


def _show_inbox(corpus: Path, as_json: bool) -> None:
    from reformqa.news.watch import waiting

    items = waiting(corpus)
    print_json(items) if as_json else print_inbox(items)


def _take(
    corpus: Path,
    name: str,
    title: str | None,
    catalogue: Path | None,
    settings: Settings,
    as_json: bool,
) -> None:
    from reformqa.news.watch import take

    with stoppable(), show_bars():
        item = take(
            corpus,
            name,
            title=title,
            catalogue=catalogue,
            settings=settings.fetch,
            limits=settings.drawing,
        )
    if as_json:
        print_json(item)
        return
    out.print(f"{escape(item.file or '')} was added to the corpus.", highlight=False)
    out.print("Run `reformqa rebuild` to add it to the index.", highlight=False)


def _drop(corpus: Path, name: str, as_json: bool) -> None:
    from reformqa.news.watch import drop

    item = drop(corpus, name)
    if as_json:
        print_json(item)
    else:
        out.print(f"“{escape(item.title)}” was dropped.", highlight=False)


def _look(corpus: Path, catalogue: Path | None, settings: Settings, as_json: bool) -> None:
    from reformqa.news.watch import watch

    with stoppable(), show_bars() as progress:
        looked = watch(
            corpus,
            catalogue=catalogue,
            settings=settings.fetch,
            limits=settings.drawing,
            progress=progress,
        )
    print_json(looked) if as_json else print_looked(looked)
    if not all(site.is_well for site in looked):
        raise typer.Exit(1)


@app.command("feed")
def feed_command(
    save: Annotated[
        Path | None, typer.Option(help="Write the feed to this file. Default: print it.")
    ] = None,
    index: Index = INDEX,
    settings: SettingsFile = None,
) -> None:
    """Write an Atom feed of the newest reports and their recommendations, with links to the app."""
    from reformqa.news.arrivals import arrivals
    from reformqa.news.atom import to_atom

    chosen = load_settings(settings)
    library = Library.open(index, chosen)
    feed = to_atom(library, arrivals(index, library), chosen.app.address)
    if save is None:
        sys.stdout.write(feed.decode())
        return
    try:
        write_atomically(save, feed)
    except OSError as error:
        raise ExportError(f"{save} cannot be written: {error.strerror}. Check the path.") from error
    err.print(f"Written: {escape(str(save))}")


@app.command("questions")
def questions_command(
    questions: Annotated[
        Path | None,
        typer.Option(help="The questions. Default: saved-questions.toml in the corpus folder."),
    ] = None,
    nice: Annotated[
        int,
        typer.Option(min=0, max=19, help="The niceness: a higher value yields to other programs."),
    ] = 0,
    corpus: Corpus = CORPUS,
    index: Index = INDEX,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Ask the saved questions again, and say whose answers the current build has changed."""
    from reformqa.ingest.folder import SAVED
    from reformqa.news.questions import ask_saved, read_saved

    lower_priority(nice)
    chosen = load_settings(settings)
    asked = read_saved(questions or corpus / SAVED, required=questions is not None)
    # Without a language model: its words differ each time, and the quotes are what is compared.
    plain = chosen.model_copy(update={"llm": LanguageModelSettings()})
    with stoppable(), show_bars() as progress:
        answers = ask_saved(index, Library.open(index, plain), asked, progress) if asked else ()
    print_json(answers) if as_json else print_answers(answers)
    if any(answer.state == "failed" for answer in answers):
        raise typer.Exit(1)
