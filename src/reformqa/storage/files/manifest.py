"""The manifest of a build: its description, and every file with its size and SHA-256."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from reformqa.errors import DamagedIndexError
from reformqa.files import digest, sync, write_atomically
from reformqa.formats import parse_json

#: Raise it when the format of the files changes; older builds are then rebuilt, not read.
SCHEMA_VERSION = 12

#: Files up to this size (bytes) are always compared with their digests on opening.
CHECKED_ON_OPENING = 16 * 2**20

MANIFEST = "manifest.json"


def write_manifest(
    folder: Path, facts: dict[str, Any], known: Mapping[str, list[Any]] = MappingProxyType({})
) -> None:
    """Write the manifest of a folder whose other files are complete, with `facts` as they are.

    `known` has the entries of files that reached the disk before and are as they were. It is
    written last, after every file has reached the disk, so a power cut cannot leave a manifest
    without its files.
    """
    files = sorted(f for f in folder.rglob("*") if f.is_file())
    names = {f.relative_to(folder).as_posix(): f for f in files}
    new = {name: f for name, f in names.items() if name not in known}
    sizes = {n: known.get(n) or [f.stat().st_size, digest(f)] for n, f in names.items()}
    manifest = {"schema": SCHEMA_VERSION, **facts, "files": sizes}
    for path in (*new.values(), *(f for f in folder.rglob("*") if f.is_dir())):
        sync(path)
    write_atomically(folder / MANIFEST, json.dumps(manifest, indent=1).encode())


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return a build's manifest. Raises DamagedIndexError if it cannot be read."""
    try:
        manifest = parse_json((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise damaged(folder, str(error)) from error
    if not isinstance(manifest, dict) or not {"build", "files"} <= set(manifest):
        raise damaged(folder, "its manifest has no build or no files")
    files = manifest["files"]
    if not isinstance(files, dict) or not all(isinstance(f, list) for f in files.values()):
        raise damaged(folder, "its manifest does not list its files")
    if manifest.get("schema") != SCHEMA_VERSION:
        raise damaged(folder, f"its format is {manifest.get('schema')}, not {SCHEMA_VERSION}")
    return manifest


def is_whole(folder: Path) -> bool:
    """Return whether the folder has every file of its manifest as it was written."""
    try:
        check_files(folder, read_manifest(folder))
    except DamagedIndexError:
        return False
    return True


def check_files(
    folder: Path,
    manifest: dict[str, Any],
    digested: Callable[[str, int], bool] = lambda name, size: True,
    within: str = "",
) -> None:
    """Compare files with the manifest; only those whose names begin with `within`.

    Every file is compared by size, and by digest too if `digested` is true of its name and size.
    Raises DamagedIndexError for the first that differs.
    """
    for name, (size, written) in manifest["files"].items():
        if not name.startswith(within):
            continue
        file = folder / name
        if not file.is_file() or file.stat().st_size != size:
            raise damaged(folder, f"{name} is missing or cut short")
        if digested(name, size) and digest(file) != written:
            raise damaged(folder, f"{name} is altered")


def damaged(folder: Path, reason: str) -> DamagedIndexError:
    """Return the error for a damaged build, with the command that replaces it."""
    return DamagedIndexError(
        f"The index build {folder.name} cannot be read: {reason}. Run `reformqa rebuild --force`"
        " to replace it."
    )
