"""Score the reading of PDFs: the typeset reports exactly, the real ones as far as their tags go.

    python benchmarks/parsing.py [--shared ../shared] [--set typeset|real] [--report NAME] …
                                 [--misses] [--peers] [--json]

Texts are compared in lower case with letters and digits only, with or without the label on either
side. What the reader itself marked as furniture is not looked at. For the typeset reports:
recall: the truth's paragraphs (paragraph, bullet, numbered, recommendation, front matter too) that
one paragraph read equals, one to one. ~.95: that one comes near to (0.95 similarity).
precis, p~.95: the paragraphs read as body, bullet, numbered or quote that equal (come near to) some
block of text in the truth, be it a heading or a note. Those that are a whole cell, row or table, or
whole sentences of a cell, are left out. Unlike recall, not one to one.
order: Kendall's tau of the paragraphs found (~.95); for all, the mean of the reports.
leak: the paragraphs, tables and headings read with furniture inside: running heads, pull quotes,
contents lines, chart labels (four in a row) beside nothing that the truth has beside them, or as a
whole paragraph once more than the truth has it; or bare digits that are no cell.
kind, path, page: of the paragraphs found, the right kind, section path, and first and last page. A
path may hold the report's title and recommendations set as headings, or not.
headF1: headings and boxes by title; the report's title, "Contents" and recommendations set as
headings are left out. level: of those found, the level equal to the truth's (boxes have none).
notesR, notesP: of the marks on the paragraphs found (where the truth has the note), those linked to
the note of that label and page; and of all links made.
recR, recP, recF1: recommendations, one to one: a record matches a wording in the truth that it
equals, holds or is held by (0.9 similarity, label aside). Restatements are wordings of one.
pp/s, MB: pages a second and peak memory (VmHWM) in a fresh process for each file, the search for
recommendations included, imports not timed; for all, the highest.

Real reports: the tag tree drops words, and cuts paragraphs at page ends (joined first). strict: its
paragraphs of eight words or more that one paragraph read comes near to (0.95), but for those of the
inquiry report whose first line its tags lack. loose: or that holds 0.97 of its letters in order and
is within 15 per cent as long; in that report up to 110 letters longer, and under the same number
where the line is lacking. recR, recP: as above (but 0.7: the list abridges), where there is a list.

Peers: pages cut into paragraphs at blank lines, or after short lines with a full stop too, as finds
more; all count as body. pymupdf4llm's Markdown (headings and tables known there) is taken without
headers, footers and text in pictures, and cut at blank lines and list items.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import dropwhile
from pathlib import Path

from rapidfuzz import fuzz, process
from rapidfuzz.distance import LCSseq

import readers
from readers import Parsed, Reading, Truth, Typeset, beside, closest, letters

PARAGRAPHS = frozenset({"paragraph", "bullet", "numbered", "recommendation"})
TEXTS = PARAGRAPHS | {"reference", "box", "caption", "footnote", "heading"}
READ = frozenset({"body", "bullet", "numbered", "quote"})
SHOWN = READ | {"table", "heading"}
#: The kinds that a truth block of a kind may be read as.
KINDS = {
    "paragraph": {"body", "quote"},
    "bullet": {"bullet"},
    "numbered": {"numbered"},
    "recommendation": READ | {"heading", "table"},
}
NEAR = 95
#: Letters looked at on either side of a furniture text to see whether the truth has it there.
CONTEXT = 15
#: A record and a recommendation in fewer letters match only as a whole.
SHORT = 25
#: A first line that a tag tree lacks has at most so many letters.
LOST_LINE = 110
#: What is printed: right ones, and what they are a share of (of two: the F1).
COLUMNS = {
    "recall": ("exact", "true"),
    "~.95": ("near", "true"),
    "precis": ("right", "read"),
    "p~.95": ("nearly", "read"),
    "strict": ("strict", "whole"),
    "loose": ("loose", "tagged"),
    "order": ("order", "reports"),
    "leak": ("leaks", "shown"),
    "kind": ("kind", "near"),
    "path": ("path", "near"),
    "page": ("page", "near"),
    "headF1": ("titles", "headings", "sections"),
    "level": ("level", "levels"),
    "notesR": ("linked", "notes"),
    "notesP": ("linked", "links"),
    "recR": ("recs right", "recs"),
    "recP": ("recs right", "records"),
    "recF1": ("recs right", "recs", "records"),
    "pp/s": ("pages", "seconds"),
    "MB": ("MB",),
}

#: What a peer is scored on; it gives neither kinds nor sections.
PEER = {"recall", "~.95", "precis", "p~.95", "strict", "loose", "order", "leak", "pp/s", "MB"}

Counts = dict[str, float]
Shares = dict[str, float | None]
Pairs = dict[int, int]


@dataclasses.dataclass
class Score:
    """The counts of a report, and under headlines what was missed."""

    counts: Counts
    misses: dict[str, list[str]] = dataclasses.field(default_factory=lambda: defaultdict(list))


def match(wanted: Sequence[Parsed], found: Sequence[Parsed]) -> tuple[Pairs, Pairs]:
    """Pairs of equal letters, and pairs of 0.95 similarity among the rest; one to one."""
    by_form = defaultdict(set)
    for j, p in enumerate(found):
        for form in p.forms:
            by_form[form].add(j)
    exact, near = Pairs(), Pairs()
    left = dict(enumerate(p.forms[0] for p in found))
    for anywhere in (False, True):  # a repeated paragraph first goes to the one on its page
        for i, b in enumerate(wanted):
            equal = {j for form in b.forms for j in by_form[form] if j in left}
            options = [j for j in equal if anywhere or found[j].pages[0] == b.pages[0]]
            if i not in exact and options:
                exact[i] = min(options)
                del left[exact[i]]
    for i, b in enumerate(wanted):
        if i not in exact and (best := nearest(b.forms, left)) is not None:
            near[i] = best
            del left[best]
    return exact, near


def nearest(forms: Iterable[str], texts: Mapping[int, str]) -> int | None:
    """The text nearest to one of the forms, if it comes near."""
    best = [process.extractOne(f, texts, scorer=fuzz.ratio, score_cutoff=NEAR) for f in forms if f]
    return max((b for b in best if b), key=lambda b: b[1], default=(None, 0, None))[2]


def score_paragraphs(found: Sequence[Parsed], truth: Typeset) -> Score:
    """Recall and order, and what of the paragraphs found is right."""
    from scipy.stats import kendalltau  # slow to import

    wanted = [b for b in truth.blocks if b.kind in PARAGRAPHS]
    exact, near = match(wanted, found)
    pairs = sorted({**exact, **near}.items())
    score = Score({"true": len(wanted), "exact": len(exact), "near": len(pairs)})
    for i in sorted({*range(len(wanted))} - {*exact}):
        score.misses["MISSED (truth; the nearest read)"].append(
            beside(wanted[i], found[near[i]] if i in near else closest(wanted[i], found))
        )
    checks: dict[str, Callable[[Parsed, Parsed], bool]] = {
        "kind": lambda b, p: p.kind in KINDS[b.kind],
        "path": lambda b, p: path_letters(b, truth) == path_letters(p, truth),
        "page": lambda b, p: b.pages == p.pages,
    }
    for name, right in checks.items():
        wrong = [(wanted[i], found[j]) for i, j in pairs if not right(wanted[i], found[j])]
        score.counts[name] = len(pairs) - len(wrong)
        score.misses[f"WRONG {name.upper()} (truth; read)"] += [
            f"{b}\n      {(p.kind, p.pages, p.path)}" + f"\n      {b.path}" * (name == "path")
            for b, p in wrong
        ]
    links = [(wanted[i], wanted[i].notes, found[j].notes) for i, j in pairs]
    score.counts["notes"] = sum(len(true) for _, true, _ in links)
    score.counts["links"] = sum(len(made) for *_, made in links)
    score.counts["linked"] = sum(len(true & made) for _, true, made in links)
    score.misses["WRONG NOTES (truth; read)"] += [
        f"{b}\n      {sorted(true)} {sorted(made)}" for b, true, made in links if true != made
    ]
    tau = kendalltau(*zip(*pairs, strict=True)).statistic if len(pairs) > 1 else 0.0
    score.counts["order"] = float(tau)
    return score


def path_letters(p: Parsed, truth: Typeset) -> list[str]:
    """A section path's letters, without the report's title and recommendations set as headings."""
    names = dropwhile(lambda name: name in truth.title, map(letters, p.path))
    return [name for name in names if name not in truth.set_as_headings]


def score_precision(found: Sequence[Parsed], truth: Typeset) -> Score:
    """How many of the paragraphs read are a block of the truth."""
    whole = {form for b in truth.blocks if b.kind in TEXTS for form in b.forms}
    known = dict(enumerate(sorted(whole)))
    score = Score({"read": 0, "right": 0, "nearly": 0})
    for p in found:
        right = not whole.isdisjoint(p.forms)
        if p.kind not in READ or (not right and p.forms[0] in truth.cells):
            continue
        nearly = right or nearest(p.forms, known) is not None
        score.counts["read"] += 1
        score.counts["right"] += right
        score.counts["nearly"] += nearly
        if not right:
            score.misses["NO SUCH BLOCK"].append(f"{p}{' (near one)' if nearly else ''}")
    return score


def score_leaks(found: Sequence[Parsed], truth: Typeset) -> Score:
    """How many paragraphs have furniture inside."""
    left = Counter(form for b in truth.blocks for form in set(b.forms))
    left.update(truth.cells)
    shown = [p for p in found if p.kind in SHOWN]
    score = Score({"shown": len(shown), "leaks": 0})
    for p in shown:
        form = p.forms[0]
        if left[form] > 0:
            left[form] -= 1
        elif not (form in truth.title and p.pages[0] == 1):
            item = next((f for f in truth.furniture if is_strange(f, form, truth.text)), None)
            if item or form.isdigit():
                score.counts["leaks"] += 1
                score.misses["FURNITURE INSIDE"].append(f"[{(item or form)[:40]}] {p}")
    return score


def is_strange(item: str, form: str, text: str) -> bool:
    """Whether the furniture stands in `form`, beside nothing that the truth has beside it."""
    for at in re.finditer(re.escape(item), form):
        before, after = form[: at.start()][-CONTEXT:], form[at.end() :][:CONTEXT]
        sides = [before + item] * bool(before) + [item + after] * bool(after)
        if not any(side in text for side in sides):
            return True
    return False


def score_headings(reading: Reading, truth: Typeset) -> Score:
    """Headings true, found and right; and of those right, how many have the right level."""
    optional = {*truth.set_as_headings, "contents"}
    wanted = [(t, n) for t, n in truth.headings if t not in truth.title and t not in optional]
    sections = [(letters(title), level) for title, level in reading.sections]
    left = [(t, n) for t, n in sections if t not in truth.title and t not in optional]
    score = Score({"headings": len(wanted), "sections": len(left), "levels": 0, "level": 0})
    for title, level in wanted:
        at = next((n for n, (other, _) in enumerate(left) if other == title), None)
        if at is None:
            score.misses["MISSED HEADINGS (level, title)"].append(f"{level} {title}")
            continue
        _, other = left.pop(at)
        score.counts["levels"] += level is not None
        score.counts["level"] += level == other
        if level not in (None, other):
            score.misses["WRONG LEVELS (truth, read)"].append(f"{level} {other} {title}")
    score.misses["NO SUCH HEADING (level, title)"] += [f"{level} {title}" for title, level in left]
    score.counts["titles"] = score.counts["sections"] - len(left)
    return score


def score_recommendations(reading: Reading, truth: Truth) -> Score:
    """Recommendations true, found and right; one to one, those most alike first."""
    wanted, alike = truth.recommendations, 90 if isinstance(truth, Typeset) else 70
    found = [[letters(text) for text in wordings] for wordings in reading.recommendations]
    pairs = [
        (max(fuzz.ratio(a, b) for a in texts for b in others), i, j)
        for i, texts in enumerate(wanted)
        for j, others in enumerate(found)
        if any(is_same(a, b, alike) for a in texts for b in others)
    ]
    right: Pairs = {}
    for _, i, j in sorted(pairs, reverse=True):
        if i not in right and j not in right.values():
            right[i] = j
    score = Score({"recs": len(wanted), "records": len(found), "recs right": len(right)})
    missed = [texts[0][:100] for i, texts in enumerate(wanted) if i not in right]
    extra = [texts[0][:100] for j, texts in enumerate(found) if j not in right.values()]
    score.misses |= {"MISSED RECOMMENDATIONS": missed, "NO SUCH RECOMMENDATION": extra}
    return score


def is_same(text: str, other: str, alike: int) -> bool:
    """Whether two texts are alike, or one holds the other."""
    ratio = fuzz.ratio if min(len(text), len(other)) < SHORT else fuzz.partial_ratio
    return ratio(text, other) >= alike


def score_tags(found: Sequence[Parsed], wanted: Sequence[Parsed]) -> Score:
    """How many of the tag tree's paragraphs one paragraph read comes near to, or holds."""
    whole, cut = ([b for b in wanted if (b.kind == "cut") == lost] for lost in (False, True))
    exact, near = match(whole, found)
    strict = {**exact, **near}
    left = {j: p for j, p in enumerate(found) if j not in strict.values()}
    score = Score({"tagged": len(wanted), "whole": len(whole), "strict": len(strict)})
    score.counts["loose"] = len(strict)
    for b in [*(b for i, b in enumerate(whole) if i not in strict), *cut]:
        holders = [j for j, p in left.items() if holds(p, b)]
        if not holders:
            score.misses["MISSED (tag tree; the nearest read)"].append(beside(b, closest(b, found)))
        else:
            del left[holders[0]]
            score.counts["loose"] += 1
    return score


