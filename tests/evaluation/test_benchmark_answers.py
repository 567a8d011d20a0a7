"""The benchmark of answers counts what it says it counts: small made-up cases."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from support.places import PROJECT


def imported(name: str) -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(PROJECT / "benchmarks"))
        return importlib.import_module(name)


@pytest.fixture(scope="module")
def ev() -> ModuleType:
    """benchmarks/evidence.py."""
    return imported("evidence")


def sentence(text: str, *quotes: str) -> SimpleNamespace:
    return SimpleNamespace(text=text, citations=[SimpleNamespace(quote=q) for q in quotes])


def question(ev: ModuleType, *facts: tuple[str, str | None], silent: tuple[str, ...] = ()):
    found = tuple(ev.Fact((quote,), publisher) for quote, publisher in facts)
    return ev.Asked("q", "factual", "Why?", found, silent)


def shown(ev: ModuleType, text: str, paragraph: str | None = None):
    """A sentence quoted from a paragraph, or from one that is all its own."""
    paragraph = paragraph or text
    start = paragraph.index(text)
    return ev.Shown(text, ((paragraph, (start, start + len(text))),))


def test_a_quote_is_held_whatever_its_marks(ev: ModuleType) -> None:
    fact = ev.Fact(("the “single pot” of money",))
    assert ev.holds(["It is the 'Single-Pot' of\nmoney."], fact)
    assert not ev.holds(["It is the single pot", "of money."], fact)


def test_a_quote_over_two_sentences_is_said(ev: ModuleType) -> None:
    fact = ev.Fact(("Money is short. Time is not.",))
    given = [shown(ev, "Money is short."), shown(ev, "Time is not.")]
    assert ev.says(given, fact)
    assert not ev.says(given[:1], fact)


def test_a_gist_has_enough_of_the_words(ev: ModuleType) -> None:
    fact = ev.Fact(("one two three four five",))
    assert ev.gives_gist([shown(ev, "Three, two – one!")], fact)
    assert not ev.gives_gist([shown(ev, "Two, one.")], fact)
    assert not ev.gives_gist([], fact)


def test_any_quote_of_a_fact_will_do(ev: ModuleType) -> None:
    fact = ev.Fact(("alpha beta", "gamma delta"))
    assert ev.holds(["… gamma delta …"], fact)
    assert ev.gives_gist([shown(ev, "gamma delta")], fact)


def test_the_opening_ends_within_a_sentence(ev: ModuleType) -> None:
    fact = ev.Fact(("alpha beta",))
    assert ev.says([shown(ev, "one two alpha beta gamma")], fact, words=4)
    assert not ev.says([shown(ev, "one two alpha beta gamma")], fact, words=3)


@pytest.mark.parametrize(
    ("quoted", "expected"),
    [
        ("The mill grinds rye for the town.", True),
        ("for the town. The oven is cold.", True),
        ("The oven is cold.", False),
        ("Salt is dear.", False),
    ],
)
def test_a_sentence_is_evidence_if_it_largely_is_the_quote(
    ev: ModuleType, quoted: str, expected: bool
) -> None:
    paragraph = "Salt is dear. The mill grinds rye for the town. The oven is cold."
    fact = ev.Fact(("rye for the town",))
    assert ev.is_evidence(shown(ev, quoted, paragraph), fact) is expected


def test_the_same_words_elsewhere_in_the_paragraph_are_no_evidence(ev: ModuleType) -> None:
    fact = ev.Fact(("bread and rye",))
    paragraph = "Here is bread and rye. And further on there is bread."
    assert not ev.is_evidence(shown(ev, "And further on there is bread.", paragraph), fact)


def test_the_rank_is_that_of_the_first_evidence(ev: ModuleType) -> None:
    fact = ev.Fact(("alpha beta",))
    given = [shown(ev, "something else"), shown(ev, "alpha beta"), shown(ev, "Alpha beta again")]
    assert ev.first_rank(given, fact) == 2
    assert ev.first_rank(given[:1], fact) is None


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
    ev: ModuleType, quote: str, span: tuple[int, int], wrong: bool
) -> None:
    citation = SimpleNamespace(quote=quote, span=span)
    assert ev.invented(citation, "The words holds.") is wrong


def test_words_outside_every_quote_are_seen(ev: ModuleType) -> None:
    assert not ev.unquoted(sentence("It asks: more money.", "more money.", "It asks:"))
    assert ev.unquoted(sentence("It asks: more money.", "more money."))


def test_shares_are_over_facts_and_sentences(ev: ModuleType) -> None:
    two = question(ev, ("alpha beta", None), ("gamma delta", None))
    one = question(ev, ("epsilon", None))
    paragraph = "So it is. alpha beta is so. Gamma delta too."
    given = [shown(ev, "So it is.", paragraph), shown(ev, "alpha beta is so.", paragraph)]
    row = ev.fact_row([(two, [*given, shown(ev, "Nothing of the kind.")]), (one, [])])
    assert row["cited"] == pytest.approx(2 / 3)
    assert row["said"] == row["gist"] == row["40w"] == pytest.approx(1 / 3)
    assert row["RR"] == pytest.approx(1 / 2 / 3)
    assert row["on evidence"] == pytest.approx(2 / 3)
    assert (row["questions"], row["facts"], row["words"]) == (2, 3, 11)


def test_silence_is_counted_both_ways(ev: ModuleType) -> None:
    compared = question(ev, ("alpha", "A"), ("beta", "B"), silent=("C", "D"))
    rows = {
        "A": ev.Side("near", (shown(ev, "alpha"),)),
        "C": ev.Side("speaks", (shown(ev, "something"),)),
        "D": ev.Side("near", (shown(ev, "something"),)),
    }
    row = ev.comparison_row([(compared, rows)])
    assert (row["required"], row["cited"], row["false silences"]) == (2, 0.5, 0.5)
    assert (row["only near"], row["silent"], row["shown speaking"]) == (0.5, 2, 0.5)


def test_another_publishers_evidence_does_not_count(ev: ModuleType) -> None:
    compared = question(ev, ("alpha", "A"))
    row = ev.comparison_row([(compared, {"B": ev.Side("speaks", (shown(ev, "alpha"),))})])
    assert (row["cited"], row["false silences"]) == (0, 1)


def test_a_set_is_scored_by_its_sentences(ev: ModuleType) -> None:
    wanted = question(ev, ("alpha", None), ("beta", None), ("gamma", None))
    given = [shown(ev, text) for text in ("alpha", "Alpha again", "beta", "something else")]
    row = ev.set_row([(wanted, given)])
    assert row["recall"] == pytest.approx(2 / 3)
    assert row["precision"] == pytest.approx(3 / 4)
    assert ev.set_row([(wanted, [])])["precision"] == 0


def test_a_set_that_should_be_empty_counts_apart(ev: ModuleType) -> None:
    empty, full = question(ev), question(ev, ("alpha", None))
    answers = [(full, [shown(ev, "alpha")]), (empty, [shown(ev, "beta")]), (empty, [])]
    row = ev.set_row(answers)
    assert (row["sets"], row["recall"], row["precision"]) == (1, 1, 1)
    assert (row["empty sets"], row["filled"]) == (2, 0.5)


def test_the_area_counts_ties_half(ev: ModuleType) -> None:
    assert ev.area([0.9, 0.5], [0.5, 0.1]) == pytest.approx(3.5 / 4)
    assert ev.area([0.9], []) is None


def test_questions_are_told_apart(ev: ModuleType, tmp_path: Path) -> None:
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
    questions = ev.read([tmp_path])
    assert [q.id for q in ev.single_facts(questions)] == ["1"]
    assert [q.id for q in ev.unanswerable(questions)] == ["2"]
    assert (questions[2].facts[0].quotes, questions[2].silent) == (("y",), ("B",))


def test_a_line_that_is_no_question_is_named(ev: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text('{"id": "1", "question": "a"}\n{"id": "2"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.jsonl, line 2"):
        ev.read([file])


def test_a_table_has_a_line_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    table = {"a": {"n": 1200, "share": 0.5}, "b": {"n": 3, "share": None}}
    imported("measuring").print_table("T", table)
    assert capsys.readouterr().out.splitlines() == [
        "T      n  share",
        "a  1,200  0.500",
        "b      3      -",
        "",
    ]


@pytest.fixture(scope="module")
def beside() -> ModuleType:
    """benchmarks/beside.py."""
    return imported("beside")


CHUNKS = ("Money is short. Time is\nnot. Pay is.", "The pot is single, and so on.")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (0, []),
        (3, ["Money is short."]),
        (5, ["Money is short.", "Time is"]),
        (9, ["Money is short.", "Time is\nnot.", "Pay is.", "The"]),
        (99, ["Money is short.", "Time is\nnot.", "Pay is.", CHUNKS[1]]),
    ],
)
def test_chunks_are_cut_at_so_many_words(beside: ModuleType, words: int, expected: list[str]):
    given = beside.cut(CHUNKS, words)
    assert [s.text for s in given] == expected
    assert beside.count_words(given) == min(words, 15)
    assert all(source[slice(*span)] == s.text for s in given for source, span in s.sources)


def test_a_peer_shows_as_many_words_as_we_do_and_the_mean_where_we_refuse(
    ev: ModuleType, beside: ModuleType
):
    ours = [
        (question(ev, ("Time is not.", None)), (shown(ev, "one two three four five"),)),
        (question(ev, ("Pay is.", None)), (shown(ev, "one two three"),)),
        (question(ev, ("The pot is single", None)), ()),
    ]
    worker = SimpleNamespace(ask=lambda texts, limit: {"texts": [CHUNKS] * len(texts)})
    given = beside.answered_by(worker, ours)
    assert [q for q, _ in given] == [q for q, _ in ours]
    assert [beside.count_words(s) for _, s in given] == [5, 3, 4]
    row = ev.fact_row(given)
    assert (row["cited"], row["said"]) == (2 / 3, 0.0)  # the third fact is in the second chunk
    assert row["RR"] == 1 / 2 / 3  # "Time is" is a part of the evidence, in the second sentence
