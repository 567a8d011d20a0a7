"""The commands on what is new: what they print, and their exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from reformqa import CallerError, cli
from reformqa.news.questions import read_saved
from support import paper_server as ps
from support.paper_server import Site, gives
from support.places import PROJECT


@pytest.fixture
def corpus(corpus: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A corpus that watches a feed of two papers, and the settings that allow it."""
    items = "".join(
        f"<item><title>{title}</title><link>{link}</link></item>"
        for title, link in (("Warm [bold]Ovens", "/warm.pdf"), ("Cold Boats", "/boats.pdf"))
    )
    site.has("/feed", gives(f"<rss version='2.0'><channel>{items}</channel></rss>".encode()))
    site.has("/boats.pdf", gives(ps.paper("Cold Boats")))
    (corpus / "catalogue.toml").write_text(
        f'[[watch]]\nurl = "{site.url}/feed"\npublisher = "Bakers"\n'
    )
    (corpus.parent / "reformqa.toml").write_text(
        f'[fetch]\npause = 0\ntries = 1\nprivate_hosts = ["{site.address}"]\n'
    )
    monkeypatch.chdir(corpus.parent)
    return corpus


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, [*arguments])


def test_what_is_new_is_listed_taken_and_dropped(corpus: Path):
    looked = run("watch")
    assert (looked.exit_code, looked.stderr) == (0, "")
    assert "Warm [bold]Ovens" in looked.stdout
    assert "feed of 2" in looked.stdout
    assert "Nothing new" in run("watch").stdout
    items = {i["title"]: i["id"] for i in json.loads(run("watch", "--inbox", "--json").stdout)}
    taken = run("watch", "--take", items["Cold Boats"])
    assert (taken.exit_code, taken.stdout.splitlines()[0]) == (
        0,
        "corpus/Cold Boats.pdf was added to the corpus.",
    )
    assert "was dropped" in run("watch", "--drop", items["Warm [bold]Ovens"]).stdout
    assert run("watch", "--inbox").stdout == "It is empty.\n"


def test_a_site_that_fails_sets_the_exit_status(corpus: Path, site: Site):
    site.has("/feed", ps.status(404))
    looked = run("watch")
    assert looked.exit_code == 1
    assert "returned status 404" in looked.stderr


def test_a_paper_that_is_not_taken_in_sets_the_exit_status(corpus: Path):
    with (corpus / "catalogue.toml").open("a") as file:
        file.write('into = "corpus"\n')
    looked = run("watch")
    assert looked.exit_code == 1
    assert "returned status 404" in looked.stdout
    assert (corpus / "Cold Boats.pdf").is_file()


def test_empty_states_say_what_to_do(corpus: Path):
    (corpus / "catalogue.toml").unlink()
    assert "Add a [[watch]] entry" in run("watch").stdout
    assert "saved-questions.toml" in run("questions").stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--take", "x", "--drop", "x"), "at a time"),
        (("--inbox", "--drop", "x"), "at a time"),
        (("--title", "Warm Ovens"), "goes with --take"),
        (("--take", "x"), "No paper in the inbox is called 'x'"),
    ],
)
def test_a_wrong_request_is_told(corpus: Path, options: tuple[str, ...], said: str):
    error = run("watch", *options).exception
    assert isinstance(error, CallerError)
    assert said in str(error)


def test_the_saved_questions_of_the_operators_page_are_valid(tmp_path: Path):
    page = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    block = page.partition("```toml\n[questions.")[2].partition("```")[0]
    file = tmp_path / "saved-questions.toml"
    file.write_text(f"[questions.{block}")
    assert read_saved(file)["pay"].since == 2020
