"""The address of a page, which describes what it shows so that it can be shared as a link."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from reformqa.citations.permalink import Place

#: The longest value kept in the address. Browsers and proxies cut long addresses off.
LONGEST = 1_500


def get(name: str) -> str:
    """Return a value in the address, or ""."""
    return str(st.query_params.get(name, ""))


def get_all(name: str) -> list[str]:
    """Return every value of that name in the address."""
    return st.query_params.get_all(name)


def number(name: str) -> int | None:
    """Return a whole number in the address, or None."""
    given = get(name)
    return int(given) if given.isdecimal() and len(given) < 6 else None


def put(**values: str | int | list[str] | None) -> None:
    """Write values to the address. None, "" and [] remove theirs; other names stay."""
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
    """At the start of a run, note whether the address differs from what the app wrote."""
    st.session_state["opened"] = st.session_state.get("written") != present()
    st.session_state["written"] = present()


def opened() -> bool:
    """Return whether the address was opened or returned to, so that the page must follow it."""
    return bool(st.session_state.get("opened"))


def cited() -> Place | None:
    """Return the place whose source is open, or None."""
    return Place.read(get("cite"))


def here() -> str:
    """Return the full address of the present page."""
    base = str(st.context.url or "").split("?")[0]
    return f"{base}?{urlencode(present(), doseq=True)}"


def home(page: str) -> str:
    """Return the address of the app, seen from one of its pages; "" if it is not known."""
    base = str(st.context.url or "").split("?")[0].rstrip("/")
    return base.removesuffix(f"/{page}")


def present() -> dict[str, list[str]]:
    """Return all values in the address."""
    return {name: get_all(name) for name in sorted(st.query_params)}
