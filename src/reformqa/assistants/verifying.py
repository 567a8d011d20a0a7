"""Whether a quote is printed: in the paragraph that it is said to be from, or anywhere.

A quote that is printed nowhere is refused with what the reports print instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from reformqa.assistants.linked import LinkedLibrary
from reformqa.assistants.requests import VerifyRequest
from reformqa.assistants.results import VerifyResult
from reformqa.citations.permalink import linked
from reformqa.citations.verify import cite, cite_span
from reformqa.model import Citation, Paragraph
from reformqa.search.query import MAX_CHARACTERS
from reformqa.text.normalise import MARKS
from reformqa.text.sentences import sentences
from reformqa.text.similarity import content_words

#: The hits in which a quote is looked for, and the places that are shown.
LOOKED, SHOWN = 10, 3
#: The least similarity of a printed sentence that is shown for a quote, 0 to 1.
NEAR = 0.35
_MARKS = re.compile(f"[{MARKS}]")


def verify(of: LinkedLibrary, asked: VerifyRequest) -> VerifyResult:
    """Check a quote before you use it: whether the reports print it word for word, and where.

    If `status` is "repaired", use the quote of `source`, which is as printed. If it is
    "unsupported", do not use the quote: `elsewhere` and `nearest` are what is printed instead.
    """
    named = [of.library.paragraph(linked(asked.paragraph)[0])] if asked.paragraph else []
    if named and (found := _printed(of, asked.quote, named)):
        return _result(of, found[0])
    likely = _likely(of, asked)
    found = _printed(of, asked.quote, likely)
    if found and not named:
        return _result(of, found[0])
    first = named or likely[:1]
    refused = cite(asked.quote, first[0], of.infos[first[0].report_id]) if first else None
    return _result(of, refused, found[:SHOWN], _nearest(of, asked.quote, [*named, *likely]))


def _likely(of: LinkedLibrary, asked: VerifyRequest) -> list[Paragraph]:
    """Return the paragraphs that are most like a quote, best first."""
    # Without marks, no word of the quote is taken for a phrase that must be printed as it is.
    question = " ".join(_MARKS.sub(" ", asked.quote).split())[:MAX_CHARACTERS]
    if not any(map(str.isalnum, question)):
        return []
    # Given all publishers, the search is not narrowed to those that the quote happens to name.
    where = None if asked.report else of.library.publishers
    hits = of.library.search(question, limit=LOOKED, publisher=where, report=asked.report)
    return list({p.id: p for hit in hits for p in (hit.paragraph, *hit.also)}.values())


def _printed(of: LinkedLibrary, quote: str, paragraphs: Iterable[Paragraph]) -> list[Citation]:
    """Return the citations of a quote where it is printed, exact ones first."""
    cited = [cite(quote, p, of.infos[p.report_id]) for p in paragraphs]
    return sorted(
        (c for c in cited if c.status != "unsupported"), key=lambda c: c.status == "repaired"
    )


def _nearest(of: LinkedLibrary, quote: str, paragraphs: Sequence[Paragraph]) -> list[Citation]:
    """Return the printed sentences most like a quote, best first, one of each paragraph."""
    wanted = content_words(quote)
    length = max(1, len(list(sentences(quote))))
    best: dict[str, tuple[float, Citation]] = {}
    for paragraph in paragraphs:
        spans = [span for span, _ in sentences(paragraph.text)]
        for n in range(max(1, len(spans) - length + 1)):
            run = spans[n : n + length]
            span = (run[0][0], run[-1][1]) if run else (0, 0)
            own = content_words(paragraph.text[slice(*span)])
            likeness = 2 * len(own & wanted) / max(1, len(own) + len(wanted))
            if likeness >= max(NEAR, best.get(paragraph.id, (0.0,))[0]):
                cited = cite_span(span, paragraph, of.infos[paragraph.report_id])
                best[paragraph.id] = (likeness, cited)
    ranked = sorted(best.values(), key=lambda found: -found[0])
    return [cited for _, cited in ranked[:SHOWN]]


def _result(
    of: LinkedLibrary,
    judged: Citation | None,
    elsewhere: Sequence[Citation] = (),
    nearest: Sequence[Citation] = (),
) -> VerifyResult:
    status = judged.status if judged else "unsupported"
    return VerifyResult(
        build=of.build,
        status=status,
        message=_message(judged, elsewhere, nearest),
        source=of.cited(judged) if judged and status != "unsupported" else None,
        elsewhere=tuple(map(of.cited, elsewhere)),
        nearest=tuple(map(of.cited, nearest)),
    )


def _message(
    judged: Citation | None, elsewhere: Sequence[Citation], nearest: Sequence[Citation]
) -> str:
    """Return the verdict in a few sentences, and what to do."""
    if judged and judged.status == "verified":
        return f"Printed word for word: {judged}."
    why = f" {'; '.join(judged.repairs)}." if judged and judged.repairs else ""
    if judged and judged.status == "repaired":
        return f"Printed with small differences: {judged}.{why} Quote it as `source` prints it."
    if elsewhere:
        return f"Not printed in that paragraph.{why} It is printed elsewhere: {elsewhere[0]}."
    if nearest:
        return f"Not found.{why} The nearest printed words, in {nearest[0]}, are in `nearest`."
    return f"Not found.{why} No passage is near it: do not quote it."
