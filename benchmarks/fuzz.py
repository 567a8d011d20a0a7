"""Read damaged copies of PDFs, and count what comes of them.

    python benchmarks/fuzz.py [--corpus DIR] [--files 500] [--seed 1] [--keep DIR]

The sources are the PDFs in DIR; without it, those of ../shared/corpus that are small. Copy n of a
seed is always the same: a source, as it is or with its pages' contents unpacked, damaged one to
twelve times (bytes changed, a bit turned, a piece cut out, doubled, moved, zeroed or put in from
another source, the end cut off, numbers or names changed). Each is read under the default limits,
and used as a rebuild then does.

Printed are the counts by outcome, refusals by their first words. "unforeseen" are those that only
the guard against errors of the program's own has caught: faults of the reader, which are to be
none. They are listed with the copy's number, its source and the lines of code, as are the copies
that crashed the reader or ran out of time or memory; --keep writes all of these into a folder.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import random
import re
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path

from pypdf import PdfWriter
from pypdf.errors import PyPdfError

from reformqa.ingest.passages import make_passages
from reformqa.ingest.workers import Job, read_all
from reformqa.model import FileProblem, Report
from reformqa.parsing import parse
from reformqa.recommendations.finding import find_recommendations
from reformqa.settings import ReadingSettings, Settings

SHARED = Path(__file__).resolve().parents[2] / "shared" / "corpus"
SMALL = ("typeset/smarter-state.pdf", "typeset/balancing-act.pdf")

#: The first words of a reason, and what the outcome is called; other reasons are refusals.
OUTCOMES = {
    "could not be read (": "unforeseen",
    "took longer than": "out of time",
    "needed more than": "out of memory",
    "crashed its reader": "crashed",
}

Damage = Callable[[random.Random, bytearray, bytes], None]


def sources(corpus: Path | None) -> list[Path]:
    """The PDFs to damage, in an order that does not change."""
    if corpus:
        return sorted(p for p in corpus.rglob("*.pdf") if p.stat().st_size)
    ugly = sorted(p for p in (SHARED / "ugly").glob("*.pdf") if p.stat().st_size)
    return [*ugly, *(SHARED / name for name in SMALL)]


def _piece(chance: random.Random, data: bytearray) -> slice:
    length = min(len(data), int(10 ** chance.uniform(0, 4)))
    start = chance.randrange(len(data) - length + 1)
    return slice(start, start + length)


def _bytes_changed(chance: random.Random, data: bytearray, other: bytes) -> None:
    for _ in range(chance.randint(1, 200)):
        data[chance.randrange(len(data))] = chance.randrange(256)


def _bit_turned(chance: random.Random, data: bytearray, other: bytes) -> None:
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _cut_out(chance: random.Random, data: bytearray, other: bytes) -> None:
    del data[_piece(chance, data)]


def _doubled(chance: random.Random, data: bytearray, other: bytes) -> None:
    piece = _piece(chance, data)
    data[piece.stop : piece.stop] = data[piece]


def _moved(chance: random.Random, data: bytearray, other: bytes) -> None:
    piece = _piece(chance, data)
    moved = data[piece]
    del data[piece]
    place = chance.randrange(len(data) + 1)
    data[place:place] = moved


def _zeroed(chance: random.Random, data: bytearray, other: bytes) -> None:
    piece = _piece(chance, data)
    data[piece] = bytes(piece.stop - piece.start)


def _put_in(chance: random.Random, data: bytearray, other: bytes) -> None:
    place = chance.randrange(len(data) + 1)
    data[place:place] = other[_piece(chance, bytearray(other))]


def _end_cut_off(chance: random.Random, data: bytearray, other: bytes) -> None:
    del data[chance.randrange(len(data)) :]


def _number_changed(chance: random.Random, data: bytearray, other: bytes) -> None:
    """The damage that gets furthest: the file is still well formed, and says something else."""
    numbers = list(re.finditer(rb"(?<=[ \[/])\d{1,7}(?=[ \]\r\n/>])", data))
    for found in sorted(chance.sample(numbers, min(5, len(numbers))), key=lambda m: -m.start()):
        value = chance.choice([0, 1, -1, 2**31, 10**9, chance.randrange(1000)])
        data[found.start() : found.end()] = b"%d" % value


def _name_changed(chance: random.Random, data: bytearray, other: bytes) -> None:
    """A key or a type becomes another of the file's own."""
    names = list(re.finditer(rb"/[A-Za-z]{2,20}\b", data))
    for found in sorted(chance.sample(names, min(3, len(names))), key=lambda m: -m.start()):
        data[found.start() : found.end()] = chance.choice(names).group()


