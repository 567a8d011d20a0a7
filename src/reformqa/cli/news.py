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
from reformqa.settings import LanguageModelSettings, load_settings

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
    from reformqa.news import watch as news  # slow to import

    if (take is not None) + (drop is not None) + inbox > 1:
        raise CallerError("Use one of --inbox, --take and --drop at a time.")
    if title is not None and take is None:
        raise CallerError("--title goes with --take ID.")
    chosen = load_settings(settings)
    if inbox:
        items = news.waiting(corpus)
        print_json(items) if as_json else print_inbox(items)
        return
    with stoppable(), show_bars() as progress:
        if take is not None:
            item = news.take(
                corpus,
                take,
                title=title,
                catalogue=catalogue,
                settings=chosen.fetch,
                limits=chosen.drawing,
            )
        elif drop is not None:
            item = news.drop(corpus, drop)
        else:
            looked = news.watch(
                corpus,
                catalogue=catalogue,
                settings=chosen.fetch,
                limits=chosen.drawing,
                progress=progress,
            )
            print_json(looked) if as_json else print_looked(looked)
            if not all(site.is_well for site in looked):
                raise typer.Exit(1)
            return
    if as_json:
        print_json(item)
    elif item.file:
        out.print(f"{escape(item.file)} was added to the corpus.", highlight=False)
        out.print("Run `reformqa rebuild` to add it to the index.", highlight=False)
    else:
        out.print(f"“{escape(item.title)}” was dropped.", highlight=False)


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
