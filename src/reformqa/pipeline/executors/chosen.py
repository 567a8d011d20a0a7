"""The executor that the settings choose: this machine, or a Ray cluster."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager

from reformqa.errors import ClusterError, SettingsError
from reformqa.pipeline.executors.base import Executor, LocalExecutor
from reformqa.settings import Settings


@contextmanager
def open_executor(settings: Settings) -> Iterator[Executor]:
    """Open the executor of a rebuild.

    Raises ClusterError if Ray is not installed, or the cluster is missing or unsuitable, and
    SettingsError if another setting excludes it. Ray takes seconds to import: only if it is asked
    for.
    """
    if settings.build.engine == "local":
        yield LocalExecutor()
        return
    if settings.encoder.provider != "cpu":
        raise SettingsError(
            'With build.engine = "ray", passages are encoded on processors: another device makes'
            ' other vectors. Set encoder.provider = "cpu", or build.engine = "local".'
        )
    if importlib.util.find_spec("ray") is None:
        raise ClusterError(
            'build.engine is "ray", but Ray is not installed. Install it with'
            " `pip install --constraint constraints.txt '.[ray]'`, here and on each node."
        )
    from reformqa.pipeline.executors.cluster import connected
    from reformqa.pipeline.executors.on_ray import RayExecutor

    with connected(settings.build, ocr=settings.reading.ocr) as nodes:
        yield RayExecutor(nodes, settings.build)
