"""A Milvus server: each request within a time limit, each of its errors in words of ours."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from reformqa.errors import SettingsError, UnsuitableStoreError
from reformqa.settings import StorageSettings
from reformqa.storage.milvus.refusals import (
    NotThereError,
    code_of,
    explained,
    is_disconnected,
    silent,
)

#: A request that loads a collection or writes many rows may take this many times as long.
PATIENT = 12
#: The most rows that Milvus returns to one request.
MOST_ROWS = 16_384
#: The keys, or rows, of one request: few enough for the server's limit on a reply (100 MB).
AT_ONCE = 500
_PORT = 19530
#: An idle client that asks for signs of life is cut off by some servers, and with it all others
#: of the process that share its connection.
_OPTIONS = {"grpc.keepalive_permit_without_calls": False, "grpc.use_local_subchannel_pool": 1}


@dataclass(frozen=True, slots=True)
class Row:
    """A row that a search found, with its score, best first."""

    key: int
    score: float
    fields: Mapping[str, Any]


class Server:
    """A server that is asked within `storage.seconds`; failed connections are retried until then.

    Safe to share between threads. Methods raise UnreachableStoreError if it does not answer,
    UnsuitableStoreError if it refuses.
    """

    def __init__(self, settings: StorageSettings, of: Server | None = None) -> None:
        self._settings = settings
        self._of = of
        self.address = settings.url

    def fresh(self) -> Server:
        """Return the same server, every read of which sees all that was written before."""
        return Server(self._settings, self._of or self)

    @cached_property
    def _client(self) -> Any:
        """The connection, made when it is first needed: a server may start after the app."""
        if self._of is not None:
            return self._of._client
        milvus = _pymilvus()
        settings = self._settings
        self._reach()
        secure: dict[str, Any] = {}
        if settings.url.startswith("https:"):
            secure["secure"] = True
            if settings.certificate:
                if not Path(settings.certificate).is_file():
                    raise SettingsError(
                        f"There is no file {settings.certificate} (setting"
                        " storage.certificate). Check the path."
                    )
                secure["server_pem_path"] = settings.certificate
        with self._guarded("connecting"):
            return milvus.MilvusClient(
                uri=settings.url,
                token=os.environ.get(settings.token_variable, ""),
                db_name=settings.database,
                timeout=settings.seconds,
                dedicated=True,
                grpc_options=_OPTIONS,
                **secure,
            )

    def _reach(self) -> None:
        """Try the port: nothing else tells a server that is down from one that is no Milvus."""
        parts = urlsplit(self.address)
        host = parts.hostname or "", parts.port or _PORT
        try:
            socket.create_connection(host, timeout=self._settings.seconds).close()
        except OSError as error:
            raise silent(self.address, str(error)) from error

    # ---- collections and aliases ----------------------------------------------------------------

    def collections(self) -> list[str]:
        """Return the names of all collections of the database, sorted."""
        return sorted(self._ask("list_collections"))

    def has(self, collection: str) -> bool:
        """Return whether there is such a collection."""
        return bool(self._ask("has_collection", collection))

    def fields(self, collection: str) -> set[str]:
        """Return the names of a collection's fields."""
        described = self._ask("describe_collection", collection)
        return {field["name"] for field in described["fields"]}

    def create(self, collection: str, schema: Schema) -> None:
        """Create an empty collection and load it, so that it can be read as it is written."""
        milvus = _pymilvus()
        made = milvus.MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        for name, (kind, options) in schema.fields.items():
            given = dict(options)
            if "element_type" in given:
                given["element_type"] = milvus.DataType[given["element_type"]]
            made.add_field(name, milvus.DataType[kind], **given)
        properties = {"mmap.enabled": "true"} if schema.on_disk else {}
        self._ask(
            "create_collection",
            collection,
            schema=made,
            properties=properties,
            consistency_level="Bounded",
        )
        for field, kinds in schema.indexes.items():
            self._index(collection, field, kinds)
        self.load(collection)

    def _index(self, collection: str, field: str, kinds: Sequence[Mapping[str, Any]]) -> None:
        """Index a field in the first of those ways that the server knows; the last may be none."""
        for n, kind in enumerate(kinds):
            if not kind:
                return
            parameters = self._client.prepare_index_params()
            parameters.add_index(field, **kind)
            try:
                self._ask("create_index", collection, parameters, sync=False)
            except UnsuitableStoreError:
                if n + 1 == len(kinds):
                    raise
            else:
                return

    def load(self, collection: str) -> None:
        """Load a collection, unless it is loaded."""
        self._ask("load_collection", collection, patient=True)

    def rename(self, collection: str, name: str) -> None:
        """Give a collection another name, at once."""
        self._ask("rename_collection", collection, name)

    def settle(self, collection: str) -> None:
        """Have the server put what was written into its indexes."""
        self._ask("flush", collection, patient=True)

    def drop(self, collection: str) -> None:
        """Remove a collection, if it is there."""
        self._ask("drop_collection", collection)

    def target(self, alias: str) -> str | None:
        """Return the collection that an alias stands for, or None if there is no such alias."""
        try:
            return str(self._ask("describe_alias", alias)["collection_name"])
        except NotThereError:
            return None

    def claim(self, alias: str, collection: str) -> bool:
        """Make an alias stand for a collection; return whether it did not exist before."""
        try:
            self._ask("create_alias", collection, alias)
        except UnsuitableStoreError:
            if (target := self.target(alias)) is None:
                raise
            return target == collection  # a retry of a request that had arrived
        return True

    def point(self, alias: str, collection: str) -> None:
        """Make an alias stand for a collection from now on, at once."""
        if not self.claim(alias, collection):
            self._ask("alter_alias", collection, alias)

    def drop_alias(self, alias: str) -> None:
        """Remove an alias."""
        self._ask("drop_alias", alias)

    # ---- rows -----------------------------------------------------------------------------------

    def upsert(self, collection: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows by key: to write a row again does no harm."""
        self._ask("upsert", collection, list(rows), patient=True)

    def delete(self, collection: str, where: str) -> None:
        """Delete the rows that an expression leaves."""
        self._ask("delete", collection, filter=where, patient=True)

    def query(
        self, collection: str, where: str, fields: Sequence[str], *, strong: bool = False
    ) -> list[dict[str, Any]]:
        """Return fields of the rows that an expression leaves, at most MOST_ROWS of them.

        With `strong`, all that was written before; else what was written some seconds ago.
        """
        found = self._ask(
            "query",
            collection,
            filter=where,
            output_fields=list(fields),
            limit=MOST_ROWS,
            **self._level(strong),
        )
        return [dict(row) for row in found]

    def count(self, collection: str, where: str, *, strong: bool = False) -> int:
        """Return the number of rows that an expression leaves."""
        found = self._ask(
            "query", collection, filter=where, output_fields=["count(*)"], **self._level(strong)
        )
        return int(found[0]["count(*)"])

    def search(
        self,
        collection: str,
        field: str,
        vectors: Sequence[Any],
        limit: int,
        where: str,
        fields: Sequence[str],
        parameters: Mapping[str, Any],
    ) -> list[list[Row]]:
        """Return, for each vector, the rows with the greatest inner products, best first."""
        found = self._ask(
            "search",
            collection,
            data=list(vectors),
            anns_field=field,
            limit=limit,
            filter=where,
            output_fields=list(fields),
            **self._level(False),
            search_params={"metric_type": "IP", "params": dict(parameters)},
        )
        key = "place"
        return [
            [Row(hit.get(key, hit.get("id")), hit["distance"], hit["entity"]) for hit in hits]
            for hits in found
        ]

    def _level(self, strong: bool) -> dict[str, Any]:
        # A strong read of a real server waits for its clock, 0.2 s; versions never change, so that
        # only who has just written one needs it.
        return {"consistency_level": "Strong" if strong or self._of else "Bounded"}

    def _ask(self, name: str, *arguments: Any, patient: bool = False, **named: Any) -> Any:
        seconds = self._settings.seconds * (PATIENT if patient else 1)
        client = self._client
        with self._guarded(name.replace("_", " ")):
            return getattr(client, name)(*arguments, timeout=seconds, **named)

    @contextmanager
    def _guarded(self, doing: str) -> Iterator[None]:
        """Turn the client's errors into ours."""
        import grpc

        milvus = _pymilvus()
        try:
            yield
        except (milvus.MilvusException, grpc.RpcError) as error:
            code, message = code_of(error)
            if is_disconnected(code):
                self._forget()
            raise explained(self._settings, doing, code, message) from error

    def _forget(self) -> None:
        """Connect anew at the next request: a client that failed to may never try again."""
        owner = self._of or self
        if client := owner.__dict__.pop("_client", None):
            client.close()


@dataclass(frozen=True, slots=True)
class Schema:
    """The fields of a collection and how each is indexed.

    `fields` are a type and its options by name; `indexes` ways to index a field, the best first,
    an empty one for not at all. `on_disk` asks the server to keep the fields out of its memory.
    """

    fields: Mapping[str, tuple[str, Mapping[str, Any]]]
    indexes: Mapping[str, Sequence[Mapping[str, Any]]]
    on_disk: bool = False


def numbers(values: Sequence[int]) -> str:
    """Return a list of numbers as an expression has it."""
    return f"[{','.join(map(str, values))}]"


def _pymilvus() -> Any:
    """Return the module of the extra, imported when a setting asks for it."""
    try:
        import pymilvus
    except ImportError as error:
        raise SettingsError(
            "The setting storage.url needs the package pymilvus. Install it with"
            " `pip install 'reformqa[milvus]'`, or remove the setting to keep the index in files."
        ) from error
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it logs errors that are handled
    return pymilvus
