"""A publisher puts out a paper: the night takes it in, and a saved question says what changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import feedparser
import pytest
from typer.testing import CliRunner

from reformqa import CorpusError, Library, UnwritableIndexError, cli, rollback
from reformqa.news import questions as saved
from reformqa.news.arrivals import arrivals, new_since
from reformqa.news.atom import to_atom
from support import paper_server as ps
from support import pdfs
from support.models import export_into
from support.nights import make_corpus
from support.paper_server import Site, gives

TITLE = "Cold Ovens for All"
NEWS = "Towns should lend their cold ovens to apprentices, free of charge, on every Monday morning."
QUESTION = "To whom should towns lend their cold ovens?"
APP = "https://app.example/reports"


def paper() -> bytes:
    """The publisher's PDF: a title, two paragraphs, and a recommendation."""
    lines = (
        pdfs.text(TITLE, 50, 80, 24, "F2"),
        pdfs.text("Apprentices and ovens", 50, 130, 16, "F2"),
        pdfs.set_lines(pdfs.wrapped(NEWS, 400), 160),
        pdfs.set_lines(pdfs.wrapped(pdfs.MILL, 400), 220),
        pdfs.text("Recommendations", 50, 280, 16, "F2"),
        pdfs.set_lines(
            pdfs.wrapped("Recommendation 1: Every guild should count its ovens <yearly>.", 400), 310
        ),
    )
    return pdfs.pdf("\n".join(lines))


@dataclass
class Night:
    """A corpus and its index before and after a night, and what the commands printed."""

    corpus: Path
    index: Path
    first: str
    watched: Any
    told: dict[str, Any]


def command(*arguments: str | Path) -> str:
    result = CliRunner().invoke(cli.app, [*map(str, arguments)])
    assert result.exception is None, result.output
    return result.stdout


def ask(corpus: Path, index: Path, *more: str) -> dict[str, Any]:
    """Run the command on the saved questions; its answers by name."""
    printed = command("questions", "--corpus", corpus, "--index", index, "--json", *more)
    return {answer["name"]: answer for answer in json.loads(printed)}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with ps.serving() as site:
        yield site


