"""Everyday terms are followed by the reports' words; the rest of a question stays as it is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reformqa import SettingsError
from reformqa.search.expansion import Everyday, load_everyday
from reformqa.text.tokens import STOP_WORDS

PACKAGED = tomllib.loads(
    resources.files("reformqa.search").joinpath("everyday.toml").read_text(encoding="utf-8")
)
BAKERY = Everyday(
    {
        "loaf": "bread",
        "rye loaf": "rye bread",
        "the rye loaf": "prize bread",
        "half-baked": "unfinished",
        "baker's dozen": "thirteen",
        "b&b": "lodging",
        "what's in it for": "gain",
        "number 10": "the tenth",
    }
)


@pytest.mark.parametrize(
    ("asked", "reworded"),
    [
        ("Is a loaf dear?", "Is a loaf (bread) dear?"),
        ("A rye loaf, please", "A rye loaf (rye bread), please"),
        ("Is the rye loaf dear?", "Is the rye loaf (prize bread) dear?"),
        ("the rye and the loaf", "the rye and the loaf (bread)"),
        ("loaf loaf", "loaf (bread) loaf (bread)"),
        ("the rye loaf loaf", "the rye loaf (prize bread) loaf (bread)"),
        ("No tram.", "No tram."),
        ("loafing", "loafing (bread)"),
        ("LOAF!", "LOAF (bread)!"),
        ("meatloaf", "meatloaf"),
        ("", ""),
        (" \n", " \n"),
    ],
)
def test_the_longest_entry_is_put_in_after_its_words(asked: str, reworded: str):
    assert BAKERY.reword(asked) == reworded


@pytest.mark.parametrize(
    ("term", "forms"),
    [
        ("boss", ["boss", "Bosses", "boss's", "BOSS’S"]),
        ("baker's dozen", ["baker's dozen", "baker’s dozens", "Bakers' dozen".replace("s'", "'s")]),
        ("half-baked", ["half-baked", "half baked", "half‑baked", "Half–baked"]),
        ("half baked", ["half-baked", "half baked"]),
        ("b&b", ["b&b", "B&B", "b&b's"]),
        ("what's in it for", ["what's in it for", "What’s in it for"]),
        ("don't ask", ["don't ask", "Don’t asking"]),
        ("number 10", ["number 10", "Number  10", "number-10"]),
        ("café", ["café", "CAFÉ"]),
    ],
)
def test_endings_hyphens_and_apostrophes_make_no_difference(term: str, forms: Sequence[str]):
    everyday = Everyday({term: "☆"})
    assert [form for form in forms if "(☆)" not in everyday.reword(form)] == []


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("b&b", "b and b"),
        ("b&b", "b b"),
        ("baker's dozen", "bakers dozen"),
        ("number 10", "number 100"),
        ("half-baked", "half of what is baked"),
        ("don't ask", "don ask"),
    ],
)
def test_other_words_are_no_entry(term: str, text: str):
    assert Everyday({term: "☆"}).reword(text) == text


def test_an_entry_may_run_over_marks_between_its_words():
    assert Everyday({"rye bread": "☆"}).reword("rye, bread") == "rye, bread (☆)"


@pytest.mark.parametrize(
    ("known", "reworded"),
    [
        (set(), "Is the Rye Loaf (prize bread) a half-baked (unfinished) loaf (bread)?"),
        ({"loaf"}, "Is the Rye Loaf (prize bread) a half-baked (unfinished) loaf?"),
        ({"the Rye Loaf"}, "Is the Rye Loaf a half-baked (unfinished) loaf (bread)?"),
        ({"half-baked", "a"}, "Is the Rye Loaf (prize bread) a half-baked loaf (bread)?"),
        (
            {"Rye Loaf", "rye"},
            "Is the Rye Loaf (prize bread) a half-baked (unfinished) loaf (bread)?",
        ),
        ({"the Rye Loaf", "half-baked", "loaf"}, "Is the Rye Loaf a half-baked loaf?"),
    ],
)
def test_terms_that_the_reports_use_stay_as_they_are(known: set[str], reworded: str):
    assert BAKERY.reword("Is the Rye Loaf a half-baked loaf?", known.__contains__) == reworded


def test_only_everyday_terms_are_looked_up_as_written():
    seen: list[str] = []
    BAKERY.reword("No tram; Half-Baked LOAVES, rye", lambda term: bool(seen.append(term)))
    assert seen == ["Half-Baked"]


def test_an_entry_with_nothing_on_the_right_is_none():
    assert Everyday({"loaf": "", "rye": "  "}).reword("a rye loaf") == "a rye loaf"


def test_no_entry_changes_no_text():
    assert Everyday({}).reword("a rye loaf") == "a rye loaf"


def test_an_entry_without_a_word_is_never_met():
    everyday = Everyday({"?!": "bread", "loaf": "rye"})
    assert everyday.reword("?! loaf") == "?! loaf (rye)"


TERMS = st.text(st.sampled_from("ab'-& "), min_size=1, max_size=7)
TEXTS = st.one_of(
    st.text(st.sampled_from("ab'’-& ?().\n"), max_size=40),
    st.lists(st.sampled_from(["the ", "rye", " loaf", "loaves", "-", " (bread) ", "İ"])).map(
        "".join
    ),
    st.text(max_size=40),
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(TERMS, st.just("☆"), max_size=6), TEXTS.filter(lambda t: "☆" not in t))
def test_without_the_brackets_a_question_is_as_it_was(terms: dict[str, str], text: str):
    everyday = Everyday(terms | {"rye loaf": "☆", "loaf": "☆"})
    assert everyday.reword(text).replace(" (☆)", "") == text


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(sorted(PACKAGED)) | TEXTS, max_size=6), st.sampled_from(" -,"))
def test_without_the_brackets_a_question_of_packaged_terms_is_as_it_was(
    parts: list[str], between: str
):
    everyday = Everyday(dict.fromkeys(PACKAGED, "☆"))
    text = between.join(parts)
    reworded = everyday.reword(text)
    assert reworded.replace(" (☆)", "") == text
    assert reworded != text or not set(parts) & set(PACKAGED)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=9))
def test_entries_are_those_of_trying_every_length(words: list[str]):
    entries = {"a": "1", "a b": "2", "b c d": "3", "c": "4", "a b c": "5"}
    expected, at = [], 0
    while at < len(words):
        for end in range(len(words), at, -1):
            if " ".join(words[at:end]) in entries:
                expected.append(f"{' '.join(words[at:end])} ({entries[' '.join(words[at:end])]})")
                at = end
                break
        else:
            expected.append(words[at])
            at += 1
    assert Everyday(entries).reword(" ".join(words)) == " ".join(expected)


# ---- a file of one's own ------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path):
    """Writes a list of terms and loads it over the packaged one."""

    def load(text: str | bytes) -> Everyday:
        file = tmp_path / "own.toml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        load_everyday.cache_clear()
        return load_everyday(file)

    yield load
    load_everyday.cache_clear()


def test_own_terms_are_added_to_the_packaged_ones(own):
    everyday = own('"Rye Loaf" = "bread, baking"')
    assert everyday.reword("a rye loaf") == "a rye loaf (bread, baking)"
    assert everyday.reword("a rye loaf for kids").startswith(
        "a rye loaf (bread, baking) for kids ("
    )


def test_own_terms_replace_the_packaged_ones(own):
    assert own('"Red Tape" = "ribbon"').reword("red tape") == "red tape (ribbon)"


def test_an_own_term_with_nothing_on_the_right_strikes_a_packaged_one_out(own):
    assert load_everyday().reword("red tape") != "red tape"
    assert own('"RED TAPE" = ""').reword("red tape") == "red tape"


@pytest.mark.parametrize(("words", "reworded"), [("", "{}"), ("rye", "{} (rye)")])
def test_an_own_term_stands_for_every_ending_of_it(own, words: str, reworded: str):
    for terms in (("kid", "kids"), ("council", "councils"), ("boss", "bosses")):
        for term in terms:
            everyday = own(f'"{term}" = "{words}"')
            assert [everyday.reword(t) for t in terms] == [reworded.format(t) for t in terms]


@pytest.mark.parametrize(
    "text",
    ["loaf = 1", 'loaf = ["bread"]', '[loaf]\nrye = "bread"', "loaf", '"loaf" = "', b'"\xff" = ""'],
)
def test_a_file_that_is_no_list_of_terms_is_refused(own, text: str | bytes):
    with pytest.raises(SettingsError, match=r"search\.everyday: .*own\.toml cannot be read"):
        own(text)


@pytest.mark.parametrize("name", ["none.toml", "."])
def test_a_file_that_is_not_there_is_refused(tmp_path: Path, name: str):
    with pytest.raises(SettingsError, match=r"search\.everyday: .* cannot be read"):
        load_everyday(tmp_path / name)


# ---- the packaged list --------------------------------------------------------------------------


def split(term: str) -> list[str]:
    return re.findall(r"[^\W_]+", term.lower())


def test_every_packaged_term_is_met():
    """By itself; another with its stem may have given the words."""
    everyday = load_everyday()
    assert [t for t in PACKAGED if not re.fullmatch(r".* \(.+\)", everyday.reword(t))] == []


def test_packaged_terms_are_short_and_in_lower_case():
    assert [t for t in PACKAGED if not 1 <= len(t.split()) <= 5 or len(t) > 40] == []
    assert [t for t in PACKAGED if t != t.lower().strip()] == []


def test_packaged_words_are_a_list_without_gaps_and_brackets():
    for term, words in PACKAGED.items():
        parts = [part.strip() for part in words.split(",")]
        assert all(parts), term
        assert len(set(parts)) == len(parts) <= 5, term
        assert not set("()\n") & set(words), term


def test_no_packaged_term_has_itself_for_its_words():
    assert [
        t for t, words in PACKAGED.items() if t in map(str.strip, words.lower().split(","))
    ] == []


def test_no_packaged_term_is_of_stop_words_alone():
    bare = {t for t in PACKAGED if all(w in STOP_WORDS for w in split(t))}
    assert bare <= {"what's in it for", "so-so", "once-over"}


def test_a_question_in_the_reports_own_words_is_left_alone():
    plain = "How should early intervention be funded by combined authorities?"
    assert load_everyday().reword(plain) == plain


def test_no_packaged_term_has_the_stem_of_another():
    everyday = load_everyday()
    lost = [t for t, w in PACKAGED.items() if everyday.reword(t) != f"{t} ({w})"]
    assert lost == []
