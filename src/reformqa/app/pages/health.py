"""Whether the library is well: the build served, what it changed, what was left out, scores."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from reformqa.app.formatting import counted, moment, out_of_place
from reformqa.app.html import escape, label, paragraph
from reformqa.app.state.library import library
from reformqa.errors import ReformqaError
from reformqa.library import Library
from reformqa.model import Build, Changes
from reformqa.pipeline.runs import headline


def page() -> None:
    """Draw the page."""
    of = library()
    build = of.build
    st.html("<h1>Health</h1>")
    st.html(
        f'<p class="count">Build {escape(build.id)}, served since {escape(moment(build.made))}</p>'
        f'<p class="path">{counted(build.reports, "report")}, '
        f"{counted(build.paragraphs, 'paragraph')}, {counted(build.passages, 'passage')} searched, "
        f"{counted(build.recommendations, 'recommendation')}; model {escape(build.model)}</p>"
    )
    st.html("<h2>The last rebuild</h2>")
    _draw_run(of)
    st.html("<h2>What this build changed</h2>")
    _draw_changes(of, build)
    st.html("<h2>Left out</h2>")
    _draw_left_out(build)
    st.html("<h2>Reports that were hard to read</h2>")
    _draw_doubtful(of)
    st.html("<h2>Scores over time</h2>")
    _draw_scores(of)
    st.html("<h2>Builds on disk</h2>")
    for other in of.builds:
        served = " · served" if other.id == build.id else ""
        counts = f"{counted(other.reports, 'report')}, {counted(other.passages, 'passage')}"
        st.html(paragraph(f"{moment(other.made)} · {other.id} · {counts}{served}", "facts"))


def _draw_run(of: Library) -> None:
    run = of.last_run
    if run is None:
        st.caption("None is on record.")
        return
    told = f"Begun {moment(run.started)}. {headline(run)}"
    if run.state == "failed":
        st.error(label(told))
    else:
        st.html(paragraph(told, "facts"))
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
            told = "; ".join(titles.get(i, i) for i in ids)
            st.html(f'<p class="facts"><b>{name}</b> {escape(told)}</p>')
    if changes.reason:
        st.html(paragraph(changes.reason, "facts"))
    if changes == Changes(changes.before):
        st.caption("Nothing: it was made anew of the same files.")


def _draw_left_out(build: Build) -> None:
    if not (build.problems or build.skipped):
        st.caption("Every file of the corpus is in.")
    for problem in build.problems:
        st.error(label(out_of_place(problem)))
    for skipped in build.skipped:
        st.html(paragraph(f"{skipped.file}: {skipped.reason}", "facts"))


def _draw_doubtful(of: Library) -> None:
    doubtful = [r for r in of.reports if r.reading.verdict != "good"]
    if not doubtful:
        st.caption("None.")
    for report in doubtful:
        st.warning(label(f"{report.title}: {' '.join(report.reading.advice)}"))


def _draw_scores(of: Library) -> None:
    try:
        scores = of.scores
    except ReformqaError as error:  # the rest of the page is well all the same
        st.error(label(str(error)))
        return
    if not scores:
        st.caption(
            "None yet. `reformqa evaluate QUESTIONS --record` keeps the scores of the build served."
        )
        return
    st.html(paragraph(f"The last: {scores[-1]}", "facts"))
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
