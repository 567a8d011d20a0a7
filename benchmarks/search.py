"""Search side by side with other libraries': what is found, how fast, how large.

    python benchmarks/search.py [--shared ../shared] [--questions FILE …] [--peers-python PATH]
                                [--rounds 5] [--starts 5] [--json FILE]

reformqa and every peer of peers.py search the five reports as text with the same embedding model.
The peers run under the Python of their own environment, which --peers-python names; without it
reformqa is measured alone. Each system is measured in processes of its own, with the files in the
page cache. Settings are the defaults (for reformqa, reformqa.toml in the working directory).

Found: as `reformqa evaluate` defines it, for the peers too, whose hits are chunks: a fact counts
where the first of 50 hits holds one of its quotes (letters and digits compared); 300w and 1000w:
where that quote ends within so many words of the hits. The limit is 50 for all.
Asking: milliseconds a question for 10 hits, in a process that has the index open. All questions are
asked once unmeasured; then the systems take turns, a round of all questions each; p50 and p95 are
the medians of the rounds'. In every round each question begins with another of its words, lest one
be answered from memory. MB: the process's peak (VmHWM) after the rounds. cores: processor time for
each second asked.
OMP_NUM_THREADS is 1 for asking and for starting: the default differs from library to library and
machine to machine, and on busy cores a question's few tokens wait for threads longer than they
compute. Not every runtime heeds it; cores shows one that does not.
Cold start: a whole process from nothing to its first result, median of the starts after one that is
discarded, the systems in turn; MB: the highest peak of it. `command` is `reformqa search`, `script`
three lines of Python; a peer's is peers.py.
Build: a whole process from the texts to the index, once, with OMP_NUM_THREADS=2. cpu s: processor
time, which a busy machine changes less. MB: the peak of the largest process in it. MB on disk: the
index; the model's own files count where an index holds a copy of them.
Bare encoding: SentenceTransformer.encode alone, default batches, normalised, of the very texts that
reformqa indexes, right after its build. build ×: the whole build as a multiple of that.
/LC: the figure before it as a multiple of LangChain's. MB are of 1024² bytes. For Linux.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import platform
import re
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from importlib.metadata import distributions, version
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

import peers

if TYPE_CHECKING:  # not in the peers' environment
    from reformqa.evaluation.metrics import Evaluation, Question

PROJECT = Path(__file__).resolve().parents[1]
CATALOGUE = PROJECT / "corpus" / "catalogue.toml"
#: The files of questions over the five reports.
GOLD = ("reform-dividend", "balancing-act", "great-government", "smarter-state", "going-public")
OURS = "reformqa"
#: The peer whose cost the others' is a multiple of.
REFERENCE = peers.LangChain.name
#: The packages whose versions bear on reformqa's figures.
PACKAGES = ("reformqa", "faiss-cpu", "numpy", "onnxruntime", "sentence-transformers", "tokenizers")
#: OMP_NUM_THREADS while asking and while building.
ASKING, BUILDING = 1, 2
#: How many hits a timed question wants.
LIMIT = 10
#: A cold script with reformqa; its arguments are an index and a question.
SCRIPT = """import sys; from reformqa import Library
library = Library.open(sys.argv[1])
print(library.search(sys.argv[2], limit=5)[0].paragraph.text)"""
MB = 1024 * 1024
#: PR_SET_CHILD_SUBREAPER of Linux's <sys/prctl.h>.
SUBREAPER = 36

Search = Callable[[str, int], list[str]]
Row = Mapping[str, float]
Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class System:
    """What is measured: a library, the Python that has it, and the versions of its packages."""

    name: str
    python: str
    versions: dict[str, str]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a whole process took, and what it printed."""

    seconds: float
    cpu_seconds: float
    megabytes: float
    output: str


@dataclass(frozen=True, slots=True)
class Round:
    """What a round of questions took; `texts` are the hits' texts where they were asked for."""

    milliseconds: list[float]
    cpu_seconds: float
    megabytes: float
    texts: list[list[str]]

    @property
    def p50(self) -> float:
        return median(self.milliseconds)

    @property
    def p95(self) -> float:
        return quantiles(self.milliseconds, n=20, method="inclusive")[-1]

    @property
    def cores(self) -> float:
        return self.cpu_seconds * 1000 / sum(self.milliseconds)


