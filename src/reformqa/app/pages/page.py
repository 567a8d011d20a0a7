"""What a module of this package registers."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Page(NamedTuple):
    """A page of the app.

    `address` is its path in the URL and stays the same from release to release, because links to
    it have been sent around. `icon` is the name of a Material symbol.
    """

    address: str
    title: str
    icon: str
    draw: Callable[[], None]
