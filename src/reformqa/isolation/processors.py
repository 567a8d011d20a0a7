"""The processors and memory that may be used, and the processor time that processes have used."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
#: Where Linux shows the control groups.
CGROUPS = Path("/sys/fs/cgroup")


def available(cgroup: Path = CGROUPS) -> float:
    """Return how many processors this process may use, a container's quota included."""
    affinity = getattr(os, "sched_getaffinity", None)
    count = float(len(affinity(0)) if affinity else os.cpu_count() or 1)
    return min([count, *_quotas(cgroup)])


def memory(cgroup: Path = CGROUPS) -> int | None:
    """Return how many bytes the control groups around this process allow, or None for no limit."""
    files = [folder / "memory.max" for folder in _groups(cgroup, "0::")]
    files += [f / "memory.limit_in_bytes" for f in _groups(cgroup / "memory", "memory")]
    limits = [int(text) for file in files if (text := _text(file).strip()).isdecimal()]
    return min(limits, default=None)


def _quotas(cgroup: Path) -> Iterator[float]:
    """Yield the quota in each control group around this process that has one, in processors.

    Version 2 has one file with the quota and the period, version 1 one for each.
    """
    for folder in _groups(cgroup, "0::"):
        quota, _, period = _text(folder / "cpu.max").partition(" ")
        yield from _share(quota, period)
    for folder in _groups(cgroup / "cpu", "cpu"):
        period = _text(folder / "cpu.cfs_period_us")
        yield from _share(_text(folder / "cpu.cfs_quota_us"), period)


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """Yield the folders of this process's control groups, the root first."""
    yield root
    for line in _text(_PROC / "self" / "cgroup").splitlines():
        if line.startswith(controller) or f":{controller}" in line:
            parts = line.rpartition(":")[2].strip("/").split("/")
            yield from (root.joinpath(*parts[: n + 1]) for n in range(len(parts)))


def _share(quota: str, period: str) -> Iterator[float]:
    if quota.strip().isdecimal() and period.strip().isdecimal() and int(period) and int(quota):
        yield int(quota) / int(period)


@dataclass(frozen=True, slots=True)
class Process:
    """A running process, with the processor seconds that it and its ended children have used."""

    pid: int
    group: int
    seconds: float


def running() -> Iterator[Process]:
    """Yield the running processes; none on a system without `/proc`. See proc(5), "stat"."""
    tick = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 1
    for file in _PROC.glob("[0-9]*/stat"):
        values = _text(file).rpartition(")")[2].split()
        if len(values) > 14 and values[0] not in "ZX":  # not ended
            ticks = sum(int(v) for v in values[11:15])  # own user and system, then the children's
            yield Process(int(file.parent.name), int(values[2]), ticks / tick)


def _text(file: Path) -> str:
    """Return the text of a file of the kernel; empty if it is gone or not there."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