@dataclass(frozen=True, slots=True)
class Text:
    """As much of a paragraph as `evaluate` looks at."""

    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """As much of a hit as `evaluate` looks at: of a peer, a chunk."""

    paragraph: Text


def serve(name: str, folder: str) -> None:
    """Open a system's index and answer lines of standard input, each a round of questions."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints shall not mix with the answers
    search = opened(name, Path(folder))
    for line in sys.stdin:
        print(json.dumps(asdict(ask(search, **json.loads(line)))), file=answers, flush=True)


def opened(name: str, folder: Path) -> Search:
    """The search of a system over its index: a question and a limit in, texts out."""
    if name == OURS:
        from reformqa import Library

        library = Library.open(folder)
        return lambda question, limit: [
            hit.paragraph.text for hit in library.search(question, limit=limit)
        ]
    peer = {peer.name: peer for peer in peers.PEERS}[name]()
    peer.open(folder)
    return peer.search


def ask(search: Search, questions: Iterable[str], limit: int, keep: bool = False) -> Round:
    """Ask the questions one by one; `keep` the texts found."""
    milliseconds, texts, cpu = [], [], time.process_time()
    for question in questions:
        start = time.perf_counter()
        found = search(question, limit)
        milliseconds.append(1000 * (time.perf_counter() - start))
        if keep:
            texts.append(found)
    return Round(milliseconds, time.process_time() - cpu, peak(), texts)


def peak() -> float:
    """This process's own peak memory in MB."""
    found = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def build_peer(name: str, corpus: str, folder: str) -> None:
    """Build a peer's index of the texts in a folder."""
    texts = {path.stem: path.read_text("utf-8") for path in sorted(Path(corpus).glob("*.txt"))}
    {peer.name: peer for peer in peers.PEERS}[name]().build(texts, Path(folder))


def encode(file: str) -> None:
    """Encode the texts in a JSON file by sentence-transformers alone; print what that call cost."""
    texts = json.loads(Path(file).read_text("utf-8"))
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(peers.model_folder()), device="cpu", local_files_only=True)
    start, cpu = time.perf_counter(), time.process_time()
    model.encode(texts, normalize_embeddings=True)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(json.dumps(asdict(Cost(seconds, cpu, peak(), ""))))


def tell_peers() -> None:
    """Print the peers that are installed, with the versions of their packages."""
    python = {"python": platform.python_version()}
    print(json.dumps({p.name: python | peers.versions(p) for p in peers.available()}))


def launch(*command: str) -> None:
    """Run a command and print what it cost.

    The processes that it leaves behind come to this one (as a "subreaper"), so that they and
    those that they started count too.
    """
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds, usages = time.perf_counter() - start, [usage]
        process.returncode = os.waitstatus_to_exitcode(status)
        with suppress(ChildProcessError):  # raised when none is left
            while True:
                usages.append(os.wait4(-1, 0)[2])
        output.seek(0)
        text = output.read().decode("utf-8", errors="replace")
    cpu = sum(u.ru_utime + u.ru_stime for u in usages)
    print(json.dumps(asdict(Cost(seconds, cpu, max(u.ru_maxrss for u in usages) / 1024, text))))
    sys.exit(process.returncode)


#: What the benchmark starts itself as, in processes of their own: search.py MODE ARGUMENT …
MODES: dict[str, Callable[..., None]] = {
    "serve": serve,
    "build-peer": build_peer,
    "encode": encode,
    "tell-peers": tell_peers,
    "launch": launch,
}


def measure(command: Sequence[str | Path], threads: int, timeout: float | None = None) -> Cost:
    """Run a command to its end and tell what it cost.

    A small process starts it: on Linux a peak also counts what the starting process held.
    Raises CalledProcessError where it fails, and TimeoutExpired after so many seconds.
    """
    with subprocess.Popen(
        [sys.executable, __file__, "launch", *map(str, command)],
        env=environment(threads),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, errors = process.communicate(timeout=timeout)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)  # what it started, too
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output, errors)
    return Cost(**json.loads(output))


def environment(threads: int) -> dict[str, str]:
    """The environment of a measured process."""
    return {**os.environ, "OMP_NUM_THREADS": str(threads)}


