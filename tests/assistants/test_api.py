"""The HTTP API as `reformqa api` serves it: what it answers, and every way in which it refuses."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from reformqa import Library, SettingsError, cli, rebuild
from reformqa.storage.files.lock import only_writer
from support.assistants import TOKEN, post, serving
from support.places import PROJECT

LIGHTHOUSES = """# The Lamp Room

## Summary

Lighthouses are kept by fewer people every year, and none of them has been taught.

Recommendation 1: The government should found a lighthouse keepers’ academy in every coastal county.
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def address(notes_index: Path, home: Path) -> Iterator[str]:
    with serving(notes_index, home) as address:
        yield address


def test_a_program_asks_and_checks_a_quote(address: str, library: Library):
    answer = post(address, "ask", {"question": "Why not just spend more?"})
    assert answer.status_code == 200
    cited = answer.json()["sentences"][0]["citations"][0]
    assert cited["quote"] in library.paragraph(cited["paragraph_id"]).text
    asked = {"quote": cited["quote"], "paragraph": cited["permalink"]}
    assert post(address, "verify", asked).json()["status"] == "verified"
    asked["quote"] = asked["quote"].replace(" ", " never ", 1)
    assert post(address, "verify", asked).json()["status"] == "unsupported"


@pytest.mark.parametrize(
    ("tool", "asked", "status", "said"),
    [
        ("ask", {"question": 5}, 422, "question: input should be a valid string (given: 5)"),
        ("ask", {}, 422, "question: field required"),
        ("ask", [], 422, "body: "),
        ("ask", {"question": " ?! "}, 422, "The question is empty"),
        ("ask", {"question": "a " * 1_001}, 422, "at most 2000 characters"),
        ("search", {"question": "pay", "limit": 1.5}, 422, "limit: "),
        ("search", {"question": "pay", "unknown": 1}, 422, "unknown: extra inputs"),
        ("search", {"question": "pay", "since": 2024, "until": 2020}, 422, "run backwards"),
        ("outline", {"report": "nothing"}, 404, "No report is called 'nothing'"),
        ("outline", {"report": "../../etc/passwd"}, 404, "No report is called"),
        ("paragraph", {"paragraph": "nothing"}, 404, "No paragraph is called 'nothing'"),
        ("search", {"question": "pay", "publisher": "Demo"}, 404, "Did you mean Demos?"),
        ("nothing", {}, 404, "Send a POST to /api/ and one of: search"),
    ],
)
def test_a_wrong_request_is_refused_with_what_to_do(
    address: str, tool: str, asked: Any, status: int, said: str
):
    answer = post(address, tool, asked)
    assert (answer.status_code, said in answer.json()["detail"]) == (status, True), answer.text


def test_ten_megabytes_of_question_are_refused_declared_or_not(address: str):
    body = b'{"question": "' + b"a" * 10_000_000 + b'"}'
    for content in (body, iter([body[:1_000_000]] * 10)):
        answer = httpx2.post(
            f"{address}/api/ask",
            content=content,
            headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
        )
        assert answer.status_code == 413
        assert "larg" in answer.text
    assert post(address, "reports", {}).status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b'{"question": "pay"', b'{"question": "\\ud800"}', b"question=pay"]
)
def test_a_body_that_is_no_json_is_refused(address: str, body: bytes):
    answer = httpx2.post(
        f"{address}/api/ask", content=body, headers={"Authorization": f"Bearer {TOKEN}"}
    )
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_a_stranger_sees_nothing_and_the_log_has_no_token_and_no_question(address: str, home: Path):
    for method, path in [("GET", "/"), ("GET", "/api/openapi.json"), ("POST", "/api/reports")]:
        assert httpx2.request(method, address + path).status_code == 401
    assert post(address, "reports", {}, token="the-wrong-token-0123456789").status_code == 401
    assert httpx2.get(f"{address}/healthz").text == "ok"
    evil = {"Authorization": f"Bearer {TOKEN}", "Host": "evil.example"}
    assert httpx2.get(f"{address}/api/openapi.json", headers=evil).status_code == 421
    assert post(address, "ask", {"question": "Who keeps lighthouses?"}).status_code == 200
    log = (home / "log").read_text(encoding="utf-8")
    assert '"POST /api/ask' in log
    assert [w for w in (TOKEN, "the-wrong-token", "lighthouses") if w in log] == []


