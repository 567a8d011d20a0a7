"""The weights of the features of `evidence`, in log-odds.

Made by `python benchmarks/recommendations.py --fit`; do not edit. Fitted to
41,775 paragraphs, 358 of which recommend, of 108 documents,
9 of which have recommendations (`benchmarks/recommendation_labels.json`).
"""

from __future__ import annotations

CONSTANT = -3.43

WEIGHTS = {
    "should": 2.75,
    "performs": 2.35,
    "addressed": 2.08,
    "speaks of recommendations": 1.64,
    "recommends": 1.56,
    "orders": 1.48,
    "urges": 0.78,
    "opens with who": 0.54,
    "opens with that": 0.27,
    "shall": 0.10,
    "must": 0.03,
    "should be done": -0.00,
    "example": -0.00,
    "essential": -0.01,
    "should have been": -0.07,
    "reported": -0.13,
    "answers": -0.16,
    "figures": -0.20,
    "opens with a link": -0.26,
    "states": -0.30,
    "question": -0.31,
    "may be done": -0.36,
    "opens with a quotation": -0.40,
    "asks whether": -0.51,
    "opens with a comment": -0.52,
    "short": -0.83,
    "past": -0.86,
    "law": -0.90,
    "opens in mid-sentence": -0.99,
    "ends without a stop": -1.34,
}