class Worker:
    """A long-lived process that has a system's index open and answers rounds of questions."""

    def __init__(self, system: System, folder: Path, log: Path) -> None:
        self._log = log
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                [system.python, __file__, "serve", system.name, str(folder)],
                env=environment(ASKING),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, questions: Sequence[str], limit: int, keep: bool = False) -> Round:
        """A round of the questions. Raises CalledProcessError where the process has ended."""
        asked = {"questions": questions, "limit": limit, "keep": keep}
        with suppress(BrokenPipeError):  # told below
            print(json.dumps(asked), file=self._process.stdin, flush=True)
        if not (line := self._process.stdout.readline()):
            errors = self._log.read_text(errors="replace")
            raise subprocess.CalledProcessError(
                self._process.wait(), self._process.args, stderr=errors
            )
        return Round(**json.loads(line))


def find_systems(peers_python: Path | None) -> list[System]:
    """reformqa and the peers that the other Python has."""
    present = {found.name for found in distributions()}
    installed = {"python": platform.python_version()}
    installed |= {package: version(package) for package in PACKAGES if package in present}
    systems = [System(OURS, sys.executable, installed)]
    if peers_python:
        told = json.loads(measure([peers_python, __file__, "tell-peers"], ASKING).output)
        systems += [System(name, str(peers_python), found) for name, found in told.items()]
    return systems


def command(index: Path, question: str) -> list[str | Path]:
    """The command `reformqa search`."""
    script = Path(sysconfig.get_path("scripts")) / "reformqa"
    return [script, "search", question, "--index", index]


def starts(system: System, folder: Path, question: str) -> dict[str, list[str | Path]]:
    """The commands that start the system from nothing and print a result, by name."""
    if system.name != OURS:
        return {system.name: [system.python, peers.__file__, system.name, folder, question]}
    script = [sys.executable, "-c", SCRIPT, folder, question]
    return {f"{OURS}, command": command(folder, question), f"{OURS}, script": script}


def build(system: System, corpus: Path, folder: Path) -> Cost:
    """Build a system's index in the folder."""
    if system.name != OURS:
        folder.mkdir()
        own = [system.python, __file__, "build-peer", system.name, corpus, folder]
        return measure(own, BUILDING)
    script = Path(sysconfig.get_path("scripts")) / "reformqa"
    places = ["--corpus", corpus, "--index", folder, "--catalogue", CATALOGUE]
    return measure([script, "rebuild", *places], BUILDING)


def encode_bare(index: Path, work: Path) -> dict[str, Cost]:
    """What bare encoding of the index's texts costs, alone and as a whole process."""
    from reformqa.storage.files.store import Snapshot

    snapshot = Snapshot(index)
    passages = snapshot.passages(range(snapshot.build.passages))
    texts = work / "indexed.json"
    texts.write_text(json.dumps([p.indexed for p in passages.values()]), "utf-8")
    cost = measure([sys.executable, __file__, "encode", texts], BUILDING)
    return {"the call alone": Cost(**json.loads(cost.output)), "with import and load": cost}


def sizes(folder: Path) -> dict[str, int]:
    """The bytes on disk by file; those in folders together, but in a build of reformqa's.

    A file of several names (hard links) counts once.
    """
    counted: Counter[str] = Counter()
    seen = set()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        status, parts = path.stat(), path.relative_to(folder).parts
        if status.st_ino not in seen:
            seen.add(status.st_ino)
            inside = parts[0] == "builds" and len(parts) > 2
            counted[parts[2] if inside else parts[0]] += status.st_size
    return dict(counted.most_common())


def turned(question: str, by: int) -> str:
    """The question with one of its words first: as long, and new to what remembers questions."""
    words = question.split()
    words.insert(0, words.pop(-1 - by % len(words)))
    return " ".join(words)


def ask_in_turn(workers: Mapping[str, Worker], texts: Sequence[str], rounds: int) -> dict[str, Row]:
    """What asking costs each system, after all questions were asked once."""
    for worker in workers.values():
        worker.ask(texts, LIMIT)
    taken: dict[str, list[Round]] = {name: [] for name in workers}
    for n in range(rounds):
        asked = [turned(text, n) for text in texts]
        for name, worker in workers.items():
            taken[name].append(worker.ask(asked, LIMIT))
    return {
        name: {
            "p50 ms": median(r.p50 for r in all_rounds),
            "p95 ms": median(r.p95 for r in all_rounds),
            "cores": median(r.cores for r in all_rounds),
            "MB": all_rounds[-1].megabytes,
        }
        for name, all_rounds in taken.items()
    }


