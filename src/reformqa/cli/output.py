"""Printing of results on the terminal."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from reformqa.access import Access
from reformqa.doctor.findings import Finding
from reformqa.model import Build, Changes, Hit, Recommendation, ReportInfo
from reformqa.pipeline.status import IndexStatus, describe

if TYPE_CHECKING:
    from reformqa.evaluation.metrics import Evaluation, Scores
    from reformqa.fetch import Fetched
    from reformqa.ingest.catalogue import Known
    from reformqa.ingest.inspect import Inspection
    from reformqa.news.inbox import InboxItem
    from reformqa.news.questions import SavedAnswer
    from reformqa.news.watch import Looked

out = Console(soft_wrap=True, emoji=False)
err = Console(stderr=True, soft_wrap=True, emoji=False)


def print_json(value: Any) -> None:
    """Print a record, or a list of records, as JSON."""
    sys.stdout.write(to_json(value, indent=2).decode() + "\n")


def print_hit(rank: int, hit: Hit, explain: bool) -> None:
    """Print a hit; with `explain`, also its rank in each search method and the shared words."""
    page = f", {hit.paragraph.page_name}" if hit.paragraph.page else ""
    where = f"{hit.publisher} {hit.year or ''}, {hit.report_title}{page}"
    out.print(f"\n[bold]{rank}. {escape(where)}, para {hit.paragraph.number}[/]", highlight=False)
    out.print(f"[dim]{escape(' › '.join(hit.paragraph.section_path))}[/]", highlight=False)
    out.print(escape(hit.passage.text), highlight=False)
    also = f"; also stated in {', '.join(p.id for p in hit.also)}" if hit.also else ""
    out.print(f"[dim]{hit.paragraph.id}{also}[/]", highlight=False)
    if explain:
        table = Table("method", "rank", "score", box=None, padding=(0, 2), header_style="dim")
        for name, leg in hit.legs.items():
            table.add_row(name, str(leg.rank), f"{leg.score:.3f}")
        table.add_row("all", str(rank), f"{hit.score:.3f}")
        out.print(table)
        terms = ", ".join(hit.terms) or "none"
        out.print(f"[dim]shared words:[/] {escape(terms)}", highlight=False)


def print_recommendation(found: Recommendation) -> None:
    """Print a recommendation with its sub-items."""
    out.print(f"\n[bold]{found.report_id}[/]  {escape(found.name)}  [dim]{found.stated}[/]")
    out.print(escape(found.text))
    for item in found.sub_items:
        out.print(f"  – {escape(item)}")


def print_build(build: Build) -> None:
    """Print the size of a build and the files that it leaves out."""
    out.print(
        f"Build {build.id}: {build.reports} reports, {build.paragraphs} paragraphs,"
        f" {build.passages} passages, {build.recommendations} recommendations.",
        highlight=False,
    )
    for problem in build.problems:
        what = "Kept the previous version:" if problem.kept else "Left out:"
        err.print(f"[yellow]{what}[/] {escape(problem.file)}: {escape(problem.reason)}")
    for skipped in build.skipped:
        err.print(f"[dim]Not read: {escape(skipped.file)}: {escape(skipped.reason)}[/]")


def print_changes(changes: Changes) -> None:
    """Print what is new in a build; nothing for the first build, where everything is."""
    if changes.before is None:
        return
    out.print(f"Since build {changes.before}:", highlight=False)
    for what in ("added", "changed", "corrected", "removed"):
        if names := getattr(changes, what):
            out.print(f"  {what}: {escape(', '.join(names))}", highlight=False)
    for old, new in changes.moved:
        out.print(f"  moved: {escape(old)} is now {escape(new)}", highlight=False)
    if changes.reason:
        out.print(f"  rebuilt in full: {escape(changes.reason)}", highlight=False)


def print_status(found: IndexStatus, access: Access) -> None:
    """Print the state of an index, and who may enter the app."""
    print_build(found.build)
    print_changes(found.build.changes)
    print_reports(found.reports)
    out.print(escape(describe(found)), highlight=False)
    for finding in found.findings:
        err.print(f"[yellow]Needs attention:[/] {escape(finding)}")
    if access.who == "nobody":
        err.print(f"[yellow]Needs attention:[/] nobody may enter the app: {escape(access.reason)}")
    else:
        out.print(escape(f"{access.who.capitalize()} may enter the app: {access.reason}"))
    well = found.state == "well" and access.who != "nobody"
    out.print("All is well." if well else "The library still answers questions.")


def print_reports(reports: Sequence[ReportInfo]) -> None:
    """Print a table of reports with their warnings."""
    table = Table("report", "publisher", "published", "warnings and guesses")
    for report in reports:
        notes = [f"an earlier version: the file {report.stale}"] if report.stale else []
        notes += report.warnings
        if report.guessed:
            notes.append(f"guessed: {', '.join(report.guessed)}")
        cells = (report.id, report.publisher, report.published or "", "; ".join(notes))
        table.add_row(*map(escape, cells))
    out.print(table)


def print_fetched(papers: Sequence[Fetched]) -> None:
    """Print a table of papers: the outcome of each, and its file or the reason for failure."""
    if not papers:
        out.print("The catalogue lists no papers.")
        return
    table = Table("report", "outcome", "file or reason")
    for paper in papers:
        detail = paper.reason or paper.file or paper.address or ""
        table.add_row(*map(escape, (paper.report_id, paper.outcome, detail)))
    out.print(table)


def print_entry(report_id: str, title: str | None, address: str | None) -> None:
    """Print the catalogue entry for a new paper; `address` is its PDF's, if any."""
    out.print(
        "Its metadata will be read from its front page. To set it yourself, add to catalogue.toml:"
    )
    values = {"title": title or "…", "publisher": "…", "published": "YYYY-MM", "file": address}
    quoted = (f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in values.items() if v)
    for line in (f"[reports.{report_id}]", *quoted):
        out.print(f"    {escape(line)}", highlight=False)


