"""Score the answers to questions with known evidence.

    python benchmarks/answers.py QUESTIONS.jsonl … [--index index] [--json]

Cited: share of the required facts one of whose quotes stands in a paragraph that the answer cites.
Said: share for which the answer holds at least 0.6 of the words of such a quote. Words: mean length
of an answer. Refused: questions that got no answer. Invented: citations whose quote does not stand
in its paragraph at the span given (must be 0).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from statistics import fmean

from reformqa import Answer, Library
from reformqa.evaluation import Question, read_questions
from reformqa.likeness import letters

SAID_SHARE = 0.6


def cited(library: Library, answer: Answer, quotes: tuple[str, ...]) -> bool:
    """Whether a cited paragraph holds one of the quotes (given as letters)."""
    ids = {c.paragraph_id for s in answer.sentences for c in s.citations}
    texts = [letters(library.paragraph(i).text) for i in ids]
    return any(quote in text for quote in quotes for text in texts)


def said(answer: Answer, quotes: list[list[str]]) -> bool:
    """Whether the answer holds enough of the words of one of the quotes."""
    words = {letters(w) for s in answer.sentences for w in s.text.split()}
    return any(sum(w in words for w in quote) >= SAID_SHARE * len(quote) for quote in quotes)


def invented(library: Library, answer: Answer) -> int:
    """How many citations of the answer do not stand in their paragraph."""
    citations = [c for s in answer.sentences for c in s.citations]
    texts = [library.paragraph(c.paragraph_id).text for c in citations]
    return sum(t[slice(*c.span)] != c.quote for c, t in zip(citations, texts, strict=True))


def quoted_words(files: list[Path]) -> dict[str, list[list[list[str]]]]:
    """The words of each fact's quotes, by question."""
    found = {}
    for file in files:
        for line in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            quotes = [
                [q if isinstance(q, str) else q["quote"] for q in fact["any_of"]]
                for fact in line["evidence"]
            ]
            found[line["question"]] = [
                [[letters(w) for w in quote.split()] for quote in fact] for fact in quotes
            ]
    return found


def score(
    library: Library, questions: list[Question], words: dict[str, list[list[list[str]]]]
) -> dict[str, float]:
    """The scores over all questions."""
    answers = [(q, library.ask(q.text)) for q in questions]
    facts = [
        (answer, quotes, words[q.text][n])
        for q, answer in answers
        for n, quotes in enumerate(q.facts)
    ]
    lengths = [sum(len(s.text.split()) for s in a.sentences) for _, a in answers if a.sentences]
    return {
        "facts": len(facts),
        "cited": fmean(cited(library, a, quotes) for a, quotes, _ in facts),
        "said": fmean(said(a, wanted) for a, _, wanted in facts),
        "words": fmean(lengths),
        "refused": sum(a.abstained for _, a in answers),
        "invented": sum(invented(library, a) for _, a in answers),
    }


def main() -> None:
    """Print the scores."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--index", type=Path, default=Path("index"))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    library = Library.open(options.index)
    result = score(library, read_questions(options.files), quoted_words(options.files))
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:10} {value:.3f}" if isinstance(value, float) else f"{name:10} {value}")


if __name__ == "__main__":
    main()
