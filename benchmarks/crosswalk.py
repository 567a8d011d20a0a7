"""Score the crosswalk of recommendations on pairs judged by hand.

    python benchmarks/crosswalk.py [--index index] [--shared ../shared]

`crosswalk.tsv` has pairs of recommendations by their ids in the truth and a label each: "same"
(the same matter, and one measure would do for both), "related" (the same matter, another measure)
or "different". Truth and index are brought together by the letters of the texts.

Texts: what may stand for a recommendation. AP is the average precision of the cosines of all pairs
of two publishers (those that were not judged count as different); "matches" are the mutual nearest
neighbours without a threshold, "same" and "alike" (same or related) how many of them were judged
so.
Thresholds: precision for both meanings; recall of the matches judged alike without a threshold;
their F1 and F0.5; "pairs", the share of all pairs judged same that are matches, and "matters", of
the groups that such pairs form the share one of whose pairs is. A line where something changes.
Held out: each two reports of different publishers are compared on their own, at the threshold that
does best (by F0.5) on the others; "chosen on all" is the usual, flattering figure.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from reformqa.model import Recommendation
from reformqa.recommendations.crosswalk import THRESHOLD, Match, find_matches
from reformqa.storage.files.store import Snapshot
from reformqa.text.similarity import letters

Vectors = NDArray[np.float32]
Pair = frozenset[str]
Labels = Mapping[Pair, str]
ALIKE = ("same", "related")
#: In the F measure that chooses: a wrong row costs a reader more than a missing one.
PRECISION = 0.5
TEXTS: dict[str, Callable[[Recommendation], tuple[str, ...]]] = {
    "words": lambda r: (r.text,),
    "words, sub-items": lambda r: (r.text, *r.sub_items),
    "heading, words": lambda r: (*(f"{t}." for t in r.section_path[-1:]), r.text),
    "heading, words, sub-items": lambda r: (
        *(f"{t}." for t in r.section_path[-1:]),
        r.text,
        *r.sub_items,
    ),
    "path, words": lambda r: (*(f"{t}." for t in r.section_path), r.text),
    "path, words, sub-items": lambda r: (
        *(f"{t}." for t in r.section_path),
        r.text,
        *r.sub_items,
    ),
}


def read_names(truth: Path, recommendations: Sequence[Recommendation]) -> Mapping[str, str]:
    """The ids of records by those in the truth, of those that the index has."""
    of = {(r.report_id, letters(r.text)): r.id for r in recommendations}
    known = json.loads(truth.read_text(encoding="utf-8"))
    keys = {
        t["id"]: (t["id"].split("/")[0], letters(t["text"])) for ts in known.values() for t in ts
    }
    return {name: of[key] for name, key in keys.items() if key in of}


def read_labels(file: Path, truth: Path, recommendations: Sequence[Recommendation]) -> Labels:
    """The label of each pair of records' ids. Raises KeyError where the index lacks a record."""
    names = read_names(truth, recommendations)
    with file.open(encoding="utf-8", newline="") as lines:
        return {
            frozenset((names[row["one"]], names[row["other"]])): row["label"]
            for row in csv.DictReader(lines, delimiter="\t")
        }


def label(labels: Labels, match: Match) -> str:
    """What the two were judged. Raises KeyError where they were not."""
    return labels[frozenset((match.one.id, match.other.id))]


def average_precision(
    recommendations: Sequence[Recommendation],
    vectors: Vectors,
    publishers: Mapping[str, str],
    labels: Labels,
    wanted: Sequence[str],
) -> float:
    """That of the cosines of all pairs of two publishers, for the pairs of those labels."""
    cosines = vectors @ vectors.T
    pairs = [
        (labels.get(frozenset((a.id, b.id))) in wanted, cosines[n, m])
        for (n, a), (m, b) in itertools.combinations(enumerate(recommendations), 2)
        if publishers[a.report_id] != publishers[b.report_id]
    ]
    return float(average_precision_score([w for w, _ in pairs], [c for _, c in pairs]))


def f_measure(
    matches: Sequence[Match], labels: Labels, threshold: float, beta: float = 1.0
) -> float:
    """The mean of precision and recall of what was judged alike; `beta` is recall's weight."""
    kept = [label(labels, m) in ALIKE for m in matches if m.similarity >= threshold]
    total = sum(label(labels, m) in ALIKE for m in matches)
    return (1 + beta**2) * sum(kept) / max(1, len(kept) + beta**2 * total)


def best_threshold(matches: Sequence[Match], labels: Labels) -> float:
    """The similarity at which to cut for the best F0.5."""
    return max(
        (m.similarity for m in matches), key=lambda t: f_measure(matches, labels, t, PRECISION)
    )


def matters(labels: Labels) -> list[set[str]]:
    """The groups that the pairs judged same form."""
    groups: list[set[str]] = []
    for pair in (p for p, judged in labels.items() if judged == "same"):
        touched = [g for g in groups if g & pair]
        groups = [g for g in groups if not g & pair] + [set(pair).union(*touched)]
    return groups