def print_known(reports: Sequence[Known]) -> None:
    """Print the facts of each report, and where each was found."""
    for report in reports:
        where = "in the catalogue" if report.catalogued else "not in the catalogue"
        waits = ", used from the next rebuild" if report.pending else ""
        out.print(
            f"[bold]{escape(report.report_id)}[/]  [dim]{escape(report.source)}, {where}{waits}[/]",
            highlight=False,
        )
        for field in dataclasses.fields(report.facts):
            value = getattr(report.facts, field.name)
            shown = ", ".join(value) if isinstance(value, tuple) else value
            if not shown and field.name not in ("title", "publisher", "published"):
                continue
            guess = report.guesses.get(field.name)
            how = f"  [dim]({escape(str(guess))})[/]" if guess else ""
            out.print(f"{field.name:>11}  {escape(shown or 'unknown')}{how}", highlight=False)


def print_inspection(found: Inspection, facts: Iterable[tuple[str, str]]) -> None:
    """Print how well a file was read: the verdict, the metadata and the outline."""
    colour = {"good": "green", "check": "yellow", "poor": "red"}[found.reading.verdict]
    out.print(f"[bold]{escape(found.source)}[/]: [bold {colour}]{found.reading.verdict}[/]")
    for advice in (*found.reading.advice, *found.warnings):
        out.print(f"  – {escape(advice)}", highlight=False)
    for name, value in facts:
        out.print(f"[dim]{name:>23}[/]  {escape(value)}", highlight=False)
    out.print("[dim]               sections[/]" if found.sections else "no sections")
    for section in found.sections:
        page = f", p. {section.page}" if section.page else ""
        title = f"{'  ' * section.level}{escape(section.title)}"
        out.print(f"{title}  [dim]level {section.level}{page}[/]", highlight=False)


