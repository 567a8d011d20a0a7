"""Documents made by hand, tame and wild, for the tests of exports."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from reformqa.exports.document import ExportDocument, Part, Provenance
from reformqa.exports.printable import web_address
from reformqa.model import Citation, Recommendation, Report, Sentence
from support.makers import report

OVENS = "Every town should lend its cold ovens to people who learn the trade."
RYE = "Rye keeps for a week in a stone crock; wheat is stale by evening."
DOORS = "The depot should print its fares on every door."


def citation(quote: str = OVENS, **changes: Any) -> Citation:
    """A verified citation of page 3, paragraph 12 of "Bread in Towns"."""
    values: dict[str, Any] = {
        "paragraph_id": "loaves-0000000c",
        "report_id": "loaves",
        "quote": quote,
        "span": (0, len(quote)),
        "status": "verified",
        "publisher": "Bakers Guild",
        "report_title": "Bread in Towns",
        "year": 2014,
        "section_path": ("Summary", "Ovens"),
        "number": 12,
        "page": 3,
    }
    return Citation(**(values | changes))


def sentence(quote: str = OVENS, **changes: Any) -> Sentence:
    """A sentence that is its quote; `changes` go to the citation."""
    return Sentence(quote, (citation(quote, **changes),))


def recommendation(label: str | None = "3", text: str = DOORS, **changes: Any) -> Sentence:
    """A sentence that states a recommendation of that label."""
    stated = Recommendation("trams-rec-1", "trams", label, text, (), (), "trams-00000003")
    return Sentence(text, (tram(text, **changes),), stated)


def tram(quote: str = DOORS, **changes: Any) -> Citation:
    """A citation of "Trams by the Sea", which has no pages and no year."""
    values: dict[str, Any] = {
        "paragraph_id": "trams-00000003",
        "report_id": "trams",
        "publisher": "Drivers & Sons",
        "report_title": "Trams by the Sea",
        "year": None,
        "section_path": (),
        "number": 3,
        "page": None,
    }
    return citation(quote, **(values | changes))


def loaves(**changes: Any) -> Report:
    """The facts of "Bread in Towns"."""
    values: dict[str, Any] = {
        "id": "loaves",
        "title": "Bread in Towns",
        "subtitle": "Ovens for all",
        "authors": ("Ada Miller", "Jörg van der Bäcker", "Cabinet Office"),
        "publisher": "Bakers Guild",
        "published": "2014-11",
        "url": "https://example.org/loaves_1?a=1&b=%20#top",
    }
    return report(**(values | changes))


def document(
    *parts: Part, title: str = "Should towns lend ovens?", **changes: Any
) -> ExportDocument:
    """A document of those parts, asked of the build b1 on 21 November 2026."""
    values: dict[str, Any] = {"build": "b1", "asked": "2026-11-21", "reports": {"loaves": loaves()}}
    notes = changes.pop("notes", ())
    return ExportDocument(title, notes, parts, Provenance(**(values | changes)))


def comparison() -> ExportDocument:
    """Three think tanks: one with two sentences, one that recommends, and a silent one."""
    both = Sentence(f"{OVENS} {RYE}", (citation(), citation(RYE, span=(70, 140))))
    return document(
        Part("Bakers Guild", "Bread in Towns, 2014", (both, sentence(RYE, span=(70, 140)))),
        Part("Drivers & Sons", "Trams by the Sea", (recommendation(),)),
        Part("Harbour Trust", "Quays. No passage found (7 passages searched)."),
        notes=("One report could not be read.",),
    )


def doubtful() -> ExportDocument:
    """A quote that was repaired, and one that its paragraph does not hold."""
    repaired = Sentence("Ovens, lent.", (citation(status="repaired", repairs=("dashes", "space")),))
    unsupported = sentence("Invented.", status="unsupported", span=(0, 0), repairs=("not there",))
    return document(Part("Bakers Guild", "", (repaired, unsupported)))


#: What has broken one form or another.
NASTY = (
    *("<script>alert('x')</script>", "</p></div><img src=x onerror=alert(1)>", "<!-- ", "&copy;"),
    *("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "＝1+1", ' "=1+1"', "\t=1", "“−5 per cent”"),
    *("{", "}}", "\\", "a } , note = {b", "100% of £5 & #1_2 $x$ ^ ~", '"quoted"', "A and B, C, D"),
    *("# Heading", "- item", "1. item", "1) item", "> quote", "```", "| a | b |", "---", "==="),
    *(
        "*bold* _so_ ~~no~~",
        "[text](http://a.example)",
        "![x](y)",
        "[1]: http://a.example",
        ": def",
    ),
    *(
        "https://a.example/x",
        "www.a.example",
        "ada@a.example",
        "<http://a.example>",
        ":tea:",
        "C #",
    ),
    *(
        "one\ntwo",
        "one\r\nER  - \r\nTY  - JOUR",
        "a\x0bb\x0cc\u2028d\u2029e\x85f",
        "a\x00\x1b[31mb",
    ),
    *("\ud800lone\udfff", "\ufffe\uffff", "שלום \u202eעולם", "🚋👩‍👩‍👧", "e\u0301", "  padded  "),
)
WILD = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=())),
    st.lists(st.sampled_from((*NASTY, " ", "\n")), max_size=4).map("".join),
)
#: Wild texts of which something can be shown.
SHOWN = WILD.filter(lambda text: bool(bare(text)))


@st.composite
def wild_documents(draw: st.DrawFn) -> ExportDocument:
    """A document with two parts, one silent, whose every text is wild."""
    facts = {
        "title": draw(SHOWN),
        "publisher": draw(SHOWN),
        "authors": tuple(draw(st.lists(SHOWN, max_size=2))),
        "subtitle": draw(st.none() | SHOWN),
        "url": draw(st.none() | WILD | WILD.map("https://example.org/{}".format)),
    }
    cited = {
        "publisher": facts["publisher"],
        "report_title": facts["title"],
        "paragraph_id": draw(SHOWN),
        "report_id": draw(WILD),
        "section_path": (draw(WILD),),
        "status": draw(st.sampled_from(("verified", "repaired", "unsupported"))),
        "repairs": (draw(SHOWN),),
    }
    reports = {cited["report_id"]: loaves(**facts)} if draw(st.booleans()) else {}
    speaking = Part(draw(SHOWN), draw(SHOWN), (sentence(draw(SHOWN), **cited),))
    silent = Part(draw(SHOWN), draw(SHOWN))
    return document(
        speaking, silent, title=draw(SHOWN), notes=(draw(SHOWN),), build=draw(WILD), reports=reports
    )


def bare(text: str) -> str:
    """The text without space, and without what no file can hold: controls, surrogates, …"""
    kept = (c for c in text if unicodedata.category(c) not in ("Cc", "Cs") and not c.isspace())
    return re.sub(r"[\ufdd0-\ufdef\ufffe\uffff]", "", "".join(kept))


def texts(document: ExportDocument) -> Iterator[str]:
    """Every text that each form for reading shows."""
    yield document.title
    yield from document.notes
    for part in document.parts:
        yield from (part.heading, part.caption)
        for said in part.sentences:
            yield said.text
            for cited in said.citations:
                yield from (cited.publisher, cited.report_title, cited.paragraph_id)
                yield from cited.repairs if cited.status != "verified" else ()


def links(document: ExportDocument) -> list[str]:
    """What the references link to: the web addresses of the reports cited."""
    cited = (c for p in document.parts for s in p.sentences for c in s.citations)
    reports = (document.provenance.reports.get(c.report_id) for c in cited)
    return [found for r in reports if r and (found := web_address(r.url))]
