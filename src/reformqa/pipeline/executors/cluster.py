"""The connection of a rebuild to a Ray cluster."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import ray
from ray.exceptions import RayError

from reformqa.errors import ClusterError
from reformqa.pipeline.executors.nodes import Nodes
from reformqa.pipeline.executors.tasks import describe
from reformqa.settings import BuildSettings

#: Seconds to wait for a connection to the head, for its reply, and for all nodes to say what they
#: are.
_CONNECT, _REPLY, _ANSWER = 5.0, 30.0, 60.0

_SAME = (
    "Install the same Python and the same packages there (constraints.txt) and restart Ray on it,"
    " or take it out of the cluster."
)


@contextmanager
def connected(build: BuildSettings, *, ocr: bool) -> Iterator[Nodes]:
    """Connect to the cluster, and yield its nodes; at least one of them can be used.

    Raises ClusterError if there is no head, this machine is no part of the cluster, or a node has
    other versions.
    """
    _reach(build.address)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # Ray otherwise reports its use
    try:
        ray.init(
            address=build.address,
            configure_logging=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except (OSError, RuntimeError, ValueError, RayError) as error:
        raise ClusterError(
            f"The Ray cluster at {build.address} cannot be used: {_first(error)} The rebuild has"
            " to run on a machine of the cluster: join it with `ray start"
            f" --address={build.address} --num-cpus=0`, with the same Python and Ray."
        ) from error
    try:
        nodes = Nodes(describe(ocr), ocr=ocr)
        _wait(nodes, build.address)
        yield nodes
    finally:
        ray.shutdown()


def _reach(address: str) -> None:
    """Raise ClusterError unless a Ray head answers at the address.

    Ray would wait for minutes, and then end this process: so another one asks.
    """
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT).close()
    except OSError as error:
        raise ClusterError(
            f"No Ray head answers at {address} ({error.strerror or error}). Start it with `ray"
            " start --head`, correct build.address, or set build.engine to"
            ' "local".'
        ) from error
    ask = [sys.executable, "-m", "ray.scripts.scripts", "health-check", "--address", address]
    try:
        subprocess.run(ask, capture_output=True, check=True, timeout=_REPLY)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise ClusterError(
            f"What listens at {address} does not answer as a Ray head of this version. Correct"
            " build.address (by default its port is 6379), or see `ray status` there."
        ) from error


def _wait(nodes: Nodes, address: str) -> None:
    """Wait until each node has said what it is; one that stays silent is left out."""
    until = time.monotonic() + _ANSWER
    nodes.look()
    while nodes.asked and time.monotonic() < until:
        time.sleep(0.1)
        nodes.look()
    if nodes.refused:
        raise ClusterError(f"{' '.join(nodes.refused.values())} {_SAME}")
    if not nodes.usable:
        raise ClusterError(
            f"The Ray cluster at {address} has no node with a processor that answers. Add nodes"
            f" with `ray start --address={address}`; `ray status` lists them."
        )
    if not any(node.encodes for node in nodes.usable.values()):
        raise ClusterError(
            f"No node of the Ray cluster at {address} has a processor of this machine's kind, so"
            " none would make the same vectors. Run the rebuild on a machine like the nodes."
        )


def _first(error: Exception) -> str:
    """Return the message of an error in one line."""
    words = " ".join(str(error).split())[:300]
    return words if words.endswith(".") else f"{words}."
