"""The list of reports, and the text of each by section."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from reformqa.answering.edition_questions import edition_question
from reformqa.app.components.citations import open_button
from reformqa.app.components.correction import draw_correction
from reformqa.app.components.inbox import draw_inbox
from reformqa.app.components.new_reports import draw_new
from reformqa.app.components.source_panel import draw_source
from reformqa.app.components.upload import draw_upload
from reformqa.app.formatting import file_problem, month
from reformqa.app.html import escape, label, paragraph
from reformqa.app.pages.page import Page
from reformqa.app.state import url
from reformqa.app.state.library import library, library_asked, remembered, settings
from reformqa.app.state.navigation import go
from reformqa.app.state.pictures import cover
from reformqa.citations.permalink import Place
from reformqa.errors import SourceFileError, UnknownNameError
from reformqa.ingest.catalogue import FACTS
from reformqa.library import Library
from reformqa.model import Paragraph, Report, ReportInfo, Section
from reformqa.text.phrases import counted

_VERDICTS = {
    "good": ":material/check_circle: Text read well",
    "check": ":material/error: Text read; check it",
    "poor": ":material/warning: Text read poorly",
}


def draw() -> None:
    """Draw all reports, or the one in the address."""
    name = url.get("report")
    if not name:
        _draw_reports(library())
        return
    of = library_asked("library", name)
    try:
        report: Report = remembered(of, "report", (name,), lambda: of.report(name))
    except UnknownNameError:
        st.warning(label(f"There is no report “{name[:80]}” in this library."))
        _back()
        return
    _draw_reading(of, report)
    draw_source(of)


PAGE = Page("library", "Library", ":material/menu_book:", draw)


def _draw_reports(of: Library) -> None:
    st.html("<h1>Library</h1>")
    build = of.build
    st.html(
        paragraph(
            f"{counted(build.reports, 'report')} · {counted(build.paragraphs, 'paragraph')} ·"
            f" {counted(build.recommendations, 'recommendation')}",
            "count",
        )
    )
    draw_new(of)
    if settings().app.corrections:
        draw_inbox()
    if settings().app.uploads != "off":
        draw_upload()
    for problem in build.problems:
        st.error(label(file_problem(problem)))
    if build.skipped:
        st.caption(f"{counted(len(build.skipped), 'file')} not read: see the Health page.")
    for report in of.reports:
        _draw_report(of, report)
    draw_source(of)


def _draw_report(of: Library, report: ReportInfo) -> None:
    with (
        st.container(border=True, key=f"report-{report.id}"),
        st.container(horizontal=True, gap="medium"),
    ):
        try:
            picture, undrawn = cover(of, report.id), ""
        except SourceFileError as error:
            picture, undrawn = None, str(error)
        if picture:
            st.image(picture, width=110, alt=f"Cover of {report.title}")
        with st.container(width="stretch"):
            _draw_facts(of, report)
            if undrawn:
                st.info(label(f"No picture of the cover. {undrawn}"))


def _draw_facts(of: Library, report: ReportInfo) -> None:
    subtitle = f'<span class="subtitle">{escape(report.subtitle)}</span>' if report.subtitle else ""
    st.html(f'<h2 class="title">{escape(report.title)}{subtitle}</h2>')
    facts = (
        ("authors", ", ".join(report.authors)),
        ("publisher", report.publisher),
        ("published", month(report.published)),
        ("series", report.series or ""),
        ("licence", report.licence or ""),
    )
    st.html(f'<p class="facts">{" · ".join(escape(value) for _, value in facts if value)}</p>')
    if report.guesses:
        found = (f"{name} {report.guesses[name]}" for name in FACTS if name in report.guesses)
        st.html(paragraph(f"Read from the report, not checked: {'; '.join(found)}.", "path"))
    if report.handed_in:
        st.caption(label(f"Handed in as {report.source}."))
    if report.note_on:
        st.caption("A reading note. The report replaces it once added to the corpus.")
    counts = of.counts(report.id)
    numbers = ", ".join(counted(count, name.removesuffix("s")) for name, count in counts.items())
    pages = f"{counted(report.reading.pages, 'page')}, " if report.reading.pages else ""
    st.html(paragraph(f"{pages}{numbers} · {report.source}", "path"))
    st.caption(_VERDICTS[report.reading.verdict])
    if report.stale:
        st.warning(label(f"This is an earlier version: the present file {report.stale}"))
    for warning in dict.fromkeys((*report.reading.advice, *report.warnings)):
        st.warning(label(warning))
    if settings().app.corrections:
        draw_correction(report)
    with st.container(horizontal=True, key=f"{report.id}-links"):
        if st.button("Read", key=f"{report.id}-read", type="primary"):
            go("library", report=report.id)
        if st.button("Ask this report", key=f"{report.id}-ask"):
            go("ask", report=report.id)
        if older := _edition_before(of, report):
            since = month(older.published) if older.published else "the edition before"
            if st.button(f"What changed since {since}", key=f"{report.id}-changes"):
                go("ask", q=edition_question(report, older))
        if report.url:
            st.link_button("Publisher’s page", report.url)


def _edition_before(of: Library, report: ReportInfo) -> ReportInfo | None:
    """Return the edition of a report before it, or None."""
    editions = of.editions(report.id)
    at = [r.id for r in editions].index(report.id)
    return editions[at - 1] if at else None


def _draw_reading(of: Library, report: Report) -> None:
    """Draw the sections as a tree, beside the text of the chosen one."""
    _back()
    year = f" {report.year}" if report.year else ""
    st.html(f'<h1>{escape(report.title)}</h1><p class="facts">{escape(report.publisher)}{year}</p>')
    asked = url.number("section")
    number = _first_with_text(report) if asked is None else asked
    number = min(max(number, 1), max(1, len(report.sections)))
    tree, body = st.columns([1, 2], gap="large")
    with tree, st.container(key="tree"):
        for n, section in enumerate(report.sections, start=1):
            _draw_heading(n, section, chosen=n == number)
    with body, st.container(key="text"):
        if not report.sections:
            _draw_text(report.paragraphs)
            return
        section = report.sections[number - 1]
        st.html(f"<h2>{escape(section.title)}</h2>")
        _draw_text(report.paragraphs[slice(*_own(report, number - 1))])
        with st.container(horizontal=True, key="turning"):
            for text, other in (("‹ Previous section", number - 1), ("Next section ›", number + 1)):
                st.button(
                    text,
                    disabled=not 1 <= other <= len(report.sections),
                    on_click=_turn,
                    args=(other,),
                )


def _back() -> None:
    if st.button("‹ All reports", type="tertiary", key="all-reports"):
        go("library")


def _draw_heading(number: int, section: Section, *, chosen: bool) -> None:
    with st.container(key=f"level{min(section.level, 5)}-{number}"):
        st.button(
            label(section.title),
            key=f"section-{number}-chosen" if chosen else f"section-{number}",
            type="tertiary",
            wrap=True,
            on_click=_turn,
            args=(number,),
        )


def _turn(number: int) -> None:
    url.put(section=number, cite=None, build=None)


def _own(report: Report, index: int) -> tuple[int, int]:
    """Return the range of a section's paragraphs before its first subsection."""
    start, end = report.sections[index].span
    inner = [s.span[0] for s in report.sections if s.parent == index and s.span[0] > start]
    return start, min([end, *inner])


def _first_with_text(report: Report) -> int:
    """Return the number of the first section after the front matter, or 1."""
    for n, section in enumerate(report.sections):
        own = report.paragraphs[slice(*_own(report, n))]
        if section.kind != "front" and any(p.searchable for p in own):
            return n + 1
    return 1


def _draw_text(paragraphs: Sequence[Paragraph]) -> None:
    shown = [p for p in paragraphs if p.kind not in ("furniture", "heading")]
    if not shown:
        st.caption("The text of this section is in its subsections.")
    for found in shown:
        mark = f"{found.label} " if found.label else "• " if found.kind == "bullet" else ""
        st.html(f'<p class="reading {found.kind}">{escape(mark)}{escape(found.text)}</p>')
        page = f"{found.page_name}, " if found.page else ""
        open_button(Place(found.id), f"{page}para {found.number}", f"read-{found.id}")
