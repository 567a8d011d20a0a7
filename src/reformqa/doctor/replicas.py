"""Checks of what several replicas of the app need in order to be one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from reformqa.doctor.findings import Finding, attention, well
from reformqa.doctor.machine import nearest
from reformqa.settings import Settings

#: The kinds of folder that other machines may have open too, as Linux lists what is mounted.
_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "ceph", "glusterfs", "lustre", "gpfs", "beegfs", "9p")


def check_replicas(settings: Settings, secrets: Sequence[Path]) -> Finding:
    """Print what is the same for replicas with the same settings, secrets and release.

    It is slow to compute on purpose, and tells nothing of a secret.
    """
    try:
        release = version("reformqa")
    except PackageNotFoundError:
        release = "unknown"
    told = [release, settings.model_dump_json()]
    for file in secrets:
        with suppress(OSError, UnicodeDecodeError):  # the check of sign-in reports it
            told.append(file.read_text(encoding="utf-8"))
    salt = b"reformqa replicas"
    mark = hashlib.scrypt("\0".join(told).encode(), salt=salt, n=2**14, r=8, p=1, dklen=6).hex()
    return well("replicas", f"settings, secrets and release are {mark}, as in every replica")


def check_network_folder(
    index: Path, grace_hours: float, mounts: Path = Path("/proc/mounts")
) -> Iterator[Finding]:
    """Check that builds stay for readers of other machines, if these can have the index open."""
    try:
        kind = _kind(nearest(index).resolve(), mounts)
    except OSError:  # the check of the index reports it
        return
    if kind not in _NETWORK and not kind.startswith("fuse."):
        return
    if grace_hours:
        yield well("network folder", f"{index} is {kind}; builds stay {grace_hours:g} hours")
        return
    found = f"{index} is on a network folder ({kind}), and builds are removed at once"
    cure = "If other machines serve from it, set rebuild.grace_hours = 24: they read older builds."
    yield attention("network folder", found, cure)


def _kind(folder: Path, mounts: Path) -> str:
    """Return the kind of file system of a folder, or "" if this system does not say."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    found = ("", "")
    for line in lines:
        _, place, kind, *_ = [*line.split(" "), "", "", ""]
        place = place.replace("\\040", " ")
        if folder.is_relative_to(place or "/nowhere") and len(place) >= len(found[0]):
            found = (place, kind)
    return found[1]
