"""A library on a Milvus server: rows shared by versions, claims, bad servers, broken networks."""

from __future__ import annotations

import http.server
import json
import os
import random
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent import futures
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import grpc
import numpy as np
import pytest

from reformqa.errors import (
    BusyIndexError,
    DamagedIndexError,
    MissingIndexError,
    SettingsError,
    UnreachableStoreError,
    UnsuitableStoreError,
)
from reformqa.settings import StorageSettings
from reformqa.storage.base import EncodedQuery, Filters, Request
from reformqa.storage.milvus import claim, draft, schema
from reformqa.storage.milvus.blobs import Blobs
from reformqa.storage.milvus.remembered import Remembered
from reformqa.storage.milvus.schema import Names
from reformqa.storage.milvus.server import Server
from reformqa.storage.milvus.store import MilvusStore
from reformqa.storage.milvus.writer import MilvusVersions, MilvusWriter
from reformqa.text.tokens import tokens
from support.cutting_proxy import cutting_proxy
from support.loaded import modules
from support.makers import Held, contents, paragraph, publish, report, sealed, towns
from support.milvus_server import LiteServer, MilvusServer, skip_without_lite
from support.models import small_models

FIRST, SECOND, THIRD, FOURTH = (f"2026010{n}-000000-000000" for n in (1, 2, 3, 4))


@pytest.fixture
def writer(milvus: MilvusServer, tmp_path: Path) -> Iterator[MilvusWriter]:
    """A writer of a library of its own, which is removed afterwards."""
    made = milvus.writer(tmp_path / "models")
    yield made
    server, library = server_of(made)
    for alias in (Names(library).served, Names(library).writer):
        if server.target(alias):
            server.drop_alias(alias)
    for collection in server.collections():
        if collection.startswith(f"{library}_"):
            server.drop(collection)


def server_of(writer: MilvusVersions) -> tuple[Server, str]:
    return writer._server, writer._names.library


def changed() -> Held:
    """The towns, with another text in one paragraph of the report on ovens."""
    held = towns()
    reports = [
        replace(
            r,
            paragraphs=tuple(
                replace(p, text="Zeppelins rise at noon.") if p.id == "ovens-5" else p
                for p in r.paragraphs
            ),
        )
        for r in held.reports
    ]
    return contents(reports, held.recommendations, max_characters=200)


def without_trams() -> Held:
    held = towns()
    reports = [r for r in held.reports if r.id != "trams"]
    kept = [r for r in held.recommendations if r.report_id != "trams"]
    return contents(reports, kept, max_characters=200)


def asked(text: str) -> EncodedQuery:
    """A question by words alone."""
    return EncodedQuery((), (tuple(tokens(text)),))


def found(store: MilvusStore, text: str) -> list[str]:
    (ids,) = store.candidates([Request(asked(text), Filters(), each=5, statements=1)])
    return ids


def rows(writer: MilvusWriter, of: str) -> int:
    server, library = server_of(writer)
    names = [c for c in server.collections() if c.startswith(f"{library}_{of}_")]
    key = "place" if of == "passages" else "key"
    return sum(server.count(name, f"{key} >= 0", strong=True) for name in names)


# ---- versions share rows ------------------------------------------------------------------------


def test_a_version_writes_only_the_reports_that_changed(writer: MilvusWriter):
    publish(writer, towns(), small_models(), FIRST)
    assert rows(writer, "passages") == len(towns().passages) == 28
    publish(writer, towns(), small_models(), SECOND)
    assert rows(writer, "passages") == 28
    publish(writer, changed(), small_models(), THIRD)
    assert rows(writer, "passages") == 28 + 5  # those of the report on ovens
    assert writer.open().report("ovens").paragraphs[4].text == "Zeppelins rise at noon."
    assert writer.open(FIRST).report("ovens") == towns().reports[3]


def test_each_version_finds_what_it_holds_and_nothing_else(writer: MilvusWriter):
    publish(writer, towns(), small_models(), FIRST)
    publish(writer, changed(), small_models(), SECOND)
    publish(writer, without_trams(), small_models(), THIRD)
    of = {v: writer.open(v) for v in (FIRST, SECOND, THIRD)}
    assert {v: found(s, "zeppelins") for v, s in of.items()} == {
        FIRST: [],
        SECOND: ["ovens-5"],
        THIRD: [],
    }
    assert {v: "trams-8" in found(s, "rolling stock") for v, s in of.items()} == {
        FIRST: True,
        SECOND: True,
        THIRD: False,
    }
    assert [of[v].count([Filters()]) for v in (FIRST, SECOND, THIRD)] == [[28], [28], [19]]
    for store in of.values():
        store.verify()


