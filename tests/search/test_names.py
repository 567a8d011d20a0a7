"""Publishers, titles and authors are known by the names that questions give them."""

from __future__ import annotations

import pytest

from reformqa import QuestionError, Report
from reformqa.search.publishers import Publishers
from reformqa.search.query import Query, Reader
from support.makers import by, report

PUBLISHERS = (
    *("Institute for Waterways", "Harbour Society", "Market Forum", "IPPR", "Government"),
    *("European Ferry Safety Board", "House of Lakes Dredging and Locks Select Committee"),
)


def named(question: str) -> list[str]:
    return sorted({m.name for m in Publishers(PUBLISHERS).find(question)})


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What does the Institute for Waterways say?", ["Institute for Waterways"]),
        ("What does IfW say about locks?", ["Institute for Waterways"]),
        ("What did the IFW's report want?", ["Institute for Waterways"]),
        ("WHAT DO THE HARBOURS... NO, WHAT DOES THE HARBOUR SOCIETY WANT?", ["Harbour Society"]),
        ("What does the Institute for Public Policy Research say?", ["IPPR"]),
        ("What does ippr say?", ["IPPR"]),
        ("What does the EFSB propose?", ["European Ferry Safety Board"]),
        ("the Lakes committee on silt", ["House of Lakes Dredging and Locks Select Committee"]),
        ("According to the Government, who pays?", ["Government"]),
        ("Compare the EFSB with the Government", ["European Ferry Safety Board", "Government"]),
        ("How does the Government's answer differ from IPPR's?", ["Government", "IPPR"]),
        ("IPPR and the Government on locks", ["Government", "IPPR"]),
        ("Why did the Government close the lock?", []),
        ("Harbour dues", []),
        ("What does the Society say about dues?", ["Harbour Society"]),
        ("What does society say about dues?", []),
        ("Is the forum open?", []),
        ("HS on dues", []),
        ("What does the market pay?", []),
        ("Is it an institute for waterways workers?", ["Institute for Waterways"]),
    ],
)
def test_a_publisher_is_known_by_its_short_and_full_names(question: str, expected: list[str]):
    assert named(question) == expected


def test_initials_of_two_publishers_name_neither():
    both = Publishers(["Royal Boat Club", "River Barge Council"])
    assert both.find("What does the RBC say?") == []


def test_a_publisher_is_known_by_a_name_that_reports_print():
    publishers = Publishers(["Harbour Society"], {"Harbour Society": {"HS"}})
    assert [m.name for m in publishers.find("What does the HS say?")] == ["Harbour Society"]


@pytest.mark.parametrize(
    ("question", "named", "unknown", "topic"),
    [
        ("Compare the Greens and the Lib Dems on locks", ("Green Party",), ("Lib Dems",), "locks"),
        (
            "How do the SNP and Labour differ on locks?",
            ("Scottish National Party",),
            ("Labour",),
            "locks?",
        ),
        ("What do the Greens say about Wales and Kent?", ("Green Party",), (), "Wales and Kent?"),
        ("What do the Greens say about locks?", ("Green Party",), (), "locks?"),
    ],
)
def test_a_name_beside_a_publisher_that_is_none_here_is_told(
    question: str, named: tuple[str, ...], unknown: tuple[str, ...], topic: str
):
    reader = Reader([by("Green Party"), by("Scottish National Party")])
    asked = reader.parse(question)
    assert (asked.named, asked.unknown, asked.topic) == (named, unknown, topic)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Which ports work with the EFSB on locks?", "Which ports work with the EFSB on locks?"),
        ("What does the EFSB say about locks?", "locks?"),
        ("What do the EFSB and Ports Trust say about locks?", "locks?"),
        ("EFSB: who pays for locks?", "who pays for locks?"),
    ],
)
def test_a_short_name_stays_in_the_topic_where_it_is_not_asked(question: str, topic: str):
    reader = Reader([by("European Ferry Safety Board"), by("Ports Trust")])
    asked = reader.parse(question)
    assert "European Ferry Safety Board" in asked.named
    assert asked.topic == topic


def test_a_name_of_two_words_may_be_cut():
    asked = Reader([by("Liberal Democrats")]).parse("What do the Lib Dems say about locks?")
    assert asked.named == ("Liberal Democrats",)


# ---- titles and authors -------------------------------------------------------------------------

