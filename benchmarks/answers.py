"""Score the answers: what they cite and say, who is silent, what is refused, what is invented.

    python benchmarks/answers.py [FILE …] [--index index] [--only PART,PART …] [--generated 2000]
                                 [--shared ../shared] [--corpus FOLDER] [--peers-python PATH]
                                 [--json FILE]

FILE: questions as JSON Lines, or folders of such; without any, the gold questions and the
project's own unanswerable ones. A line has `id`, `type`, `question` and `evidence`, a list of
facts, each with `any_of` its quotes and, for comparisons, `publisher`. Type "comparison" may have
`silent`, the publishers that say nothing; "list" asks for a set; a question without evidence is
unanswerable.

facts: the other questions, through `ask`. cited: share of facts one of whose quotes stands in a
paragraph that the answer cites. said: share for which the answer holds at least 0.6 of the words
of such a quote. quoted: share for which the answer holds such a quote whole. words: of an answer,
on average. refused: share of questions without an answer, in which nothing is cited or said.
comparison: the same through `compare`, each fact by the publisher's own row, words by row; speak:
rows of publishers that have something to say, silenced: those of them without a citation; silent:
rows of publishers that say nothing, left silent: those of them without a citation. "ask": the same
question through `ask`, sentences by publisher; compared: how many it answers by a comparison.
lists: recall of the facts, and precision: share of sentences that cite a quote of some fact.
quotes (of these three parts): citations, those whose quote is not what its paragraph holds at its
span (invented, must be 0), and sentences with words outside their quotes (unquoted, must be 0).
abstention: AUROC of `Answer.confidence`, and of the rows' probability of speaking, against
questions with an answer; wrong: share of unanswerable questions that are answered, of answerable
ones refused. held: the same in 5 folds, 3 times, by a scale fitted without the fold
(abstaining.py).
generated: questions by template from the corpus (generated.py), and what breaks.
peers: the first chunks of other libraries' usual search (peers.py) as the answer to the facts'
questions, beside ours; "cut": no more words of them than of ours on average.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import search
from abstaining import abstention, silence
from asked import (
    COMPARISON,
    LIST,
    Asked,
    Shown,
    Table,
    by_type,
    comparison_row,
    fact_row,
    invented,
    list_row,
    mean_row,
    print_table,
    read,
    shown,
    single_facts,
    unquoted,
)
from generated import generated
from reformqa import Library
from reformqa.model import Sentence

OWN = Path(__file__).with_name("unanswerable.jsonl")
#: The peers whose first chunks stand beside our answers, and how many.
PEERS = ("langchain", "llama-index")
CHUNKS = 4

Tables = dict[str, Table]


class Benchmark:
    """The library and the questions that it is asked; counts the quotes of all that it answers."""

    def __init__(
        self, library: Library, asked: Sequence[Asked], options: argparse.Namespace
    ) -> None:
        self.library = library
        self.asked = asked
        self.options = options
        self.quotes: Table = {}

    def shown(self, part: str, sentences: Sequence[Sentence]) -> Shown:
        """What some sentences show, their quotes checked."""
        row = self.quotes.setdefault(part, {"citations": 0, "invented": 0, "unquoted": 0})
        for sentence in sentences:
            texts = [self.text(c.paragraph_id) for c in sentence.citations]
            wrong = [invented(c, t) for c, t in zip(sentence.citations, texts, strict=True)]
            found = (len(wrong), sum(wrong), unquoted(sentence))
            for name, count in zip(row, found, strict=True):
                row[name] = int(row[name] or 0) + count
        return shown(sentences, self.text)

    def text(self, paragraph_id: str) -> str:
        """A paragraph's text."""
        return self.library.paragraph(paragraph_id).text

    @cached_property
    def fact_answers(self) -> list[tuple[Asked, Shown]]:
        """The single-fact questions with their answers."""
        questions = single_facts(self.asked)
        return [(q, self.shown("facts", self.library.ask(q.text).sentences)) for q in questions]

    def facts(self) -> Tables:
        """Single-fact questions, by type."""
        return {"Facts": by_type(self.fact_answers)}

    def comparison(self) -> Tables:
        """Comparison questions, through `compare` and through `ask`."""
        questions = [q for q in self.asked if q.type == COMPARISON]
        by_row, by_ask, compared = [], [], 0
        for question in questions:
            rows = {
                row.publisher: self.shown("comparison", (*row.sentences, *row.recommendations))
                for row in self.library.compare(question.text)
            }
            by_row.append((question, rows))
            answer = self.library.ask(question.text)
            compared += answer.comparison is not None
            groups = answer.by_publisher.items()
            by_ask.append((question, {name: self.shown("comparison", of) for name, of in groups}))
        table: Table = {"compare": comparison_row(by_row), "ask": comparison_row(by_ask)}
        table["ask"]["compared"] = compared
        return {"Comparison": table}

    def lists(self) -> Tables:
        """Questions for a set of recommendations, one by one."""
        table: Table = {}
        for question in (q for q in self.asked if q.type == LIST):
            given = [self.shown("lists", [s]) for s in self.library.ask(question.text).sentences]
            table[question.id] = list_row(question, given)
        return {"Lists": {**table, "mean": mean_row(list(table.values()))} if table else {}}

    def abstention(self) -> Tables:
        """Confidence and silence."""
        table, otherwise = abstention(self.library, self.asked)
        if otherwise:
            print(f"{otherwise} of these questions are answered by comparisons or sets.\n")
        return {"Abstention": table, "Silence": silence(self.library, self.asked)}

    def generated(self) -> Tables:
        """Questions made from the corpus."""
        return {"Generated": generated(self.library, self.options.generated)}

    def peers(self) -> Tables:
        """Other libraries' first chunks beside our answers."""
        if not self.options.peers_python:
            print("The peers were left out: name a Python that has them with --peers-python.\n")
            return {}
        ours = self.fact_answers
        table: Table = {"reformqa": fact_row(ours)}
        words = round(table["reformqa"]["words"] or 0)
        for system in search.find_systems(self.options.peers_python)[1:]:
            if system.name in PEERS:
                texts = self.chunks(system, [q.text for q, _ in ours])
                found = [(q, Shown(t, t)) for (q, _), t in zip(ours, texts, strict=True)]
                table[f"{system.name}, {CHUNKS} chunks"] = fact_row(found)
                cut = [(q, given.within(words)) for q, given in found]
                table[f"{system.name}, cut"] = fact_row(cut)
        return {"Beside others": table}

    def chunks(self, system: search.System, questions: Sequence[str]) -> list[tuple[str, ...]]:
        """The first chunks that a peer finds for each question, in processes of its own."""
        corpus = self.options.corpus or self.options.shared / "corpus" / "text"
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            search.build(system, corpus, folder / "index")
            with search.Worker(system, folder / "index", folder / "log") as worker:
                return [tuple(t) for t in worker.ask(questions, CHUNKS, keep=True).texts]


