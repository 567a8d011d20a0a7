"""A Ray cluster on this machine: a head without processors, and nodes that may be killed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

_MEMORY = 100 * 2**20


class RayCluster:
    """A head, to which drivers connect, and nodes of one processor each."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": _MEMORY}
        self._cluster = Cluster(initialize_head=True, head_node_args=head)
        self._nodes: list[Any] = []
        self._stopped: list[int] = []

    @property
    def address(self) -> str:
        return str(self._cluster.address)

    def settings(self, **changes: object) -> dict[str, dict[str, object]]:
        """The settings of a build on this cluster."""
        return {"build": {"engine": "ray", "address": self.address} | changes}

    def have(self, count: int) -> None:
        """Let it have so many nodes that run, and none that is silent."""
        self._end_stopped()
        while len(self._nodes) < count:
            node = self._cluster.add_node(num_cpus=1, object_store_memory=_MEMORY)
            self._nodes.append(node)

    def kill_one(self) -> None:
        """End a node and its workers at once, as a power cut would."""
        for pid in self._processes(self._nodes.pop()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop_one(self) -> None:
        """Let a node be silent: it keeps its connections, and does not answer."""
        pids = self._processes(self._nodes.pop())
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        self._stopped += pids

    def close(self) -> None:
        self._end_stopped()
        self._cluster.shutdown()

    def _end_stopped(self) -> None:
        for pid in self._stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._stopped.clear()

    def _processes(self, node: Any) -> list[int]:
        started = [p.process.pid for kind in node.all_processes.values() for p in kind]
        return [*started, *(d for pid in started for d in _descendants(pid))]


@contextmanager
def ray_cluster() -> Iterator[RayCluster]:
    """A cluster without nodes, in a folder of its own. Skips the test without Ray."""
    if importlib.util.find_spec("ray") is None:
        pytest.skip("Ray is not installed: pip install '.[ray]'")
    # Ray's sockets need a short path, and it expects its folder to be there.
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))
    (folder / "ray").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_TMPDIR", str(folder))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        cluster = RayCluster()
        try:
            yield cluster
        finally:
            cluster.close()
            shutil.rmtree(folder, ignore_errors=True)


def _descendants(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(OSError):
            for child in map(int, (task / "children").read_text().split()):
                yield child
                yield from _descendants(child)
