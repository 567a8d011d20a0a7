"""Reports that questions describe by what they are about, and whose they are."""

from __future__ import annotations

import pytest

from reformqa.search.query import Reader
from support.makers import report

SHELF = (
    report(
        id="canals",
        title="Sessional Paper No. 3 on National Canal Policy",
        publisher="Ministry of Waterways of Lakeland",
    ),
    report(
        id="ferries",
        title="Guidelines 04/2031 on the calculation of ferry fines",
        publisher="European Ferry Safety Board",
    ),
    report(
        id="pensions",
        title="The new decision: lock-keepers’ pension letters",
        publisher="Department for Harbours",
    ),
    report(id="reform", title="The Harbour Dividend: A Roadmap", publisher="Lamps"),
    report(id="balance", title="Weighing Harbours", publisher="Lamps"),
)
READER = Reader(SHELF)


@pytest.mark.parametrize(
    ("question", "reports", "topic"),
    [
        (
            "Do the ferry fining guidelines and Lakeland's canal policy make any allowance for"
            " small barges?",
            ("canals", "ferries"),
            "Do make any allowance for small barges?",
        ),
        (
            "Who pays: the EFSB guidelines, the Lakelander canal policy or the response on"
            " lock-keepers' pensions?",
            ("canals", "ferries", "pensions"),
            "Who pays?",
        ),
        ("What does the pensions response say about stamps?", ("pensions",), "stamps?"),
        ("According to the Lamps roadmap, who pays?", ("reform",), "who pays?"),
        ("Does the Lamps paper want tolls?", (), "Does want tolls?"),  # one of two
    ],
)
def test_a_described_report_is_a_source(question: str, reports: tuple[str, ...], topic: str):
    asked = READER.parse(question)
    assert asked.reports == reports
    assert asked.several == (len(reports) > 1)
    assert asked.topic == topic


@pytest.mark.parametrize(
    "question",
    [
        "What maximum length does the canal policy set for leases?",
        "Who wrote the new housing policy?",
        "Why was the ferry strategy late?",
        "What is in the harbour report?",  # of two publishers
        "Do the tram rule and the bread policy agree?",
    ],
)
def test_a_topic_is_no_source(question: str):
    asked = READER.parse(question)
    assert asked.reports == ()
    assert not asked.several
