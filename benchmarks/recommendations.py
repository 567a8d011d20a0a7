"""Fit and measure the evidence for recommendations, leaving out one document at a time.

    python benchmarks/recommendations.py FOLDER ... [--fit] [--misses]

Good for: seeing what a change to the rules or to the features does to documents that the weights
were not made with, and making the weights anew (--fit writes recommendations/weights.py). Needs:
folders with the labelled documents (PDF); those not found are left out, and named.

`recommendation_labels.json` has, by document, the recommendations, each with the paragraphs that
state or repeat it, and the paragraphs that are unsure and not used. A paragraph is named by 12
figures of the SHA-256 of the first 60 letters of its text, so none of the reports' text is here,
and a reader that ends paragraphs elsewhere keeps the label. `others` have none: acts, rules,
guidelines, policies, and responses.

words: the classifier alone, fitted without the document, on its paragraphs: average precision, and
precision and recall where `evidence.POSSIBLE` is the least. records: what `find_recommendations`
returns with these weights. A record is right if a paragraph of it states or repeats a
recommendation that no other record has; one of unsure paragraphs does not count.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from measuring import Row, Table, print_table, provenance
from reformqa.errors import UnreadableFileError
from reformqa.model import Paragraph, Report
from reformqa.parsing import parse
from reformqa.recommendations import evidence, weights
from reformqa.recommendations.finding import find_recommendations
from reformqa.text.similarity import letters

LABELS = Path(__file__).with_name("recommendation_labels.json")
MODULE = Path(weights.__file__)
#: Inverse strength of the regularisation (scikit-learn's C): no weight rests on a few paragraphs.
STRENGTH = 0.3
#: What the paragraphs of a document count together: those that recommend, and the others; and those
#: of a document without recommendations. A document counts the same however long it is.
RECOMMENDING, OTHERS, WITHOUT = 30.0, 90.0, 15.0
#: The folds in which documents without recommendations are left out.
FOLDS = 5
#: Plain words of demand; of a report's own prose they are neither right nor wrong.
DEMANDING = frozenset({"recommends", "urges", "addressed", "should", "must", "orders", "essential"})


@dataclass
class Document:
    """A labelled document: the labels and the features of its paragraphs that are used."""

    report: Report
    recommendations: Sequence[Sequence[str]] = ()
    unsure: frozenset[str] = frozenset()
    found: list[frozenset[str]] = field(default_factory=list)
    states: list[bool] = field(default_factory=list)


def name(paragraph: Paragraph) -> str:
    """Return the name of a paragraph in the labels."""
    return hashlib.sha256(letters(paragraph.text)[:60].encode()).hexdigest()[:12]


def read(folders: Sequence[Path], labels: Mapping[str, dict[str, object]]) -> dict[str, Document]:
    """Return the labelled documents found in the folders, by id."""
    documents: dict[str, Document] = {}
    for path in sorted(p for folder in folders for p in folder.glob("*.pdf")):
        try:
            report = parse(path)
        except UnreadableFileError:
            continue
        if report.id in documents or report.id not in {*labels["recommending"], *labels["others"]}:
            continue
        given = labels["recommending"].get(report.id, {})
        unsure = frozenset(given.get("unsure", labels["others"].get(report.id, ())))
        document = Document(report, given.get("recommendations", ()), unsure)
        prose = bool(given.get("prose_demands"))
        known = {key for keys in document.recommendations for key in keys}
        for p in report.paragraphs:
            if not p.searchable or p.kind in ("caption", "table") or name(p) in unsure:
                continue
            found, states = frozenset(evidence.features(p.text)), name(p) in known
            if states or not (prose and found & DEMANDING):
                document.found.append(found)
                document.states.append(states)
        documents[report.id] = document
    return documents


def fit(documents: Sequence[Document]) -> tuple[float, dict[str, float]]:
    """Return the constant and the weight of each feature."""
    names = sorted({n for d in documents for found in d.found for n in found})
    rows, truth, counts = [], [], []
    for d in documents:
        stating = sum(d.states)
        for found, states in zip(d.found, d.states, strict=True):
            rows.append([n in found for n in names])
            truth.append(states)
            whole = (RECOMMENDING if states else OTHERS) if stating else WITHOUT
            counts.append(whole / (stating if states else len(d.states) - stating))
    model = LogisticRegression(C=STRENGTH, max_iter=1000)
    model.fit(np.array(rows, float), np.array(truth), sample_weight=np.array(counts))
    return float(model.intercept_[0]), dict(zip(names, map(float, model.coef_[0]), strict=True))


@contextmanager
def using(constant: float, table: Mapping[str, float]) -> Iterator[None]:
    """Let the evidence use these weights for a while."""
    before = evidence.CONSTANT, dict(evidence.WEIGHTS)
    try:
        evidence.CONSTANT = constant
        evidence.WEIGHTS.clear()
        evidence.WEIGHTS.update(table)
        evidence.demand.cache_clear()
        yield
    finally:
        evidence.CONSTANT = before[0]
        evidence.WEIGHTS.clear()
        evidence.WEIGHTS.update(before[1])
        evidence.demand.cache_clear()


def measure(document: Document, constant: float, table: Mapping[str, float], misses: bool) -> Row:
    """Return the figures of a document that the weights were not made with."""
    row: Row = {}
    if any(document.states):
        scores = [constant + sum(table.get(n, 0.0) for n in found) for found in document.found]
        row["words AP"] = float(average_precision_score(document.states, scores))
    with using(constant, table):
        records = find_recommendations(document.report)
    by_id = {p.id: name(p) for p in document.report.paragraphs}
    left = dict(enumerate(map(set, document.recommendations)))
    right = wrong = 0
    for record in records:
        keys = [by_id[record.stated], *(by_id[i] for i in record.restated)]
        match = next((n for n, group in left.items() if group & set(keys)), None)
        if match is not None:
            del left[match]
            right += 1
        elif keys[0] not in document.unsure:
            wrong += 1
            if misses:
                print(f"  wrong  {document.report.id}: {record.text[:90]}")
    if misses:
        for group in left.values():
            texts = [p.text for p in document.report.paragraphs if name(p) in group]
            print(f"  missed {document.report.id}: {(texts or ['?'])[0][:90]}")
    total = len(document.recommendations)
    row |= {"true": total, "found": right + wrong, "right": right}
    row["F1"] = 2 * right / (total + right + wrong) if total else None
    return row


def write(constant: float, table: Mapping[str, float], documents: Mapping[str, Document]) -> None:
    """Write the weights, with what they were made from."""
    stating = sum(sum(d.states) for d in documents.values())
    paragraphs = sum(len(d.states) for d in documents.values())
    recommending = sum(bool(d.recommendations) for d in documents.values())
    lines = [
        '"""The weights of the features of `evidence`, in log-odds.',
        "",
        "Made by `python benchmarks/recommendations.py --fit`; do not edit. Fitted to",
        f"{paragraphs:,} paragraphs, {stating} of which recommend, of {len(documents)} documents,",
        f"{recommending} of which have recommendations (`benchmarks/recommendation_labels.json`).",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        f"CONSTANT = {constant:.2f}",
        "",
        "WEIGHTS = {",
        *(f'    "{n}": {w:.2f},' for n, w in sorted(table.items(), key=lambda item: -item[1])),
        "}",
        "",
    ]
    MODULE.write_text("\n".join(lines), "utf-8")


