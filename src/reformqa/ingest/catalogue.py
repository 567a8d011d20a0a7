"""What is known of each report and how: the catalogue's facts, and the guesses that it may take.

An entry of the catalogue replaces all guesses about its report. So a new entry takes over those
that nobody corrects, and names them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import Timeout
from pydantic import ValidationError

from reformqa.errors import CorpusError
from reformqa.files import write_atomically
from reformqa.formats import parse_toml
from reformqa.ingest.corpus import (
    Entry,
    check_catalogue,
    find_entry,
    is_mistaken,
    read_catalogue,
)
from reformqa.ingest.handed_in import remedy
from reformqa.ingest.toml_table import Value, with_values
from reformqa.locks import held
from reformqa.model import Guess, Metadata, ReportInfo
from reformqa.settings import explain
from reformqa.text.dates import month_of

#: The facts, in the order in which they are shown and written.
FACTS: tuple[str, ...] = tuple(f.name for f in dataclasses.fields(Metadata))
#: A correction takes a moment. One that waits for longer, waits for a machine that died.
_LEASE, _PATIENCE = 20.0, 45.0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a report.

    `guesses` maps each fact that the catalogue does not give to how it was found. `catalogued`
    is true if the catalogue has an entry for the report, and `pending` if the index does not yet
    show what that says.
    """

    report_id: str
    source: str
    facts: Metadata
    guesses: dict[str, Guess]
    catalogued: bool
    pending: bool


def known(report: ReportInfo, entries: Mapping[str, Entry]) -> Known:
    """Return what is known of a report, first from the catalogue's `entries`."""
    entry = find_entry(entries, report)
    if entry is None:
        guessed = _facts(report, report.guesses)
        return Known(report.id, report.source, guessed, dict(report.guesses), False, False)
    pending = bool(report.guesses) or entry.facts != _facts(report, FACTS)
    return Known(report.id, report.source, entry.facts, {}, True, pending)


def _facts(report: ReportInfo, names: Iterable[str]) -> Metadata:
    values: dict[str, Any] = {name: getattr(report, name) for name in names}
    return Metadata(**values)


def correct(file: Path, report: ReportInfo, corrections: Mapping[str, Value]) -> tuple[str, ...]:
    """Write corrections of a report's facts into the catalogue `file`, which may be new.

    Comments and order of the file stay. A correction of None, "" or () removes a fact. Return the
    names of the guesses that a new entry takes over. The entry of a report that was handed in is
    given its digest.
    Raises CorpusError if a correction or the catalogue is invalid, or cannot be written, or if the
    report was handed in under the id of another report's entry.
    """
    file = file.resolve()  # a link to the catalogue stays one
    with _alone(file):
        entries = read_catalogue(file)
        if is_mistaken(entries, report):
            raise CorpusError(
                f"The catalogue has another report of the name {report.id}. {remedy(report)}"
            )
        now = known(report, entries)
        values = {name: _checked(name, value) for name, value in corrections.items()}
        taken = () if now.catalogued else tuple(n for n in now.guesses if n not in values)
        if not now.catalogued:
            given = {name: getattr(now.facts, name) or None for name in FACTS}
            values = {**{k: v for k, v in given.items() if v}, **values}
        written: dict[str, Value] = {n: values[n] for n in FACTS if n in values}
        if report.handed_in:
            written["sha256"] = report.sha256
        _write(file, _entry_id(report, entries), written)
    return tuple(sorted(taken))


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Be the only one, on whatever machine, to change the catalogue."""
    with ExitStack() as stack:
        try:
            stack.enter_context(held(file.with_name(f".{file.name}.lock"), _PATIENCE, _LEASE))
        except Timeout as error:
            raise CorpusError(
                f"{file.name} is being changed by another process. Try again in a moment."
            ) from error
        except OSError as error:
            raise _unwritable(file, error) from error
        yield


def _entry_id(report: ReportInfo, entries: Mapping[str, Entry]) -> str:
    entry = find_entry(entries, report)
    return entry.report_id if entry else report.id


def _checked(name: str, value: Value) -> Value:
    """Return a correction as the catalogue writes it. Raises CorpusError for no date."""
    if not value or (isinstance(value, str) and not value.strip()):
        return None
    if not isinstance(value, str):
        return [v for text in value if (v := " ".join(text.split()))] or None
    value = " ".join(value.split())
    if name == "published":
        found = month_of(value)
        if found is None:
            raise CorpusError(f"“{value}” is no date. Write it as 2024-12, December 2024 or 2024.")
        return found
    return value


def _write(file: Path, entry: str, values: Mapping[str, Value]) -> None:
    """Write values into an entry of the catalogue, after checking what it becomes."""
    try:
        before = file.read_bytes() if file.exists() else b""
        text = with_values(before.decode("utf-8"), ("reports", entry), values)
        check_catalogue(parse_toml(text))
        write_atomically(file, text.encode("utf-8"))
    except ValidationError as error:
        raise CorpusError(f"{file.name} was not changed. {explain(error)}") from error
    except ValueError as error:
        raise CorpusError(
            f"{file.name} cannot be changed here: {error}. Edit it yourself."
        ) from error
    except OSError as error:
        raise _unwritable(file, error) from error


def _unwritable(file: Path, error: OSError) -> CorpusError:
    reason = error.strerror or error
    return CorpusError(f"{file} cannot be written: {reason}. Check the permissions of its folder.")


def listed(reports: Iterable[ReportInfo], entries: Mapping[str, Entry]) -> tuple[Known, ...]:
    """Return what is known of each report, by id."""
    return tuple(known(r, entries) for r in sorted(reports, key=lambda r: r.id))
