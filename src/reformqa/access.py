"""Who may enter the app, as the secrets files and the setting app.sign_in say."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from reformqa.formats import parse_toml

#: Where Streamlit looks for secrets, in the home folder and in the app's.
SECRETS = Path(".streamlit") / "secrets.toml"
#: What sign-in needs of the table [auth], each a text.
NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
_EXAMPLE = "docs/operations.md, “Sign-in”, has an example."


@dataclass(frozen=True, slots=True)
class Access:
    """Who may enter, and why; the reason is without secrets."""

    who: Literal["everybody", "who signs in", "nobody"]
    reason: str

    def __str__(self) -> str:
        return f"{self.who}: {self.reason}"


def secrets_files(app: Path = Path(), named: str = "") -> list[Path]:
    """Return the files in which the app served from the folder `app` looks for secrets.

    `named` is the one that the setting app.secrets names, if it does.
    """
    if named:
        return [Path(named).absolute()]
    return [Path(os.path.expanduser("~")) / SECRETS, app.absolute() / SECRETS]


def read_access(files: Sequence[Path], *, required: bool) -> Access:
    """Return who may enter an app with these secrets files, of which any may be missing.

    A file that is there restricts the app: if it, or its table [auth], cannot be used, nobody may
    enter. So it is without a file if sign-in is `required`.
    """
    secrets: dict[str, Any] = {}
    present = []
    for file in files:
        try:
            if file.exists():
                present.append(str(file))
                secrets |= parse_toml(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:  # bad TOML and bad UTF-8 are ValueErrors
            return Access("nobody", f"{file} cannot be read ({error}).")
    if not present:
        if required:
            reason = f"sign-in is required, and there is no {files[-1]}. {_EXAMPLE}"
            return Access("nobody", reason)
        return Access("everybody", f"there is no {files[-1]}, and app.sign_in is not required.")
    auth = secrets.get("auth")
    if not isinstance(auth, dict):
        near = next((name for name in secrets if name.lower() == "auth"), None)
        written = f", but [{near}]" if near else ""
        reason = f"{' and '.join(present)} has no table [auth]{written}. {_EXAMPLE}"
        return Access("nobody", reason)
    missing = [n for n in NEEDED if not isinstance(auth.get(n), str) or not auth[n].strip()]
    if missing:
        return Access("nobody", f"the table [auth] lacks {', '.join(missing)}. {_EXAMPLE}")
    return Access("who signs in", f"with {auth['server_metadata_url']}")