def test_an_earlier_version_is_served_and_built_upon_again(writer: MilvusWriter):
    publish(writer, towns(), small_models(), FIRST)
    publish(writer, changed(), small_models(), SECOND)
    writer.serve(FIRST)
    publish(writer, without_trams(), small_models(), THIRD)
    assert found(writer.open(), "zeppelins") == []
    assert found(writer.open(SECOND), "zeppelins") == ["ovens-5"]


def test_pruning_removes_the_rows_that_no_version_has(writer: MilvusWriter):
    for version, held in ((FIRST, towns()), (SECOND, changed()), (THIRD, towns())):
        publish(writer, held, small_models(), version)
    writer.prune(1)
    assert writer.versions() == [THIRD]
    assert rows(writer, "passages") == 28
    writer.open().verify()


def test_who_reads_a_version_that_is_removed_is_told(writer: MilvusWriter):
    publish(writer, changed(), small_models(), FIRST)
    reader = writer.open()
    assert found(reader, "zeppelins") == ["ovens-5"]
    publish(writer, towns(), small_models(), SECOND)
    writer.prune(1)
    with pytest.raises(DamagedIndexError, match="open the library again"):
        found(reader, "zeppelins")


def test_another_average_length_begins_other_rows(writer: MilvusWriter):
    publish(writer, towns(), small_models(), FIRST)
    long = report(
        *(
            paragraph("Rye and wheat " * 12 + f"{n}.", id=f"long-{n}", report_id="long", number=n)
            for n in range(1, 9)
        ),
        id="long",
    )
    held = towns()
    more = contents([*held.reports, long], held.recommendations, max_characters=200)
    publish(writer, more, small_models(), SECOND)
    assert abs(writer.open().tables.head.words / 36 / (258 / 28) - 1) > draft.DRIFT
    publish(writer, more, small_models(), THIRD)
    heads = [writer.open(v).tables.head for v in (FIRST, SECOND, THIRD)]
    assert [h.rows for h in heads] == [1, 1, 3]
    assert heads[2].average == heads[2].words / 36
    writer.prune(1)
    server, library = server_of(writer)
    assert Names(library).numbers(server.collections(), "passages") == [3]
    writer.open().verify()


def test_what_a_killed_writer_left_is_cleared_and_never_read(writer: MilvusWriter):
    publish(writer, towns(), small_models(), FIRST)
    unfinished = sealed(writer, changed(), small_models(), SECOND)
    unfinished.__enter__()  # and then the process is killed
    assert rows(writer, "passages") == 33
    assert writer.versions() == [FIRST]
    assert found(writer.open(), "zeppelins") == []
    with (
        pytest.raises(DamagedIndexError, match="28 passages but 33 rows"),
        sealed(writer, towns(), small_models(), THIRD),
    ):
        pass
    writer.clear()
    assert rows(writer, "passages") == 28
    publish(writer, towns(), small_models(), FOURTH)
    assert writer.versions() == [FOURTH, FIRST]


def test_a_removal_that_was_killed_is_finished(writer: MilvusWriter):
    for version, held in ((FIRST, changed()), (SECOND, towns())):
        publish(writer, held, small_models(), version)
    server, library = server_of(writer)
    names = Names(library)
    server.rename(names.version(1, FIRST), names.version(1, FIRST, "old"))
    writer.clear()
    assert writer.versions() == [SECOND]
    assert rows(writer, "passages") == 28


def test_rows_without_sparse_vectors_are_searched_as_those_with(
    writer: MilvusWriter, milvus: MilvusServer, tmp_path: Path
):
    without = milvus.writer(tmp_path / "models")
    without.__dict__["_sparse"] = False
    for made in (writer, without):
        publish(made, towns(), small_models(), FIRST)
    one, other = writer.open(), without.open()
    assert one.tables.head.sparse > other.tables.head.sparse
    for question in ("cold ovens of a town", "dawn dawn harbour", "rye", "zebra"):
        for where in (Filters(), Filters(publisher=("Drivers",)), Filters(section=("annex",))):
            requests = [Request(asked(question), where, each, 1) for each in (1, 3, 40)]
            assert one.candidates(requests) == other.candidates(requests)


