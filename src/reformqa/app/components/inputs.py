"""The inputs for a question and its filters, whose values are kept in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from reformqa.app.components.recent import remember
from reformqa.app.html import label
from reformqa.app.state import url
from reformqa.errors import QuestionError
from reformqa.library import Library

_NOT_HERE = "which this library does not have. Remove it from the link, or choose another."


@dataclass(frozen=True, slots=True)
class Chosen:
    """The chosen filters; an empty one excludes nothing."""

    publisher: tuple[str, ...] = ()
    report: tuple[str, ...] = ()
    published: tuple[int, int] | None = None
    section: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """The number of filters that are set."""
        return sum(bool(value) for value in asdict(self).values())

    def given(self, *names: str) -> dict[str, Any]:
        """Return the named filters, or all, as the library's methods take them."""
        return {n: v or None for n, v in asdict(self).items() if not names or n in names}

    def address(self) -> dict[str, Any]:
        """Return the filters as values for the address."""
        first, last = self.published or (None, None)
        listed = {n: list(getattr(self, n)) for n in ("publisher", "report", "section")}
        return {**listed, "from": first, "to": last}


def question_box(page: str, about: str, button: str, examples: Sequence[str]) -> str | None:
    """Draw the question box, and return the question from it, an example or the address.

    Returns None before anything is asked.
    """
    key = f"{page}-q"
    if url.opened() or key not in st.session_state:
        st.session_state[key] = url.get("q")
    with (
        st.form(f"{page}-form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        question = st.text_input(about, key=key, width="stretch")
        asked = st.form_submit_button(button, type="primary")
    if not question and examples:
        st.pills(
            "Examples",
            examples,
            format_func=label,
            key=f"{page}-example",
            on_change=_take_example,
            args=(page,),
        )
    if not (asked or question):
        return None
    return question


def _take_example(page: str) -> None:
    if example := st.session_state[f"{page}-example"]:
        st.session_state[f"{page}-q"] = example


def filter_boxes(library: Library, page: str, *names: str) -> Chosen:
    """Draw the named filters ("publisher", "report", "published", "section").

    Raises QuestionError if the address names something that the library does not have, because a
    filter must never be ignored silently.
    """
    titles = {r.id: r.title for r in library.reports}
    options: dict[str, Sequence[str]] = {
        "publisher": library.publishers,
        "report": list(titles),
        "section": library.section_kinds,
    }
    _from_address(page, [n for n in names if n in options], options)
    labels = {"publisher": "Think tank", "report": "Report", "section": "Section type"}
    chosen: dict[str, Any] = {}
    for name in names:
        if name == "published":
            chosen[name] = _years(library, page)
            continue
        picked = st.multiselect(
            labels[name],
            options[name],
            format_func=titles.__getitem__ if name == "report" else str,
            key=f"{page}-{name}",
            placeholder="All",
        )
        chosen[name] = tuple(picked)
    return Chosen(**chosen)


def _from_address(page: str, names: Sequence[str], options: dict[str, Sequence[str]]) -> None:
    if not url.opened() and all(f"{page}-{n}" in st.session_state for n in names):
        return
    for name in names:
        wanted = url.get_all(name)
        for value in wanted:
            if value not in options[name]:
                raise QuestionError(f"The link asks for the {name} “{value[:80]}”, {_NOT_HERE}")
        st.session_state[f"{page}-{name}"] = wanted


def _years(library: Library, page: str) -> tuple[int, int] | None:
    years = sorted({r.year for r in library.reports if r.year})
    if len(years) < 2:
        return None
    chosen: list[int | None] = []
    for name, title in (("from", "Published from"), ("to", "Published to")):
        key = f"{page}-{name}"
        if url.opened() or key not in st.session_state:
            given = url.get(name)
            if given and not (given.isdecimal() and int(given[:9]) in years):
                raise QuestionError(f"The link asks for the year “{given[:20]}”, {_NOT_HERE}")
            st.session_state[key] = int(given) if given else None
        chosen.append(st.selectbox(title, years, index=None, key=key, placeholder="Any year"))
    first, last = chosen
    return (first or years[0], last or years[-1]) if first or last else None


def text_box(page: str, name: str, about: str) -> str:
    """Draw a text box kept in the address under `name`, and return its text, "" if empty."""
    key = f"{page}-{name}"
    if url.opened() or key not in st.session_state:
        st.session_state[key] = url.get(name)
    return st.text_input(about, key=key, width="stretch").strip()


def filters_popover(library: Library, page: str, *names: str) -> Chosen:
    """Draw the named filters behind a button, with the chosen values beside it."""
    with st.popover("Filters", key=f"{page}-filters"):
        chosen = filter_boxes(library, page, *names)
    if chosen.count:
        years = "–".join(map(str, dict.fromkeys(chosen.published or ())))
        titles = [r.title for r in library.reports if r.id in chosen.report]
        values = (*chosen.publisher, *titles, years, *chosen.section)
        st.caption(f"Filtered by {label('; '.join(filter(None, values)))}")
    return chosen


def keep(page: str, question: str, chosen: Chosen) -> None:
    """Write a question and its filters to the address and the recent questions.

    A new question closes the open source and the thread of follow-ups.
    """
    if url.get("q") not in ("", question):
        url.put(cite=None, build=None, page=None, after=None)
    url.put(q=question, **chosen.address())
    remember(page, question)
