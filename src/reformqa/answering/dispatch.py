"""Sends a whole question to what answers it: records, editions, sets, a comparison or quotes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from reformqa.answering.answerer import Answered, Answerer
from reformqa.answering.comparison import Comparer
from reformqa.answering.edition_questions import answer_editions, asked_editions
from reformqa.answering.editions import EditionChanges
from reformqa.answering.generation import rephrase
from reformqa.answering.parts import join_parts
from reformqa.answering.quoting import Quoter
from reformqa.answering.records import answer_from_records
from reformqa.answering.results import Answer
from reformqa.model import ReportInfo, Sentence
from reformqa.search.filters import exact, narrow
from reformqa.search.hits import Hits
from reformqa.search.publishers import publishers_listed
from reformqa.search.query import Query, Reader
from reformqa.search.retriever import Retriever
from reformqa.search.spelling import corrected
from reformqa.settings import LanguageModelSettings
from reformqa.storage.base import Filters
from reformqa.storage.filtering import matches_report
from reformqa.text.phrases import listed
from reformqa.tuning import Tuning

#: What is told each of a language model's sentences as soon as it has passed the checks.
OnSentence = Callable[[Sentence], None]
#: The passages that a language model is given.
TO_WORD = 10


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """The ways to answer a question of one library."""

    retriever: Retriever
    reader: Reader
    quoter: Quoter
    answerer: Answerer
    comparer: Comparer
    tuning: Tuning
    llm: LanguageModelSettings

    def answer(
        self,
        query: Query,
        given: Filters,
        changes: Callable[[str, str], EditionChanges],
        on_sentence: OnSentence | None,
    ) -> Answer:
        """Return the answer to a whole question.

        `given` are the caller's own filters; `changes` compares two reports by id.
        """
        store = self.retriever.store
        known = answer_from_records(query, exact(store, narrow(query, given)), store)
        if known:
            return known
        where = exact(store, given)
        own = (r for r in self._reports if matches_report(where, r))
        if editions := asked_editions(query.text, own):
            return answer_editions(query.text, changes(*editions))
        parts = self.reader.parse_parts(query)
        answers = [self._answer_part(part, given, on_sentence) for part in parts]
        answer = answers[0] if len(answers) == 1 else join_parts(query.text, answers)
        if query.unknown:
            missing = f"The library has no report by {listed(query.unknown, 'or')}."
            answer = replace(answer, note=" ".join(filter(None, (missing, answer.note))))
        return self._offered(answer, query) if answer.abstained else answer

    @property
    def _reports(self) -> list[ReportInfo]:
        return list(self.retriever.store.reports().values())

    @property
    def _publishers(self) -> tuple[str, ...]:
        return tuple(sorted({r.publisher for r in self._reports}))

    def _answer_part(self, query: Query, given: Filters, on_sentence: OnSentence | None) -> Answer:
        """Return the answer to a question of one part."""
        where = narrow(query, given)
        if query.several and query.set_of is None:
            return self._compare(query, where)
        if query.set_of is None:
            answered = self.answerer.answer(query, where)
        else:
            answered = Answered(self.answerer.listed(query, where), Hits())
            if query.set_of and answered.answer.abstained and not self.quoter.known(where):
                # Reports that make no recommendations may still tell what is proposed.
                return self._answer_part(replace(query, set_of=None), given, on_sentence)
        own = answered.answer
        if (own.abstained or own.confidence < self.tuning.answers.sure) and not given.publisher:
            answered = self._of_others(query, where, own) or answered
        return self._worded(answered, on_sentence)

    def _compare(self, query: Query, where: Filters) -> Answer:
        """Return the answer of the publishers whose reports are asked, or of all."""
        described = {r.publisher for r in self._reports if r.id in where.report}
        asked = exact(self.retriever.store, where).publisher or tuple(sorted(described))
        return self.comparer.answer(query, where, asked or self._publishers)

    def _of_others(self, query: Query, where: Filters, own: Answer) -> Answered | None:
        """Return what others say that name the one publisher asked, if that surely answers.

        The publisher's `own` answer is none or in doubt, and is kept behind. A report that is named
        for its title, as a response is, need not name the publisher in each paragraph.
        """
        others = tuple(p for p in self._publishers if p not in query.named)
        if len(query.named) != 1 or query.set_of == "" or where.report or not others:
            return None
        names = self.reader.naming(query.named[0], query.text)
        named = {r.id for r in self._reports if names(r.title)}
        answered = self.answerer.answer(
            replace(query, named=()),
            replace(where, publisher=others),
            lambda p: p.report_id in named or names(p.text),
        )
        answer = answered.answer
        if answer.abstained or answer.note:  # it is in doubt, or denied
            return None
        of = publishers_listed(query.named)
        lack = "Nothing found in" if own.abstained else "No sure answer in"
        note = f"{lack} reports of {of}; this is what other reports say that name it."
        more = (*own.sentences, *answer.more)
        provenance = self.quoter.provenance((*answer.sentences, *more))
        said = replace(answer, note=note, more=more, provenance=provenance)
        return replace(answered, answer=said)

    def _worded(self, answered: Answered, on_sentence: OnSentence | None) -> Answer:
        """Return an answer in a language model's words, if one is set and there are passages."""
        answer = answered.answer
        if answer.abstained or not (answered.hits and self.llm.model):
            return answer
        passages = [h.paragraph for h in answered.hits[:TO_WORD]]
        reports = self.retriever.store.reports()
        worded = rephrase(answer, passages, reports, self.llm, on_sentence)
        return replace(worded, provenance=self.quoter.provenance(worded.sentences))

    def _offered(self, answer: Answer, query: Query) -> Answer:
        """Return an abstention that offers the question without its typing errors, if any."""
        words = self.retriever.models.encoder.vocabulary.values()
        better = corrected(query, self.retriever.store, frozenset(words), self._reports)
        if better is None:
            return answer
        return replace(answer, reason=f"{answer.reason} Did you mean “{better}”?", corrected=better)
