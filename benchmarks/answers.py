"""Ask the gold questions and score the answers: evidence, comparisons, sets, refusals.

    python benchmarks/answers.py [--shared DIR] [--index DIR] [--documents-index DIR]
                                 [--groups reports,more,documents,made] [--types]
                                 [--recommendations] [--peers-python PATH]
                                 [--questions FILE ...] [--json FILE]

Good for: deciding whether a change to search, selection, abstention or comparison helps, and
what it costs elsewhere. No language model judges: an answer is right if it shows the evidence.
Needs: the folder of reports and gold questions. Indexes that are not named are built in the
temporary folder, the first time in some minutes.

Groups: `reports` (gold/*.jsonl) and `more` (gold/more) ask the five reports as text, `documents`
(gold/documents) the PDFs of corpus/real and corpus/public, with the publishers of documents.toml;
`made` are the questions without an answer of unanswerable.jsonl, asked of the five
reports. --questions asks files of your own instead. A fact is what one entry of a question's
evidence demands: any one of its quotes, letters and digits compared.

Search: recall at ranks 1 and 5 and mean reciprocal rank of the first paragraph that contains the
evidence; 300w: the evidence ends within the first 300 words of hits; reworded: r@5 of questions
worded to avoid the report's terms (type paraphrase).
Answer, of single-fact questions: cited, a cited paragraph contains the evidence; said, the answer's
sentences contain a quote whole; gist, 0.6 of a quote's words in any order; RR, reciprocal rank of
the first sentence that is evidence (its quote and the gold's share half of the shorter); 40w, said
within the first 40 words; on evidence, share of all sentences that cite a paragraph with evidence;
words, of an answer. A refusal shows nothing.
Comparison, through `compare`: the same for each publisher that must speak, in its own row; false
silences, those called silent; only near, those of which nearest quotes are shown; shown speaking,
silent publishers that are said to speak.
Sets of recommendations: mean recall of the facts and precision of the sentences; filled, sets that
should be empty and are not.
Refused: shares of questions without an answer, by type; AUROC of the confidence of answerable
questions against the others'. Or with a doubt: refused, or answered with a note.
Quotes: citations whose quote is not in its paragraph (invented) and sentences with words that no
quote contains (unquoted); both must be 0.
--recommendations: precision and recall of crosswalk matches and of themes (judgements.py).
--peers-python: the best chunks of other libraries at as many words as our answers have (beside.py),
by the same measures; a chunk stands for a cited paragraph. The Python is that of retrieval.py.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import beside
import evidence as ev
import judgements
import peers
from evidence import COMPARISON, LIST, Asked, Shown
from measuring import (
    Row,
    Table,
    build_index,
    default_shared,
    print_table,
    provenance,
    text_index,
)
from reformqa import Answer, Library, Sentence, Settings
from reformqa.evaluation.metrics import evaluate
from systems import find_peers

OWN = Path(__file__).with_name("unanswerable.jsonl")
DOCUMENTS = Path(__file__).with_name("documents.toml")
GROUPS = {"reports": "five reports", "more": "more", "documents": "documents", "made": "made"}
TEXTS = ("reports", "more", "made")
KINDS = ("answerable", "off-topic", "near-topic", "false-premise")


@dataclass
class Group:
    """Some questions, the library that they are asked of, and what it answers."""

    library: Library
    asked: Sequence[Asked]

    def __post_init__(self) -> None:
        self.quotes = {"citations": 0, "invented": 0, "unquoted": 0}

    def shown(self, sentences: Iterable[Sentence]) -> tuple[Shown, ...]:
        """Return what sentences show, counting their citations and the faults in them."""
        given = tuple(sentences)
        for sentence in given:
            self.quotes["unquoted"] += ev.unquoted(sentence)
            for citation in sentence.citations:
                self.quotes["citations"] += 1
                self.quotes["invented"] += ev.invented(citation, self.text(citation.paragraph_id))
        return ev.shown(given, self.text)

    def text(self, paragraph_id: str) -> str:
        """Return a paragraph's text."""
        return self.library.paragraph(paragraph_id).text

    @cached_property
    def answers(self) -> dict[str, Answer]:
        """The answers to all questions but comparisons, by the question's id."""
        return {q.id: self.library.ask(q.text) for q in self.asked if q.type != COMPARISON}

    @cached_property
    def single(self) -> list[tuple[Asked, tuple[Shown, ...]]]:
        """Return the single-fact questions with what their answers show."""
        questions = ev.single_facts(self.asked)
        return [(q, self.shown(self.answers[q.id].sentences)) for q in questions]

    def search(self) -> Row:
        """Return the scores of the search alone."""
        if not (questions := ev.for_search(ev.single_facts(self.asked))):
            return {}
        found = evaluate(lambda text, limit: self.library.search(text, limit=limit), questions)
        reworded = found.by_type.get("paraphrase")
        return {
            "questions": len(questions),
            "r@1": found.overall.recall_at[1],
            "r@5": found.overall.recall_at[5],
            "MRR": found.overall.mrr,
            "300w": found.overall.recall_within_words[300],
            "reworded r@5": reworded.recall_at[5] if reworded else None,
        }

    def comparison(self) -> Row:
        """Return the scores of the comparison questions, through `compare`."""
        answers = []
        for question in (q for q in self.asked if q.type == COMPARISON):
            rows = self.library.compare(question.text).rows
            given = {
                r.publisher: ev.Side(r.status, self.shown((*r.sentences, *r.recommendations)))
                for r in rows
            }
            answers.append((question, given))
        return ev.comparison_row(answers) if answers else {}

    def sets(self) -> Row:
        """Return the scores of the questions for a set of recommendations, through `ask`."""
        asked = [q for q in self.asked if q.type == LIST]
        given = [(q, self.shown(self.answers[q.id].sentences)) for q in asked]
        return ev.set_row(given) if given else {}

    def refused(self, doubted: bool = False) -> Row:
        """Return the share of questions that are refused, or answered with a doubt."""
        kinds: dict[str, list[Answer]] = {kind: [] for kind in KINDS}
        for question in (*ev.single_facts(self.asked), *ev.unanswerable(self.asked)):
            kind = "answerable" if question.facts else question.type
            kinds.setdefault(kind, []).append(self.answers[question.id])
        row: Row = {
            kind: ev.share(a.abstained or bool(doubted and a.note) for a in answers)
            for kind, answers in kinds.items()
        }
        yes, *others = kinds.values()
        if not doubted:
            no = [a.confidence for answers in others for a in answers]
            row["AUROC"] = ev.area([a.confidence for a in yes], no)
        return row if any(kinds.values()) else {}


