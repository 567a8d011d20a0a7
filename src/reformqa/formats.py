"""TOML and JSON as people and other programs write them: every fault is a ValueError.

The standard readers raise RecursionError for what is nested too deeply, which nobody expects.
"""

from __future__ import annotations

import json
import tomllib
from typing import Any

_DEEP = "it is nested too deeply"


def parse_toml(text: str) -> dict[str, Any]:
    """Return the values in a text. Raises tomllib.TOMLDecodeError if it is not valid TOML."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise tomllib.TOMLDecodeError(_DEEP) from None


def parse_json(text: str | bytes) -> Any:
    """Return the value in a text. Raises ValueError if it is not valid JSON."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError(_DEEP) from None
