"""How well an answer's confidence, and a think tank's silence, are told: a part of answers.py.

Cross-validation fits the scale anew without a fifth of the questions, as `Library.calibrate` does,
and judges that fifth by it: the packaged scale may have been fitted on the very questions asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from reformqa.answering.calibration import fit
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from asked import COMPARISON, Asked, Row, Table, share, single_facts, unanswerable
from reformqa import Library
from reformqa.evaluation.calibrate import ANSWERED, REFUSED, SILENCED, SILENT, SPEAKS
from reformqa.search.filters import Filters
from reformqa.search.query import Query, parse_query

FOLDS, REPEATS = 5, 3

Values = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Case:
    """A question, or a think tank's part in one, as it is judged now.

    `kind` is its truth and `source` its file. `confidence` and `given` are what the library makes
    of it. `signs` are what a scale is fitted on; without them the confidence is `fixed` (a label
    that exists or does not). Cases of one `group` stay together in the folds.
    """

    kind: str
    source: str
    confidence: float
    given: bool
    signs: Values | None
    fixed: float
    group: int


@dataclass(frozen=True, slots=True)
class Held:
    """A case's confidence, and whether it passed, by a scale that was fitted without it."""

    confidence: float
    given: bool


def filters_of(reading: Query) -> Filters:
    """The filters that a question itself sets, as `ask` reads it."""
    named = () if reading.reports else reading.named
    return Filters(publisher=named, report=reading.reports, phrases=reading.phrases)


def question_cases(library: Library, questions: Iterable[Asked]) -> tuple[list[Case], int]:
    """The single-fact questions with and without an answer, and how many `ask` reads otherwise.

    Those are read as comparisons or lists, which no scale of answers judges: by cross-validation
    they are judged as if they were not.
    """
    asked, cases, otherwise = list(questions), [], 0
    for group, question in enumerate([*single_facts(asked), *unanswerable(asked)]):
        answer = library.ask(question.text)
        reading = parse_query(question.text, library.reports)
        signs = library._asker.signs(reading, filters_of(reading))
        otherwise += reading.several or reading.set_of is not None
        cases.append(
            Case(
                kind=ANSWERED if question.facts else question.type,
                source=question.source,
                confidence=answer.confidence,
                given=not answer.abstained,
                signs=signs.values if signs and not (signs.labels or reading.labels) else None,
                fixed=float(bool(signs and reading.labels and not signs.labels)),
                group=group,
            )
        )
    return cases, otherwise


def row_cases(library: Library, questions: Iterable[Asked]) -> list[Case]:
    """The think tanks that speak to a comparison question, or are silent on it."""
    cases, scale = [], library.calibration.speaks
    for group, question in enumerate(q for q in questions if q.type == COMPARISON):
        rows = {row.publisher: row for row in library.compare(question.text)}
        reading = parse_query(question.text, library.reports)
        signs = library._asker.speaking(reading, Filters(phrases=reading.phrases))
        truths = dict.fromkeys((f.publisher for f in question.facts if f.publisher), SPEAKS)
        truths |= dict.fromkeys(question.silent, SILENT)
        for name, kind in truths.items():
            if name in rows:
                likely = scale.probability(signs[name])
                given = bool(rows[name].citations)
                cases.append(Case(kind, question.source, likely, given, signs[name], 0.0, group))
    return cases


def held_out(cases: Sequence[Case], yes: str, refused: float, seed: int) -> list[Held] | None:
    """Each case by a scale fitted on the folds without it; None where there are too few."""
    fitted = [n for n, case in enumerate(cases) if case.signs]
    kinds = [cases[n].kind for n in fitted]
    if min(Counter(kinds).values(), default=0) < FOLDS:  # too few of a kind: of either side, then
        kinds = [yes if kind == yes else "" for kind in kinds]
    groups = [cases[n].group for n in fitted]
    apart = set(zip(kinds, groups, strict=True))
    if len(set(kinds)) < 2 or min(Counter(kind for kind, _ in apart).values()) < FOLDS:
        return None
    alone = len(set(groups)) == len(groups)
    splitter = (StratifiedKFold if alone else StratifiedGroupKFold)(
        FOLDS, shuffle=True, random_state=seed
    )
    splits = splitter.split(np.zeros(len(fitted)), kinds, None if alone else groups)
    held = [Held(case.fixed, bool(case.fixed)) for case in cases]
    for inside, outside in splits:
        known = [cases[fitted[n]] for n in inside]
        scale = fit([dict(c.signs or {}) for c in known], [c.kind for c in known], yes, refused)
        for n in outside:
            likely = scale.probability(cases[fitted[n]].signs or {})
            held[fitted[n]] = Held(likely, likely >= scale.threshold)
    return held


def area(yes: Sequence[float], no: Sequence[float]) -> float | None:
    """AUROC: how often one with an answer stands above one without."""
    if not yes or not no:
        return None
    return float(roc_auc_score([1] * len(yes) + [0] * len(no), [*yes, *no]))


def rows(cases: Sequence[Case], yes: str, refused: float) -> Callable[[Sequence[int]], Row]:
    """What makes a table's row of some of the cases that are not of the kind `yes`."""
    runs = [r for n in range(REPEATS) if (r := held_out(cases, yes, refused, seed=n))]
    answered = [n for n, case in enumerate(cases) if case.kind == yes]

    def row(chosen: Sequence[int]) -> Row:
        refusing = all(cases[n].kind == yes for n in chosen)
        confidence = [c.confidence for c in cases]
        areas = [
            area(*([run[n].confidence for n in of] for of in (answered, chosen))) for run in runs
        ]
        wrong = (cases[n].given != refusing for n in chosen)
        held_wrong = [run[n].given != refusing for run in runs for n in chosen]
        now = area(*([confidence[n] for n in of] for of in (answered, chosen)))
        return {
            "asked": len(chosen),
            "AUROC": None if refusing else now,
            "wrong": share(wrong),
            "held AUROC": None if refusing else share(a for a in areas if a is not None),
            "held wrong": share(held_wrong),
        }

    return row


def abstention(library: Library, questions: Sequence[Asked]) -> tuple[Table, int]:
    """By file and together: which questions without an answer get one, and the other way round."""
    cases, otherwise = question_cases(library, questions)
    row = rows(cases, ANSWERED, REFUSED)
    table: Table = {"answerable": row([n for n, c in enumerate(cases) if c.kind == ANSWERED])}
    others = [n for n, c in enumerate(cases) if c.kind != ANSWERED]
    sources = sorted({cases[n].source for n in others})
    for source in [*sources, *(["together"] if len(sources) > 1 else [])]:
        of = [n for n in others if source in (cases[n].source, "together")]
        for kind in sorted({cases[n].kind for n in of}):
            table[f"{source}, {kind}"] = row([n for n in of if cases[n].kind == kind])
        table[f"{source}, all"] = row(of)
    return table, otherwise


def silence(library: Library, questions: Sequence[Asked]) -> Table:
    """Which think tanks that speak are left silent, and the other way round."""
    cases = row_cases(library, questions)
    row = rows(cases, SPEAKS, SILENCED)
    return {
        kind: row(of)
        for kind in (SPEAKS, SILENT)
        if (of := [n for n, case in enumerate(cases) if case.kind == kind])
    }
