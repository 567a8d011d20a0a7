"""Fit and measure the evidence for recommendations, leaving out one document at a time.

    python benchmarks/recommendations.py FOLDER ... [--fit] [--misses]

Good for: seeing what a change to the rules or the features does to reports that the weights were
not made with, and making the weights anew (--fit writes them to recommendations/evidence.toml).
Needs: folders with the labelled documents, PDF or text; those not found are left out, and named.

`recommendation_labels.json` says by document which paragraphs state or restate a recommendation and
which are unsure and not used. A paragraph is named by the first 12 figures of the SHA-256 of the
first 60 letters of its text, so none of the reports' text is here; a reader that joins paragraphs
otherwise keeps the label as long as they begin alike. A document with an empty list has none.

paragraphs: the classifier alone on paragraphs of documents that it was not fitted with. records:
what `find_recommendations` returns with weights fitted without the document; a record is right if
its own paragraph is labelled, and a recommendation is missed if no record has one of the labelled
paragraphs of its group, which are joined as copies are.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from measuring import provenance
from reformqa.model import Paragraph, Report
from reformqa.parsing import parse
from reformqa.recommendations import evidence
from reformqa.recommendations.finding import find_recommendations
from reformqa.text.similarity import letters

LABELS = Path(__file__).with_name("recommendation_labels.json")
TABLE = Path(evidence.__file__).with_name("evidence.toml")
#: Inverse strength of the regularisation: weights stay small enough to compare.
STRENGTH = 0.3
#: How much a paragraph without a recommendation counts, of a document that has some, and of others:
#: the former number hundreds for each recommendation.
Labels = Mapping[str, Mapping[str, Sequence[str]]]
