"""A life of fifty nights: is a good paper ever lost, or a wrong answer given?

Before each night, papers come, change, go, are renamed and handed in, hostile files among them.
Then the index is brought up to date by `reformqa rebuild` in a process of its own, on a night that
is calm, or not: the machine is busy, the disk is nearly full, the clock is set back, the run is
killed, or two operators rebuild at once. Readers ask all the time.

Each paper tells of a harbour of its own, so what is right is known. A wrong answer quotes what its
report never said, or answers about one harbour with another's paper. A good paper is lost if the
night was completed and the paper is neither in the index as it is nor named with a reason that
passes; a refusal is unnamed if the build does not name the file. All are faults.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from docx import Document

from reformqa import Library, Settings, verify
from reformqa.errors import MissingIndexError, UploadError
from reformqa.files import digest
from reformqa.ingest.folder import CATALOGUE, survey
from reformqa.ingest.upload import receive
from reformqa.model import FileProblem, ReportInfo
from reformqa.settings import AppSettings
from reformqa.text.similarity import letters
from soak import fuzz
from soak.harness import Found, rounds

NIGHTS = 50
READERS = 2
#: The seconds that a reader thinks between two questions.
PAUSE = 2.0
#: One model: what is looked for does not depend on how good the answers are.
SETTINGS = Settings.model_validate({"encoder": {"quality": "fast"}})
#: The most that the memory of the readers' process may grow between the tenth night and the last.
GROWTH = 0.25
#: A reader of files that is held up by a busy machine is given up after so many seconds.
STUCK = 1
#: How far the clock is set back, in seconds, and the sizes of files at which the disk is full.
BACK = (3_600, 400 * 86_400)
ROOM = (200, 300_000)
#: `reformqa rebuild` on a disk with room for files of so many bytes, by a clock so much behind.
PROGRAM = """
import resource, sys
from datetime import datetime, timedelta
import reformqa.pipeline.rebuild as rebuilding

most, behind = int(sys.argv[1]), timedelta(seconds=int(sys.argv[2]))

class Clock(datetime):
    @classmethod
    def now(cls, zone=None):
        return datetime.now(zone) - behind

rebuilding.datetime = Clock
if most:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
sys.argv = ["reformqa", "rebuild", *sys.argv[3:]]
from reformqa.cli import main
main()
"""
#: What is said of it, with a file of the index.
FULL = re.compile(r"index/\S+: (?:File too large|disk I/O error|database or disk is full)")
SPIN = "while True: pass"

_SYLLABLES = ("bra", "dol", "fen", "gri", "kel", "lum", "mor", "nev", "pas", "quo", "rud", "sil")
_THINGS = ("cold ovens", "spare sails", "dry ropes", "copper lamps", "long ladders", "old bells")
_WHOM = ("the bakers", "the pilots", "every school", "the night watch", "its apprentices")
_MORE = (
    "The winter of that year was long, and the quays were closed to all but the mail.",
    "Nobody had counted the carts before, and so nobody knew how many were missing.",
    "A ferry that leaves at a fixed hour is worth more than two that leave at any hour.",
    "The keepers of the lights were paid by the week, and asked to be paid by the month.",
    "What was spent on timber in the spring was saved on repairs before the autumn.",
)


@dataclass
class Paper:
    """A paper of a harbour: the file that holds it, and every text that it has had."""

    harbour: str
    file: Path
    texts: dict[str, str] = field(default_factory=dict)


@dataclass
class Life:
    """The folders, the papers of a corpus by the names of their files, and what was found."""

    corpus: Path
    index: Path
    draw: random.Random
    found: Found
    papers: dict[str, Paper] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    hostile: int = 0

    def harbour(self) -> str:
        """Return the name of a harbour that no other paper tells of."""
        name = "".join(self.draw.choices(_SYLLABLES, k=4)).capitalize()
        return name if name not in {p.harbour for p in self.papers.values()} else self.harbour()

    def write(self, paper: Paper) -> None:
        """Write a new text into a paper's file."""
        title, said = f"The harbour of {paper.harbour}", told(self.draw, paper.harbour)
        SUFFIXES[paper.file.suffix](paper.file, title, said)
        self.papers[paper.file.name] = paper
        self.texts[digest(paper.file)] = letters(" ".join((title, *said)))


def told(draw: random.Random, harbour: str) -> list[str]:
    """Return the paragraphs of a paper on a harbour."""
    thing, whom, count = draw.choice(_THINGS), draw.choice(_WHOM), draw.randint(2, 999)
    first = f"The harbour board of {harbour} should lend {count} {thing} to {whom} this winter."
    return [first, *draw.sample(_MORE, draw.randint(2, len(_MORE)))]


def _markdown(file: Path, title: str, said: list[str]) -> None:
    file.write_text("\n\n".join((f"# {title}", "## Findings", *said)) + "\n", encoding="utf-8")


