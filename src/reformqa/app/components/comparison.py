"""Think tanks in columns: what each says and recommends, or that nothing was found."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from reformqa.answering.results import MAY_TOUCH, Comparison, ComparisonRow
from reformqa.app.components.citations import draw_sentences, open_button
from reformqa.app.html import escape, paragraph
from reformqa.citations.permalink import Place
from reformqa.exports.document import Provenance
from reformqa.model import Sentence

#: The most columns in a row.
COLUMNS = 4
#: How many sentences a column shows before it is expanded.
SHOWN = 4


def draw_comparison(comparison: Comparison, key: str) -> None:
    """Draw a column for each think tank, including those that say nothing."""
    number = 0
    across = min(COLUMNS, len(comparison.rows))
    with st.container(key="compared"):
        for start in range(0, len(comparison.rows), across):
            rows = comparison.rows[start : start + across]
            for n, (column, row) in enumerate(zip(st.columns(across), rows, strict=False), start):
                with column, st.container(key=f"{key}-row-{n}"):
                    number = _draw_row(row, number, f"{key}-{n}", comparison.provenance)


def _draw_row(row: ComparisonRow, number: int, key: str, provenance: Provenance) -> int:
    st.html(f"<h2>{escape(row.publisher)}</h2>{paragraph('; '.join(row.reports), 'path')}")
    if not row.found:
        st.info(f"No passage found ({row.searched} passages searched).")
        for n, hit in enumerate(row.nearest):
            where = f"Closest passage, not an answer: para {hit.paragraph.number}"
            open_button(Place(hit.paragraph.id), where, f"{key}-near-{n}")
        return number
    if row.status == "near":
        st.html(paragraph(MAY_TOUCH, "path"))
    number = _draw_by_report(row.sentences[:SHOWN], number, key, provenance)
    if more := row.sentences[SHOWN:]:
        with st.expander(f"Show {len(more)} more"):
            number = _draw_by_report(more, number, f"{key}-more", provenance)
    if row.recommendations:
        st.html("<h3>Recommends</h3>")
        named = f"{key}-recommended"
        number = _draw_by_report(row.recommendations, number, named, provenance)
    return number


def _draw_by_report(
    sentences: tuple[Sentence, ...], number: int, key: str, provenance: Provenance
) -> int:
    """Draw sentences under the title and year of their report, and return the last number."""
    for title, group in groupby(sentences, key=_report):
        st.html(f'<p class="paper">{escape(title)}</p>')
        number = draw_sentences(list(group), number, key, provenance)
    return number


def _report(sentence: Sentence) -> str:
    cited = sentence.citations[0]
    return f"{cited.report_title}, {cited.year}" if cited.year else cited.report_title
