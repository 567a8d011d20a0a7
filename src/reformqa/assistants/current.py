"""The library of the build that an index serves, opened again when a new one is published."""

from __future__ import annotations

import threading
from pathlib import Path

from reformqa.assistants.linked import LinkedLibrary
from reformqa.assistants.requests import ToolRequest
from reformqa.assistants.results import ToolResult
from reformqa.assistants.tools import Tool
from reformqa.errors import MissingIndexError
from reformqa.library import Library
from reformqa.settings import Settings
from reformqa.storage.chosen import open_versions

#: How many requests are answered at a time; more would only compete for the processors.
AT_ONCE = 2


class CurrentLibrary:
    """Runs tools on the current build of an index; safe to share between threads."""

    def __init__(self, index: Path, settings: Settings) -> None:
        self._index = index
        self._settings = settings
        self._versions = open_versions(index, settings.storage)
        self._opening = threading.Lock()
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._opened: LinkedLibrary | None = None

    def library(self) -> LinkedLibrary:
        """Return the library of the current build.

        Raises MissingIndexError if there is no index yet, DamagedIndexError if it is damaged,
        UnreachableStoreError if the server that keeps it does not answer.
        """
        with self._opening:
            try:
                build = self._versions.served()
            except MissingIndexError as error:
                if not self._versions.is_written():
                    raise
                raise MissingIndexError(
                    "The index is being built. Try again in a few minutes."
                ) from error
            if self._opened is None or self._opened.build != build:
                library = Library.open(self._index, self._settings)
                self._opened = LinkedLibrary(library, self._settings.app.address)
            return self._opened

    def run(self, tool: Tool, asked: ToolRequest) -> ToolResult:
        """Return what a tool gives for a request. Raises the errors of `library` and the tool."""
        of = self.library()
        with self._turns:
            return tool.run(of, asked)
