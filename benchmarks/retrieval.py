"""Search beside other libraries' hybrid search: what is found, how fast, how large.

    python benchmarks/retrieval.py [--shared DIR] [--index DIR] [--questions FILE ...]
                                   [--peers-python PATH] [--rounds 3] [--starts 3] [--json FILE]
    python benchmarks/retrieval.py --weights [--folds 5]

Good for: seeing whether the search finds more than a usual set-up of LangChain, LlamaIndex,
Haystack or txtai does, and at what cost; and, with --weights, for fitting the weights of the
search to another embedding model. Needs: Linux, and the folder of reports and gold questions. The
peers need an environment of their own: `pip install -e '.[peers]'` (constraints.txt without its
lines for huggingface_hub and PyStemmer); its Python is named by --peers-python.

reformqa and each peer of peers.py search the five reports as text with the same embedding model,
each in processes of its own. Settings are the defaults; the weights of ours were chosen with
these questions in view.

Found, as `reformqa evaluate` defines it: recall at ranks 1 and 5 and mean reciprocal rank of the
first of 50 hits that contains the evidence; 300w, 1000w: the evidence ends within so many words of
hits. The hits of a peer are its chunks.
Asking: milliseconds a question for 10 hits with the index open. Every question is asked once
unmeasured; then the systems take turns, a round of all questions each, and p50 and p95 are the
medians of the rounds'. In every round another word comes first, so that no question is answered
from memory. MB: peak of the process. cores: seconds of processor time a second.
Cold start: a whole process from nothing to its first result; median after one discarded, and the
highest peak. For reformqa, `reformqa search`.
Build: a whole process from the texts to the index, once, and the size of the index on disk. With
--index, reformqa's is not measured.
OMP_NUM_THREADS is 1 while asking and 2 while building, since the defaults differ.
--weights: each fold is scored with the weights that do best (r@5 plus MRR) on the other folds.
"held out" is what to expect of weights chosen so, "chosen on all" the usual, flattering figure.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import Any

import peers
from measuring import (
    ASKING,
    BUILDING,
    REPORTS,
    Table,
    default_shared,
    print_table,
    provenance,
    text_index,
)
from reformqa import Library, Settings
from reformqa.evaluation.metrics import DEPTH, Evaluation, Question, evaluate, read_questions
from reformqa.settings import SearchSettings
from reformqa.tuning import load_tuning
from systems import OURS, System, Worker, find_peers

#: How many hits a timed question wants.
LIMIT = 10
#: The weights that --weights tries.
WEIGHTS = {
    "embedding_weight": (0.3, 0.4, 0.5, 0.7, 1.0),
    "bm25_weight": (0.0, 0.03, 0.06, 0.1),
    "amounts_weight": (0.0, 0.05, 0.1),
}

#: r@5, reciprocal rank and number of facts of one question.
Score = tuple[float, float, int]


@dataclass(frozen=True, slots=True)
class Text:
    """A hit's paragraph, or a peer's chunk: as much of it as scoring looks at."""

    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A hit: as much of it as scoring looks at."""

    paragraph: Text


def turned(question: str, by: int) -> str:
    """Return the question with another of its words first: as long, and not yet remembered."""
    words = question.split()
    words.insert(0, words.pop(-1 - by % len(words)))
    return " ".join(words)


def ask_in_turn(workers: Mapping[str, Worker], texts: Sequence[str], rounds: int) -> Table:
    """Return what asking costs each system, after every question was asked once."""
    for worker in workers.values():
        worker.ask(texts, LIMIT)
    taken: dict[str, list[dict[str, Any]]] = {name: [] for name in workers}
    for n in range(rounds):
        asked = [turned(text, n) for text in texts]
        for name, worker in workers.items():
            taken[name].append(worker.ask(asked, LIMIT))
    return {
        name: {
            "p50 ms": median(median(r["ms"]) for r in of),
            "p95 ms": median(quantiles(r["ms"], n=20, method="inclusive")[-1] for r in of),
            "cores": median(r["cores"] for r in of),
            "MB": of[-1]["MB"],
        }
        for name, of in taken.items()
    }


def start_in_turn(systems: Sequence[System], texts: Sequence[str], times: int) -> Table:
    """Return what a cold start costs each system; the first of each is discarded."""
    costs = {
        system.name: [system.start(texts[n % len(texts)]) for n in range(times + 1)][1:]
        for system in systems
    }
    return {
        name: {"seconds": median(c.seconds for c in of), "MB": max(c.megabytes for c in of)}
        for name, of in costs.items()
    }


def build_each(systems: Sequence[System], corpus: Path) -> Table:
    """Build the indexes of the systems, and return what each costs."""
    table: Table = {}
    for system in systems:
        cost = system.build(corpus)
        # A file of several names (hard links) counts once.
        files = {f.stat().st_ino: f.stat().st_size for f in system.index.rglob("*") if f.is_file()}
        table[system.name] = {
            "seconds": cost.seconds,
            "cpu s": cost.cpu_seconds,
            "MB": cost.megabytes,
            "MB on disk": sum(files.values()) / 1024**2,
        }
    return table


def score_hits(worker: Worker, questions: Sequence[Question]) -> Evaluation:
    """Return the scores of a system's hits by the definitions of `reformqa evaluate`."""
    texts = [q.text for q in questions]
    hits = dict(zip(texts, worker.ask(texts, DEPTH)["texts"], strict=True))
    return evaluate(lambda text, _: [Found(Text(t)) for t in hits[text]], questions)  # type: ignore


