"""What a build has to pass before it is served: it is whole, it lost nothing, it finds its own.

Every gate gives its faults as sentences; a build with a fault is not served.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from reformqa.errors import DamagedIndexError
from reformqa.evaluation.metrics import Evaluation, Question, evaluate
from reformqa.ingest.collect import Gathered
from reformqa.library import Library
from reformqa.model import Build
from reformqa.settings import RebuildSettings, Settings
from reformqa.storage.files.store import Snapshot
from reformqa.text.similarity import letters
from reformqa.text.tokens import tokens

#: So many passages, evenly spread, are looked up by their own text.
PROBES = 40
#: The least cosine of a text with itself, which small integers take a little from.
SAME = 0.9
#: Fewer than so many reports may vanish at once without a question.
FEW = 10

_COUNTED: tuple[Literal["paragraphs", "passages", "recommendations"], ...] = (
    "paragraphs",
    "passages",
    "recommendations",
)


def check_whole(build: Snapshot, gathered: Gathered) -> Iterator[str]:
    """Every report is accounted for, arrays and database agree, and files are as written."""
    try:
        build.verify()
    except DamagedIndexError as error:
        yield str(error)
        return
    if build.reports.keys() != gathered.headers.keys():
        odd = sorted(build.reports.keys() ^ gathered.headers.keys())
        yield f"The reports in the build are not those of the corpus: {', '.join(odd)}."
    named = {r.source for r in build.reports.values()}
    named |= {p.file for p in (*gathered.problems, *gathered.skipped)}
    if lost := sorted(gathered.sources.keys() - named):
        yield f"Files of the corpus are neither in nor named: {', '.join(lost)}."
    told: Build = build.build
    rows = sum(build.counts("passages").values())
    sizes = {
        "paragraphs": (sum(build.counts("paragraphs").values()), told.paragraphs),
        "passages": (rows, told.passages),
        "BM25": (build.legs.lexical.size, rows),
        "embeddings": (build.legs.dense.size, rows),
        "late interaction": (build.legs.late.size, rows),
        "columns": (len(build.columns.report), rows),
        "recommendations": (len(build.recommendations()), told.recommendations),
        "their vectors": (len(build.recommendation_vectors), told.recommendations),
    }
    for what, (has, should) in sizes.items():
        if has != should:
            yield f"The build has {has} of {what}, and should have {should}."


def check_losses(build: Snapshot, before: Snapshot, settings: RebuildSettings) -> Iterator[str]:
    """The same files do not read as much less than before, and most reports have not vanished."""
    cure = "If that is right, rebuild with --accept-losses."
    same = [
        i
        for i, r in build.reports.items()
        if i in before.reports and before.reports[i].sha256 == r.sha256
    ]
    for what in _COUNTED:
        now, then = build.counts(what), before.counts(what)
        has, had = (sum(counts.get(i, 0) for i in same) for counts in (now, then))
        if had - has > max(settings.most_lost * had, FEW):
            yield f"The same files give {has} {what}, where they gave {had}. {cure}"
    gone = sorted(before.reports.keys() - build.reports.keys())
    moved = {r.sha256 for i, r in build.reports.items() if i not in before.reports}
    gone = [i for i in gone if before.reports[i].sha256 not in moved]
    if len(gone) >= FEW and len(gone) > settings.most_removed * len(before.reports):
        yield (
            f"{len(gone)} of {len(before.reports)} reports are gone from the corpus:"
            f" {', '.join(gone[:5])} … Is its disk there? {cure}"
        )


def check_probes(build: Snapshot) -> Iterator[str]:
    """Each leg has a passage's own text in the passage's row: rows and records belong together."""
    rows = sum(build.counts("passages").values())
    passages = build.passages(range(0, rows, max(1, rows // PROBES)))
    legs = build.legs
    encodings = build.encoder.encode_all([p.indexed for p in passages.values()])
    for (row, passage), encoding in zip(passages.items(), encodings, strict=True):
        at = np.array([row])
        found = {
            "BM25": bool(np.isin(row, legs.lexical.with_all(tokens(passage.indexed)))),
            "embeddings": bool(legs.dense.cosines(encoding.sentence, at)[0] > SAME),
            "late interaction": bool(legs.late.score([encoding], at)[0, 0] > SAME),
        }
        for leg, right in found.items():
            if not right:
                yield (
                    f"Row {row} of the {leg} is not that of its passage, {passage.paragraph_id}."
                    " Rebuild again; where that helps not, report it with the corpus."
                )
                return


def check_questions(
    build: Snapshot, before: Snapshot | None, questions: Sequence[Question], settings: Settings
) -> tuple[Evaluation, Evaluation | None, list[str]]:
    """How well canonical questions are answered, now and before, and the faults.

    Only facts that stand in both builds are compared: others cannot be found.
    """
    now = _asked(build, questions, settings)
    if before is None:
        return now, None, []
    then = _asked(before, questions, settings)
    standing = _standing(questions, (build, before))
    if not standing:
        return now, then, []
    found = [now, then]
    if standing != list(questions):
        found = [_asked(b, standing, settings) for b in (build, before)]
    has, had = (f.overall.recall_at[10] for f in found)
    lost = settings.rebuild.most_forgotten
    faults = (
        [
            f"Of the questions that have to be answered, {has:.0%} find their paragraphs, where"
            f" {had:.0%} did. Look at `reformqa evaluate`; if that is right, rebuild with"
            " --accept-losses."
        ]
        if had - has > lost
        else []
    )
    return now, then, faults


def _asked(build: Snapshot, questions: Sequence[Question], settings: Settings) -> Evaluation:
    library = Library(build, settings)
    return evaluate(lambda question, limit: library.search(question, limit=limit), questions)


def _standing(questions: Sequence[Question], in_all: Sequence[Snapshot]) -> list[Question]:
    """The questions with those facts alone that stand in each of the builds."""
    wanted = {quote for q in questions for fact in q.facts for quote in fact}
    for build in in_all:
        found = set()
        for report_id in build.reports:
            for paragraph in build.report(report_id).paragraphs:
                text = letters(paragraph.text)
                found |= {quote for quote in wanted if quote in text}
        wanted &= found
    kept = ((q, tuple(f for f in q.facts if wanted.intersection(f))) for q in questions)
    return [Question(q.id, q.type, q.text, facts) for q, facts in kept if facts]
