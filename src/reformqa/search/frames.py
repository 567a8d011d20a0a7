"""The words by which a question shows that a name is asked as a source: "X says", "X's report".

A title, a surname or a year alone may be a topic. Beside one of these words it is a source.
"""

from __future__ import annotations

import re
from functools import lru_cache

#: The patterns of names that are kept compiled.
COMPILED = 10_000
#: What a think tank makes, as a question calls it.
WORK = (
    r"(?:report|paper|note|version|view|position|plan|proposal|recommendation|author|essay|study"
    r"|pamphlet|poll|polling|research|roadmap|[Cc]ommission|publication|manifesto|response|answer)s?"
)
_VERBS = (
    *("say", "argue", "write", "think", "recommend", "propose", "suggest", "want", "claim", "find"),
    *("conclude", "believe", "mention", "favour", "support", "oppose", "urge", "report", "state"),
    *("describe", "define", "estimate", "advise", "demand", "discuss", "warn", "back", "reject"),
    *("explain", "see", "stand", "call for", "ask for", "argue for", "go for"),
)
#: Verbs of saying as after "does" or "did", after "it", and after "has".
SAY = rf"(?:{'|'.join(_VERBS)}|make of|put forward|set out)"
SAYS = (
    r"(?:says?|argues?|writes?|thinks?|recommends?|proposes?|suggests?|wants?|claims?|finds?"
    r"|concludes?|believes?|calls? for|asks? for)"
)
SAID = (
    r"(?:said|argued|written|wrote|thought|recommended|proposed|suggested|wanted|claimed|found"
    r"|concluded|called for|asked for|urged|published)"
)
#: "does", "did" and their like, before the one who is asked.
DOES = r"(?:do|does|did|would|can|could|has|have|had|is|are)"
#: A possessive after a name, if there is one.
OWN = r"(?:['’]s|['’])?"


def source(name: str) -> tuple[str, ...]:
    """Return patterns in which the pattern `name` stands as a source, as group "name"."""
    named = rf"(?P<name>{name})"
    return (
        rf"\b{named}{OWN} (?:\w+ )?{WORK}\b",
        rf"\b{DOES} {named}(?: {WORK})? (?:\w+ )?{SAY}\b",
        rf"\b{named} {SAYS}\b",
        rf"\b[Aa]ccording to {named}(?!\w)",
        rf"\b(?:[Ss]ummari[sz]e|[Ss]ummary of) {named}(?!\w)",
    )


@lru_cache(maxsize=COMPILED)
def compiled(form: str) -> re.Pattern[str]:
    """Return a pattern of any case; `re` itself keeps too few for a library of many reports."""
    return re.compile(form, re.IGNORECASE)


def find_source(name: str, text: str) -> list[tuple[int, int]]:
    """Return where `name` stands in `text` as a source: half-open character ranges."""
    return [m.span("name") for form in source(name) for m in compiled(form).finditer(text)]
