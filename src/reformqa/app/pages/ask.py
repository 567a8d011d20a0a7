"""The start page: a question, its answer, and the source of every sentence."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from reformqa.answering.results import Answer
from reformqa.app.components.briefing import add_place
from reformqa.app.components.citations import draw_sentences, open_button, places
from reformqa.app.components.comparison import draw_comparison
from reformqa.app.components.downloads import draw_downloads
from reformqa.app.components.follow_up import draw_follow_up, draw_thread, more_asked
from reformqa.app.components.hits import draw_hits
from reformqa.app.components.inputs import filters_popover, keep, question_box
from reformqa.app.components.source_panel import draw_source
from reformqa.app.components.wording import draw_early
from reformqa.app.html import escape, label, paragraph
from reformqa.app.pages.page import Page
from reformqa.app.state.library import library, library_asked, remembered
from reformqa.citations.permalink import Place
from reformqa.library import Library
from reformqa.model import Citation
from reformqa.search.hits import Hits
from reformqa.text.phrases import counted, listed


def draw() -> None:
    """Draw the page."""
    now = library()
    st.html("<h1>Ask the reports</h1>")
    with st.container(key="asking"):
        question = question_box("ask", "Your question", "Ask", now.examples)
        chosen = filters_popover(now, "ask", "publisher", "report", "published", "section")
    if question is None:
        _draw_welcome(now)
        draw_source(now)
        return
    asked = (question, chosen)
    of = library_asked("ask", asked)

    with st.spinner("Searching …"), draw_early() as on_sentence:
        answer: Answer = remembered(
            of,
            "answer",
            asked,
            lambda: of.ask(question, **chosen.given(), on_sentence=on_sentence),
        )
    keep("ask", question, chosen)
    draw_thread("ask")

    def why() -> Hits:
        hits: Hits = remembered(of, "hits", asked, lambda: of.search(question, **chosen.given()))
        return hits

    _draw_answer(of, answer)
    draw_follow_up("ask", of, question)
    with st.expander("Top passages and their ranking", key="working", on_change="rerun") as ranked:
        if ranked.open:
            draw_hits(why(), of)
    draw_source(of, why, places(_citations(answer)), first=not answer.comparison)


def _citations(answer: Answer) -> Sequence[Citation]:
    """Return the citations in the order in which they are drawn."""
    if answer.comparison:
        return answer.comparison.citations
    groups = [*answer.by_publisher.values(), answer.more]
    return [c for group in groups for sentence in group for c in sentence.citations]


PAGE = Page("ask", "Ask", ":material/search:", draw)


def _draw_welcome(of: Library) -> None:
    publishers = listed(of.publishers)
    reports = f"{counted(len(of.reports), 'report')} by {publishers}"
    text = f"Answers are quotes from {reports}, with a source for every sentence."
    st.html(paragraph(text, "welcome"))


def _draw_answer(of: Library, answer: Answer) -> None:
    with st.container(key="said"):
        if answer.abstained:
            _draw_abstention(of, answer)
        if answer.note:
            st.info(label(answer.note))
    if answer.comparison and not answer.abstained:
        draw_comparison(answer.comparison, "answer")
    else:
        with st.container(key="answer"):
            number = 0
            for publisher, sentences in answer.by_publisher.items():
                if len(answer.by_publisher) > 1:
                    st.html(f"<h2>{escape(publisher)}</h2>")
                number = draw_sentences(
                    sentences, number, "answer", answer.provenance, titled=False
                )
        if answer.more:
            # A key of its own for each state: an expander with the same key stays as it was.
            asked = more_asked()
            key = "more-asked" if asked else "more"
            with st.expander(f"Show {len(answer.more)} more", key=key, expanded=asked):
                draw_sentences(answer.more, number, "further", answer.provenance, titled=False)
    for left_out in answer.left_out:
        st.caption(label(f"Left out: “{left_out.text}” {left_out.reason}"))
    draw_downloads(answer, "answer")


def _draw_abstention(of: Library, answer: Answer) -> None:
    """Draw the reason for not answering, and the closest passages."""
    st.warning(label(f"No answer. {answer.reason}"))
    if answer.nearest:
        st.caption("The closest passages, which do not answer the question:")
    for number, hit in enumerate(answer.nearest):
        st.html(paragraph(hit.passage.text, "context"))
        where = f"{hit.publisher}, {hit.report_title}, para {hit.paragraph.number}"
        with st.container(horizontal=True, gap="small", key=f"near-{number}-actions"):
            open_button(Place(hit.paragraph.id), where, f"near-{number}")
            add_place(of, Place(hit.paragraph.id, hit.passage.span), f"near-{number}")