PARTS: dict[str, Callable[[Benchmark], Tables]] = {
    "facts": Benchmark.facts,
    "comparison": Benchmark.comparison,
    "lists": Benchmark.lists,
    "abstention": Benchmark.abstention,
    "generated": Benchmark.generated,
    "peers": Benchmark.peers,
}


def parts(text: str) -> list[str]:
    """The parts named, with commas between."""
    named = text.split(",")
    if unknown := [name for name in named if name not in PARTS]:
        known = ", ".join(PARTS)
        raise argparse.ArgumentTypeError(f"no part {', '.join(unknown)}; there are {known}")
    return named


def run(benchmark: Benchmark, chosen: Sequence[str]) -> Tables:
    """Measure the parts and print each one's tables as it ends."""
    result: Tables = {}
    for part in chosen:
        for title, table in PARTS[part](benchmark).items():
            if table:
                print_table(title, table)
                result[title] = table
    if benchmark.quotes:
        print_table("Quotes", benchmark.quotes)
        result["Quotes"] = benchmark.quotes
    return result


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    own = Path(os.environ.get("REFORMQA_SHARED", "../shared"))
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--index", type=Path, default=Path("index"))
    parser.add_argument("--only", type=parts, default=list(PARTS), help="parts, with commas")
    parser.add_argument("--generated", type=int, default=2000, help="how many made questions")
    parser.add_argument("--shared", type=Path, default=own)
    parser.add_argument("--corpus", type=Path, help="the texts that the peers index")
    parser.add_argument("--peers-python", type=Path, help="the Python that has the peers")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    options = parser.parse_args()
    try:
        asked = read(options.files or [options.shared / "gold", OWN])
    except (OSError, ValueError) as error:
        sys.exit(str(error))
    library = Library.open(options.index)
    print(f"{len(asked)} questions; build {library.build.id} of {library.build.reports} reports\n")
    result = run(Benchmark(library, asked, options), options.only)
    if options.json:
        told = {"build": library.build.id, "questions": len(asked), **result}
        options.json.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