def _pdf(file: Path, title: str, said: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        note = Path(name) / f"{file.stem}.md"
        _markdown(note, title, said)
        os.replace(fuzz.printed(note, file.parent), file)


def _word(file: Path, title: str, said: list[str]) -> None:
    document = Document()
    document.add_heading(title, 1)
    for paragraph in said:
        document.add_paragraph(paragraph)
    document.save(str(file))


def _page(file: Path, title: str, said: list[str]) -> None:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in said)
    file.write_text(f"<html><body><h1>{title}</h1>{body}</body></html>", encoding="utf-8")


SUFFIXES: dict[str, Callable[[Path, str, list[str]], None]] = {
    ".md": _markdown,
    ".txt": _markdown,
    ".pdf": _pdf,
    ".docx": _word,
    ".html": _page,
}


def come(life: Life) -> None:
    """A paper comes."""
    harbour = life.harbour()
    suffix = life.draw.choice(list(SUFFIXES))
    life.write(Paper(harbour, life.corpus / f"{harbour.lower()}{suffix}"))


def change(life: Life) -> None:
    """A paper is rewritten."""
    life.write(life.draw.choice(list(life.papers.values())))


def go(life: Life) -> None:
    """A paper goes, but not one of the last ten."""
    if len(life.papers) > 10:
        life.papers.pop(life.draw.choice(list(life.papers))).file.unlink()


def rename(life: Life) -> None:
    """A paper gets another name."""
    paper = life.papers.pop(life.draw.choice(list(life.papers)))
    new = paper.file.with_name(f"{paper.file.stem}-{life.draw.randint(1, 99)}{paper.file.suffix}")
    paper.file = paper.file.rename(new)
    life.papers[new.name] = paper


def hand_in(life: Life) -> None:
    """A visitor hands a paper in, or another one's name with a paper of his own."""
    harbour = life.harbour()
    file = life.corpus.parent / "sent.md"
    said = told(life.draw, harbour)
    _markdown(file, f"The harbour of {harbour}", said)
    named = life.draw.choice([harbour, life.draw.choice(list(life.papers.values())).harbour])
    try:
        taken = receive(life.corpus, f"{named}.md", file.read_bytes(), AppSettings(uploads="wait"))
    except UploadError:
        life.found.outcomes["papers handed in and refused at the door"] += 1
        return
    life.papers[taken.name] = Paper(harbour, taken)
    life.texts[digest(taken)] = letters(f"The harbour of {harbour} {' '.join(said)}")


def attack(life: Life) -> None:
    """A hostile file comes."""
    life.hostile += 1
    life.draw.choice(HOSTILE)(life.corpus, f"hostile-{life.hostile:03}", life.draw)


def _damaged(corpus: Path, name: str, draw: random.Random) -> None:
    sound = [f for f in sorted(corpus.glob("*.pdf")) if not f.name.startswith("hostile")]
    data = bytearray(draw.choice(sound).read_bytes() if sound else b"%PDF-1.7\n%%EOF")
    for damage in draw.choices(fuzz.DAMAGES, k=draw.randint(1, 12)):
        if data:
            damage(draw, data, bytes(data))
    (corpus / f"{name}.pdf").write_bytes(data)


def _garbage(corpus: Path, name: str, draw: random.Random) -> None:
    suffix = draw.choice(list(SUFFIXES))
    (corpus / f"{name}{suffix}").write_bytes(draw.choice((b"", b"\0\0\0", draw.randbytes(5_000))))