def start_in_turn(
    systems: Iterable[System], folders: Mapping[str, Path], texts: Sequence[str], times: int
) -> dict[str, Row]:
    """What a cold start costs each system; the first of all is discarded."""
    taken: dict[str, list[Cost]] = {}
    for n in range(times + 1):
        for system in systems:
            question = texts[n % len(texts)]
            for name, parts in starts(system, folders[system.name], question).items():
                cost = measure(parts, ASKING)
                if not cost.output.strip():
                    raise ValueError(f"{name} printed nothing for {question!r}.")
                taken.setdefault(name, []).append(cost)
    return {
        name: {
            "seconds": median(c.seconds for c in costs[1:]),
            "MB": max(c.megabytes for c in costs[1:]),
        }
        for name, costs in taken.items()
    }


def evaluate_hits(worker: Worker, questions: Sequence[Question]) -> Evaluation:
    """The scores of a system's hits by the definitions of `reformqa evaluate`."""
    from reformqa.evaluation.metrics import DEPTH, evaluate

    texts = [q.text for q in questions]
    hits = dict(zip(texts, worker.ask(texts, DEPTH, keep=True).texts, strict=True))
    return evaluate(lambda text, _: [Found(Text(t)) for t in hits[text]], questions)


def quality(evaluations: Mapping[str, Evaluation]) -> dict[str, dict[str, Row]]:
    """The tables of what was found: overall, and by type of question."""
    overall = {
        name: {
            "r@1": found.overall.recall_at[1],
            "r@5": found.overall.recall_at[5],
            "MRR": found.overall.mrr,
            "300w": found.overall.recall_within_words[300],
            "1000w": found.overall.recall_within_words[1000],
        }
        for name, found in evaluations.items()
    }
    by_type = {name: found.by_type.items() for name, found in evaluations.items()}
    return {
        "Found": overall,
        "Found by type, r@5": {
            name: {kind: scores.recall_at[5] for kind, scores in types}
            for name, types in by_type.items()
        },
        "Found by type, 300w": {
            name: {kind: scores.recall_within_words[300] for kind, scores in types}
            for name, types in by_type.items()
        },
    }


def with_ratios(rows: Mapping[str, Row], columns: Sequence[str]) -> dict[str, Row]:
    """The rows with those columns as multiples of LangChain's beside them."""
    base, result = rows.get(REFERENCE), {}
    for name, row in rows.items():
        result[name] = {}
        for column, value in row.items():
            result[name][column] = value
            if column in columns and base:
                result[name][f"{column} /LC"] = value / base[column]
    return result


def print_table(title: str, rows: Mapping[str, Row], shares: bool = False) -> None:
    """A line a row, as wide as its figures need."""
    longest = max(rows.values(), key=len)
    names = list(dict.fromkeys(name for row in (longest, *rows.values()) for name in row))
    heads = [n[-3:] if n.endswith("/LC") else n for n in names]
    form = "{:.3f}".format if shares else rounded
    cells = {
        first: [form(row[n]) if n in row else "-" for n in names] for first, row in rows.items()
    }
    widths = [
        max(len(n), *map(len, column)) for n, *column in zip(heads, *cells.values(), strict=True)
    ]
    first_width = max(map(len, (title, *rows)))
    for first, row in {title: heads, **cells}.items():
        line = (f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
        print(f"{first:{first_width}}", *line, sep="  ")
    print()


def rounded(value: float) -> str:
    """The value to three figures or so; a whole number as it is."""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.{0 if value >= 100 else 1 if value >= 10 else 2}f}"


def print_header(systems: Sequence[System]) -> None:
    """The versions and the settings of the run."""
    load = f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} before"
    print(f"{load}; OMP_NUM_THREADS {ASKING} for asking, {BUILDING} for building")
    for system in systems:
        print(f"{system.name}:", ", ".join(f"{k} {v}" for k, v in system.versions.items()))


