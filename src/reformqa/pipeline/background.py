"""Make a new index from within the app: `reformqa rebuild` in a process of its own.

The app keeps answering from the build that it has, and loads nothing of what building needs.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pydantic import TypeAdapter

from reformqa.errors import RenewalError
from reformqa.model import RebuildResult

#: How long a rebuild that is stopped may take to clear up after itself.
SECONDS_TO_END = 20

_OUTCOME = TypeAdapter(RebuildResult)
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class Step:
    """How far a rebuild is: so many steps done of a stage; the last one has the `outcome`."""

    stage: str
    done: int
    total: int
    outcome: RebuildResult | None = None


def renew(
    corpus: Path,
    index: Path,
    *,
    catalogue: Path | None = None,
    settings_file: Path | None = None,
) -> Generator[Step, None, None]:
    """Bring `index` up to date with `corpus`, step by step; the last step has the outcome.

    The rebuild runs while the steps are asked for, and is stopped where they are closed before
    the end. Raises RenewalError, on the first step, where this process runs one already, and with
    the rebuild's own words where it fails.
    """
    if not _ONE_AT_A_TIME.acquire(blocking=False):
        raise RenewalError("The index is being rebuilt already. Wait until that is done.")
    try:
        options = {"--catalogue": catalogue, "--settings": settings_file}
        given = [part for name, file in options.items() if file for part in (name, str(file))]
        # -P: nothing in the working directory is taken for a module.
        command = [sys.executable, "-P", "-m", "reformqa", "rebuild", "--log-json"]
        where = ["--corpus", str(corpus), "--index", str(index)]
        with tempfile.TemporaryFile() as errors:
            yield from _run([*command, *where, *given], errors)
    finally:
        _ONE_AT_A_TIME.release()


def _run(command: list[str], errors: IO[bytes]) -> Iterator[Step]:
    """The steps of a rebuild in a child process, which is gone when they end."""
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
    )
    assert child.stdout is not None
    with child.stdout:
        try:
            told = None
            for event in _events(child.stdout):
                if event["event"] == "progress":
                    yield Step(event["stage"], event["done"], event["total"])
                else:
                    told = event
            status = child.wait()
        finally:
            _end(child)
    if told and told["event"] == "outcome" and status == 0:
        yield Step("done", 1, 1, _OUTCOME.validate_python(told))
    elif told and told["event"] == "error":
        raise RenewalError(told["message"])
    else:
        raise RenewalError(_unforeseen(status, errors))


def _events(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The events among the lines; a library may print lines of its own."""
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and "event" in event:
            yield event


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _unforeseen(status: int, errors: IO[bytes]) -> str:
    """What to say of a rebuild that ended without a word."""
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines()
    last = f": {lines[-1][:300]}" if lines else ""
    memory = " The machine may be out of memory." if status == -9 else ""
    return f"The rebuild ended with status {status}{last}.{memory} The index is as it was."
