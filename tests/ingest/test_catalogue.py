"""The catalogue is corrected in place: its comments stay, and nothing else changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from reformqa import CorpusError, cli
from reformqa.ingest.catalogue import correct, known
from reformqa.ingest.corpus import read_catalogue
from reformqa.ingest.toml_table import with_values
from reformqa.model import Guess, Metadata
from support.makers import report
from support.places import PROJECT

BOOK = """\
# What we know.

[reports.quays]   # the old one
title = "Quays"
authors = [        # both wrote it
    "Ada Byron",
    "Mary # Lamb",
]
publisher = 'Bakers'     # ask again in spring
published = "2030"

# The last.
[reports.tides]
title = "Tides"
publisher = "Bakers"
"""
FERRY = report(
    id="ferry",
    source="ferry.pdf",
    title="The Last Ferry",
    publisher="Skerry Trust",
    published="2031",
    guesses={
        "title": Guess("the cover", 0.8),
        "publisher": Guess("the copyright line", 0.8),
        "published": Guess("the file's date of creation", 0.2),
    },
)
QUAYS = report(id="quays", title="Quays", publisher="Bakers")


def test_a_value_is_replaced_and_every_comment_stays():
    changed = with_values(
        BOOK, ("reports", "quays"), {"publisher": "Guild", "authors": ["Joan Clarke"]}
    )
    before, after = BOOK.splitlines(), changed.splitlines()
    assert [line for line in after if line not in before] == [
        'authors = ["Joan Clarke"]',
        'publisher = "Guild"     # ask again in spring',
    ]
    assert after[-4:] == before[-4:]


def test_a_value_is_added_at_the_end_of_its_table_and_another_removed():
    changed = with_values(BOOK, ("reports", "quays"), {"series": "Harbours", "published": None})
    assert changed == BOOK.replace('published = "2030"\n', 'series = "Harbours"\n')


def test_a_new_table_is_put_at_the_end():
    changed = with_values(BOOK, ("reports", "été 1"), {"title": 'A "b" \\ c'})
    assert changed == f'{BOOK}\n[reports."été 1"]\ntitle = "A \\"b\\" \\\\ c"\n'
    assert with_values("", ("reports", "a"), {"title": "b"}) == '[reports.a]\ntitle = "b"\n'


@pytest.mark.parametrize(
    "book",
    [
        'reports.quays.title = "Quays"\n',
        'reports = {quays = {title = "Quays"}}\n',
        '[reports]\nquays = {title = "Quays"}\n',
    ],
)
def test_a_table_in_another_form_is_left_alone(book: str):
    with pytest.raises(ValueError, match=r"\[reports\.quays\]"):
        with_values(book, ("reports", "quays"), {"title": "Piers"})


def test_a_bracket_in_a_text_is_no_header_and_line_ends_stay():
    book = '[reports.a]\r\ntitle = """\r\n[reports.b]\r\n"""\r\n\r\n[reports.b]\r\ntitle = "x"\r\n'
    changed = with_values(book, ("reports", "b"), {"title": "y"})
    assert changed == book.replace('"x"', '"y"')


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(st.dictionaries(words, st.none() | words | st.lists(words, max_size=3), max_size=4), words)
def test_what_is_written_is_what_is_read(values: dict[str, str | list[str] | None], name: str):
    changed = with_values(BOOK, ("reports", name), values)
    kept = {k: v for k, v in values.items() if v is not None}
    before = tomllib.loads(BOOK)["reports"]
    before[name] = {k: v for k, v in {**before.get(name, {}), **values}.items() if v is not None}
    assert tomllib.loads(changed)["reports"] == before
    assert kept.items() <= tomllib.loads(changed)["reports"][name].items()


def test_a_new_entry_takes_over_the_guesses_that_nobody_corrects(tmp_path: Path):
    book = tmp_path / "catalogue.toml"
    taken = correct(book, FERRY, {"published": "14 March 2031"})
    assert taken == ("publisher", "title")
    assert book.read_text(encoding="utf-8") == (
        '[reports.ferry]\ntitle = "The Last Ferry"\npublisher = "Skerry Trust"\n'
        'published = "2031-03"\n'
    )
    now = known(FERRY, read_catalogue(book))
    assert now.facts == Metadata("The Last Ferry", None, (), "Skerry Trust", "2031-03")
    assert (now.catalogued, now.pending, now.guesses) == (True, True, {})


def test_an_entry_in_the_catalogue_keeps_what_is_not_corrected(tmp_path: Path):
    book = tmp_path / "catalogue.toml"
    book.write_text(BOOK, encoding="utf-8")
    assert correct(book, QUAYS, {"publisher": "Guild", "subtitle": ""}) == ()
    assert book.read_text(encoding="utf-8") == BOOK.replace("'Bakers'", '"Guild"')


@pytest.mark.parametrize(
    ("correction", "said"),
    [
        ({"published": "soon"}, "“soon” is no date"),
        ({"title": ""}, "reports.ferry.title"),
        ({"publisher": "—"}, "reports.ferry.publisher"),
    ],
)
def test_an_invalid_correction_changes_nothing(
    correction: dict[str, str], said: str, tmp_path: Path
):
    book = tmp_path / "catalogue.toml"
    book.write_text(BOOK, encoding="utf-8")
    with pytest.raises(CorpusError, match=said):
        correct(book, FERRY, correction)
    assert book.read_text(encoding="utf-8") == BOOK


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_catalogue_that_cannot_be_written_is_told(tmp_path: Path):
    tmp_path.chmod(0o500)
    with pytest.raises(CorpusError, match="cannot be written"):
        correct(tmp_path / "catalogue.toml", FERRY, {})


def test_a_broken_catalogue_is_told_and_left(tmp_path: Path):
    book = tmp_path / "catalogue.toml"
    book.write_text("[reports", encoding="utf-8")
    with pytest.raises(CorpusError, match="not valid TOML"):
        correct(book, FERRY, {})
    assert book.read_text(encoding="utf-8") == "[reports"


# On the command line

NOTE = """# On quays