def _bomb(corpus: Path, name: str, draw: random.Random) -> None:
    """A Word file that unpacks to a thousand times its size."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("word/document.xml", b"<w>" + bytes(100_000_000))
    (corpus / f"{name}.docx").write_bytes(out.getvalue())


def _deep(corpus: Path, name: str, draw: random.Random) -> None:
    """A page, or a Markdown file, of elements within elements."""
    if draw.random() < 0.5:
        (corpus / f"{name}.html").write_text("<div>" * 200_000 + "deep " * 20)
    else:
        (corpus / f"{name}.md").write_text("> " * 20_000 + "deep " * 20)


def _odd(corpus: Path, name: str, draw: random.Random) -> None:
    """Something that is no file of the corpus: a pipe, a link to nowhere or out, a sparse giant."""
    file = corpus / f"{name}.pdf"
    kind = draw.randrange(4)
    if kind == 0:
        os.mkfifo(file)
    elif kind == 3:
        with file.open("wb") as giant:
            giant.truncate(8 * 2**30)
    else:
        file.symlink_to("/etc/hostname" if kind == 1 else "nowhere.pdf")


HOSTILE: tuple[Callable[[Path, str, random.Random], None], ...] = (
    *(_damaged, _damaged, _garbage, _garbage, _bomb, _deep, _odd),
)


def catalogue(life: Life) -> None:
    """The catalogue is written anew, with half of the papers, or breaks off."""
    chosen = [p for p in life.papers.values() if life.draw.random() < 0.5]
    entries = "".join(
        f'[reports.{p.file.stem}]\ntitle = "The harbour of {p.harbour}"\npublisher = "Pilots"\n\n'
        for p in chosen
    )
    if life.draw.random() < 0.2:
        entries += "[reports.broken"
    (life.corpus / CATALOGUE).write_text(entries, encoding="utf-8")


EVENTS = (come, come, come, change, change, go, rename, hand_in, attack, attack, catalogue)


@dataclass(frozen=True)
class Ended:
    """The end of a run: its exit status, what it printed of errors, and its peak in megabytes."""

    status: int
    said: str
    peak: int


def run_rebuild(
    life: Life, *, most: int = 0, behind: int = 0, seconds: float | None = None, stuck: int = 0
) -> Ended:
    """Run `reformqa rebuild`, and kill it after that many seconds, if given."""
    settings = life.index.parent / "reformqa.toml"
    settings.write_text(
        f'[encoder]\nquality = "fast"\n[reading]\nstuck_seconds = {stuck}\n'
        "[rebuild]\nmost_removed = 1\n"
    )
    options = ["--corpus", life.corpus, "--index", life.index, "--settings", settings, "--nice", 0]
    line = [sys.executable, "-c", PROGRAM, str(most), str(behind), *map(str, options)]
    with tempfile.TemporaryFile("w+") as errors:
        child = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=errors)
        timer = threading.Timer(seconds, child.kill) if seconds else None
        if timer:
            timer.start()
        _, status, used = os.wait4(child.pid, 0)
        if timer:
            timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        return Ended(child.returncode, errors.read(), used.ru_maxrss // 1024)


@contextlib.contextmanager
def busy() -> Iterator[None]:
    """Keep every processor busy, three times over."""
    count = 3 * len(os.sched_getaffinity(0))
    spinning = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(count)]
    try:
        yield
    finally:
        for child in spinning:
            child.kill()
            child.wait()


def calm_night(life: Life) -> list[Ended]:
    """Rebuild undisturbed."""
    return [run_rebuild(life)]


def busy_night(life: Life) -> list[Ended]:
    """Rebuild on a busy machine, with little patience."""
    with busy():
        return [run_rebuild(life, stuck=STUCK)]


def full_night(life: Life) -> list[Ended]:
    """Rebuild on a disk that is nearly full."""
    return [run_rebuild(life, most=life.draw.randint(*ROOM))]


def early_night(life: Life) -> list[Ended]:
    """Rebuild by a clock that was set back."""
    return [run_rebuild(life, behind=life.draw.randint(*BACK))]


def killed_night(life: Life) -> list[Ended]:
    """Kill the rebuild."""
    return [run_rebuild(life, seconds=life.draw.uniform(1, 20))]


def shared_night(life: Life) -> list[Ended]:
    """Two operators rebuild at once."""
    ended: list[Ended] = []
    other = threading.Thread(target=lambda: ended.append(run_rebuild(life)))
    other.start()
    ended.append(run_rebuild(life))
    other.join()
    return ended


KINDS: dict[str, Callable[[Life], list[Ended]]] = {
    "calm": calm_night,
    "busy": busy_night,
    "full disk": full_night,
    "clock set back": early_night,
    "killed": killed_night,
    "two operators": shared_night,
}


class Readers:
    """Readers who ask about the papers in turn, each answer checked against the papers."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._read, args=(n,)) for n in range(READERS)]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _read(self, number: int) -> None:
        draw = random.Random(number)
        library: Library | None = None
        while not self._over.wait(PAUSE):
            try:
                current = (self._life.index / "current").read_text(encoding="utf-8").strip()
                if library is None or library.build.id != current:
                    library = Library.open(self._life.index, SETTINGS)
            except (MissingIndexError, FileNotFoundError):
                continue
            try:
                kind = wrong_answer(self._life, library, draw)
            except Exception as error:  # noqa: BLE001 - whatever went wrong is what is looked for
                kind = f"a reader met {error!r}"
            with self._lock:
                if kind in ("answered", "abstained", "of a paper that is gone"):
                    self._life.found.outcomes[f"questions {kind}"] += 1
                else:
                    self._life.found.fault(kind)


