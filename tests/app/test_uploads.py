"""The server takes a file only from a visitor who was shown the form, and so many a day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from reformqa.app.serving.gate import Gate
from reformqa.app.state.uploads import MOST_SESSIONS, OVERHEAD, Admissions
from support.places import PROJECT
from support.serving import free_port, served, settle
from support.sign_in import provider, secrets, sign_in

MEGABYTE = 2**20


class Days:
    """A calendar that a test turns."""

    def __init__(self) -> None:
        self.today = date(2031, 3, 14)

    def __call__(self) -> date:
        return self.today


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def admissions(days: Days) -> Admissions:
    return Admissions(days)


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings file: uploads of at most 1 MB, two a day."""
    file = tmp_path / "reformqa.toml"
    file.write_text('[app]\nuploads = "wait"\nupload_megabytes = 1\nuploads_a_day = 2\n')
    monkeypatch.setenv("REFORMQA_SETTINGS", str(file))
    return file


@pytest.fixture
def client(admissions: Admissions, chosen: Path) -> Iterator[TestClient]:
    """A client of a server that would take anything, behind the gate."""

    async def take(request: Request) -> Response:
        return Response(str(len(await request.body())), 201)

    app = Starlette(
        routes=[Route("/{rest:path}", take, methods=["GET", "PUT", "DELETE", "OPTIONS"])],
        middleware=[Middleware(Gate, admissions)],
    )
    with TestClient(app) as client:
        yield client


def put(client: TestClient, session: str, size: int = 9, base: str = "") -> int:
    path = f"{base}/_stcore/upload_file/{session}/file"
    return client.put(path, content=b"a" * size).status_code


def test_a_session_that_was_shown_the_form_sends_files_and_no_other(
    client: TestClient, admissions: Admissions
):
    admissions.admit("one", "ada")
    assert put(client, "one") == 201
    assert put(client, "other") == 403
    assert put(client, "") == 403
    assert put(client, "other", base="/reports") == 403
    for method in ("DELETE", "OPTIONS", "GET", "POST"):
        for session, status in (("one", (201, 405)), ("other", (404,))):
            path = f"/_stcore/upload_file/{session}/file"
            assert client.request(method, path).status_code in status
    assert client.get("/anything").status_code == 201


def test_uploads_that_are_off_take_nothing_from_anybody(
    client: TestClient, admissions: Admissions, chosen: Path
):
    admissions.admit("one", "ada")
    chosen.write_text("")
    assert put(client, "one") == 404
    chosen.write_text("[app]\nuploads = 7\n")
    assert put(client, "one") == 503


def test_the_size_is_that_of_the_settings_and_has_to_be_declared(
    client: TestClient, admissions: Admissions
):
    admissions.admit("one", "ada")
    assert put(client, "one", MEGABYTE + OVERHEAD) == 201
    assert put(client, "one", MEGABYTE + OVERHEAD + 1) == 413
    path = "/_stcore/upload_file/one/file"
    assert client.put(path, content=iter([b"a" * 9])).status_code == 411
    for declared in ("-1", "1e3", "x", "٣"):
        headers = {"content-length": declared.encode()}
        assert client.put(path, headers=headers).status_code == 411  # type: ignore[arg-type]


def test_a_visitor_has_so_many_files_a_day_in_all_sessions_together(
    client: TestClient, admissions: Admissions, days: Days
):
    admissions.admit("one", "ada")
    admissions.admit("two", "ada")
    admissions.admit("three", "bea")
    assert [put(client, s) for s in ("one", "two", "one", "two")] == [201, 201, 429, 429]
    assert put(client, "three") == 201
    days.today += timedelta(days=1)
    assert put(client, "two") == 201


def test_sessions_are_forgotten_in_the_end(admissions: Admissions):
    for n in range(MOST_SESSIONS + 1):
        admissions.admit(str(n), "ada")
    assert not admissions.admitted("0")
    assert admissions.admitted("1")
    assert admissions.admitted(str(MOST_SESSIONS))


# In the app as served

SEND = """async ([session, bytes]) => {
    const token = document.cookie.match(/_streamlit_xsrf=([^;]*)/)
    const form = new FormData()
    form.append("file", new Blob([new Uint8Array(bytes)]), "bread.md")
    const answer = await fetch(`/_stcore/upload_file/${session}/made`, {
        method: "PUT", body: form, headers: token ? {"X-Xsrftoken": token[1]} : {},
    })
    return answer.status
}"""


@contextmanager
def session_of(page: Page) -> Iterator[list[str]]:
    """Collect the ids of the sessions that a page begins."""
    found: list[str] = []

    def read(frame: bytes | str) -> None:
        message = ForwardMsg()
        if isinstance(frame, bytes):
            message.ParseFromString(frame)
            if message.HasField("new_session"):
                found.append(message.new_session.initialize.session_id)

    page.on("websocket", lambda socket: socket.on("framereceived", read))
    yield found


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider() as address:
        yield address


@pytest.mark.parametrize(("settings", "status"), [("", 404), ('[app]\nuploads = "wait"\n', 403)])
def test_a_session_at_the_sign_in_page_sends_nothing(
    notes_index: Path, tmp_path: Path, page: Page, issuer: str, settings: str, status: int
):
    port = free_port()
    environment = secrets(tmp_path, issuer, port, settings)
    with served(notes_index, PROJECT / "corpus", port, **environment) as address:
        with session_of(page) as sessions:
            page.goto(address)
            expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        assert page.evaluate(SEND, [sessions[-1], 1_000]) == status


def test_who_signs_in_sends_as_many_files_as_the_settings_allow(
    notes_index: Path, tmp_path: Path, page: Page, issuer: str
):
    (tmp_path / "corpus").mkdir()
    port = free_port()
    settings = '[app]\nuploads = "wait"\nuploads_a_day = 2\nupload_megabytes = 1\n'
    environment = secrets(tmp_path, issuer, port, settings)
    with served(notes_index, tmp_path / "corpus", port, **environment) as address:
        sign_in(page, address)
        with session_of(page) as sessions:
            page.goto(f"{address}/library")
            expect(page.get_by_text("Add a report")).to_be_visible()
            settle(page)
        assert page.evaluate(SEND, [sessions[-1], 2 * MEGABYTE]) == 413
        assert [page.evaluate(SEND, [sessions[-1], 1_000]) for _ in range(3)] == [204, 204, 429]