@pytest.fixture(scope="module")
def night(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Night:
    folder = tmp_path_factory.mktemp("night")
    corpus, index = make_corpus(folder / "corpus"), export_into(folder / "index")
    settings = folder / "reformqa.toml"
    settings.write_text(f'[fetch]\npause = 0\nprivate_hosts = ["{site.address}"]\n')
    site.has(
        "/feed",
        gives(
            f"<rss version='2.0'><channel><item><title>{TITLE}</title><link>/papers/cold</link>"
            "<pubDate>Mon, 30 Nov 2026 09:00:00 GMT</pubDate></item></channel></rss>".encode()
        ),
    )
    site.has("/papers/cold", ps.html('<a href="/files/cold-ovens.pdf">Download the report</a>'))
    site.has("/files/cold-ovens.pdf", gives(paper()))
    with (corpus / "catalogue.toml").open("a") as file:
        file.write(f'[[watch]]\nurl = "{site.url}/feed"\npublisher = "Bakers"\ninto = "corpus"\n')
    (corpus / "saved-questions.toml").write_text(
        f'[questions.ovens]\nquestion = "{QUESTION}"\n'
        '[questions.trams]\nquestion = "How often should a tram come?"\n'
        '[questions.frogs]\nquestion = "How often?"\npublisher = ["Frogs"]\n'
    )
    chosen = ("--corpus", corpus, "--index", index, "--settings", settings)
    command("rebuild", *chosen)
    first = Library.open(index).build.id
    CliRunner().invoke(cli.app, ["questions", *map(str, chosen)])
    watched = json.loads(command("watch", "--corpus", corpus, "--settings", settings, "--json"))
    command("rebuild", *chosen)
    frogs = CliRunner().invoke(cli.app, ["questions", *map(str, chosen), "--json"])
    assert frogs.exit_code == 1  # of the publisher that the library does not have
    told = {answer["name"]: answer for answer in json.loads(frogs.stdout)}
    return Night(corpus, index, first, watched, told)


def test_the_night_takes_the_paper_in(night: Night):
    ((item,),) = [site["new"] for site in night.watched]
    assert (item["state"], item["title"]) == ("taken", TITLE)
    build = Library.open(night.index).build
    assert build.changes.added == ("cold-ovens-for-all",)
    assert not any("json" in skipped.file or "toml" in skipped.file for skipped in build.skipped)


def test_a_saved_question_says_what_the_paper_changed(night: Night):
    told = night.told["ovens"]
    assert told["state"] in ("changed", "answered")
    assert told["before"] == night.first
    assert NEWS in [quote["quote"] for quote in told["added"]]
    assert all(quote["report_id"] == "cold-ovens-for-all" for quote in told["added"])
    assert TITLE in told["added"][0]["citation"]


def test_an_answer_that_the_paper_does_not_touch_is_the_same(night: Night):
    assert (night.told["trams"]["state"], night.told["trams"]["added"]) == ("same", [])


def test_a_question_that_cannot_be_asked_stops_no_other(night: Night):
    assert night.told["frogs"]["state"] == "failed"
    assert "No publisher is called 'Frogs'" in night.told["frogs"]["reason"]


def test_asked_again_of_the_same_build_it_says_the_same(night: Night, tmp_path: Path):
    record = (night.index / "saved-questions.json").read_bytes()
    text = (night.corpus / "saved-questions.toml").read_text().partition("[questions.frogs]")[0]
    (tmp_path / "two.toml").write_text(text)
    index = tmp_path / "index"
    shutil.copytree(night.index, index)
    again = ask(night.corpus, index, "--questions", str(tmp_path / "two.toml"))
    assert again == {name: night.told[name] for name in ("ovens", "trams")}
    assert (night.index / "saved-questions.json").read_bytes() == record


def test_quotes_are_compared_by_report_and_letters(night: Night, tmp_path: Path):
    library = Library.open(night.index)
    asked = {"ovens": saved.SavedQuestion(question=QUESTION)}
    (first,) = saved.ask_saved(tmp_path, library, asked)
    assert (first.state, first.before) == ("new", None)

    record = tmp_path / "saved-questions.json"
    kept = json.loads(record.read_bytes())
    kept[0]["build"] = "earlier"

    def after(quotes: list[dict[str, str]]) -> saved.SavedAnswer:
        """Let an earlier build have quoted these, and ask again."""
        record.write_text(json.dumps([{**kept[0], "quotes": quotes}]))
        return saved.ask_saved(tmp_path, library, asked)[0]

    quotes = kept[0]["quotes"]
    edited = [{**q, "paragraph_id": "moved", "quote": f"“{q['quote'].upper()}”"} for q in quotes]
    other = [{**quotes[0], "report_id": "another"}]
    assert after(quotes).state == after(edited).state == "same"
    assert after([]).state == "answered"
    changed = after([*quotes[1:], *other])
    assert changed.state == "changed"
    assert [q.paragraph_id for q in changed.added] == [quotes[0]["paragraph_id"]]
    assert [q.report_id for q in changed.gone] == ["another"]


def test_what_is_new_is_counted_from_a_build_that_is_named(night: Night):
    library = Library.open(night.index)
    (new,) = new_since(night.index, library) or ()
    assert (new.report.id, new.build) == ("cold-ovens-for-all", library.build.id)
    assert new_since(night.index, library, night.first) == (new,)
    assert new_since(night.index, library, library.build.id) == ()
    assert len(new_since(night.index, library, "20200101-000000-000000") or ()) == 3
    for unknown in ("", "../../etc", "99990101-000000-000000"):
        assert new_since(night.index, library, unknown) is None


def test_what_was_rolled_back_has_not_arrived(night: Night, tmp_path: Path):
    index = tmp_path / "index"
    shutil.copytree(night.index, index)
    rollback(index)
    library = Library.open(index)
    assert {(a.report.id, a.build) for a in arrivals(index, library)} == {
        ("bread", night.first),
        ("trams", night.first),
    }
    assert new_since(index, library) is None


def test_the_atom_feed_is_read_and_links_to_the_report_and_its_recommendations(night: Night):
    library = Library.open(night.index)
    whole = to_atom(library, arrivals(night.index, library), APP)
    read = feedparser.parse(whole.decode())
    assert (read.bozo, read.version) == (False, "atom10")
    assert read.feed.updated == library.build.made
    first, *others = read.entries
    assert first.title.endswith(f": {TITLE}")
    assert first.link == f"{APP}/library?report=cold-ovens-for-all"
    assert {e.link.rpartition("=")[2] for e in others} == {"trams", "bread"}
    assert all(e.id.startswith("urn:uuid:") and e.updated and e.authors for e in read.entries)
    assert len({e.id for e in read.entries}) == 3
    (recommended,) = library.recommendations(report="cold-ovens-for-all")
    assert (
        f"{APP}/?cite={recommended.stated}&amp;build={library.build.id}" in first.content[0].value
    )
    assert "&lt;yearly&gt;" in first.content[0].value
    assert to_atom(library, arrivals(night.index, library), APP) == whole


def test_the_feed_is_written_by_the_command(night: Night, tmp_path: Path):
    printed = command("feed", "--index", night.index)
    command("feed", "--index", night.index, "--save", tmp_path / "feed.xml")
    assert (tmp_path / "feed.xml").read_text(encoding="utf-8") == printed
    assert len(feedparser.parse(printed).entries) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[questions.pay", "not valid TOML"),
        ('[questions.pay]\nquestion = ""', "questions.pay.question"),
        ('[questions.pay]\nquestion = "Pay?"\ncolour = "red"', "questions.pay.colour"),
        ("[" * 5_000, "not valid TOML"),
    ],
)
def test_a_file_of_questions_that_is_damaged_is_named(tmp_path: Path, text: str, said: str):
    file = tmp_path / "saved-questions.toml"
    file.write_text(text)
    with pytest.raises(CorpusError, match=said):
        saved.read_saved(file)


def test_a_record_that_is_damaged_is_made_again(night: Night, tmp_path: Path):
    (tmp_path / "saved-questions.json").write_text("[" * 100_000)
    asked = {"ovens": saved.SavedQuestion(question=QUESTION)}
    (answer,) = saved.ask_saved(tmp_path, Library.open(night.index), asked)
    assert answer.state == "new"
    assert saved.last_answers(tmp_path) == (answer,)


def test_a_record_that_cannot_be_written_is_an_error(night: Night, tmp_path: Path):
    asked = {"ovens": saved.SavedQuestion(question=QUESTION)}
    with pytest.raises(UnwritableIndexError, match="cannot be written"):
        saved.ask_saved(tmp_path / "absent", Library.open(night.index), asked)
