"""The benchmark of answers counts what it says it counts: small made-up cases."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from support.places import PROJECT


@pytest.fixture(scope="module")
def asked() -> ModuleType:
    """benchmarks/asked.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(PROJECT / "benchmarks"))
        return importlib.import_module("asked")


def sentence(text: str, *quotes: str) -> SimpleNamespace:
    return SimpleNamespace(text=text, citations=[SimpleNamespace(quote=q) for q in quotes])


def question(asked: ModuleType, *facts: tuple[str, str | None], silent: tuple[str, ...] = ()):
    found = tuple(asked.Fact((quote,), publisher) for quote, publisher in facts)
    return asked.Asked("q", "factual", "Why?", "made/questions", found, silent)


def test_a_quote_is_held_whatever_its_marks(asked: ModuleType) -> None:
    fact = asked.Fact(("the “single pot” of money",))
    assert asked.holds(["It is the 'Single-Pot' of\nmoney."], fact)
    assert not asked.holds(["It is the single pot", "of money."], fact)


def test_a_fact_is_said_by_enough_of_its_words(asked: ModuleType) -> None:
    fact = asked.Fact(("one two three four five",))
    assert asked.says(asked.Shown(("Three, two – one!",)), fact)
    assert not asked.says(asked.Shown(("Two, one.",)), fact)
    assert not asked.says(asked.Shown(), fact)


def test_any_quote_of_a_fact_will_do(asked: ModuleType) -> None:
    fact = asked.Fact(("alpha beta", "gamma delta"))
    assert asked.holds(["… gamma delta …"], fact)
    assert asked.says(asked.Shown(("gamma delta",)), fact)


@pytest.mark.parametrize(
    ("quote", "span", "wrong"),
    [
        ("holds", (10, 15), False),
        ("holds", (9, 14), True),
        ("held", (10, 15), True),
        ("", (0, 0), True),
    ],
)
def test_a_quote_that_is_not_at_its_span_is_invented(
    asked: ModuleType, quote: str, span: tuple[int, int], wrong: bool
) -> None:
    citation = SimpleNamespace(quote=quote, span=span)
    assert asked.invented(citation, "The words holds.") is wrong


def test_words_outside_every_quote_are_seen(asked: ModuleType) -> None:
    assert not asked.unquoted(sentence("It asks: more money.", "more money.", "It asks:"))
    assert asked.unquoted(sentence("It asks: more money.", "more money."))


def test_what_is_shown_is_cut_at_so_many_words(asked: ModuleType) -> None:
    cut = asked.Shown(("one two", "three four", "five"), ("a whole paragraph",)).within(3)
    assert cut.sentences == ("one two", "three") == cut.sources
    assert cut.words == 3


def test_facts_are_counted_over_facts_and_refusals_over_questions(asked: ModuleType) -> None:
    two = question(asked, ("alpha beta", None), ("gamma delta", None))
    one = question(asked, ("epsilon", None))
    answers = [
        (two, asked.Shown(("alpha beta is so",), ("Alpha beta is so. Gamma delta too.",))),
        (one, asked.Shown()),
    ]
    row = asked.fact_row(answers)
    assert row["cited"] == pytest.approx(2 / 3)
    assert row["said"] == row["quoted"] == pytest.approx(1 / 3)
    assert (row["refused"], row["words"], row["facts"]) == (0.5, 4, 3)


def test_silence_is_counted_both_ways(asked: ModuleType) -> None:
    compared = question(asked, ("alpha", "A"), ("beta", "B"), silent=("C", "D"))
    rows = {
        "A": asked.Shown(("alpha",), ("alpha",)),
        "C": asked.Shown(("something",), ("something",)),
        "D": asked.Shown(),
    }
    row = asked.comparison_row([(compared, rows)])
    assert (row["speak"], row["silenced"], row["silent"], row["left silent"]) == (2, 1, 2, 1)
    assert row["cited"] == 0.5


def test_another_publishers_evidence_does_not_count(asked: ModuleType) -> None:
    compared = question(asked, ("alpha", "A"))
    row = asked.comparison_row([(compared, {"B": asked.Shown(("alpha",), ("alpha",))})])
    assert (row["cited"], row["silenced"]) == (0, 1)


def test_a_set_is_scored_by_its_sentences(asked: ModuleType) -> None:
    wanted = question(asked, ("alpha", None), ("beta", None), ("gamma", None))
    given = [asked.Shown((t,), (t,)) for t in ("alpha", "Alpha again", "beta", "something else")]
    row = asked.list_row(wanted, given)
    assert row["recall"] == pytest.approx(2 / 3)
    assert row["precision"] == pytest.approx(3 / 4)
    assert asked.list_row(wanted, [])["precision"] is None


def test_means_leave_out_dashes(asked: ModuleType) -> None:
    assert asked.mean_row([{"a": None, "b": 0.0}, {"a": 0.5, "b": 1.0}]) == {"a": 0.5, "b": 0.5}


def test_questions_are_told_apart(asked: ModuleType, tmp_path: Path) -> None:
    lines = [
        {"id": "1", "type": "factual", "question": "a", "evidence": [{"any_of": ["x"]}]},
        {"id": "2", "type": "near-topic", "question": "b", "evidence": []},
        {
            "id": "3",
            "type": "comparison",
            "question": "c",
            "evidence": [{"any_of": [{"doc": "d", "quote": "y"}], "publisher": "A"}],
            "silent": ["B"],
        },
        {"id": "4", "type": "comparison", "question": "d", "evidence": [], "silent": ["B"]},
    ]
    file = tmp_path / "made.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    questions = asked.read([tmp_path])
    assert [q.id for q in asked.single_facts(questions)] == ["1"]
    assert [q.id for q in asked.unanswerable(questions)] == ["2"]
    assert (questions[2].facts[0].quotes, questions[2].silent) == (("y",), ("B",))
    assert questions[0].source == f"{tmp_path.name}/made"


def test_a_line_that_is_no_question_is_named(asked: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text('{"id": "1", "question": "a"}\n{"id": "2"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.jsonl, line 2"):
        asked.read([file])


def test_a_table_has_a_line_a_row(asked: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    asked.print_table("T", {"a": {"n": 1200, "share": 0.5}, "b": {"n": 3, "share": None}})
    assert capsys.readouterr().out.splitlines() == [
        "T      n  share",
        "a  1,200  0.500",
        "b      3      -",
        "",
    ]
