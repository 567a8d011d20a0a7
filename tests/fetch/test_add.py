"""Adding one paper from a file or an address, and both fetching commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from reformqa import CorpusError, FetchError, FetchRefusedError, UploadError, cli
from reformqa.fetch import add
from reformqa.ingest.corpus import read_catalogue, read_corpus
from reformqa.settings import FetchSettings
from support.paper_server import Site, gives, html, leads_to, paper, status

PDF = paper("Warm Ovens")
TEXT = b"# Warm Ovens\n\nThe bakers of the harbour town light their ovens before dawn.\n"


@pytest.fixture(autouse=True)
def in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test in the folder that has the corpus."""
    monkeypatch.chdir(tmp_path)


def from_web(site: Site, corpus: Path, address: str, **values: Any) -> str:
    """Add the PDF at an address, and return the name of its file."""
    chosen = FetchSettings(pause=0, backoff=0.01, tries=2, private_hosts=(site.address,))
    added = add(address, corpus, settings=chosen, **values)
    assert (corpus / Path(added.file or "").name).read_bytes() == PDF
    return Path(added.file or "").name


@pytest.mark.parametrize(
    ("file", "more", "name"),
    [
        ("warm.md", {}, "warm.md"),
        ("Warm Ovens.PDF", {}, "Warm Ovens.pdf"),
        ("x.pdf", {"name": "ovens"}, "ovens.pdf"),
        ("x.pdf", {"name": "ovens.pdf"}, "ovens.pdf"),
        ("x.md", {"title": "Ovens: v1.2 / 2"}, "Ovens- v1.2 2.md"),
        ("x.md", {"name": "../../ovens", "title": "Other"}, "ovens.md"),
    ],
)
def test_a_file_is_copied_under_a_safe_name(
    corpus: Path, file: str, more: dict[str, str], name: str
):
    data = TEXT if file.endswith("md") else PDF
    (corpus.parent / file).write_bytes(data)
    added = add(file, corpus, **more)
    assert added.file == str(corpus / name)
    assert (corpus / name).read_bytes() == data
    assert [f.name for f in corpus.iterdir()] == [name]
    assert [s.report_id for s in read_corpus(corpus).sources] == [added.report_id]


@pytest.mark.parametrize(
    ("file", "data", "reason"),
    [
        ("w.pdf", TEXT, "is not a PDF"),
        ("w.md", PDF, "is a PDF under the name"),
        ("w.odt", TEXT, "Only"),
        ("readme.md", TEXT, "about the folder"),
    ],
)
def test_a_file_is_checked_as_an_upload_is(corpus: Path, file: str, data: bytes, reason: str):
    (corpus.parent / file).write_bytes(data)
    with pytest.raises(UploadError, match=reason):
        add(file, corpus)
    assert list(corpus.iterdir()) == []


def test_a_file_that_is_there_already_is_told(corpus: Path):
    (corpus.parent / "w.md").write_bytes(TEXT)
    add("w.md", corpus)
    with pytest.raises(UploadError, match="in the corpus already"):
        add("w.md", corpus)
    with pytest.raises(UploadError, match=r"in the corpus already: w\.md"):
        add("w.md", corpus, name="other")


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({}, "warm ovens.pdf"),
        ({"name": "ovens"}, "ovens.pdf"),
        ({"title": "Warm Ovens"}, "Warm Ovens.pdf"),
    ],
)
def test_a_pdf_at_an_address_comes_in_with_its_origin(
    corpus: Path, site: Site, more: dict[str, str], name: str
):
    address = site.has("/get?id=3", leads_to("/files/warm%20ovens.pdf"))
    site.has("/files/warm%20ovens.pdf", gives(PDF))
    assert from_web(site, corpus, address, **more) == name
    note = corpus / f"{Path(name).stem}.provenance.json"
    origin = json.loads(note.read_text(encoding="utf-8"))
    assert (origin["asked"], origin["file"]) == (address, name)
    assert (origin["title"], origin["licence"]) == (more.get("title"), None)


def test_a_page_leads_to_its_pdf(corpus: Path, site: Site):
    site.has("/files/", gives(PDF))
    page = site.has("/warm", html('<a href="/files/">Download</a>'))
    assert from_web(site, corpus, page) == "files.pdf"


def test_a_page_is_never_taken_for_the_paper(corpus: Path, site: Site):
    page = site.has("/ovens.html", html("<h1>Warm Ovens</h1><p>Ovens are lit before dawn.</p>"))
    with pytest.raises(FetchRefusedError, match="does not link to a PDF"):
        from_web(site, corpus, page)
    site.has("/files/", gives(PDF))
    page = site.has("/warm.html", html('<h1>Warm Ovens</h1><a href="/files/">Download</a>'))
    assert from_web(site, corpus, page, name="warm.html") == "warm.pdf"


