"""On the five reports: what a question names is what it gets, and nothing comes twice."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from reformqa import Hits, Library
from reformqa.evaluation.metrics import Evaluation, evaluate, read_questions
from reformqa.model import LegScore
from support.places import REPORTS

#: Every how many of the gold questions is looked at for restatements.
EVERY = 2


@pytest.mark.parametrize("number", [1, 4, 14, 21])
def test_a_recommendation_named_by_its_label_comes_first(reports_library: Library, number: int):
    hits = reports_library.search(f"What is Recommendation {number}?")
    assert re.search(rf"Recommendation {number}\b", hits[0].paragraph.text)
    assert hits[0].legs["label"] == LegScore(1, 1.0)


@pytest.mark.parametrize("question", ["Policy Option Two", "What does policy option 2 say?"])
def test_a_policy_option_named_by_its_label_comes_first(reports_library: Library, question: str):
    hits = reports_library.search(question)
    assert hits[0].paragraph.text.startswith("Policy Option Two")
    assert hits[0].paragraph.report_id == "balancing-act"


def test_several_recommendations_named_at_once_all_come(reports_library: Library):
    hits = reports_library.search("What are recommendations 3, 4 and 9?", report="reform-dividend")
    first = " ".join(h.paragraph.text for h in hits[:6])
    for number in (3, 4, 9):
        assert re.search(rf"Recommendation {number}\b", first)


@pytest.mark.parametrize("question", ["£41bn", "£41 billion", "Where does £41bn come from?"])
def test_an_amount_is_found_however_the_report_writes_it(reports_library: Library, question: str):
    hits = reports_library.search(question)
    printed = [re.findall(r"£41 ?(?:bn|billion)", h.paragraph.text)[:1] for h in hits]
    assert printed[0]
    assert sorted(p for p in printed[:5] if p) == [["£41 billion"], ["£41bn"]]
    assert [h.legs["amounts"].score for h in hits] == [float(bool(p)) for p in printed]


@pytest.mark.parametrize(
    ("phrase", "question"),
    [
        ("public character", 'What gives services their "public character"?'),
        ("Public Character", "What gives services their “Public Character”?"),
        ("street-level bureaucrats", 'Who are the "street level bureaucrats"?'),
    ],
)
def test_a_phrase_in_quotation_marks_restricts(
    reports_library: Library, phrase: str, question: str
):
    def words(text: str) -> str:
        return " ".join(re.findall(r"[a-z0-9]+", text.lower()))

    hits = reports_library.search(question, limit=50)
    whole = [reports_library.report(r.id) for r in reports_library.reports]
    holding = {p.id for r in whole for p in r.paragraphs if words(phrase) in words(p.text)}
    assert hits
    assert {h.paragraph.id for h in hits} | {p.id for h in hits for p in h.also} <= holding
    assert 0 < hits.searched < reports_library.build.passages / 10


def test_a_phrase_that_no_report_prints_finds_nothing_and_says_so(reports_library: Library):
    hits = reports_library.search('Who is for "sourdough for all"?')
    assert list(hits) == []
    assert hits.reason
    assert "“sourdough for all”" in hits.reason


@pytest.mark.parametrize(
    ("question", "publisher"),
    [
        ("What does the Fabian Society say about pay?", "Fabian Society"),
        ("What do the Fabians say about inspection?", "Fabian Society"),
        ("How would Demos pay for prevention?", "Demos"),
        ("What is ippr's case for reform?", "IPPR"),
    ],
)
def test_a_named_publisher_gives_only_its_own(
    reports_library: Library, question: str, publisher: str
):
    hits = reports_library.search(question, limit=30)
    assert len(hits) == 30
    assert {h.publisher for h in hits} == {publisher}


@pytest.mark.parametrize(
    ("question", "report"),
    [
        ("What does Great Government say about the workforce?", "great-government"),
        ("What does The Reform Dividend say about prevention?", "reform-dividend"),
        ("Who inspects services in Balancing Act?", "balancing-act"),
        ("What does the Going Public report say on outsourcing?", "going-public"),
        ("What did the 2014 report say about localism?", "going-public"),
        ("What does Andrew Harrop say about localism?", "going-public"),
    ],
)
def test_a_named_report_gives_only_its_own(reports_library: Library, question: str, report: str):
    hits = reports_library.search(question, limit=20)
    assert len(hits) == 20
    assert {h.paragraph.report_id for h in hits} == {report}


def test_a_publisher_beside_anothers_report_is_heard_with_it(reports_library: Library):
    question = "How does Demos differ from Great Government on missions?"
    hits = reports_library.search(question, limit=40)
    both = {"reform-dividend", "balancing-act", "great-government"}
    assert {h.paragraph.report_id for h in hits} == both


@pytest.mark.parametrize(
    "question",
    ["How does a great government treat staff?", "Is going public wise?", "Is it a balancing act?"],
)
def test_the_words_of_a_title_in_small_letters_restrict_nothing(
    reports_library: Library, question: str
):
    assert reports_library.search(question).searched == reports_library.build.passages


def test_an_author_names_all_that_they_wrote(reports_library: Library):
    hits = reports_library.search("What does Ben Glover say about accountability?", limit=40)
    assert {h.paragraph.report_id for h in hits} == {"reform-dividend", "balancing-act"}


def test_a_filter_by_hand_goes_before_the_title_in_the_question(reports_library: Library):
    question = "What does Great Government say about the workforce?"
    hits = reports_library.search(question, publisher="Demos")
    assert {h.publisher for h in hits} == {"Demos"}


def runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[^\W_]+", text.lower().replace("'", "").replace("’", ""))
    return {tuple(words[n : n + 4]) for n in range(len(words) - 3)}


@pytest.fixture(scope="module")
def gold_hits(reports_library: Library, shared: Path) -> list[Hits]:
    """The first ten hits of some of the gold questions."""
    questions = read_questions(shared / "gold" / f"{name}.jsonl" for name in REPORTS)
    return reports_library.search_many([q.text for q in questions[::EVERY]])


def test_no_two_of_the_first_ten_hits_state_the_same(gold_hits: list[Hits]):
    assert len(gold_hits) > 30
    twice = []
    for hits in gold_hits:
        assert len(hits) == 10
        told = [(h.paragraph.id, runs(h.paragraph.text)) for h in hits]
        for n, (one, first) in enumerate(told):
            for other, second in told[n + 1 :]:
                if first and second and len(first & second) >= 0.5 * max(len(first), len(second)):
                    twice.append((one, other))
    assert twice == []


def test_what_is_told_beside_a_hit_states_the_same(gold_hits: list[Hits]):
    beside = [(h, p) for hits in gold_hits for h in hits for p in h.also]
    assert len(beside) > 10
    for hit, other in beside:
        assert other.id != hit.paragraph.id
        shared = runs(hit.paragraph.text) & runs(other.text)
        assert len(shared) >= 0.2 * min(len(runs(hit.paragraph.text)), len(runs(other.text)))


@pytest.fixture(scope="module")
def found(reports_library: Library, shared: Path) -> Evaluation:
    """The search scored on the 86 gold questions."""
    questions = read_questions(shared / "gold" / f"{name}.jsonl" for name in REPORTS)
    return evaluate(lambda q, limit: reports_library.search(q, limit=limit), questions)


FLOORS: dict[str, Any] = {
    "r@1": 0.68,
    "r@3": 0.80,
    "r@5": 0.86,
    "r@10": 0.90,
    "mrr": 0.77,
    "recall_300_words": 0.85,
    "recall_1000_words": 0.90,
}


@pytest.mark.parametrize("measure", FLOORS)
def test_the_search_finds_what_the_gold_questions_ask_for(found: Evaluation, measure: str):
    scores = found.to_dict()["overall"]
    assert scores["questions"] == 86
    assert scores[measure] >= FLOORS[measure]
