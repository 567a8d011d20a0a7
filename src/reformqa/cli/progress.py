"""Progress of long commands: bars, logs and first sentences; and how they are stopped."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from rich import progress as bars
from rich.live import Live
from rich.text import Text

from reformqa.cli.output import err
from reformqa.errors import ReformqaError
from reformqa.model import Progress, Sentence


@contextmanager
def show_bars() -> Iterator[Progress]:
    """Yield a function that draws a bar per stage on the error stream, if it is a terminal."""
    columns = (
        bars.TextColumn("{task.description:>9}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=err, disable=not err.is_terminal) as shown:
        tasks: dict[str, Any] = {}

        def report(stage: str, done: int, total: int) -> None:
            if not total:  # a step that reports only its start
                return
            if stage not in tasks:
                tasks[stage] = shown.add_task(stage, total=total)
            shown.update(tasks[stage], completed=done, total=total)

        yield report


@contextmanager
def show_sentences() -> Iterator[Callable[[Sentence], None] | None]:
    """Yield a function that shows sentences on the error stream until the answer is printed.

    Yields None if the error stream is no terminal.
    """
    if not err.is_terminal:
        yield None
        return
    told: list[str] = []
    with Live(console=err, transient=True) as shown:

        def tell(sentence: Sentence) -> None:
            told.append(sentence.text)
            shown.update(Text("\n".join(told)))

        yield tell


@contextmanager
def log_lines() -> Iterator[Progress]:
    """Yield a function that prints one line of JSON per step on the output stream.

    An expected error gets a line too, and is raised again.
    """
    try:
        yield lambda stage, done, total: log("progress", stage=stage, done=done, total=total)
    except ReformqaError as error:
        log("error", message=str(error), exit_status=error.exit_code)
        raise


def log(event: str, **values: Any) -> None:
    """Print an event as one line of JSON, with its time (ISO 8601, UTC) and values."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    sys.stdout.write(json.dumps({"event": event, "at": now, **values}) + "\n")
    sys.stdout.flush()


def lower_priority(nice: int) -> None:
    """Raise the niceness of this process to `nice`, unless it is higher already.

    Visitors of the app should not wait for a rebuild.
    """
    if hasattr(os, "nice"):
        os.nice(max(0, nice - os.nice(0)))


@contextmanager
def stoppable() -> Iterator[None]:
    """Turn SIGTERM into SystemExit, so that an interrupted command cleans up."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
