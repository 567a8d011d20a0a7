"""Do many nightly rebuilds make the same index as one full build?

A sequence begins with a small corpus of made-up reports; before each night it is edited at random,
in one to three of the ways below. After each night, the index that was brought up to date is
compared with one built from nothing: every file byte for byte, what it depends on, and what
searches find, with their scores. The texts that the nights and the full builds encode are
counted.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reformqa import Settings, rebuild
from reformqa.errors import CorpusError
from soak.harness import Found, rounds
from soak.indexes import contents, hits

_WHO = ("Bakers", "Tram drivers", "Harbour pilots", "Councils", "Teachers", "Ministers")
_DO = ("should lend", "have forgotten", "must measure", "count", "would rather share", "now train")
_WHAT = ("their cold ovens", "the timetable", "38 per cent of all berths", "£4 billion of flour")
_WHY = ("because towns ask for it.", "before the winter comes.", "as the report of 2014 advised.")
_HEADS = ("Summary", "Ovens at dawn", "Recommendations", "What is to be done", "Conclusion")
_QUESTIONS = ("Who should lend cold ovens?", "the timetable", "How much flour was bought?")


def sentence(draw: random.Random) -> str:
    """Return a made-up sentence."""
    return " ".join(draw.choice(part) for part in (_WHO, _DO, _WHAT, _WHY))


def report(draw: random.Random) -> str:
    """Return a made-up report: a title, a few sections, paragraphs and bullets."""
    parts = [f"# {sentence(draw)[:40]} {draw.randint(1, 10**6)}"]
    for head in draw.sample(_HEADS, 3):
        parts.append(f"## {head}")
        for _ in range(draw.randint(1, 4)):
            mark = draw.choice(("", "", "- "))
            parts.append(mark + " ".join(sentence(draw) for _ in range(draw.randint(1, 12))))
    return "\n\n".join(parts) + "\n"


def add(corpus: Path, draw: random.Random) -> None:
    """Add a report."""
    file = corpus / f"paper-{draw.randint(1, 10**6)}{draw.choice(('.md', '.txt'))}"
    file.write_text(report(draw), encoding="utf-8")


def remove(corpus: Path, draw: random.Random) -> None:
    """Remove a report, but not the last one."""
    if len(reports(corpus)) > 1:
        draw.choice(reports(corpus)).unlink()


def reword(corpus: Path, draw: random.Random) -> None:
    """Insert, remove or replace a paragraph."""
    file = draw.choice(reports(corpus))
    parts = file.read_text(encoding="utf-8").split("\n\n")
    at = draw.randrange(1, len(parts)) if len(parts) > 1 else 0
    how = draw.randrange(3)
    if how == 0:
        parts.insert(at + 1, sentence(draw) + " " + sentence(draw))
    elif how == 1 and len(parts) > 4:
        del parts[at]
    else:
        parts[at] = sentence(draw)
    file.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def rename(corpus: Path, draw: random.Random) -> None:
    """Rename a file."""
    file = draw.choice(reports(corpus))
    file.rename(file.with_name(f"renamed-{draw.randint(1, 10**6)}{file.suffix}"))


def touch(corpus: Path, draw: random.Random) -> None:
    """Write the same bytes again."""
    file = draw.choice(reports(corpus))
    file.write_bytes(file.read_bytes())


def double(corpus: Path, draw: random.Random) -> None:
    """Copy a report: the same bytes, or nearly."""
    file = draw.choice(reports(corpus))
    text = file.read_text(encoding="utf-8") + draw.choice(("", "\n\nOne more line of the copy.\n"))
    copy = file.with_name(f"{draw.choice('az')}-copy-{draw.randint(1, 10**6)}.md")
    copy.write_text(text, encoding="utf-8")


def correct(corpus: Path, draw: random.Random) -> None:
    """Give the reports other titles, publishers and notes in the catalogue."""
    entries = []
    for file in reports(corpus):
        note = f'note_on = "{draw.choice(reports(corpus)).stem}"\n' if draw.random() < 0.2 else ""
        title, publisher = sentence(draw), draw.choice(_WHO)
        entries.append(
            f'[reports.{file.stem}]\ntitle = "{title}"\npublisher = "{publisher}"\n{note}'
        )
    (corpus / "catalogue.toml").write_text("\n".join(entries), encoding="utf-8")


def litter(corpus: Path, draw: random.Random) -> None:
    """Add a file that cannot be read, or is of another kind."""
    name = f"odd-{draw.randint(1, 10**6)}"
    suffix = draw.choice((".pdf", ".docx", ".txt"))
    (corpus / f"{name}{suffix}").write_bytes(draw.choice((b"", b"%PDF-1.7 torn", b"\0\0")))


EDITS: tuple[Callable[[Path, random.Random], None], ...] = (
    *(add, remove, reword, reword, reword),
    *(rename, touch, double, correct, litter),
)


def reports(corpus: Path) -> list[Path]:
    """Return the files that can be read."""
    files = [*corpus.glob("*.md"), *corpus.glob("*.txt")]
    return sorted(f for f in files if not f.name.startswith("odd-"))


def sequence(
    folder: Path,
    exported: Path,
    draw: random.Random,
    nights: int,
    stages: dict[str, Any] | None = None,
) -> Counter[str]:
    """Run one sequence of nights, and count the texts encoded.

    `exported` is a folder of exported models, `stages` are settings.
    Raises AssertionError if a night's index is not that of a full build.
    """
    corpus, index = folder / "corpus", folder / "index"
    corpus.mkdir()
    encoded: Counter[str] = Counter()
    for _ in range(draw.randint(1, 4)):
        add(corpus, draw)
    shutil.copytree(exported, index / "cache" / "models")
    for night in range(nights + 1):
        edits = [draw.choice(EDITS) for _ in range(draw.randint(1, 3))] if night else []
        for edit in edits:
            edit(corpus, draw)
        longest = {"passages": {"max_characters": draw.choice((1000, 1000, 500))}}
        settings = Settings.model_validate((stages or {}) | longest)
        full = folder / "full"
        shutil.copytree(exported, full / "cache" / "models")
        try:
            encoded["full"] += rebuild(corpus, full, settings=settings).encoded
        except CorpusError:  # a corpus of notes alone, or of nothing: neither can be built
            shutil.rmtree(full)
            continue
        encoded["nights"] += rebuild(corpus, index, settings=settings, accept_losses=True).encoded
        told = f"night {night}, after {', '.join(e.__name__ for e in edits)}"
        assert contents(index) == contents(full), told
        assert hits(index, _QUESTIONS, settings) == hits(full, _QUESTIONS, settings), told
        shutil.rmtree(full)
    return encoded


def run(seed: int, budget: float) -> Found:
    """Compare sequences of three nights with full builds."""
    found = Found()
    with tempfile.TemporaryDirectory() as name:
        first = Path(name) / "first"
        first.mkdir()
        add(first, random.Random(0))
        rebuild(first, Path(name) / "index")
        exported = Path(name) / "index" / "cache" / "models"
        for number in rounds(budget):
            folder = Path(name) / f"sequence-{number}"
            folder.mkdir()
            try:
                encoded = sequence(folder, exported, random.Random(f"{seed}-{number}"), 3)
                found.outcomes["sequences"] += 1
                for which, texts in encoded.items():
                    found.outcomes[f"texts encoded by {which}"] += texts
            except Exception as error:  # noqa: BLE001 - whatever went wrong is what is looked for
                found.fault(f"seed {seed}, sequence {number}: {error!r}")
            shutil.rmtree(folder)
    return found
