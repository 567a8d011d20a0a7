"""When builds stopped being served, and which of them other machines may still be reading.

A file that is removed on this machine stays for the processes here that have it open, but not for
those of another machine that has it from a network folder: these fail, or are killed. So builds
stay for a while after they were served, and readers turn to the next one in half of that time.

    index/left.json    the moment at which each build was last replaced, by its id
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from reformqa.files import write_atomically

_FILE = "left.json"
_MOMENTS = TypeAdapter(dict[str, AwareDatetime])


def note_leaving(
    index: Path, build_id: str, kept: Collection[str], now: datetime | None = None
) -> None:
    """Note that another build is about to be served; forget the builds that are not `kept`."""
    moments = {name: when for name, when in _read(index).items() if name in kept}
    moments[build_id] = now or datetime.now(UTC)
    write_atomically(index / _FILE, _MOMENTS.dump_json(moments, indent=1) + b"\n")


def lately_served(index: Path, hours: float, now: datetime | None = None) -> set[str]:
    """Return the builds that were served in the last `hours`, and are not served now."""
    since = (now or datetime.now(UTC)) - timedelta(hours=hours)
    return {name for name, when in _read(index).items() if when > since}


def is_leaving(
    kept: Collection[str], build_id: str, hours: float, now: datetime | None = None
) -> bool:
    """Return whether a reader of a build has to turn to the one that is served now.

    It has to if the build is not among those `kept`, or soon will not be: if the next one was made
    before half of the `hours` for which builds stay. One that was served again since is left early,
    which harms nobody.
    """
    if build_id not in kept:
        return True
    later = min((version for version in kept if version > build_id), default=None)
    if later is None or hours <= 0:
        return False
    return (now or datetime.now(UTC)) - _moment(later) > timedelta(hours=hours / 2)


def _moment(build_id: str) -> datetime:
    """Return when a build was made, which its id begins with; long ago if that is no moment."""
    try:
        return datetime.strptime(build_id[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _read(index: Path) -> dict[str, datetime]:
    """Return the moments on record; none if there is no record, or it cannot be read."""
    try:
        return _MOMENTS.validate_json((index / _FILE).read_bytes())
    except (OSError, ValidationError):
        return {}
