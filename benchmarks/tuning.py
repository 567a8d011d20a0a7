"""Choose the weights of the search on questions with known evidence, cross-validated.

    python benchmarks/tuning.py FILE... --index INDEX [--folds 5]

Each fold's weights are those that do best on the questions of the other folds (the mean of the
reciprocal rank and of recall in the first five, over facts); the fold is then scored with them.
"held out" is the mean over folds: what to expect of weights chosen so, on questions of this kind.
"chosen on all" is the usual, flattering figure. The search itself is used, one setting at a time:
what is scored is what users get.
"""

from __future__ import annotations

import argparse
import itertools
import random
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from reformqa import Library, Settings
from reformqa.evaluation.metrics import Question, evaluate, read_questions
from reformqa.settings import SearchSettings

GRID = {
    "embedding_weight": (0.3, 0.4, 0.5, 0.7, 1.0),
    "bm25_weight": (0.0, 0.03, 0.06, 0.1),
    "amounts_weight": (0.0, 0.05, 0.1),
}
#: Recall in the first five and the reciprocal rank of one question, means over its facts.
Score = tuple[float, float, int]


def score_each(library: Library, questions: Sequence[Question]) -> list[Score]:
    """Recall in the first five, reciprocal rank and number of facts of each question."""
    scores = []
    for question in questions:
        found = evaluate(lambda text, limit: library.search(text, limit=limit), [question]).overall
        scores.append((found.recall_at[5], found.mrr, found.facts))
    return scores


def mean(scores: Sequence[Score]) -> tuple[float, float]:
    """Recall in the first five and mean reciprocal rank, over facts."""
    facts = sum(n for _, _, n in scores)
    return sum(r * n for r, _, n in scores) / facts, sum(m * n for _, m, n in scores) / facts


def best(scores: dict[tuple[float, ...], list[Score]], on: Sequence[int]) -> tuple[float, ...]:
    """The weights with the best sum of both measures on those questions."""
    return max(scores, key=lambda weights: sum(mean([scores[weights][n] for n in on])))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--index", type=Path, default=Path("index"))
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    questions = read_questions(arguments.files)
    scores: dict[tuple[float, ...], list[Score]] = {}
    for weights in itertools.product(*GRID.values()):
        search = SearchSettings(**dict(zip(GRID, weights, strict=True)))
        scores[weights] = score_each(
            Library.open(arguments.index, Settings(search=search)), questions
        )
    order = list(range(len(questions)))
    random.Random(arguments.seed).shuffle(order)
    held_out: list[Score] = []
    for fold in range(arguments.folds):
        test = order[fold :: arguments.folds]
        weights = best(scores, sorted(set(order) - set(test)))
        held_out += [scores[weights][n] for n in test]
        print(f"fold {fold + 1}: {dict(zip(GRID, weights, strict=True))}")
    chosen = best(scores, order)
    default = tuple(getattr(SearchSettings(), name) for name in GRID)
    for name, figures in (
        ("held out", mean(held_out)),
        (f"chosen on all, {dict(zip(GRID, chosen, strict=True))}", mean(scores[chosen])),
        ("the defaults", mean(scores[default])),
        (
            "mean of the grid",
            (
                fmean(mean(s)[0] for s in scores.values()),
                fmean(mean(s)[1] for s in scores.values()),
            ),
        ),
    ):
        print(f"r@5 {figures[0]:.3f}  MRR {figures[1]:.3f}  {name}")


if __name__ == "__main__":
    main()