def wrong_answer(life: Life, library: Library, draw: random.Random) -> str:
    """Ask about a report, and return what became of it; anything unusual is wrong."""
    infos = {r.id: r for r in library.reports}
    asked = draw.choice(list(infos.values()))
    if not (named := re.search(r"[hH]arbour of (\w+)", asked.title)):
        return "of a paper that is gone"
    question = f"What should the harbour board of {named[1]} lend, and to whom?"
    answer = library.ask(question)
    if answer.abstained:
        return "abstained"
    for sentence in answer.sentences:
        for citation in sentence.citations:
            text = life.texts.get(infos[citation.report_id].sha256)
            if text is not None and letters(citation.quote) not in text:
                return f"wrong answer: {citation} never said {citation.quote!r}"
    first = infos[answer.sentences[0].citations[0].report_id]
    if named[1] not in first.title:
        return f"wrong answer: {question!r} was answered from {first.title!r}"
    return "answered"


def faults_of_night(life: Life, kind: str, ended: list[Ended]) -> Iterator[str]:
    """Yield what went wrong in a night, and count what happened to the papers."""
    for end in ended:
        if "Traceback" in end.said:
            yield f"a traceback:\n{end.said[-2_000:]}"
        if end.status and kind in ("calm", "busy", "clock set back"):
            yield f"exit status {end.status}: {end.said[-1_000:]}"
        if end.status > 0 and not end.said.strip():
            yield f"exit status {end.status} without a word"
        if end.status > 0 and kind == "full disk" and not FULL.search(end.said):
            yield f"the full disk and the file are not named: {end.said[-1_000:]}"
    if not (life.index / "current").exists():
        return
    build = verify(life.index)
    if any(end.status == 0 for end in ended):
        infos = {r.source: r for r in Library.open(life.index, SETTINGS).reports}
        yield from papers_lost(life, infos, build.problems)
        yield from unnamed(life, infos, (*build.problems, *build.skipped))


def papers_lost(
    life: Life, infos: dict[str, ReportInfo], problems: tuple[FileProblem, ...]
) -> Iterator[str]:
    named = {p.file: p.reason for p in problems}
    for name, paper in life.papers.items():
        info, reason = infos.get(name), named.get(name)
        if info and not info.stale and info.sha256 == digest(paper.file):
            life.found.outcomes["good papers in the index as they are"] += 1
        elif reason and "next rebuild" in reason:
            life.found.outcomes["good papers put off to the next night, by name"] += 1
        else:
            yield f"a good paper is lost: {name} ({reason or 'not named'})"


def unnamed(
    life: Life, infos: dict[str, ReportInfo], named: tuple[FileProblem, ...]
) -> Iterator[str]:
    names = {p.file for p in named}
    files, strange = survey(life.corpus)
    for name in {f.name for f in files} | {p.file for p in strange}:
        if name in names:
            life.found.outcomes["refusals, all named"] += 1
        elif name not in infos:
            yield f"a file is neither in the index nor named: {name}"
    for name in infos.keys() - life.papers.keys():
        if not name.startswith("hostile"):
            yield f"a paper is in the index that is not in the corpus: {name}"


def memory() -> int:
    """Return the megabytes of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 2**20


def live(life: Life, seed: int, budget: float) -> None:
    """Live through the nights, and record the faults of each."""
    levels, peaks = [], []
    for night in rounds(budget):
        if night == NIGHTS:
            break
        life.draw = random.Random(f"{seed}-{night}")
        events = [life.draw.choice(EVENTS) for _ in range(life.draw.randint(1, 5))]
        for event in events if night else [come] * 12:
            event(life)
        kind = life.draw.choice(list(KINDS)) if night else "calm"
        ended = KINDS[kind](life)
        done = "done" if any(end.status == 0 for end in ended) else "not done"
        life.found.outcomes[f"nights: {kind}, {done}"] += 1
        told_as = f"seed {seed}, night {night} ({kind}; {', '.join(e.__name__ for e in events)})"
        for fault in faults_of_night(life, kind, ended):
            life.found.fault(f"{told_as}: {fault}")
        levels.append(memory())
        peaks += [end.peak for end in ended if end.status == 0]
        line = f"{done}, {levels[-1]} MB, {len(life.papers)} papers"
        print(f"  night {night}: {kind}, {line}", flush=True)
    life.found.outcomes["MB of the readers' process at the end"] = levels[-1]
    life.found.outcomes["MB of the largest rebuild"] = max(peaks)
    if len(levels) > 20:
        early, late = statistics.median(levels[8:13]), statistics.median(levels[-5:])
        life.found.outcomes["MB of the readers' process about the tenth night"] = int(early)
        if late > (1 + GROWTH) * early:
            life.found.fault(f"seed {seed}: memory grew from {early:.0f} to {late:.0f} MB")


def run(seed: int, budget: float) -> Found:
    """Live one life, of at most fifty nights."""
    found = Found()
    with tempfile.TemporaryDirectory() as name:
        corpus, index = Path(name) / "corpus", Path(name) / "index"
        corpus.mkdir()
        life = Life(corpus, index, random.Random(seed), found)
        with Readers(life):
            live(life, seed, budget)
    return found
