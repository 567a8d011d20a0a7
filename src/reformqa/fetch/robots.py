"""Politeness towards hosts: what robots.txt allows, and the pause between requests."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
from protego import Protego

from reformqa.errors import FetchError, FetchRefusedError
from reformqa.fetch.transport import bare
from reformqa.settings import FetchSettings

#: The name of this program in a robots.txt.
ROBOT = "reformqa"


class Manners:
    """The rules of each host, read once per run, and the time of the last request to it.

    `read` returns the text of the robots.txt at an address, or "" if there is none. It raises
    FetchError if the text cannot be read.
    """

    def __init__(self, settings: FetchSettings, read: Callable[[httpx.URL], str]) -> None:
        self._settings = settings
        self._read = read
        self._rules: dict[httpx.URL, Protego | FetchError] = {}
        self._pauses: dict[str, float] = {}
        self._last: dict[str, float] = {}

    def check(self, url: httpx.URL) -> None:
        """Raise FetchRefusedError if robots.txt forbids an address (RFC 9309).

        Raises FetchError if the host's robots.txt cannot be read: nothing is then requested.
        """
        robots = url.copy_with(userinfo=b"", raw_path=b"/robots.txt", fragment=None)
        if robots not in self._rules:
            self._rules[robots] = self._rules_at(robots)
        rules = self._rules[robots]
        if isinstance(rules, FetchError):
            raise rules
        if not rules.can_fetch(str(url), ROBOT):
            raise FetchRefusedError(
                f"{robots} asks programs not to fetch {bare(url)}. Download it in a browser, then"
                " use `reformqa add`."
            )
        delay = min(rules.crawl_delay(ROBOT) or 0.0, self._settings.longest_wait)
        self._pauses[url.host] = max(self._pauses.get(url.host, 0.0), delay)

    def wait(self, url: httpx.URL) -> None:
        """Wait until the next request to the host is due."""
        pause = max(self._settings.pause, self._pauses.get(url.host, 0.0))
        due = self._last.get(url.host, -pause) + pause
        time.sleep(max(0.0, due - time.monotonic()))

    def asked(self, url: httpx.URL) -> None:
        """Record that the host was just asked."""
        self._last[url.host] = time.monotonic()

    def _rules_at(self, robots: httpx.URL) -> Protego | FetchError:
        try:
            return Protego.parse(self._read(robots))
        except FetchRefusedError as error:
            return error
        except FetchError as error:
            return FetchError(
                f"{robots} cannot be read, so nothing is fetched from this host (RFC 9309): {error}"
            )
