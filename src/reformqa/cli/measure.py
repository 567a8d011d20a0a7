"""The commands that measure: how well a file is read, and how well the search finds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from reformqa.cli.options import INDEX, AsJson, Index, SettingsFile
from reformqa.cli.output import err, print_evaluation, print_inspection, print_json
from reformqa.cli.progress import show_bars
from reformqa.library import Library
from reformqa.settings import load_settings

app = typer.Typer()


@app.command("inspect")
def inspect_command(
    file: Annotated[
        Path, typer.Argument(help="The report: a .pdf, .docx, .html, .md or .txt file.")
    ],
    html: Annotated[
        Path | None, typer.Option(help="Also write a web page that shows what was read where.")
    ] = None,
    catalogue: Annotated[
        Path | None,
        typer.Option(help="The catalogue. Default: catalogue.toml in the file's folder."),
    ] = None,
    ocr: Annotated[
        bool, typer.Option("--ocr", help="Read scanned pages with tesseract, if installed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Report how well a file was read; --html shows it page by page."""
    from reformqa.ingest.inspect import inspect, read_report, rows, write_html  # slow to import

    report = read_report(file, catalogue=catalogue, ocr=ocr)
    if html:
        write_html(report, file, html)
        err.print(f"Written: {escape(str(html))} ({html.stat().st_size / 1e6:.1f} MB)")
    found = inspect(report)
    print_json(found) if as_json else print_inspection(found, rows(found))


@app.command("evaluate")
def evaluate_command(
    files: Annotated[
        list[Path], typer.Argument(help="Questions with known evidence, as JSON Lines.")
    ],
    plot: Annotated[
        Path | None, typer.Option(help="Draw the calibration of the build to this .svg file.")
    ] = None,
    calibrate: Annotated[
        Path | None,
        typer.Option(help="Fit a calibration to these questions and write it to this file."),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Save the scores in the index folder.")
    ] = False,
    index: Index = INDEX,
    settings: SettingsFile = None,
    as_json: AsJson = False,
) -> None:
    """Score the search on questions with known evidence, and list the misses."""
    from reformqa.evaluation.calibrate import calibrate as fit_tuning
    from reformqa.evaluation.history import Score, record_score
    from reformqa.evaluation.metrics import evaluate, read_questions
    from reformqa.evaluation.plots import plot_calibration

    questions = read_questions(files)
    library = Library.open(index, load_settings(settings))
    if plot:
        plot_calibration(library.tuning, plot)
        err.print(f"Written: {escape(str(plot))}")
    with show_bars() as report:
        if calibrate:
            fitted = fit_tuning(library, files, lambda done, of: report("calibrating", done, of))
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
