"""The state of the library: the current build, the last rebuild, problems and scores."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from reformqa.app.formatting import file_problem, moment
from reformqa.app.html import escape, label, paragraph
from reformqa.app.pages.page import Page
from reformqa.app.state.library import index_folder, library, settings
from reformqa.errors import ReformqaError
from reformqa.evaluation.history import read_scores
from reformqa.library import Library
from reformqa.model import Build, Changes
from reformqa.pipeline.runs import Run, headline
from reformqa.pipeline.status import status
from reformqa.text.phrases import counted


def draw() -> None:
    """Draw the page."""
    of = library()
    build = of.build
    found = status(index_folder(), storage=settings().storage)
    st.html("<h1>Health</h1>")
    st.html(
        f'<p class="count">Current build {escape(build.id)}, made {escape(moment(build.made))}</p>'
        f'<p class="path">{counted(build.reports, "report")}, '
        f"{counted(build.paragraphs, 'paragraph')}, {counted(build.passages, 'passage')}, "
        f"{counted(build.recommendations, 'recommendation')}; model {escape(build.model)}</p>"
    )
    if of.misfit:
        st.warning(label(of.misfit))
    st.html("<h2>Last rebuild</h2>")
    _draw_run(found.run)
    st.html("<h2>Changes in this build</h2>")
    _draw_changes(of, build)
    st.html("<h2>Files left out</h2>")
    _draw_left_out(build)
    st.html("<h2>Reports that need attention</h2>")
    _draw_doubtful(of)
    st.html("<h2>Search scores over time</h2>")
    _draw_scores()
    st.html("<h2>Builds on disk</h2>")
    for other in found.builds:
        served = " · current" if other.id == build.id else ""
        counts = f"{counted(other.reports, 'report')}, {counted(other.passages, 'passage')}"
        st.html(paragraph(f"{moment(other.made)} · {other.id} · {counts}{served}", "facts"))


PAGE = Page("health", "Health", ":material/monitor_heart:", draw)


def _draw_run(run: Run | None) -> None:
    if run is None:
        st.caption("No rebuild is on record.")
        return
    summary = f"Started {moment(run.started)}. {headline(run)}"
    if run.state == "failed":
        st.error(label(summary))
    else:
        st.html(paragraph(summary, "facts"))
    for note in run.notes:
        st.warning(label(note))


def _draw_changes(of: Library, build: Build) -> None:
    changes = build.changes
    titles = {r.id: r.title for r in of.reports}
    for name, ids in (
        ("Added", changes.added),
        ("Changed", changes.changed),
        ("Corrected", changes.corrected),
        ("Moved", [new for _, new in changes.moved]),
        ("Removed", changes.removed),
    ):
        if ids:
            listed = "; ".join(titles.get(i, i) for i in ids)
            st.html(f'<p class="facts"><b>{name}</b> {escape(listed)}</p>')
    if changes.reason:
        st.html(paragraph(changes.reason, "facts"))
    if changes == Changes(changes.before):
        st.caption("None: the same files were read again.")


def _draw_left_out(build: Build) -> None:
    if not (build.problems or build.skipped):
        st.caption("None. Every file in the corpus is searchable.")
    for problem in build.problems:
        st.error(label(file_problem(problem)))
    for skipped in build.skipped:
        st.html(paragraph(f"{skipped.file}: {skipped.reason}", "facts"))


def _draw_doubtful(of: Library) -> None:
    doubtful = [r for r in of.reports if r.reading.verdict != "good"]
    if not doubtful:
        st.caption("None. Every report was read well.")
    for report in doubtful:
        st.warning(label(f"{report.title}: {' '.join(report.reading.advice)}"))


def _draw_scores() -> None:
    try:
        scores = read_scores(index_folder())
    except ReformqaError as error:  # the rest of the page does not depend on it
        st.error(label(str(error)))
        return
    if not scores:
        st.caption(
            "None yet. Run `reformqa evaluate QUESTIONS --record` to score the current build."
        )
        return
    st.html(paragraph(f"Latest: {scores[-1]}", "facts"))
    if len(scores) > 1:
        st.line_chart(
            {
                "when": [datetime.fromisoformat(score.when) for score in scores],
                "recall@5": [score.recall_at_5 for score in scores],
                "recall@10": [score.recall_at_10 for score in scores],
                "MRR": [score.mrr for score in scores],
            },
            x="when",
            x_label="",
            y_label="",
            height=260,
        )
