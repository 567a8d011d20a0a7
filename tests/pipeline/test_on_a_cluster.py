"""Rebuilds that read and encode on a Ray cluster: the local build, whatever happens to nodes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reformqa import ClusterError, SettingsError
from reformqa.settings import BuildSettings
from reformqa.storage.files.builds import served
from reformqa.storage.files.manifest import read_manifest
from reformqa.storage.files.places import read_places
from support.nights import GARBAGE, long_report, make_corpus, night, settings
from support.ray_cluster import RayCluster, ray_cluster
from support.serving import free_port

#: A rebuild that is killed once two files are read.
KILLED = """
import os, signal, sys
from pathlib import Path
from support.nights import night
corpus, index, address = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
def progress(stage, done, total):
    if (stage, done) == ("reading", 3):
        os.kill(os.getpid(), signal.SIGKILL)
night(corpus, index, {"build": {"engine": "ray", "address": address}}, progress=progress)
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayCluster]:
    with ray_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six reports, and one that cannot be read."""
    folder = make_corpus(tmp_path_factory.mktemp("cluster") / "corpus")
    for n in range(4):
        text = long_report(60).replace("The Long Report", f"Report {n}").replace("oven", f"oven{n}")
        (folder / f"report-{n}.md").write_text(text, encoding="utf-8")
    (folder / "torn.pdf").write_bytes(GARBAGE)
    return folder


@pytest.fixture(scope="module")
def local(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is in the build that this machine makes alone."""
    index = tmp_path_factory.mktemp("cluster") / "index"
    night(corpus, index)
    return contents(index)


def contents(index: Path) -> dict[str, Any]:
    """Return a build's manifest, with the digests of its files, but not its id and time.

    The id is in the names of its own segment's files, and in the file of places.
    """
    folder = served(index)
    manifest = read_manifest(folder)
    del manifest["build"]["made"]
    own = manifest["build"].pop("id")
    files, places = manifest.pop("files"), read_places(folder)
    del files["segments.json"]
    return manifest | {
        "files": {name.replace(own, "own"): known for name, known in files.items()},
        "places": {i: p._replace(segment=p.segment.replace(own, "own")) for i, p in places.items()},
    }


