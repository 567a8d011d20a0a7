"""The command line: read options, make one call, print. `operating` has the operators' half."""

from __future__ import annotations

import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from reformqa.cli import admin
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
from reformqa.cli.output import (
    err,
    out,
    print_evaluation,
    print_hit,
    print_inspection,
    print_json,
)
from reformqa.cli.progress import show_bars
from reformqa.errors import ReformqaError
from reformqa.exports.exportable import Exportable
from reformqa.library import Library
from reformqa.recommendations.crosswalk import THRESHOLD
from reformqa.settings import load_settings

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Ask think-tank reports; every sentence of an answer leads to its source paragraph.",
)
app.add_typer(admin.app)


def main() -> None:
    """Run the command line; a foreseen error is printed in one line and sets the exit status."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it says, the build's report says
    try:
        app()
    except ReformqaError as error:
        err.print(f"[bold red]Error:[/] {escape(str(error))}", highlight=False)
        sys.exit(error.exit_code)


@app.command()
def search(
    question: Question,
    limit: Annotated[int, typer.Option(help="How many hits.")] = 10,
    publisher: Publisher = None,
    report: ReportId = None,
    since: Since = None,
    until: Until = None,
    section: Section = None,
    recommendations_only: Annotated[
        bool, typer.Option("--recommendations-only", help="Only what is recommended.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show how each leg of the search saw each hit.")
    ] = False,
    index: Index = INDEX,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """List the paragraphs that best meet a question."""
    hits = _open(index, settings).search(
        question,
        limit=limit,
        publisher=publisher,
        report=report,
        published=_years(since, until),
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
    save: Save = None,
    index: Index = INDEX,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question with cited sentences, or say that there is no answer."""
    answer = _open(index, settings).ask(
        question,
        publisher=publisher,
        report=report,
        published=_years(since, until),
        section=section,
    )
    _give(answer, save, as_json)


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
    """Put the think tanks side by side, the silent ones too."""
    comparison = _open(index, settings).compare(
        question, report=report, published=_years(since, until)
    )
    _give(comparison, save, as_json)


@app.command()
def crosswalk(
    publisher: Publisher = None,
    least: Annotated[
        float, typer.Option(min=-1, max=1, help="The similarity that a match needs.")
    ] = THRESHOLD,
    save: Save = None,
    index: Index = INDEX,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """List recommendations of different think tanks that are on the same matter."""
    found = _open(index, settings).crosswalk(publisher=publisher, least=least)
    _give(found, save, as_json)


@app.command()
def recommendations(
    publisher: Publisher = None,
    report: ReportId = None,
    about: Annotated[str | None, typer.Option(help="Only those on this matter.")] = None,
    index: Index = INDEX,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """List recommendations, by report or by matter."""
    found = _open(index, settings).recommendations(publisher=publisher, report=report, about=about)
    if as_json:
        print_json(list(found))
        return
    if not found:
        out.print("No recommendation was found.")
    for item in found:
        out.print(f"\n[bold]{item.report_id}[/]  {escape(item.name)}  [dim]{item.stated}[/]")
        out.print(escape(item.text))
        for sub_item in item.sub_items:
            out.print(f"  – {escape(sub_item)}")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="The id of a paragraph or a report.")],
    before: Annotated[int, typer.Option(min=0, help="Paragraphs before it.")] = 1,
    after: Annotated[int, typer.Option(min=0, help="Paragraphs after it.")] = 1,
    index: Index = INDEX,
    as_json: AsJson = False,
) -> None:
    """Show a paragraph in its context, or a report's facts and sections."""
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


@app.command("inspect")
def inspect_command(
    file: Annotated[Path, typer.Argument(help="The report: a .pdf, .txt or .md file.")],
    html: Annotated[
        Path | None, typer.Option(help="Also write a page that shows what was read where.")
    ] = None,
    catalogue: Annotated[
        Path | None, typer.Option(help="The catalogue; catalogue.toml beside the file by default.")
    ] = None,
    ocr: Annotated[
        bool, typer.Option("--ocr", help="Read pages without text from their pictures.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell how well a file was read, and show it page by page with --html."""
    from reformqa.ingest.inspect import inspect, read_report, rows, write_html  # with the readers

    report = read_report(file, catalogue=catalogue, ocr=ocr)
    if html:
        write_html(report, file, html)
        err.print(f"Written: {escape(str(html))} ({html.stat().st_size / 1e6:.1f} MB)")
    found = inspect(report)
    print_json(found) if as_json else print_inspection(found, rows(found))


@app.command("evaluate")
def evaluate_command(
    files: Annotated[list[Path], typer.Argument(help="Questions with evidence, JSON Lines.")],
    plot: Annotated[
        Path | None, typer.Option(help="Draw the build's calibration into this file (.svg, .png).")
    ] = None,
    calibrate: Annotated[
        Path | None,
        typer.Option(help="Fit when to answer on these questions, and write it to this file."),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Keep the scores in the index, beside its builds.")
    ] = False,
    index: Index = INDEX,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Score the search on questions whose evidence is known, and list the misses."""
    from reformqa.evaluation.history import Score, record_score
    from reformqa.evaluation.metrics import evaluate, read_questions
    from reformqa.evaluation.plots import plot_calibration

    questions = read_questions(files)
    library = _open(index, settings)
    if plot:
        plot_calibration(library.calibration, plot)
        err.print(f"Written: {escape(str(plot))}")
    with show_bars() as report:
        if calibrate:
            fitted = library.calibrate(files, lambda done, of: report("calibrating", done, of))
            fitted.save(calibrate)
            err.print(f"Written: {escape(str(calibrate))}")
        result = evaluate(
            lambda question, limit: library.search(question, limit=limit),
            questions,
            lambda done, of: report("asking", done, of),
        )
    if record:
        record_score(index, Score.of(result, library.build.id, files))
    if as_json:
        print_json(result.to_dict())
        return
    print_evaluation(result)


def _open(index: Path, settings: Path | None) -> Library:
    return Library.open(index, load_settings(settings))


def _years(since: int | None, until: int | None) -> tuple[int, int] | None:
    if since is None and until is None:
        return None
    return since or 0, 9999 if until is None else until


def _give(result: Exportable, save: Path | None, as_json: bool) -> None:
    """Print a result, and write it where a file is named."""
    if save:
        err.print(f"Written: {escape(str(result.save(save)))}")
    print_json(result) if as_json else out.print(escape(str(result)), highlight=False)
