"""A publisher that says nothing is looked for in what others print of it, and the note says so."""

from __future__ import annotations

from functools import lru_cache

import pytest

from reformqa import Answer, Library, Report, Settings
from reformqa.search.publishers import Publishers
from support.makers import contents, in_memory, paragraph, report
from support.models import exported

LORDS = "House of Lords Bread and Ovens Select Committee"
OVENS = "The Committee heard that cold ovens stand empty in most towns through the winter."
ARGUED = (
    "The Lords Committee argued that trams to the harbour should wait for the last ferry, whatever"
    " the timetable says."
)
UNNAMED = "Lanterns on the quay should burn until the last boat is in, and be lit at dusk."
ASKED = "The ministry should report on the drift nets of herring boats after three years."


@lru_cache
def library() -> Library:
    """Reports by a committee, by a council that names it, and by a ministry that responds to it."""

    def of(name: str, publisher: str, title: str, *texts: str) -> Report:
        paragraphs = [
            paragraph(text, id=f"{name}-{n}", report_id=name, number=n, section_path=())
            for n, text in enumerate(texts, start=1)
        ]
        return report(*paragraphs, id=name, publisher=publisher, title=title)

    reports = (
        of("ovens", LORDS, "Cold Kilns", OVENS),
        of("trams", "Harbour Council", "Rails by the Sea", ARGUED, UNNAMED),
        of("nets", "Sea Ministry", "Response to the House of Lords Fishing Committee", ASKED),
    )
    return Library(in_memory(contents(reports), exported()), Settings())


def told(answer: Answer) -> list[str]:
    return [s.text for s in answer.sentences]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What did the Lords committee say about trams to the harbour?", ARGUED),
        ("What does the Lords committee say about the drift nets of herring boats?", ASKED),
        ("What does the Lords committee recommend about the drift nets of herring boats?", ASKED),
    ],
)
def test_what_others_print_of_a_publisher_answers_for_it(question: str, said: str):
    answer = library().ask(question)
    assert told(answer) == [said]
    assert answer.note == (
        f"Nothing found in reports of the {LORDS}; this is what other reports say that name it."
    )
    assert set(answer.provenance.reports) == {answer.sentences[0].citations[0].paragraph_id[:-2]}


@pytest.mark.parametrize(
    ("question", "given"),
    [
        # No other report that says it names the publisher.
        ("What did the Lords committee say about lanterns on the quay?", {}),
        ("What did Harbour Council say about the drift nets of herring boats?", {}),
        # No report says it.
        ("What did the Lords committee say about poached eggs?", {}),
        # A filter that is given stands.
        ("What did the Lords committee say about trams to the harbour?", {"publisher": LORDS}),
        ("What did the Lords committee say about trams to the harbour?", {"report": "ovens"}),
    ],
)
def test_otherwise_it_stays_silent(question: str, given: dict[str, str]):
    answer = library().ask(question, **given)
    assert answer.abstained
    assert answer.note is None


def test_its_own_reports_come_first():
    answer = library().ask("What did the Lords committee hear about cold ovens?")
    assert told(answer) == [OVENS]
    assert not (answer.note or "").startswith(("Nothing found", "No sure answer"))


def test_in_a_comparison_it_is_silent():
    asked = "What do the Lords committee and Harbour Council say about trams to the harbour?"
    assert {r.publisher: r.status for r in library().ask(asked).comparison} == {
        LORDS: "silent",
        "Harbour Council": "speaks",
    }


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"The {LORDS} met.", True),
        ("The Lords committee met.", True),
        ("The House of Lords Fishing and Trade Committee met.", True),
        ("The Bread and Ovens Committee met.", True),
        ("The Committee met.", False),
        ("The Select Committee met.", False),
        ("The Trade, Bread and Ovens Committee met.", False),
        ("The Lords met, and so did a committee.", False),
        ("The House of Lords met.", False),
    ],
)
def test_a_text_names_a_publisher_in_a_form_that_tells_it_from_others(text: str, names: bool):
    publishers = Publishers([LORDS, "Harbour Council", "Harbour Committee"])
    assert publishers.naming(LORDS, "What did the Lords committee say about eggs?")(text) is names


def test_an_acronym_that_reports_print_names_its_publisher():
    publishers = Publishers(["Federation of Bakers"], {"Federation of Bakers": {"FOB"}})
    names = publishers.naming("Federation of Bakers", "What does the Federation of Bakers say?")
    assert names("As the FOB says, dough rests.")
    assert not names("As bakers say, dough rests.")