def found_tables(evaluations: Mapping[str, Evaluation]) -> dict[str, Table]:
    """Return what was found, over all questions and by type."""
    overall: Table = {
        name: {
            "r@1": found.overall.recall_at[1],
            "r@5": found.overall.recall_at[5],
            "MRR": found.overall.mrr,
            "300w": found.overall.recall_within_words[300],
            "1000w": found.overall.recall_within_words[1000],
        }
        for name, found in evaluations.items()
    }
    by_type: Table = {
        name: {kind: scores.recall_at[5] for kind, scores in found.by_type.items()}
        for name, found in evaluations.items()
    }
    return {"Found": overall, "Found by type, r@5": by_type}


def compare(
    ours: System,
    others: Sequence[System],
    questions: Sequence[Question],
    options: argparse.Namespace,
) -> dict[str, Table]:
    """Build, ask and start every system, and return the tables."""
    texts, systems = [q.text for q in questions], [ours, *others]
    built = build_each(others if options.index else systems, options.shared / "corpus" / "text")
    with ExitStack() as stack:
        workers = {s.name: stack.enter_context(Worker(s)) for s in systems}
        asking = ask_in_turn(workers, texts, options.rounds)
        found = found_tables({name: score_hits(w, questions) for name, w in workers.items()})
    starting = start_in_turn(systems, texts, options.starts)
    return {**found, "Asking": asking, "Cold start": starting, "Build": built}


def score_each(index: Path, weights: Sequence[float], questions: Sequence[Question]) -> list[Score]:
    """Return the score of each question under such weights."""
    search = SearchSettings.model_validate(dict(zip(WEIGHTS, weights, strict=True)))
    library = Library.open(index, Settings(search=search))
    found = (
        evaluate(lambda text, limit: library.search(text, limit=limit), [question]).overall
        for question in questions
    )
    return [(f.recall_at[5], f.mrr, f.facts) for f in found]


def mean(scores: Sequence[Score]) -> tuple[float, float]:
    """Return r@5 and mean reciprocal rank, over facts."""
    facts = sum(n for _, _, n in scores)
    return sum(r * n for r, _, n in scores) / facts, sum(m * n for _, m, n in scores) / facts


def fit_weights(index: Path, questions: Sequence[Question], folds: int) -> Table:
    """Return how weights do that were chosen on other questions, on all of them, or not at all."""
    scores = {
        weights: score_each(index, weights, questions)
        for weights in itertools.product(*WEIGHTS.values())
    }

    def best(on: Sequence[int]) -> tuple[float, ...]:
        return max(scores, key=lambda weights: sum(mean([scores[weights][n] for n in on])))

    order = list(range(len(questions)))
    random.Random(1).shuffle(order)
    held_out: list[Score] = []
    for fold in range(folds):
        test = order[fold::folds]
        chosen = best([n for n in order if n not in test])
        held_out += [scores[chosen][n] for n in test]
    tuned = load_tuning().search
    default = tuple(getattr(tuned, name.removesuffix("_weight")) for name in WEIGHTS)
    means = [mean(of) for of in scores.values()]
    found = {
        "held out": mean(held_out),
        f"chosen on all, {best(order)}": mean(scores[best(order)]),
        f"the defaults, {default}": mean(scores[default]),
        f"mean of {len(scores)}": (fmean(r for r, _ in means), fmean(m for _, m in means)),
    }
    return {name: {"r@5": recall, "MRR": mrr} for name, (recall, mrr) in found.items()}


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=default_shared())
    parser.add_argument("--index", type=Path, help="an index of the five reports as text")
    parser.add_argument("--questions", type=Path, nargs="+", help="instead of the gold ones")
    parser.add_argument("--peers-python", type=Path, help="the Python that has the peers")
    parser.add_argument("--rounds", type=int, default=3, help="timed rounds of all questions")
    parser.add_argument("--starts", type=int, default=3, help="cold starts, besides the first")
    parser.add_argument("--weights", action="store_true", help="fit the weights of the search")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    return parser.parse_args()


def main() -> None:
    """Print the tables."""
    options = arguments()
    gold = [options.shared / "gold" / f"{name}.jsonl" for name in REPORTS]
    questions = read_questions(options.questions or gold)
    settings: dict[str, object] = {"questions": len(questions), "hits": DEPTH}
    if options.weights:
        index = text_index(options.index, options.shared)
        provenance({**settings, "weights": "/".join(WEIGHTS), "folds": options.folds})
        tables = {"Weights": fit_weights(index, questions, options.folds)}
    else:
        with tempfile.TemporaryDirectory() as name:
            ours = System(OURS, sys.executable, options.index or Path(name) / OURS)
            python = options.peers_python
            others, versions = find_peers(python, Path(name)) if python else ([], {})
            absent = [p.name for p in peers.PEERS if p.name not in versions]
            settings |= {"rounds": options.rounds, "starts": options.starts}
            settings |= {"OMP_NUM_THREADS": f"{ASKING} asking, {BUILDING} building", **versions}
            left_out = [f"{', '.join(absent)} (no --peers-python has them)"] * bool(absent)
            provenance(settings, left_out + ["the build of reformqa"] * bool(options.index))
            tables = compare(ours, others, questions, options)
    for title, table in tables.items():
        print_table(title, table)
    if options.json:
        options.json.write_text(json.dumps(tables, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
