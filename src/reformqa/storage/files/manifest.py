"""What a build's folder holds, written down: every file with its size and digest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from reformqa.errors import DamagedIndexError
from reformqa.files import digest, sync, write_atomically

#: Raise when the files on disk change shape: older builds are then rebuilt, not read.
SCHEMA_VERSION = 6

#: Files up to this size (bytes) are checked by digest on opening, larger ones by size alone, so
#: that opening takes no longer for a larger library; `verify` checks all of them.
CHECKED_ON_OPENING = 16 * 2**20


MANIFEST = "manifest.json"


def write_manifest(folder: Path, facts: dict[str, Any]) -> None:
    """Write the manifest of a folder that is complete but for it; `facts` go in as they are.

    When it is written, so is every file of the folder, whatever becomes of the machine.
    """
    files = sorted(f for f in folder.rglob("*") if f.is_file())
    sizes = {f.relative_to(folder).as_posix(): [f.stat().st_size, digest(f)] for f in files}
    manifest = {"schema": SCHEMA_VERSION, **facts, "files": sizes}
    for path in (*files, *(f for f in folder.rglob("*") if f.is_dir())):
        sync(path)
    write_atomically(folder / MANIFEST, json.dumps(manifest, indent=1).encode())


def read_manifest(folder: Path) -> dict[str, Any]:
    """A build's manifest. Raises DamagedIndexError where it cannot be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise damaged(folder, str(error)) from error
    if not isinstance(manifest, dict) or not {"build", "files"} <= set(manifest):
        raise damaged(folder, "its manifest is not one")
    files = manifest["files"]
    if not isinstance(files, dict) or not all(isinstance(f, list) for f in files.values()):
        raise damaged(folder, "its manifest lists no files")
    if manifest.get("schema") != SCHEMA_VERSION:
        raise damaged(folder, f"its format is {manifest.get('schema')}, not {SCHEMA_VERSION}")
    return manifest


def is_whole(folder: Path) -> bool:
    """Whether the folder holds every file of its manifest, each as it was written."""
    try:
        check_files(folder, read_manifest(folder))
    except DamagedIndexError:
        return False
    return True


def check_files(
    folder: Path, manifest: dict[str, Any], largest: int | None = None, within: str = ""
) -> None:
    """Compare the folder's files, those whose names begin with `within`, with its manifest.

    Each by size, and by digest those of at most `largest` bytes, or all of them.
    Raises DamagedIndexError for the first that differs.
    """
    for name, (size, written) in manifest["files"].items():
        if not name.startswith(within):
            continue
        file = folder / name
        if not file.is_file() or file.stat().st_size != size:
            raise damaged(folder, f"{name} is missing or cut short")
        if (largest is None or size <= largest) and digest(file) != written:
            raise damaged(folder, f"{name} is altered")


def damaged(folder: Path, reason: str) -> DamagedIndexError:
    """The error that tells of a broken build, and how to mend it."""
    return DamagedIndexError(
        f"The index build {folder.name} cannot be read: {reason}. Make it anew with"
        " `reformqa rebuild --force`."
    )
