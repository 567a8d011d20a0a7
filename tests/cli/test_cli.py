"""The command line: exit status, JSON, and report text printed unchanged."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from reformqa import Sentence, cli, rebuild
from reformqa.cli import progress
from reformqa.storage.files.store import FilesStore
from reformqa.tuning import load_tuning
from support.llm_server import proposes, serving
from support.makers import newest_segment
from support.models import DEFAULT, export_into, small, small_export_into
from support.nights import night

COMMAND = Path(sys.executable).parent / "reformqa"
FABIAN = "note-on-going-public"
MARKED = """# Bread [bold]in[/bold] Towns

## Ovens [red]

The [red]bakers[/red] of the [/] harbour town light [link=x] ovens well before the first tram.

## Recommendations [x]

- The [blue]town[/blue] should lend its cold ovens to anybody who wants to learn the trade.
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch) -> None:
    """Run in an empty folder, without a settings file or an index."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def marked(tmp_path_factory) -> Path:
    """Return the index of a report with square brackets in its text."""
    folder = tmp_path_factory.mktemp("marked")
    (folder / "corpus").mkdir()
    (folder / "corpus" / "bread.md").write_text(MARKED, encoding="utf-8")
    (folder / "corpus" / "catalogue.toml").write_text(
        '[reports.bread]\ntitle = "Bread [i]"\npublisher = "Bakers"\n', encoding="utf-8"
    )
    rebuild(folder / "corpus", export_into(folder / "index"))
    return folder / "index"


@pytest.fixture
def with_small_model(tmp_path: Path) -> None:
    """Settings that name the small model, and its export where a rebuild looks for it."""
    text = f'[encoder]\nmodel = "{small()}"\n[search]\nlate_weight = 0\nembedding_weight = 0\n'
    (tmp_path / "reformqa.toml").write_text(text, encoding="utf-8")
    small_export_into(tmp_path / "index")


def process(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [str(COMMAND), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(cli.app, [*map(str, arguments)])
    assert result.exception is None
    return result.stdout


def read(*arguments: str | Path) -> Any:
    return json.loads(run(*arguments, "--json"))


def refused(monkeypatch, capsys, *arguments: str | Path) -> tuple[int | None, str]:
    """Return the exit status and the error stream, and check that the other is empty."""
    monkeypatch.setattr(sys, "argv", ["reformqa", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    captured = capsys.readouterr()
    assert captured.out == ""
    return ended.value.code, captured.err


def test_an_answer_is_printed_by_the_installed_command(notes_index: Path):
    done = process("ask", "What is wrong with targets?", "--index", notes_index)
    assert (done.returncode, done.stderr) == (0, "")
    assert "[1] " in done.stdout


def test_the_version_is_that_of_the_installed_package():
    assert run("--version") == f"reformqa {version('reformqa')}\n"


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("ask", ""), 2, "Error: The question is empty."),
        (("search", "pay", "--publisher", "Demo"), 2, "Did you mean Demos?"),
        (("ask", "pay", "--colour", "red"), 2, "No such option: --colour"),
    ],
)
def test_a_wrong_request_is_told_without_a_traceback(
    notes_index: Path, arguments: tuple[str, ...], status: int, said: str
):
    done = process(*arguments, "--index", notes_index)
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_index_is_told_without_a_traceback(tmp_path: Path):
    done = process("status", "--index", tmp_path / "absent")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: There is no index in ")
    assert "Traceback" not in done.stderr


def test_a_damaged_index_is_told_without_a_traceback(tmp_path: Path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "bread.md").write_text(MARKED, encoding="utf-8")
    build = night(corpus, tmp_path / "index").build
    torn = newest_segment(tmp_path / "index" / "builds" / build.id) / "dense.vectors.f32"
    torn.write_bytes(b"torn")
    done = process("search", "ovens", "--index", tmp_path / "index")
    assert (done.returncode, done.stdout) == (1, "")
    assert "dense.vectors.f32 is missing or cut short" in done.stderr
    assert "reformqa rebuild --force" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("search", "   "), "The question is empty"),
        (("search", "x" * 100_000), "has 100,000 characters"),
        (("search", "pay", "--limit", "0"), "The limit is 0"),
        (("search", "pay", "--limit", "many"), "Invalid value for '--limit'"),
        (("search", "pay", "--since", "2024", "--until", "2014"), "run backwards"),
        (("search", "pay", "--section", "sumary"), "Did you mean summary?"),
        (("ask", "pay", "--report", "note-on-going-publik"), f"Did you mean {FABIAN}"),
        (("compare", "?"), "The question is empty"),
        (("recommendations", "--publisher", "Demo"), "Did you mean Demos?"),
        (("recommendations", "--about", ""), "The question is empty"),
        (("show", "nothing-like-it"), "No paragraph is called 'nothing-like-it'"),
        (("evaluate", "absent.jsonl"), "There is no file absent.jsonl"),
        (("ask", "pay", "--settings", "absent.toml"), "There is no settings file"),
    ],
)
def test_a_wrong_request_has_status_2_and_says_why(
    notes_index: Path, monkeypatch, capsys, arguments: tuple[str, ...], said: str
):
    status, text = refused(monkeypatch, capsys, *arguments, "--index", notes_index)
    assert status == 2
    assert said in text


@pytest.mark.parametrize("verb", ["search", "ask", "compare", "show", "evaluate"])
def test_a_verb_without_its_argument_has_status_2(monkeypatch, capsys, verb: str):
    status, text = refused(monkeypatch, capsys, verb)
    assert status == 2
    assert "Missing argument" in text


def test_a_rebuild_of_a_missing_corpus_has_status_2(monkeypatch, capsys):
    status, text = refused(monkeypatch, capsys, "rebuild", "--corpus", "absent")
    assert (status, text) == (
        2,
        "Error: There is no corpus folder absent. Make it and put reports in, or name another"
        " with --corpus.\n",
    )


def test_a_settings_file_with_an_unknown_key_has_status_2(
    notes_index: Path, tmp_path: Path, monkeypatch, capsys
):
    (tmp_path / "reformqa.toml").write_text("[answer]\nsentence = 1\n", encoding="utf-8")
    status, text = refused(monkeypatch, capsys, "ask", "pay", "--index", notes_index)
    assert status == 2
    assert "answer.sentence" in text


@pytest.mark.usefixtures("with_small_model")
def test_rebuild_as_json_tells_the_build_and_whether_it_is_new(tmp_path: Path):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "bread.md").write_text(MARKED, encoding="utf-8")
    (tmp_path / "corpus" / "torn.pdf").write_bytes(b"torn")
    first, second = read("rebuild"), read("rebuild")
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["build"] == second["build"]
    assert first["build"]["id"] == FilesStore(tmp_path / "index").version.id
    assert [p["file"] for p in first["build"]["problems"]] == ["torn.pdf"]
    assert read("rebuild", "--force")["changed"] is True


def test_search_as_json_gives_the_hits_that_the_library_gives(library, notes_index: Path):
    found = read("search", "targets", "--limit", "3", "--until", "2014", "--index", notes_index)
    hits = library.search("targets", limit=3, published=(0, 2014))
    assert [(h["paragraph"]["id"], h["score"]) for h in found] == [
        (h.paragraph.id, h.score) for h in hits
    ]
    assert {h["paragraph"]["report_id"] for h in found} == {FABIAN}
    assert list(found[0]) == [
        "paragraph",
        "passage",
        "score",
        "similarity",
        "legs",
        "publisher",
        "report_title",
        "year",
        "terms",
        "also",
    ]


def test_search_as_json_tells_each_leg_the_words_and_the_copies(library, notes_index: Path):
    question = "What is Recommendation 7 about 30%?"
    found = read("search", question, "--index", notes_index)
    hits = library.search(question)
    assert list(found[0]["legs"]) == ["late", "rare", "embedding", "bm25", "amounts", "label"]
    assert [h["legs"] for h in found] == [
        {n: {"rank": leg.rank, "score": leg.score} for n, leg in h.legs.items()} for h in hits
    ]
    assert [h["terms"] for h in found] == [list(h.terms) for h in hits]
    assert [[p["id"] for p in h["also"]] for h in found] == [[p.id for p in h.also] for h in hits]


def test_search_explains_each_hit_where_it_is_asked_to(library, notes_index: Path):
    plain = run("search", "targets and pay", "--limit", "2", "--index", notes_index)
    text = run("search", "targets and pay", "--limit", "2", "--explain", "--index", notes_index)
    hits = library.search("targets and pay", limit=2)
    lines = [line.split() for line in text.splitlines()]
    for rank, hit in enumerate(hits, start=1):
        for name, leg in hit.legs.items():
            assert [name, str(leg.rank), f"{leg.score:.3f}"] in lines
        assert ["all", str(rank), f"{hit.score:.3f}"] in lines
        assert f"shared words: {', '.join(hit.terms) or 'none'}\n" in text
    assert "shared words" not in plain
    assert "embedding" not in plain


@pytest.mark.usefixtures("with_small_model")
def test_search_names_the_other_paragraphs_that_state_the_same(tmp_path: Path):
    (tmp_path / "corpus").mkdir()
    for name, more in (("one.md", ""), ("two.md", "\n\nAn afterword that only one has.\n")):
        (tmp_path / "corpus" / name).write_text(MARKED + more, encoding="utf-8")
    run("rebuild")
    text = run("search", "Who lights ovens before the first tram?", "--limit", "1")
    hit = read("search", "Who lights ovens before the first tram?", "--limit", "1")[0]
    assert f"\n{hit['paragraph']['id']}; also stated in {hit['also'][0]['id']}\n" in text


def test_search_takes_a_filter_more_than_once(notes_index: Path):
    options = ("--publisher", "IPPR", "--publisher", "Demos", "--section", "summary")
    found = read("search", "public services", *options, "--index", notes_index)
    assert {h["publisher"] for h in found} == {"IPPR", "Demos"}
    assert {h["paragraph"]["section_kind"] for h in found} == {"summary"}


def test_search_for_recommendations_finds_only_those(notes_index: Path):
    found = read("search", "pay", "--recommendations-only", "--index", notes_index)
    assert [h["passage"]["recommends"] for h in found] == [True] * 10


def test_ask_as_json_gives_the_answer_that_the_library_gives(library, notes_index: Path):
    question = "What does the Fabian Society say about setting central targets?"
    found, answer = read("ask", question, "--index", notes_index), library.ask(question)
    assert found["question"] == question
    assert (found["abstained"], found["reason"]) == (False, None)
    assert [s["text"] for s in found["sentences"]] == [s.text for s in answer.sentences]
    citation = found["sentences"][0]["citations"][0]
    assert (citation["status"], citation["publisher"]) == ("verified", "Fabian Society")
    assert citation["quote"] == found["sentences"][0]["text"]
    assert (found["confidence"], found["note"], found["comparison"]) == (
        answer.confidence,
        answer.note,
        None,
    )
    assert found["provenance"]["build"] == library.build.id


def test_ask_as_json_tells_why_there_is_no_answer(notes_index: Path):
    found = read("ask", "How is sourdough bread baked?", "--index", notes_index)
    assert (found["abstained"], found["sentences"]) == (True, [])
    assert "“sourdough”" in found["reason"]
    assert len(found["nearest"]) == 3


def test_compare_as_json_has_a_row_for_each_publisher(notes_index: Path):
    found = read("compare", "Teesworks", "--index", notes_index)
    assert found["question"] == "Teesworks"
    assert [(r["publisher"], r["status"]) for r in found["rows"]] == [
        ("Demos", "speaks"),
        ("Fabian Society", "silent"),
        ("IPPR", "silent"),
    ]
    assert all(r["searched"] > 0 for r in found["rows"])


def test_recommendations_as_json_are_those_of_the_report(library, notes_index: Path):
    found = read("recommendations", "--report", FABIAN, "--index", notes_index)
    expected = library.recommendations(report=FABIAN)
    assert [(r["id"], r["label"], r["text"], r["stated"]) for r in found] == [
        (r.id, r.label, r.text, r.stated) for r in expected
    ]


def test_show_as_json_gives_a_paragraph_between_its_neighbours(library, notes_index: Path):
    paragraphs = library.report(FABIAN).paragraphs
    found = read("show", paragraphs[5].id, "--before", "2", "--index", notes_index)
    assert [p["text"] for p in found] == [p.text for p in paragraphs[3:7]]


def test_show_as_json_gives_a_report_whole(library, notes_index: Path):
    found = read("show", FABIAN, "--index", notes_index)
    report = library.report(FABIAN)
    assert (found["id"], found["title"], found["published"]) == (FABIAN, report.title, "2014-11")
    assert [p["id"] for p in found["paragraphs"]] == [p.id for p in report.paragraphs]
    assert [s["title"] for s in found["sections"]] == [s.title for s in report.sections]


def test_status_as_json_tells_the_build_and_the_reports(library, notes_index: Path):
    found = read("status", "--index", notes_index)
    assert (found["build"]["id"], found["build"]["passages"]) == (
        library.build.id,
        library.build.passages,
    )
    assert [r["id"] for r in found["reports"]] == [r.id for r in library.reports]


def test_evaluate_as_json_gives_scores_and_misses(notes_index: Path, tmp_path: Path):
    facts = [{"any_of": ["The report's six maxims"]}, {"any_of": ["nowhere printed"]}]
    line = {"id": "q1", "question": "What six maxims guide public character?", "evidence": facts}
    (tmp_path / "q.jsonl").write_text(json.dumps(line), encoding="utf-8")
    found = read("evaluate", tmp_path / "q.jsonl", "--index", notes_index)
    assert (found["overall"]["questions"], found["overall"]["facts"]) == (1, 2)
    assert (found["overall"]["r@1"], found["overall"]["mrr"]) == (0.5, 0.5)
    assert found["by_type"] == {"untyped": found["overall"]}
    assert [(m["id"], m["quote"], m["rank"]) for m in found["misses"]] == [
        ("q1", "nowhereprinted", None)
    ]


def test_evaluate_prints_a_table_and_the_misses(notes_index: Path, tmp_path: Path):
    line = {"id": "q1", "question": "Maxims?", "evidence": [{"any_of": ["nowhere printed"]}]}
    (tmp_path / "q.jsonl").write_text(json.dumps(line), encoding="utf-8")
    text = run("evaluate", tmp_path / "q.jsonl", "--index", notes_index)
    assert "1 facts outside the first five:\n  q1 (untyped, not found): Maxims?\n" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("search", "ovens"), "The [red]bakers[/red] of the [/] harbour town light [link=x] ovens"),
        (("search", "ovens"), "Bread [i], para"),
        (("search", "ovens"), "\nOvens [red]\n"),
        (("ask", "When do bakers light their ovens?"), "The [red]bakers[/red] of the [/] harbour"),
        (("compare", "ovens of bakers"), "The [red]bakers[/red] of the [/] harbour town"),
        (("recommendations",), "The [blue]town[/blue] should lend its cold ovens"),
        (("show", "bread"), "title: Bread [i]\n"),
        (("show", "bread"), "Ovens [red]  chapter\n"),
    ],
)
def test_brackets_in_a_report_are_printed_as_they_are(
    marked: Path, arguments: tuple[str, ...], said: str
):
    assert said in run(*arguments, "--index", marked)


def test_brackets_in_a_question_are_printed_as_they_are(marked: Path, monkeypatch, capsys):
    status, text = refused(monkeypatch, capsys, "show", "[red]x[/]", "--index", marked)
    assert status == 2
    assert "'[red]x[/]'" in text


def test_a_shown_paragraph_has_its_brackets_and_its_number(marked: Path):
    paragraph = next(p for p in FilesStore(marked).report("bread").paragraphs if p.kind == "body")
    text = run("show", paragraph.id, "--before", "0", "--after", "0", "--index", marked)
    assert text == f"\n{paragraph.number}. {paragraph.text}\n"


def test_a_search_that_filters_leave_empty_says_so(notes_index: Path):
    text = run("search", "pay", "--since", "2030", "--index", notes_index)
    assert text.startswith("Nothing is left to search: 2030 or later")
    assert "the reports are of 2014, 2023, 2024" in text
    assert read("search", "pay", "--since", "2030", "--index", notes_index) == []


def test_a_search_for_a_phrase_that_stands_nowhere_says_so(notes_index: Path):
    text = run("search", 'Who is for "[red] sourdough"?', "--index", notes_index)
    assert text.startswith("Nothing is left to search: the words “[red] sourdough” do not ")


def test_an_index_is_verified_where_that_is_asked_for(notes_index: Path, tmp_path: Path):
    index = tmp_path / "index"
    shutil.copytree(notes_index, index)
    assert "is intact." in run("verify", "--index", index)
    (weights,) = (index / "builds").glob("*/encoder/model.onnx")
    with weights.open("r+b") as stream:
        stream.seek(20_000_000)
        stream.write(b"bread and trams")
    assert "reports," in run("status", "--index", index)
    done = process("verify", "--index", index)
    assert (done.returncode, done.stdout) == (1, "")
    assert "encoder/model.onnx is altered" in done.stderr
    assert "reformqa rebuild --force" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_calibration_for_another_model_has_status_2(tmp_path: Path, monkeypatch, capsys):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "bread.md").write_text(MARKED, encoding="utf-8")
    load_tuning().model_copy(update={"model": "another"}).save(tmp_path / "[b].json")
    own = '[answer]\ncalibration = "[b].json"\n'
    (tmp_path / "reformqa.toml").write_text(own, encoding="utf-8")
    status, text = refused(monkeypatch, capsys, "rebuild")
    assert status == 2
    assert text.startswith("Error: The calibration [b].json was fitted with the model another,")
    assert not (tmp_path / "index" / "builds").exists()


def test_a_rebuild_with_another_model_says_so_on_the_error_stream(tmp_path: Path):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "bread.md").write_text(MARKED, encoding="utf-8")
    model = shutil.copytree(small(), tmp_path / "[b]small")
    export_into(tmp_path / "index")
    run("rebuild")
    (tmp_path / "reformqa.toml").write_text(f'[encoder]\nmodel = "{model}"\n', encoding="utf-8")
    result = CliRunner().invoke(cli.app, ["rebuild"])
    assert result.exit_code == 0
    assert result.stderr == (
        f"The index was built with {DEFAULT}; the settings now name {model}.\n"
        f"The calibration was fitted with the model {DEFAULT}, not with {model}: confidences"
        " are guesses. Fit it with `reformqa evaluate FILE --calibrate tuning.json` and name that"
        " file in the setting answer.calibration.\n"
    )
    assert result.stdout.startswith("The index has been rebuilt.\n")
    again = CliRunner().invoke(cli.app, ["rebuild"])
    assert (again.stderr, again.stdout[:26]) == ("", "The index is up to date.\nB")
    (tmp_path / "reformqa.toml").unlink()
    export_into(tmp_path / "index")
    told = read("rebuild")
    assert told["notes"] == [f"The index was built with {model}; the settings now name {DEFAULT}."]


def test_a_model_that_is_not_there_is_told_without_a_traceback(tmp_path: Path):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "bread.md").write_text(MARKED, encoding="utf-8")
    (tmp_path / "reformqa.toml").write_text('[encoder]\nmodel = "absent"\n', encoding="utf-8")
    done = process("rebuild")
    assert (done.returncode, done.stdout) == (1, "")
    assert "The model 'absent' is not on this machine" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_recommendation_is_said_to_be_none(notes_index: Path):
    text = run("recommendations", "--about", "sourdough bread recipes", "--index", notes_index)
    assert text == "No recommendations found.\n"


@pytest.mark.usefixtures("with_small_model")
def test_status_names_the_files_left_out(tmp_path: Path):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "bread.md").write_text(MARKED, encoding="utf-8")
    (tmp_path / "corpus" / "[x].txt").write_bytes(b"")
    (tmp_path / "corpus" / "a.odt").write_bytes(b"x")
    run("rebuild")
    result = CliRunner().invoke(cli.app, ["status"])
    assert "Left out: [x].txt: is empty. Replace it, or remove it.\n" in result.stderr
    assert "Not read: a.odt: not one of .txt, .md, .docx, .html, .htm, .pdf\n" in result.stderr
    assert "1 reports," in result.stdout


def test_a_named_settings_file_is_obeyed(notes_index: Path, tmp_path: Path):
    (tmp_path / "s.toml").write_text("[answer]\nsentences = 1\n", encoding="utf-8")
    question = ("ask", "What is wrong with targets?", "--index", notes_index)
    assert len(read(*question)["sentences"]) > 1
    assert len(read(*question, "--settings", tmp_path / "s.toml")["sentences"]) == 1


def test_a_changed_weight_of_the_search_is_warned_of_on_the_error_stream(
    notes_index: Path, tmp_path: Path
):
    (tmp_path / "s.toml").write_text("[search]\nlate_weight = 0.4\n", encoding="utf-8")
    question = ("ask", "What is wrong with targets?", "--index", notes_index)
    warned = process(*question, "--settings", tmp_path / "s.toml").stderr
    assert "search.late_weight" in warned
    assert "--calibrate" in warned
    assert "late_weight" not in process(*question).stderr


def test_help_names_every_verb():
    text = run("--help")
    for verb in (
        "rebuild",
        "search",
        "ask",
        "compare",
        "recommendations",
        "show",
        "status",
        "evaluate",
    ):
        assert f" {verb} " in text


def test_sentences_come_early_on_a_terminal_and_are_erased(monkeypatch: pytest.MonkeyPatch):
    screen = Console(file=StringIO(), force_terminal=True)
    monkeypatch.setattr(progress, "err", screen)
    with progress.show_sentences() as tell:
        assert tell
        for text in ("The ovens are [cold].", "The trams are late."):
            tell(Sentence(text, ()))
    drawn = screen.file.getvalue()
    assert "The ovens are [cold]." in drawn
    assert "The trams are late." in drawn
    assert drawn.endswith("\x1b[1A\x1b[2K")  # the last line is erased
    monkeypatch.setattr(progress, "err", Console(file=StringIO()))
    with progress.show_sentences() as tell:
        assert tell is None


def test_a_model_s_answer_is_printed_once(notes_index: Path, tmp_path: Path):
    quote = "The report says so."
    with serving() as server:
        server.behaviour = proposes((quote, (1, quote)))
        settings = f'[llm]\nbase_url = "{server.url}"\nmodel = "small"\n'
        (tmp_path / "reformqa.toml").write_text(settings, encoding="utf-8")
        printed = run("ask", "What is wrong with targets?", "--index", notes_index)
    assert "none of its sentences passed the checks" in printed
    assert server.requests[0].json.get("stream") is None  # nobody watches
