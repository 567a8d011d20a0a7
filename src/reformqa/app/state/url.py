"""The address of a page says what it shows, so that a colleague who gets it sees the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

import streamlit as st

#: A longer question is not kept in the address: browsers and proxies cut long ones off.
LONGEST = 1_500

_CITED = re.compile(r"([\w.-]{1,200})(?::(\d{1,6})-(\d{1,6}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """A cited place: the half-open range `span` of a paragraph's characters, (0, 0) for none."""

    paragraph_id: str
    span: tuple[int, int] = (0, 0)

    def __str__(self) -> str:
        start, end = self.span
        return f"{self.paragraph_id}:{start}-{end}" if end else self.paragraph_id

    @classmethod
    def read(cls, text: str) -> Place | None:
        """The place that was written so, or None where it is none."""
        found = _CITED.fullmatch(text)
        if not found:
            return None
        return cls(found[1], (int(found[2] or 0), int(found[3] or 0)))


def get(name: str) -> str:
    """A value in the address; "" where it has none."""
    return str(st.query_params.get(name, ""))


def get_all(name: str) -> list[str]:
    """Every value of that name in the address."""
    return st.query_params.get_all(name)


def number(name: str) -> int | None:
    """A whole number in the address; None where it has none of that name."""
    given = get(name)
    return int(given) if given.isdecimal() and len(given) < 6 else None


def put(**values: str | int | list[str] | None) -> None:
    """Write values into the address; None, "" and [] take theirs out, others stay."""
    for name, value in values.items():
        if not value or (isinstance(value, str) and len(value) > LONGEST):
            if name in st.query_params:
                del st.query_params[name]
        elif isinstance(value, list):
            if get_all(name) != value:
                st.query_params[name] = value
        elif get(name) != str(value):
            st.query_params[name] = str(value)
    st.session_state["written"] = present()


def begin() -> None:
    """Look, when a page begins, whether the address is another than the app wrote."""
    st.session_state["opened"] = st.session_state.get("written") != present()
    st.session_state["written"] = present()


def opened() -> bool:
    """Whether the address was opened, or gone back to: the page then shows what it says."""
    return bool(st.session_state.get("opened"))


def cited() -> Place | None:
    """The place whose source is open."""
    return Place.read(get("cite"))


def here() -> str:
    """The whole address of what is shown now."""
    base = str(st.context.url or "").split("?")[0]
    return f"{base}?{urlencode(present(), doseq=True)}"


def present() -> dict[str, list[str]]:
    """What the address says."""
    return {name: get_all(name) for name in sorted(st.query_params)}