DAMAGES: tuple[Damage, ...] = (
    _bytes_changed,
    _bit_turned,
    _cut_out,
    _doubled,
    _moved,
    _zeroed,
    _put_in,
    _end_cut_off,
    _number_changed,
    _number_changed,
    _name_changed,
    _name_changed,
)


@cache
def unpacked(source: Path) -> bytes:
    """The PDF with its pages' contents in the clear, or as it is where it cannot be rewritten."""
    out = io.BytesIO()
    try:
        writer = PdfWriter(clone_from=source)
        for page in writer.pages:
            page.replace_contents(page.get_contents())
        writer.write(out)
    except (PyPdfError, ValueError, AttributeError, KeyError):
        return source.read_bytes()
    return out.getvalue()


def damaged(files: Sequence[Path], seed: int, number: int) -> tuple[Path, bytes]:
    """Copy `number` of that seed, and its source."""
    chance = random.Random(f"{seed}-{number}")
    source = files[number % len(files)]
    other = chance.choice(files).read_bytes()
    data = bytearray(chance.choice([Path.read_bytes, unpacked])(source))
    for damage in chance.choices(DAMAGES, k=chance.choice([1, 1, 2, 3, 12])):
        if data:
            damage(chance, data, other)
    return source, bytes(data)


def copies(files: Sequence[Path], seed: int, count: int, folder: Path) -> Iterator[Job]:
    """The damaged copies as files in `folder`, named by number and source."""
    for number in range(count):
        source, data = damaged(files, seed, number)
        path = folder / f"{number:05}-{source.stem}.pdf"
        path.write_bytes(data)
        yield Job(path, path.stem)


def outcome(result: Report | FileProblem) -> str:
    """What the result is counted as."""
    if isinstance(result, Report):
        return "unforeseen" if fault(lambda: result) else "read"
    found = (name for words, name in OUTCOMES.items() if result.reason.startswith(words))
    return next(found, "refused")


def fault(read: Callable[[], Report]) -> str | None:
    """The error that reading and then using a report as a rebuild does ends in, if any."""
    try:
        report = read()
        make_passages(report, find_recommendations(report), Settings().passages)
        json.dumps(asdict(report), ensure_ascii=False).encode()
    except Exception:  # noqa: BLE001 — which it is, is what we want to know
        return traceback.format_exc()
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, help="damage the PDFs in this folder")
    parser.add_argument("--files", type=int, default=500, help="how many copies to make")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other copies")
    parser.add_argument("--keep", type=Path, help="write the worst copies into this folder")
    options = parser.parse_args()
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    files = sources(options.corpus)
    if not files:
        parser.error("there is no PDF to damage")
    begun = time.monotonic()
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        jobs = list(copies(files, options.seed, options.files, Path(folder)))
        for job, result in read_all(jobs, ReadingSettings()):
            kind = outcome(result)
            counts[kind] += 1
            if kind == "refused" and isinstance(result, FileProblem):
                reasons[" ".join(re.split(r"[(:.]", result.reason)[0].split()[:8])] += 1
            if kind not in ("read", "refused"):
                lines = fault(partial(parse, job.path)) if kind == "unforeseen" else None
                told = lines or getattr(result, "reason", "no error when read again")
                faults.append(f"{job.path.name}: {kind}\n{shortened(told)}")
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    (options.keep / job.path.name).write_bytes(job.path.read_bytes())
    seconds = time.monotonic() - begun
    print(f"{options.files} copies of {len(files)} files, seed {options.seed}, {seconds:.0f} s")
    for kind in ("read", "refused", *OUTCOMES.values()):
        print(f"  {kind:14} {counts[kind]:6}")
    print("Refused, by reason")
    for words, count in reasons.most_common():
        print(f"  {count:6}  {words}")
    print("\n".join(["", *faults]))


def shortened(lines: str) -> str:
    """The end of a traceback, two spaces in."""
    return "\n".join(f"  {line}"[:200] for line in lines.strip().splitlines()[-7:])


if __name__ == "__main__":
    main()
