"""Read and prepare files in worker processes, each with limits on time and memory.

A damaged or malicious file may overload its reader, or the making of its passages. Whatever
happens, each file yields either a prepared report or a problem with a reason, and does not affect
other files. A file that meets a limit, or crashes its reader, is read once more, alone, at the
end. The memory limit applies on Linux only.
"""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from itertools import islice
from math import ceil
from pathlib import Path
from typing import TypeAlias

from reformqa.errors import ReformqaError
from reformqa.ingest.prepare import PreparedReport, prepare
from reformqa.isolation.limits import OverloadError
from reformqa.isolation.pool import WorkerPool, worker_pool
from reformqa.isolation.processors import CGROUPS, available, memory
from reformqa.model import FileProblem, Progress
from reformqa.parsing import parse
from reformqa.parsing.readers import reader_modules
from reformqa.settings import PassageSettings, ReadingSettings

#: Memory that the rebuilding process itself takes; docs/operations.md has what was measured.
OWN_MEGABYTES = 1200
#: The most characters of an error's message that are kept: some quote the file at length.
_WORDS = 300

_SAVE_AGAIN = "Save it again (print a PDF to a new PDF)"
_OVERLOAD = "to read: it may be damaged or malicious."


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read and the id of its report."""

    path: Path
    report_id: str


@dataclass(frozen=True, slots=True)
class _Reading:
    """How files are read and prepared."""

    limits: ReadingSettings
    passages: PassageSettings


@dataclass(frozen=True, slots=True)
class PassingProblem(FileProblem):
    """A problem that the machine may have caused, and not the file: worth another try later."""


@dataclass(frozen=True, slots=True)
class _Unread:
    """A file that met a limit or crashed its reader: it is read once more, alone.

    If `passing`, the machine may have been the cause.
    """

    reason: str
    passing: bool = False


_Result: TypeAlias = PreparedReport | FileProblem | _Unread


def read_all(
    jobs: Sequence[Job],
    limits: ReadingSettings,
    passages: PassageSettings = PassageSettings(),
    progress: Progress = lambda stage, done, total: None,
) -> Iterator[tuple[Job, PreparedReport | FileProblem]]:
    """Yield each job, in order, with its report, prepared, or the problem with its file.

    Files are read in parallel; `progress` is called as each is done. A PassingProblem is one that
    the machine may have caused.
    """
    progress("reading", 0, len(jobs))
    ready: dict[int, PreparedReport | FileProblem] = {}
    following = 0
    reading = _Reading(limits, passages)
    for done, (n, result) in enumerate(_as_they_end(jobs, reading), start=1):
        progress("reading", done, len(jobs))
        ready[n] = result
        while following in ready:
            yield jobs[following], ready.pop(following)
            following += 1


def at_once(megabytes: int, cgroup: Path = CGROUPS) -> int:
    """Return how many files to read at a time, each with so much memory.

    One on each processor, but no more than fit, beside this process, into the memory of a unit or
    container: the kernel would end the rebuild.
    """
    allowed, count = memory(cgroup), ceil(available(cgroup))
    if allowed is None:
        return count
    return max(1, min(count, (allowed // 2**20 - OWN_MEGABYTES) // megabytes))


def _as_they_end(
    jobs: Sequence[Job], reading: _Reading
) -> Iterator[tuple[int, PreparedReport | FileProblem]]:
    left = dict(enumerate(jobs))
    size = min(reading.limits.workers or at_once(reading.limits.megabytes), len(jobs))
    lost: list[int] = []
    while left:
        for n, result in _together(left, size, reading):
            if isinstance(result, _Unread):
                lost.append(n)
            else:
                yield n, result
    for n in lost:  # read it alone, to find out whether this file was the cause
        for _, result in _together({n: jobs[n]}, 1, reading):
            yield n, _problem(jobs[n], result) if isinstance(result, _Unread) else result


def _together(left: dict[int, Job], size: int, reading: _Reading) -> Iterator[tuple[int, _Result]]:
    """Read the files in `left`, removing each; if the pool breaks, some stay for the next one."""
    limits = reading.limits
    futures: dict[int, Future[bytes]] = {}
    with worker_pool(size, [__name__, *reader_modules()], _silence) as pool:
        try:
            while left:
                for n in islice(left, 2 * size):  # keeps workers busy; a broken pool costs few
                    if n not in futures:
                        futures[n] = pool.schedule(_read, left[n], reading, limits=limits)
                done = wait(futures.values(), timeout=1, return_when=FIRST_COMPLETED).done
                pool.check(limits.seconds)
                if not done and not pool.active:
                    break
                for n in [n for n, future in futures.items() if future in done]:
                    result = _result(futures[n], pool, limits)
                    del futures[n], left[n]
                    yield n, result
        except RuntimeError:  # what pebble raises if the pool is broken
            pass
    for n in list(islice(left, 2 * size)):
        del left[n]
        yield n, _crash("crashed its reader (no worker survived it)")


def _result(future: Future[bytes], pool: WorkerPool, limits: ReadingSettings) -> _Result:
    try:
        result: _Result = pickle.loads(pool.result(future, limits))
    except OverloadError as error:
        return _Unread(_reason(error, limits), error.passing)
    return result


def _reason(error: OverloadError, limits: ReadingSettings) -> str:
    """Return why a file was given up, and what to do."""
    if error.why == "clock":
        return (
            f"was not read within {limits.clock_seconds:,} seconds by the clock: its reader is"
            " stuck, or the machine too busy. The next rebuild tries again. If that fails too,"
            " raise reading.stuck_seconds."
        )
    if error.why in ("processor", "memory"):
        setting = "seconds" if error.why == "processor" else "megabytes"
        return (
            f"{error} {_OVERLOAD} {_SAVE_AGAIN}, or raise reading.{setting} and rebuild with"
            " --force."
        )
    return _crash(str(error).replace("crashed", "crashed its reader", 1)).reason


def _crash(how: str) -> _Unread:
    return _Unread(f"{how}. {_SAVE_AGAIN}, or leave it out, and report the problem with the file.")


def _problem(job: Job, unread: _Unread) -> FileProblem:
    kind = PassingProblem if unread.passing else FileProblem
    return kind(job.path.name, unread.reason.encode(errors="replace").decode())


# In the worker


def _silence() -> None:
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # the report contains its warnings


def _read(job: Job, reading: _Reading) -> bytes:
    """Return the report or the problem, pickled here because an error may fail to pickle."""
    try:
        report = parse(job.path, ocr=reading.limits.ocr)
        return pickle.dumps(prepare(report, reading.passages))
    except MemoryError:
        raise  # of the limit, which the pool reports
    except RecursionError:
        reason = f"is nested too deeply {_OVERLOAD} {_SAVE_AGAIN}."
    except ReformqaError as error:
        reason = str(error).removeprefix(f"{job.path.name} ")
    except Exception as error:  # noqa: BLE001 — one bad file must not stop the others
        words = f"{type(error).__name__}: {error}"[:_WORDS]
        reason = f"could not be read ({words}). Report the problem with the file."
    return pickle.dumps(_problem(job, _Unread(reason)))
