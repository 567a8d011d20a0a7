"""Files that overload or crash their reader get a reason, and other files are still read."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from math import ceil
from pathlib import Path

import pytest

from reformqa.ingest.prepare import PreparedReport, prepare
from reformqa.ingest.workers import Job, PassingProblem, read_all
from reformqa.isolation.processors import available
from reformqa.model import FileProblem
from reformqa.parsing import parse
from reformqa.settings import PassageSettings, ReadingSettings
from support.tesseract import FakeTesseract, table

TEXT = "# Bread\n\n## Ovens\n\nThe bakers of the town light their {} ovens well before the dawn.\n"
WORDS = b"BT /F 10 Tf 50 700 Td (The bakers of the town light the ovens well before dawn) Tj ET"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
LIMITS = ReadingSettings(seconds=30, workers=2)


def document(*objects: bytes) -> bytes:
    """Return a PDF with these objects, numbered from 1; the first is the catalogue."""
    out = bytearray(b"%PDF-1.7\n")
    starts = []
    for number, content in enumerate(objects, start=1):
        starts.append(b"%010d 00000 n \n" % len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, b"".join(starts))
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return bytes(out) + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(out)


def stream(data: bytes, keys: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), keys, data)


def deflated(data: bytes) -> bytes:
    return stream(zlib.compress(data, 9), b"/Filter /FlateDecode")


def page(contents: bytes, *objects: bytes) -> bytes:
    """Return a PDF with one page; `objects`, numbered from 6, are forms, the first called /X."""
    return document(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R"
        b" /Resources << /Font << /F 5 0 R >> /XObject << /X 6 0 R >> >> >>",
        contents,
        FONT,
        *objects,
    )


def bomb() -> bytes:
    """Return a few kilobytes that inflate, in two steps, to two gigabytes."""
    packer = zlib.compressobj(9)
    blocks = [
        packer.compress(b"(word) Tj " * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
        for _ in range(2)
    ]
    data = zlib.compress(blocks[0] + blocks[1] * 200, 9)
    return page(stream(data, b"/Filter [/FlateDecode /FlateDecode]"))


def forms_in_forms() -> bytes:
    """Return ten forms, each of which draws the next one ten times."""
    forms = []
    for number in range(7, 17):
        last = number == 16
        keys = b"/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << %s >>"
        inner = b"" if last else b"/XObject << /X %d 0 R >>" % number
        forms.append(stream(b"0 0 m 9 9 l S " if last else b"/X Do " * 10, keys % inner))
    return page(stream(b"/X Do " * 10), *forms)


def chain_of_pages(length: int) -> bytes:
    """Return a page tree without branches, with `length` levels."""
    nodes = [
        b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 1)
        for number in range(2, 2 + length)
    ]
    leaf = b"<< /Type /Page /MediaBox [0 0 600 800] >>"
    return document(b"<< /Type /Catalog /Pages 2 0 R >>", *nodes, leaf)


def nested_arrays() -> bytes:
    return page(stream(b"BT /F 10 Tf " + b"[" * 100_000 + b"]" * 100_000 + b" TJ ET"))


def many_pages() -> bytes:
    kids = b" ".join(b"%d 0 R" % n for n in range(3, 200_003))
    leaf = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] >>"
    root = b"<< /Type /Pages /Kids [%s] /Count 200000 >>" % kids
    return document(b"<< /Type /Catalog /Pages 2 0 R >>", root, *[leaf] * 200_000)


def long_report() -> bytes:
    """Return 3,000 pages of the same 60 lines."""
    lines = b"".join(
        b"BT /F 10 Tf 50 %d Td (%s) Tj ET "
        % (760 - 12 * n, b"The bakers of the town light their ovens well before dawn.")
        for n in range(60)
    )
    kids = b" ".join(b"%d 0 R" % n for n in range(5, 3_005))
    leaf = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 3 0 R"
        b" /Resources << /Font << /F 4 0 R >> >> >>"
    )
    root = b"<< /Type /Pages /Kids [%s] /Count 3000 >>" % kids
    return document(
        b"<< /Type /Catalog /Pages 2 0 R >>", root, stream(lines), FONT, *[leaf] * 3_000
    )


def long_string() -> bytes:
    return page(deflated(b"BT /F 10 Tf 50 700 Td (" + b"a" * 70_000_000 + b") Tj ET"))


class Deadly(type(Path())):  # type: ignore[misc]
    """A file that does to its worker what its name says, because no real bug is available."""

    def read_bytes(self) -> bytes:
        deeds: dict[str, Callable[[], object]] = {
            "segfault": lambda: ctypes.string_at(1),
            "exit": lambda: os._exit(3),
            "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
            "deaf": deaf,
            "nested": nested,
            "unpicklable": unpicklable,
            "surrogate": surrogate,
            "asleep": lambda: time.sleep(100_000),
            "once-asleep": lambda: first_time(self, lambda: time.sleep(100_000)),
            "once-killed": lambda: first_time(self, lambda: os.kill(os.getpid(), signal.SIGKILL)),
            "two-seconds": lambda: burn(2),
            "children-burn": lambda: [burning_child(2) for _ in range(6)],
            "child-burns": lambda: burning_child(1_000),
        }
        deeds[self.stem]()
        return super().read_bytes()


def deaf() -> None:
    """Ignore all signals that can be handled, like a long loop in C."""
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    while True:
        pass


def burn(seconds: float) -> None:
    """Use that many seconds of a processor, however long it takes."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


