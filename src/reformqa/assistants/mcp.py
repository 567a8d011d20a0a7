"""The tools and the texts for assistants that speak the Model Context Protocol."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
from mcp import MCPError
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.shared.uri_template import UriTemplate
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)
from mcp_types import Tool as ListedTool
from pydantic import ValidationError

from reformqa.assistants.current import CurrentLibrary
from reformqa.assistants.requests import ToolRequest
from reformqa.assistants.results import ToolResult
from reformqa.assistants.tools import TOOLS, Tool
from reformqa.errors import CallerError, ReformqaError
from reformqa.settings import explain

INSTRUCTIONS = """\
reformqa holds think-tank reports on public service reform. Every quote that its tools give is \
printed in a report, and carries its reference and a permalink that opens the source.
Quote only the text of `quote`, exactly, and give its `reference` and `permalink`. Check every \
quote that you have changed or remember with `verify`. If a result says `abstained`, say that the \
reports do not answer; do not answer from memory."""
#: How many reports are in one part of the list of resources.
PAGE = 100
_JSON = "application/json"
_REPORT = UriTemplate.parse("reformqa://reports/{report}")
_PARAGRAPH = UriTemplate.parse("reformqa://paragraphs/{paragraph}")
#: The addresses of resources, by the name of the tool that reads them.
_READ_BY = {"outline": _REPORT, "paragraph": _PARAGRAPH}

_Context = ServerRequestContext[Any]


def make_server(current: CurrentLibrary, version: str) -> Server[Any]:
    """Return a server that offers every tool, and reports and paragraphs as resources."""
    return Server(
        "reformqa",
        title="reformqa: think-tank reports, asked and cited",
        version=version,
        instructions=INSTRUCTIONS,
        on_list_tools=_list_tools,
        on_call_tool=partial(_call_tool, current),
        on_list_resources=partial(_list_resources, current),
        on_list_resource_templates=_list_templates,
        on_read_resource=partial(_read_resource, current),
    )


def serve_stdio(server: Server[Any]) -> None:
    """Serve on the standard streams until the client closes them."""

    async def run() -> None:
        async with stdio_server() as (received, sent):
            await server.run(received, sent, server.create_initialization_options())

    anyio.run(run)


async def _list_tools(_: _Context, __: PaginatedRequestParams | None) -> ListToolsResult:
    return ListToolsResult(tools=[_listed(tool) for tool in TOOLS.values()])


def _listed(tool: Tool) -> ListedTool:
    return ListedTool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.takes.model_json_schema(),
        output_schema=tool.gives.model_json_schema(mode="serialization"),
        annotations=ToolAnnotations(
            read_only_hint=True,
            destructive_hint=False,
            idempotent_hint=True,
            open_world_hint=False,
        ),
    )


async def _call_tool(
    current: CurrentLibrary, _: _Context, asked: CallToolRequestParams
) -> CallToolResult:
    tool = TOOLS.get(asked.name)
    if tool is None:
        raise MCPError(INVALID_PARAMS, f"There is no tool {asked.name!r}: {', '.join(TOOLS)}.")
    try:
        result = await _run(current, tool, tool.takes.model_validate(asked.arguments or {}))
    except ValidationError as error:
        return _refused(explain(error))
    except ReformqaError as error:
        return _refused(str(error))
    return CallToolResult(
        content=[TextContent(text=result.model_dump_json())],
        structured_content=result.model_dump(mode="json"),
    )


def _refused(reason: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=reason)], is_error=True)


async def _run(current: CurrentLibrary, tool: Tool, asked: ToolRequest) -> ToolResult:
    return await anyio.to_thread.run_sync(current.run, tool, asked)


async def _list_resources(
    current: CurrentLibrary, _: _Context, asked: PaginatedRequestParams | None
) -> ListResourcesResult:
    """Return a part of the list of reports; the cursor is the number of its first one."""
    cursor = asked.cursor if asked and asked.cursor else "0"
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 9):
        raise MCPError(INVALID_PARAMS, "The cursor is not one of this list. Start without one.")
    try:
        of = await anyio.to_thread.run_sync(current.library)
    except ReformqaError as error:
        raise MCPError(INTERNAL_ERROR, str(error)) from error
    start, end = int(cursor), int(cursor) + PAGE
    reports = of.library.reports
    return ListResourcesResult(
        resources=[
            Resource(
                uri=_REPORT.expand({"report": r.id}),
                name=r.id,
                title=r.title,
                description=f"{r.publisher} {r.year or ''}".strip(),
                mime_type=_JSON,
            )
            for r in reports[start:end]
        ],
        next_cursor=str(end) if end < len(reports) else None,
    )


async def _list_templates(
    _: _Context, __: PaginatedRequestParams | None
) -> ListResourceTemplatesResult:
    templates = (
        (_REPORT, "report", "A report and its sections, by its id"),
        (_PARAGRAPH, "paragraph", "A paragraph between its neighbours, by its id"),
    )
    return ListResourceTemplatesResult(
        resource_templates=[
            ResourceTemplate(uri_template=str(t), name=name, description=said, mime_type=_JSON)
            for t, name, said in templates
        ]
    )


async def _read_resource(
    current: CurrentLibrary, _: _Context, asked: ReadResourceRequestParams
) -> ReadResourceResult:
    for name, template in _READ_BY.items():
        if found := template.match(asked.uri):
            result = await _read(current, TOOLS[name], found)
            text = result.model_dump_json()
            content = TextResourceContents(uri=asked.uri, mime_type=_JSON, text=text)
            return ReadResourceResult(contents=[content])
    raise MCPError(INVALID_PARAMS, f"There is no resource at {asked.uri[:200]!r}.")


async def _read(current: CurrentLibrary, tool: Tool, asked: Mapping[str, Any]) -> ToolResult:
    """Return what a tool gives. Raises MCPError with the reason if it cannot."""
    try:
        return await _run(current, tool, tool.takes.model_validate(asked))
    except ValidationError as error:
        raise MCPError(INVALID_PARAMS, explain(error)) from error
    except CallerError as error:
        raise MCPError(INVALID_PARAMS, str(error)) from error
    except ReformqaError as error:
        raise MCPError(INTERNAL_ERROR, str(error)) from error
