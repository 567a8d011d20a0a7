"""A question is read for whom it names, what it is about and what it wants."""

from __future__ import annotations

import pytest

from reformqa import QuestionError
from reformqa.questions import MAX_CHARACTERS, Reading, read_question

PUBLISHERS = ("Demos", "Fabian Society", "IPPR")


def topic(question: str) -> str:
    return read_question(question, PUBLISHERS).topic


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What does the Fabian Society say about pay?", ("Fabian Society",)),
        ("What do the Fabians say about pay?", ("Fabian Society",)),
        ("The Fabian Society's plan for pay", ("Fabian Society",)),
        ("Demos’s plan for pay", ("Demos",)),
        ("Is IPPR's plan the same as Demos's?", ("Demos", "IPPR")),
        ("IPPR, Demos and the Fabians on pay", ("Demos", "Fabian Society", "IPPR")),
        ("Demosthenes on speeches", ()),
        ("Fabianism and pay", ()),
        ("Who sets pay?", ()),
    ],
)
def test_publishers_are_named_whole_or_by_first_word(question: str, named: tuple[str, ...]):
    assert read_question(question, PUBLISHERS).named == named


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("the Fabian Society's plan for councils", "plan for councils"),
        ("According to Demos, who audits councils?", "who audits councils?"),
        ("Demos’s view of prevention", "view of prevention"),
        ("Demos, IPPR and the Fabian Society on targets", "on targets"),
        ("What does the Fabian Society say about parks?", "What does parks?"),
        ("What do the reports say about targets?", "What targets?"),
        ("Who audits councils?", "Who audits councils?"),
    ],
)
def test_the_topic_leaves_out_publishers_and_words_of_asking(question: str, expected: str):
    assert topic(question) == expected


@pytest.mark.parametrize("question", ["Demos", "the Fabians", "IPPR?"])
def test_a_name_alone_is_its_own_topic(question: str):
    assert topic(question) == question


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("Where do the think tanks stand on pay?", True),
        ("What do the reports say on pay?", True),
        ("Compare plans for pay", True),
        ("Do they disagree on pay?", True),
        ("Demos and IPPR on pay", True),
        ("Demos on pay", False),
        ("Who sets pay?", False),
    ],
)
def test_a_question_about_several_is_told_from_one_about_one(question: str, several: bool):
    assert read_question(question, PUBLISHERS).several is several


@pytest.mark.parametrize(
    ("question", "recommends"),
    [
        ("Who should set pay?", True),
        ("What does Demos recommend?", True),
        ("What is proposed on pay?", True),
        ("Does IPPR call for a pay body?", True),
        ("Who sets pay?", False),
        ("How is pay recorded?", False),
    ],
)
def test_a_question_about_what_to_do_is_told_from_one_about_what_is(
    question: str, recommends: bool
):
    assert read_question(question, PUBLISHERS).recommends is recommends


def test_a_question_is_read_in_single_spaces():
    text = "Who  should\n\tset pay in councils? "
    plain = "Who should set pay in councils?"
    assert read_question(text, PUBLISHERS) == Reading(plain, plain, (), False, True)


@pytest.mark.parametrize("question", ["", "   \n\t", "?!", "—", "\u200b"])
def test_a_question_without_a_word_is_refused(question: str):
    with pytest.raises(QuestionError, match="The question is empty"):
        read_question(question, PUBLISHERS)


def test_a_document_is_not_a_question():
    with pytest.raises(QuestionError, match=r"has 100,000 characters; 2,000 is the most"):
        read_question("bread" * 20_000, PUBLISHERS)


def test_the_longest_question_is_still_one():
    question = ("bread and " * 300)[: MAX_CHARACTERS - 1] + "?"
    assert read_question(question, PUBLISHERS).text == question
    with pytest.raises(QuestionError, match="2,001 characters"):
        read_question(question + "?", PUBLISHERS)


def test_a_publisher_with_marks_of_a_pattern_in_its_name_is_only_a_name():
    assert read_question("What does A+B (North) say?", ("A+B (North)",)).named == ("A+B (North)",)
    assert read_question("What does AAB say?", ("A+B (North)",)).named == ()


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How do Demos and IPPR differ on targets?", "targets?"),
        ("Compare the Fabians and IPPR on pay", "pay"),
        ("Demos versus IPPR on inspection", "inspection"),
        ("What is Demos' view on targets?", "What is view on targets?"),
        ("IPPR and Demos", "IPPR and Demos"),
    ],
)
def test_names_and_the_words_between_them_leave_the_topic(question: str, expected: str):
    assert read_question(question, ("Demos", "Fabian Society", "IPPR")).topic == expected


@pytest.mark.parametrize(
    ("question", "publisher"),
    [
        ("The role of ovens", "The Bakers"),
        ("Public services in crisis", "Public First"),
        ("Health spending per head", "Health Foundation"),
        ("Social care", "Social Market Foundation"),
        ("anything", " "),
    ],
)
def test_a_publishers_first_word_alone_does_not_name_it(question: str, publisher: str):
    assert read_question(question, (publisher,)).named == ()


@pytest.mark.parametrize(
    ("question", "publisher"),
    [
        ("what does ippr say?", "IPPR"),
        ("Why do the Fabians want it?", "Fabian Society"),
        ("the Fabian report on targets", "Fabian Society"),
        ("the health foundation on pay", "Health Foundation"),
        ("What do Bakers want?", "The Bakers"),
    ],
)
def test_the_usual_short_forms_of_a_name_are_known(question: str, publisher: str):
    assert read_question(question, (publisher,)).named == (publisher,)
