"""The weights of the features of `evidence`, in log-odds.

Made by `python benchmarks/recommendations.py --fit`; do not edit. Fitted to
41,722 paragraphs, 364 of which recommend, of 108 documents,
10 of which have recommendations (`benchmarks/recommendation_labels.json`).
"""

from __future__ import annotations

CONSTANT = -3.18

WEIGHTS = {
    "should": 2.79,
    "performs": 2.25,
    "addressed": 1.87,
    "recommends": 1.49,
    "speaks of recommendations": 1.48,
    "orders": 1.32,
    "urges": 0.75,
    "must": 0.52,
    "opens with who": 0.50,
    "opens with that": 0.26,
    "should be done": 0.11,
    "shall": 0.07,
    "essential": -0.02,
    "should have been": -0.09,
    "example": -0.10,
    "reported": -0.15,
    "answers": -0.20,
    "figures": -0.33,
    "states": -0.35,
    "question": -0.36,
    "may be done": -0.38,
    "asks whether": -0.39,
    "opens with a link": -0.42,
    "opens with a quotation": -0.45,
    "opens with a comment": -0.59,
    "short": -0.93,
    "past": -0.93,
    "law": -0.97,
    "opens in mid-sentence": -1.06,
    "ends without a stop": -1.44,
}
