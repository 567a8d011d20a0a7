"""Tasks handed out to the nodes of a cluster, until each has an answer or is given up.

A task that has no answer after `patience` seconds is handed out again on another node, and the
first answer counts: a stopped node answers nothing, and Ray does not notice it for minutes. What
is no longer needed is ended by force, as a task that sleeps ends in no other way.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError, TaskCancelledError

from reformqa.errors import ClusterError
from reformqa.pipeline.executors.nodes import Node, Nodes, pinned

#: How often a task is handed out at most.
TRIES = 3
#: Seconds between two looks at deadlines.
_INTERVAL = 0.5


@dataclass(frozen=True, slots=True)
class Task:
    """A function for nodes to run.

    `share` returns how many processors it takes on a node, or 0 if it cannot run there, and `room`
    how many fit on the node at a time. `seconds` are the most that it may take by the clock.
    """

    function: Callable[..., Any]
    share: Callable[[Node], int]
    room: Callable[[Node], int]
    seconds: float


@dataclass(frozen=True, slots=True)
class Lost:
    """In place of an answer: why none came. It completes "it …"."""

    reason: str


@dataclass(slots=True, eq=False)
class _Wanted:
    """An answer that is wanted, the nodes that did not give it, and how tries ended."""

    key: int
    arguments: Callable[[Node], tuple[Any, ...]]
    avoided: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    tries: int = 0
    settled: bool = False


@dataclass(slots=True)
class _Try:
    wanted: _Wanted
    node: Node
    since: float
    overdue: bool = False


class Dispatcher:
    """Hands tasks out to nodes."""

    def __init__(self, nodes: Nodes, patience: float) -> None:
        self._nodes = nodes
        self._patience = patience

    def run(
        self, task: Task, inputs: Iterable[tuple[int, Callable[[Node], tuple[Any, ...]]]]
    ) -> Iterator[tuple[int, Any]]:
        """Yield the key of each input with the answer to it, or with Lost, as they come.

        The second part of an input returns the arguments of the task on a node; inputs are read
        as nodes have room. Raises ClusterError if no node is left.
        """
        run = _Run(task, iter(inputs), self._nodes, self._patience)
        try:
            yield from run.answers()
        finally:
            run.cancel()


class _Run:
    """One task over its inputs, while they are worked on."""

    def __init__(
        self,
        task: Task,
        inputs: Iterator[tuple[int, Callable[[Node], tuple[Any, ...]]]],
        nodes: Nodes,
        patience: float,
    ) -> None:
        self._task = task
        self._inputs: Iterator[tuple[int, Callable[[Node], tuple[Any, ...]]]] | None = inputs
        self._nodes = nodes
        self._patience = patience
        self._function = ray.remote(task.function)
        self._again: deque[_Wanted] = deque()
        self._tries: dict[Any, _Try] = {}
        self._had_nodes = time.monotonic()

    def answers(self) -> Iterator[tuple[int, Any]]:
        """Yield answers until nothing is wanted any more."""
        while True:
            self._nodes.look()
            self._hand_out()
            if not self._tries:
                if not self._again and self._inputs is None:
                    return
                time.sleep(_INTERVAL)
            elif done := ray.wait([*self._tries], timeout=_INTERVAL)[0]:
                yield from self._settle(done[0])
            yield from self._hurry()
            self._check_nodes()

    def cancel(self) -> None:
        """End by force what is still running."""
        for reference in self._tries:
            ray.cancel(reference, force=True)
        self._tries.clear()

    def _hand_out(self) -> None:
        for _ in range(len(self._again)):
            wanted = self._again.popleft()
            if wanted.settled:
                continue
            if node := self._free(wanted):
                self._try(wanted, node)
            else:
                self._again.append(wanted)
        while self._inputs is not None and (node := self._free()):
            try:
                self._try(_Wanted(*next(self._inputs)), node)
            except StopIteration:
                self._inputs = None

    def _free(self, wanted: _Wanted | None = None) -> Node | None:
        """Return the usable node with the most room left, and not one where the task failed.

        A task that failed on all nodes and runs nowhere is tried on any.
        """
        left = {n.id: self._room(n) for n in self._nodes.usable.values()}
        for attempt in self._tries.values():
            if attempt.node.id in left:
                left[attempt.node.id] -= 1
        nodes = [n for n in self._nodes.usable.values() if left[n.id] > 0]
        if wanted is not None:
            able = {n.id for n in self._nodes.usable.values() if self._room(n)}
            running = any(t.wanted is wanted for t in self._tries.values())
            if running or able - wanted.avoided:
                nodes = [n for n in nodes if n.id not in wanted.avoided]
        return max(nodes, key=lambda n: left[n.id], default=None)

    def _room(self, node: Node) -> int:
        return self._task.room(node) if self._task.share(node) else 0

    def _try(self, wanted: _Wanted, node: Node) -> None:
        options = {
            "num_cpus": self._task.share(node),
            "max_retries": 0,  # tries are counted here
            "scheduling_strategy": pinned(node.id),
        }
        reference = self._function.options(**options).remote(*wanted.arguments(node))
        wanted.tries += 1
        self._tries[reference] = _Try(wanted, node, time.monotonic())

    def _settle(self, reference: Any) -> Iterator[tuple[int, Any]]:
        attempt = self._tries.pop(reference)
        wanted = attempt.wanted
        try:
            answer = ray.get(reference)
        except RayError as error:
            if not isinstance(error, RayTaskError):  # the worker or the node is gone
                self._nodes.doubt(attempt.node)
            yield from self._fail(attempt, _ending(error))
            return
        wanted.settled = True
        for other in [r for r, t in self._tries.items() if t.wanted is wanted]:
            ray.cancel(other, force=True)
            del self._tries[other]
        yield wanted.key, answer

    def _hurry(self) -> Iterator[tuple[int, Any]]:
        """Hand out again what is overdue, and give up what has taken too long."""
        for reference, attempt in [*self._tries.items()]:
            waited = time.monotonic() - attempt.since
            if waited > self._patience and not attempt.overdue:
                attempt.overdue = True
                attempt.wanted.avoided.add(attempt.node.id)
                self._nodes.doubt(attempt.node)
                if attempt.wanted.tries < TRIES and attempt.wanted not in self._again:
                    self._again.append(attempt.wanted)
            if waited > self._task.seconds:
                ray.cancel(reference, force=True)
                del self._tries[reference]
                yield from self._fail(attempt, f"gave no answer within {waited:,.0f} seconds")

    def _fail(self, attempt: _Try, how: str) -> Iterator[tuple[int, Any]]:
        """Try again, or give up after the last try, unless another one is still running."""
        wanted = attempt.wanted
        wanted.failures.append(how)
        wanted.avoided.add(attempt.node.id)
        if any(t.wanted is wanted for t in self._tries.values()):
            return
        if wanted.tries < TRIES:
            if wanted not in self._again:
                self._again.append(wanted)
            return
        wanted.settled = True
        yield wanted.key, Lost(how)

    def _check_nodes(self) -> None:
        """Raise ClusterError if no node could be used for a long time."""
        now = time.monotonic()
        if any(self._room(node) for node in self._nodes.usable.values()):
            self._had_nodes = now
        elif now - self._had_nodes > max(60, 3 * self._patience):
            reasons = " ".join(self._nodes.refused.values())
            raise ClusterError(
                f"No node of the Ray cluster answers any more. {reasons} See `ray status`. What"
                " was read and encoded is kept: rebuild again once nodes are back, or set"
                ' build.engine to "local".'
            )


def _ending(error: RayError) -> str:
    """Return how a task ended without an answer."""
    if isinstance(error, RayTaskError):
        cause = error.cause
        return f"failed ({type(cause).__name__}: {cause})"[:300]
    if isinstance(error, TaskCancelledError):
        return "was cancelled"
    return f"crashed its worker ({type(error).__name__})"
