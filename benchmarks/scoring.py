"""The measures of parsing: how much of a truth was read, and how much of what was read is true."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import dropwhile

from rapidfuzz import fuzz, process
from rapidfuzz.distance import LCSseq

from truths import Parsed, Truth, Typeset, beside, closest, letters

PARAGRAPHS = frozenset({"paragraph", "bullet", "numbered", "recommendation"})
TEXTS = PARAGRAPHS | {"reference", "box", "caption", "footnote", "heading"}
READ = frozenset({"body", "bullet", "numbered", "quote"})
SHOWN = READ | {"table", "heading"}
#: The kinds as which a block of the truth may be read.
KINDS = {
    "paragraph": {"body", "quote"},
    "bullet": {"bullet"},
    "numbered": {"numbered"},
    "recommendation": READ | {"heading", "table"},
}
NEAR = 95
#: Letters compared on either side of a furniture text to see if the truth has it there too.
CONTEXT = 15
#: A recommendation of fewer letters matches only as a whole.
SHORT = 25
#: The most letters in a first line that a tag tree lacks.
LOST_LINE = 110
Counts = dict[str, float]
Pairs = dict[int, int]


@dataclasses.dataclass(frozen=True)
class Reading:
    """What was read of a file: sections as (title, level), recommendations in their wordings."""

    paragraphs: Sequence[Parsed]
    sections: Sequence[tuple[str, int]]
    recommendations: Sequence[tuple[str, ...]]


@dataclasses.dataclass
class Score:
    """The counts of a report, and what was missed, by headline."""

    counts: Counts
    misses: dict[str, list[str]] = dataclasses.field(default_factory=lambda: defaultdict(list))


def match(wanted: Sequence[Parsed], found: Sequence[Parsed]) -> tuple[Pairs, Pairs]:
    """Return pairs of equal letters, and pairs of 0.95 similarity among the rest, one to one."""
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
    """Return the key of the text most similar to one of the forms, if it is near."""
    best = [process.extractOne(f, texts, scorer=fuzz.ratio, score_cutoff=NEAR) for f in forms if f]
    return max((b for b in best if b), key=lambda b: b[1], default=(None, 0, None))[2]


def score_paragraphs(found: Sequence[Parsed], truth: Typeset) -> Score:
    """Return recall and order, and how many of the paragraphs found are right."""
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
    """Return a section path's letters without the title and recommendations set as headings."""
    names = dropwhile(lambda name: name in truth.title, map(letters, p.path))
    return [name for name in names if name not in truth.set_as_headings]


def score_precision(found: Sequence[Parsed], truth: Typeset) -> Score:
    """Return how many of the paragraphs read are a block of the truth."""
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
    """Return how many paragraphs have furniture inside."""
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
    """Return whether `form` contains furniture next to what the truth does not have next to it."""
    for at in re.finditer(re.escape(item), form):
        before, after = form[: at.start()][-CONTEXT:], form[at.end() :][:CONTEXT]
        sides = [before + item] * bool(before) + [item + after] * bool(after)
        if not any(side in text for side in sides):
            return True
    return False


def score_headings(reading: Reading, truth: Typeset) -> Score:
    """Return how many headings are true, found and right, and have the right level."""
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
    """Return how many recommendations are true, found and right, the most similar first."""
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
    """Return whether two texts are similar, or one contains the other."""
    ratio = fuzz.ratio if min(len(text), len(other)) < SHORT else fuzz.partial_ratio
    return ratio(text, other) >= alike


def score_tags(found: Sequence[Parsed], wanted: Sequence[Parsed]) -> Score:
    """Return how many paragraphs of the tag tree a paragraph read is similar to, or contains."""
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
    """Return whether a paragraph contains a block of the tag tree, and little more."""
    text, form = p.forms[0], block.forms[-1]
    most = 1.15 * len(form) + LOST_LINE * (block.kind in ("cut", "List_Paragraph"))
    if not 0.85 * len(form) <= len(text) <= most:
        return False
    begun = block.kind != "cut" or any(f.startswith(letters(block.label or "")) for f in p.forms)
    return begun and LCSseq.similarity(form, text) >= 0.97 * len(form)


def evaluate(reading: Reading, truth: Truth) -> Score:
    """Return the score of a report."""
    found = [p for p in reading.paragraphs if p.kind != "furniture"]
    scores = [score_recommendations(reading, truth)]
    if isinstance(truth, Typeset):
        scores += [score_paragraphs(found, truth), score_precision(found, truth)]
        scores += [score_leaks(found, truth), score_headings(reading, truth)]
    else:
        scores.append(score_tags(found, truth.blocks))
        if not truth.recommendations:  # not listed: nothing is known of them
            scores[0] = Score(dict.fromkeys(scores[0].counts, 0))
    merged = Score({"reports": 1})
    for score in scores:
        merged.counts |= score.counts
        merged.misses |= score.misses
    return merged
