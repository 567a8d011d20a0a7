"""Search results, and how each method of the search ranked them."""

from __future__ import annotations

import streamlit as st

from reformqa.app.components.briefing import add_place
from reformqa.app.components.citations import open_button
from reformqa.app.html import escape, label, paragraph
from reformqa.citations.permalink import Place
from reformqa.library import Library
from reformqa.model import Hit
from reformqa.search.hits import Hits

_METHODS = {"bm25": "keywords", "embedding": "meaning", "late": "word by word"}


def draw_hits(hits: Hits, of: Library) -> None:
    """Draw each hit with its ranking; `of` is the library that found them."""
    if hits.reason:
        st.info(label(hits.reason))
    for rank, hit in enumerate(hits, start=1):
        page = f", {hit.paragraph.page_name}" if hit.paragraph.page else ""
        where = f"{hit.publisher}, {hit.report_title}{page}, para {hit.paragraph.number}"
        st.html(
            f'<p class="path">{rank}. {escape(where)}</p>'
            f'{paragraph(hit.passage.text, "context")}<p class="path">{ranking(hit)}</p>'
        )
        with st.container(horizontal=True, gap="small", key=f"hit-{rank}-actions"):
            open_button(Place(hit.paragraph.id), "View source", f"hit-{rank}")
            add_place(of, Place(hit.paragraph.id, hit.passage.span), f"hit-{rank}")


def ranking(hit: Hit) -> str:
    """Return a hit's rank and score in each method, and the words it shares, as HTML."""
    legs = " · ".join(
        f"{escape(_METHODS.get(name, name))} #{leg.rank} ({leg.score:.2f})"
        for name, leg in hit.legs.items()
    )
    terms = f"<br>Shared words: {escape(', '.join(hit.terms))}." if hit.terms else ""
    others = "1 other place" if len(hit.also) == 1 else f"{len(hit.also)} other places"
    also = f"<br>Also stated in {others}." if hit.also else ""
    return f"Rank by method: {legs}; combined score {hit.score:.2f}.{terms}{also}"
