"""The processors and the memory that may be used are counted with the quota of a container."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reformqa.isolation.processors import available, memory, running

CORES = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({}, CORES),
        ({"cpu.max": "max 100000\n"}, CORES),
        ({"cpu.max": "50000 100000\n"}, 0.5),
        ({"cpu.max": f"{CORES + 8}00000 100000\n"}, CORES),
        ({"cpu.max": "0 0\n"}, CORES),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, CORES),
        ({"cpu/cpu.cfs_quota_us": "25000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 0.25),
    ],
)
def test_a_quota_of_the_control_group_limits_the_count(
    tmp_path: Path, files: dict[str, str], count: float
):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert available(tmp_path) == count


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        ({}, None),
        ({"memory.max": "max\n"}, None),
        ({"memory.max": "4294967296\n"}, 4 * 2**30),
        ({"memory/memory.limit_in_bytes": "1073741824\n"}, 2**30),
    ],
)
def test_the_memory_is_that_of_the_control_group(
    tmp_path: Path, files: dict[str, str], limit: int | None
):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert memory(tmp_path) == limit


def test_this_process_is_among_those_that_run():
    (own,) = [p for p in running() if p.pid == os.getpid()]
    assert own.group == os.getpgrp()
    assert own.seconds > 0
