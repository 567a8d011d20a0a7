"""The commands that ask the library."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from reformqa.cli.options import (
    INDEX,
    AsJson,
    Index,
    Publisher,
    Question,
    ReportId,
    Save,
    Section,
    SettingsFile,
    Since,
    Until,
)
from reformqa.cli.output import err, out, print_hit, print_json, print_recommendation
from reformqa.cli.progress import show_sentences
from reformqa.exports.exportable import Exportable
from reformqa.library import Library
from reformqa.settings import load_settings

app = typer.Typer()


@app.command()
def search(
    question: Question,
    limit: Annotated[int, typer.Option(help="The number of results.")] = 10,
    publisher: Publisher = None,
    report: ReportId = None,
    since: Since = None,
    until: Until = None,
    section: Section = None,
    recommendations_only: Annotated[
        bool, typer.Option("--recommendations-only", help="Find recommendations only.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show how each search method ranked each result.")
    ] = False,
    index: Index = INDEX,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Find the paragraphs that best match a question."""
    hits = _open(index, settings).search(
        question,
        limit=limit,
        publisher=publisher,
        report=report,
        published=(since, until),
        section=section,
        recommendations_only=recommendations_only,
    )
    if as_json:
        print_json(list(hits))
        return
    if hits.reason:
        out.print(escape(hits.reason))
    for rank, hit in enumerate(hits, start=1):
        print_hit(rank, hit, explain)


@app.command()
def ask(
    question: Question,
    publisher: Publisher = None,
    report: ReportId = None,
    since: Since = None,
    until: Until = None,
    section: Section = None,
    after: Annotated[
        str | None, typer.Option(help="The question before, which a follow-up is completed from.")
    ] = None,
    save: Save = None,
    index: Index = INDEX,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question with cited sentences, or say why there is no answer."""
    library = _open(index, settings)
    with show_sentences() as on_sentence:
        answer = library.ask(
            question,
            publisher=publisher,
            report=report,
            published=(since, until),
            section=section,
            after=after,
            on_sentence=on_sentence,
        )
    _print_result(answer, save, as_json)


@app.command()
def compare(
    question: Question,
    report: ReportId = None,
    since: Since = None,
    until: Until = None,
    save: Save = None,
    index: Index = INDEX,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Compare what every think tank says, including those that say nothing."""
    comparison = _open(index, settings).compare(question, report=report, published=(since, until))
    _print_result(comparison, save, as_json)


@app.command()
def crosswalk(
    publisher: Publisher = None,
    least: Annotated[
        float | None,
        typer.Option(min=-1, max=1, help="Minimum similarity; by default, the build's."),
    ] = None,
    save: Save = None,
    index: Index = INDEX,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Match similar recommendations of different think tanks."""
    found = _open(index, settings).crosswalk(publisher=publisher, least=least)
    _print_result(found, save, as_json)


@app.command()
def recommendations(
    publisher: Publisher = None,
    report: ReportId = None,
    about: Annotated[str | None, typer.Option(help="Only recommendations on this topic.")] = None,
    index: Index = INDEX,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """List recommendations, by report or by topic."""
    found = _open(index, settings).recommendations(publisher=publisher, report=report, about=about)
    if as_json:
        print_json(list(found))
        return
    if not found:
        out.print("No recommendations found.")
    for item in found:
        print_recommendation(item)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="The id of a paragraph or a report.")],
    before: Annotated[int, typer.Option(min=0, help="The number of paragraphs before it.")] = 1,
    after: Annotated[int, typer.Option(min=0, help="The number of paragraphs after it.")] = 1,
    index: Index = INDEX,
    as_json: AsJson = False,
) -> None:
    """Show a paragraph in context, or a report's metadata and sections."""
    library = _open(index, None)
    if name in {r.id for r in library.reports}:
        report = library.report(name)
        if as_json:
            print_json(report)
            return
        for key, value in asdict(report).items():
            if value and key not in ("sections", "paragraphs"):
                out.print(f"{key}: {escape(str(value))}")
        for section in report.sections:
            out.print(f"{'  ' * section.level}{escape(section.title)}  [dim]{section.kind}[/]")
        return
    context = library.paragraph(name).context(before, after)
    if as_json:
        print_json(context)
        return
    for paragraph in context:
        style = "bold" if paragraph.id == name else "dim"
        out.print(f"\n[{style}]{paragraph.number}. {escape(paragraph.text)}[/]")


def _open(index: Path, settings: Path | None) -> Library:
    library = Library.open(index, load_settings(settings))
    if library.misfit:
        err.print(escape(library.misfit))
    return library


def _print_result(result: Exportable, save: Path | None, as_json: bool) -> None:
    """Print a result, and write it to a file if one is named."""
    if save:
        err.print(f"Written: {escape(str(result.save(save)))}")
    print_json(result) if as_json else out.print(escape(str(result)), highlight=False)
