"""The source beside an answer: its page, the paragraph between its neighbours, and actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.runtime import get_instance

from reformqa.app.components.briefing import add_place
from reformqa.app.components.hits import ranking
from reformqa.app.html import escape, label, marked, paragraph
from reformqa.app.state import url
from reformqa.app.state.navigation import go
from reformqa.app.state.pictures import page_picture
from reformqa.citations.permalink import Place
from reformqa.errors import SourceFileError
from reformqa.library import Library
from reformqa.model import Paragraph, ReportInfo
from reformqa.search.hits import Hits

#: How much of the page is shown above and below the marked words, in points.
AROUND = 80.0
#: How many paragraphs away a neighbour may be: running heads and page numbers lie between.
REACH = 6


def draw_source(
    library: Library,
    why: Callable[[], Hits] | None = None,
    quotes: Sequence[Place] = (),
    *,
    first: bool = False,
) -> None:
    """Draw the source of the place cited in the address, if there is one.

    `why` returns the search that found it; `quotes` are the places that the page quotes, in order.
    With `first`, a wide screen shows the first of them before any is opened.
    """
    cited = url.cited()
    if not url.get("cite"):
        if not (first and quotes) or st.session_state.get("source-closed") == quotes:
            return
        cited = quotes[0]
    elif not url.get("build"):
        url.put(build=library.build.id)
    with st.container(key="source" if url.get("cite") else "first-source"):
        with st.container(horizontal=True, vertical_alignment="center", key="source-head"):
            st.html("<h2>Source</h2>", width="stretch")
            _draw_quote_steps(cited, quotes)
            st.button(
                "Close", key="source-close", on_click=_close, args=(quotes,), shortcut="Escape"
            )
        place = cited
        if place is None:
            st.error("This link does not cite a place in a report. Check that it is complete.")
            return
        trace = library.trace(place.paragraph_id, url.get("build"))
        if trace.explanation:
            st.warning(label(trace.explanation))
        if trace.paragraph_then:
            with st.expander("Original text", expanded=True):
                st.html(f'<p class="cited">{marked(trace.paragraph_then.text, place.span)}</p>')
        if trace.paragraph:
            span = place.span if trace.explanation is None else (0, 0)
            _draw_place(library, trace.paragraph, span, why)


def _draw_quote_steps(place: Place | None, quotes: Sequence[Place]) -> None:
    """Draw buttons for the quote before and after, if the place is one of several."""
    if place not in quotes or len(quotes) < 2:
        return
    at = quotes.index(place)
    st.caption(f"Quote {at + 1} of {len(quotes)}", width="content")
    for text, step, key in (("‹", -1, "k"), ("›", 1, "j")):
        st.button(
            text,
            key=f"quote-{key}",
            help=f"{'Next' if step > 0 else 'Previous'} quote ({key})",
            shortcut=key,
            disabled=not 0 <= at + step < len(quotes),
            on_click=_step,
            args=(quotes[min(max(at + step, 0), len(quotes) - 1)],),
        )


def _close(quotes: Sequence[Place]) -> None:
    st.session_state.pop("quoted", None)
    st.session_state["source-closed"] = quotes
    url.put(cite=None, build=None)


def _draw_place(
    library: Library, found: Paragraph, span: tuple[int, int], why: Callable[[], Hits] | None
) -> None:
    report = next(r for r in library.reports if r.id == found.report_id)
    year = f" {report.year}" if report.year else ""
    st.html(
        f'<p class="report">{escape(report.title)}<span>{escape(report.publisher)}{year}</span></p>'
        f'<p class="path">{escape(" › ".join(found.section_path))}</p>'
        f'<p class="path">{_where(found)}</p>'
    )
    if found.places:
        _draw_page(library, report, found, span)
    before, after = _neighbours(library, found)
    around = [p for p in (before, found, after) if p]
    st.html("".join(_shown(p, found.id, span) for p in around))
    _draw_steps(found, before, after)
    _draw_actions(library, report, found, span)
    _draw_facts(report)
    if why:
        _draw_why(found, why)


def _where(found: Paragraph) -> str:
    page = f"{found.page_name.replace('p.', 'Page')} · paragraph" if found.page else "Paragraph"
    return f"{page} {found.number}"


def _shown(shown: Paragraph, cited: str, span: tuple[int, int]) -> str:
    if shown.id != cited:
        return paragraph(shown.text, "context")
    return f'<p class="cited">{marked(shown.text, span)}</p>'


def _draw_page(
    library: Library, report: ReportInfo, found: Paragraph, span: tuple[int, int]
) -> None:
    """Draw the page with the words marked, and buttons for the paragraph's other pages."""
    number = url.number("page")
    try:
        whole = number is not None or st.session_state.get("source-whole", False)
        around = None if whole else AROUND
        library.source_file(report.id)  # whether it is there is asked each time
        picture = page_picture(library, found.id, span, number, around)
    except SourceFileError as error:
        st.info(label(str(error)))
        return
    marks = {"words": ", the quoted words marked", "paragraph": ", the paragraph marked"}
    alt = f"Page {picture.page} of {report.title}{marks.get(picture.marked, '')}"
    st.image(picture.png, alt=alt, width="stretch")
    if number is None:
        st.toggle("Show whole page", key="source-whole")
    for other in picture.others:
        st.button(
            f"Continue on page {other}" if other > picture.page else f"Back to page {other}",
            key=f"source-page-{other}",
            type="tertiary",
            on_click=lambda other=other: url.put(page=other),
        )


