"""Sentences are where their spans say, and a citation needs words that are printed."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reformqa import Citation
from reformqa.citations.claims import unsupported_terms
from reformqa.citations.verify import cite, locate
from reformqa.model import Region
from reformqa.text.sentences import sentences
from reformqa.text.similarity import letters
from support.makers import paragraph, report

PIECES = st.sampled_from(
    [
        "Bread rose by 2.5 per cent",
        "e.g.",
        "Dr. Crumb",
        "(see p. 4)",
        "‘Why?’",
        '"Stop."',
        "…",
        ".",
        "?!",
        ";",
        ":",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        "\u00a0",
        "U.S.",
        "£3.2bn",
        "and",
        "The end",
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map("".join)))
def test_every_sentence_stands_at_its_span_and_nothing_is_lost(text: str):
    found = list(sentences(text))
    assert [text[start:end] for (start, end), _ in found] == [s for _, s in found]
    assert [s for _, s in found] == [s.strip() for _, s in found]
    ends = [0, *(end for (_, end), _ in found)]
    assert all(start >= end for ((start, _), _), end in zip(found, ends, strict=False))
    assert "".join("".join(s.split()) for _, s in found) == "".join(text.split())


def test_sentences_are_cut_at_full_stops_but_not_in_figures_or_titles():
    text = "Dr. Crumb sold 2.5 loaves. Was it enough? It was."
    assert list(sentences(text)) == [
        ((0, 26), "Dr. Crumb sold 2.5 loaves."),
        ((27, 41), "Was it enough?"),
        ((42, 49), "It was."),
    ]


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_no_words_are_no_sentence(text: str):
    assert list(sentences(text)) == []


def test_a_sentence_printed_twice_is_found_in_both_places():
    assert list(sentences("Rye keeps. Rye keeps.")) == [
        ((0, 10), "Rye keeps."),
        ((11, 21), "Rye keeps."),
    ]


def cited(quote: str, text: str) -> Citation:
    held = paragraph(text)
    return cite(quote, held, report(held))


def test_a_citation_says_where_its_quote_stands():
    held = paragraph("We bake. Rye keeps for a week.", number=7)
    assert cite("Rye keeps for a week.", held, report(held)) == Citation(
        paragraph_id="made-00000001",
        report_id="made",
        quote="Rye keeps for a week.",
        span=(9, 30),
        status="verified",
        publisher="Maker",
        report_title="Made Report",
        year=2024,
        section_path=("Chapter",),
        number=7,
        page=None,
    )


def test_a_citation_names_the_printed_page_and_the_pdfs():
    held = paragraph("Rye keeps for a week.", number=7, places=(Region(6, (0, 0, 9, 9), (0, 21)),))
    of = report(held)
    assert cite("Rye keeps for a week.", held, of).pinpoint == "p. 6, para 7"
    held = replace(held, printed_page="3")
    found = cite("Rye keeps for a week.", held, of)
    assert (found.page, found.printed_page) == (6, "3")
    assert found.pinpoint == "p. 3 (PDF page 6), para 7"
    assert str(found) == "Maker 2024, Made Report, p. 3 (PDF page 6), para 7"


PRINTED = (
    "The baker’s “ﬁnal” loaf – a slow-baked\u00a0one – should not be sold before 2.5 hours, or at"
    " £41bn (−5%), says the guild. Why? We cannot wait. Recommendation 3. Why not? Cafe\u0301s burn"
    " 10² logs—which is/was well-known."
)


@pytest.mark.parametrize(
    ("quote", "printed", "repairs"),
    [
        (
            'The baker\'s "final" loaf',
            "The baker’s “ﬁnal” loaf",
            (
                "Quotation marks: given ', printed ’",
                "Ligatures and letter forms: given fi, printed ﬁ",
            ),
        ),
        (
            "loaf — a slow–baked one",
            "loaf – a slow-baked\u00a0one",
            ("Hyphens: given —, printed –", "Spaces: given space, printed no-break space"),
        ),
        ("Should not be sold", "should not be sold", ("The first letter: given S, printed s",)),
        (
            "should not\n be  sold",
            "should not be sold",
            ("Spaces: given line break + space, printed space",),
        ),
        (
            "should not be so\u00adld",
            "should not be sold",
            ("Invisible characters: given soft hyphen, printed none",),
        ),
        (" should not be sold\n", "should not be sold", ("Spaces around it were dropped",)),
        ("should not be sold …", "should not be sold", ("An ellipsis at the end was dropped",)),
        (
            "[...] should not be sold...",
            "should not be sold",
            ("An ellipsis at the start was dropped", "An ellipsis at the end was dropped"),
        ),
        (
            "“should not be sold”",
            "should not be sold",
            ("Quotation marks around it were dropped",),
        ),
        (
            "“[…] should not be sold …”",
            "should not be sold",
            (
                "Quotation marks around it were dropped",
                "An ellipsis at the start was dropped",
                "An ellipsis at the end was dropped",
            ),
        ),
        (
            "\u200bshould not be sold",
            "should not be sold",
            ("Invisible characters: given zero width space, printed none",),
        ),
        ("should not be sold.", "should not be sold", ("A mark at the end was dropped",)),
        ("(-5%), says the", "(−5%), says the", ("Hyphens: given -, printed −",)),
        (
            "Cafés burn 10² logs",
            "Cafe\u0301s burn 10² logs",
            ("Ligatures and letter forms: given é, printed e\u0301",),
        ),
        ("logs--which is/was", "logs—which is/was", ("Hyphens: given --, printed —",)),
        ("which is/was well-known", "which is/was well-known", ()),
        ("Why?", "Why?", ()),
        ("Why", "Why", ()),
        ("Recommendation 3.", "Recommendation 3.", ()),
        ("Why? We cannot wait.", "Why? We cannot wait.", ()),
    ],
)
def test_a_quote_that_differs_in_print_alone_is_repaired_to_what_is_printed(
    quote: str, printed: str, repairs: tuple[str, ...]
):
    found = cited(quote, PRINTED)
    assert (found.quote, found.repairs) == (printed, repairs)
    assert found.status == ("repaired" if repairs else "verified")
    assert PRINTED[slice(*found.span)] == printed


CUT = ("It begins or ends inside a word or a figure",)
SHORT = ("It has fewer than 3 words and is not a whole sentence",)
STITCHED = ("It is stitched together: an ellipsis joins pieces of text",)
APART = ("Its words are in the paragraph, but not in this order or not in one run",)
EMPTY = ("It contains no words",)


@pytest.mark.parametrize(
    ("quote", "reason"),
    [
        ("should be sold", APART),
        ("should be sold before 2.5 hours", APART),
        ("sold be not should", APART),
        ("SHOULD not be sold", APART),
        ("should Not be sold", APART),
        ("should not ... before 2.5 hours", STITCHED),
        ("should not be sold […] says the guild", STITCHED),
        ("should not be sold . . . says the guild", STITCHED),
        ("should not be sold … Why? We cannot", STITCHED),
        ("not wait. Recommendation 3", CUT),
        ("guild. Why? We can", CUT),
        ("5 hours, or at", CUT),
        ("be sold before 2", CUT),
        ("be sold before 2.", CUT),
        ("41bn (−5%), says", CUT),
        ("5%), says the guild", CUT),
        ("at £41bn (−5", CUT),
        ("baked\u00a0one – should", CUT),
        ("The baker", CUT),
        ("loaf - a slow", CUT),
        ("nal” loaf – a", CUT),
        ("was well-known.", CUT),
        ("s burn 10² logs", CUT),
        ("Cafe", CUT),
        ("logs—which is", CUT),
        ("Cafés burn 102 logs", ("Not in the paragraph: “102”",)),
        ("should never be given", ("Not in the paragraph: “never”, “given”",)),
        ("should not be sold before 2.6 hours", ("Not in the paragraph: “6”",)),
        ("loaf", SHORT),
        ("not be", SHORT),
        ("guild. Why?", SHORT),
        ("Recommendation", SHORT),
        ("", EMPTY),
        (" \n", EMPTY),
        ("…", EMPTY),
        ("“”–!", EMPTY),
        ("should not be sold " * 99, ("It is much longer than its paragraph",)),
    ],
)
def test_a_quote_that_is_not_printed_in_one_run_is_unsupported(quote: str, reason: tuple[str, ...]):
    found = cited(quote, PRINTED)
    assert (found.status, found.span, found.quote) == ("unsupported", (0, 0), quote)
    assert found.repairs == reason


@pytest.mark.parametrize(
    ("quote", "text", "status"),
    [
        ("reformed", "re-\nformed", "repaired"),
        ("place-based budgets for towns", "place-\nbased budgets for towns", "repaired"),
        ("placebased budgets for towns", "place-\nbased budgets for towns", "repaired"),
        ("place-\nbased budgets for towns", "place-based budgets for towns", "repaired"),
        ("re-\nformed bakeries in towns", "reformed bakeries in towns", "repaired"),
        ("pre- and post-war ovens", "pre-\nand post-war ovens", "repaired"),
        ("re\u00ad\nformed bakeries in towns", "reformed bakeries in towns", "repaired"),
        ("re-formed bakeries in towns", "reformed bakeries in towns", "unsupported"),
        ("placebased budgets for towns", "place-based budgets for towns", "unsupported"),
        ("based budgets for towns", "place-\nbased budgets for towns", "unsupported"),
        ("open or closed", "ajar—open or closed", "verified"),
        ("open or closed", "half-open or closed", "unsupported"),
        ("open or closed", "half–open or closed", "unsupported"),
        ("open or closed", "half-open or closed, open or closed", "verified"),
        ("Rye.", "Bread, e.g. Rye. We say Rye.", "unsupported"),
        ("Rye", "Rye", "verified"),
        ("Oats | Rye", "Oats | Rye | Corn", "verified"),
        ("Rye", "Oats | Rye | Corn", "verified"),
        ("Rye. Corn.", "Oats. Rye. Corn.", "verified"),
        ("Why?", "Ask why? No. Why?", "verified"),
        ("able to bake bread", "unable to bake bread", "unsupported"),
        ("not able to bake", "cannot able to bake", "unsupported"),
        ("We can bake more", "We can’t bake more", "unsupported"),
        ("ovens, we can", "In cold ovens, we can’t bake", "unsupported"),
        ("on the doorstep of", "", "unsupported"),
    ],
)
def test_words_are_cut_at_their_own_ends_alone(quote: str, text: str, status: str):
    found = cited(quote, text)
    assert found.status == status
    assert (found.span == (0, 0)) == (status == "unsupported")


def test_a_full_stop_is_no_part_of_an_ellipsis():
    found = cited("rye keeps well.", "Our rye keeps well… for a week.")
    assert (found.quote, found.repairs) == ("rye keeps well", ("A mark at the end was dropped",))


def test_a_place_where_a_short_quote_is_no_sentence_does_not_hide_one_where_it_is():
    found = cited("2024.", "In 2024. See 2024. 2024.")
    assert (found.status, found.span) == ("verified", (19, 24))


def test_words_are_located_however_few():
    assert locate("'final' loaf", PRINTED) == (12, 23)
    assert locate("loaf", PRINTED) == (19, 23)
    assert locate("loa", PRINTED) is None
    assert locate("", PRINTED) is None


# Paragraphs of words with separators. The slow twin compares lists of words one by one.
WORDS = st.sampled_from(
    [
        *("rye", "keeps", "for", "a", "week", "not", "cannot", "should", "be", "Rye", "able"),
        *("2.5", "£41bn", "38%", "1,000", "2014", "slow-baked", "well–known", "baker’s", "‘cold’"),
        *("“hot”", "ﬁrst", "oﬀer", "and/or", "R&D", "naïve", "10²", "ovens"),
    ]
)
GAPS = st.sampled_from([" ", " ", " ", " ", "\u00a0", ", ", " – ", ". ", "; ", "—"])
LONG = st.lists(st.tuples(WORDS, GAPS), min_size=4, max_size=25)
VARIANTS = [" \u00a0\u2009", "'‘’`′", '"“”„″', "-‐‑–"]


def laid_out(parts: list[tuple[str, str]]) -> tuple[str, list[tuple[int, int]]]:
    text, spans = "", []
    for word, gap in parts:
        spans.append((len(text), len(text) + len(word)))
        text += word + gap
    return text, spans


def stands(words: list[str], held: list[str]) -> bool:
    return any(words == held[n : n + len(words)] for n in range(len(held)))


@given(LONG, st.data())
def test_any_run_of_words_is_verified_at_its_span(
    parts: list[tuple[str, str]], data: st.DataObject
):
    text, spans = laid_out(parts)
    first = data.draw(st.integers(0, len(parts) - 3))
    last = data.draw(st.integers(first + 2, len(parts) - 1))
    quote = text[spans[first][0] : spans[last][1]]
    found = cited(quote, text)
    assert (found.status, found.quote, found.repairs) == ("verified", quote, ())
    assert text[slice(*found.span)] == quote


@given(LONG, st.data())
def test_a_run_that_cuts_a_word_is_refused_unless_it_stands_elsewhere(
    parts: list[tuple[str, str]], data: st.DataObject
):
    text, spans = laid_out(parts)
    first = data.draw(st.integers(0, len(parts) - 4))
    start, end = spans[first]
    assume(end - start > 1)
    quote = text[data.draw(st.integers(start + 1, end - 1)) : spans[first + 3][1]]
    assume(quote[0] not in "’”")
    found = cited(quote, text)
    places = {m.start() for m in re.finditer(f"(?={re.escape(quote)})", text)}
    free = places & {start for start, _ in spans}
    marks = {n for n in places if text[n - 1] in "“‘"}
    if not free | marks and not quote[0].isalpha():
        assert found.status == "unsupported"
    if found.status != "unsupported":
        assert text[slice(*found.span)] == found.quote
        assert found.span[0] in {n for s, _ in spans for n in (s, s + 1)}


def mistyped(quote: str, by: random.Random) -> str:
    """Return the quote with other punctuation, spaces, ligatures and invisible characters."""
    out = ""
    for c in quote:
        kind = next((v for v in VARIANTS if c in v), c)
        c = by.choice(kind)
        if c in "ﬁﬀ" and by.random() < 0.5:
            c = {"ﬁ": "fi", "ﬀ": "ff"}[c]
        if c == "—" and by.random() < 0.5:
            c = "--"
        out += c + by.choice(["", "", "", "\u00ad", "\u200b"])
    edges = by.choice([("", ""), ("", "…"), ("... ", " ..."), ("“", "”"), (" ", "\n"), ("", ".")])
    first = out[0].swapcase() if out[0].isascii() else out[0]
    return edges[0] + by.choice([out, first + out[1:]]) + edges[1]


@given(LONG, st.data(), st.randoms(use_true_random=False))
def test_a_mistyped_run_is_repaired_to_the_characters_printed(
    parts: list[tuple[str, str]], data: st.DataObject, by: random.Random
):
    text, spans = laid_out(parts)
    first = data.draw(st.integers(0, len(parts) - 3))
    last = data.draw(st.integers(first + 2, len(parts) - 1))
    printed = text[spans[first][0] : spans[last][1]]
    quote = mistyped(printed, by)
    found = cited(quote, text)
    assert text[slice(*found.span)] == found.quote
    assert found.status == ("verified" if quote in text else "repaired")
    assert bool(found.repairs) == (found.quote != quote)
    if found.status == "repaired":
        assert letters(found.quote.casefold()) == letters(printed.casefold())


def changed(words: list[str], by: random.Random) -> list[str]:
    """Return the words with one removed, replaced, inserted or swapped, or a digit changed."""
    n = by.randrange(1, len(words) - 1)
    kind = by.choice(["delete", "replace", "insert", "swap", "digit", "not"])
    if kind == "insert":
        return [*words[:n], by.choice(["never", "not", "rye", "2.5"]), *words[n:]]
    if kind == "replace":
        return [*words[:n], by.choice(["rarely", "be", "39%"]), *words[n + 1 :]]
    if kind == "swap":
        return [*words[: n - 1], words[n], words[n - 1], *words[n + 1 :]]
    if kind == "digit":
        turned = [re.sub(r"\d", lambda m: str((int(m[0]) + 1) % 10), w, count=1) for w in words]
        return turned
    if kind == "not":
        return [w for w in words if w != "not"]
    return [*words[:n], *words[n + 1 :]]


@given(st.lists(WORDS, min_size=4, max_size=25), st.data(), st.randoms(use_true_random=False))
def test_a_run_with_another_word_is_unsupported_unless_it_is_printed_too(
    held: list[str], data: st.DataObject, by: random.Random
):
    first = data.draw(st.integers(0, len(held) - 4))
    last = data.draw(st.integers(first + 3, len(held) - 1))
    words = changed(held[first : last + 1], by)
    lowered = [[w[0].lower() + w[1:] for w in some] for some in (words[:1], held)]
    printed = stands(words, held) or any(
        lowered[0] == lowered[1][n : n + 1] and words[1:] == held[n + 1 : n + len(words)]
        for n in range(len(held))
    )
    found = cited(" ".join(words), " ".join(held))
    assert (found.status != "unsupported") == (printed and len(words) >= 3)


@given(st.text(max_size=80), st.text(max_size=40), st.data())
def test_whatever_the_texts_a_status_and_its_span_agree(text: str, quote: str, data: st.DataObject):
    if text and data.draw(st.booleans()):
        start = data.draw(st.integers(0, len(text) - 1))
        quote = text[start : data.draw(st.integers(start + 1, len(text)))]
    found = cited(quote, text)
    if found.status == "unsupported":
        assert (found.span, found.quote, len(found.repairs)) == ((0, 0), quote, 1)
    else:
        assert text[slice(*found.span)] == found.quote
        assert (found.quote == quote) == (found.status == "verified") == (not found.repairs)


SOURCES = (
    "In 2014 Dame Ada Miller of the Bakers’ Guild said five of 38\u00a0per cent of ovens took"
    " £41bn.",
    "The NHS’s two-thirds (a hundred and five, in the U.K.) fell in the 2010s, the Prime Minister,"
    " Tom Baker, told MPs. It may be one in three; they can use it. The government spent 5 pounds.",
)


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        ("Ada Miller said 5 ovens took £41 billion.", ()),
        ("Ovens took 41,000 million in 2014.", ()),
        ("In 2015 ovens took 41bn.", ("2015",)),
        ("Ovens took $41bn.", ("$41bn",)),
        ("Ovens took £41.", ("£41",)),
        ("Ovens took £5.", ()),
        ("It was 38% of ovens.", ()),
        ("It was 38 of ovens.", ("38",)),
        ("It was 39 per cent of ovens.", ("39 per cent",)),
        ("It was thirty-eight per cent.", ()),
        ("It was a third of ovens.", ("third",)),
        ("It was half of the ovens, twice.", ("half", "twice")),
        ("It was two-thirds of ovens.", ()),
        ("It was one of the ovens.", ()),
        ("It was one million.", ("1 million",)),
        ("It was one in three, or one in four.", ("4",)),
        ("It was one hundred and five, a hundred and six.", ("106",)),
        ("It was 105 of the UK ovens in the 2010s.", ()),
        ("It was in the 2020s, the 2020s.", ("2020s",)),
        ("It was seven ovens.", ("7",)),
        ("MPs heard the Prime Minister Tom Baker.", ()),
        ("An MP heard the Government.", ()),
        ("They asked Ada Baker.", ("Ada Baker",)),
        ("Ada Baker was asked.", ("Ada Baker",)),
        ("Although Ada Miller asked, Deloitte did not.", ("Deloitte",)),
        ("It fell in May.", ("May",)),
        ("They want more IT.", ("IT",)),
        ("NHSE says so.", ("NHSE",)),
        ("Birmingham Council says so.", ("Birmingham Council",)),
        ("Nobody says so: Nobody. ‘Everybody’ does.", ()),
        ("They told the Guild’s Ada and the NHS.", ()),
        ("", ()),
    ],
)
def test_figures_and_names_that_no_source_has_are_told(sentence: str, missing: tuple[str, ...]):
    assert unsupported_terms(sentence, SOURCES) == missing


def test_one_is_a_figure_only_with_a_unit():
    assert unsupported_terms("It is one of them, one in which we bake.", ["Bread."]) == ()
    assert unsupported_terms("It is one per cent, one in nine.", ["Bread."]) == (
        "1 per cent",
        "1",
        "9",
    )


def test_without_a_source_every_figure_and_name_is_missing():
    assert unsupported_terms("Since 2014 the NHS took £5.", ()) == ("2014", "£5", "NHS")


@given(st.one_of(st.lists(PIECES, max_size=30).map("".join), st.text(max_size=80)))
def test_a_text_has_its_own_figures_and_names(text: str):
    assert unsupported_terms(text, [text]) == ()
