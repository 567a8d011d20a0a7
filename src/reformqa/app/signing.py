"""Sign-in by OpenID Connect, where `.streamlit/secrets.toml` has an [auth] section."""

from __future__ import annotations

import streamlit as st
from streamlit.errors import StreamlitAuthError, StreamlitSecretNotFoundError

from reformqa.app.safe import label


def signed_in() -> bool:
    """Whether the visitor may see anything; who may not is shown the way to sign in."""
    if not _is_configured() or st.user.is_logged_in:
        return True
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
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False
