"""What the benchmarks share: where a run took place, its tables, and what a process costs."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import distributions, version
from pathlib import Path
from time import perf_counter

PROJECT = Path(__file__).resolve().parents[1]
CATALOGUE = PROJECT / "corpus" / "catalogue.toml"
#: The reports that the first gold questions are about.
REPORTS = ("reform-dividend", "balancing-act", "great-government", "smarter-state", "going-public")
#: The packages whose versions bear on the figures.
PACKAGES = (
    *("reformqa", "faiss-cpu", "numpy", "onnxruntime", "pypdf", "pypdfium2"),
    *("sentence-transformers", "streamlit", "tokenizers"),
)
#: OMP_NUM_THREADS of processes that ask and of processes that build.
ASKING, BUILDING = 1, 2
#: PR_SET_CHILD_SUBREAPER of Linux's <sys/prctl.h>.
SUBREAPER = 36

#: A row of a table; None is printed as a dash.
Row = dict[str, float | int | str | None]
Table = dict[str, Row]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a whole process took (MB of 1024² bytes), and what it printed."""

    seconds: float
    cpu_seconds: float
    megabytes: float
    output: str


def default_shared() -> Path:
    """Return the folder of reports and gold questions: REFORMQA_SHARED, or beside the project."""
    return Path(os.environ.get("REFORMQA_SHARED", PROJECT.parent / "shared"))


def provenance(settings: Mapping[str, object], left_out: Iterable[str] = ()) -> None:
    """Print where, when and on what a run takes place, and which cases it leaves out."""
    present = {found.name for found in distributions()}
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES if name in present)
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    machine = f"{os.cpu_count()} cores, {gigabytes:.1f} GB, {platform.machine()}"
    print(f"date      {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}")
    print(f"machine   {machine}, load {os.getloadavg()[0]:.1f} before")
    print(f"packages  Python {platform.python_version()}, {packages}")
    print(f"settings  {', '.join(f'{name} {value}' for name, value in settings.items())}")
    print(f"left out  {'; '.join(left_out) or 'nothing'}\n", flush=True)


def _commit() -> str:
    """Return the short commit of the project, with a plus sign if files have changed since."""
    git = ["git", "-C", str(PROJECT)]
    with suppress(OSError, subprocess.CalledProcessError):
        found = subprocess.run(
            [*git, "rev-parse", "--short", "HEAD"], check=True, capture_output=True, text=True
        )
        changed = subprocess.run([*git, "diff", "--quiet", "HEAD"], check=False).returncode
        return found.stdout.strip() + "+" * bool(changed)
    return "unknown"


def print_table(title: str, table: Table) -> None:
    """Print a line for each row, each column as wide as its figures need."""
    if not table:
        return
    longest = max(table.values(), key=len)
    names = list(dict.fromkeys(name for row in (longest, *table.values()) for name in row))
    cells = {first: [_cell(row.get(name)) for name in names] for first, row in table.items()}
    widths = [
        max(len(name), *map(len, column))
        for name, *column in zip(names, *cells.values(), strict=True)
    ]
    first_width = max(map(len, (title, *table)))
    for first, row in {title: names, **cells}.items():
        line = (f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
        print(f"{first:{first_width}}", *line, sep="  ")
    print(flush=True)


def _cell(value: float | int | str | None) -> str:
    """Return a value to about three figures; a whole number as it is."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.{3 if value <= 1 else 2 if value < 10 else 1 if value < 100 else 0}f}"


def text_index(given: Path | None, shared: Path) -> Path:
    """Return the index of the five reports as text: the one given, or one built now."""
    if given:
        return given
    return build_index("text", shared, [shared / "corpus" / "text"], CATALOGUE.read_text("utf-8"))


def build_index(name: str, shared: Path, folders: Iterable[Path], catalogue: str) -> Path:
    """Return an index of the folders' reports, kept in the temporary folder for the next run.

    A rebuild leaves it alone if neither the reports nor the code have changed.
    Raises SystemExit if there are no reports.
    """
    files = sorted(
        f for folder in folders for f in folder.glob("*") if f.suffix in (".txt", ".pdf")
    )
    if not files:
        sys.exit(f"{shared} has no reports. Name the folder that has them with --shared.")
    place = Path(tempfile.gettempdir()) / f"reformqa-benchmarks-{os.getuid()}" / name
    corpus, index = place / "corpus", place / "index"
    corpus.mkdir(parents=True, exist_ok=True)
    (corpus / "catalogue.toml").write_text(catalogue, "utf-8")
    for file in files:
        shutil.copy(file, corpus)
    print(f"Building the index of {len(files)} reports in {index}", file=sys.stderr)
    measure(rebuild_command(corpus, index), BUILDING)
    return index


def rebuild_command(corpus: Path, index: Path, *options: str) -> list[str]:
    """Return the command that rebuilds an index, at the priority of this process."""
    places = ["--corpus", str(corpus), "--index", str(index)]
    return [sys.executable, "-m", "reformqa", "rebuild", *places, "--nice", "0", *options]


def environment(threads: int) -> dict[str, str]:
    """Return the environment of a measured process."""
    return {**os.environ, "OMP_NUM_THREADS": str(threads), "TOKENIZERS_PARALLELISM": "false"}


def peak(pid: int | str = "self") -> float:
    """Return the peak memory of a process in MB (VmHWM), or 0 if the system does not report it."""
    return _memory(pid, "VmHWM")


def resident(pid: int) -> float:
    """Return the memory of a process now in MB (VmRSS), or 0 if the system does not report it."""
    return _memory(pid, "VmRSS")


def _memory(pid: int | str, what: str) -> float:
    status = Path(f"/proc/{pid}/status")
    found = re.search(rf"{what}:\s*(\d+)", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else 0.0


def measure(command: Sequence[str], threads: int) -> Cost:
    """Run a command to its end and return what it cost.

    A small process starts it: on Linux a peak also counts what the starting process occupied.
    Raises SystemExit with the command's errors if it fails.
    """
    with subprocess.Popen(
        [sys.executable, __file__, *command],
        env=environment(threads),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, errors = process.communicate()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)  # and whatever it started
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{errors[-2000:]}")
    return Cost(**json.loads(output))


def launch(*command: str) -> None:
    """Run a command, print its cost as JSON, and exit with its status.

    Processes that it leaves behind become children of this one (a "subreaper"), so that they and
    whatever they started are counted.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryFile() as output:
        start = perf_counter()
        process = subprocess.Popen(command, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds, usages = perf_counter() - start, [usage]
        process.returncode = os.waitstatus_to_exitcode(status)
        with suppress(ChildProcessError):  # raised when none is left
            while True:
                usages.append(os.wait4(-1, 0)[2])
        output.seek(0)
        text = output.read().decode("utf-8", errors="replace")
    cpu = sum(u.ru_utime + u.ru_stime for u in usages)
    print(json.dumps(asdict(Cost(seconds, cpu, max(u.ru_maxrss for u in usages) / 1024, text))))
    sys.exit(process.returncode)


if __name__ == "__main__":
    launch(*sys.argv[1:])
