"""The errors of a Milvus server and its client in our words, each with its cure."""

from __future__ import annotations

from typing import Any

from reformqa.errors import ReformqaError, UnreachableStoreError, UnsuitableStoreError
from reformqa.settings import StorageSettings

#: Codes that Milvus gives, besides gRPC's, to what it has not got: alias, collection, database.
_MISSING = (100, 800, 1600)
_NOT_LOADED = 101
#: The client's own code for a connection that it could not make, or not make again.
_NOT_CONNECTED = 2
#: Characters of a reason that are shown: some go on for pages.
_SHOWN = 300


class NotThereError(UnsuitableStoreError):
    """The server has no such alias or collection."""


def code_of(error: Any) -> tuple[Any, str]:
    """Return the code and the message of an error of the client: Milvus's, or gRPC's."""
    import grpc

    if isinstance(error, grpc.RpcError):
        return error.code(), str(error.details())
    # The client hides why a connection is refused behind an error of its own.
    cause = error.__cause__
    refused = isinstance(cause, grpc.RpcError) and cause.code() in _refusals()
    return (cause.code() if refused else error.code), str(error.message)


def is_disconnected(code: Any) -> bool:
    """Return whether a code says that there is no connection."""
    import grpc

    return bool(code in (_NOT_CONNECTED, grpc.StatusCode.UNAVAILABLE))


def explained(settings: StorageSettings, doing: str, code: Any, message: str) -> ReformqaError:
    """Return an error of ours for a code of Milvus or gRPC, and its message."""
    import grpc

    reason = " ".join(message.split())[:_SHOWN]
    server = f"The Milvus server at {settings.url}"
    if code in _refusals() or "auth check failure" in reason.lower():
        return UnsuitableStoreError(
            f"{server} does not accept the token in the environment variable"
            f" {settings.token_variable}: {reason}. Set it to user:password or to an API key of a"
            " user who may read the library, and to write it to rebuild."
        )
    if doing == "connecting":
        return UnreachableStoreError(
            f"What answers at {settings.url} is not a Milvus server, or it is still starting:"
            f" {reason}. Check storage.url in reformqa.toml, https:// or http://, and the port."
        )
    timed_out = isinstance(code, grpc.StatusCode) or "retry timeout" in reason.lower()
    if code == _NOT_CONNECTED or timed_out:
        return silent(settings.url, f"{doing}: {reason}")
    if code in _MISSING:
        return NotThereError(f"{server} has not got it: {reason}.")
    if code == _NOT_LOADED:
        return UnreachableStoreError(
            f"{server} has not loaded the library: {reason}. Wait until it has, or run `reformqa"
            " verify`, which loads it."
        )
    return UnsuitableStoreError(f"{server} refuses ({doing}): {reason}.")


def silent(address: str, reason: str) -> UnreachableStoreError:
    """Return the error for a server that does not answer."""
    return UnreachableStoreError(
        f"The Milvus server at {address} does not answer: {reason}. Start it, or correct"
        " storage.url in reformqa.toml. Nothing was lost; ask again when it is back."
    )


def _refusals() -> tuple[Any, ...]:
    """Return gRPC's codes for a token that is not accepted."""
    import grpc

    return grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED
