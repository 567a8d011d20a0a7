"""Scores are what a hand computes; a file that is not questions is refused by line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from reformqa import EvaluationFileError, Hit
from reformqa.evaluation.metrics import (
    Evaluation,
    Miss,
    Question,
    Scores,
    evaluate,
    read_questions,
)
from support.makers import hit


def jsonl(folder: Path, *lines: dict[str, Any] | str) -> Path:
    file = folder / "questions.jsonl"
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    file.write_text(text, encoding="utf-8")
    return file


def question(name: str, *facts: tuple[str, ...], kind: str = "plain") -> Question:
    return Question(name, kind, f"{name}?", facts)


def fixed(**hits: Sequence[Hit]):
    """A search that gives these hits to the question of that name."""
    return lambda text, limit: hits[text.rstrip("?")]


def within(first: int, quote: str = "gold leaf") -> Evaluation:
    """The evaluation of one fact whose quote ends with word number `first` of the first hit."""
    text = " ".join(["word"] * (first - 2) + [quote, "and more words"])
    return evaluate(fixed(q=[hit(text)]), [question("q", ("goldleaf",))])


def test_scores_are_those_that_a_hand_computes():
    plain = [hit(t) for t in ("one two", "three four", "Gold, leaf!", "five six")]
    odd = [hit(t) for t in ("x", "x", "x", "x", "x", "silver")]
    questions = [
        question("a", ("goldleaf", "never"), ("onetwo",)),
        question("b", ("silver",), ("never",), kind="odd"),
    ]
    found = evaluate(fixed(a=plain, b=odd), questions)
    all_words = {300: 0.75, 1000: 0.75}
    assert found.overall == Scores(
        2, 4, {1: 0.25, 3: 0.5, 5: 0.5, 10: 0.75}, (1 / 3 + 1 + 1 / 6) / 4, all_words
    )
    assert found.by_type == {
        "odd": Scores(1, 2, {1: 0, 3: 0, 5: 0, 10: 0.5}, 1 / 12, {300: 0.5, 1000: 0.5}),
        "plain": Scores(1, 2, {1: 0.5, 3: 1, 5: 1, 10: 1}, 2 / 3, {300: 1, 1000: 1}),
    }
    assert found.misses == (
        Miss("b", "odd", "b?", "silver", 6),
        Miss("b", "odd", "b?", "never", None),
    )


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (299, {300: 1, 1000: 1}),
        (300, {300: 1, 1000: 1}),
        (301, {300: 0, 1000: 1}),
        (1000, {300: 0, 1000: 1}),
        (1001, {300: 0, 1000: 0}),
    ],
)
def test_recall_within_words_counts_to_the_word_that_ends_the_quote(end: int, expected):
    assert within(end).overall.recall_within_words == expected


def test_the_words_of_the_hits_before_are_counted_too():
    hits = [hit("word " * 298), hit("gold leaf here")]
    found = evaluate(fixed(q=hits), [question("q", ("goldleaf",))])
    assert found.overall.recall_within_words == {300: 1, 1000: 1}
    one_more = evaluate(fixed(q=[hit("word"), *hits]), [question("q", ("goldleaf",))])
    assert one_more.overall.recall_within_words == {300: 0, 1000: 1}


def test_a_quote_must_stand_in_one_paragraph():
    found = evaluate(fixed(q=[hit("gold"), hit("leaf")]), [question("q", ("goldleaf",))])
    assert found.overall.mrr == 0


def test_every_question_is_asked_fifty_deep_and_progress_is_told():
    asked: list[tuple[str, int]] = []
    steps: list[tuple[int, int]] = []

    def search(text: str, limit: int) -> list[Hit]:
        asked.append((text, limit))
        return []

    evaluate(search, [question("a", ("x",)), question("b", ("y",))], lambda *s: steps.append(s))
    assert asked == [("a?", 50), ("b?", 50)]
    assert steps == [(0, 2), (1, 2), (2, 2)]


def test_scores_as_plain_values_are_rounded_and_named():
    found = evaluate(fixed(a=[hit("no"), hit("no"), hit("gold")]), [question("a", ("gold",))])
    scores = {"questions": 1, "facts": 1, "r@1": 0, "r@3": 1, "r@5": 1, "r@10": 1, "mrr": 0.3333}
    scores |= {"recall_300_words": 1, "recall_1000_words": 1}
    assert found.to_dict() == {"overall": scores, "by_type": {"plain": scores}, "misses": []}


def test_questions_are_read_with_their_quotes_as_letters(tmp_path: Path):
    evidence = [
        {"doc": "loaf", "any_of": ["Rye, at 2.5%!", {"doc": "loaf", "quote": "Oat"}]},
        {"any_of": ["Wheat"]},
    ]
    line = {"id": "q1", "type": "odd", "question": "Rye?", "answer": "Yes", "evidence": evidence}
    plain = {"id": "q2", "question": "Oat?", "evidence": [{"any_of": ["Oat"]}]}
    assert read_questions([jsonl(tmp_path, line, "", plain)]) == [
        Question("q1", "odd", "Rye?", (("ryeat25", "oat"), ("wheat",))),
        Question("q2", "untyped", "Oat?", (("oat",),)),
    ]


def test_a_question_without_evidence_is_left_out(tmp_path: Path):
    kept = {"id": "q2", "question": "Oat?", "evidence": [{"any_of": ["Oat"]}]}
    without = ({"id": "q1", "question": "Rye?"}, {"id": "q3", "question": "?", "evidence": []})
    questions = read_questions([jsonl(tmp_path, without[0], kept, without[1])])
    assert [q.id for q in questions] == ["q2"]


def test_files_without_a_question_with_evidence_are_refused(tmp_path: Path):
    with pytest.raises(EvaluationFileError, match="contain no question with evidence"):
        read_questions([jsonl(tmp_path, {"id": "q1", "question": "Rye?"})])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("[1]", "valid dictionary"),
        ({"id": "q2", "evidence": []}, "question: field required"),
        ({"id": 2, "question": "Oat?"}, "id: input should be a valid string"),
        ({"id": "q2", "question": "Oat?", "evidence": [{}]}, "evidence.0.any_of"),
    ],
)
def test_a_line_that_is_not_a_question_is_refused_by_file_and_number(tmp_path: Path, line, said):
    file = jsonl(tmp_path, {"id": "q1", "question": "Rye?"}, "", line)
    with pytest.raises(EvaluationFileError) as error:
        read_questions([file])
    assert str(error.value).startswith(f"{file}, line 3: ")
    assert said in str(error.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(EvaluationFileError, match=r"There is no file .*absent\.jsonl"):
        read_questions([tmp_path / "absent.jsonl"])


@pytest.mark.parametrize("evidence", ['{"any_of": []}', '{"any_of": ["—"]}'])
def test_a_fact_that_no_words_could_show_is_refused(evidence: str, tmp_path: Path):
    file = tmp_path / "questions.jsonl"
    file.write_text(f'{{"id": "q", "question": "What?", "evidence": [{evidence}]}}\n')
    with pytest.raises(EvaluationFileError, match="line 1"):
        read_questions([file])


def test_bytes_that_are_no_text_are_refused_by_line(tmp_path: Path):
    file = tmp_path / "questions.jsonl"
    file.write_bytes(b"\xff\xfe\xfa\n")
    with pytest.raises(EvaluationFileError, match="line 1: not JSON"):
        read_questions([file])


def test_a_line_separator_inside_a_string_ends_no_line(tmp_path: Path):
    file = tmp_path / "questions.jsonl"
    line = '{"id": "q", "question": "One\u2028two?", "evidence": [{"any_of": ["words"]}]}'
    file.write_text(line, encoding="utf-8")
    assert [q.text for q in read_questions([file])] == ["One\u2028two?"]
