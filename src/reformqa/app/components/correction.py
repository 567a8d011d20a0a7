"""The form in which a report's facts are corrected, if the operator allows it."""

from __future__ import annotations

import streamlit as st

from reformqa.app.html import label
from reformqa.app.state.library import catalogue_file
from reformqa.errors import CorpusError
from reformqa.ingest.catalogue import correct, known
from reformqa.ingest.corpus import read_catalogue
from reformqa.model import ReportInfo


def draw_correction(report: ReportInfo) -> None:
    """Draw a closed form with a report's facts; saving it writes the changes into the catalogue."""
    with st.expander("Correct these facts", key=f"{report.id}-correct", icon=":material/edit:"):
        try:
            now = known(report, read_catalogue(catalogue_file())).facts
        except CorpusError as error:
            st.error(label(str(error)))
            return
        with st.form(f"{report.id}-facts", border=False):
            given = {
                "title": st.text_input("Title", now.title or ""),
                "subtitle": st.text_input("Subtitle", now.subtitle or ""),
                "authors": st.text_input(
                    "Authors, separated by semicolons", "; ".join(now.authors)
                ),
                "publisher": st.text_input("Publisher", now.publisher or ""),
                "published": st.text_input("Date (2024-12 or 2024)", now.published or ""),
                "series": st.text_input("Series", now.series or ""),
            }
            asked = st.form_submit_button("Save corrections", type="primary")
        if asked:
            _save(report, given)


def _save(report: ReportInfo, given: dict[str, str]) -> None:
    names = tuple(n for part in given["authors"].split(";") if (n := part.strip()))
    try:
        correct(catalogue_file(), report, {**given, "authors": names})
    except CorpusError as error:
        st.error(label(str(error)))
        return
    st.success("Saved in the catalogue. The library shows it after the next rebuild.")
