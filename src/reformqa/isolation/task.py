"""Run one function in a process of its own, with limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import wait
from typing import TypeVar

from reformqa.isolation.limits import Limits, OverloadError
from reformqa.isolation.pool import worker_pool

#: Seconds between two looks at the processor time that a task has used.
_INTERVAL = 0.5

_Result = TypeVar("_Result")


def run_apart(
    function: Callable[..., _Result],
    *arguments: object,
    limits: Limits,
    preload: Sequence[str] = (),
    clock: float | None = None,
) -> _Result:
    """Return `function(*arguments)`, called in a process of its own.

    The function has to be defined in a module, and its result and errors have to be picklable.
    `preload` are modules that are imported once for all processes. `clock` is a shorter time by
    the clock than that of the limits.
    Raises OverloadError if a limit is met or the process crashes, and what the function raises.
    """
    with worker_pool(1, preload) as pool:
        try:
            future = pool.schedule(function, *arguments, limits=limits, clock=clock)
        except RuntimeError as error:  # what pebble raises if its first process cannot be started
            raise OverloadError("could not be started", "crash") from error
        while not wait([future], timeout=_INTERVAL).done:
            pool.check(limits.seconds)
            if not pool.active:
                raise OverloadError("crashed its process", "crash")
        return pool.result(future, limits, clock)
