"""Score what the parser makes of the five reports against the hand-made truth.

    python benchmarks/structure.py [--shared ../shared] [--json]

Sections: recall and precision of headings (matched by source line; figure and table captions and
entries that the truth calls optional are left out), and of those found the share with the right
level, parent and title. Paragraphs: the share of the truth's paragraphs that are whole (from
their first to their last words, letters and digits compared) and that stand in the right section.
Recommendations: recall and precision (a match is the same label, or 0.8 of the truth's words;
"first steps", which the truth leaves out of a strict count, are left out), and the share of the
truth's restatements that are joined.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reformqa.model import Paragraph, Recommendation, Report
from reformqa.parsing import parse
from reformqa.recommendations.finding import find_recommendations
from reformqa.text.similarity import letters

Counts = dict[str, int]


def count_sections(report: Report, truth: Sequence[Mapping[str, Any]]) -> Counts:
    """How many headings are true, found, right, and right in level, parent and title."""
    headings = [t for t in truth if t["kind"] not in ("figure", "table")]
    wanted = [t for t in headings if not t.get("optional")]
    found = {s.line: s for s in report.sections}
    optional = {t["line"] for t in headings if t.get("optional")}
    pairs = [(t, found[t["line"]]) for t in wanted if t["line"] in found]
    lines = [None if s.parent is None else report.sections[s.parent].line for _, s in pairs]
    return {
        "true": len(wanted),
        "found": len([line for line in found if line not in optional]),
        "right": len(pairs),
        "level": sum(t["level"] == s.level for t, s in pairs),
        "parent": sum(t["parent"] == p for (t, _), p in zip(pairs, lines, strict=True)),
        "title": sum(letters(t["title"]) == letters(s.title) for t, s in pairs),
    }


def count_paragraphs(report: Report, truth: Sequence[Mapping[str, Any]]) -> Counts:
    """How many of the truth's paragraphs are whole, and stand in the right section."""
    texts = [(letters(p.text), p) for p in report.paragraphs]
    whole = placed = 0
    for t in truth:
        first, last = letters(t["first_words"]), letters(t["last_words"])
        match = [p for text, p in texts if text.startswith(first) and text.endswith(last)]
        names = {letters(n) for n in (t["section"], *t.get("alt_sections", []))}
        whole += bool(match)
        placed += any(p.section_path and letters(p.section_path[-1]) in names for p in match)
    return {"true": len(truth), "whole": whole, "placed": placed}


def count_recommendations(report: Report, truth: Sequence[Mapping[str, Any]]) -> Counts:
    """How many recommendations are true, found, right, and their restatements joined."""
    wanted = [t for t in truth if t["tier"] == "formal"]
    found = list(find_recommendations(report))
    by_id = {p.id: p for p in report.paragraphs}
    counts = {"true": len(wanted), "found": len(found), "right": 0, "restated": 0, "joined": 0}
    for t in wanted:
        match = next((r for r in found if same(t, r)), None)
        counts["restated"] += len(t["restated_lines"])
        if match:
            found.remove(match)
            lines = printed_at([by_id[i] for i in (match.stated, *match.restated)])
            counts["right"] += 1
            counts["joined"] += sum(line in lines for line in t["restated_lines"])
    return counts


def same(truth: Mapping[str, Any], found: Recommendation) -> bool:
    """Whether a record found is the truth's: the same label, or 0.8 of its words."""
    if truth["label"] and found.label and letters(truth["label"]) == letters(found.label):
        return True
    wanted, words = (set(re.findall(r"\w+", x.lower())) for x in (truth["text"], found.text))
    return len(wanted & words) >= 0.8 * len(wanted)


def printed_at(paragraphs: Sequence[Paragraph]) -> set[int]:
    """The source lines of the paragraphs' parts."""
    return {line for p in paragraphs for line in p.lines}


def shares(counts: Mapping[str, Counts]) -> dict[str, dict[str, float]]:
    """The counts as shares, by what is scored."""
    s, p, r = counts["sections"], counts["paragraphs"], counts["recommendations"]
    return {
        "sections": {
            "recall": s["right"] / s["true"],
            "precision": s["right"] / s["found"],
            **{key: s[key] / s["right"] for key in ("level", "parent", "title")},
        },
        "paragraphs": {"whole": p["whole"] / p["true"], "section": p["placed"] / p["true"]},
        "recommendations": {
            "recall": r["right"] / r["true"],
            "precision": r["right"] / max(1, r["found"]),
            "restated": r["joined"] / max(1, r["restated"]),
        },
    }


def main() -> None:
    """Print a line a report and score, and one for all reports together."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    gold = options.shared / "gold"
    scored = {
        "sections": count_sections,
        "paragraphs": count_paragraphs,
        "recommendations": count_recommendations,
    }
    truth = {name: json.loads((gold / f"{name}.json").read_text("utf-8")) for name in scored}
    counts = {}
    for name in truth["sections"]:
        report = parse(options.shared / "corpus" / "text" / f"{name}.txt")
        counts[name] = {what: count(report, truth[what][name]) for what, count in scored.items()}
    counts["all"] = {
        what: {
            key: sum(c[what][key] for c in counts.values())
            for key in next(iter(counts.values()))[what]
        }
        for what in scored
    }
    results = {name: shares(c) for name, c in counts.items()}
    if options.json:
        print(json.dumps(results, indent=1))
        return
    for what in scored:
        print(what)
        for name, result in results.items():
            print(f"  {name:18}", "  ".join(f"{k} {v:.3f}" for k, v in result[what].items()))


if __name__ == "__main__":
    main()