def print_scope(systems: Sequence[System], questions: Sequence[Question]) -> None:
    """What is asked, and who is not."""
    from reformqa.evaluation.metrics import DEPTH

    facts = sum(len(q.facts) for q in questions)
    print(f"{len(questions)} questions, {facts} facts; found within the first {DEPTH} hits")
    absent = [p.name for p in peers.PEERS if p.name not in {s.name for s in systems}]
    if len(systems) == 1:
        print("The peers were left out: name a Python that has them with --peers-python.")
    elif absent:
        print(f"Left out, not being installed: {', '.join(absent)}")


def run(
    systems: Sequence[System], questions: Sequence[Question], options: argparse.Namespace
) -> Result:
    """Measure everything."""
    texts, corpus = [q.text for q in questions], options.shared / "corpus" / "text"
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        folders = {s.name: work / s.name for s in systems}
        ours = build(systems[0], corpus, folders[OURS])
        bare = encode_bare(folders[OURS], work)  # at once, while the machine is as it was
        costs = {OURS: ours} | {s.name: build(s, corpus, folders[s.name]) for s in systems[1:]}
        on_disk = {name: sizes(place) for name, place in folders.items()}
        with ExitStack() as stack:
            workers = {
                s.name: stack.enter_context(Worker(s, folders[s.name], work / f"{s.name}.log"))
                for s in systems
            }
            asking = ask_in_turn(workers, texts, options.rounds)
            found = {name: evaluate_hits(worker, questions) for name, worker in workers.items()}
        starting = start_in_turn(systems, folders, texts, options.starts)
    built = {
        name: {
            "seconds": c.seconds,
            "cpu s": c.cpu_seconds,
            "MB": c.megabytes,
            "MB on disk": sum(on_disk[name].values()) / MB,
        }
        for name, c in costs.items()
    }
    multiples = {
        name: {
            "seconds": c.seconds,
            "build × (s)": ours.seconds / c.seconds,
            "cpu s": c.cpu_seconds,
            "build × (cpu)": ours.cpu_seconds / c.cpu_seconds,
        }
        for name, c in bare.items()
    }
    return {
        "cpus": os.cpu_count(),
        "threads": {"asking": ASKING, "building": BUILDING},
        "limit asking": LIMIT,
        "questions": len(questions),
        "systems": {s.name: s.versions for s in systems},
        **quality(found),
        "Asking": with_ratios(asking, ("p50 ms", "p95 ms", "MB")),
        "Cold start": with_ratios(starting, ("seconds", "MB")),
        "Build": with_ratios(built, ("seconds", "cpu s", "MB", "MB on disk")),
        "Bare encoding": multiples,
        "bytes on disk": on_disk,
    }


def print_result(result: Result) -> None:
    """The tables, and the files of reformqa's index."""
    for title, rows in result.items():
        if title[0].isupper():
            print_table(title, rows, shares=title.startswith("Found"))
    files = result["bytes on disk"][OURS].items()
    print("reformqa on disk, MB:", ", ".join(f"{name} {n / MB:.2f}" for name, n in files))


def main() -> None:
    """Measure the systems, or be one of the processes that are measured."""
    if len(sys.argv) > 1 and sys.argv[1] in MODES:
        MODES[sys.argv[1]](*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    shared = os.environ.get("REFORMQA_SHARED", "../shared")
    parser.add_argument("--shared", type=Path, default=shared)
    parser.add_argument("--questions", type=Path, nargs="+", help="instead of the gold questions")
    parser.add_argument("--peers-python", type=Path, help="the Python that has the peers")
    parser.add_argument("--rounds", type=int, default=5, help="timed rounds of all questions")
    parser.add_argument("--starts", type=int, default=5, help="cold starts, besides the first")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    options = parser.parse_args()
    from reformqa.evaluation.metrics import read_questions

    gold = [options.shared / "gold" / f"{name}.jsonl" for name in GOLD]
    questions = read_questions(options.questions or gold)
    try:
        systems = find_systems(options.peers_python)
        print_header(systems)
        print_scope(systems, questions)
        print(f"{options.rounds} rounds of asking, {options.starts} starts\n")
        result = run(systems, questions, options)
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error}\n{(error.stderr or '')[-2000:]}")
    print_result(result)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
