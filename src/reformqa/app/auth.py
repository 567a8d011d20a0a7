"""Sign-in with OpenID Connect, if `.streamlit/secrets.toml` says with whom."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitAuthError, StreamlitSecretNotFoundError

from reformqa.access import Access, read_access, secrets_files
from reformqa.app.html import label
from reformqa.app.state.library import settings


def signed_in() -> bool:
    """Return whether the visitor may see the app, and draw the sign-in page if not."""
    now = access()
    try:
        if now.who == "everybody" or (now.who == "who signs in" and st.user.is_logged_in):
            return True
    except StreamlitSecretNotFoundError:  # the file was changed, and cannot be read any more
        now = Access("nobody", "")
    if now.who == "nobody":
        st.error(
            "Nobody may enter: sign-in is not configured correctly. Ask the administrator of this"
            " app to run `reformqa doctor`, and to restart it."
        )
        return False
    st.html("<h1>reformqa</h1>")
    st.write("Sign in to search the reports. If you followed a link, open it again afterwards.")
    st.button("Sign in", type="primary", on_click=_sign_in)
    return False


def visitor() -> str:
    """Return who the visitor is: one name for all who may enter without signing in."""
    if access().who != "who signs in":
        return "everybody"
    return f"{st.user.get('iss')} {st.user.get('sub') or st.user.get('email')}"


def person() -> str | None:
    """Return who has signed in, as the provider tells people apart, or None for nobody."""
    if access().who != "who signs in" or not st.user.get("sub"):
        return None
    return f"{st.user.get('iss')} {st.user['sub']}"


def draw_visitor() -> None:
    """Draw the visitor's name and the sign-out button."""
    if access().who != "who signs in":
        return
    with st.container(horizontal=True, horizontal_alignment="right", key="visitor"):
        st.caption(label(str(st.user.get("name") or st.user.get("email") or "Signed in")))
        st.button("Sign out", type="tertiary", on_click=st.logout)


def _sign_in() -> None:
    try:
        st.login()
    except StreamlitAuthError as error:
        st.error(label(f"Sign-in is not configured correctly: {error} See docs/operations.md."))


def access() -> Access:
    """Return who may enter. Raises SettingsError if the settings cannot be read."""
    files = tuple(st.get_option("secrets.files"))
    chosen = settings().app
    if chosen.secrets and [Path(file) for file in files] != secrets_files(named=chosen.secrets):
        return Access("nobody", "app.secrets takes effect if `reformqa app` starts the app.")
    return _read(files, chosen.needs_sign_in)


@cache
def _read(files: tuple[str, ...], required: bool) -> Access:
    """Return who may enter, decided once: a file that goes away opens nothing."""
    return read_access([Path(file) for file in files], required=required)