def test_a_title_that_is_given_has_to_be_there(corpus: Path, site: Site):
    address = site.has("/w.pdf", gives(PDF))
    with pytest.raises(FetchRefusedError, match='another paper, "Warm Ovens'):
        from_web(site, corpus, address, title="Cold Boats")
    assert [f.name for f in corpus.iterdir() if f.name != ".fetch.lock"] == []


def test_what_is_there_is_not_asked_for(corpus: Path, site: Site):
    (corpus / "Ovens.md").write_bytes(TEXT)
    with pytest.raises(UploadError, match=r"Ovens\.md is in the corpus already"):
        from_web(site, corpus, site.has("/w.pdf", gives(PDF)), name="ovens")
    assert site.asked == []


def test_a_path_that_exists_wins_over_an_address(corpus: Path, site: Site):
    there = corpus.parent / "http:" / site.address
    there.mkdir(parents=True)
    (there / "w.md").write_bytes(TEXT)
    assert add(f"http://{site.address}/w.md", corpus).report_id == "w"
    assert site.asked == []


@pytest.mark.parametrize("given", ["none.pdf", "ftp://x.example/w.pdf", "", ".", "x" * 5000, "\0"])
def test_what_is_neither_is_told(corpus: Path, given: str):
    with pytest.raises(UploadError, match="neither a file on this machine nor an http"):
        add(given, corpus)


def test_a_fault_of_the_host_is_told(corpus: Path, site: Site):
    with pytest.raises(FetchError, match="status 404"):
        from_web(site, corpus, site.has("/w.pdf", status(404)))


def test_for_want_of_a_folder_nothing_is_added(corpus: Path):
    with pytest.raises(CorpusError, match="no corpus folder"):
        add("w.md", corpus / "none")


# On the command line


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, arguments)


def test_the_command_says_what_to_do_next(corpus: Path):
    (corpus.parent / "w.md").write_bytes(TEXT)
    done = run("add", "w.md", "--title", 'Warm "Ovens" [b]')
    assert done.exit_code == 0
    assert "reformqa rebuild" in done.stdout
    lines = done.stdout.splitlines()
    start = lines.index("    [reports.warm-ovens-b]")
    entry = "\n".join(lines[start : start + 3]).replace("…", "Bakers")
    (corpus / "catalogue.toml").write_text(entry, encoding="utf-8")
    found = read_catalogue(corpus / "catalogue.toml")["warm-ovens-b"]
    assert found.facts.title == 'Warm "Ovens" [b]'


def test_the_command_tells_where_a_paper_came_from(corpus: Path, site: Site):
    Path("reformqa.toml").write_text(f'[fetch]\npause = 0\nprivate_hosts = ["{site.address}"]\n')
    address = site.has("/w.pdf", gives(PDF))
    done = run("add", address)
    assert done.exit_code == 0
    assert f'    file = "{address}"' in done.stdout.splitlines()


def test_a_paper_that_the_catalogue_knows_needs_no_entry(corpus: Path):
    (corpus.parent / "w.md").write_bytes(TEXT)
    text = '[reports.w]\ntitle = "W"\npublisher = "P"\n'
    (corpus / "catalogue.toml").write_text(text, encoding="utf-8")
    assert "[reports" not in run("add", "w.md").stdout


def test_the_commands_take_settings_and_tell_by_status(corpus: Path, site: Site):
    good, bad = site.has("/w.pdf", gives(PDF)), f"{site.url}/none.pdf"
    entry = '[reports.{}]\ntitle = "Warm Ovens"\npublisher = "P"\nfile = "{}"\n'
    text = entry.format("good", good) + entry.format("bad", bad)
    (corpus / "catalogue.toml").write_text(text, encoding="utf-8")
    Path("own.toml").write_text(f'[fetch]\npause = 0\nprivate_hosts = ["{site.address}"]\n')
    planned = run("fetch", "--dry-run", "--json")
    assert planned.exit_code == 0
    assert [p["outcome"] for p in json.loads(planned.stdout)] == ["to fetch", "to fetch"]
    one = run("fetch", "--report", "good", "--settings", "own.toml", "--json")
    assert one.exit_code == 0
    (told,) = json.loads(one.stdout)
    assert told == {
        "report_id": "good",
        "outcome": "fetched",
        "file": "corpus/good.pdf",
        "address": good,
        "reason": None,
    }
    both = run("fetch", "--settings", "own.toml")
    assert both.exit_code == 1
    assert "there" in both.stdout
    assert "404" in both.stdout


def test_an_empty_catalogue_is_no_failure(corpus: Path):
    done = run("fetch")
    assert (done.exit_code, done.stdout) == (0, "The catalogue lists no papers.\n")
