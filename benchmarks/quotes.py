"""Measure what the tool `verify` says of quotes, true and changed, without being told their place.

    python benchmarks/quotes.py [--sample 300] [--seed 7]

Good for: judging a change to search or to the check of quotes, as an assistant meets it. Needs: the
five reports as text (`--shared DIR`), or an index (`--index DIR`).

Sentences of at least six words are drawn from all that is searched. Rows: the sentence as printed;
as it is typed elsewhere (straight quotation marks, hyphens for dashes, two spaces); and changed: a
word replaced, "not" put in, a figure raised by one (of the sentences with a figure). Columns: how
many were sent; the shares called verified, repaired and unsupported; of the unsupported, the share
for which `nearest` shows the true sentence; and milliseconds (median).
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from measuring import Row, default_shared, print_table, provenance, text_index
from reformqa.assistants.linked import LinkedLibrary
from reformqa.assistants.requests import VerifyRequest
from reformqa.assistants.verifying import verify
from reformqa.library import Library
from reformqa.settings import Settings
from reformqa.text.sentences import sentences

LEAST_WORDS = 6
_TYPED = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
_FIGURE = re.compile(r"\d+")


def typed(sentence: str, _: random.Random) -> str:
    """Return a sentence with the marks and spaces of a keyboard."""
    return sentence.translate(_TYPED).replace(" ", "  ", 1)


def replaced(sentence: str, rng: random.Random) -> str:
    """Return a sentence with one of its words replaced."""
    words = sentence.split()
    words[rng.randrange(len(words))] = "marmalade"
    return " ".join(words)


def negated(sentence: str, rng: random.Random) -> str:
    """Return a sentence with "not" after one of its words."""
    words = sentence.split()
    words.insert(rng.randrange(1, len(words)), "not")
    return " ".join(words)


def miscounted(sentence: str, _: random.Random) -> str:
    """Return a sentence with its first figure raised by one; as it is without figures."""
    return _FIGURE.sub(lambda found: str(int(found[0]) + 1), sentence, count=1)


CHANGES: dict[str, Callable[[str, random.Random], str]] = {
    "as printed": lambda sentence, _: sentence,
    "as typed": typed,
    "a word replaced": replaced,
    "a not put in": negated,
    "a figure raised": miscounted,
}


def measure(of: LinkedLibrary, pairs: list[tuple[str, str]]) -> Row:
    """Return the row of these pairs of a true sentence and what is sent for it."""
    said, times, shown = [], [], 0
    for true, sent in pairs:
        start = time.perf_counter()
        found = verify(of, VerifyRequest(quote=sent))
        times.append(1000 * (time.perf_counter() - start))
        said.append(found.status)
        shown += any(true in near.quote for near in found.nearest)
    shares = {s: said.count(s) / len(said) for s in ("verified", "repaired", "unsupported")}
    refused = said.count("unsupported")
    near = shown / refused if refused else None
    return {"sent": len(said), **shares, "shown": near, "ms": statistics.median(times)}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--shared", type=Path, default=default_shared())
    parser.add_argument("--index", type=Path)
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    library = Library.open(text_index(chosen.index, chosen.shared), Settings())
    provenance({"sample": chosen.sample, "seed": chosen.seed})
    rng = random.Random(chosen.seed)
    pool = [
        text
        for info in library.reports
        for paragraph in library.report(info.id).paragraphs
        if paragraph.searchable
        for _, text in sentences(paragraph.text)
        if len(text.split()) >= LEAST_WORDS
    ]
    sample = rng.sample(pool, chosen.sample)
    of = LinkedLibrary(library, "http://localhost")
    table = {}
    for name, change in CHANGES.items():
        pairs = [(true, change(true, rng)) for true in sample]
        changed = [pair for pair in pairs if name == "as printed" or pair[0] != pair[1]]
        table[name] = measure(of, changed)
    print_table("Quotes", table)


if __name__ == "__main__":
    main()
