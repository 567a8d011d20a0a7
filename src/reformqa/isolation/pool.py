"""A pool of worker processes, each of which runs one task and exits, with limits on time.

The limit is on the processor time of a worker and of the processes that it starts, so that a busy
machine does not shorten it. It applies on Linux only. The clock is the backstop for a worker that
is stuck, as one that waits or sleeps uses no processor.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from multiprocessing.synchronize import RLock
from types import ModuleType
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from reformqa.isolation.limits import Limits, OverloadError, limited
from reformqa.isolation.processors import running

# Never by plain fork: the parent may have threads and models, which do not survive a fork.
if sys.platform == "win32":
    from multiprocessing.context import SpawnContext as _BaseContext
    from multiprocessing.context import SpawnProcess as _BaseProcess
else:
    from multiprocessing.context import ForkServerContext as _BaseContext
    from multiprocessing.context import ForkServerProcess as _BaseProcess

_Result = TypeVar("_Result")

#: A worker runs one task and exits, so that no task is affected by the one before.
_TASKS_PER_WORKER = 1


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
    """A context that remembers the workers and the locks made in it.

    A lock is gone from the system when nobody has it. pebble gives its locks up before it ends the
    workers, and one that just begins would look for them in vain, and print a traceback.
    """

    def __init__(self) -> None:
        super().__init__()
        self._workers: list[_Process] = []
        self._locks: list[RLock] = []

    def RLock(self) -> RLock:
        lock = super().RLock()
        self._locks.append(lock)
        return lock

    def Process(self, *args: Any, **options: Any) -> _Process:  # type: ignore[override]
        worker = _Process(*args, **options)
        self._workers.append(worker)
        return worker

    def give_up_locks(self) -> None:
        """Have the system remove the locks, as no worker will look for them."""
        self._locks.clear()

    def started(self) -> set[int]:
        """Return the ids of the workers started, those that have exited included."""
        return {worker.pid for worker in self._workers if worker.pid}


class WorkerPool:
    """Worker processes, and a watch over the processor time that they use."""

    def __init__(
        self, size: int, preload: Sequence[str], initializer: Callable[[], object] | None
    ) -> None:
        self._context = _Context()
        if sys.platform != "win32":
            # Imported once, before workers are forked. If not listed here, each worker would
            # import the modules again.
            self._context.set_forkserver_preload(list(preload))
        self._pool = ProcessPool(
            size,
            max_tasks=_TASKS_PER_WORKER,
            initializer=_begin,
            initargs=(initializer,),
            context=self._context,
        )
        self._overrun: set[int] = set()

    @property
    def active(self) -> bool:
        """Whether the pool can run tasks: false once it is broken."""
        return bool(self._pool.active)

    def schedule(
        self,
        function: Callable[..., _Result],
        *arguments: Any,
        limits: Limits,
        clock: float | None = None,
    ) -> Future[_Result]:
        """Schedule a task under `limits`, or a shorter `clock`; `result` explains its future."""
        task = (function, arguments, limits.seconds, limits.megabytes)
        return self._pool.schedule(_run, task, timeout=_clock(limits, clock))

    def result(
        self, future: Future[_Result], limits: Limits, clock: float | None = None
    ) -> _Result:
        """Return the result of a task that has ended, scheduled with these limits.

        Raises OverloadError if it met one or crashed, and what the task raised.
        """
        try:
            return future.result()
        except MemoryError as error:
            raise _out_of_memory(limits) from error
        except TimeoutError as error:
            seconds = _clock(limits, clock)
            raise OverloadError(f"took longer than {seconds:,.0f} seconds", "clock") from error
        except ProcessExpired as error:
            if self._overran(error):
                reason = f"took longer than {limits.seconds:,} processor seconds"
                raise OverloadError(reason, "processor") from error
            if sys.platform != "win32" and error.exitcode == -signal.SIGABRT:
                raise _out_of_memory(limits) from error  # so ends pdfium where it cannot allocate
            killed = sys.platform != "win32" and error.exitcode == -signal.SIGKILL
            reason = f"crashed ({_ending(error.exitcode)})"
            raise OverloadError(reason, "killed" if killed else "crash") from error

    def check(self, seconds: float) -> None:
        """End each worker that has used more processor seconds, with all that it started.

        Ends also what a worker that is gone has left behind.
        """
        used: dict[int, float] = {}
        members: dict[int, list[int]] = {}
        started = self._context.started()
        for process in running():
            if process.group in started:
                used[process.group] = used.get(process.group, 0.0) + process.seconds
                members.setdefault(process.group, []).append(process.pid)
        for worker, pids in members.items():
            if worker in pids and used[worker] <= seconds:
                continue
            if worker in pids:
                self._overrun.add(worker)
            for pid in pids:
                with suppress(ProcessLookupError):  # it has exited since
                    os.kill(pid, signal.SIGKILL)

    def _overran(self, error: ProcessExpired) -> bool:
        """Return whether that worker was ended because of its processor time."""
        # SIGXCPU is the kernel's, in case the worker used the time between two checks.
        ended_by_kernel = hasattr(signal, "SIGXCPU") and error.exitcode == -signal.SIGXCPU
        return ended_by_kernel or error.pid in self._overrun

    def stop(self) -> None:
        """End the workers, even while they run tasks, and what they started."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
        self.check(float("inf"))
        self._context.give_up_locks()


def _clock(limits: Limits, shorter: float | None) -> float:
    return limits.clock_seconds if shorter is None else min(shorter, limits.clock_seconds)


def _out_of_memory(limits: Limits) -> OverloadError:
    return OverloadError(f"needed more than {limits.megabytes:,} MB", "memory")


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit status {code}"
    name = next((s.name for s in signal.Signals if s == -code), f"signal {-code}")
    return f"{name}: the machine may be out of memory" if name == "SIGKILL" else name


# In the worker


def _begin(initializer: Callable[[], object] | None) -> None:
    """Prepare a worker, the head of a process group: its children are found by their group."""
    if sys.platform != "win32":
        os.setpgid(0, 0)
    if initializer:
        initializer()


def _run(
    function: Callable[..., _Result], arguments: tuple[Any, ...], seconds: int, megabytes: int
) -> _Result:
    with limited(seconds, megabytes):
        return function(*arguments)


@contextmanager
def worker_pool(
    size: int, preload: Sequence[str], initializer: Callable[[], object] | None = None
) -> Iterator[WorkerPool]:
    """A pool that is stopped in any case."""
    pool = WorkerPool(size, preload, initializer)
    try:
        yield pool
    finally:
        pool.stop()
