"""The version of the rules that turn parsed reports into an index.

A build made under other rules is made again, and so are the recommendations and passages in the
parse cache. The rules are the code that makes passages, recommendations, duplicates and terms;
`PARSER_VERSION` covers the parsers in the same way, `SCHEMA_VERSION` the form of the files. A test
compares a digest of the rules' source, comments and docstrings aside, with the one recorded for
this version, so a changed rule without a new version fails.
"""

from __future__ import annotations

#: Raise it when one of the rules changes what a build contains.
PIPELINE_VERSION = 4

#: The modules, below the package, that are rules.
RULES = (
    "ingest/duplicates.py",
    "ingest/passages.py",
    "ingest/prepare.py",
    "models/token_reduction.py",
    "pipeline/contents.py",
    "recommendations/copies.py",
    "recommendations/evidence.py",
    "recommendations/finding.py",
    "recommendations/labelled.py",
    "recommendations/lettered.py",
    "recommendations/lists.py",
    "recommendations/responses.py",
    "recommendations/soundness.py",
    "recommendations/statements.py",
    "recommendations/titled.py",
    "recommendations/weights.py",
    "sorted_runs.py",
    "storage/files/bm25.py",
    "storage/files/dense.py",
    "storage/files/postings.py",
    "storage/files/tokens.py",
    "storage/okapi.py",
    "text/acronyms.py",
    "text/context.py",
    "text/labels.py",
    "text/sentences.py",
    "text/similarity.py",
    "text/tokens.py",
)
