"""The record of a run, while it goes on and however it ends, and its page."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from reformqa import CorpusError
from reformqa.errors import GateError
from reformqa.model import Build, Changes, FileProblem
from reformqa.pipeline.rebuild import STEPS
from reformqa.pipeline.runs import (
    KEPT,
    Run,
    headline,
    last_run,
    recorded,
    to_html,
    to_markdown,
)
from support.nights import GARBAGE, make_corpus, night

HOSTILE = (
    "<script>alert(1)</script>.pdf",
    '"><img src=x onerror=alert(1)>.txt',
    "[click](javascript:alert(1)).md",
    "`code` **bold** _em_ # head | cell $title ${state} &lt;",
    "\u202egnp.exe",
    "a\n# heading\n\n<b>bold</b>",
)
BUILD = Build("20260102-030405-00ff00", "2026-01-02T03:04:05+00:00", "<i>model</i>", 2, 5, 4, 1)


def ignored(stage: str, done: int, total: int) -> None:
    """Ignore progress."""


def hostile_run(state: str = "built") -> Run:
    problems = tuple(FileProblem(name, name, kept=True) for name in HOSTILE)
    changes = Changes("b", HOSTILE, HOSTILE, HOSTILE, HOSTILE, ((HOSTILE[0], HOSTILE[1]),), "<b>x")
    return Run(
        "2026-01-02T03:04:05+00:00",
        "failed" if state == "failed" else "built",
        build=BUILD,
        changes=changes,
        problems=problems,
        skipped=problems,
        notes=HOSTILE,
        error=" ".join(HOSTILE) if state == "failed" else None,
        seconds={"listing": 1.25},
    )


def test_a_run_is_on_record_while_it_goes_on(tmp_path: Path):
    told = []
    with recorded(tmp_path, lambda *step: told.append(step)) as run:
        assert last_run(tmp_path) is None
        for step in ("listing", "reading"):
            run.begin(step)
            found = last_run(tmp_path)
            assert found is not None
            assert (found.state, found.step, found.ended) == ("running", step, None)
            assert headline(found) == f"Running: {step}."
        run.progress("reading", 1, 2)
        assert not (tmp_path / "reports").exists()
    assert told == [("listing", 0, 0), ("reading", 0, 0), ("reading", 1, 2)]


def test_a_rebuild_is_on_record_at_each_of_its_steps(tmp_path: Path):
    corpus, index = make_corpus(tmp_path / "corpus"), tmp_path / "index"
    seen = []

    def look(stage: str, done: int, total: int) -> None:
        run = last_run(index)
        assert run is not None
        assert (run.state, run.step) == ("running", stage)
        seen.append(stage)

    (corpus / "torn.txt").write_bytes(GARBAGE)
    outcome = night(corpus, index, progress=look)
    assert tuple(dict.fromkeys(seen)) == STEPS
    run = last_run(index)
    assert run is not None
    assert (run.state, run.build, run.changes) == ("built", outcome.build, outcome.build.changes)
    assert (run.problems, run.encoded) == (outcome.build.problems, outcome.encoded)
    assert tuple(run.seconds) == STEPS
    assert run.encoded > 0
    assert run.ended is not None
    assert run.started <= run.ended
    page = (index / "report.md").read_text(encoding="utf-8")
    assert "torn" in page
    assert "2 added" in page


def test_a_rebuild_without_a_change_is_on_record(tmp_path: Path):
    corpus, index = make_corpus(tmp_path / "corpus"), tmp_path / "index"
    (corpus / "torn.txt").write_bytes(GARBAGE)
    build = night(corpus, index).build
    night(corpus, index)
    run = last_run(index)
    assert run is not None
    assert (run.state, run.build, run.problems) == ("unchanged", build, build.problems)
    assert headline(run) == "Nothing had changed."
    assert "torn" in (index / "report.html").read_text(encoding="utf-8")


def test_a_rebuild_that_fails_is_on_record(tmp_path: Path):
    corpus, index = make_corpus(tmp_path / "corpus"), tmp_path / "index"
    build = night(corpus, index).build
    corpus.rename(tmp_path / "elsewhere")
    with pytest.raises(CorpusError):
        night(corpus, index)
    run = last_run(index)
    assert run is not None
    assert (run.state, run.step) == ("failed", "listing")
    assert "There is no corpus folder" in str(run.error)
    assert headline(run).startswith("Failed while listing: There is no corpus folder")
    assert build.id == (index / "current").read_text()


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_a_run_that_is_stopped_is_on_record(tmp_path: Path, stop: type[BaseException]):
    with pytest.raises(stop), recorded(tmp_path, ignored) as run:  # noqa: PT012
        run.begin("encoding")
        raise stop
    found = last_run(tmp_path)
    assert found is not None
    assert (found.state, found.step, found.error) == ("failed", "encoding", "it was stopped")


def test_an_error_is_the_one_told_though_the_record_cannot_be_written(tmp_path: Path):
    with pytest.raises(GateError, match="not whole"), recorded(tmp_path, ignored):  # noqa: PT012
        (tmp_path / "report.json").mkdir()
        raise GateError("not whole")


def test_an_error_without_words_is_told_by_its_kind(tmp_path: Path):
    with pytest.raises(ValueError), recorded(tmp_path, ignored):
        raise ValueError
    found = last_run(tmp_path)
    assert found is not None
    assert found.error == "ValueError()"


def test_earlier_records_are_kept_up_to_a_number(tmp_path: Path):
    earlier = tmp_path / "reports"
    earlier.mkdir()
    names = [f"20200101T0000{n:02}.json" for n in range(KEPT)]
    for name in names:
        (earlier / name).write_text("{}")
    with recorded(tmp_path, ignored) as run:
        run.begin("listing")
    kept = sorted(p.name for p in earlier.iterdir())
    assert len(kept) == KEPT
    assert kept[:-1] == names[1:]
    assert (earlier / kept[-1]).read_bytes() == (tmp_path / "report.json").read_bytes()


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"\xff", b'{"started": "x", "state": "sunny"}', b'{"state": 1}']
)
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, data: bytes):
    assert last_run(tmp_path) is None
    (tmp_path / "report.json").write_bytes(data)
    assert last_run(tmp_path) is None


def test_a_record_is_read_back_as_it_was_written(tmp_path: Path):
    with recorded(tmp_path, ignored) as run:
        run.note(problems=hostile_run().problems, changes=hostile_run().changes, build=BUILD)
    assert last_run(tmp_path) == run.run


class Tags(HTMLParser):
    """The tags and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}

    def handle_data(self, data: str) -> None:
        self.text += data


