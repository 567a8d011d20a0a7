"""Every recommendation: by theme and think tank, filtered, and next to similar ones."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from reformqa.app.components.briefing import add_sentence
from reformqa.app.components.citations import open_button
from reformqa.app.components.downloads import draw_downloads
from reformqa.app.components.inputs import Chosen, filters_popover, text_box
from reformqa.app.components.source_panel import draw_source
from reformqa.app.components.theme_matrix import draw_matrix
from reformqa.app.html import escape, label
from reformqa.app.pages.page import Page
from reformqa.app.state import url
from reformqa.app.state.library import library, library_asked, remembered
from reformqa.citations.permalink import Place
from reformqa.exports.document import Provenance
from reformqa.library import Library
from reformqa.model import Recommendation, Sentence
from reformqa.recommendations.listing import Recommendations
from reformqa.text.phrases import counted

#: How many recommendations one page of the list shows; "sheet" is its name in addresses.
SHEET = 20


def draw() -> None:
    """Draw the page."""
    now = library()
    st.html("<h1>Recommendations</h1>")
    with st.container(key="asking"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            about = text_box("recommendations", "about", "Topic")
            words = text_box("recommendations", "words", "Contains words")
        chosen = filters_popover(
            now, "recommendations", "publisher", "report", "published", "section"
        )
    of = library_asked("recommendations", (about, words, chosen, url.get("like")))
    url.put(about=about, words=words, **chosen.address())
    if like := url.get("like"):
        _draw_like(of, like)
    found = _found(of, about, words, chosen)
    if theme := url.get("theme"):
        found = _of_theme(of, found, theme, url.get("by"))
    elif not like:
        draw_matrix(of, found)
    with st.container(key="list"):
        _draw_list(of, found)
    draw_source(of)


PAGE = Page("recommendations", "Recommendations", ":material/checklist:", draw)


def _found(of: Library, about: str, words: str, chosen: Chosen) -> Recommendations:
    found: Recommendations = remembered(
        of,
        "recommendations",
        (about, words, chosen),
        lambda: of.recommendations(about=about or None, containing=words or None, **chosen.given()),
    )
    return found


def _of_theme(of: Library, found: Recommendations, name: str, publisher: str) -> Recommendations:
    """Return the recommendations on a theme, of one think tank if a matrix cell was chosen."""
    reports = {r.id for r in of.reports if publisher in ("", r.publisher)}
    theme = [r for t in of.themes if t.name == name for r in t.recommendations]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f"<h2>{escape(name)} <span>{escape(publisher)}</span></h2>", width="content")
        st.button("‹ All themes", on_click=lambda: url.put(theme=None, by=None, sheet=None))
    return found.only({r.id for r in theme if r.report_id in reports})


def _draw_list(of: Library, found: Recommendations) -> None:
    sheets = max(1, -(-len(found) // SHEET))
    asked = url.number("sheet")
    sheet = min(1 if asked is None else asked, sheets)
    with st.container(horizontal=True, vertical_alignment="center", key="list-head"):
        count = counted(len(found), "recommendation")
        st.html(f'<p class="count">{count}</p>', width="stretch")
        if found:
            draw_downloads(found, "recommendations")
    titles = {r.id: r for r in of.reports}
    shown = found[(sheet - 1) * SHEET : sheet * SHEET]
    stated, provenance = remembered(
        of, "stated", tuple(r.id for r in shown), lambda: found.cite(shown)
    )
    before = None
    for recommendation, sentence in zip(shown, stated, strict=True):
        if recommendation.report_id != before:
            report = titles[recommendation.report_id]
            year = f", {report.year}" if report.year else ""
            st.html(
                f"<h2>{escape(report.title)}<span> {escape(report.publisher)}{year}</span></h2>"
            )
            before = recommendation.report_id
        _draw_recommendation(recommendation, sentence, provenance)
    if sheets > 1:
        _draw_turning(sheet, sheets)


def _draw_turning(sheet: int, sheets: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="turning"):
        for text, other in (("‹ Previous", sheet - 1), ("Next ›", sheet + 1)):
            st.button(
                text,
                disabled=not 1 <= other <= sheets,
                on_click=lambda other=other: url.put(sheet=other),
            )
        st.caption(f"Page {sheet} of {sheets}")


def _draw_recommendation(
    recommendation: Recommendation, sentence: Sentence, provenance: Provenance
) -> None:
    items = "".join(f"<li>{escape(item)}</li>" for item in recommendation.sub_items)
    st.html(
        f'<p class="quote"><b>{escape(recommendation.name)}</b> {escape(recommendation.text)}</p>'
        + (f'<ul class="quote">{items}</ul>' if items else "")
    )
    with st.container(horizontal=True, key=f"{recommendation.id}-actions"):
        open_button(Place(recommendation.stated), "Source", f"{recommendation.id}-source")
        for n, restated in enumerate(recommendation.restated, start=2):
            open_button(Place(restated), f"Also stated ({n})", f"{recommendation.id}-again-{n}")
        st.button(
            "Similar recommendations",
            key=f"{recommendation.id}-similar",
            type="tertiary",
            on_click=lambda: url.put(like=recommendation.id, sheet=None),
        )
        add_sentence(sentence, provenance, recommendation.id)


def _draw_like(of: Library, name: str) -> None:
    """Draw a recommendation next to the most similar ones of other think tanks."""
    known = {r.id: r for r in of.recommendations()}
    publishers = {r.id: r.publisher for r in of.reports}
    with st.container(border=True, key="like"):
        st.button("Close", key="like-close", on_click=lambda: url.put(like=None))
        if name not in known:
            st.warning(label("The recommendation in this link is not in this library."))
            return
        one = known[name]
        similar = of.similar(name)
        sides: Sequence[tuple[str, Recommendation, str]] = [
            (publishers[one.report_id], one, "Selected"),
            *((s.publisher, s.recommendation, f"Similarity {s.similarity:.2f}") for s in similar),
        ]
        for column, (publisher, side, note) in zip(
            st.columns(max(2, len(sides))), sides, strict=False
        ):
            with column:
                st.html(f'<h3>{escape(publisher)}</h3><p class="path">{note}</p>')
                st.html(f'<p class="quote"><b>{escape(side.name)}</b> {escape(side.text)}</p>')
                open_button(Place(side.stated), "Source", f"like-{side.id}")
        if not similar:
            st.caption("No other think tank makes a similar recommendation.")
        else:
            st.caption("Similar in wording and meaning, which does not mean that they agree.")
