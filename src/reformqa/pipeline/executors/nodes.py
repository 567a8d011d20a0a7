"""The nodes of a cluster: each is asked what it is before it is used, and again after a silence.

Ray takes a stopped node for a live one for minutes. Here a node is used only while its last
inquiry was answered; the dispatcher doubts a node that let a deadline pass.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from reformqa.pipeline.executors import tasks

#: Seconds between two looks at the list of nodes.
_INTERVAL = 1.0


@dataclass(frozen=True, slots=True)
class Node:
    """A node that can be used: its processors, its memory in bytes, and whether it may encode.

    Only processors of the driver's kind encode: others may make vectors with other last bits.
    """

    id: str
    address: str
    processors: int
    memory: int
    encodes: bool


def pinned(node_id: str) -> NodeAffinitySchedulingStrategy:
    """Return the strategy that runs a task on one node and nowhere else."""
    return NodeAffinitySchedulingStrategy(node_id, soft=False)


class Nodes:
    """The nodes of the cluster that this process is connected to.

    `usable` has those that have said what they are, by id; `refused` the reasons why others are
    not used.
    """

    def __init__(self, own: Mapping[str, str], *, ocr: bool) -> None:
        self.usable: dict[str, Node] = {}
        self.refused: dict[str, str] = {}
        self._own = own
        self._ocr = ocr
        self._inquiries: dict[str, Any] = {}
        self._describe = ray.remote(tasks.describe)
        self._looked = -_INTERVAL

    def look(self) -> None:
        """Take up nodes that have answered, and drop those that are gone."""
        if time.monotonic() - self._looked < _INTERVAL:
            return
        self._looked = time.monotonic()
        alive = {n["NodeID"]: n for n in ray.nodes() if n["Alive"] and _processors(n)}
        for gone in {*self.usable, *self._inquiries} - {*alive}:
            self.usable.pop(gone, None)
            self._inquiries.pop(gone, None)
        for node_id, row in alive.items():
            if node_id in self._inquiries:
                self._take_up(node_id, row)
            elif node_id not in self.usable and node_id not in self.refused:
                self._inquire(node_id)

    def doubt(self, node: Node) -> None:
        """Use a node no more until it has said again what it is."""
        if self.usable.pop(node.id, None):
            self._inquire(node.id)

    @property
    def asked(self) -> int:
        """The number of nodes that have not answered yet."""
        return len(self._inquiries)

    def _inquire(self, node_id: str) -> None:
        options = {"num_cpus": 0, "max_retries": 0, "scheduling_strategy": pinned(node_id)}
        self._inquiries[node_id] = self._describe.options(**options).remote(self._ocr)

    def _take_up(self, node_id: str, row: Mapping[str, Any]) -> None:
        inquiry = self._inquiries[node_id]
        if not ray.wait([inquiry], timeout=0)[0]:
            return
        del self._inquiries[node_id]
        address = str(row["NodeManagerAddress"])
        try:
            told: dict[str, str] = ray.get(inquiry)
        except RayError as error:
            if fault := _not_installed(error):
                self.refused[node_id] = f"The node {address} {fault}"
            return  # it is dying, or busy: it is asked again
        if other := _difference(told, self._own):
            self.refused[node_id] = f"The node {address} has {other}"
            return
        encodes = told[tasks.PROCESSOR] == self._own[tasks.PROCESSOR]
        memory = int(row["Resources"].get("memory", 0))
        self.usable[node_id] = Node(node_id, address, _processors(row), memory, encodes)


def _processors(row: Mapping[str, Any]) -> int:
    return int(row["Resources"].get("CPU", 0))


def _not_installed(error: RayError) -> str:
    """Return what is missing on the node, if that is why it did not answer."""
    text = str(error)
    if "ModuleNotFoundError" not in text and "ImportError" not in text:
        return ""
    return f"cannot import reformqa ({text.strip().splitlines()[-1].strip()})."


def _difference(told: Mapping[str, str], own: Mapping[str, str]) -> str:
    """Return what differs from this machine and changes what a build contains."""
    names = [n for n in own if n != tasks.PROCESSOR and told.get(n) != own[n]]
    found = "; ".join(f"{n} {told.get(n, 'none')}, here {own[n]}" for n in names[:3])
    return f"{found}." if found else ""