def print_evaluation(result: Evaluation) -> None:
    """Print the scores by type of question, and the facts that were missed."""
    table = Table(box=None, padding=(0, 1))
    for heading in ("type", "asked", "facts", "r@1", "r@3", "r@5", "r@10", "MRR", "300w", "1000w"):
        table.add_column(heading, no_wrap=True, justify="left" if heading == "type" else "right")
    for name, scores in [*result.by_type.items(), ("all", result.overall)]:
        table.add_row(escape(name), *_score_cells(scores))
    out.print(table)
    out.print(f"{len(result.misses)} facts outside the first five:")
    for miss in result.misses:
        rank = f"rank {miss.rank}" if miss.rank else "not found"
        out.print(escape(f"  {miss.id} ({miss.type}, {rank}): {miss.question}"))


def _score_cells(scores: Scores) -> list[str]:
    figures = [*scores.recall_at.values(), scores.mrr, *scores.recall_within_words.values()]
    return [str(scores.questions), str(scores.facts), *(f"{v:.3f}" for v in figures)]


def print_findings(findings: Iterable[Finding]) -> None:
    """Print one line per check, followed by the remedy if one is needed."""
    colours = {"well": "green", "attention": "yellow", "broken": "bold red"}
    for f in findings:
        state = f"[{colours[f.state]}]{f.state:>9}[/]"
        out.print(f"{state}  [bold]{escape(f.name)}[/]: {escape(f.found)}", highlight=False)
        if f.cure:
            out.print(f"{'':>9}  → {escape(f.cure)}", highlight=False)


def print_looked(sites: Sequence[Looked]) -> None:
    """Print what each watched site announced that is new."""
    if not sites:
        nothing = "The catalogue watches no site. Add a [[watch]] entry: see corpus/README.md."
        out.print(escape(nothing))
    for site in sites:
        listed = f", {site.kind} of {site.listed}" if site.kind else ""
        out.print(
            f"[bold]{escape(site.publisher)}[/]  [dim]{escape(site.site)}{listed}[/]",
            highlight=False,
        )
        if site.reason:
            err.print(f"[yellow]Needs attention:[/] {escape(site.reason)}")
        if site.kind and not site.new:
            out.print("  Nothing new.")
        for item in site.new:
            _print_item(item)
    if any(item.is_open for site in sites for item in site.new):
        out.print("Take one into the corpus with --take ID, or --drop ID.")


def print_inbox(items: Sequence[InboxItem]) -> None:
    """Print the papers in the inbox."""
    for item in items:
        _print_item(item)
    out.print("Take one into the corpus with --take ID, or --drop ID." if items else "It is empty.")


def _print_item(item: InboxItem) -> None:
    where = f"taken: {item.file}" if item.file else item.state
    facts = ", ".join(filter(None, (item.publisher, item.published, where)))
    out.print(
        f"  [bold]{item.id}[/]  {escape(item.title)}  [dim]{escape(facts)}[/]", highlight=False
    )
    out.print(f"              [dim]{escape(item.address)}[/]", highlight=False)
    if item.reason:
        out.print(f"              [yellow]{escape(item.reason)}[/]", highlight=False)


def print_answers(answers: Sequence[SavedAnswer]) -> None:
    """Print how the answer to each saved question has changed."""
    if not answers:
        out.print(
            "No questions are saved. Write them to saved-questions.toml in the corpus folder."
        )
    told = {
        "new": "asked for the first time",
        "same": "no change",
        "changed": "changed",
        "answered": "answered now",
        "unanswered": "no longer answered",
        "failed": "cannot be asked",
    }
    for answer in answers:
        since = f" since build {answer.before}" if answer.before else ""
        out.print(
            f"[bold]{escape(answer.name)}[/]  {escape(answer.asked.question)}  [dim]{since.strip()}"
            f"[/] [bold]{told[answer.state]}[/]",
            highlight=False,
        )
        if answer.reason and answer.state in ("unanswered", "failed"):
            out.print(f"  {escape(answer.reason)}", highlight=False)
        for mark, quotes in (("+", answer.added), ("-", answer.gone)):
            for quote in quotes:
                out.print(f"  {mark} “{escape(quote.quote)}”", highlight=False)
                out.print(f"    [dim]{escape(quote.citation)}[/]", highlight=False)
