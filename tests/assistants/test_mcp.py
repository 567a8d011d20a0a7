"""Assistants: the SDK's own client, over the standard streams and over HTTP, with real servers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, MCPError

from reformqa import Library
from reformqa.assistants.tools import TOOLS
from support.assistants import over_http, over_stdio, serving, talk

KINDS = ["stdio", "http", "http of 2025"]


@pytest.fixture(scope="module")
def address(notes_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(notes_index, tmp_path_factory.mktemp("home")) as address:
        yield address


@pytest.fixture
def client(
    request: pytest.FixtureRequest, notes_index: Path, address: str, tmp_path: Path
) -> Client:
    if request.param == "stdio":
        return over_stdio(notes_index, tmp_path)
    return over_http(address, "legacy" if request.param == "http of 2025" else "auto")


async def give(client: Client, tool: str, **asked: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, asked)
    assert not result.is_error, result.content
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


@pytest.mark.parametrize("client", KINDS, indirect=True)
def test_an_assistant_searches_asks_and_checks_its_quotes(client: Client, library: Library):
    async def work(client: Client) -> None:
        hits = (await give(client, "search", question="place-based budgets"))["hits"]
        assert hits
        answer = await give(client, "ask", question="Why not just spend more?")
        cited = answer["sentences"][0]["citations"][0]
        assert cited["quote"] in library.paragraph(cited["paragraph_id"]).text
        place = {"paragraph": cited["paragraph_id"]}
        assert (await give(client, "verify", quote=cited["quote"], **place))["status"] == "verified"
        wrong = cited["quote"].replace(cited["quote"].split()[2], "marmalade", 1)
        refused = await give(client, "verify", quote=wrong, **place)
        assert refused["status"] == "unsupported"
        assert "marmalade" in refused["message"]
        assert any(cited["quote"] in near["quote"] for near in refused["nearest"])

    talk(client, work)


@pytest.mark.parametrize("client", KINDS, indirect=True)
def test_the_tools_say_what_they_take_and_give_and_that_they_only_read(client: Client):
    async def work(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert [t.name for t in tools] == list(TOOLS)
        for tool in tools:
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint
            assert "build" in tool.output_schema["properties"]
            described = tool.input_schema["properties"].values()
            assert all("description" in p for p in described)
            assert len(json.dumps(tool.model_dump(mode="json"))) < 10_000

    talk(client, work)


@pytest.mark.parametrize("client", KINDS[:2], indirect=True)
def test_reports_and_paragraphs_are_resources(client: Client, library: Library):
    async def work(client: Client) -> None:
        listed = (await client.list_resources()).resources
        assert [r.name for r in listed] == [r.id for r in library.reports]
        assert {t.name for t in (await client.list_resource_templates()).resource_templates} == {
            "report",
            "paragraph",
        }
        outline = json.loads((await client.read_resource(listed[0].uri)).contents[0].text)
        assert outline["report"]["title"] == listed[0].title
        first = outline["sections"][0]["paragraph_id"]
        read = await client.read_resource(f"reformqa://paragraphs/{first}")
        assert json.loads(read.contents[0].text)["asked"] == first
        for unknown in ("reports/nothing", "paragraphs/nothing", "themes/pay"):
            with pytest.raises(MCPError, match=r"No report|No paragraph|no resource"):
                await client.read_resource(f"reformqa://{unknown}")

    talk(client, work)


#: Calls that are wrong, and a pattern of what is said of each.
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("ask", {}, "question: field required"),
    ("ask", {"question": 5}, "question: input should be a valid string"),
    ("ask", {"question": "?!"}, "The question is empty"),
    ("search", {"question": "pay", "limit": 99}, "limit: .* less than or equal to 20"),
    ("search", {"question": "pay", "publisher": "Demo"}, r"Did you mean Demos\?"),
    ("search", {"question": "pay", "since": 2024, "until": 2020}, "run backwards"),
    ("outline", {"report": "note-on-balancing"}, "Did you mean note-on-balancing-act"),
    ("verify", {"quote": "any words", "paragraph": "nothing"}, "No paragraph is called"),
]


@pytest.mark.parametrize("client", KINDS[:2], indirect=True)
def test_a_wrong_call_is_answered_with_what_to_do(client: Client):
    async def work(client: Client) -> None:
        for tool, asked, said in WRONG:
            result = await client.call_tool(tool, asked)
            assert result.is_error
            assert re.search(said, result.content[0].text)
        with pytest.raises(MCPError, match="There is no tool 'delete': search, ask"):
            await client.call_tool("delete", {})

    talk(client, work)


def test_without_an_index_an_assistant_is_told_the_cure(tmp_path: Path):
    result = talk(
        over_stdio(tmp_path / "nowhere", tmp_path),
        lambda c: c.call_tool("ask", {"question": "Why?"}),
    )
    assert result.is_error
    assert "Run `reformqa rebuild`" in result.content[0].text


def test_two_assistants_at_once_each_get_their_own_answers(address: str):
    topics = {"one": "targets and inspection", "other": "staff pay"}
    told: dict[str, list[str]] = {name: [] for name in topics}

    async def work(name: str) -> None:
        async with over_http(address) as client:
            for _ in range(5):
                found = await give(client, "search", question=topics[name])
                assert found["question"] == topics[name]
                told[name].append(found["hits"][0]["source"]["paragraph_id"])

    async def both() -> None:
        async with anyio.create_task_group() as group:
            for name in topics:
                group.start_soon(partial(work, name))

    anyio.run(both)
    assert [len(set(ids)) for ids in told.values()] == [1, 1]
    assert told["one"] != told["other"]


def test_an_assistant_without_the_token_is_not_let_in(address: str):
    with pytest.raises((MCPError, ExceptionGroup)):
        talk(over_http(address, token="not-the-token-of-the-tests"), lambda c: c.list_tools())
