"""A question is read for whom and what it names, what it is about and what it wants."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reformqa import QuestionError, Report
from reformqa.search.query import MAX_CHARACTERS, Query, parse_query
from reformqa.text.labels import label_keys, label_numbers
from support.makers import by, report, towns

PUBLISHERS = tuple(map(by, ("Demos", "Fabian Society", "IPPR")))
TOWNS = tuple(towns().reports)


def topic(question: str) -> str:
    return parse_query(question, PUBLISHERS).topic


def reports_named(question: str) -> tuple[str, ...]:
    return parse_query(question, TOWNS).reports


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
    assert parse_query(question, PUBLISHERS).named == named


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("the Fabian Society's plan for councils", "plan for councils"),
        ("According to Demos, who audits councils?", "who audits councils?"),
        ("Demos’s view of prevention", "view of prevention"),
        ("Demos, IPPR and the Fabian Society on targets", "on targets"),
        ("What does the Fabian Society say about parks?", "parks?"),
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
        ("Which think tank wants free buses?", True),
        ("What do all three organisations make of rail fares?", True),
        ("School meals: how do the think tanks compare?", True),
        ("Bus fares, IPPR versus the rest", True),
        ("Ferries in the north compared", True),
        ("A comparison. Ferries?", False),
        ("What is the place of volunteers, and who disagrees with whom?", True),
        ("Who is against road pricing?", True),
        ("Who is wary of school mergers, and who leaves it out?", True),
        ("Free buses: is anyone besides Demos for it?", True),
        ("Where do they agree on parking?", True),
        ("Should charities run swimming baths? Compare the think tanks.", True),
        ("Demos on pay", False),
        ("Who sets pay?", False),
        ("How did public service agreements work?", False),
        ("How does a parish council differ from a district council?", False),
        ("How do targets differ from missions?", False),
        ("What are the differences between missions and targets?", False),
        ("How did rail fares change compared with 2014?", False),
        ("Compare with 2014", False),
        ("Do councils compare well with hospitals?", False),
        ("Does the government agree with councils on pay?", False),
        ("Which organisations run the railways?", False),
        ("How many tanks does the army have?", False),
        ("Who else sets pay?", False),
    ],
)
def test_a_question_about_several_is_told_from_one_about_one(question: str, several: bool):
    assert parse_query(question, PUBLISHERS).several is several


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How do Demos, IPPR and the Fabians differ on library opening hours?", "library opening"),
        (
            "What is the place of volunteers in parks, and who disagrees with whom?",
            "What is the place of volunteers in parks",
        ),
        ("school-meal funding: IPPR and Fabian versions", "school-meal funding"),
        ("Compare the approaches to library closures.", "library closures"),
        ("Who is against road pricing?", "road pricing"),
        ("Who is wary of school mergers, and is anyone besides Demos for it?", "school mergers"),
        ("What do all three think tanks make of rail fares?", "rail fares"),
        ("Where do they disagree on parking?", "parking"),
        ("How do the think tanks see night buses?", "night buses"),
        ("Which of the three would close parks?", "would close parks?"),
        ("Which reports look back to trams, and which one does not?", "look back to trams?"),
        ("Bus lanes: where do Demos and IPPR stand on them, compared?", "Bus lanes"),
    ],
)
def test_the_topic_of_a_comparison_is_the_matter_and_not_the_asking(question: str, expected: str):
    assert parse_query(question, PUBLISHERS).several
    assert topic(question).startswith(expected)
    asking = {
        "differ",
        "compare",
        "compared",
        "disagrees",
        "disagree",
        "whom",
        "besides",
        "against",
    }
    asking |= {"approaches", "versions", "wary", "anyone", "tanks", "demos", "ippr", "fabian"}
    assert asking.isdisjoint(re.findall(r"\w+", topic(question).lower()))


@pytest.mark.parametrize("question", ["Who disagrees?", "Compare", "How do they differ on?"])
def test_a_question_of_asking_words_alone_is_its_own_topic(question: str):
    assert topic(question)
    assert set(topic(question).lower().split()) <= set(question.lower().split())


@pytest.mark.parametrize(
    ("question", "matter"),
    [
        ("Which recommendations deal with night buses?", "night buses"),
        ("What does Demos recommend on allotments and parks?", "allotments and parks"),
        ("List the Demos recommendations about lifeguards", "lifeguards"),
        ("IPPR's recommendations for training librarians", "training librarians"),
        (
            "Which recommendations across the reports concern ferries - their fares and piers?",
            "ferries - their fares and piers",
        ),
        ("What do they recommend on playgrounds, benches and lamps?", "playgrounds, benches"),
        ("What would the Fabian Society propose on bins?", "bins"),
        ("Who recommends a ferry levy?", "a ferry levy"),
        ("Show me every IPPR proposal on bins", "bins"),
        ("Can you list the policy options on lamps?", "lamps"),
        ("Are there any recommendations asking for cheaper ferries?", "cheaper ferries"),
        ("Which new ferry regulators do the reports want set up?", "new ferry regulators"),
    ],
)
def test_a_question_for_a_set_of_recommendations_is_known_with_its_matter(
    question: str, matter: str
):
    asked = parse_query(question, PUBLISHERS)
    assert asked.set_of is not None
    assert asked.set_of.startswith(matter)
    assert asked.topic == asked.set_of


@pytest.mark.parametrize(
    "question",
    [
        "List all the recommendations",
        "What are all the recommendations of the Fabian Society?",
        "What are the IPPR's recommendations?",
        "Which recommendations do the reports make?",
        "recommendations",
        "Give me every recommendation.",
        "What does Demos recommend?",
        "All proposals",
    ],
)
def test_a_set_that_nothing_narrows_down_is_all_of_them(question: str):
    asked = parse_query(question, PUBLISHERS)
    assert asked.set_of == ""
    assert asked.topic


@pytest.mark.parametrize(
    "question",
    [
        "How many recommendations did the Demos review make?",
        "How many proposals does the paper make?",
        "What is Recommendation 14?",
        "What are recommendations 3 and 4?",
        "What does Policy Option Two say?",
        "What does Demos recommend that ministers do first?",
        "Why did the council recommend a new bridge?",
        "Who wants higher fares?",
        "Who should set fares?",
        "What is the recommended fare?",
        "What does Demos say about ferries?",
    ],
)
def test_a_question_that_only_speaks_of_recommending_asks_for_no_set(question: str):
    assert parse_query(question, PUBLISHERS).set_of is None


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
    assert parse_query(question, PUBLISHERS).recommends is recommends


def test_a_question_is_read_in_single_spaces():
    text = "Who  should\n\tset pay in councils? "
    plain = "Who should set pay in councils?"
    expected = Query(
        *(plain, plain, (), (), (), (), ()), several=False, recommends=True, set_of=None
    )
    assert parse_query(text, PUBLISHERS) == expected


@pytest.mark.parametrize("question", ["", "   \n\t", "?!", "—", "\u200b"])
def test_a_question_without_a_word_is_refused(question: str):
    with pytest.raises(QuestionError, match="The question is empty"):
        parse_query(question, PUBLISHERS)


def test_a_document_is_not_a_question():
    with pytest.raises(QuestionError, match=r"has 100,000 characters; the limit is 2,000"):
        parse_query("bread" * 20_000, PUBLISHERS)


def test_the_longest_question_is_still_one():
    question = ("bread and " * 300)[: MAX_CHARACTERS - 1] + "?"
    assert parse_query(question, PUBLISHERS).text == question
    with pytest.raises(QuestionError, match="2,001 characters"):
        parse_query(question + "?", PUBLISHERS)


def test_a_publisher_with_marks_of_a_pattern_in_its_name_is_only_a_name():
    assert parse_query("What does A+B (North) say?", [by("A+B (North)")]).named == ("A+B (North)",)
    assert parse_query("What does AAB say?", [by("A+B (North)")]).named == ()


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
    assert topic(question) == expected


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
    assert parse_query(question, [by(publisher)]).named == ()


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
    assert parse_query(question, [by(publisher)]).named == (publisher,)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What does Bread in Towns say about yeast?", ("loaves",)),
        ("What does the Bread in Towns report say about yeast?", ("loaves",)),
        ("Bread in Towns’s view of yeast", ("loaves",)),
        ("Is The Slow Oven right on wood?", ("ovens",)),
        ("What does the Slow Oven say of wood?", ("ovens",)),
        ("How do Bread in Towns and The Slow Oven see wood?", ("loaves", "ovens")),
        ("How is bread in towns sold?", ()),
        ("Is a slow oven worth the wood?", ()),
        ("Is the slow oven worth the wood?", ()),
        ("Is the deep water of the bar dangerous?", ()),
        ("BREAD IN TOWNS", ("loaves",)),
        ("Bread in Townships", ()),
        ("What is said on Bread and Towns?", ()),
    ],
)
def test_a_title_in_capitals_names_its_report_and_its_words_do_not(
    question: str, expected: tuple[str, ...]
):
    assert reports_named(question) == expected


@pytest.mark.parametrize("title", ["Bread", "The Bread", "", "The", "bread in towns"])
def test_a_title_of_a_word_or_without_capitals_names_nothing(title: str):
    question = "What does The Bread say of bread in towns and Bread?"
    assert parse_query(question, [report(title=title)]).reports == ()


def test_a_title_leaves_the_topic_where_enough_is_left_to_ask():
    asked = parse_query("What does Bread in Towns say about yeast at dawn?", TOWNS)
    assert asked.topic == "yeast at dawn?"
    assert parse_query("Bread in Towns", TOWNS).topic == "Bread in Towns"
    assert parse_query("yeast in Bread in Towns", TOWNS).topic == "yeast"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What does Ida Porter want for trams?", ("trams",)),
        ("What does Porter argue about trams?", ("trams",)),
        ("According to Porter, who sets fares?", ("trams",)),
        ("Why does Porter dislike timetables?", ("trams",)),
        ("Porter's report on trams", ("trams",)),
        ("Porter’s proposals for trams", ("trams",)),
        ("the pamphlet by Porter", ("trams",)),
        ("What does Ada Miller say?", ("loaves", "ovens")),
        ("Miller writes about rye", ("loaves", "ovens")),
        ("What does Tom Baker say?", ("loaves",)),
        ("Who carries the bags, a Porter or a pilot?", ()),
        ("What does the porter argue about?", ()),
        ("How does a Keel work?", ()),
        ("Portered bags", ()),
        ("What does Cher argue about trams?", ()),
    ],
)
def test_an_author_is_named_in_full_or_by_surname_where_it_says_that_they_write(
    question: str, expected: tuple[str, ...]
):
    assert reports_named(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What does the 2014 report say about rye?", ("loaves",)),
        ("papers published in 2023 on wood", ("ovens",)),
        ("What did the report of 2020 want?", ("trams",)),
        ("the 2014 report and the 2020 paper", ("loaves", "trams")),
        ("What happened in 2014?", ()),
        ("How many trams ran in 2020 and 2023?", ()),
        ("the 1999 report on rye", ()),
        ("the 20145 report", ()),
    ],
)
def test_a_year_names_reports_where_it_is_said_of_reports(question: str, expected: tuple[str, ...]):
    assert reports_named(question) == expected


@pytest.mark.parametrize(
    ("question", "named", "expected"),
    [
        (
            "How does the Bakers Guild differ from Trams by the Sea on dawn?",
            ("Bakers Guild",),
            ("loaves", "trams", "ovens"),
        ),
        ("What does the Bakers Guild say in The Slow Oven?", ("Bakers Guild",), ("ovens",)),
        ("What does the Bakers Guild's 2014 report say?", ("Bakers Guild",), ("loaves",)),
        ("What does the Bakers Guild's 2020 report say?", ("Bakers Guild",), ()),
        ("What does the Bakers Guild say in Porter's report?", ("Bakers Guild",), ()),
        ("What does the Bakers Guild say?", ("Bakers Guild",), ()),
    ],
)
def test_a_publisher_beside_anothers_report_stands_for_its_own(
    question: str, named: tuple[str, ...], expected: tuple[str, ...]
):
    asked = parse_query(question, TOWNS)
    assert (asked.named, asked.reports) == (named, expected)


def test_a_title_goes_before_an_author_and_an_author_before_a_year():
    assert reports_named("Does Porter's report agree with Bread in Towns?") == ("loaves",)
    assert reports_named("Does Ida Porter answer the 2014 report?") == ("trams",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is Recommendation 14?", ["recommendation 14"]),
        ("recommendation no. 7", ["recommendation 7"]),
        ("Recommendation number 7", ["recommendation 7"]),
        ("recommendation #7", ["recommendation 7"]),
        ("RECOMMENDATION 7A", ["recommendation 7a"]),
        ("Policy Option Two", ["policy option 2"]),
        ("policy options two", ["policy option 2"]),
        ("Option Twenty", ["option 20"]),
        ("Recommendation Seventeen", ["recommendation 17"]),
        ("Proposal 2.1", ["proposal 2.1"]),
        ("recommendations 3, 4 and 9", [f"recommendation {n}" for n in (3, 4, 9)]),
        ("recommendations 3, 4, and 9", [f"recommendation {n}" for n in (3, 4, 9)]),
        ("Recommendation 3 or 4", ["recommendation 3", "recommendation 4"]),
        ("Recommendation 3 and Recommendation 3", ["recommendation 3"]),
        ("Option 1 beats Proposal 2", ["option 1", "proposal 2"]),
        ("What is recommended?", []),
        ("a recommendation of 14 bakers", []),
        ("Recommendation 7th", []),
        ("14 recommendations", []),
        ("one option", []),
    ],
)
def test_labels_are_known_in_one_form_however_they_are_printed(text: str, expected: list[str]):
    assert label_keys(text) == expected
    assert parse_query(f"Bread: {text}", TOWNS).labels == tuple(expected)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who spends £41bn?", ("41000000000",)),
        ("Is it 38% or 38 per cent or 40 percent?", ("38%", "38%", "40%")),
        ("Who asked for 1.5 million loaves in Recommendation 14?", ("1500000",)),
        ("What is Recommendation 14?", ()),
        ("What are recommendations 3, 4 and 9?", ()),
        ("What is Policy Option Two?", ()),
        ("What does Recommendation 4 say of 41 passengers?", ("41",)),
        ("What does the 2014 report say about rye?", ()),
        ("How many loaves?", ()),
    ],
)
def test_amounts_are_read_and_the_numbers_of_labels_are_none(
    question: str, expected: tuple[str, ...]
):
    assert parse_query(question, TOWNS).amounts == expected


def test_the_numbers_of_labels_are_those_of_their_keys():
    assert label_numbers("Recommendations 3 and 4, and Policy Option Two, of 41") == {"3", "4", "2"}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ('Who says "cold ovens"?', ("cold ovens",)),
        ("Who says “cold ovens”?", ("cold ovens",)),
        ('Who says "cold ovens" and “stone crock”?', ("cold ovens", "stone crock")),
        ('Who says " cold ovens "?', ("cold ovens",)),
        ("Who says 'cold ovens'?", ()),
        ("Who says ‘cold ovens’?", ()),
        ("Isn't the baker's oven cold?", ()),
        ('A 5" tin', ()),
        ('Who says ""?', ()),
        ('Who says "  "?', ()),
        ("Who says “cold ovens?", ()),
    ],
)
def test_words_in_double_quotation_marks_are_phrases(question: str, expected: tuple[str, ...]):
    assert parse_query(question, TOWNS).phrases == expected


@pytest.mark.parametrize("question", ['What is the "…" in bread?', "Rye “?!” bread"])
def test_marks_alone_are_no_phrase(question: str):
    assert parse_query(question, TOWNS).phrases == ()


WORDS = st.sampled_from(
    (
        *("Bread in Towns", "The Slow Oven", "Ada Miller", "Miller argues", "the 2014 report"),
        *("Bakers Guild", "the Drivers'", "Recommendation", "options", "14", "two", ", 3 and 9"),
        *("£41bn", "38 per cent", '"', "“", "”", "'", "vs", "think tanks", "say about", "?", "\0"),
        *("2020", "  ", ""),
    )
)
ANY_TEXT = st.text(max_size=60)


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS | ANY_TEXT, max_size=12).map(" ".join))
def test_any_text_is_read_or_refused(question: str):
    try:
        asked = parse_query(question, TOWNS)
    except QuestionError:
        return
    assert asked.text == " ".join(question.split())
    assert asked.topic.strip()
    assert set(asked.named) <= {r.publisher for r in TOWNS}
    assert set(asked.reports) <= {r.id for r in TOWNS}
    assert asked.set_of in (None, "", asked.topic)
    assert asked.set_of is None or not asked.labels


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT, ANY_TEXT, st.lists(ANY_TEXT, max_size=3), ANY_TEXT)
def test_any_title_publisher_and_author_can_be_asked_about(
    title: str, publisher: str, authors: list[str], words: str
):
    held: list[Report] = [report(title=title, publisher=publisher, authors=tuple(authors))]
    question = f"What does {publisher} say in {title} by {' and '.join(authors)}? {words}"
    asked = parse_query(question, held)
    assert asked.reports in ((), ("made",))