def print_texts(snapshot: Snapshot, labels: Labels, publishers: Mapping[str, str]) -> None:
    """A line for each text that may stand for a recommendation."""
    recommendations = snapshot.recommendations()
    print(f"{'text':28}AP same  AP alike  matches  same  alike")
    for name, text in TEXTS.items():
        vectors = snapshot.encoder.sentence_vectors([" ".join(text(r)) for r in recommendations])
        given = (recommendations, vectors, publishers, labels)
        same, alike = (average_precision(*given, wanted) for wanted in (("same",), ALIKE))
        matches = find_matches(recommendations, vectors, publishers, -1)
        judged = Counter(labels.get(frozenset((m.one.id, m.other.id)), "") for m in matches)
        print(
            f"{name:28}{same:7.3f}{alike:10.3f}{len(matches):9}{judged['same']:6}"
            f"{judged['same'] + judged['related']:7}"
        )


def print_curve(matches: Sequence[Match], labels: Labels) -> None:
    """A line for each threshold, from each match's similarity down."""
    same = {pair for pair, judged in labels.items() if judged == "same"}
    alike = sum(label(labels, m) in ALIKE for m in matches)
    print("threshold  matches  P same  P alike  R alike     F1   F0.5  pairs  matters")
    before = 0
    for threshold in (*np.arange(0.70, 0.44, -0.01).round(2), -1):
        kept = [m for m in matches if m.similarity >= threshold]
        if len(kept) == before and threshold >= 0:
            continue
        before = len(kept)
        judged = Counter(label(labels, m) for m in kept)
        right = judged["same"] + judged["related"]
        pairs = {frozenset((m.one.id, m.other.id)) for m in kept} & same
        met = sum(any(p <= g for p in pairs) for g in matters(labels))
        print(
            f"{'none' if threshold < 0 else f'{threshold:.2f}':>9}{len(kept):9}"
            f"{judged['same'] / max(1, len(kept)):8.3f}{right / max(1, len(kept)):9.3f}"
            f"{right / alike:9.3f}{f_measure(matches, labels, threshold):7.3f}"
            f"{f_measure(matches, labels, threshold, PRECISION):7.3f}"
            f"{len(pairs) / len(same):7.3f}{met / len(matters(labels)):9.3f}"
            f"{'  <' if threshold == THRESHOLD else ''}"
        )


def print_held_out(snapshot: Snapshot, labels: Labels, publishers: Mapping[str, str]) -> None:
    """How a threshold chosen on other reports does, over all pairs of reports."""
    recommendations = snapshot.recommendations()
    vectors = snapshot.recommendation_vectors
    compared = [
        find_matches(
            [recommendations[n] for n in rows], vectors[rows], {r: r for r in publishers}, -1
        )
        for pair in itertools.combinations(sorted(publishers), 2)
        if len({publishers[r] for r in pair}) == 2
        for rows in [[n for n, r in enumerate(recommendations) if r.report_id in pair]]
    ]
    everything = [m for matches in compared for m in matches]
    thresholds = [
        best_threshold([m for other in compared if other is not held for m in other], labels)
        for held in compared
    ]
    ways = {
        "held out": thresholds,
        "chosen on all": [best_threshold(everything, labels)] * len(compared),
        f"{THRESHOLD:.2f}": [THRESHOLD] * len(compared),
        "none": [-1.0] * len(compared),
    }
    alike = sum(label(labels, m) in ALIKE for m in everything)
    print(f"{len(compared)} pairs of reports  threshold  matches  P same  P alike  R alike")
    for name, cuts in ways.items():
        kept = [
            label(labels, m)
            for matches, cut in zip(compared, cuts, strict=True)
            for m in matches
            if m.similarity >= cut
        ]
        right = sum(judged in ALIKE for judged in kept)
        low, high = (f"{t:.2f}" if t >= 0 else "-" for t in (min(cuts), max(cuts)))
        print(
            f"{name:18}{low if low == high else f'{low}-{high}':>11}{len(kept):9}"
            f"{kept.count('same') / len(kept):8.3f}{right / len(kept):9.3f}{right / alike:9.3f}"
        )


def main() -> None:
    """Print what the texts, the threshold and a threshold chosen elsewhere give."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, default=Path("index"))
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    options = parser.parse_args()
    snapshot = Snapshot(options.index)
    recommendations = snapshot.recommendations()
    labels = read_labels(
        Path(__file__).with_suffix(".tsv"),
        options.shared / "gold" / "recommendations.json",
        recommendations,
    )
    publishers = {r.id: r.publisher for r in snapshot.reports.values()}
    print(dict(Counter(labels.values())), "matters:", len(matters(labels)), end="\n\n")
    print_texts(snapshot, labels, publishers)
    print()
    vectors = snapshot.recommendation_vectors
    print_curve(find_matches(recommendations, vectors, publishers, -1), labels)
    print()
    print_held_out(snapshot, labels, publishers)


if __name__ == "__main__":
    main()