BURN = "import time\nwhile time.process_time() < {}: pass"


def burning_child(seconds: float) -> None:
    """Run a process that uses that many seconds of a processor, and wait for it."""
    subprocess.run([sys.executable, "-c", BURN.format(seconds)], check=True)


def first_time(file: Path, deed: Callable[[], object]) -> None:
    """Do it if the file is read for the first time."""
    mark = file.parent / f"{file.name}.read"
    if not mark.exists():
        mark.touch()
        deed()


def nested() -> None:
    nested()


def unpicklable() -> None:
    class LocalError(Exception):
        def __init__(self, one: object, two: object) -> None:
            super().__init__("of two parts")
            self.parts = (one, two, lambda: None)

    raise LocalError(1, 2)


def surrogate() -> None:
    raise ValueError("not text: \udc80" + "long " * 10_000)


@pytest.fixture
def good(tmp_path: Path) -> list[Job]:
    """Two readable files, a text file and a PDF."""
    (tmp_path / "first.md").write_text(TEXT.format("old"), encoding="utf-8")
    (tmp_path / "last.pdf").write_bytes(page(stream(WORDS)))
    return [Job(tmp_path / "first.md", "first"), Job(tmp_path / "last.pdf", "last")]


def between(good: list[Job], path: Path, limits: ReadingSettings = LIMITS) -> str:
    """Return the problem with `path`, read between two good files, which must be unaffected."""
    jobs = [good[0], Job(path, "hostile"), good[1]]
    results = list(read_all(jobs, limits))
    assert [job for job, _ in results] == jobs
    first, problem, last = (result for _, result in results)
    assert isinstance(first, PreparedReport)
    assert isinstance(last, PreparedReport)
    assert isinstance(problem, FileProblem)
    assert problem.file == path.name
    return problem.reason


def written(folder: Path, content: bytes, name: str = "hostile.pdf") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


@pytest.mark.parametrize("passages", [PassageSettings(), PassageSettings(max_characters=200)])
def test_the_workers_read_what_parse_reads_and_prepare_makes(
    good: list[Job], tmp_path: Path, passages: PassageSettings
):
    long = TEXT.format("old, blackened and often mended" * 10)
    jobs = [*good, Job(written(tmp_path, long.encode(), "long.md"), "long")]
    slow = [prepare(parse(job.path), passages) for job in jobs]
    assert list(read_all(jobs, LIMITS, passages)) == list(zip(jobs, slow, strict=True))
    assert (len(slow[-1].passages) > 1) == (passages == PassageSettings(max_characters=200))


REFUSALS = """
import sys
from pathlib import Path
from reformqa import UnreadableFileError
from reformqa.ingest.workers import Job, read_all
from reformqa.parsing import parse
from reformqa.settings import ReadingSettings
path = Path(sys.argv[1])
for ocr in (False, True):
    try:
        parse(path, ocr=ocr)
    except UnreadableFileError as refusal:
        print(str(refusal).removeprefix(f"{path.name} "))
    for _, problem in read_all([Job(path, "bare")], ReadingSettings(ocr=ocr)):
        print(problem.reason)
"""


