"""The crosswalk and the themes of recommendations, scored on judgements by hand.

`crosswalk.tsv` labels pairs of recommendations, by their ids in the gold truth: "same" (the same
matter, and one measure would do for both), "related" (the same matter, another measure) or
"different". `themes.tsv` says whether someone who looks for a recommendation would look under the
name of its theme: "fits", "near" (the theme is about something beside it) or "wrong".
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from evidence import share
from measuring import Table
from reformqa import Library
from reformqa.recommendations.themes import OTHER
from reformqa.text.similarity import letters

HERE = Path(__file__).parent
ALIKE = ("same", "related")
#: The least similarities at which matches are counted; None is the library's own threshold.
LEAST = (0.70, 0.66, None, 0.58, 0.50, -1.0)

Labels = Mapping[frozenset[str], str]


def read_names(library: Library, shared: Path) -> dict[str, str]:
    """Return the ids of the library's recommendations by those in the gold truth."""
    found = {(r.report_id, letters(r.text)): r.id for r in library.recommendations()}
    truth = json.loads((shared / "gold" / "recommendations.json").read_text("utf-8"))
    keys = {
        t["id"]: (t["id"].split("/")[0], letters(t["text"])) for of in truth.values() for t in of
    }
    return {name: found[key] for name, key in keys.items() if key in found}


def read_pairs(names: Mapping[str, str]) -> Labels:
    """Return the label of each judged pair of recommendations of the library."""
    with (HERE / "crosswalk.tsv").open(encoding="utf-8", newline="") as lines:
        return {
            frozenset((names[row["one"]], names[row["other"]])): row["label"]
            for row in csv.DictReader(lines, delimiter="\t")
            if row["one"] in names and row["other"] in names
        }


def crosswalk_table(library: Library, labels: Labels) -> Table:
    """Return precision and recall of the matches at several thresholds.

    Recall is of the matches judged alike that are found without a threshold.
    """
    every = [frozenset((m.one.id, m.other.id)) for m in library.crosswalk(least=-1)]
    alike = sum(labels.get(pair) in ALIKE for pair in every)
    table: Table = {}
    for least in LEAST:
        found = library.crosswalk() if least is None else library.crosswalk(least=least)
        judged = [labels.get(frozenset((m.one.id, m.other.id))) for m in found]
        name = f"{found.threshold:.2f} (used)" if least is None else f"{least:.2f}"
        table["any" if found.threshold < 0 else name] = {
            "matches": len(judged),
            "P same": share(label == "same" for label in judged),
            "P alike": share(label in ALIKE for label in judged),
            "R alike": sum(label in ALIKE for label in judged) / max(1, alike),
            "not judged": sum(label is None for label in judged),
        }
    return table


def levels_table(library: Library, labels: Labels) -> Table:
    """Return how well the cosine tells the same measure from other pairs that were judged.

    The pairs are those of a recommendation and the nearest of another publisher. "fitted" has the
    threshold with the best F1 over all pairs; "held out" has for the pairs of each report the
    threshold that is best for the pairs without it.
    """
    similarity = {
        frozenset((recommendation.id, s.recommendation.id)): s.similarity
        for recommendation in library.recommendations()
        for s in library.similar(recommendation.id, least=-1)
    }
    report_of = {r.id: r.report_id for r in library.recommendations()}
    pairs = [(similarity[p], label == "same", p) for p, label in labels.items() if p in similarity]
    fitted = _best_threshold([(score, same) for score, same, _ in pairs])
    held_out: list[tuple[bool, bool]] = []
    for report in sorted(set(report_of.values())):
        own = [report in {report_of[i] for i in pair} for *_, pair in pairs]
        others = [p[:2] for p, is_own in zip(pairs, own, strict=True) if not is_own]
        least = _best_threshold(others)
        held_out += [(p[0] >= least, p[1]) for p, is_own in zip(pairs, own, strict=True) if is_own]
    return {
        f"fitted, {fitted:.2f}": _scores([(score >= fitted, same) for score, same, _ in pairs]),
        "held out": _scores(held_out),
    }


def _best_threshold(pairs: Sequence[tuple[float, bool]]) -> float:
    """Return the threshold with the best F1 for pairs of a cosine and whether they are the same."""
    steps = sorted({round(score, 2) for score, _ in pairs})
    return max(steps, key=lambda t: (_scores([(s >= t, same) for s, same in pairs])["F1"], t))


def _scores(told: Sequence[tuple[bool, bool]]) -> dict[str, float]:
    """Return precision, recall and F1 of pairs: whether told to be the same, and whether it is."""
    both = sum(said and same for said, same in told)
    said, same = sum(said for said, _ in told), sum(same for _, same in told)
    return {
        "told": said,
        "P same": both / max(1, said),
        "R same": both / max(1, same),
        "F1": 2 * both / max(1, said + same),
    }


def themes_table(library: Library, names: Mapping[str, str]) -> Table:
    """Return how many recommendations of each theme fit its name."""
    with (HERE / "themes.tsv").open(encoding="utf-8", newline="") as lines:
        labels = {
            (names.get(row["recommendation"]), row["theme"]): row["label"]
            for row in csv.DictReader(lines, delimiter="\t")
        }
    counts: dict[str, Counter[str]] = {
        theme.name: Counter(
            labels.get((r.id, theme.name), "not judged") for r in theme.recommendations
        )
        for theme in library.themes
    }
    counts["all"] = sum(counts.values(), Counter())
    columns = ("fits", "near", "wrong", "not judged")
    return {
        name: {"size": count.total(), **{column: count[column] for column in columns}}
        for name, count in counts.items()
    }


def together_table(library: Library, labels: Labels) -> Table:
    """Return the share of the pairs of each label that one theme brings together.

    The recommendations that fit no theme are together in none.
    """
    theme_of = {r.id: theme.name for theme in library.themes for r in theme.recommendations}
    pairs = [([theme_of[i] for i in pair], label) for pair, label in labels.items()]
    return {
        "pairs in one theme": {
            wanted: share(a == b != OTHER for (a, b), label in pairs if label == wanted)
            for wanted in (*ALIKE, "different")
        }
    }
