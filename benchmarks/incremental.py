"""Is what many nights make of a corpus what one full build would make of it?

    python benchmarks/incremental.py [--sequences 100] [--nights 3] [--seed 1]

A sequence begins with a small corpus of made reports; before each night it is edited at random, in
one to three ways of those below. After each night the index, brought up to date from what the
nights before have left, is compared with one made from nothing: every file byte for byte, what it
was made of, and what searches find, with their scores. Also told is how many texts the nights
encoded, and how many the full builds.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from crashes import contents
from reformqa import Library, Settings, rebuild
from reformqa.errors import CorpusError

_WHO = ("Bakers", "Tram drivers", "Harbour pilots", "Councils", "Teachers", "Ministers")
_DO = ("should lend", "have forgotten", "must measure", "count", "would rather share", "now train")
_WHAT = ("their cold ovens", "the timetable", "38 per cent of all berths", "£4 billion of flour")
_WHY = ("because towns ask for it.", "before the winter comes.", "as the report of 2014 advised.")
_HEADS = ("Summary", "Ovens at dawn", "Recommendations", "What is to be done", "Conclusion")
_QUESTIONS = ("Who should lend cold ovens?", "the timetable", "How much flour was bought?")


def sentence(draw: random.Random) -> str:
    """A made sentence."""
    return " ".join(draw.choice(part) for part in (_WHO, _DO, _WHAT, _WHY))


def report(draw: random.Random) -> str:
    """A made report: a title, a few sections, paragraphs and bullets."""
    parts = [f"# {sentence(draw)[:40]} {draw.randint(1, 10**6)}"]
    for head in draw.sample(_HEADS, 3):
        parts.append(f"## {head}")
        for _ in range(draw.randint(1, 4)):
            mark = draw.choice(("", "", "- "))
            parts.append(mark + " ".join(sentence(draw) for _ in range(draw.randint(1, 12))))
    return "\n\n".join(parts) + "\n"


def add(corpus: Path, draw: random.Random) -> None:
    """A new report."""
    file = corpus / f"paper-{draw.randint(1, 10**6)}{draw.choice(('.md', '.txt'))}"
    file.write_text(report(draw), encoding="utf-8")


def remove(corpus: Path, draw: random.Random) -> None:
    """A report gone; the last one stays."""
    if len(reports(corpus)) > 1:
        draw.choice(reports(corpus)).unlink()


def reword(corpus: Path, draw: random.Random) -> None:
    """A paragraph more, less, or another."""
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
    """The same file under another name."""
    file = draw.choice(reports(corpus))
    file.rename(file.with_name(f"renamed-{draw.randint(1, 10**6)}{file.suffix}"))


def touch(corpus: Path, draw: random.Random) -> None:
    """The same bytes, written anew."""
    file = draw.choice(reports(corpus))
    file.write_bytes(file.read_bytes())


def double(corpus: Path, draw: random.Random) -> None:
    """The same report twice: the same bytes, or nearly."""
    file = draw.choice(reports(corpus))
    text = file.read_text(encoding="utf-8") + draw.choice(("", "\n\nOne more line of the copy.\n"))
    copy = file.with_name(f"{draw.choice('az')}-copy-{draw.randint(1, 10**6)}.md")
    copy.write_text(text, encoding="utf-8")


def correct(corpus: Path, draw: random.Random) -> None:
    """A title, a publisher or a note in the catalogue."""
    entries = []
    for file in reports(corpus):
        note = f'note_on = "{draw.choice(reports(corpus)).stem}"\n' if draw.random() < 0.2 else ""
        title, publisher = sentence(draw), draw.choice(_WHO)
        entries.append(
            f'[reports.{file.stem}]\ntitle = "{title}"\npublisher = "{publisher}"\n{note}'
        )
    (corpus / "catalogue.toml").write_text("\n".join(entries), encoding="utf-8")


def litter(corpus: Path, draw: random.Random) -> None:
    """A file that cannot be read, or is of another kind."""
    name = f"odd-{draw.randint(1, 10**6)}"
    suffix = draw.choice((".pdf", ".docx", ".txt"))
    (corpus / f"{name}{suffix}").write_bytes(draw.choice((b"", b"%PDF-1.7 torn", b"\0\0")))


EDITS: tuple[Callable[[Path, random.Random], None], ...] = (
    *(add, remove, reword, reword, reword),
    *(rename, touch, double, correct, litter),
)


def reports(corpus: Path) -> list[Path]:
    """The files that can be read."""
    found = [*corpus.glob("*.md"), *corpus.glob("*.txt")]
    return sorted(f for f in found if not f.name.startswith("odd-"))


def found(index: Path, settings: Settings) -> list[list[tuple[str, float]]]:
    """What searches give, with the scores."""
    library = Library.open(index, settings)
    return [[(hit.paragraph.id, hit.score) for hit in library.search(q)] for q in _QUESTIONS]


def sequence(folder: Path, exported: Path, draw: random.Random, nights: int) -> Counter[str]:
    """One sequence; `exported` is a folder of exported models. Counts the texts encoded.

    Raises AssertionError where a night's index is not that of a full build.
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
        longest = draw.choice((1000, 1000, 500))
        settings = Settings.model_validate({"passages": {"max_characters": longest}})
        full = folder / "full"
        shutil.copytree(exported, full / "cache" / "models")
        try:
            encoded["full"] += rebuild(corpus, full, settings=settings).encoded
        except CorpusError:  # a corpus of notes alone, or of nothing: neither can be built
            shutil.rmtree(full)
            continue
        told = rebuild(corpus, index, settings=settings, accept_losses=True)
        encoded["nights"] += told.encoded
        what = f"night {night}, after {', '.join(e.__name__ for e in edits)}"
        assert contents(index) == contents(full), what
        assert found(index, settings) == found(full, settings), what
        shutil.rmtree(full)
    return encoded


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare nightly rebuilds with full ones.")
    parser.add_argument("--sequences", type=int, default=100)
    parser.add_argument("--nights", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    encoded: Counter[str] = Counter()
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        first = Path(name) / "first"
        first.mkdir()
        add(first, random.Random(0))
        rebuild(first, Path(name) / "index")
        exported = Path(name) / "index" / "cache" / "models"
        for n in range(given.sequences):
            folder = Path(name) / f"sequence-{n}"
            folder.mkdir()
            try:
                encoded += sequence(folder, exported, random.Random(given.seed + n), given.nights)
            except AssertionError as error:
                wrong += 1
                print(f"sequence {n}: {error}", flush=True)
            shutil.rmtree(folder)
            if n % 10 == 9:
                print(
                    f"{n + 1} sequences, {wrong} wrong, texts encoded: {dict(encoded)}", flush=True
                )


if __name__ == "__main__":
    main()