@pytest.mark.parametrize(
    ("installed", "said"),
    [(True, "its pages (1) are pictures (scanned)."), (False, "Debian's tesseract-ocr")],
)
def test_a_refusal_is_that_of_parse_with_tesseract_or_without(
    tmp_path: Path, installed: bool, said: str
):
    """In a process of its own: workers have the PATH with which their server was started."""
    path = written(tmp_path, page(stream(b"0 0 m 9 9 l S")))
    if installed:
        FakeTesseract(tmp_path / "bin", table([], 600, 800))
    environment = os.environ | {"PATH": str(tmp_path / "bin")}
    command = [sys.executable, "-c", REFUSALS, str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    plain, plain_of_worker, ocr, ocr_of_worker = done.stdout.splitlines()
    assert plain == plain_of_worker
    assert "It needs OCR: install tesseract" in plain
    assert ocr == ocr_of_worker
    assert said in ocr
    assert "It needs OCR" not in ocr


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_the_order_is_that_of_the_jobs_whichever_ends_first(tmp_path: Path, workers: int):
    slow = "The bakers of the town light their ovens well before dawn. " * 40 + "\n\n"
    jobs = []
    for n in range(12):
        text = TEXT.format(n) + slow * (40 if n % 5 == 0 else 0)
        jobs.append(Job(written(tmp_path, text.encode(), f"r{n}.md"), f"r{n}"))
    steps: list[tuple[str, int, int]] = []
    limits = ReadingSettings(workers=workers)
    results = list(read_all(jobs, limits, progress=lambda *step: steps.append(step)))
    assert [(job, getattr(r, "report", r).source) for job, r in results] == [
        (job, job.path.name) for job in jobs
    ]
    assert steps == [("reading", n, 12) for n in range(13)]


def test_nothing_to_read_is_nothing_read():
    assert list(read_all([], LIMITS)) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda: chain_of_pages(20_000), "page tree depth"),
        (many_pages, "array element count"),
    ],
)
def test_a_file_made_to_overload_is_refused_with_a_reason_and_a_cure(
    tmp_path: Path, good: list[Job], content: Callable[[], bytes], said: str
):
    reason = between(good, written(tmp_path, content()))
    assert reason.startswith("is a broken PDF (")
    assert said in reason
    assert "fresh copy" in reason


@pytest.mark.parametrize("content", [bomb, forms_in_forms])
def test_a_page_that_grows_without_end_is_given_up(
    tmp_path: Path, good: list[Job], content: Callable[[], bytes]
):
    limits = ReadingSettings(megabytes=256, workers=2)
    reason = between(good, written(tmp_path, content()), limits)
    assert reason.startswith("needed more than 256 MB to read: ")


def test_arrays_without_text_are_a_page_without_text(tmp_path: Path, good: list[Job]):
    assert "has no text layer" in between(good, written(tmp_path, nested_arrays()))


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path, good: list[Job]):
    path = written(tmp_path, long_report())
    reason = between(good, path, ReadingSettings(seconds=3, workers=2))
    assert reason.startswith("took longer than 3 processor seconds to read: ")
    assert "reading.seconds" in reason


def test_a_file_that_needs_too_much_memory_is_given_up_and_the_parent_has_room(
    tmp_path: Path, good: list[Job]
):
    path = written(tmp_path, long_string())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    limits = ReadingSettings(megabytes=128, workers=1)
    reason = between(good, path, limits)
    assert reason.startswith("needed more than 128 MB to read: ")
    assert "reading.megabytes" in reason
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000


