"""A function runs in a process of its own, and whatever it does there ends within its limits."""

from __future__ import annotations

import os

import pytest

from reformqa.errors import UploadError
from reformqa.isolation.limits import OverloadError
from reformqa.isolation.task import run_apart
from reformqa.settings import DrawingSettings
from support.tasks import burn, double, end, hold, refuse, where

LIMITS = DrawingSettings(seconds=2, stuck_seconds=60, megabytes=128)


def test_a_result_and_an_error_come_back_from_another_process():
    assert run_apart(double, 21, limits=LIMITS) == 42
    assert run_apart(where, limits=LIMITS) not in (os.getpid(), run_apart(where, limits=LIMITS))
    with pytest.raises(UploadError, match="not this one"):
        run_apart(refuse, "not this one", limits=LIMITS)


def test_what_is_given_and_returned_may_be_large():
    assert run_apart(bytes.upper, b"a" * 30_000_000, limits=LIMITS) == b"A" * 30_000_000


@pytest.mark.parametrize(
    ("function", "given", "why", "said", "passing"),
    [
        (burn, (), "processor", "took longer than 2 processor seconds", False),
        (hold, (300,), "memory", "needed more than 128 MB", False),
        (end, ("exit",), "crash", "crashed (exit status 3)", False),
        (end, ("segfault",), "crash", "crashed (SIGSEGV)", False),
        (end, ("kill",), "killed", "crashed (SIGKILL: the machine may be out of memory)", True),
    ],
)
def test_a_task_that_meets_a_limit_or_crashes_says_which(
    function, given: tuple, why: str, said: str, passing: bool
):
    with pytest.raises(OverloadError) as error:
        run_apart(function, *given, limits=LIMITS)
    assert (error.value.why, str(error.value)) == (why, said)
    assert error.value.passing is passing


@pytest.mark.parametrize("clock", [None, 3.0])
def test_a_task_that_is_stuck_is_ended_by_the_shorter_clock(clock: float | None):
    limits = DrawingSettings(stuck_seconds=60 if clock else 3)
    with pytest.raises(OverloadError) as error:
        run_apart(end, "sleep", limits=limits, clock=clock)
    assert (error.value.why, str(error.value)) == ("clock", "took longer than 3 seconds")
    assert error.value.passing


def test_memory_within_the_limit_is_given():
    assert run_apart(hold, 100, limits=LIMITS) == 100 * 2**20
