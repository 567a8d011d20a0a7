"""Sign-in by OpenID Connect, where `.streamlit/secrets.toml` has an [auth] section."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitAuthError, StreamlitSecretNotFoundError

from reformqa.app.html import label


def signed_in() -> bool:
    """Whether the visitor may see anything; who may not is shown the way to sign in.

    Where a file of secrets cannot be read, nobody may: it may be the one that keeps others out.
    """
    try:
        if not _is_configured() or st.user.is_logged_in:
            return True
    except StreamlitSecretNotFoundError:
        st.error(
            "The app is not set up rightly: `reformqa doctor` says why. Tell those who run it."
        )
        return False
    st.html("<h1>reformqa</h1>")
    st.write("Sign in to ask the reports. Who came by a link opens it once more afterwards.")
    st.button("Sign in", type="primary", on_click=_sign_in)
    return False


def draw_visitor() -> None:
    """Who is signed in, and the way out."""
    if not _is_configured():
        return
    with st.container(horizontal=True, horizontal_alignment="right", key="visitor"):
        st.caption(label(str(st.user.get("name") or st.user.get("email") or "Signed in")))
        st.button("Sign out", type="tertiary", on_click=st.logout)


def _sign_in() -> None:
    try:
        st.login()
    except StreamlitAuthError as error:
        st.error(label(f"Sign-in is not set up rightly: {error} See docs/operations.md."))


def _is_configured() -> bool:
    files = st.get_option("secrets.files")
    return any(Path(file).exists() for file in files) and "auth" in st.secrets
