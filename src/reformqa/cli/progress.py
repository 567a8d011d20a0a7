"""A command while it runs: how it tells how far it is, and how it may be stopped."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from rich import progress as bars

from reformqa.cli.output import err
from reformqa.errors import ReformqaError
from reformqa.model import Progress


@contextmanager
def show_bars() -> Iterator[Progress]:
    """A bar for each stage, on the error stream, and only where somebody watches."""
    columns = (
        bars.TextColumn("{task.description:>9}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=err, disable=not err.is_terminal) as shown:
        tasks: dict[str, Any] = {}

        def report(stage: str, done: int, total: int) -> None:
            if not total:  # a step that tells no more than that it has begun
                return
            if stage not in tasks:
                tasks[stage] = shown.add_task(stage, total=total)
            shown.update(tasks[stage], completed=done, total=total)

        yield report


@contextmanager
def log_lines() -> Iterator[Progress]:
    """A line of JSON for each step, on the output stream, and one for a foreseen error.

    The error is raised all the same.
    """
    try:
        yield lambda stage, done, total: log("progress", stage=stage, done=done, total=total)
    except ReformqaError as error:
        log("error", message=str(error), exit_status=error.exit_code)
        raise


def log(event: str, **values: Any) -> None:
    """Print an event as a line of JSON: what it is, when it was, and what belongs to it."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    sys.stdout.write(json.dumps({"event": event, "at": now, **values}) + "\n")
    sys.stdout.flush()


def stand_back(nice: int) -> None:
    """Let other programs go first: whoever asks the app should not wait for a rebuild.

    `nice` is what the process comes to, unless it stands further back already.
    """
    if hasattr(os, "nice"):
        os.nice(max(0, nice - os.nice(0)))


@contextmanager
def stoppable() -> Iterator[None]:
    """Let the signal that asks a process to end unwind it, so that nothing half-made stays."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
