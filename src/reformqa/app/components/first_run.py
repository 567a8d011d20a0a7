"""What the app shows before there is an index: where reports come from, and how to begin.

It offers to download and to build only if the settings let visitors do that: `app.corrections` and
`app.uploads`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from reformqa.app.components.rebuilding import rebuild_now
from reformqa.app.components.upload import draw_upload
from reformqa.app.html import label, paragraph
from reformqa.app.state.library import catalogue_file, corpus_folder, settings
from reformqa.errors import ReformqaError
from reformqa.fetch import Fetched, fetch
from reformqa.ingest.corpus import Entry, read_catalogue
from reformqa.ingest.folder import list_files
from reformqa.text.phrases import counted

#: Where the outcome of the last download is kept until it is shown.
_FETCHED = "first-run fetched"


def draw_first_run(problem: str) -> None:
    """Draw the steps to the first build; `problem` says why there is none."""
    st.html("<h1>First steps</h1>")
    st.info(label(f"This library has no reports yet. {problem}"))
    folder = corpus_folder()
    if not folder.is_dir():
        st.warning(label(f"There is no corpus folder {folder}. Create it, then load this page."))
        return
    with st.container(key="first-run"):
        _draw_sources(folder)
        if settings().app.uploads != "off":
            draw_upload()
        _draw_build(list_files(folder))


def _draw_sources(folder: Path) -> None:
    """Draw the papers of the catalogue, with their pages, and the button that downloads them."""
    st.html("<h2>1. Get reports</h2>")
    st.html(paragraph(f"Put PDF, Word, HTML or text files into the folder {folder}."))
    book = catalogue_file()
    given = book if book.is_file() else None
    papers = {i: e for i, e in read_catalogue(book).items() if not e.note_on} if given else {}
    if not papers:
        st.caption("The catalogue of the folder lists no papers: corpus/README.md shows its form.")
        return
    for paper in st.session_state.pop(_FETCHED, ()):
        if paper.outcome in ("failed", "refused"):
            st.warning(label(f"{paper.report_id}: {paper.reason}"))
    planned = {p.report_id: p for p in fetch(folder, catalogue=given, dry_run=True)}
    st.html(paragraph(f"The catalogue lists {counted(len(papers), 'paper')}:"))
    for name, entry in papers.items():
        _draw_paper(entry, planned[name])
    missing = [p for p in planned.values() if p.outcome == "to fetch"]
    if not missing:
        return
    if settings().app.corrections:
        if st.button(f"Download {counted(len(missing), 'paper')}", key="first-fetch"):
            _download(folder, given)
    else:
        st.caption("`reformqa fetch` downloads those that are missing.")


def _draw_paper(entry: Entry, planned: Fetched) -> None:
    facts = entry.facts
    told = {
        "there": "in the folder",
        "to fetch": "missing",
        "no address": "missing, and the catalogue has no address of it",
    }.get(planned.outcome, "cannot be downloaded")
    year = f" {facts.published[:4]}" if facts.published else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(paragraph(f"{facts.title} – {facts.publisher}{year}: {told}"), width="stretch")
        if (address := facts.url or entry.file) and address.startswith(("http:", "https:")):
            st.link_button("Publisher’s page", address)


def _download(folder: Path, catalogue: Path | None) -> None:
    bar = st.progress(0.0, text="Downloading …")

    def show(stage: str, done: int, total: int) -> None:
        bar.progress(done / max(1, total), text=f"{stage.capitalize()} {done} of {total} …")

    chosen = settings()
    try:
        st.session_state[_FETCHED] = fetch(
            folder,
            catalogue=catalogue,
            settings=chosen.fetch,
            limits=chosen.drawing,
            progress=show,
        )
    except ReformqaError as error:
        st.error(label(str(error)))
        return
    st.rerun()


def _draw_build(files: Sequence[Path]) -> None:
    """Draw what is in the folder, and the button that builds the index of it."""
    st.html("<h2>2. Build the index</h2>")
    st.html(paragraph(f"The folder has {counted(len(files), 'report')}."))
    if not files:
        return
    if settings().app.uploads != "rebuild":
        st.caption("Run `reformqa rebuild`, then load this page.")
    elif st.button("Build the index", type="primary", key="first-build"):
        try:
            rebuild_now()
        except ReformqaError as error:
            st.error(label(str(error)))
            return
        st.rerun()