def holds(p: Parsed, block: Parsed) -> bool:
    """Whether a paragraph holds a block of the tag tree, and little more."""
    text, form = p.forms[0], block.forms[-1]
    most = 1.15 * len(form) + LOST_LINE * (block.kind in ("cut", "List_Paragraph"))
    if not 0.85 * len(form) <= len(text) <= most:
        return False
    begun = block.kind != "cut" or any(f.startswith(letters(block.label or "")) for f in p.forms)
    return begun and LCSseq.similarity(form, text) >= 0.97 * len(form)


def evaluate(reading: Reading, truth: Truth) -> Score:
    """All that a report is scored on."""
    found = [p for p in reading.paragraphs if p.kind != "furniture"]
    scores = [score_recommendations(reading, truth)]
    if isinstance(truth, Typeset):
        scores += [score_paragraphs(found, truth), score_precision(found, truth)]
        scores += [score_leaks(found, truth), score_headings(reading, truth)]
    else:
        scores.append(score_tags(found, truth.blocks))
        if not truth.recommendations:  # not listed: nothing is known of them
            scores[0] = Score(dict.fromkeys(scores[0].counts, 0))
    cost = {"pages": reading.pages, "seconds": reading.seconds, "MB": reading.megabytes}
    merged = Score({"reports": 1, **cost})
    for score in scores:
        merged.counts |= score.counts
        merged.misses |= score.misses
    return merged


