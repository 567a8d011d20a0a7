"""The tools for programs: each is a POST of its request, described in OpenAPI.

Questions are in the body and never in the address, so that no log of addresses has them.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from reformqa.assistants import requests, results
from reformqa.assistants.current import CurrentLibrary
from reformqa.assistants.tools import TOOLS, Tool
from reformqa.errors import CallerError, MissingIndexError, ReformqaError, UnknownNameError
from reformqa.settings import explain_faults

#: Seconds after which to try again while there is no index.
WAIT = 60
_NO_JSON = "The body is not JSON. Send an object, with Content-Type: application/json."
_SAID = {
    404: f"There is nothing here. Send a POST to /api/ and one of: {', '.join(TOOLS)}.",
    405: "Send a POST with the request as JSON.",
}


class Problem(BaseModel):
    """What was wrong with a request, and what to do, in a sentence or two."""

    detail: str


#: The statuses of refusals, and when each is given.
REFUSALS = {
    401: "The token is missing or wrong.",
    404: "There is no report, paragraph or publisher of that name.",
    413: "The request is too large.",
    422: "A value is missing, of the wrong type or out of range, or the question has no words.",
    429: "Too many requests in a minute.",
    503: "The library cannot answer: there is no index, or it cannot be read.",
}


def make_api(current: CurrentLibrary, version: str) -> FastAPI:
    """Return an app with a route for each tool, and its schema at /openapi.json."""
    api = FastAPI(
        title="reformqa",
        summary="Ask think-tank reports; every quote leads to its source paragraph.",
        version=version,
        docs_url=None,  # its pages load scripts from another host
        redoc_url=None,
    )
    for tool in TOOLS.values():
        api.add_api_route(
            f"/{tool.name}",
            _route(current, tool),
            methods=["POST"],
            operation_id=tool.name,
            summary=tool.title,
            description=tool.description,
            response_model=tool.gives,
            responses={
                status: {"model": Problem, "description": said} for status, said in REFUSALS.items()
            },
        )
    api.add_exception_handler(RequestValidationError, _explain_request)
    api.add_exception_handler(HTTPException, _explain_http)
    api.add_exception_handler(ReformqaError, _explain_error)
    return api


def _route(current: CurrentLibrary, tool: Tool) -> Callable[..., results.ToolResult]:
    def run(asked: requests.ToolRequest) -> results.ToolResult:
        return current.run(tool, asked)

    run.__annotations__["asked"] = tool.takes  # which tells FastAPI what to read and to describe
    return run


def _explain_request(_: Request, error: Exception) -> Response:
    """Return what was wrong with a request, without repeating all that was sent."""
    assert isinstance(error, RequestValidationError)
    found = [{**e, "loc": e["loc"][1:] or e["loc"]} for e in error.errors()]  # without "body"
    unread = any(e["type"] == "json_invalid" or isinstance(e["input"], bytes) for e in found)
    return JSONResponse({"detail": _NO_JSON if unread else explain_faults(found)}, 422)


def _explain_http(_: Request, error: Exception) -> Response:
    """Return what was wrong with a request that FastAPI or Starlette could not take."""
    assert isinstance(error, HTTPException)
    # FastAPI's status for a body that is not UTF-8; other bodies that are no JSON are 422.
    status, said = (422, _NO_JSON) if error.status_code == 400 else (error.status_code, None)
    return JSONResponse({"detail": said or _SAID.get(status, error.detail)}, status, error.headers)


def _explain_error(_: Request, error: Exception) -> Response:
    status = _status(error)
    headers = {"Retry-After": str(WAIT)} if status == 503 else None
    return JSONResponse({"detail": str(error)}, status, headers)


def _status(error: Exception) -> int:
    if isinstance(error, UnknownNameError):
        return 404
    if isinstance(error, CallerError) and not isinstance(error, MissingIndexError):
        return 422
    return 503
