"""Two editions of a report: which are, and what the newer one changed, each with its quote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from reformqa import Library, QuestionError, Recommendation, Report, Settings, UnknownNameError
from reformqa.answering.edition_questions import asked_editions, edition_question
from reformqa.answering.editions import find_editions, title_key
from support.makers import contents, in_memory, paragraph, report

HEADINGS = {"ovens-2019": ("Ovens", "Mills"), "ovens-2024": ("Ovens", "Harbours")}
BODIES = {
    "ovens-2019": (
        "Every oven of the town is lit before dawn. It burns oak for three hours.",
        "The mill grinds rye on two days of the week and wheat on four.",
        "Millers sleep in the loft above the stones.",
    ),
    "ovens-2024": (
        "Every oven of the town is lit before dawn. It burns peat for three hours.",
        "Boats bring salt to the harbour each spring.",
        "The mill grinds rye on two days of the week and wheat on four.",
    ),
}
DEMANDS = {
    "ovens-2019": (
        "Towns should lend their cold ovens to apprentices on Mondays.",
        "Guilds should weigh each loaf.",
    ),
    "ovens-2024": (
        "Guilds should weigh each loaf.",
        "Towns should lend their cold ovens to apprentices on every day.",
        "Pilots should be paid by the harbour.",
    ),
}


def edition(name: str, title: str, year: str, **changes: object) -> Report:
    """An edition with two headings, three paragraphs and its recommendations."""
    kinds = (("heading", HEADINGS), ("body", BODIES), ("bullet", DEMANDS))
    printed = [(kind, text) for kind, texts in kinds for text in texts.get(name, ())]
    paragraphs = [
        paragraph(text, id=f"{name}-{n:08x}", report_id=name, number=n, kind=kind)
        for n, (kind, text) in enumerate(printed, 1)
    ]
    return report(*paragraphs, id=name, title=title, publisher="Bakers", published=year, **changes)


def demanded(made: Report) -> list[Recommendation]:
    return [
        Recommendation(f"{made.id}-{n}", made.id, None, p.text, (), ("Ovens",), p.id)
        for n, p in enumerate((p for p in made.paragraphs if p.kind == "bullet"), 1)
    ]


@pytest.fixture(scope="module")
def library(models: Mapping[str, Path]) -> Library:
    """Two editions of a report, and another report by the same publisher."""
    both = [
        edition("ovens-2019", "The State of Ovens 2019", "2019-05"),
        edition("ovens-2024", "The State of Ovens 2024", "2024-06"),
    ]
    other = report(
        paragraph("Trams run all night on the coast.", id="trams-00000001", report_id="trams"),
        id="trams",
        title="Trams by Night",
        publisher="Bakers",
    )
    held = contents([*both, other], [r for made in both for r in demanded(made)])
    return Library(in_memory(held, models), Settings())


# Which are editions


@pytest.mark.parametrize(
    "title",
    [
        "The State of Ovens 2024",
        "The State of Ovens: 2019–20",
        "The State of Ovens (May 2021)",
        "The State of Ovens, second edition",
        "The State of Ovens – 3rd edition",
        "The State of Ovens, updated",
        "The State of Ovens no. 7",
        "The State of Ovens 7",
    ],
)
def test_a_title_is_the_same_but_for_the_edition(title: str):
    assert title_key(title) == title_key("The State of Ovens")


@pytest.mark.parametrize("title", ["The State of Mills", "Ovens", "The State of Ovens in Towns"])
def test_another_title_is_another_report(title: str):
    assert title_key(title) != title_key("The State of Ovens")


def test_a_title_of_nothing_but_a_year_stays():
    assert title_key("1984") != title_key("2001")


def test_editions_have_one_publisher_and_come_in_the_order_of_their_dates(library: Library):
    assert [r.id for r in library.editions("ovens-2024")] == ["ovens-2019", "ovens-2024"]
    assert [r.id for r in library.editions("trams")] == ["trams"]
    mine, theirs = (report(id=n, title=f"Ovens {n}", publisher=n).info for n in ("1", "2"))
    assert find_editions([mine, theirs]) == []


def test_the_catalogue_may_say_that_a_report_is_an_edition_of_another():
    made = [
        report(id="c", title="Mills", published="2024", edition_of="b").info,
        report(id="b", title="Stones", published="2019", edition_of="a").info,
        report(id="a", title="Ovens", published="2015").info,
    ]
    assert [[r.id for r in group] for group in find_editions(made)] == [["a", "b", "c"]]
    assert asked_editions("What is new in the latest edition of Ovens?", made) == ("c", "b")


def test_editions_that_lead_in_a_circle_end():
    made = [report(id=a, title=a, edition_of=b).info for a, b in ("xy", "yx")]
    assert [len(group) for group in find_editions(made)] in ([2], [])


def test_editions_without_a_date_are_ordered_by_their_numbers():
    made = [report(id=f"r{n}", title=f"Ovens {n}", published=None).info for n in (10, 9)]
    assert [[r.id for r in group] for group in find_editions(made)] == [["r9", "r10"]]


# What changed


def quoted(library: Library, kind: str, state: str) -> list[tuple[str | None, str | None]]:
    changes = library.changes("ovens-2024")
    return [
        (c.before and c.before.quote, c.after and c.after.quote)
        for c in changes.of(kind, state)  # type: ignore[arg-type]
    ]


def test_recommendations_are_new_changed_or_gone(library: Library):
    assert quoted(library, "recommendation", "new") == [(None, DEMANDS["ovens-2024"][2])]
    assert quoted(library, "recommendation", "changed") == [
        (DEMANDS["ovens-2019"][0], DEMANDS["ovens-2024"][1])
    ]
    assert quoted(library, "recommendation", "gone") == []


def test_sections_are_new_or_gone(library: Library):
    assert quoted(library, "section", "new") == [(None, "Harbours")]
    assert quoted(library, "section", "gone") == [("Mills", None)]


def test_a_paragraph_that_changed_is_quoted_where_it_differs(library: Library):
    assert quoted(library, "paragraph", "changed") == [
        ("It burns oak for three hours.", "It burns peat for three hours.")
    ]
    assert quoted(library, "paragraph", "new") == [(None, BODIES["ovens-2024"][1])]
    assert quoted(library, "paragraph", "gone") == [(BODIES["ovens-2019"][2], None)]


def test_what_is_the_same_is_counted_wherever_it_stands(library: Library):
    assert library.changes("ovens-2024").unchanged == 2


def test_nothing_changed_between_a_report_and_itself(library: Library):
    changes = library.changes("ovens-2024", "ovens-2024")
    assert (changes.changes, changes.unchanged) == ((), 6)
    assert "nothing" in changes.summary


def test_backwards_what_was_new_is_gone(library: Library):
    forth, back = library.changes("ovens-2024"), library.changes("ovens-2019", "ovens-2024")
    for kind, of_kind in forth.counts.items():
        assert back.counts[kind] == {
            "new": of_kind["gone"],
            "changed": of_kind["changed"],
            "gone": of_kind["new"],
        }


def test_every_change_is_cited_in_its_edition(library: Library):
    for change in library.changes("ovens-2024"):
        for citation, name in ((change.before, "ovens-2019"), (change.after, "ovens-2024")):
            if citation:
                assert citation.report_id == name
                printed = library.paragraph(citation.paragraph_id).text
                assert printed[slice(*citation.span)] == citation.quote


def test_changes_become_a_table_and_a_document(library: Library):
    changes = library.changes("ovens-2024")
    table = changes.to_pandas()
    assert len(table) == len(changes.changes)
    assert dict(table.groupby("kind").size()) == {
        "paragraph": 3,
        "recommendation": 2,
        "section": 2,
    }
    document = changes.document()
    assert document.parts[0].heading == "New recommendations"
    assert sum(len(part.sentences) for part in document.parts) == len(table)
    assert "peat" in str(changes.export("markdown"))


def test_a_report_without_an_earlier_edition_is_told(library: Library):
    with pytest.raises(QuestionError, match="ovens-2019 has no earlier edition"):
        library.changes("ovens-2019")
    with pytest.raises(UnknownNameError):
        library.changes("ovens-2020")


# Asking

LAST = ("ovens-2024", "ovens-2019")


@pytest.mark.parametrize(
    "question",
    [
        "What changed between the two editions of The State of Ovens?",
        "what has changed between the 2019 and 2024 editions of the state of ovens",
        "What is new in the 2024 edition?",
        "What’s new in the latest edition of “The State of Ovens”?",
        "What is different in the new edition of the Bakers' State of Ovens?",
        "What has changed since the 2019 edition?",
        "What is new in The State of Ovens 2024?",
        "What are the differences between the two versions of State of Ovens?",
        "How do the two editions of The State of Ovens differ?",
        "Compare the editions of The State of Ovens.",
    ],
)
def test_a_question_about_editions_is_understood(library: Library, question: str):
    assert asked_editions(question, library.reports) == LAST


@pytest.mark.parametrize(
    "question",
    [
        "What is new in the 1999 edition?",
        "What is new in ovens?",
        "What is new in the library?",
        "What changed between the two editions of Trams by Night?",
        "What do the two editions say about ovens?",
        "What has changed in the coalition's approach?",
    ],
)
def test_other_questions_are_left_to_the_search(library: Library, question: str):
    assert asked_editions(question, library.reports) is None


def test_of_three_editions_the_years_choose():
    made = [
        report(id=f"r{year}", title="Ovens", publisher="Bakers", published=str(year)).info
        for year in (2015, 2019, 2024)
    ]

    def asked(question: str) -> tuple[str, str] | None:
        return asked_editions(question, made)

    assert asked("What is new in the latest edition of Ovens?") == ("r2024", "r2019")
    assert asked("What is new in the 2019 edition of Ovens?") == ("r2019", "r2015")
    assert asked("What changed since the 2015 edition?") == ("r2024", "r2015")
    assert asked("What changed between the 2015 and 2024 editions?") == ("r2024", "r2015")
    assert asked("What changed in the 2015 edition?") == ("r2019", "r2015")


@pytest.mark.parametrize("years", [("2019", "2024"), ("2024-01", "2024-06"), (None, None)])
def test_the_question_that_the_app_puts_is_understood(years: tuple[str | None, str | None]):
    older, newer = (
        report(id=f"r{n}", title=f"Ovens {n}", published=year).info for n, year in enumerate(years)
    )
    assert asked_editions(edition_question(newer, older), [older, newer]) == ("r1", "r0")


def test_an_answer_tells_the_changes_recommendations_first(library: Library):
    answer = library.ask("What changed between the two editions of The State of Ovens?")
    told = [s.text for s in answer.sentences]
    assert told[0] == f"Changed recommendation: “{DEMANDS['ovens-2024'][1]}” Before: “" + (
        f"{DEMANDS['ovens-2019'][0]}”"
    )
    assert told[1] == f"New recommendation: “{DEMANDS['ovens-2024'][2]}”"
    assert len(told) == len(library.changes("ovens-2024").changes)
    assert [c.report_id for c in answer.sentences[0].citations] == ["ovens-2024", "ovens-2019"]
    assert "From May 2019 to June 2024" in str(answer.note)
    assert "recommendations: 1 new and 1 changed" in str(answer.note)


def test_a_filter_that_leaves_one_edition_leaves_nothing_to_compare(library: Library):
    answer = library.ask("What is new in the 2024 edition?", report="ovens-2024")
    assert "Two editions" not in str(answer.note)