def print_misses(scores: Mapping[str, Score]) -> None:
    """What was missed in each report, under headlines."""
    for name, score in scores.items():
        for headline, items in score.misses.items():
            print(f"\n{name}: {headline}: {len(items)}", *items, sep="\n  ")


def total(counts: Sequence[Counts]) -> Counts:
    """The counts of all reports: added up, but the highest memory."""
    summed = {key: sum(c[key] for c in counts) for key in counts[0]}
    return summed | {"MB": max(c["MB"] for c in counts)}


def shares(counts: Counts) -> Shares:
    """The counts as shares; None where there was nothing to find."""
    row: Shares = {}
    for name, (part, *wholes) in COLUMNS.items():
        if part in counts:
            whole = sum(counts[w] for w in wholes) if wholes else 1
            row[name] = counts[part] * max(1, len(wholes)) / whole if whole else None
    return row


def print_table(rows: Mapping[str, Shares]) -> None:
    """A line a report, a column a measure."""
    names = list(next(iter(rows.values())))
    width = max(map(len, rows))
    print("\n" + " " * width, *(f"{name:>6}" for name in names))
    for title, row in rows.items():
        figures = ["-" if v is None else f"{v:.0f}" if v > 1 else f"{v:.3f}" for v in row.values()]
        print(f"{title:{width}}", *(f"{figure:>6}" for figure in figures))


