"""Saved questions: what a new build changes in their answers.

corpus/saved-questions.toml     the questions, by names of one's own
index/saved-questions.json      what each was answered last, and what had changed then

Answers are compared by what they quote: a quote is known if the same report was quoted with the
same letters. A new build alone changes nothing, nor does an edit elsewhere in a report.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from reformqa.answering.results import Answer
from reformqa.errors import CallerError, CorpusError, UnwritableIndexError
from reformqa.files import write_atomically
from reformqa.formats import parse_toml
from reformqa.library import Library
from reformqa.model import Progress
from reformqa.settings import explain
from reformqa.text.similarity import letters

_RECORD = "saved-questions.json"


class SavedQuestion(BaseModel):
    """A question that is asked again of each build, and the filters of `Library.ask`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str = Field(pattern=r"\w")
    publisher: tuple[str, ...] = ()
    report: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    section: tuple[str, ...] = ()


class _SavedQuestions(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    questions: dict[str, SavedQuestion] = {}


@dataclass(frozen=True, slots=True)
class SavedQuote:
    """A quote of an answer, its paragraph and report, and its citation in words."""

    quote: str
    paragraph_id: str
    report_id: str
    citation: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same quote in another build."""
        return self.report_id, letters(self.quote)


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """What a saved question was answered by a build, and how that differs from the answer before.

    `state` is "new" for a question that was not asked before; "same", "changed"; "answered" if
    there was no answer before, "unanswered" if there is none any more; or "failed" if it cannot be
    asked. `before` is the build compared with. `reason` says why there is no answer.
    """

    name: str
    asked: SavedQuestion
    build: str
    state: Literal["new", "same", "changed", "answered", "unanswered", "failed"]
    quotes: tuple[SavedQuote, ...] = ()
    before: str | None = None
    added: tuple[SavedQuote, ...] = ()
    gone: tuple[SavedQuote, ...] = ()
    reason: str | None = None


_ANSWERS = TypeAdapter(tuple[SavedAnswer, ...])


def read_saved(file: Path, *, required: bool = False) -> dict[str, SavedQuestion]:
    """Return the saved questions in a file by name; empty if there is no such file.

    Raises CorpusError if the file is invalid, or is `required` and missing.
    """
    if not file.is_file():
        if required or file.exists():
            raise CorpusError(f"There is no file of questions {file}. Check the path.")
        return {}
    try:
        values = parse_toml(file.read_text(encoding="utf-8"))
        return _SavedQuestions.model_validate(values).questions
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{file} is not valid TOML: {error}.") from error
    except ValidationError as error:
        raise CorpusError(f"{file}: {explain(error)}") from error


def ask_saved(
    index: Path,
    library: Library,
    questions: Mapping[str, SavedQuestion],
    progress: Progress = lambda stage, done, total: None,
) -> tuple[SavedAnswer, ...]:
    """Return what each question is answered now, and what has changed since the last build asked.

    Asked of the same build again, the answer is that of the first time. A question that cannot be
    asked stops no other, and keeps its earlier answer for later.
    Raises UnwritableIndexError if the answers cannot be kept in `index`.
    """
    earlier = {answer.name: answer for answer in last_answers(index)}
    found = []
    for name, question in questions.items():
        found.append(_asked(library, name, question, earlier.get(name)))
        progress("asking", len(found), len(questions))
    answers = tuple(found)
    if answers == tuple(earlier.values()):
        return answers
    try:
        write_atomically(index / _RECORD, _ANSWERS.dump_json(answers, indent=1) + b"\n")
    except OSError as error:
        raise UnwritableIndexError(
            f"{index / _RECORD} cannot be written: {error.strerror}. Check the permissions of its"
            " folder and the disk."
        ) from error
    return answers


def last_answers(index: Path) -> tuple[SavedAnswer, ...]:
    """Return what saved questions were last answered; nothing if no record can be read.

    The record is made from builds, and is made again.
    """
    try:
        return _ANSWERS.validate_json((index / _RECORD).read_bytes())
    except (OSError, ValidationError):
        return ()


def _asked(
    library: Library, name: str, asked: SavedQuestion, before: SavedAnswer | None
) -> SavedAnswer:
    build = library.build.id
    if before is not None and before.asked != asked:
        before = None
    if before is not None and before.build == build and before.state != "failed":
        return before
    try:
        answer = library.ask(
            asked.question,
            publisher=asked.publisher,
            report=asked.report,
            published=(asked.since, asked.until),
            section=asked.section,
        )
    except CallerError as error:
        kept = before.quotes if before else ()
        return SavedAnswer(name, asked, build, "failed", kept, reason=str(error))
    quotes = _quotes(answer)
    now = SavedAnswer(name, asked, build, "new", quotes, reason=answer.reason)
    return now if before is None else _compared(now, before)


def _quotes(answer: Answer) -> tuple[SavedQuote, ...]:
    """Return what an answer quotes, each quote once."""
    found: dict[tuple[str, str], SavedQuote] = {}
    for sentence in answer.sentences:
        for c in sentence.citations:
            quote = SavedQuote(c.quote, c.paragraph_id, c.report_id, str(c))
            found.setdefault(quote.key, quote)
    return tuple(found.values())


def _compared(now: SavedAnswer, before: SavedAnswer) -> SavedAnswer:
    """Return an answer with what distinguishes it from the one before."""
    added, gone = _less(now.quotes, before.quotes), _less(before.quotes, now.quotes)
    state: Literal["same", "changed", "answered", "unanswered"] = "same"
    if now.quotes and not before.quotes:
        state = "answered"
    elif before.quotes and not now.quotes:
        state = "unanswered"
    elif added or gone:
        state = "changed"
    return replace(now, state=state, before=before.build, added=added, gone=gone)


def _less(quotes: Sequence[SavedQuote], others: Sequence[SavedQuote]) -> tuple[SavedQuote, ...]:
    known = {other.key for other in others}
    return tuple(quote for quote in quotes if quote.key not in known)