def test_two_programs_at_once_each_get_their_own_answers(address: str):
    questions = ["targets and inspection", "staff pay", "place-based budgets", "prevention"] * 3

    def ask(question: str) -> tuple[str, str]:
        found = post(address, "search", {"question": question, "limit": 1}).json()
        return found["question"], found["hits"][0]["source"]["paragraph_id"]

    alone = dict(map(ask, questions[:4]))
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(ask, questions))
    assert together == [(question, alone[question]) for question in questions]


def test_a_new_build_is_used_without_a_restart_and_a_missing_index_is_explained(
    notes_index: Path, tmp_path: Path
):
    index, corpus = tmp_path / "index", tmp_path / "corpus"
    shutil.copytree(PROJECT / "corpus", corpus)
    with serving(index, tmp_path) as address:
        missing = post(address, "reports", {})
        assert missing.status_code == 503
        assert "Run `reformqa rebuild`" in missing.json()["detail"]
        assert int(missing.headers["retry-after"]) > 0
        assert httpx2.get(f"{address}/healthz").status_code == 503
        with only_writer(index):
            building = post(address, "reports", {})
            assert building.status_code == 503
            assert "is being built. Try again" in building.json()["detail"]
        shutil.copytree(notes_index, index, dirs_exist_ok=True)
        before = post(address, "reports", {}).json()
        (corpus / "the-lamp-room.md").write_text(LIGHTHOUSES, encoding="utf-8")
        rebuild(corpus, index)
        after = post(address, "reports", {}).json()
        assert after["build"] != before["build"]
        assert after["total"] == before["total"] + 1
        (index / "current").write_text("20200101-000000-abcdef", encoding="utf-8")
        broken = post(address, "reports", {})
        assert broken.status_code == 503
        assert "rebuild" in broken.json()["detail"]


@pytest.mark.parametrize(
    ("settings", "options", "token", "said"),
    [
        ('[app]\nsign_in = "required"\n', [], "", "programs need a token"),
        ("", ["--address", "0.0.0.0"], "", "only listen on this machine"),
        ("", [], "short", "fewer than 20 characters"),
        ('[api]\ntoken_file = "nowhere"\n', [], "", "nowhere cannot be read"),
        (f'[api]\ntoken = "{TOKEN}"\n', [], "", "api.token: extra inputs"),
        (f'[api]\nhosts = ["{TOKEN}:1"]\n', [], "", "without a port"),
        ('[app]\naddress = "reports.example.org"\n', [], "", "app.address: "),
    ],
)
def test_it_does_not_start_where_it_would_let_in_whom_it_should_not(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: str,
    options: list[str],
    token: str,
    said: str,
):
    (tmp_path / "reformqa.toml").write_text(settings, encoding="utf-8")
    assert_refused(tmp_path, monkeypatch, options, token, said)


def test_a_sign_in_that_is_set_needs_a_token_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text("[auth]\n", encoding="utf-8")
    assert_refused(tmp_path, monkeypatch, [], "", "programs need a token")


def assert_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], token: str, said: str
) -> None:
    """Check that the server does not start in a folder, and says why without the token."""
    monkeypatch.chdir(home)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("REFORMQA_TOKEN", token)
    with socket.socket() as taken:  # if it did start, it would fail, and not go on
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = CliRunner().invoke(cli.app, ["api", "--port", port, *options])
    assert isinstance(done.exception, SettingsError)
    assert said in str(done.exception)
    assert TOKEN not in str(done.exception)