# ---- one writer at a time -----------------------------------------------------------------------


def test_one_process_writes_at_a_time(writer: MilvusWriter, milvus: MilvusServer, tmp_path: Path):
    assert not writer.is_written()
    other = milvus.writer(tmp_path, library=server_of(writer)[1])
    with writer.claimed():
        assert other.is_written()
        with pytest.raises(BusyIndexError, match=f"process {os.getpid()} on"), other.claimed():
            pass
    assert not other.is_written()
    with other.claimed():
        pass
    server, library = server_of(writer)
    assert not [c for c in server.collections() if c.startswith(f"{library}_claim")]


@pytest.mark.parametrize("told", [{"pid": 2**22 + 1}, {"host": "elsewhere", "beat": 0.0}])
def test_the_claim_of_a_process_that_has_ended_is_taken_over(
    writer: MilvusWriter, told: dict[str, object]
):
    server, library = server_of(writer)
    dead = claim.Claim(server, Names(library))
    server.create(dead.collection, schema.blobs())
    alive = {"host": socket.gethostname(), "pid": os.getpid(), "since": 0, "beat": 2e10} | told
    with Blobs(server, dead.collection, 6).writer() as values:
        values.put(0, json.dumps(alive).encode())
    assert server.claim(Names(library).writer, dead.collection)
    with writer.claimed():
        with pytest.raises(BusyIndexError, match="took over"):
            dead.check()
        assert not server.has(dead.collection)


def test_who_has_lost_the_claim_publishes_nothing(writer: MilvusWriter):
    publish(writer, towns(), small_models(), FIRST)
    server, library = server_of(writer)
    names = Names(library)
    held = sealed(writer, changed(), small_models(), SECOND)
    with writer.claimed(), held as (made, _):
        server.create(names.claim("other"), schema.blobs())
        server.point(names.writer, names.claim("other"))
        with pytest.raises(BusyIndexError):
            made.publish()
    assert writer.versions() == [writer.served()] == [FIRST]


# ---- servers that are none, or lack something ---------------------------------------------------


def versions(tmp_path: Path, url: str, **more: object) -> MilvusVersions:
    settings = StorageSettings.model_validate({"url": url, "seconds": 1, **more})
    return MilvusVersions(settings, tmp_path)


def test_a_server_that_is_not_there(tmp_path: Path):
    with pytest.raises(UnreachableStoreError, match=r"127.0.0.1:1 does not answer.*Start it"):
        versions(tmp_path, "http://127.0.0.1:1").open()


def test_an_address_that_is_no_milvus_server(tmp_path: Path):
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        with pytest.raises(UnreachableStoreError, match=r"not a Milvus server.*storage\.url"):
            versions(tmp_path, f"http://127.0.0.1:{other.server_port}").open()
        other.shutdown()