def test_memory_is_counted_for_each_file_separately(tmp_path: Path, good: list[Job]):
    text = written(tmp_path, TEXT.format("x" * 2_000_000).encode(), "long.md")
    jobs = [Job(text, "long"), *good, Job(text, "again")]
    results = [r for _, r in read_all(jobs, ReadingSettings(megabytes=128, workers=1))]
    assert [r for r in results if isinstance(r, FileProblem)] == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("segfault.pdf", "crashed its reader (SIGSEGV)."),
        ("segfault.txt", "crashed its reader (SIGSEGV)."),
        ("exit.pdf", "crashed its reader (exit status 3)."),
        ("kill.pdf", "crashed its reader (SIGKILL: the machine may be out of memory)."),
        ("nested.pdf", "is nested too deeply to read: "),
        ("unpicklable.pdf", "could not be read (LocalError: of two parts)."),
        ("surrogate.pdf", "could not be read (ValueError: not text: ?long long"),
    ],
)
def test_a_failing_reader_is_reported_by_how_it_ended(
    tmp_path: Path, good: list[Job], name: str, said: str
):
    reason = between(good, Deadly(written(tmp_path, b"%PDF-1.7", name)))
    assert reason.startswith(said)
    assert len(reason) < 500


def test_a_reader_that_hears_no_signal_is_ended(tmp_path: Path, good: list[Job]):
    path = Deadly(written(tmp_path, b"%PDF-1.7", "deaf.pdf"))
    reason = between(good, path, ReadingSettings(seconds=2, workers=2))
    assert reason.startswith("took longer than 2 processor seconds to read: ")


@pytest.fixture
def busy() -> Iterator[None]:
    """Processes that keep every processor busy."""
    command = [sys.executable, "-c", "while True: pass"]
    loads = [subprocess.Popen(command) for _ in range(2 * ceil(available()))]
    yield
    for load in loads:
        load.kill()
        load.wait()


@pytest.mark.usefixtures("busy")
def test_a_busy_machine_costs_no_file(tmp_path: Path):
    """Two at once on busy processors take longer by the clock than their limit allows."""
    jobs = []
    for n in range(2):
        (tmp_path / str(n)).mkdir()
        path = Deadly(written(tmp_path / str(n), page(stream(WORDS)), "two-seconds.pdf"))
        jobs.append(Job(path, f"r{n}"))
    limits = ReadingSettings(seconds=5, workers=2)
    assert {type(r) for _, r in read_all(jobs, limits)} == {PreparedReport}


@pytest.mark.parametrize("name", ["children-burn.pdf", "child-burns.pdf"])
def test_the_processor_time_of_children_counts(tmp_path: Path, good: list[Job], name: str):
    """Whether one child burns it or each of several burns some; none is left."""
    list(read_all(good, LIMITS))
    before = children()
    path = Deadly(written(tmp_path, page(stream(WORDS)), name))
    reason = between(good, path, ReadingSettings(seconds=4, workers=2))
    assert reason.startswith("took longer than 4 processor seconds to read: ")
    assert "reading.seconds" in reason
    assert children() - before == set()
    assert burning() == []


def burning() -> list[str]:
    """Return the commands of the processes that `burning_child` has started and that run."""
    commands = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has exited since
            commands.append(file.read_text(encoding="utf-8", errors="replace"))
    return [c for c in commands if BURN.format(1_000) in c or BURN.format(2) in c]


def test_a_reader_that_waits_for_ever_is_ended_by_the_clock(tmp_path: Path):
    job = Job(Deadly(written(tmp_path, page(stream(WORDS)), "asleep.pdf")), "r")
    ((_, problem),) = read_all([job], ReadingSettings(stuck_seconds=3))
    assert isinstance(problem, PassingProblem)
    assert problem.reason.startswith("was not read within 3 seconds by the clock: ")
    assert "The next rebuild tries again." in problem.reason
    assert "reading.stuck_seconds" in problem.reason


def test_a_reader_that_was_killed_may_have_been_short_of_memory(tmp_path: Path):
    job = Job(Deadly(written(tmp_path, page(stream(WORDS)), "kill.pdf")), "r")
    ((_, problem),) = read_all([job], LIMITS)
    assert isinstance(problem, PassingProblem)


@pytest.mark.parametrize("name", ["exit.pdf", "deaf.pdf", "unpicklable.pdf"])
def test_a_problem_of_the_file_is_not_passing(tmp_path: Path, name: str):
    job = Job(Deadly(written(tmp_path, page(stream(WORDS)), name)), "r")
    ((_, problem),) = read_all([job], ReadingSettings(seconds=2))
    assert type(problem) is FileProblem