def main() -> None:
    """Print a line for each document with recommendations, and one for those without."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--fit", action="store_true", help="write the weights of all documents")
    parser.add_argument("--misses", action="store_true", help="list every difference")
    options = parser.parse_args()
    labels = json.loads(LABELS.read_text("utf-8"))
    documents = read(options.folders, labels)
    absent = sorted({*labels["recommending"], *labels["others"]} - documents.keys())
    provenance({"documents": len(documents)}, absent)
    folds: dict[object, list[str]] = defaultdict(list)
    others = [key for key, d in documents.items() if not d.recommendations]
    for key in documents:
        folds[others.index(key) % FOLDS if key in others else key].append(key)
    table: Table = {}
    for held in folds.values():
        made = fit([d for key, d in documents.items() if key not in held])
        table |= {key: measure(documents[key], *made, options.misses) for key in held}
    shown = {key: row for key, row in table.items() if key not in others}
    sums = {n: sum(int(row[n] or 0) for row in shown.values()) for n in ("true", "found", "right")}
    shown["all"] = {**sums, "F1": 2 * sums["right"] / (sums["true"] + sums["found"])}
    print_table("left out", shown)
    false = {key: int(table[key]["found"] or 0) for key in others}
    print(f"{len(others)} documents without: {sum(false.values())} records of", end=" ")
    print(", ".join(f"{key} ({n})" for key, n in false.items() if n) or "none")
    if options.fit:
        write(*fit(list(documents.values())), documents)


if __name__ == "__main__":
    main()
