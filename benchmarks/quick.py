"""Compare the 8-bit encoder, which reads single sentences at question time, with its float twin.

    python benchmarks/quick.py [--index index] [--shared ../shared] [--rounds 2] [--threads 20]

Questions: ten gold comparisons, through `compare`, and twelve on single facts, through `ask`; both
libraries answer each in turn, so that what else the machine does meets both.
float, quick: median seconds, of each question's best round. wall, cpu: how many times the seconds
of the quick one the float one takes, and of processor time. kept: share of the float one's
citations that the quick one has too. cosine: of both encoders' vectors for the sentences that were
read, the lowest in a hundred and the median. at once: the seconds for all questions, asked by so
many threads, as a multiple of those one after another; differ: how many answers are then not the
same.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from asked import COMPARISON, Asked, read, single_facts
from reformqa import Answer, Comparison, Library, Settings
from reformqa.models.onnx import Encoder, Encoding, QuickEncoder

COMPARED, ASKED = 10, 12

Ask = Callable[[Library], Answer | Comparison]


class Exact(QuickEncoder):
    """The float encoder in the quick one's place; remembers what it read."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.texts: dict[str, None] = {}

    def encode(self, texts: Sequence[str], kind: str = "question") -> list[Encoding]:
        """The texts' encodings, batched with their like."""
        self.texts |= dict.fromkeys(texts)
        found = dict(self._encoder.encode_all(texts, kind))
        return [found[n] for n in range(len(texts))]


def calls(asked: Sequence[Asked]) -> dict[str, list[Ask]]:
    """The questions as calls on a library, by verb."""
    compared = [q.text for q in asked if q.type == COMPARISON][:COMPARED]
    facts = [q.text for q in single_facts(asked)]
    return {
        "compare": [lambda library, q=q: library.compare(q) for q in compared],
        "ask": [lambda library, q=q: library.ask(q) for q in facts[:: len(facts) // ASKED][:ASKED]],
    }


def measured(libraries: Sequence[Library], wanted: Sequence[Ask], rounds: int) -> str:
    """A row: what each library takes, and how much of the first one's citations the second has."""
    seconds = np.zeros((rounds, len(wanted), len(libraries), 2))
    kept: list[bool] = []
    for turn in range(rounds):
        for n, call in enumerate(wanted):
            found = []
            for k, library in enumerate(libraries):
                before = time.perf_counter(), time.process_time()
                found.append(call(library))
                after = time.perf_counter(), time.process_time()
                seconds[turn, n, k] = np.subtract(after, before)
            exact, quick = map(cited, found)
            kept += [c in quick for c in exact]
    best = seconds.min(axis=0)
    own = np.median(best[:, :, 0], axis=0)
    wall, cpu = best[:, 0].sum(axis=0) / best[:, 1].sum(axis=0)
    return f"{own[0]:7.2f}{own[1]:7.2f}{wall:6.2f}{cpu:6.2f}{np.mean(kept):6.2f}"


def cited(result: Answer | Comparison) -> set[tuple[str, tuple[int, int]]]:
    """The paragraphs and characters that a result cites."""
    sentences = [s for part in result.document().parts for s in part.sentences]
    return {(c.paragraph_id, c.span) for s in sentences for c in s.citations}


def at_once(library: Library, wanted: Sequence[Ask], threads: int) -> tuple[float, int]:
    """All calls by many threads: their time as a multiple of one by one, and how many differ."""
    start = time.perf_counter()
    alone = [call(library) for call in wanted]
    between = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        together = list(pool.map(lambda call: call(library), wanted))
    multiple = (time.perf_counter() - between) / (between - start)
    return multiple, sum(a != b for a, b in zip(alone, together, strict=True))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    own = Path(os.environ.get("REFORMQA_SHARED", "../shared"))
    parser.add_argument("--index", type=Path, default=Path("index"))
    parser.add_argument("--shared", type=Path, default=own)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=20)
    options = parser.parse_args()
    verbs = calls(read([options.shared / "gold"]))
    quick, floats = (Library.open(options.index, Settings()) for _ in range(2))
    exact = Exact(floats._snapshot.encoder)
    floats._snapshot.quick_encoder = exact
    for library in (floats, quick):  # both have opened their models
        verbs["compare"][0](library)
    print(f"{'':8}  float  quick  wall   cpu  kept")
    for verb, wanted in verbs.items():
        print(f"{verb:8}{measured((floats, quick), wanted, options.rounds)}")
    texts = list(exact.texts)
    near = quick._snapshot.quick_encoder.encode(texts, "passage")
    twins = zip(near, exact.encode(texts, "passage"), strict=True)
    cosines = [float(a.sentence @ b.sentence) for a, b in twins]
    low, middle = np.percentile(cosines, [1, 50])
    print(f"\ncosine of {len(texts)} sentences: lowest in a hundred {low:.3f}, median {middle:.3f}")
    multiple, differ = at_once(quick, [c for w in verbs.values() for c in w], options.threads)
    print(f"{options.threads} at once: {multiple:.2f} of one by one; {differ} differ")


if __name__ == "__main__":
    main()