@pytest.mark.parametrize("name", ["once-asleep.pdf", "once-killed.pdf"])
def test_a_file_that_met_a_limit_is_read_again_alone_at_the_end(
    tmp_path: Path, good: list[Job], name: str
):
    job = Job(Deadly(written(tmp_path, page(stream(WORDS)), name)), "again")
    steps: list[int] = []
    limits = ReadingSettings(stuck_seconds=12, workers=2)
    results = read_all([job, *good], limits, progress=lambda _, done, total: steps.append(done))
    assert {type(r) for _, r in results} == {PreparedReport}
    assert steps == [0, 1, 2, 3]
    assert (tmp_path / f"{name}.read").exists()


def test_crash_upon_crash_costs_no_good_file(tmp_path: Path, good: list[Job]):
    jobs = []
    for n in range(6):
        folder = tmp_path / str(n)
        folder.mkdir()
        jobs.append(Job(Deadly(written(folder, b"%PDF", "exit.pdf")), f"exit-{n}"))
        jobs.append(good[n % 2])
    results = [r for _, r in read_all(jobs, LIMITS)]
    assert {type(r) for r in results[::2]} == {FileProblem}
    assert {r.reason[:35] for r in results[::2]} == {"crashed its reader (exit status 3)."}
    assert {type(r) for r in results[1::2]} == {PreparedReport}


def test_workers_killed_from_outside_cost_no_file(tmp_path: Path, good: list[Job]):
    list(read_all(good, LIMITS))
    before = children()

    def kill(stage: str, done: int, total: int) -> None:
        if done in (1, 3, 4):
            for worker in children() - before:
                with suppress(ProcessLookupError):  # it has exited since
                    os.kill(worker, signal.SIGKILL)

    results = list(read_all(good * 5, LIMITS, progress=kill))
    assert {type(r) for _, r in results} == {PreparedReport}


def children() -> set[int]:
    """Return the ids of the descendants of this process."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            after = status.read_text().rsplit(")", 1)[1].split()
        except OSError:  # it has exited since
            continue
        if after[0] != "Z":
            parents[int(status.parent.name)] = int(after[1])
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def test_no_worker_is_left_when_the_reading_is_broken_off(tmp_path: Path, good: list[Job]):
    list(read_all(good, LIMITS))
    before = children()
    path = written(tmp_path, forms_in_forms())
    results = read_all([good[0], Job(path, "a"), Job(path, "b")], LIMITS)
    assert isinstance(next(results)[1], PreparedReport)
    assert children() - before
    results.close()
    assert children() - before == set()


SCRIPT = """
from pathlib import Path
from reformqa.settings import ReadingSettings
from reformqa.ingest.workers import Job, read_all
print("once", flush=True)
jobs = [Job(Path(p), "r") for p in {paths!r}]
for job, result in read_all(jobs, ReadingSettings(seconds={seconds}, workers=2)):
    print(job.path.name, type(result).__name__, flush=True)
"""


def script(folder: Path, seconds: int, *paths: Path) -> list[str]:
    text = SCRIPT.format(paths=[str(p) for p in paths], seconds=seconds)
    return [sys.executable, str(written(folder, text.encode(), "script.py"))]


def test_a_plain_script_is_not_run_again_by_its_workers(tmp_path: Path, good: list[Job]):
    command = script(tmp_path, 30, *(job.path for job in good))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "once",
        "first.md PreparedReport",
        "last.pdf PreparedReport",
    ]
    assert done.stderr == ""


def test_workers_end_though_their_parent_was_killed(tmp_path: Path, good: list[Job]):
    path = written(tmp_path, forms_in_forms())
    command = script(tmp_path, 1, good[0].path, path)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "once\n"
        assert parent.stdout.readline() == "first.md PreparedReport\n"
        parent.kill()
    assert working_in(tmp_path)
    for _ in range(1_200):  # a worker may use six seconds of a processor, however few it gets
        if not working_in(tmp_path):
            break
        time.sleep(0.5)
    left = working_in(tmp_path)
    for process in left:
        os.kill(process, signal.SIGKILL)
    assert left == set()


def working_in(folder: Path) -> set[int]:
    """Return the ids of the processes whose working directory is `folder`."""
    found = set()
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if link.readlink() == folder:
                found.add(int(link.parent.name))
        except OSError:  # it has exited since
            continue
    return found
