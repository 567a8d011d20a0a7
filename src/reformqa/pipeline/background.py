"""Rebuild the index from the app, by running `reformqa rebuild` in another process.

Meanwhile the app answers from its present build, and loads nothing that only building needs.
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

#: How long a rebuild that is stopped may take to clean up.
SECONDS_TO_END = 20

_OUTCOME = TypeAdapter(RebuildResult)
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class Step:
    """The progress of a rebuild within a stage. The last step has the `outcome`."""

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
    """Bring `index` up to date with `corpus`, yielding each step; the last has the outcome.

    The rebuild runs while the steps are consumed; closing the generator stops it.
    Raises RenewalError if this process is already running a rebuild, or if the rebuild fails, with
    the rebuild's own message.
    """
    if not _ONE_AT_A_TIME.acquire(blocking=False):
        raise RenewalError("The index is already being rebuilt. Wait until that is done.")
    try:
        options = {"--catalogue": catalogue, "--settings": settings_file}
        given = [part for name, file in options.items() if file for part in (name, str(file))]
        # -P: modules in the working directory must not shadow installed ones.
        command = [sys.executable, "-P", "-m", "reformqa", "rebuild", "--log-json"]
        where = ["--corpus", str(corpus), "--index", str(index)]
        with tempfile.TemporaryFile() as errors:
            yield from _run([*command, *where, *given], errors)
    finally:
        _ONE_AT_A_TIME.release()


def _run(command: list[str], errors: IO[bytes]) -> Iterator[Step]:
    """Yield the steps of a rebuild in a child process, which has ended afterwards."""
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
    )
    assert child.stdout is not None
    with child.stdout:
        try:
            last = None
            for event in _events(child.stdout):
                if event["event"] == "progress":
                    yield Step(event["stage"], event["done"], event["total"])
                else:
                    last = event
            status = child.wait()
        finally:
            _end(child)
    if last and last["event"] == "outcome" and status == 0:
        yield Step("done", 1, 1, _OUTCOME.validate_python(last))
    elif last and last["event"] == "error":
        raise RenewalError(last["message"])
    else:
        raise RenewalError(_unexpected(status, errors))


def _events(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the events among the lines; libraries may print other lines."""
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


def _unexpected(status: int, errors: IO[bytes]) -> str:
    """Return a message for a rebuild that ended without an outcome or an error."""
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines()
    said = f": {lines[-1][:300]}" if lines else ""
    memory = " The machine may be out of memory." if status == -9 else ""
    return f"The rebuild ended with status {status}{said}.{memory} The index has not changed."