class Steps:
    """The steps of a rebuild as they are told; `then` are calls to make at some of them."""

    def __init__(self, then: dict[tuple[str, int], Callable[[], object]] | None = None) -> None:
        self.told: list[tuple[str, int, int]] = []
        self._then = then or {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        self.told.append((stage, done, total))
        if call := self._then.pop((stage, done), None):
            call()

    @property
    def all_made(self) -> bool:
        return not self._then


def test_a_build_on_a_cluster_is_the_local_one(
    cluster: RayCluster, corpus: Path, local: dict[str, Any], tmp_path: Path
):
    cluster.have(2)
    steps = Steps()
    result = night(corpus, tmp_path, cluster.settings(), progress=steps)
    assert contents(tmp_path) == local
    assert [p.file for p in result.build.problems] == ["torn.pdf"]
    assert [n for stage, n, total in steps.told if stage == "reading" and total] == [*range(8)]
    assert ("encoding", result.encoded, result.encoded) in steps.told
    assert not night(corpus, tmp_path, cluster.settings()).changed


def test_nodes_killed_while_reading_and_while_encoding_cost_nothing_but_time(
    cluster: RayCluster, corpus: Path, local: dict[str, Any], tmp_path: Path
):
    cluster.have(2)
    steps = Steps(
        {
            ("reading", 1): cluster.kill_one,
            ("reading", 7): lambda: cluster.have(2),
            ("encoding", 32): cluster.kill_one,
        }
    )
    night(corpus, tmp_path, cluster.settings(ask_again_seconds=10), progress=steps)
    assert steps.all_made
    assert contents(tmp_path) == local


def test_a_silent_node_is_not_waited_for(
    cluster: RayCluster, corpus: Path, local: dict[str, Any], tmp_path: Path
):
    cluster.have(2)
    steps = Steps({("reading", 1): cluster.stop_one})
    night(corpus, tmp_path, cluster.settings(ask_again_seconds=5), progress=steps)
    assert steps.all_made
    assert contents(tmp_path) == local


def test_a_killed_rebuild_continues_with_what_it_had_read(
    cluster: RayCluster, corpus: Path, local: dict[str, Any], tmp_path: Path
):
    cluster.have(2)
    command = [sys.executable, "-c", KILLED, str(corpus), str(tmp_path), cluster.address]
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    killed = subprocess.run(command, env=os.environ | paths, check=False)
    assert killed.returncode == -signal.SIGKILL
    steps = Steps()
    night(corpus, tmp_path, cluster.settings(), progress=steps)
    # The third result was told and not kept; the torn file leaves nothing to keep.
    assert max(t for s, _, t in steps.told if s == "reading") in (5, 6)
    assert contents(tmp_path) == local


def test_a_task_that_crashes_its_workers_is_given_up_and_others_go_on(cluster: RayCluster):
    from reformqa.pipeline.executors.cluster import connected
    from reformqa.pipeline.executors.dispatch import Dispatcher, Lost, Task

    cluster.have(2)

    def poison(number: int) -> int:
        if number == 2:
            os._exit(1)
        return 10 * number

    build = BuildSettings.model_validate(cluster.settings()["build"])
    with connected(build, ocr=False) as nodes:
        task = Task(poison, share=lambda node: 1, room=lambda node: node.processors, seconds=600)
        inputs = ((n, lambda node, n=n: (n,)) for n in range(6))
        found = dict(Dispatcher(nodes, 60).run(task, inputs))
    assert found.pop(2) == Lost("crashed its worker (WorkerCrashedError)")
    assert found == {n: 10 * n for n in (0, 1, 3, 4, 5)}


def test_a_node_of_another_version_is_named_before_anything_is_read(
    cluster: RayCluster, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from reformqa.pipeline.executors import cluster as connection

    cluster.have(1)
    own = connection.describe(ocr=False) | {"pypdf": "0.1"}
    monkeypatch.setattr(connection, "describe", lambda ocr: own)
    with pytest.raises(ClusterError, match=r"The node .* has pypdf .*, here 0\.1\. Install"):
        night(corpus, tmp_path, cluster.settings())
    assert not (tmp_path / "builds").exists()
    assert not (tmp_path / "cache" / "parsed").exists()


def test_a_head_that_is_not_there_is_named_at_once(corpus: Path, tmp_path: Path):
    pytest.importorskip("ray", reason="Ray is not installed")
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(ClusterError, match=rf"No Ray head answers at {address}.*build\.address"):
        night(corpus, tmp_path, {"build": {"engine": "ray", "address": address}})
    assert not (tmp_path / "builds").exists()


def test_without_ray_its_package_is_named(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ClusterError, match=r"Ray is not installed.*pip install"):
        night(corpus, tmp_path, {"build": {"engine": "ray", "address": "127.0.0.1:6379"}})


def test_another_device_is_refused():
    from reformqa.pipeline.executors.chosen import open_executor

    stages = settings(
        build={"engine": "ray", "address": "127.0.0.1:6379"}, encoder={"provider": "cuda"}
    )
    with pytest.raises(SettingsError, match=r"encoder\.provider"), open_executor(stages):
        pass


def test_a_server_that_is_no_ray_head_is_named(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    connection = pytest.importorskip(
        "reformqa.pipeline.executors.cluster", reason="Ray is not installed"
    )
    monkeypatch.setattr(connection, "_REPLY", 3.0)
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(ClusterError, match=rf"What listens at {address} does not answer"):
            night(corpus, tmp_path, {"build": {"engine": "ray", "address": address}})
    assert not (tmp_path / "builds").exists()
