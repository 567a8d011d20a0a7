"""The checks of a build before it is served: it is complete, lost nothing and finds its own text.

Each check yields its faults as sentences; a build with a fault is not served.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reformqa.errors import DamagedIndexError
from reformqa.evaluation.metrics import Evaluation, Question, evaluate
from reformqa.ingest.collect import Collected
from reformqa.library import Library
from reformqa.models.base import Execution
from reformqa.search.scoring import best_cosines, weighted
from reformqa.settings import RebuildSettings, Settings
from reformqa.storage.base import Counted, EncodedQuery, Store
from reformqa.text.similarity import letters
from reformqa.text.tokens import tokens

#: How many passages, evenly spread, are looked up by their own text.
PROBES = 40
#: The least cosine of a text with itself: storing it as 8-bit integers costs a little.
SAME = 0.9
#: Losing fewer reports or records than this is never a fault.
FEW = 10

_COUNTED: tuple[Counted, ...] = ("paragraphs", "passages", "recommendations")


def check_whole(build: Store, collected: Collected) -> Iterator[str]:
    """Yield what is missing, unaccounted for, or not as it was written."""
    try:
        build.verify()
        reports = build.reports()
    except DamagedIndexError as error:
        yield str(error)
        return
    if reports.keys() != collected.infos.keys():
        odd = sorted(reports.keys() ^ collected.infos.keys())
        yield f"The reports in the build are not those of the corpus: {', '.join(odd)}."
    named = {r.source for r in reports.values()}
    named |= {p.file for p in (*collected.problems, *collected.skipped)}
    if lost := sorted(collected.sources.keys() - named):
        yield f"Files of the corpus are neither in the build nor named: {', '.join(lost)}."
    for what in _COUNTED:
        has, should = sum(build.counts(what).values()), getattr(build.version.build, what)
        if has != should:
            yield f"The build has {has} {what} and should have {should}."


def check_losses(build: Store, before: Store, settings: RebuildSettings) -> Iterator[str]:
    """Yield what was lost: unchanged files yield much less, or most reports have vanished."""
    cure = "If that is right, rebuild with --accept-losses."
    reports, earlier = build.reports(), before.reports()
    same = [i for i, r in reports.items() if i in earlier and earlier[i].sha256 == r.sha256]
    for what in _COUNTED:
        now, then = build.counts(what), before.counts(what)
        has, had = (sum(counts.get(i, 0) for i in same) for counts in (now, then))
        if had - has > max(settings.most_lost * had, FEW):
            yield f"Unchanged files now yield {has} {what} instead of {had}. {cure}"
    gone = sorted(earlier.keys() - reports.keys())
    moved = {r.sha256 for i, r in reports.items() if i not in earlier}
    gone = [i for i in gone if earlier[i].sha256 not in moved]
    if len(gone) >= FEW and len(gone) > settings.most_removed * len(earlier):
        yield (
            f"{len(gone)} of {len(earlier)} reports are gone from the corpus:"
            f" {', '.join(gone[:5])} … Check that its disk is mounted. {cure}"
        )


def check_probes(build: Store) -> Iterator[str]:
    """Yield a fault for the first passage whose index entries are those of another.

    Passages spread over the library are encoded again and compared with what the store returns.
    """
    passages = build.sample(PROBES)
    models = build.models(Execution())
    encodings = models.encoder.encode_tokens([p.indexed for p in passages], "passage")
    for passage, encoding in zip(passages, encodings, strict=True):
        query = EncodedQuery((encoding,), (tuple(tokens(passage.indexed)),))
        evidence = build.evidence(query, [passage.id])
        best = best_cosines(encoding, evidence, models.reduction)
        late = weighted(best, encoding, build.piece_weights)
        found = {
            "BM25": bool(evidence.held.all()),
            "embedding": float(evidence.vectors[0] @ encoding.sentence) > SAME,
            "late interaction": float(late[0]) > SAME,
        }
        for leg, right in found.items():
            if not right:
                yield (
                    f"The {leg} entry of passage {passage.id} is not its own. Rebuild again; if"
                    " that does not help, report the problem with the corpus."
                )
                return


def check_questions(
    build: Store, before: Store | None, questions: Sequence[Question], settings: Settings
) -> tuple[Evaluation, Evaluation | None, list[str]]:
    """Return how well the corpus's questions are answered, now and before, and the faults.

    Faults count only the facts that occur in both builds: others cannot be found.
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
            f"Of the facts that the corpus's questions ask for, {has:.0%} are found among the first"
            f" ten paragraphs; {had:.0%} were before. Run `reformqa evaluate` to see which; if that"
            " is right, rebuild with --accept-losses."
        ]
        if had - has > lost
        else []
    )
    return now, then, faults


def _asked(build: Store, questions: Sequence[Question], settings: Settings) -> Evaluation:
    library = Library(build, settings)
    return evaluate(lambda question, limit: library.search(question, limit=limit), questions)


def _standing(questions: Sequence[Question], in_all: Sequence[Store]) -> list[Question]:
    """Return the questions, each with only the facts that occur in all of the builds."""
    wanted = {quote for q in questions for fact in q.facts for quote in fact}
    for build in in_all:
        found = set()
        for report_id in build.reports():
            for paragraph in build.report(report_id).paragraphs:
                text = letters(paragraph.text)
                found |= {quote for quote in wanted if quote in text}
        wanted &= found
    kept = ((q, tuple(f for f in q.facts if wanted.intersection(f))) for q in questions)
    return [Question(q.id, q.type, q.text, facts) for q, facts in kept if facts]
