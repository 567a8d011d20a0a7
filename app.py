"""The app: draws what the library returns and decides nothing. Run it with `make app`."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from reformqa import (
    Citation,
    Comparison,
    Hits,
    Library,
    Recommendation,
    ReformqaError,
    Report,
    Sentence,
    exports,
    load_settings,
)
from reformqa.crosswalk import THRESHOLD
from reformqa.results import Exportable

INDEX = Path(os.environ.get("REFORMQA_INDEX", "index"))
EXAMPLES = (
    "What do the think tanks want to do about targets?",
    "Why not just spend more?",
    "Who should hold local services to account?",
    "What would replace the Audit Commission?",
)
STYLE = """<style>
.quote {font-size: 1.05rem; line-height: 1.55; margin: 0.2rem 0 0 0;}
.context {color: color-mix(in srgb, currentColor 60%, transparent); margin: 0 0 .7rem 0;}
.source {margin: 0 0 .7rem 0; border-left: 3px solid #b4530a; padding-left: .7rem;}
.path {font-size: .85rem; opacity: .75; margin-bottom: .6rem;}
mark {background: #ffe08a; color: #1a1a1a; padding: 0 .1em;}
</style>"""


@st.cache_resource(max_entries=2, show_spinner="Opening the library …")
def open_library(index: Path, build: str) -> Library:
    """The library, opened once for each build that is published."""
    settings = os.environ.get("REFORMQA_SETTINGS")
    return Library.open(index, load_settings(Path(settings) if settings else None))


def guarded(page: Callable[[Library], None]) -> Callable[[], None]:
    """A page that shows a foreseen error as a message."""

    def run() -> None:
        st.html(STYLE)
        try:
            current = INDEX / "current"
            build = current.read_text(encoding="utf-8") if current.is_file() else ""
            page(open_library(INDEX, build))
        except ReformqaError as error:
            st.error(str(error))

    return run


def ask_page(library: Library) -> None:
    """A question, its answer, and the source of every sentence."""
    st.title("Ask the reports")
    filters = filter_boxes(library, "ask")
    question = question_box("ask", EXAMPLES)
    if question is None:
        return
    with st.spinner("Reading …"):
        answer = library.ask(question, **filters)
    if answer.abstained:
        st.warning(f"No answer. {answer.reason}")
        if answer.nearest:
            st.caption("The nearest passages. They are not an answer:")
        for hit in answer.nearest:
            st.html(
                f"<p class='context'>{escape(hit.passage.text)}<br>— {escape(hit.publisher)}, "
                f"{escape(hit.report_title)}, para {hit.paragraph.number}</p>"
            )
    if answer.note:
        st.info(plain(answer.note))
    if answer.comparison and not answer.abstained:
        draw_comparison(library, answer.comparison)
    else:
        number = 0
        for publisher, sentences in answer.by_publisher.items():
            if len(answer.by_publisher) > 1:
                st.subheader(publisher)
            number = draw_sentences(library, sentences, number)
    if not answer.abstained:
        draw_downloads(answer, "answer")
    for left_out in answer.left_out:
        st.caption(plain(f"Left out: “{left_out.text}” {left_out.reason}"))
    with st.expander("The best passages, and why they came"):
        draw_hits(library.search(question, **filters))


def compare_page(library: Library) -> None:
    """The think tanks in columns, the silent ones too."""
    st.title("Side by side")
    filters = filter_boxes(library, "compare", publishers=False, sections=False)
    question = question_box("compare", ("The role of targets", "Devolution", "Workforce pay"))
    if question is None:
        return
    with st.spinner("Reading each think tank …"):
        comparison = library.compare(question, **filters)
    draw_comparison(library, comparison)
    draw_downloads(comparison, "comparison")


def crosswalk_page(library: Library) -> None:
    """Recommendations of different think tanks on the same matter, side by side."""
    st.title("Crosswalk")
    st.caption(
        "Recommendations of different think tanks whose words are near enough to be read side by"
        " side. They need not agree."
    )
    least = st.slider("Similarity, at least", 0.4, 0.9, THRESHOLD, 0.01)
    crosswalk = library.crosswalk(least=least)
    if crosswalk.reason:
        st.info(plain(crosswalk.reason))
    number = 0
    for group in crosswalk.groups:
        with st.container(border=True):
            st.caption(f"Similarity {group.similarity:.2f}")
            columns = st.columns(len(group.recommendations))
            sides = zip(columns, group.publishers, group.recommendations, strict=True)
            for column, publisher, recommendation in sides:
                with column:
                    st.markdown(f"**{plain(publisher)}**")
                    sentences = (crosswalk.sentences[recommendation.id],)
                    number = draw_sentences(library, sentences, number)
    if crosswalk.matches:
        draw_downloads(crosswalk, "crosswalk")


def draw_comparison(library: Library, comparison: Comparison) -> None:
    """The think tanks in columns: what each says and recommends, or how much was searched."""
    number = 0
    for column, row in zip(st.columns(len(comparison.rows)), comparison.rows, strict=True):
        with column:
            st.subheader(row.publisher)
            st.caption(plain("; ".join(row.reports)))
            if not row.found:
                st.info(f"No passage found ({row.searched} passages searched).")
            for hit in row.nearest:
                with st.expander(plain(f"Near, but not an answer: para {hit.paragraph.number}")):
                    draw_context(library, hit.paragraph.id, (0, 0))
            for title, sentences in row.by_report.items():
                if len(row.by_report) > 1:
                    st.markdown(f"**{plain(title)}**")
                number = draw_sentences(library, sentences, number)


def recommendations_page(library: Library) -> None:
    """Every recommendation, by think tank, report or matter."""
    st.title("Recommendations")
    about = st.text_input("On what?", placeholder="all, or a matter such as: devolution")
    publishers = st.multiselect("Think tank", library.publishers)
    found = library.recommendations(publisher=publishers or None, about=about.strip() or None)
    titles = {r.id: f"{r.publisher} · {r.title}" for r in library.reports}
    st.caption(f"{len(found)} recommendations")
    for report_id in dict.fromkeys(r.report_id for r in found):
        st.subheader(titles[report_id])
        for recommendation in (r for r in found if r.report_id == report_id):
            draw_recommendation(recommendation)
            places = 1 + len(recommendation.restated)
            with st.expander(f"Where it stands ({places})"):
                for paragraph_id in (recommendation.stated, *recommendation.restated):
                    draw_context(library, paragraph_id, (0, 0))


def library_page(library: Library) -> None:
    """What is in the library, what was guessed, and what was left out."""
    st.title("Library")
    build = library.build
    st.caption(f"Build {build.id}, made {build.made}, model {build.model}")
    for column, (name, count) in zip(
        st.columns(4),
        (
            ("Reports", build.reports),
            ("Paragraphs", build.paragraphs),
            ("Passages searched", build.passages),
            ("Recommendations", build.recommendations),
        ),
        strict=True,
    ):
        column.metric(name, count)
    for problem in build.problems:
        st.error(f"Left out: {problem.file}. {problem.reason}")
    for skipped in build.skipped:
        st.info(f"Not read: {skipped.file}. {skipped.reason}")
    for report in library.reports:
        draw_report(library, report)


def draw_report(library: Library, report: Report) -> None:
    """A report's facts, what of them was guessed, its counts and its warnings."""
    facts = [", ".join(report.authors) or None, report.publisher, report.published or "undated"]
    counts = ", ".join(f"{count} {name}" for name, count in library.counts(report.id).items())
    with st.container(border=True):
        st.markdown(f"**{plain(report.title)}** {plain(report.subtitle or '')}")
        st.caption(plain(" · ".join(f for f in (*facts, report.series, report.licence) if f)))
        if report.note_on:
            st.caption("A reading note: the report itself takes its place once it is in corpus/.")
        st.caption(plain(f"{counts} · from {report.source} · id {report.id}"))
        if report.url:
            st.link_button("Landing page", report.url)
        if report.guessed:
            st.info(f"Read from the front page, not checked: {', '.join(report.guessed)}.")
        for warning in report.warnings:
            st.warning(plain(warning))


def question_box(page: str, examples: Sequence[str]) -> str | None:
    """The question asked: typed, picked from the examples, or taken from the address; or None."""
    key = f"{page}-question"
    if key not in st.session_state:
        st.session_state[key] = st.query_params.get("q", "")
    st.pills("Examples", examples, key=f"{page}-example", on_change=take_example, args=(page,))
    with st.form(f"{page}-form", border=False):
        question = st.text_input("Your question", key=key)
        asked = st.form_submit_button("Ask", type="primary")
    if not (asked or question):
        return None
    st.query_params["q"] = question[:500]
    return question


def take_example(page: str) -> None:
    """Put the example picked into the question box."""
    if example := st.session_state[f"{page}-example"]:
        st.session_state[f"{page}-question"] = example


def filter_boxes(
    library: Library, page: str, *, publishers: bool = True, sections: bool = True
) -> dict[str, Any]:
    """The filters chosen in the side bar, as the library takes them."""
    chosen: dict[str, Any] = {}
    titles = {r.id: r.title for r in library.reports}
    years = sorted({r.year for r in library.reports if r.year})
    with st.sidebar:
        st.header("Search only in")
        if publishers:
            picked = st.multiselect("Think tank", library.publishers, key=f"{page}-publisher")
            chosen["publisher"] = picked or None
        reports = st.multiselect(
            "Report", list(titles), format_func=titles.__getitem__, key=f"{page}-report"
        )
        chosen["report"] = reports or None
        if len(years) > 1:
            first, last = st.slider(
                "Published", years[0], years[-1], (years[0], years[-1]), key=f"{page}-years"
            )
            if (first, last) != (years[0], years[-1]):
                chosen["published"] = (first, last)
        if sections:
            kinds = st.multiselect("Kind of section", library.section_kinds, key=f"{page}-section")
            chosen["section"] = kinds or None
    return chosen


def draw_hits(hits: Hits) -> None:
    """Each hit with its standing in each leg of the search."""
    if hits.reason:
        st.info(plain(hits.reason))
    for rank, hit in enumerate(hits, start=1):
        legs = " · ".join(f"{n} #{leg.rank} ({leg.score:.2f})" for n, leg in hit.legs.items())
        page = f", p. {hit.paragraph.page}" if hit.paragraph.page else ""
        lines = [
            f"<div class='path'>{rank}. {escape(hit.publisher)}, {escape(hit.report_title)}{page},"
            f" para {hit.paragraph.number}</div>",
            f"<p class='context'>{escape(hit.passage.text)}</p>",
            f"<div class='path'>{legs} · in all {hit.score:.2f}</div>",
        ]
        if hit.terms:
            lines.append(f"<div class='path'>has: {escape(', '.join(hit.terms))}</div>")
        if hit.also:
            places = "; ".join(f"{p.report_id}, para {p.number}" for p in hit.also)
            lines.append(f"<div class='path'>stated also in {escape(places)}</div>")
        st.html("".join(lines))


def draw_sentences(library: Library, sentences: Sequence[Sentence], number: int) -> int:
    """Sentences with numbered citations, counted on from `number`; gives the last number."""
    for sentence in sentences:
        named = sentence.recommendation
        label = f"<b>{escape(named.name)}</b> " if named else ""
        st.html(f"<p class='quote'>{label}{escape(sentence.text)}</p>")
        for citation in sentence.citations:
            number += 1
            with st.expander(plain(f"[{number}] {citation}")):
                draw_source(library, citation)
    return number


def draw_downloads(result: Exportable, name: str) -> None:
    """A button for each form in which a result can be taken away."""
    document = result.document()
    with st.popover("Take it away"):
        for form, how in exports.FORMS.items():
            st.download_button(
                form,
                lambda form=form: exports.to_bytes(document, form),
                file_name=f"{name}{how.suffix}",
                mime=how.media_type,
                key=f"{name}-{form}",
            )


def draw_source(library: Library, citation: Citation) -> None:
    """The cited paragraph between its neighbours, with the quoted words marked."""
    if citation.status != "verified":
        told = "; ".join(citation.repairs)
        st.warning(plain(f"This quote is {citation.status}: {told}"))
    draw_context(library, citation.paragraph_id, citation.span)
    report = next(r for r in library.reports if r.id == citation.report_id)
    if report.note_on:
        st.caption("From a reading note on the report, not from the report itself.")
    if report.guessed:
        st.caption(f"Read from the front page, not checked: {', '.join(report.guessed)}.")
    st.caption(f"Paragraph {citation.paragraph_id}")


def draw_context(library: Library, paragraph_id: str, span: tuple[int, int]) -> None:
    """A paragraph between its neighbours; the characters of `span` are marked."""
    paragraph = library.paragraph(paragraph_id)
    path = " › ".join(paragraph.section_path)
    page = f" · page {paragraph.page}" if paragraph.page else ""
    parts = [f"<div class='path'>{escape(path)} · paragraph {paragraph.number}{page}</div>"]
    for shown in paragraph.context(before=1, after=1):
        if shown.id != paragraph_id:
            parts.append(f"<p class='context'>{escape(shown.text)}</p>")
            continue
        start, end = span
        before, quote, after = shown.text[:start], shown.text[start:end], shown.text[end:]
        marked = f"{escape(before)}<mark>{escape(quote)}</mark>{escape(after)}"
        parts.append(f"<p class='source'>{marked if quote else escape(shown.text)}</p>")
    st.html("".join(parts))


def draw_recommendation(recommendation: Recommendation) -> None:
    """A recommendation with its label and sub-items."""
    label = f"<b>{escape(recommendation.name)}</b> "
    items = "".join(f"<li>{escape(item)}</li>" for item in recommendation.sub_items)
    st.html(f"<p class='quote'>{label}{escape(recommendation.text)}</p><ul>{items}</ul>")


def escape(text: str) -> str:
    """Text from a report, made safe to put into the page."""
    return html.escape(text)


def plain(text: str) -> str:
    """Text from a report, made safe to put into Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#$~|:])", r"\\\1", text)


st.set_page_config(page_title="reformqa", page_icon="📑", layout="wide")
st.navigation(
    [
        st.Page(guarded(ask_page), title="Ask", url_path="ask", default=True),
        st.Page(guarded(compare_page), title="Side by side", url_path="compare"),
        st.Page(guarded(recommendations_page), title="Recommendations", url_path="recommendations"),
        st.Page(guarded(crosswalk_page), title="Crosswalk", url_path="crosswalk"),
        st.Page(guarded(library_page), title="Library", url_path="library"),
    ]
).run()
