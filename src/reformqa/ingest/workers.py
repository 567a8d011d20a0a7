"""Read and prepare files in worker processes, each with limits on time and memory.

A damaged or malicious file may overload its reader, or the making of its passages. Whatever
happens, each file yields either a prepared report or a problem with a reason, and does not affect
other files. The memory limit applies on Linux only.
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import ModuleType

from pebble import ProcessExpired, ProcessPool

from reformqa.errors import ReformqaError
from reformqa.ingest.prepare import PreparedReport, prepare
from reformqa.model import FileProblem, Progress
from reformqa.parsing import parse
from reformqa.parsing.readers import reader_modules
from reformqa.settings import PassageSettings, ReadingSettings

# Never by plain fork: the parent may have threads and models, which do not survive a fork.
if sys.platform == "win32":
    from multiprocessing.context import SpawnContext as _BaseContext
    from multiprocessing.context import SpawnProcess as _BaseProcess
else:
    from multiprocessing.context import ForkServerContext as _BaseContext
    from multiprocessing.context import ForkServerProcess as _BaseProcess

if sys.platform == "linux":
    import resource

#: A worker reads one file and exits, so that no file is affected by the one before.
_FILES_PER_WORKER = 1
#: A worker whose parent was killed exits this many seconds of processor time after the limit.
_GRACE = 5
_MEGABYTE = 1024 * 1024
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
class _Crash:
    how: str

    def __str__(self) -> str:
        cure = f"{_SAVE_AGAIN}, or leave it out, and report the problem with the file."
        return f"crashed its reader ({self.how}). {cure}"


def read_all(
    jobs: Sequence[Job],
    limits: ReadingSettings,
    passages: PassageSettings = PassageSettings(),
    progress: Progress = lambda stage, done, total: None,
) -> Iterator[tuple[Job, PreparedReport | FileProblem]]:
    """Yield each job, in order, with its report, prepared, or the problem with its file.

    Files are read in parallel; `progress` is called as each is done.
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


def _as_they_end(
    jobs: Sequence[Job], reading: _Reading
) -> Iterator[tuple[int, PreparedReport | FileProblem]]:
    left = dict(enumerate(jobs))
    size = min(reading.limits.workers or _cores(), len(jobs))
    lost: list[int] = []
    while left:
        for n, result in _together(left, size, reading):
            if isinstance(result, _Crash):
                lost.append(n)
            else:
                yield n, result
    for n in lost:  # read it alone, to find out whether this file caused the crash
        for _, result in _together({n: jobs[n]}, 1, reading):
            yield n, _problem(jobs[n], str(result)) if isinstance(result, _Crash) else result


def _together(
    left: dict[int, Job], size: int, reading: _Reading
) -> Iterator[tuple[int, PreparedReport | FileProblem | _Crash]]:
    """Read the files in `left`, removing each; if the pool breaks, some stay for the next one."""
    futures: dict[int, Future[bytes]] = {}
    with _pool(size) as pool:
        try:
            while left:
                for n in islice(left, 2 * size):  # keeps workers busy; a broken pool costs few
                    if n not in futures:
                        arguments, seconds = (left[n], reading), reading.limits.seconds
                        futures[n] = pool.schedule(_read, arguments, timeout=seconds)
                done = wait(futures.values(), timeout=1, return_when=FIRST_COMPLETED).done
                if not done and not pool.active:
                    break
                for n in [n for n, future in futures.items() if future in done]:
                    result = _result(futures[n], left[n], reading.limits)
                    del futures[n], left[n]
                    yield n, result
        except RuntimeError:  # what pebble raises if the pool is broken
            pass
    for n in list(islice(left, 2 * size)):
        del left[n]
        yield n, _Crash("no worker survived it")


def _result(
    future: Future[bytes], job: Job, limits: ReadingSettings
) -> PreparedReport | FileProblem | _Crash:
    try:
        result: PreparedReport | FileProblem = pickle.loads(future.result())
    except TimeoutError:
        return _problem(
            job,
            f"took longer than {limits.seconds} seconds {_OVERLOAD}"
            f" {_SAVE_AGAIN}, or raise reading.seconds and rebuild with --force.",
        )
    except ProcessExpired as error:
        return _Crash(_ending(error.exitcode))
    return result


def _problem(job: Job, reason: str) -> FileProblem:
    return FileProblem(job.path.name, reason.encode(errors="replace").decode())


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    name = next((s.name for s in signal.Signals if s == -code), f"signal {-code}")
    return f"{name}: the machine may be out of memory" if name == "SIGKILL" else name


def _cores() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# The pool


class _Process(_BaseProcess):
    """A worker process that does not run the caller's script again, unlike the standard one.

    Otherwise a script with the single line `rebuild(…)` would start itself in each worker.
    """

    _one_at_a_time = threading.Lock()

    def start(self) -> None:
        with self._one_at_a_time:
            main = sys.modules["__main__"]
            sys.modules["__main__"] = ModuleType("__main__")
            try:
                super().start()
            finally:
                sys.modules["__main__"] = main


class _Context(_BaseContext):
    Process = _Process


@contextmanager
def _pool(size: int) -> Iterator[ProcessPool]:
    """A pool of workers that is stopped in any case, even while files are being read."""
    context = _Context()
    if sys.platform != "win32":
        # Imported once, before workers are forked. If not listed here, each worker would import
        # the readers again.
        context.set_forkserver_preload([__name__, *reader_modules()])
    pool = ProcessPool(size, max_tasks=_FILES_PER_WORKER, initializer=_silence, context=context)
    try:
        yield pool
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


# In the worker


def _silence() -> None:
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # the report contains its warnings


def _read(job: Job, reading: _Reading) -> bytes:
    """Return the report or the problem, pickled here because an error may fail to pickle."""
    limits = reading.limits
    try:
        with _limited(limits):
            report = parse(job.path, ocr=limits.ocr)
            return pickle.dumps(prepare(report, reading.passages))
    except MemoryError:
        reason = (
            f"needed more than {limits.megabytes:,} MB {_OVERLOAD}"
            f" {_SAVE_AGAIN}, or raise reading.megabytes and rebuild with --force."
        )
    except RecursionError:
        reason = f"is nested too deeply {_OVERLOAD} {_SAVE_AGAIN}."
    except ReformqaError as error:
        reason = str(error).removeprefix(f"{job.path.name} ")
    except Exception as error:  # noqa: BLE001 — one bad file must not stop the others
        words = f"{type(error).__name__}: {error}"[:_WORDS]
        reason = f"could not be read ({words}). Report the problem with the file."
    return pickle.dumps(_problem(job, reason))


@contextmanager
def _limited(limits: ReadingSettings) -> Iterator[None]:
    """Limit the memory that a file may add to the worker's, and the worker's processor time.

    The processor time matters if the parent was killed; otherwise the pool's limit applies first.
    """
    if sys.platform != "linux":
        yield
        return
    held = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    wanted = {
        resource.RLIMIT_DATA: held + limits.megabytes * _MEGABYTE,
        resource.RLIMIT_CPU: int(time.process_time()) + limits.seconds + _GRACE,
    }
    before = {kind: resource.getrlimit(kind) for kind in wanted}
    for kind, most in wanted.items():
        hard = before[kind][1]
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (soft, hard))
    try:
        yield
    finally:
        for kind, were in before.items():
            resource.setrlimit(kind, were)
