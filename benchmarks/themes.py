"""Score the themes of recommendations on judgements by hand.

    python benchmarks/themes.py [--index index] [--shared ../shared]

`themes.tsv` says of recommendations, by their ids in the truth, whether one who looks for them
would look under the name of their theme: "fits", "near" (it is about something else besides, or
beside it) or "wrong". One whose theme has another name now was not judged.
Together: of the pairs in `crosswalk.tsv`, the share that fall into one theme, by what they were
judged; "others" holds nothing together. For comparison, as many clusters by Ward's method on the
same vectors, which have no names, and the same themes dealt out by lot (the mean of 200 times).
Similar: the nearest recommendation at each other think tank from a similarity up, for each
recommendation: how many there are, how many were judged alike and the same, for how many
recommendations there is any.
"""

from __future__ import annotations

import argparse
import csv
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.cluster import AgglomerativeClustering

from crosswalk import ALIKE, Labels, read_labels, read_names
from reformqa import Library, Theme
from reformqa.recommendations.crosswalk import THRESHOLD
from reformqa.recommendations.themes import OTHER
from reformqa.storage.files.store import Snapshot

LOTS = 200
SIMILARITIES = (0.70, 0.65, THRESHOLD, 0.58, 0.55, 0.50, -1.0)


def print_judged(themes: Sequence[Theme], names: Mapping[str, str], file: Path) -> None:
    """A line for each theme: how many of its recommendations fit."""
    with file.open(encoding="utf-8", newline="") as lines:
        labels = {
            (names[row["recommendation"]], row["theme"]): row["label"]
            for row in csv.DictReader(lines, delimiter="\t")
        }
    columns = ("fits", "near", "wrong", "")
    print(f"{'theme':36}{'all':>5}{'fits':>6}{'near':>6}{'wrong':>7}{'not judged':>12}")
    total: Counter[str] = Counter()
    for theme in themes:
        judged = Counter(labels.get((r.id, theme.name), "") for r in theme.recommendations)
        total += judged
        fits, near, wrong, unknown = (judged[c] for c in columns)
        size = len(theme.recommendations)
        print(f"{theme.name:36}{size:5}{fits:6}{near:6}{wrong:7}{unknown:12}")
    fits, near, wrong, unknown = (total[c] for c in columns)
    print(f"{'all':36}{total.total():5}{fits:6}{near:6}{wrong:7}{unknown:12}")


def together(theme_of: Mapping[str, str], labels: Labels) -> str:
    """The shares of the pairs of each label that fall into one theme."""
    shares = []
    for wanted in (*ALIKE, "different"):
        pairs = [[theme_of[i] for i in pair] for pair, label in labels.items() if label == wanted]
        one = sum(a == b != OTHER for a, b in pairs)
        shares.append(f"{one / len(pairs):10.3f}")
    return "".join(shares)


def print_together(themes: Sequence[Theme], snapshot: Snapshot, labels: Labels) -> None:
    """A line for the themes, for Ward's clusters, and for lots."""
    recommendations = snapshot.recommendations()
    ids = [r.id for r in recommendations]
    of = {r.id: t.name for t in themes for r in t.recommendations}
    ward = AgglomerativeClustering(len(themes)).fit_predict(snapshot.recommendation_vectors)
    drawn = random.Random(1)
    lots = [
        dict(zip(ids, drawn.sample([of[i] for i in ids], len(ids)), strict=True))
        for _ in range(LOTS)
    ]
    print(f"{'together':12}{'same':>10}{'related':>10}{'different':>10}")
    print(f"{'themes':12}{together(of, labels)}")
    print(f"{'Ward':12}{together(dict(zip(ids, map(str, ward), strict=True)), labels)}")
    shares = np.array([[float(s) for s in together(lot, labels).split()] for lot in lots])
    print(f"{'by lot':12}{''.join(f'{share:10.3f}' for share in shares.mean(axis=0))}")


def print_similar(library: Library, labels: Labels) -> None:
    """A line for each similarity."""
    print("similar     pairs  P same  P alike  for")
    for least in SIMILARITIES:
        found = {
            r.id: [
                frozenset((r.id, s.recommendation.id)) for s in library.similar(r.id, least=least)
            ]
            for r in library.recommendations()
        }
        judged = [labels[pair] for pairs in found.values() for pair in pairs]
        alike = sum(label in ALIKE for label in judged)
        print(
            f"{'any' if least < 0 else f'{least:.2f}':8}{len(judged):9}"
            f"{judged.count('same') / len(judged):8.3f}{alike / len(judged):9.3f}"
            f"{sum(map(bool, found.values())):5}{'  <' if least == THRESHOLD else ''}"
        )


def main() -> None:
    """Print what was judged, what falls together, and what is similar."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, default=Path("index"))
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    options = parser.parse_args()
    library, snapshot = Library.open(options.index), Snapshot(options.index)
    here, truth = Path(__file__).parent, options.shared / "gold" / "recommendations.json"
    names = read_names(truth, snapshot.recommendations())
    labels = read_labels(here / "crosswalk.tsv", truth, snapshot.recommendations())
    library.search("anything")  # loads the encoder, which is not what is timed
    started = time.perf_counter()
    themes = library.themes
    print(f"{time.perf_counter() - started:.2f} seconds\n")
    print_judged(themes, names, here / "themes.tsv")
    print()
    print_together(themes, snapshot, labels)
    print()
    print_similar(library, labels)


if __name__ == "__main__":
    main()
