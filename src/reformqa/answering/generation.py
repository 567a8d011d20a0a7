"""An answer worded by a language model, each sentence of which is checked against the passages.

Off unless the settings name a model. The model is given the question and the passages as data, and
must support each sentence with quotes. A sentence is kept only if each of its quotes passes the
quote gate, its figures, names and quoted words are in the passages it cites, its negations and
words of stance are in what it quotes, and it shares words with that. The others are listed with
the reason. That a sentence says what its quotes say is not proved by this: a reader sees both.
Whatever the server does, the extractive answer remains, with a note.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from functools import partial
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from reformqa.answering.llm import propose
from reformqa.answering.reply import NoReplyError
from reformqa.answering.results import Answer, LeftOut
from reformqa.citations.claims import unsupported_terms
from reformqa.citations.stance import find_reversal
from reformqa.citations.verify import cite, locate
from reformqa.model import Citation, Paragraph, ReportInfo, Sentence
from reformqa.settings import LanguageModelSettings
from reformqa.text.sentences import sentences
from reformqa.text.similarity import letters
from reformqa.text.tokens import tokens

#: The most characters of all passages together; further passages are not sent.
MOST_TO_SEND = 30_000
#: The most words and citations of a sentence, and the most words of an answer.
LONGEST_SENTENCE = 60
MOST_CITATIONS = 6
MOST_WORDS = 300
#: The most sentences of a reply that are checked.
MOST_SENTENCES = 30
#: The most characters shown of a sentence, quote or name that failed a check.
LONGEST_SHOWN = 300
#: The least share of a sentence's content words that its cited sentences contain.
SHARED_WORDS = 1 / 3

INSTRUCTIONS = (
    resources.files("reformqa.answering")
    .joinpath("instructions.md")
    .read_text(encoding="utf-8")
    .strip()
)

_AS_PRINTED = "The answer is in the reports' own words."
_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"|‘(.+?)’(?!\w)|(?<!\w)'(.+?)'(?!\w)")
_MARKUP = re.compile(r"[<>\[\]{}\\`|]|https?:|www\.", re.IGNORECASE)
# Text that addresses a language model rather than a reader.
_FOR_A_MODEL = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instructions?|prompts?|rules|above)\b"
    r"|\bsystem prompt\b|\bas an ai\b|\byou are (?:now )?an? (?:ai|assistant|language model)\b",
    re.IGNORECASE | re.DOTALL,
)


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _Quoted(_Shape):
    passage: int
    quote: str


class _Proposal(_Shape):
    text: str
    citations: list[_Quoted]


class _LeftOutError(Exception):
    """A sentence failed a check; the message says which."""


def rephrase(
    answer: Answer,
    paragraphs: Sequence[Paragraph],
    reports: Mapping[str, ReportInfo],
    settings: LanguageModelSettings,
    on_sentence: Callable[[Sentence], None] | None = None,
) -> Answer:
    """Return the answer in a language model's sentences, each cited from `paragraphs`.

    With `on_sentence`, the model's reply comes as a stream, and each sentence is handed over as
    soon as it is complete and has passed the checks. The answer is made of the whole reply, as
    without it: if the server fails later, sentences were handed over that are not in the answer.

    Returns the answer as it was, with a note, if the server or the model fails. Returns it without
    a note or a request if no model is set, or if it is an abstention or a comparison. `reports`
    are by id. Raises SettingsError if the package `openai` is missing or the key is invalid.
    """
    sent = _within(paragraphs)
    if not settings.model or answer.abstained or answer.comparison or not sent:
        return answer
    name = settings.model
    unused = f"The language model {name} was not used:"
    heard = partial(_hand_over, _Gate(sent, reports), on_sentence) if on_sentence else None
    try:
        proposals = propose(_messages(answer.question, sent, reports), settings, heard)
    except NoReplyError as error:
        return _noted(answer, f"{unused} {error} {_AS_PRINTED}")
    gate = _Gate(sent, reports)
    kept = tuple(filter(None, map(gate.admit, proposals)))
    answer = replace(answer, left_out=(*answer.left_out, *gate.left_out))
    if not proposals:
        return _noted(answer, f"{unused} it found no answer in the passages. {_AS_PRINTED}")
    if not kept:
        return _noted(answer, f"{unused} none of its sentences passed the checks. {_AS_PRINTED}")
    note = (
        f"Worded by the language model {name}. Its quotes stand in the passages, but only reading"
        " them shows whether a sentence says the same."
    )
    return _noted(replace(answer, sentences=kept), note)


def _hand_over(gate: _Gate, on_sentence: Callable[[Sentence], None], given: Any) -> None:
    """Hand over what is proposed, if it passes the checks."""
    if sentence := gate.admit(given):
        on_sentence(sentence)


def _noted(answer: Answer, note: str) -> Answer:
    return replace(answer, note=" ".join(filter(None, (answer.note, note))))


def _within(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """Return as many of the paragraphs, in order and without repeats, as may be sent together."""
    kept: list[Paragraph] = []
    size = 0
    for paragraph in {p.id: p for p in paragraphs}.values():
        size += len(paragraph.text)
        if size > MOST_TO_SEND:
            break
        kept.append(paragraph)
    return kept


def _messages(
    question: str, paragraphs: Sequence[Paragraph], reports: Mapping[str, ReportInfo]
) -> list[dict[str, str]]:
    passages = [
        {
            "passage": number,
            "publisher": _visible(reports[p.report_id].publisher),
            "title": _visible(reports[p.report_id].title),
            "text": _visible(p.text),
        }
        for number, p in enumerate(paragraphs, start=1)
    ]
    data = {"question": _visible(question), "passages": passages}
    return [
        {"role": "system", "content": INSTRUCTIONS},
        {"role": "user", "content": json.dumps(data, ensure_ascii=False)},
    ]


def _visible(text: str) -> str:
    """Return `text` on one line, without invisible characters, which can hide instructions."""
    shown = "".join(c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(shown.split())


class _Gate:
    """The checks of a reply's sentences, one after the other; `left_out` are those that failed."""

    def __init__(self, paragraphs: Sequence[Paragraph], reports: Mapping[str, ReportInfo]) -> None:
        self.left_out: list[LeftOut] = []
        self._paragraphs = paragraphs
        self._reports = reports
        self._publishers = {r.publisher for r in reports.values()}
        self._seen: set[str] = set()
        self._words = self._looked_at = 0

    def admit(self, given: Any) -> Sentence | None:
        """Return what is proposed as a sentence, or None if it fails a check or is one too many."""
        self._looked_at += 1
        if self._looked_at > MOST_SENTENCES:
            return None
        try:
            sentence = self._checked(given)
        except ValidationError:
            self.left_out.append(LeftOut(_shown(given), "It is not in the form asked for."))
        except _LeftOutError as error:
            self.left_out.append(LeftOut(_shown(given), str(error)))
        else:
            self._seen.add(letters(sentence.text))
            self._words += len(sentence.text.split())
            return sentence
        return None

    def _checked(self, given: Any) -> Sentence:
        proposal = _Proposal.model_validate(given)
        text = _visible(proposal.text)
        citations = _cited(proposal, self._paragraphs, self._reports)
        _check(text, citations, self._paragraphs, self._publishers)
        if letters(text) in self._seen:
            raise _LeftOutError("It repeats another sentence.")
        if self._words + len(text.split()) > MOST_WORDS:
            raise _LeftOutError("The answer is long enough without it.")
        return Sentence(text, citations)