def tables(groups: dict[str, Group], types: bool) -> dict[str, Table]:
    """Return every table, a row for each group of questions."""
    single = {name: group.single for name, group in groups.items()}
    found: dict[str, Table] = {
        "Search": {name: group.search() for name, group in groups.items()},
        "Answer": {name: ev.fact_row(given) for name, given in single.items() if given},
    }
    if types:
        found["Answer, by type"] = {
            f"{name}, {kind}": ev.fact_row([(q, s) for q, s in given if q.type == kind])
            for name, given in single.items()
            for kind in sorted({q.type for q, _ in given})
        }
    found |= {
        "Comparison": {name: group.comparison() for name, group in groups.items()},
        "Sets": {name: group.sets() for name, group in groups.items()},
        "Refused": {name: group.refused() for name, group in groups.items()},
        "Or with a doubt": {name: group.refused(doubted=True) for name, group in groups.items()},
    }
    found["Quotes"] = {name: dict(group.quotes) for name, group in groups.items()}
    return {title: {n: row for n, row in of.items() if row} for title, of in found.items()}


def documents_index(shared: Path) -> Path:
    """Return an index of the documents, with the titles and publishers of documents.toml."""
    folders = [shared / "corpus" / name for name in ("real", "public")]
    return build_index("documents", shared, folders, DOCUMENTS.read_text("utf-8"))


