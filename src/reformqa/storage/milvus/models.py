"""Exported models on the server, so that who serves a library needs nothing but its address."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from reformqa.errors import UnwritableIndexError
from reformqa.files import digest
from reformqa.models.base import Execution
from reformqa.models.onnx import OnnxModels
from reformqa.storage.files.manifest import MANIFEST
from reformqa.storage.milvus import schema
from reformqa.storage.milvus.blobs import Blobs
from reformqa.storage.milvus.schema import Names
from reformqa.storage.milvus.server import Server
from reformqa.storage.milvus.tables import damaged

#: Bytes of a file that are one value; a file may have any number of them.
_PIECE = 2**20
_PARTS = 6
#: The number of the list of files, which is written last; the pieces' follow it.
_LIST = 0


def keep_models(server: Server, names: Names, folders: Mapping[str, Path]) -> str:
    """Write models, by role, unless the server has them; return their digest."""
    files = {
        f"{role}/{f.relative_to(folder).as_posix()}": f
        for role, folder in sorted(folders.items())
        for f in sorted(folder.rglob("*"))
        if f.is_file() and f.name != MANIFEST  # the cache's, not this version's
    }
    sums = {name: [f.stat().st_size, digest(f)] for name, f in files.items()}
    listed = json.dumps(sums, sort_keys=True).encode()
    made = sha256(listed).hexdigest()[:16]
    collection = names.models(made)
    if _listed(server, collection):
        return made
    server.drop(collection)  # half-written by a run that was killed
    server.create(collection, schema.blobs())
    with Blobs(server, collection, _PARTS).writer() as writer:
        number = _LIST + 1
        for file in files.values():
            with file.open("rb") as stream:
                while piece := stream.read(_PIECE):
                    writer.put(number, piece, dense=True)
                    number += 1
        writer.flush()
        writer.put(_LIST, listed)
    server.settle(collection)
    return made


def fetch_models(
    server: Server, names: Names, made: str, cache: Path, execution: Execution
) -> OnnxModels:
    """Return the models with that digest, fetched into a folder of `cache` unless they are there.

    Raises DamagedIndexError if the server has not all of them.
    """
    folder = cache / made
    listed = folder / MANIFEST
    if not listed.is_file():
        _fetch(server, names.models(made), folder)
    sums = json.loads(listed.read_bytes())

    def check(within: str) -> None:  # altered weights would silently give wrong answers
        for name, (size, written) in sums.items():
            file = folder / name
            whole = file.is_file() and file.stat().st_size == size
            if name.startswith(within) and not (whole and digest(file) == written):
                shutil.rmtree(folder)
                raise damaged(
                    server,
                    names.models(made),
                    f"{file} was altered; it is fetched again when the library is next opened",
                )

    roles = sorted({name.partition("/")[0] for name in sums})
    return OnnxModels({r: folder / r for r in roles}, execution=execution, check=check)


def _fetch(server: Server, collection: str, folder: Path) -> None:
    if not (listed := _listed(server, collection)):
        raise damaged(server, collection, "its models are missing")
    aside = folder.with_name(f".{folder.name}.{secrets.token_hex(3)}")
    values = Blobs(server, collection, _PARTS)
    number = _LIST + 1
    try:
        for name, (size, written) in json.loads(listed).items():
            file = aside / name
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("wb") as stream:
                for _ in range(0, size, _PIECE):
                    stream.write(values.get([number], strong=True).get(number, b""))
                    number += 1
            if digest(file) != written:
                raise damaged(server, collection, f"the model file {name} is altered")
        (aside / MANIFEST).write_bytes(listed)
        if not folder.exists():  # another process may have been faster
            aside.rename(folder)
    except OSError as error:
        raise UnwritableIndexError(
            f"The models cannot be kept in {folder.parent}: {error.strerror or error}. Give this"
            " user permission to write there, or name another folder with --index."
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _listed(server: Server, collection: str) -> bytes | None:
    """Return the list of the models' files, or None if they are not all there."""
    if not server.has(collection):
        return None
    server.load(collection)
    return Blobs(server, collection, _PARTS).get([_LIST], strong=True).get(_LIST)
