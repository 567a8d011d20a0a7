"""Sign-in with OpenID Connect, if `.streamlit/secrets.toml` has an [auth] section."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitAuthError, StreamlitSecretNotFoundError

from reformqa.app.html import label


def signed_in() -> bool:
    """Return whether the visitor may see the app, and draw the sign-in page if not.

    Nobody may if a secrets file cannot be read: it may be the one that restricts access.
    """
    try:
        if not _is_configured() or st.user.is_logged_in:
            return True
    except StreamlitSecretNotFoundError:
        st.error(
            "The app is not configured correctly. Ask its administrator to run `reformqa doctor`."
        )
        return False
    st.html("<h1>reformqa</h1>")
    st.write("Sign in to search the reports. If you followed a link, open it again afterwards.")
    st.button("Sign in", type="primary", on_click=_sign_in)
    return False


def draw_visitor() -> None:
    """Draw the visitor's name and the sign-out button."""
    if not _is_configured():
        return
    with st.container(horizontal=True, horizontal_alignment="right", key="visitor"):
        st.caption(label(str(st.user.get("name") or st.user.get("email") or "Signed in")))
        st.button("Sign out", type="tertiary", on_click=st.logout)


def _sign_in() -> None:
    try:
        st.login()
    except StreamlitAuthError as error:
        st.error(label(f"Sign-in is not configured correctly: {error} See docs/operations.md."))


def _is_configured() -> bool:
    files = st.get_option("secrets.files")
    return any(Path(file).exists() for file in files) and "auth" in st.secrets
