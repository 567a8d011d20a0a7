"""Other libraries' best chunks beside our answers, at as many words.

Each library of peers.py indexes the paragraphs that reformqa has read, so that reading does not
count. Of the chunks that it finds for a question, a reader is shown as many words as our answer
has, or as our answers have on average if ours is a refusal. A chunk stands for a cited paragraph.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import evidence as ev
from evidence import Asked, Shown
from measuring import Row, Table
from reformqa import Library
from reformqa.text.sentences import sentences
from systems import System, Worker

#: The chunks that are asked for: more than are shown.
CHUNKS = 10
#: The figures that are put side by side.
COLUMNS = ("questions", "facts", "cited", "said", "gist", "RR", "on evidence", "words")

Answered = Sequence[tuple[Asked, tuple[Shown, ...]]]


def cut(chunks: Sequence[str], words: int) -> tuple[Shown, ...]:
    """Return the sentences of the chunks as far as so many words reach; the last may be cut."""
    found = []
    for chunk in chunks:
        for (start, end), _ in sentences(chunk):
            taken = list(re.finditer(r"\S+", chunk[start:end]))[:words]
            if not taken:
                continue
            words -= len(taken)
            span = (start, start + taken[-1].end())
            found.append(Shown(chunk[slice(*span)], ((chunk, span),)))
    return tuple(found)


def count_words(given: Sequence[Shown]) -> int:
    """Return how many words the sentences have."""
    return sum(len(s.text.split()) for s in given)


def write_texts(library: Library, folder: Path) -> None:
    """Write the paragraphs of each report into a text file."""
    folder.mkdir()
    for report in library.reports:
        text = "\n\n".join(p.text for p in library.report(report.id).paragraphs)
        (folder / f"{report.id}.txt").write_text(text, "utf-8")


def answered_by(worker: Worker, ours: Answered) -> list[tuple[Asked, tuple[Shown, ...]]]:
    """Return the questions with what a system's chunks show in as many words as ours."""
    counts = [count_words(given) for _, given in ours]
    full = [count for count in counts if count]
    mean = round(sum(full) / max(1, len(full)))
    found = worker.ask([q.text for q, _ in ours], CHUNKS)["texts"]
    return [
        (question, cut(chunks, count or mean))
        for (question, _), chunks, count in zip(ours, found, counts, strict=True)
    ]


def compared(answers: Mapping[str, tuple[Library, Answered]], peers: Sequence[System]) -> Table:
    """Return a row for reformqa and for each peer, for each group of questions."""
    table: dict[tuple[str, str], Row] = {}
    built: dict[str, dict[str, System]] = {}
    with tempfile.TemporaryDirectory() as name:
        for group, (library, ours) in answers.items():
            table[group, "reformqa"] = ev.fact_row(ours)
            folder = Path(name) / library.build.id
            if library.build.id not in built:
                write_texts(library, folder)
                own = {p.name: System(p.name, p.python, folder / p.name) for p in peers}
                for system in own.values():
                    system.build(folder)
                built[library.build.id] = own
            for peer, system in built[library.build.id].items():
                with Worker(system) as worker:
                    table[group, peer] = ev.fact_row(answered_by(worker, ours))
    return {
        f"{group}, {system}": {column: row[column] for column in COLUMNS}
        for (group, system), row in table.items()
    }
