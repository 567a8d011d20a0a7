"""Where a visitor says what to ask and where to look; what is chosen is kept in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from reformqa.app.html import label
from reformqa.app.state import url
from reformqa.app.state.navigation import go
from reformqa.errors import QuestionError
from reformqa.library import Library

#: A question of a visit: the page it was asked on, its words, what the address held.
Visited = tuple[str, str, dict[str, list[str]]]
_NOT_HAD = "This library does not have it: take it out of the address, or choose another."
#: How many questions of a visit are listed.
REMEMBERED = 20


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters that are chosen; empty where nothing is left out."""

    publisher: tuple[str, ...] = ()
    report: tuple[str, ...] = ()
    published: tuple[int, int] | None = None
    section: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many filters are set."""
        return sum(bool(value) for value in asdict(self).values())

    def given(self, *names: str) -> dict[str, Any]:
        """The filters of those names, or all, as the methods of a library take them."""
        return {n: v or None for n, v in asdict(self).items() if not names or n in names}

    def address(self) -> dict[str, Any]:
        """What the address says of them."""
        first, last = self.published or (None, None)
        listed = {n: list(getattr(self, n)) for n in ("publisher", "report", "section")}
        return {**listed, "from": first, "to": last}


def question_box(page: str, about: str, button: str, examples: Sequence[str]) -> str | None:
    """What is asked: typed, taken from the examples or from the address. None before that."""
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
            "For example",
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
    """The filters of those names ("publisher", "report", "published", "section").

    Raises QuestionError where the address names what the library does not have: a filter that
    cannot be met is never left out in silence.
    """
    titles = {r.id: r.title for r in library.reports}
    options: dict[str, Sequence[str]] = {
        "publisher": library.publishers,
        "report": list(titles),
        "section": library.section_kinds,
    }
    _from_address(page, [n for n in names if n in options], options)
    labels = {"publisher": "Think tank", "report": "Report", "section": "Kind of section"}
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
                raise QuestionError(f"The address asks for the {name} “{value[:80]}”. {_NOT_HAD}")
        st.session_state[f"{page}-{name}"] = wanted


def _years(library: Library, page: str) -> tuple[int, int] | None:
    years = sorted({r.year for r in library.reports if r.year})
    if len(years) < 2:
        return None
    chosen: list[int | None] = []
    for name, told in (("from", "Published from"), ("to", "Published until")):
        key = f"{page}-{name}"
        if url.opened() or key not in st.session_state:
            given = url.get(name)
            if given and not (given.isdecimal() and int(given[:9]) in years):
                raise QuestionError(f"The address asks for the year “{given[:20]}”. {_NOT_HAD}")
            st.session_state[key] = int(given) if given else None
        chosen.append(st.selectbox(told, years, index=None, key=key, placeholder="Any year"))
    first, last = chosen
    return (first or years[0], last or years[-1]) if first or last else None


def text_box(page: str, name: str, about: str) -> str:
    """A line of text of that name in the address; "" where it is empty."""
    key = f"{page}-{name}"
    if url.opened() or key not in st.session_state:
        st.session_state[key] = url.get(name)
    return st.text_input(about, key=key, width="stretch").strip()


def filters_popover(library: Library, page: str, *names: str) -> Chosen:
    """The filters of those names behind a button, and beside it what is chosen."""
    with st.popover("Search only in …", key=f"{page}-filters"):
        chosen = filter_boxes(library, page, *names)
    if chosen.count:
        years = "–".join(map(str, dict.fromkeys(chosen.published or ())))
        titles = [r.title for r in library.reports if r.id in chosen.report]
        told = (*chosen.publisher, *titles, years, *chosen.section)
        st.caption(f"Only in {label('; '.join(filter(None, told)))}")
    return chosen


def keep(page: str, question: str, chosen: Chosen) -> None:
    """Write what is asked into the address and the list of this visit.

    Where it is another question, the source that is open is closed.
    """
    if url.get("q") not in ("", question):
        url.put(cite=None, build=None, page=None)
    url.put(q=question, **chosen.address())
    _remember(page, question)


def _remember(page: str, question: str) -> None:
    """Put a question into the list of this visit, newest first."""
    visit: list[Visited] = st.session_state.setdefault("visit", [])
    known = [entry for entry in visit if entry[:2] != (page, question)]
    st.session_state["visit"] = [(page, question, url.present()), *known][:REMEMBERED]


def draw_visit() -> None:
    """The questions of this visit, each to be asked again."""
    visit: list[Visited] = st.session_state.get("visit", [])
    if len(visit) < 2:
        return
    with st.popover("This visit", key="visit-list"):
        for n, (page, question, where) in enumerate(visit):
            if st.button(label(question), key=f"visit-{n}", type="tertiary"):
                go(page, **where)
