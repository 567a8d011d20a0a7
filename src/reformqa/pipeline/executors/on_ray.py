"""The executor of a Ray cluster: files are read, and texts encoded, as tasks on its nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import ray

from reformqa.errors import ClusterError
from reformqa.ingest.prepare import PreparedReport
from reformqa.ingest.workers import Job, PassingProblem, read_all
from reformqa.model import FileProblem, Progress
from reformqa.models.cache import VectorCache
from reformqa.models.onnx import MOST_THREADS
from reformqa.pipeline.executors import tasks
from reformqa.pipeline.executors.dispatch import TRIES, Dispatcher, Lost, Task
from reformqa.pipeline.executors.nodes import Node, Nodes
from reformqa.settings import BuildSettings, EncoderSettings, PassageSettings, ReadingSettings

#: The texts of a task: enough to outweigh its cost, few enough to lose with a node.
BATCH = 32
#: What a worker of Ray takes of the memory beside the reader of a file, in megabytes.
_WORKER_MEGABYTES = 400
#: What a task may take by the clock beside the limits on its work: a busy node starts it late.
_SPARE_SECONDS = 600


class RayExecutor:
    """Reads and encodes on nodes. This process alone writes."""

    def __init__(self, nodes: Nodes, build: BuildSettings) -> None:
        self._dispatcher = Dispatcher(nodes, build.ask_again_seconds)

    def read(
        self,
        jobs: Sequence[Job],
        limits: ReadingSettings,
        passages: PassageSettings,
        progress: Progress,
    ) -> Iterator[tuple[Job, PreparedReport | FileProblem]]:
        """Yield each job, as it ends, with its report or the problem with its file.

        The bytes of a file are sent with its task, as nodes may not see the corpus. A file that
        cannot even be opened here is left to `read_all`, which says why.
        """
        unopened: list[Job] = []
        progress("reading", 0, len(jobs))
        inputs = _sent(jobs, limits, passages, unopened)
        results = self._dispatcher.run(_reading(limits), inputs)
        for done, (n, result) in enumerate(results, start=1):
            progress("reading", done, len(jobs))
            yield jobs[n], _lost(jobs[n], result) if isinstance(result, Lost) else result
        if unopened:
            yield from read_all(unopened, limits, passages)
            progress("reading", len(jobs), len(jobs))

    def encode(
        self,
        cache: VectorCache,
        models: Mapping[str, Path],
        texts: Iterable[str],
        settings: EncoderSettings,
        progress: Progress,
    ) -> None:
        """Encode the texts that the cache lacks on nodes, and keep their vectors as they come.

        Raises ClusterError if some cannot be encoded there.
        """
        missing = cache.missing(texts)
        if not missing:
            return
        batches = [missing[start : start + BATCH] for start in range(0, len(missing), BATCH)]
        files = tasks.packed(models)
        digest, reference = tasks.digest_of(files), ray.put(files)
        del files

        def threads(node: Node) -> int:
            return min(settings.threads or MOST_THREADS, node.processors) if node.encodes else 0

        def arguments(batch: Sequence[str]) -> Callable[[Node], tuple[Any, ...]]:
            # A list keeps Ray from fetching the models again with each task.
            return lambda node: ([reference], digest, threads(node), batch)

        task = Task(
            tasks.encode_texts, threads, lambda n: n.processors // threads(n), _SPARE_SECONDS
        )
        done = 0
        inputs = ((n, arguments(batch)) for n, batch in enumerate(batches))
        for n, vectors in self._dispatcher.run(task, inputs):
            if isinstance(vectors, Lost):
                raise ClusterError(
                    f"A task that encodes passages {vectors.reason}, {TRIES} times. See Ray's logs"
                    " on the nodes. What was encoded is kept: rebuild again, or set build.engine"
                    ' to "local".'
                )
            cache.keep(batches[n], vectors)
            done += len(batches[n])
            progress("encoding", done, len(missing))


def _reading(limits: ReadingSettings) -> Task:
    """Return the task that reads a file: one processor, and as many as fit into the memory."""
    most = limits.workers or 10**6
    each = (limits.megabytes + _WORKER_MEGABYTES) * 2**20

    def room(node: Node) -> int:
        return max(1, min(most, node.processors, node.memory // each))

    # A file that meets a limit is read twice.
    return Task(tasks.read_file, lambda n: 1, room, 2 * limits.clock_seconds + _SPARE_SECONDS)


def _sent(
    jobs: Sequence[Job], limits: ReadingSettings, passages: PassageSettings, unopened: list[Job]
) -> Iterator[tuple[int, Callable[[Node], tuple[Any, ...]]]]:
    """Yield the arguments for each job, with the bytes of its file; add others to `unopened`."""
    for n, job in enumerate(jobs):
        try:
            data = ray.put(job.path.read_bytes())
        except OSError:
            unopened.append(job)
            continue
        yield n, _same((job.path.name, job.report_id, data, limits, passages))


def _same(arguments: tuple[Any, ...]) -> Callable[[Node], tuple[Any, ...]]:
    return lambda node: arguments


def _lost(job: Job, lost: Lost) -> FileProblem:
    """Return the problem of a file that no node could read."""
    reason = (
        f"{lost.reason}: it was given to nodes of the cluster {TRIES} times. The next rebuild tries"
        " again. If that fails too, save it again (print a PDF to a new PDF), or leave it out."
    )
    return PassingProblem(job.path.name, reason)
