"""Files that visitors handed in: a name that a stranger chose says nothing about a report.

Each has a note beside it, "<its stem>.handed-in.json", with its digest. The catalogue's entry of
its id is used for it only if the entry gives that digest, or the title that the file itself prints
(`corpus.find_entry`). To vouch for a file, the operator removes the note, or replaces the file.
"""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from pydantic_core import to_json

from reformqa.formats import parse_json
from reformqa.ingest.folder import HANDED_IN
from reformqa.model import ReportInfo

UNTITLED = "Untitled report"

_Info = TypeVar("_Info", bound=ReportInfo)


def note_of(file: Path) -> Path:
    """Return the path of the note on a file."""
    return file.with_name(f"{file.stem}{HANDED_IN}")


def describe(file: Path, data: bytes) -> bytes:
    """Return the text of the note on a file with the contents `data`."""
    when = datetime.now(UTC).isoformat(timespec="seconds")
    note = {"file": file.name, "sha256": hashlib.sha256(data).hexdigest(), "handed_in": when}
    return to_json(note, indent=2) + b"\n"


def was_handed_in(file: Path, sha256: str) -> bool:
    """Return whether a file with that digest was handed in, and not put there by the operator."""
    try:
        note = parse_json(note_of(file).read_bytes())
    except FileNotFoundError:  # most files have none
        return False
    except (OSError, ValueError):  # a note that cannot be read vouches for nothing
        return True
    return not isinstance(note, dict) or note.get("sha256") == sha256


def as_handed_in(report: _Info) -> _Info:
    """Return a report as it stands in a file that was handed in: untitled rather than named."""
    title = report.title if "title" in report.guesses else UNTITLED
    return dataclasses.replace(report, title=title, handed_in=True)


def with_warning(report: _Info) -> _Info:
    """Return a report with the warning that its name is one of the catalogue's."""
    warning = (
        f"handed in as {report.source}. The catalogue has a report of that name, but nothing in"
        " this file shows that it is the one"
    )
    return dataclasses.replace(report, warnings=tuple(dict.fromkeys((*report.warnings, warning))))


def remedy(report: ReportInfo) -> str:
    """Return what the operator is to do about a report with that warning."""
    note = note_of(Path(report.source)).name
    return f"If {report.source} is the report of that name, remove {note}. If not, rename it."
