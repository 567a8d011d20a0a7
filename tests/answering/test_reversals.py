"""Sentences that say the opposite of what they quote are refused: 200, made by rule.

Each claim is printed in a passage; the sentence that repeats it stands, and each that turns it
round beside the same true quote does not. The rules know nothing of the words that are checked.
"""

from __future__ import annotations

import pytest

from reformqa.answering.generation import rephrase
from reformqa.answering.results import Answer
from reformqa.citations.verify import cite
from reformqa.model import Paragraph, Sentence
from reformqa.settings import LanguageModelSettings
from support.llm_server import proposes, serving
from support.makers import paragraph, report

GUILD = "Bakers Guild"
REPORTS = {"loaves": report(id="loaves", title="Bread in Towns", publisher=GUILD)}
#: Claims, and what remains of each without its beginning: "(that) every town should …".
CLAIMS = (
    "every town should lend its cold ovens to learners",
    "the harbour board should support the ferry crews",
    "ministers should welcome the new tram drivers",
    "councils should increase the pay of lamplighters",
    "mills should give their spare flour to schools",
    "the valley needs local lock keepers on every canal",
    "inspectors should visit each bakery twice in winter",
    "markets should open before the first ferry leaves",
    "the guild should endorse a common price of rye",
    "shared kitchens improve the bread of small towns",
    "islanders should elect their own harbour master",
    "the railway should carry salt for nothing but its fuel",
    "apprentices should encourage one another at the oven",
    "pooled budgets helped the lighthouse keepers of the coast",
    "the treasury should publish what each lighthouse costs",
    "schools must teach how a tide table is read",
    "ferry timetables should be written by those who sail",
    "the county should raise the wage of night porters",
    "bridges should be kept by the villages on both banks",
    "libraries should stay in the hands of their readers",
)
#: Ways to turn a claim round.
TURNS = (
    "It is a myth that {}.",
    f"The {GUILD} rejects and opposes the idea that {{}}.",
    f"The {GUILD} denies that {{}}.",
    f"The {GUILD} thinks it wrong to say that {{}}.",
    f"The {GUILD} warns against those who say that {{}}.",
    f"The {GUILD} doesn’t say that {{}}.",
    f"The {GUILD} doubts whether {{}}.",
    "Contrary to what is often said, it is a mistake to think that {}.",
    f"The {GUILD} dismisses the view that {{}}.",
    f"The {GUILD} stopped saying that {{}}, and now hardly mentions it.",
)
#: Ways to condemn a claim.
CONDEMNED = ("It would be dangerous folly if {}.", "The {guild} is hostile to the plan that {}.")
#: A word of a claim, and one that turns it round.
SWAPS = (
    ("support", "block"),
    ("welcome", "resist"),
    ("increase", "cut"),
    ("endorse", "veto"),
    ("improve", "worsen"),
    ("encourage", "attack"),
    ("raise", "lower"),
    ("helped", "undermined"),
)


def upper(text: str) -> str:
    return text[0].upper() + text[1:]


def held(text: str) -> Paragraph:
    return paragraph(f"{upper(text)}. Dough rests overnight in the cellar.", report_id="loaves")


def judged(passage: Paragraph, quote: str, *proposed: str) -> tuple[list[str], list[str]]:
    """Return which of the sentences, each beside the quote, stand, and which are left out."""
    stand, out = [], []
    printed = cite("Dough rests overnight in", passage, REPORTS["loaves"])
    before = Answer("What of it?", (Sentence("Dough.", (printed,)),))
    with serving() as server:
        settings = LanguageModelSettings(base_url=server.url, model="small")
        for text in proposed:
            server.behaviour = proposes((text, (1, quote)))
            answer = rephrase(before, [passage], REPORTS, settings)
            (out if answer.left_out else stand).append(text)
    return stand, out


def test_there_are_two_hundred_reversals():
    assert len({turn.format(claim) for turn in TURNS for claim in CLAIMS}) == 200


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_stands_and_its_reversals_do_not(claim: str):
    straight = [f"The {GUILD} says that {claim}.", f"{upper(claim)}."]
    reversals = [turn.format(claim) for turn in TURNS]
    reversals += [turn.format(claim, guild=GUILD) for turn in CONDEMNED]
    assert judged(held(claim), upper(claim), *straight, *reversals) == (straight, reversals)


@pytest.mark.parametrize(("word", "other"), SWAPS)
def test_a_claim_with_its_verb_swapped_does_not_stand(word: str, other: str):
    (claim,) = [c for c in CLAIMS if f" {word} " in c]
    swapped = f"{upper(claim.replace(word, other))}."
    assert judged(held(claim), upper(claim), swapped) == ([], [swapped])


@pytest.mark.parametrize("turn", [TURNS[n] for n in (0, 3, 5, 7)])
def test_a_passage_that_denies_a_claim_is_not_quoted_for_it(turn: str):
    claim = CLAIMS[0]
    passage = held(turn.format(claim).removesuffix("."))
    assert judged(passage, claim, f"{upper(claim)}.") == ([], [f"{upper(claim)}."])
    same = turn.format(claim)
    assert judged(passage, claim, same) == ([same], [])


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("Towns should pool their ovens", f"The {GUILD} recommends that towns pool their ovens."),
        ("Towns must pool their ovens", f"The {GUILD} wants towns to pool their ovens."),
        ("We oppose a tax on every oven", f"The {GUILD} opposes a tax on ovens."),
        ("Our opposition to an oven tax is old", f"The {GUILD} opposes an oven tax."),
        ("Ovens grew in number by the canal", "The number of ovens by the canal rose."),
        ("It is a myth that cold ovens cost more", "It is false that cold ovens cost more."),
    ],
)
def test_a_stance_in_other_words_of_its_kind_stands(printed: str, said: str):
    assert judged(held(printed), printed, said) == ([said], [])