def _shown(given: Any) -> str:
    """Return what was proposed, short enough to show."""
    text = given.get("text") if isinstance(given, dict) else None
    shown = _visible(text if isinstance(text, str) else str(given))
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}…"


def _cited(
    proposal: _Proposal, paragraphs: Sequence[Paragraph], reports: Mapping[str, ReportInfo]
) -> tuple[Citation, ...]:
    """Return the citations, all of which have passed the quote gate.

    Raises _LeftOutError if one has not.
    """
    if not proposal.citations:
        raise _LeftOutError("It cites no passage.")
    if len(proposal.citations) > MOST_CITATIONS:
        raise _LeftOutError(f"It has more than {MOST_CITATIONS} citations.")
    found = []
    for quoted in proposal.citations:
        if not 1 <= quoted.passage <= len(paragraphs):
            raise _LeftOutError(f"There is no passage {str(quoted.passage)[:10]}.")
        paragraph = paragraphs[quoted.passage - 1]
        citation = cite(quoted.quote, paragraph, reports[paragraph.report_id])
        if citation.status == "unsupported":
            quote = _shown({"text": quoted.quote})
            raise _LeftOutError(f"Its quote “{quote}” failed the check. {citation.repairs[0]}.")
        found.append(citation)
    return tuple(dict.fromkeys(found))