def _neighbours(library: Library, found: Paragraph) -> tuple[Paragraph | None, Paragraph | None]:
    """Return the paragraphs before and after, skipping running heads and page numbers."""
    near = library.paragraph(found.id).context(REACH, REACH)
    at = next(n for n, p in enumerate(near) if p.id == found.id)
    before = [p for p in near[:at] if p.kind != "furniture"]
    after = [p for p in near[at + 1 :] if p.kind != "furniture"]
    return before[-1] if before else None, after[0] if after else None


def _draw_steps(found: Paragraph, before: Paragraph | None, after: Paragraph | None) -> None:
    quoted: Place | None = st.session_state.get("quoted")
    with st.container(horizontal=True, key="source-steps"):
        for text, other, name in (
            ("‹ Previous paragraph", before, "before"),
            ("Next paragraph ›", after, "after"),
        ):
            st.button(
                text,
                key=f"source-{name}",
                disabled=other is None,
                on_click=_step,
                args=(Place(other.id) if other else None,),
            )
        if quoted and quoted.paragraph_id != found.id:
            st.button("Back to the quote", key="source-back", on_click=_step, args=(quoted,))


def _step(place: Place | None) -> None:
    url.put(cite=str(place), page=None)


def _draw_actions(
    library: Library, report: ReportInfo, found: Paragraph, span: tuple[int, int]
) -> None:
    with st.container(horizontal=True, key="source-actions"):
        with st.popover("Copy citation"):
            citation = library.citation(found.id, span)
            st.caption("Quote and citation")
            st.code(f"“{citation.quote}” ({citation})", language=None, wrap_lines=True)
            st.caption("Citation only")
            st.code(str(citation), language=None, wrap_lines=True)
            st.caption("Link to this page")
            st.code(url.here(), language=None, wrap_lines=True)
        _draw_links(library, report, found)
        whole = span if span[1] else (0, len(found.text))
        add_place(library, Place(found.id, whole), "source")
    with st.container(horizontal=True, key="source-onward"):
        section = found.section_path[-1] if found.section_path else ""
        if st.button("Read in the report", key="source-read"):
            go("library", report=report.id, cite=found.id, section=str(found.section + 1))
        if section and st.button("Ask about this section", key="source-ask"):
            go("ask", q=f"What does {report.publisher} say about {section}?", report=[report.id])
        own = library.recommendations(report=report.id)
        stated = next((r for r in own if found.id in (r.stated, *r.restated)), None)
        if stated and st.button("Similar recommendations", key="source-similar"):
            go("recommendations", like=stated.id)


def _draw_links(library: Library, report: ReportInfo, found: Paragraph) -> None:
    if found.page:
        try:
            file = library.source_file(report.id)
        except SourceFileError:
            file = None  # the message in place of the page image says why
        if file:
            address_of = get_instance().media_file_mgr.add(
                str(file), "application/pdf", f"pdf {report.id}"
            )
            st.link_button(f"Open the PDF at page {found.page}", f"{address_of}#page={found.page}")
    if report.url:
        st.link_button("Publisher’s page", report.url)


def _draw_facts(report: ReportInfo) -> None:
    facts = [f"Licence: {report.licence}" if report.licence else "Licence unknown"]
    if report.handed_in:
        facts.append(f"Handed in as {report.source}.")
    if report.note_on:
        facts.append("From a reading note on the report, not from the report itself.")
    if report.guessed:
        facts.append(f"Read from the front page, not checked: {', '.join(report.guessed)}.")
    st.caption(label(" · ".join(facts)))


def _draw_why(found: Paragraph, why: Callable[[], Hits]) -> None:
    with st.expander("Why this passage?", key="source-why", on_change="rerun") as shown:
        if not shown.open:
            return
        for rank, hit in enumerate(hits := why(), start=1):
            if found.id in (hit.paragraph.id, *(p.id for p in hit.also)):
                st.html(f'<p class="path">Result number {rank}. {ranking(hit)}</p>')
                return
        st.caption(
            f"Not among the top {len(hits)} passages overall. It was found by searching its think"
            " tank alone, or the recommendations alone."
        )