SHELF: tuple[Report, ...] = (
    report(
        id="today",
        title="River Trade Today",
        publisher="Institute for Waterways",
        published="2019-03",
        authors=("Ada Finch",),
    ),
    report(
        id="again",
        title="River Trade Revisited",
        publisher="Institute for Waterways",
        published="2024-09",
        authors=("Ada Finch", "Tom Reed"),
    ),
    report(
        id="boats",
        title="Boats for All",
        subtitle="Rowing in Schools",
        publisher="Harbour Society",
        published="2023-05",
    ),
    report(id="tolls", title="Tolls Now", publisher="Market Forum", published="2022-01"),
)
READER = Reader(SHELF)


def parse(question: str) -> Query:
    return READER.parse(question)


@pytest.mark.parametrize(
    ("question", "reports", "topic"),
    [
        ('What does "Boats for All" say about changing rooms?', ("boats",), "changing rooms?"),
        ("What does River Trade Revisited say about wages?", ("again",), "wages?"),
        ("what does river trade revisited say about wages?", ("again",), "wages?"),
        ("WHAT DOES BOATS FOR ALL SAY ABOUT COST?", ("boats",), "COST?"),
        ("the river trade reports on wages", ("today", "again"), "on wages"),
        ("Boats for All: Rowing in Schools on cost", ("boats",), "on cost"),
        ("tolls now: what would a toll raise?", ("tolls",), "what would a toll raise?"),
        ("boats for all", ("boats",), "boats for all"),
        ("RECOMMENDATION 2 OF BOATS FOR ALL", ("boats",), "RECOMMENDATION 2"),
        ("Should there be boats for all children?", (), None),
        ("Are tolls now due?", (), None),
        ("How did river trade grow?", (), None),
    ],
)
def test_a_title_in_any_letters_or_part_names_its_report_where_it_is_asked(
    question: str, reports: tuple[str, ...], topic: str | None
):
    asked = parse(question)
    assert asked.reports == reports
    assert asked.topic == (topic or question)
    assert asked.phrases == ()


@pytest.mark.parametrize(
    ("question", "reports", "topic"),
    [
        ("What does Ada Finch say about night opening?", ("today", "again"), "night opening?"),
        ("what does ada finch say about locks", ("today", "again"), "locks"),
        ("What does Reed say about pay?", ("again",), "pay?"),
        ("Finch on locks", ("today", "again"), "on locks"),
        ("What did Lord Reed say about pay?", (), "What did Lord Reed pay?"),
        ("Why cut the reed by the river?", (), "Why cut the reed by the river?"),
    ],
)
def test_an_author_is_a_source_and_leaves_the_topic(
    question: str, reports: tuple[str, ...], topic: str
):
    asked = parse(question)
    assert (asked.reports, asked.topic) == (reports, topic)


# ---- those left out -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "Apart from the Harbour Society, who is for tolls?",
        "Tolls, but not from the Harbour Society",
        "What do think tanks other than the Harbour Society say about tolls?",
        "Leaving out the Harbour Society, what is said about tolls?",
        "Who wants tolls except the Harbour Society?",
    ],
)
def test_publishers_left_out_are_not_asked(question: str):
    asked = parse(question)
    assert asked.named == ("Institute for Waterways", "Market Forum")
    assert "Harbour" not in asked.topic


def test_several_publishers_are_left_out_together():
    asked = parse("Apart from Market Forum and the Institute for Waterways, who is for tolls?")
    assert asked.named == ("Harbour Society",)


def test_not_all_publishers_can_be_left_out():
    with pytest.raises(QuestionError, match="leaves out every publisher"):
        parse("Tolls, but not from Market Forum, the Harbour Society or IfW")


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Which think tanks do not mention tolls?", "tolls?"),
        ("Which think tanks are silent on tolls?", "tolls?"),
        ("Who says nothing about night opening?", "night opening?"),
        ("Which of them doesn't discuss tolls?", "tolls?"),
        ("Which think tanks do not propose night opening?", "night opening?"),
        ("Which reports look back to the dredgers, and which one does not?", None),
    ],
)
def test_silence_is_asked_for_and_leaves_the_topic(question: str, topic: str | None):
    asked = parse(question)
    assert asked.silence
    assert asked.several
    assert "not" not in asked.topic.split()
    assert topic in (None, asked.topic)


@pytest.mark.parametrize(
    "question", ["Which think tanks do not support tolls?", "Why do keepers not mention pay?"]
)
def test_not_is_kept_where_it_belongs_to_the_matter(question: str):
    asked = parse(question)
    assert not asked.silence
    assert "not" in asked.topic.split()