def _check(
    text: str, citations: Sequence[Citation], paragraphs: Sequence[Paragraph], publishers: Set[str]
) -> None:
    """Raise _LeftOutError if a sentence says what the passages that it cites do not.

    `publishers` are all of the library: one that opens a sentence is told from other words by them.
    """
    if not 0 < len(text.split()) <= LONGEST_SENTENCE or len(text) > 10 * LONGEST_SENTENCE:
        raise _LeftOutError(f"It has no words, or more than {LONGEST_SENTENCE}.")
    if _MARKUP.search(text):
        raise _LeftOutError("It contains a link or markup.")
    of = {p.id: p.text for p in paragraphs}
    if any(
        m.start() < c.span[1] for c in citations for m in _FOR_A_MODEL.finditer(of[c.paragraph_id])
    ):
        raise _LeftOutError("It quotes an instruction to language models.")
    texts = [of[name] for name in dict.fromkeys(c.paragraph_id for c in citations)]
    labels = [f"{c.publisher}, {c.report_title}, {c.year}" for c in citations]
    if strange := unsupported_terms(text, [*texts, *labels]):
        raise _LeftOutError(f"Not in the passages it cites: {', '.join(strange)[:LONGEST_SHOWN]}.")
    spaced = f" {_spaced(text)} "
    for name in sorted(publishers):
        if f" {name} " in spaced and not any(name in t for t in (*texts, *labels)):
            raise _LeftOutError(f"It speaks of {name}, whose report it does not cite.")
    for match in _QUOTED.finditer(text):
        words = next(filter(None, match.groups()))
        if not any(locate(words, held) for held in texts):
            raise _LeftOutError(
                f"It puts “{words}” in quotation marks, but no cited passage contains it."
            )
    around = [_around(c, of[c.paragraph_id]) for c in citations]
    before, whole = [b for b, _ in around], [w for _, w in around]
    own = set(tokens(text)) - set(tokens(" ".join(labels)))
    shared = own & set(tokens(" ".join(whole)))
    if len(shared) < SHARED_WORDS * len(own):
        raise _LeftOutError("It has too few words in common with what it cites.")
    names = [name for c in citations for name in (c.report_title, c.publisher)]
    if reversal := find_reversal(text, before, whole, names):
        raise _LeftOutError(reversal)


def _spaced(text: str) -> str:
    """Return the text with a space for each mark, so that names stand between spaces."""
    return re.sub(r"[^\w&-]+", " ", text)


def _around(citation: Citation, text: str) -> tuple[str, str]:
    """Return the sentences that contain a quote: up to the quote's end, and whole."""
    start, end = citation.span
    spans = [span for span, _ in sentences(text) if span[0] < end and span[1] > start]
    first, last = (spans[0][0], spans[-1][1]) if spans else (start, end)
    return text[first:end], text[first:last]