def test_a_server_that_never_answers(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(UnreachableStoreError, match="still starting"):
            versions(tmp_path, f"http://127.0.0.1:{port}").open()


@contextmanager
def refusing(code: grpc.StatusCode, details: str) -> Iterator[str]:
    """A server of gRPC that refuses every request."""

    class Refusing(grpc.GenericRpcHandler):
        def service(self, call: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
            return grpc.unary_unary_rpc_method_handler(
                lambda request, context: context.abort(code, details)
            )

    server = grpc.server(futures.ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((Refusing(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


def test_a_token_that_is_not_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MY_TOKEN", "root:secret-word")
    with (
        refusing(grpc.StatusCode.UNAUTHENTICATED, "auth check failure, please check") as url,
        pytest.raises(UnsuitableStoreError, match=r"does not accept the token.*MY_TOKEN") as caught,
    ):
        versions(tmp_path, url, token_variable="MY_TOKEN").open()
    assert "secret-word" not in str(caught.value)


def test_a_certificate_that_is_not_there(tmp_path: Path, milvus: MilvusServer):
    url = milvus.url.replace("http:", "https:")
    with pytest.raises(SettingsError, match=r"no file absent\.pem.*storage\.certificate"):
        versions(tmp_path, url, certificate="absent.pem").open()


def test_a_library_that_is_not_there(writer: MilvusWriter):
    for ask in (writer.open, writer.served):
        with pytest.raises(MissingIndexError, match="reformqa rebuild"):
            ask()


def test_names_that_belong_to_something_else(writer: MilvusWriter):
    server, library = server_of(writer)
    names = Names(library)
    server.create(f"{library}_theirs", schema.passages(2, 0, sparse=True))
    server.point(names.served, f"{library}_theirs")
    with pytest.raises(UnsuitableStoreError, match=r"another library.*storage\.library"):
        writer.open()
    theirs = names.version(1, FIRST)
    server.create(theirs, schema.passages(2, 0, sparse=True))
    with pytest.raises(UnsuitableStoreError, match=r"another library.*storage\.library"):
        writer.open(FIRST)


def test_a_version_of_another_library_under_this_ones_name(
    writer: MilvusWriter, milvus: MilvusServer, tmp_path: Path
):
    publish(writer, towns(), small_models(), FIRST)
    server, library = server_of(writer)
    other = f"{library}x"
    server.rename(Names(library).version(1, FIRST), Names(other).version(1, FIRST))
    with pytest.raises(UnsuitableStoreError, match="another library"):
        milvus.writer(tmp_path, library=other).open(FIRST)
    server.drop(Names(other).version(1, FIRST))


def test_a_version_that_is_not_whole(writer: MilvusWriter):
    publish(writer, towns(), small_models(), FIRST)
    publish(writer, changed(), small_models(), SECOND)
    server, library = server_of(writer)
    names = Names(library)
    server.delete(names.passages(1), f"revision >= {schema.revision(2, 0)}")
    with pytest.raises(DamagedIndexError, match="rows are missing"):
        writer.open()
    assert [b.id for b in writer.builds()] == [SECOND, FIRST]
    writer.open(FIRST).verify()
    server.delete(names.version(2, SECOND), "key >= 0")
    with pytest.raises(DamagedIndexError, match="not written to its end"):
        writer.open()
    server.drop(names.records(1))
    with pytest.raises(DamagedIndexError, match="records_1 is missing"):
        writer.open(FIRST)
    assert [b.id for b in writer.builds()] == [FIRST]


def test_a_damaged_version_shares_no_rows_with_the_next(writer: MilvusWriter):
    for version in (FIRST, SECOND):
        publish(writer, towns(), small_models(), version)
    server, library = server_of(writer)
    server.delete(Names(library).version(1, FIRST), "key >= 0")
    publish(writer, changed(), small_models(), THIRD)
    assert writer.open().tables.head.rows == 3
    writer.open().verify()
    writer.prune(1)
    assert Names(library).numbers(server.collections(), "passages") == [3]
    assert writer.versions() == [THIRD]


def test_rows_that_were_altered_are_noticed(writer: MilvusWriter):
    publish(writer, towns(), small_models(), FIRST)
    store = writer.open()
    server, library = server_of(writer)
    records = Names(library).records(1)
    (row,) = server.query(
        records,
        f"name in [{schema.name_key('ovens-1')}]",
        ["key", "revision", "name", "parts", "sum", "value", "unused"],
        strong=True,
    )
    server.upsert(records, [row | {"value": row["value"][:-8] + "AAAAAAA="}])
    with pytest.raises(DamagedIndexError, match="altered"):
        store.paragraphs(["ovens-1"])
    with pytest.raises(DamagedIndexError, match="altered"):
        writer.open().verify()


def test_long_values_are_kept_in_parts(writer: MilvusWriter):
    server, library = server_of(writer)
    server.create(f"{library}_values", schema.blobs())
    values = Blobs(server, f"{library}_values", 6)
    made = {n: np.random.default_rng(n).bytes(n * 30_000) for n in range(1, 6)}
    with values.writer() as written:
        for n, value in made.items():
            written.put(n, value, name=n)
    assert values.get([*made, 77], strong=True) == made
    assert values.named([2, 4, 77]) == {2: made[2], 4: made[4]}


def test_the_least_recently_used_is_forgotten_first():
    values = Remembered(10)
    values.add({1: b"12345", 2: b"1234"})
    assert values.get([1, 7]) == {1: b"12345"}
    values.add({3: b"123"})
    assert values.get([1, 2, 3]) == {1: b"12345", 3: b"123"}
    values.add({4: bytes(11)})
    assert values.get([1, 2, 3, 4]) == {}


# ---- without the extra --------------------------------------------------------------------------


def test_without_pymilvus_the_error_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(SettingsError, match=r"pip install 'reformqa\[milvus\]'"):
        versions(tmp_path, "http://127.0.0.1:1").open()


def test_an_index_in_files_loads_no_client_of_milvus(town: object):
    program = (
        "import sys; from reformqa import Library, Settings; library = Library.open(sys.argv[1],"
        " Settings()); library.ask('Who rests before dawn?'); print(*sys.modules)"
    )
    assert {"pymilvus", "grpc"}.isdisjoint(modules(program, str(town.index)))  # type: ignore[attr-defined]


# ---- broken networks ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiteServer]:
    """A server that a test may kill."""
    skip_without_lite()
    server = LiteServer(tmp_path_factory.mktemp("lite") / "data")
    server.start()
    yield server
    server.kill()


QUESTIONS = ("cold ovens of a town", "dawn at the harbour", "recommendation to guilds", "fares")


def test_cut_connections_give_no_wrong_answer(lite: LiteServer, tmp_path: Path):
    publish(lite.writer(tmp_path, library="cut"), towns(), small_models(), FIRST)
    draw = random.Random(1)
    with cutting_proxy(lite.port) as proxy:
        expected = answers(versions(tmp_path, proxy.url, library="cut").open())
        outcomes = set()
        for _ in range(40):
            proxy.cut_after(draw.randrange(1, 60_000))
            try:
                got = answers(versions(tmp_path, proxy.url, library="cut").open())
            except UnreachableStoreError:
                outcomes.add("refused")
            else:
                outcomes.add("answered")
                assert got == expected
        assert "answered" in outcomes
        proxy.mend()
        assert answers(versions(tmp_path, proxy.url, library="cut").open()) == expected


def answers(store: MilvusStore) -> list[tuple[list[str], list[float]]]:
    """What a store gives for some questions: candidates, and their weights."""
    given = []
    for question in QUESTIONS:
        ids = found(store, question)
        weights = store.evidence(asked(question), ids).weights
        given.append((ids, weights.ravel().tolist()))
    return given


@pytest.mark.parametrize("fault", ["cut", "silence"])
def test_a_lost_network_is_said_and_comes_back_by_itself(
    lite: LiteServer, tmp_path: Path, fault: str
):
    library = f"lost_{fault}"
    publish(lite.writer(tmp_path, library=library), towns(), small_models(), FIRST)
    with cutting_proxy(lite.port) as proxy:
        kept = versions(tmp_path, proxy.url, library=library)
        store = kept.open()
        expected = found(store, "cold ovens of a town")
        getattr(proxy, fault)()
        for ask in (kept.served, lambda: found(store, "dawn at the harbour")):
            with pytest.raises(UnreachableStoreError, match=r"does not answer|still starting"):
                ask()
        proxy.mend()
        assert kept.served() == FIRST
        assert found(store, "cold ovens of a town") == expected


def test_a_killed_server_loses_no_version(lite: LiteServer, tmp_path: Path):
    writer = lite.writer(tmp_path, library="killed", seconds=1)
    publish(writer, towns(), small_models(), FIRST)
    store = writer.open()
    expected = answers(store)
    with sealed(writer, changed(), small_models(), SECOND):
        lite.kill()
        with pytest.raises(UnreachableStoreError):
            writer.served()
    lite.start()
    assert answers(writer.open()) == expected
    again = lite.writer(tmp_path, library="killed")
    again.clear()
    again.open().verify()
    assert again.versions() == [FIRST]


def test_models_are_fetched_once_and_again_if_they_are_altered(
    writer: MilvusWriter, models: Mapping[str, Path], tmp_path: Path
):
    publish(writer, towns(), small_models(), FIRST)
    from reformqa.models.base import Execution

    digest = writer.open().models(Execution()).encoder.digest
    (file,) = (tmp_path / "models").rglob("*.onnx")
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    with pytest.raises(DamagedIndexError, match="fetched again"):
        _ = writer.open().models(Execution()).encoder
    assert writer.open().models(Execution()).encoder.digest == digest