def peer_shares(name: str, truths: Mapping[Path, Truth]) -> tuple[str, Shares]:
    """A peer's shares of all files, its pages cut in the way that finds more."""
    tried = defaultdict(list)
    for path, truth in truths.items():
        for way, reading in readers.splits(name, readers.read(name, path)).items():
            tried[way].append(evaluate(reading, truth).counts)
    rows = {way: shares(total(counts)) for way, counts in tried.items()}
    best = max(rows, key=lambda way: rows[way].get("recall", rows[way].get("strict")) or 0)
    return best, {k: v if k in PEER else None for k, v in rows[best].items()}


def main() -> None:
    """Print a line a report, one for all together, and one a peer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    shared = os.environ.get("REFORMQA_SHARED", "../shared")
    parser.add_argument("--shared", type=Path, default=shared)
    parser.add_argument("--set", choices=["typeset", "real"])
    parser.add_argument("--report", action="append", help="a file's name without its ending")
    for flag in ("--misses", "--peers", "--json"):
        parser.add_argument(flag, action="store_true")
    options = parser.parse_args()
    results = {}
    for kind in [options.set] if options.set else ["typeset", "real"]:
        if not (truths := readers.find_truths(options.shared / "corpus" / kind, options.report)):
            continue
        scores = {p.stem: evaluate(readers.read("reformqa", p), t) for p, t in truths.items()}
        if options.misses:
            print_misses(scores)
        counts = {name: score.counts for name, score in scores.items()}
        counts |= {"all": total(list(counts.values()))} if len(counts) > 1 else {}
        results[kind] = {name: shares(c) for name, c in counts.items()}
        if options.peers:
            results[kind] |= dict(peer_shares(name, truths) for name in readers.peers())
        if not options.json:
            print_table(results[kind])
    if options.json:
        print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
