"""Who is let in: by token, name and number of requests; and with which settings none is needed."""

from __future__ import annotations

from pathlib import Path

import anyio
import httpx2
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from reformqa import SettingsError
from reformqa.access import Access
from reformqa.assistants.guard import LARGEST, Guard, check_access, is_loopback, read_tokens
from reformqa.settings import ApiSettings

TOKEN, OTHER = "a-token-of-the-tests-own", "another-token-of-the-tests"
INSIDE: ASGIApp = PlainTextResponse("inside")


def ask(
    guard: Guard, *, path: str = "/api/ask", content: bytes = b"", **headers: str
) -> httpx2.Response:
    """The answer to a POST with these headers ("_" for "-")."""
    named = {n.replace("_", "-").encode(): v.encode("latin-1") for n, v in headers.items()}

    async def send() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=guard, client=("192.0.2.1", 5))
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post(path, headers=named, content=content)

    return anyio.run(send)


def guard(*tokens: str, hosts: tuple[str, ...] = (), a_minute: int = 1000) -> Guard:
    return Guard(INSIDE, tokens, hosts, a_minute)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer {OTHER}", 200),
        (f"Bearer {TOKEN}x", 401),
        (f"Bearer {TOKEN[:-1]}", 401),
        (f"Basic {TOKEN}", 401),
        (TOKEN, 401),
        ("Bearer ", 401),
        ("Bearer \xff\xfe", 401),
        ("", 401),
    ],
)
def test_only_a_token_lets_in(sent: str, status: int):
    answer = ask(guard(TOKEN, OTHER), authorization=sent)
    assert answer.status_code == status
    assert TOKEN not in answer.text
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "Authorization: Bearer" in answer.json()["detail"]


def test_without_tokens_everybody_is_let_in_who_reaches_it():
    assert ask(guard()).text == "inside"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8502", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8502", 200),
        ("reports.example.org", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("localhost:80@evil.example", 421),
        ("evil.example:localhost", 421),
        ("", 421),
    ],
)
def test_only_known_names_of_the_server_are_answered(host: str, status: int):
    assert ask(guard(hosts=("Reports.example.org",)), host=host).status_code == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:3000", 200),
        ("https://reports.example.org", 200),
        ("https://evil.example", 403),
        ("null", 403),
        ("file://", 403),
        ("https://localhost.evil.example", 403),
    ],
)
def test_pages_of_other_sites_are_refused(origin: str, status: int):
    assert ask(guard(hosts=("reports.example.org",)), origin=origin).status_code == status


def test_each_token_has_its_own_requests_and_so_has_each_address():
    limited = guard(TOKEN, OTHER, a_minute=3)
    sent = [ask(limited, authorization=f"Bearer {TOKEN}") for _ in range(5)]
    assert [a.status_code for a in sent] == [200, 200, 200, 429, 429]
    assert 1 <= int(sent[-1].headers["retry-after"]) <= 60
    assert "3 requests in a minute" in sent[-1].json()["detail"]
    assert ask(limited, authorization=f"Bearer {OTHER}").status_code == 200
    guesses = [ask(limited, authorization=f"Bearer guess-{n}").status_code for n in range(5)]
    assert guesses == [401, 401, 401, 429, 429]


def test_a_request_that_declares_too_much_is_refused_unread():
    answer = ask(guard(), content=b"a" * (LARGEST + 1))
    assert answer.status_code == 413
    assert "256 KB" in answer.json()["detail"]
    assert ask(guard(), content=b"a" * LARGEST).status_code == 200


def test_health_is_open_and_nothing_else_is():
    assert ask(guard(TOKEN), path="/healthz").text == "inside"
    for path in ("/", "/api/openapi.json", "/mcp", "/healthz/x", "//healthz"):
        assert ask(guard(TOKEN), path=path).status_code == 401


def tokens(monkeypatch: pytest.MonkeyPatch, variable: str = "", file: Path | None = None):
    monkeypatch.setenv("REFORMQA_TOKEN", variable)
    return read_tokens(ApiSettings(token_file=str(file) if file else ""))


def test_tokens_come_from_the_variable_and_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "tokens"
    file.write_text(f"# of the tests\n\n{TOKEN}  \n{OTHER}\n", encoding="utf-8")
    assert tokens(monkeypatch) == []
    assert tokens(monkeypatch, f" {TOKEN}\n") == [TOKEN]
    assert tokens(monkeypatch, "x" * 32, file) == ["x" * 32, TOKEN, OTHER]


@pytest.mark.parametrize("bad", ["letmein", "with spaces in it, many of them", "ä" * 30])
def test_a_token_that_is_none_is_refused_without_being_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: str
):
    file = tmp_path / "tokens"
    file.write_text(bad, encoding="utf-8")
    for given in ((bad, None), ("", file)):
        with pytest.raises(SettingsError, match="fewer than 20 characters") as refused:
            tokens(monkeypatch, *given)
        assert bad not in str(refused.value)


@pytest.mark.parametrize("text", [None, "# only a remark\n", b"\xff\xfe"])
def test_a_file_without_tokens_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | bytes | None
):
    file = tmp_path / "tokens"
    if text is not None:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SettingsError, match="file of tokens"):
        tokens(monkeypatch, "", file)


@pytest.mark.parametrize("who", ["everybody", "who signs in", "nobody"])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost", "0.0.0.0", "192.0.2.1"])
def test_without_a_token_it_serves_this_machine_alone_and_nothing_behind_a_sign_in(
    who: str, address: str
):
    access = Access(who, "")
    check_access(access, [TOKEN], address)
    if who == "everybody" and is_loopback(address):
        check_access(access, [], address)
    else:
        with pytest.raises(SettingsError, match="token"):
            check_access(access, [], address)


def test_a_name_that_only_looks_like_this_machine_is_not_it():
    assert not is_loopback("localhost.evil.example")
    assert not is_loopback("")