OWN = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "section"}


@pytest.mark.parametrize("state", ["built", "failed"])
def test_no_markup_of_names_and_reasons_gets_into_the_page(state: str):
    page = Tags(to_html(hostile_run(state)))
    assert page.tags <= OWN | {"ul", "li"}
    assert page.attributes <= {"lang", "charset", "name", "content", "http-equiv", "class", "dir"}
    for name in HOSTILE:
        assert name in page.text


@pytest.mark.parametrize("state", ["built", "failed"])
def test_no_markup_of_names_and_reasons_gets_into_the_markdown(state: str):
    page = Tags(MarkdownIt("commonmark").render(to_markdown(hostile_run(state))))
    assert page.tags <= {"h1", "h2", "ul", "li", "p", "br"}
    shown = " ".join(page.text.split())
    for name in HOSTILE:
        assert " ".join(name.split()) in shown


def test_the_page_has_a_heading_for_each_thing_on_record():
    page = to_markdown(hostile_run())
    headings = [line[3:] for line in page.splitlines() if line.startswith("## ")]
    assert headings == [
        *("Needs attention", "Notes", "Added", "Changed", "Corrected in the catalogue", "Moved"),
        *("Removed", "Rebuilt because", "Library", "Not included", "Time"),
    ]
    kept = Run("x", "built", problems=(FileProblem("torn.pdf", "is broken.", kept=True),))
    assert "torn.pdf: is broken. (The previous version is kept.)" in to_html(kept)


def test_the_headline_counts_what_is_other():
    changes = Changes("b", ("a", "b"), (), ("c",), (), (("d", "e"),))
    run = Run("2026-01-02T03:04:05+00:00", "built", changes=changes)
    assert headline(run) == "A new build is served: 2 added, 1 moved, 1 removed."
    forced = Run("x", "built", changes=Changes("b", reason="asked for"))
    assert headline(forced) == "A new build is served: asked for."
    assert "Rebuild of x" in to_markdown(forced)


def test_a_record_is_plain_json(tmp_path: Path):
    with recorded(tmp_path, ignored) as run:
        run.begin("listing")
    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert (told["state"], told["step"]) == ("unchanged", "listing")
    assert told["seconds"]["listing"] >= 0
