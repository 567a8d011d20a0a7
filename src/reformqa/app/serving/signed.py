"""Who a request comes from, as the cookies say that Streamlit sets at sign-in."""

from __future__ import annotations

import logging
from functools import cache

from starlette.datastructures import MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import Scope
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

#: More days than a sign-in is old.
_EVER = 100_000
_LOG = logging.getLogger(__name__)


def signed_in(scope: Scope, days: int) -> bool:
    """Return whether a request has the cookie of a sign-in that is at most `days` old."""
    cookies = cookie_parser(MutableHeaders(scope=scope).get("cookie", ""))
    cookie = cookies.get(USER_COOKIE_NAME, "").encode("latin-1")  # as HTTP encodes headers
    if decode_signed_value(get_cookie_secret(), USER_COOKIE_NAME, cookie, days) is not None:
        return True
    if cookie and decode_signed_value(get_cookie_secret(), USER_COOKIE_NAME, cookie, _EVER) is None:
        _say_that_secrets_differ()
    return False


@cache  # whoever sends a cookie could fill the log
def _say_that_secrets_differ() -> None:
    _LOG.warning(
        "A sign-in was refused that another cookie_secret has signed. If several replicas serve the"
        " app, they have to share it: name one file in app.secrets."
    )


def without_sign_in(scope: Scope) -> Scope:
    """Return a request without the cookies of its sign-in, as if nobody had signed in."""
    scope = {**scope, "headers": list(scope["headers"])}
    headers = MutableHeaders(scope=scope)
    kept = [c for c in headers.get("cookie", "").split(";") if USER_COOKIE_NAME not in c]
    headers["cookie"] = ";".join(kept)
    return scope
