"""Are damaged PDFs either read or refused, and nothing else?

The sources are small PDFs of the shared test material (REFORMQA_SHARED), or else the notes of
corpus/, printed. Copy n of a seed is always the same: a source, as it is or with
its pages' contents unpacked, damaged one to twelve times (bytes changed, a bit turned, a piece cut
out, doubled, moved, zeroed or put in from another source, the end cut off, numbers or names
changed). Each is read and prepared under the default limits, as by a rebuild.

Outcomes are counted. "unforeseen" are errors that only the guard against the program's own errors
caught. They are faults, as are copies that crash the reader or run out of time or memory.
"""

from __future__ import annotations

import io
import json
import logging
import os
import random
import re
import tempfile
import textwrap
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path

from pypdf import PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from reformqa.ingest.prepare import PreparedReport, prepare
from reformqa.ingest.workers import Job, read_all
from reformqa.model import FileProblem
from reformqa.parsing import parse
from reformqa.settings import ReadingSettings
from soak.harness import PROJECT, Found, rounds

SHARED = Path(os.environ.get("REFORMQA_SHARED", PROJECT.parent / "shared")) / "corpus"
SMALL = ("typeset/smarter-state.pdf", "typeset/balancing-act.pdf")
#: Copies that are read together, side by side.
TOGETHER = 20

#: The first words of a reason, and what the outcome is called; other reasons are refusals.
OUTCOMES = {
    "could not be read (": "unforeseen",
    "took longer than": "out of time",
    "was not read within": "stuck",
    "needed more than": "out of memory",
    "crashed its reader": "crashed",
}

Damage = Callable[[random.Random, bytearray, bytes], None]


def sources(folder: Path) -> list[Path]:
    """Return the PDFs to damage, in an order that does not change; printed ones go to `folder`."""
    if not SHARED.is_dir():
        return [printed(note, folder) for note in sorted((PROJECT / "corpus").glob("note-*.md"))]
    ugly = sorted(p for p in (SHARED / "ugly").glob("*.pdf") if p.stat().st_size)
    return [*ugly, *(SHARED / name for name in SMALL)]


def printed(note: Path, folder: Path) -> Path:
    """Set a note in pages of a PDF in `folder`."""
    text = note.read_text(encoding="utf-8").encode("latin-1", "replace").decode("latin-1")
    lines = [line for p in text.splitlines() for line in textwrap.wrap(p, 80) or [""]]
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    named = DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})
    writer = PdfWriter()
    for start in range(0, len(lines), 50):
        page = writer.add_blank_page(600, 800)
        fonts = DictionaryObject({NameObject("/F"): named})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        shown = [re.sub(r"([()\\])", r"\\\1", line) for line in lines[start : start + 50]]
        stream = DecodedStreamObject()
        told = "BT /F 10 Tf 14 TL 60 750 Td " + " ".join(f"({line}) Tj T*" for line in shown)
        stream.set_data(f"{told} ET".encode("latin-1"))
        page[NameObject("/Contents")] = writer._add_object(stream)
    file = folder / f"{note.stem}.pdf"
    writer.write(file)
    return file


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
    """Return the PDF with its pages' contents in the clear, or as it is if that fails."""
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
    """Return copy `number` of that seed, and its source."""
    chance = random.Random(f"{seed}-{number}")
    source = files[number % len(files)]
    other = chance.choice(files).read_bytes()
    data = bytearray(unpacked(source) if chance.random() < 0.5 else source.read_bytes())
    for damage in chance.choices(DAMAGES, k=chance.choice([1, 1, 2, 3, 12])):
        if data:
            damage(chance, data, other)
    return source, bytes(data)


def copies(files: Sequence[Path], seed: int, numbers: Iterable[int], folder: Path) -> Iterator[Job]:
    """Write the damaged copies of those numbers into `folder`, named by number and source."""
    for number in numbers:
        source, data = damaged(files, seed, number)
        path = folder / f"{number:05}-{source.stem}.pdf"
        path.write_bytes(data)
        yield Job(path, path.stem)


def read(
    files: Sequence[Path], seed: int, numbers: Iterable[int], folder: Path
) -> Iterator[tuple[Job, PreparedReport | FileProblem]]:
    """Read the damaged copies of those numbers under the default limits."""
    yield from read_all(list(copies(files, seed, numbers, folder)), ReadingSettings())


def outcome(result: PreparedReport | FileProblem) -> str:
    """Return what the result is counted as."""
    if isinstance(result, PreparedReport):
        return "unforeseen" if fault(lambda: result) else "read"
    found = (name for words, name in OUTCOMES.items() if result.reason.startswith(words))
    return next(found, "refused")


def fault(read: Callable[[], PreparedReport]) -> str | None:
    """Return the traceback of reading a report and then storing it, if that fails."""
    try:
        json.dumps(asdict(read()), ensure_ascii=False).encode()
    except Exception:  # noqa: BLE001 — which it is, is what we want to know
        return traceback.format_exc()
    return None


def again(file: Path) -> PreparedReport:
    """Read and prepare a file in this process."""
    return prepare(parse(file))


def shortened(lines: str) -> str:
    """Return the end of a traceback, two spaces in."""
    return "\n".join(f"  {line}"[:200] for line in lines.strip().splitlines()[-7:])


def run(seed: int, budget: float) -> Found:
    """Read damaged copies, so many at a time."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    found = Found()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = sources(folder)
        for number in rounds(budget):
            numbers = range(number * TOGETHER, (number + 1) * TOGETHER)
            for job, result in read(files, seed, numbers, folder):
                kind = outcome(result)
                found.outcomes[kind] += 1
                if kind not in ("read", "refused"):
                    lines = fault(partial(again, job.path)) if kind == "unforeseen" else None
                    reason = result.reason if isinstance(result, FileProblem) else None
                    told = lines or reason or "no error when read again"
                    found.fault(f"seed {seed}, copy {job.path.name}: {kind}\n{shortened(told)}")
                job.path.unlink()
    return found
