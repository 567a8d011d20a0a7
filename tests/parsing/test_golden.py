"""Two made-up reports are parsed as their golden files say.

`REFORMQA_REWRITE_GOLDEN=1 pytest tests/parsing/test_golden.py` rewrites the golden files and
skips the tests. Read the difference before keeping it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from reformqa.parsing import parse
from reformqa.recommendations.finding import find_recommendations
from support.golden import FLAG, in_lines
from support.places import PROJECT

DATA = PROJECT / "tests" / "data"


def as_read(path: Path) -> dict[str, Any]:
    """Return what the parser makes of a file, without ids and line numbers."""
    report = parse(path)
    facts = ("title", "subtitle", "authors", "publisher", "published", "series", "licence", "url")
    texts = {p.id: p.text for p in report.paragraphs}
    return {
        "facts": {name: getattr(report, name) for name in facts},
        "warnings": report.warnings,
        "sections": [[s.level, s.kind, s.title] for s in report.sections],
        "paragraphs": [[p.kind, " > ".join(p.section_path), p.text] for p in report.paragraphs],
        "recommendations": [
            {
                "label": r.label,
                "text": r.text,
                "sub_items": r.sub_items,
                "section": " > ".join(r.section_path),
                "stated": texts[r.stated],
                "restated": [texts[i] for i in r.restated],
            }
            for r in find_recommendations(report)
        ],
    }


@pytest.mark.parametrize("name", ["orchard-lanes.md", "harbour-watch.txt"])
def test_a_made_up_report_is_read_as_its_golden_file_says(name: str):
    golden = (DATA / name).with_suffix(".golden.json")
    found = in_lines(as_read(DATA / name))
    if os.environ.get(FLAG) == "1":
        golden.write_text(found, encoding="utf-8")
        pytest.skip(f"{golden.name} rewritten")
    assert json.loads(found) == json.loads(golden.read_text(encoding="utf-8"))


def test_golden_files_are_never_rewritten_by_ci():
    assert not (os.environ.get("CI") == "true" and FLAG in os.environ), f"unset {FLAG} in CI"
