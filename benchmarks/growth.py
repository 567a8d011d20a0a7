"""What building and asking cost as the corpus grows.

    python benchmarks/growth.py [--times 1 10 100 1000] [--base 250] [--seconds 3600] [--seed 1]
                                [--json FILE]

The corpus of a size is that many times the base, in paragraphs; a passage is a paragraph, or a
slice of a long one. The base is about the size of the project's five notes (one report here), and a
thousand times it a quarter of a million passages, which some 500 reports like the five of search.py
would make. At × 1 a build is mostly its start, and an index with a copy of the model mostly that,
which makes the multiples of that line's "ms each" and "B each" small: "ms more" and "B more", for
each passage beyond the size before, tell what growth costs.

The text is the notes' own (corpus/note-*.md), recombined: a sentence is the front of one and the
back of another, cut in the middle third, with other numbers; a paragraph is two to five of those.
reformqa groups nearly equal paragraphs, and there are none: in 100,000, the nearest to a paragraph
is .55 to .69 alike (rapidfuzz's ratio; 60 tried). Otherwise than in real corpora, no new words come
with new reports: each stands in the same share of the passages at every size, which is hard on BM25
(long postings). Reports have half the length of the five. A larger corpus begins with the smaller.

build s: a whole process (OMP_NUM_THREADS=2) that makes the index from nothing; ms each: that for
each passage; build MB: the peak of its largest process; B each: bytes on disk for each passage.
p50, p95: of 100 questions for 10 hits (half a sentence of the first report with words dropped, or a
few of its words) in a process of its own (OMP_NUM_THREADS=1), each asked once, after 20 others;
asking MB: that process's peak. cold s: a whole `reformqa search` (with the same), median of 3 after
one discarded; cold MB: the highest peak. MB are of 1024² bytes.
A size that takes longer than --seconds ends the run, which then says how far it came. The corpus
and the index lie in the folder for temporary files (TMPDIR), one size at a time. For Linux.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from subprocess import CalledProcessError, TimeoutExpired
from typing import Any

import search

#: About so many paragraphs a report has: half of what the five real ones have on average.
REPORT = 250
#: How many questions are timed, and how many are asked before.
QUESTIONS, WARMING = 100, 20
STARTS = 3
#: A sentence of the notes in fewer words is left out.
SHORT = 8
PUBLISHERS = 20
#: How the columns begin that give a file's bytes for each passage.
FILE = "B in "
#: Columns for each passage, and what they are for each passage beyond the size before.
INCREASES = {"ms each": "ms more", "B each": "B more"}

Row = dict[str, float]


@dataclass(frozen=True, slots=True)
class Notes:
    """The sentences and the headings that corpora are made of."""

    sentences: list[list[str]]
    headings: list[str]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a made report: paragraphs of sentences."""

    heading: str
    paragraphs: list[list[str]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a size is measured: its corpus and index, the questions, and when time is up."""

    corpus: Path
    index: Path
    questions: list[str]
    deadline: float

    @property
    def left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    @property
    def log(self) -> Path:
        return self.index.with_suffix(".log")


def read_notes(folder: Path) -> Notes:
    """The sentences of the project's notes, without labels, and the headings that one has alone."""
    headings: Counter[str] = Counter()
    sentences: list[list[str]] = []
    for note in sorted(folder.glob("note-*.md")):
        for line in note.read_text("utf-8").splitlines():
            if line.startswith("#"):
                headings[re.sub(r"#+ (Step \d+: )?", "", line)] += not line.startswith("# ")
                continue
            text = re.sub(r"^(- |\d+\. )?(\*\*.*?\*\* ?)?", "", line)
            parts = (s.split() for s in re.split(r"(?<=[.?!]) +(?=[A-Z])", text))
            sentences += [words for words in parts if len(words) >= SHORT]
    return Notes(sentences, [name for name, count in headings.items() if count == 1])


def make_sentence(chance: random.Random, notes: Notes) -> str:
    """The front of a sentence and the back of another, with other numbers."""
    front, back = chance.sample(notes.sentences, 2)
    cuts = [chance.randint(len(words) // 3, 2 * len(words) // 3) for words in (front, back)]
    text = " ".join([*front[: cuts[0]], *back[cuts[1] :]])
    return re.sub(r"\d+", lambda found: other_number(chance, found[0]), text)


def other_number(chance: random.Random, number: str) -> str:
    """A number of as many digits; for a year, a year."""
    if re.fullmatch("(19|20)..", number):
        return str(chance.randint(1980, 2030))
    return str(chance.randint(10 ** (len(number) - 1), 10 ** len(number) - 1))


def make_report(chance: random.Random, notes: Notes, paragraphs: int) -> list[Section]:
    """Sections of five to fifteen paragraphs, of two to five sentences each."""
    sections: list[Section] = []
    while paragraphs > 0:
        count = min(paragraphs, chance.randint(5, 15))
        made = [
            [make_sentence(chance, notes) for _ in range(chance.randint(2, 5))]
            for _ in range(count)
        ]
        sections.append(Section(chance.choice(notes.headings), made))
        paragraphs -= count
    return sections


def write_corpus(folder: Path, notes: Notes, paragraphs: int, seed: int) -> None:
    """Write so many paragraphs as reports, and their catalogue."""
    folder.mkdir(exist_ok=True)
    lengths = [min(REPORT, paragraphs - start) for start in range(0, paragraphs, REPORT)]
    entries = []
    for n, length in enumerate(lengths, start=1):
        title = f"Report {n}: {notes.headings[n % len(notes.headings)]}"
        entries.append(
            f"[reports.report-{n}]\ntitle = {json.dumps(title)}\n"
            f'publisher = "Institute {n % PUBLISHERS + 1}"\n'
            f'published = "{2000 + n % 25}-{n % 12 + 1:02}"\n'
        )
        sections = make_report(random.Random(f"{seed}-{n}"), notes, length)
        (folder / f"report-{n}.md").write_text(markdown(title, sections), "utf-8")
    (folder / "catalogue.toml").write_text("\n".join(entries), "utf-8")


def markdown(title: str, sections: Sequence[Section]) -> str:
    """The report as Markdown."""
    blocks = [f"# {title}"]
    for n, section in enumerate(sections, start=1):
        blocks.append(f"## {n}. {section.heading}")
        blocks += [" ".join(sentences) for sentences in section.paragraphs]
    return "\n\n".join(blocks) + "\n"


def make_questions(sections: Sequence[Section], count: int, chance: random.Random) -> list[str]:
    """By turns half of a sentence with words dropped, and a few of a sentence's longer words."""
    sentences = [s.split() for section in sections for p in section.paragraphs for s in p]
    questions = []
    for n in range(count):
        words = chance.choice(sentences)
        if n % 2:
            words = words[: len(words) // 2] if chance.random() < 0.5 else words[len(words) // 2 :]
            kept = chance.sample(range(len(words)), -(-2 * len(words) // 3))
        else:
            longer = sorted(range(len(words)), key=lambda i: -len(words[i]))[:8]
            kept = chance.sample(longer, min(len(longer), chance.randint(3, 5)))
        questions.append(" ".join(words[i] for i in sorted(kept)))
    return questions


def build(corpus: str, index: str, log: str) -> None:
    """Build the index, writing to the log how far it is; print what the build holds."""
    from reformqa import rebuild

    with open(log, "w", buffering=1, encoding="utf-8") as lines:
        outcome = rebuild(
            Path(corpus),
            Path(index),
            progress=lambda stage, done, total: print(f"{stage} {done} of {total}", file=lines),
        )
    built = outcome.build
    if built.problems:
        raise ValueError(f"Files were left out: {built.problems[:3]}")
    print(json.dumps({"reports": built.reports, "passages": built.passages}))


def ask(index: str, file: str) -> None:
    """Ask the questions in a JSON file, and print what those after the first took."""
    questions = json.loads(Path(file).read_text("utf-8"))
    asked = search.opened(search.OURS, Path(index))
    search.ask(asked, questions[:WARMING], search.LIMIT)
    print(json.dumps(asdict(search.ask(asked, questions[WARMING:], search.LIMIT))))


#: What the benchmark starts itself as, in processes of their own: growth.py MODE ARGUMENT …
MODES: dict[str, Callable[..., None]] = {"build": build, "ask": ask}


def measure_build(place: Place) -> Row:
    """What building costs, and the bytes on disk by file."""
    own = [sys.executable, __file__, "build", place.corpus, place.index, place.log]
    cost = search.measure(own, search.BUILDING, place.left)
    held = json.loads(cost.output)
    files = {name: size / held["passages"] for name, size in search.sizes(place.index).items()}
    return {
        **held,
        "build s": cost.seconds,
        "ms each": 1000 * cost.seconds / held["passages"],
        "build MB": cost.megabytes,
        "B each": sum(files.values()),
        **{f"{FILE}{name}": size for name, size in files.items()},
    }


def measure_asking(place: Place) -> Row:
    """What a question costs where the index is open."""
    file = place.index.with_suffix(".json")
    file.write_text(json.dumps(place.questions), "utf-8")
    own = [sys.executable, __file__, "ask", place.index, file]
    cost = search.measure(own, search.ASKING, place.left)
    told = search.Round(**json.loads(cost.output))
    return {"p50 ms": told.p50, "p95 ms": told.p95, "asking MB": cost.megabytes}


def measure_start(place: Place) -> Row:
    """What a cold `reformqa search` costs."""
    costs = [
        search.measure(search.command(place.index, question), search.ASKING, place.left)
        for question in place.questions[: STARTS + 1]
    ][1:]
    return {
        "cold s": median(c.seconds for c in costs),
        "cold MB": max(c.megabytes for c in costs),
    }


def measure_size(place: Place) -> tuple[Row, str]:
    """The figures of a size, and where it could not be finished, how far it came."""
    row: Row = {}
    try:
        for measure in (measure_build, measure_asking, measure_start):
            row |= measure(place)
    except TimeoutExpired:
        return row, f"time was up while {doing(row, place)}"
    except CalledProcessError as error:
        words = (error.stderr or "")[-500:].strip()
        return row, f"failed (status {error.returncode}) while {doing(row, place)}: {words}"
    return row, ""


def doing(row: Row, place: Place) -> str:
    """What came next after the figures in the row, and how far the build was."""
    if "build s" in row:
        return "starting" if "p50 ms" in row else "asking"
    lines = place.log.read_text("utf-8").splitlines() if place.log.exists() else []
    return f"building ({lines[-1]})" if lines else "building"


def with_increase(rows: dict[str, Row]) -> dict[str, Row]:
    """The rows with what each passage beyond the size before took."""
    result: dict[str, Row] = {}
    before: Row = {}
    for name, row in rows.items():
        result[name] = {}
        for column, value in row.items():
            result[name][column] = value
            if column in INCREASES and before.get("passages", row["passages"]) < row["passages"]:
                total = value * row["passages"] - before[column] * before["passages"]
                more = row["passages"] - before["passages"]
                result[name][INCREASES[column]] = total / more
        before = row
    return result


def print_rows(rows: dict[str, Row]) -> None:
    """The figures, those on disk by file, and both as multiples of the first size's."""
    rows = {name: row for name, row in rows.items() if row}
    if not rows:
        return
    first = next(iter(rows.values()))
    files = [c for row in rows.values() for c in row if c.startswith(FILE)]
    main = {name: {c: v for c, v in row.items() if c not in files} for name, row in rows.items()}
    search.print_table("size", main)
    by_file = {
        name: {c.removeprefix(FILE): row[c] for c in row if c in files}
        for name, row in rows.items()
    }
    search.print_table("B each, by file", by_file)
    ratios = {
        name: {c: v / first[c] for c, v in row.items() if first.get(c) and c not in files}
        for name, row in rows.items()
    }
    search.print_table("as multiples", ratios)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measure the sizes in order, up to one that cannot be finished."""
    notes = read_notes(search.PROJECT / "corpus")
    first = make_report(random.Random(f"{options.seed}-1"), notes, min(REPORT, options.base))
    chance = random.Random(f"{options.seed}-questions")
    questions = make_questions(first, WARMING + QUESTIONS, chance)
    rows: dict[str, Row] = {}
    end = ""
    with tempfile.TemporaryDirectory() as folder:
        corpus, index = Path(folder) / "corpus", Path(folder) / "index"
        for times in sorted(options.times):
            write_corpus(corpus, notes, times * options.base, options.seed)
            place = Place(corpus, index, questions, time.monotonic() + options.seconds)
            rows[f"× {times}"], end = measure_size(place)
            if end:
                end = f"× {times} was not finished: {end}."
                break
            print(f"× {times} is done", file=sys.stderr)
            shutil.rmtree(index)
    return {"rows": with_increase(rows), "end": end}


def main() -> None:
    """Measure the sizes, or be one of the processes that are measured."""
    if len(sys.argv) > 1 and sys.argv[1] in MODES:
        MODES[sys.argv[1]](*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, nargs="+", default=[1, 10, 100, 1000])
    parser.add_argument("--base", type=int, default=250, help="paragraphs of the corpus × 1")
    parser.add_argument("--seconds", type=float, default=3600, help="the most that a size may take")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    options = parser.parse_args()
    search.print_header(search.find_systems(None))
    print()
    result = run(options)
    print_rows(result["rows"])
    if result["end"]:
        print(result["end"])
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