def gather(options: argparse.Namespace) -> dict[str, Group]:
    """Return the groups of questions that are asked, each with its library."""
    gold, settings = options.shared / "gold", Settings()
    places = {"reports": gold, "more": gold / "more", "documents": gold / "documents", "made": OWN}
    names = options.groups
    libraries: dict[str, Library] = {}
    if options.questions or set(names) & set(TEXTS):
        index = text_index(options.index, options.shared)
        libraries |= dict.fromkeys((*TEXTS, "questions"), Library.open(index, settings))
    if options.questions:
        return {"questions": Group(libraries["questions"], ev.read(options.questions))}
    if "documents" in names:
        index = options.documents_index or documents_index(options.shared)
        libraries["documents"] = Library.open(index, settings)
    return {GROUPS[name]: Group(libraries[name], ev.read([places[name]])) for name in names}


def find_gaps(groups: dict[str, Group]) -> list[str]:
    """Return notes on files and publishers that questions may need and a library does not have."""
    notes = []
    for name, group in groups.items():
        if files := [problem.file for problem in group.library.build.problems]:
            notes.append(f"files of {name} that could not be read: {', '.join(files)}")
        wanted = {f.publisher for q in group.asked if q.type == COMPARISON for f in q.facts}
        if unknown := sorted(filter(None, wanted - set(group.library.publishers))):
            notes.append(f"publishers that {name} lack (count as silent): {', '.join(unknown)}")
    return notes


def chosen_groups(text: str) -> list[str]:
    """Return the groups named, separated by commas."""
    names = text.split(",")
    if unknown := [name for name in names if name not in GROUPS]:
        raise argparse.ArgumentTypeError(f"no group {', '.join(unknown)}; choose {list(GROUPS)}")
    return names


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=default_shared())
    parser.add_argument("--index", type=Path, help="an index of the five reports as text")
    parser.add_argument("--documents-index", type=Path, help="an index of the documents")
    parser.add_argument("--groups", type=chosen_groups, default=list(GROUPS), metavar="NAME,…")
    parser.add_argument("--questions", type=Path, nargs="+", help="instead of the groups")
    parser.add_argument("--types", action="store_true", help="the answers by type, too")
    parser.add_argument("--recommendations", action="store_true", help="crosswalk and themes")
    parser.add_argument("--peers-python", type=Path, help="the Python that has the peers")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    return parser.parse_args()


def main() -> None:
    """Print the tables."""
    options = arguments()
    try:
        groups = gather(options)
    except (OSError, ValueError) as error:
        sys.exit(str(error))
    python = options.peers_python
    others, versions = find_peers(python, Path()) if python else ([], {})
    builds = {f"{n} build": f"{g.library.build.id} ({len(g.asked)})" for n, g in groups.items()}
    missing = [GROUPS[name] for name in GROUPS if GROUPS[name] not in groups]
    absent = [peer.name for peer in peers.PEERS if peer.name not in versions]
    missing += [f"{', '.join(absent)} (no --peers-python has them)"] * bool(absent)
    provenance({"everything": "default", **builds, **versions}, [*missing, *find_gaps(groups)])
    found = tables(groups, options.types)
    if options.recommendations:
        library = next(iter(groups.values())).library
        names = judgements.read_names(library, options.shared)
        pairs = judgements.read_pairs(names)
        found["Crosswalk"] = judgements.crosswalk_table(library, pairs)
        found["Levels"] = judgements.levels_table(library, pairs)
        found["Themes"] = judgements.themes_table(library, names)
        found["Together"] = judgements.together_table(library, pairs)
    for title, table in found.items():
        print_table(title, table)
    if others:
        ours = {n: (g.library, g.single) for n, g in groups.items() if g.single}
        found["Beside others"] = beside.compared(ours, others)
        print_table("Beside others", found["Beside others"])
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