© Skerry Trust 2031

## Boats

The ferry leaves the long quay at six in the morning, and comes back at dusk with baskets.
"""


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(cli.app, ["catalogue", *map(str, arguments)])
    assert result.exception is None
    return result.stdout


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "quay-notes.md").write_text(NOTE, encoding="utf-8")
    return tmp_path


def test_a_report_is_shown_with_the_source_of_each_fact(corpus: Path):
    text = run("quay-notes", "--corpus", corpus)
    assert "quay-notes.md, not in the catalogue" in text
    assert "Skerry Trust  (from the copyright line, likely)" in text
    (found,) = json.loads(run("quay-notes.md", "--corpus", corpus, "--json"))
    assert found["facts"]["publisher"] == "Skerry Trust"
    assert found["guesses"]["publisher"] == {"source": "the copyright line", "confidence": 0.8}


def test_a_report_is_corrected_and_the_rest_is_taken_over(corpus: Path):
    text = run(corpus / "quay-notes.md", "--corpus", corpus, "--date", "May 2031")
    assert "Taken over as guessed: publisher, title." in text
    assert "in the catalogue, used from the next rebuild" in text
    assert read_catalogue(corpus / "catalogue.toml")["quay-notes"].facts == Metadata(
        "On quays", None, (), "Skerry Trust", "2031-05"
    )


def test_guesses_are_accepted_as_they_are(corpus: Path):
    run("quay-notes", "--accept", "--corpus", corpus)
    entry = read_catalogue(corpus / "catalogue.toml")["quay-notes"]
    assert (entry.facts.publisher, entry.facts.published) == ("Skerry Trust", "2031")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--accept",), "Name the report to correct"),
        (("no-such-report",), "There is no file no-such-report"),
        (("quay-notes", "--date", "soon"), "“soon” is no date"),
    ],
)
def test_a_wrong_request_is_told(
    arguments: tuple[str, ...], said: str, corpus: Path, monkeypatch, capsys
):
    monkeypatch.setattr(sys, "argv", ["reformqa", "catalogue", *arguments, "--corpus", str(corpus)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code
    assert said in " ".join(capsys.readouterr().err.split())


CORRECTION = """
import subprocess
import sys
from pathlib import Path
from reformqa.ingest.catalogue import correct
from support.makers import report
for n in range(8):
    name = f"{sys.argv[2]}-{n}"
    facts = {"title": name, "publisher": "Bakers", "series": name}
    correct(Path(sys.argv[1]), report(id=name, title=name), facts)
"""


def test_of_several_processes_none_undoes_the_corrections_of_another(tmp_path: Path):
    file = tmp_path / "catalogue.toml"
    file.write_text(BOOK, encoding="utf-8")
    names = ("ferry", "pier", "lock")
    command = [sys.executable, "-c", CORRECTION, str(file)]
    with_tests = os.pathsep.join(filter(None, (str(PROJECT / "tests"), os.getenv("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": with_tests}
    started = [subprocess.Popen([*command, name], env=environment) for name in names]
    assert [process.wait() for process in started] == [0, 0, 0]
    found = read_catalogue(file)
    wanted = {f"{name}-{n}" for name in names for n in range(8)}
    assert {e.facts.series for e in found.values()} - {None} == wanted
    assert {"quays", "tides"} <= set(found)
