"""Change the values of a table in a TOML file, and leave its comments, order and spacing alone."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reformqa.formats import parse_toml

#: A value: a text or a list of texts; None removes the key.
Value = str | Sequence[str] | None


@dataclass(frozen=True, slots=True)
class _Statement:
    """A key's assignment in a table: its lines as a half-open range, and what it says."""

    start: int
    stop: int
    values: dict[str, Any]


def with_values(text: str, table: Sequence[str], values: Mapping[str, Value]) -> str:
    """Return the TOML `text` with these values in the table of that path, which may be new.

    Raises ValueError if the text is not valid TOML, or if the table is written in a form in which
    the values cannot be replaced (an inline table, dotted keys).
    """
    before = parse_toml(text)
    lines = text.splitlines(keepends=True)
    end = "\r\n" if text.endswith("\r\n") else "\n"
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += end
    header = _header(lines, table)
    if header is None:
        gap = [end] if lines and lines[-1].strip() else []
        new = [f"{_key(k)} = {_toml(v)}{end}" for k, v in values.items() if v is not None]
        lines += [*gap, f"[{'.'.join(map(_key, table))}]{end}", *new]
    else:
        _change(lines, header, values, end)
    changed = "".join(lines)
    _check(changed, before, table, values)
    return changed


def _change(lines: list[str], header: int, values: Mapping[str, Value], end: str) -> None:
    statements = list(_statements(lines, header + 1))
    after = statements[-1].stop if statements else header + 1
    missing = [k for k in values if not any(k in s.values for s in statements)]
    added = [f"{_key(k)} = {_toml(v)}{end}" for k in missing if (v := values[k]) is not None]
    lines[after:after] = added
    for statement in reversed(statements):
        for key, value in values.items():
            if key not in statement.values or statement.values[key] == value:
                continue
            comment = _comment(lines[statement.start : statement.stop], statement.values)
            new = [] if value is None else [f"{_key(key)} = {_toml(value)}{comment}{end}"]
            lines[statement.start : statement.stop] = new


def _header(lines: Sequence[str], table: Sequence[str]) -> int | None:
    """Return the line of the table's header, or None."""
    at = 0
    while at < len(lines):
        if lines[at].lstrip().startswith("["):
            if _names(lines[at]) == list(table):
                return at
            at += 1
        elif statement := _statement(lines, at):
            at = statement.stop
        else:
            at += 1
    return None


def _names(line: str) -> list[str]:
    """Return the path that a header line opens, or nothing if it is none of a table."""
    try:
        opened: Any = parse_toml(line)
    except tomllib.TOMLDecodeError:
        return []
    names = []
    while isinstance(opened, dict) and len(opened) == 1:
        names.append(next(iter(opened)))
        opened = opened[names[-1]]
    return names if opened == {} else []


def _statements(lines: Sequence[str], start: int) -> Iterator[_Statement]:
    """Yield the assignments from a line to the next header."""
    while start < len(lines) and not lines[start].lstrip().startswith("["):
        statement = _statement(lines, start)
        if statement:
            yield statement
        start = statement.stop if statement else start + 1


def _statement(lines: Sequence[str], start: int) -> _Statement | None:
    """Return the assignment that begins in a line: the fewest lines that are valid together."""
    if not lines[start].strip() or lines[start].lstrip().startswith("#"):
        return None
    for stop in range(start + 1, len(lines) + 1):
        try:
            return _Statement(start, stop, parse_toml("".join(lines[start:stop])))
        except tomllib.TOMLDecodeError:
            continue
    return None


def _comment(lines: Sequence[str], values: dict[str, Any]) -> str:
    """Return the comment after the value in the last of its lines, with the space before it."""
    *head, last = lines
    for mark in re.finditer("#", last):
        try:
            if parse_toml("".join([*head, last[: mark.start()]])) == values:
                bare = last[: mark.start()]
                return bare[len(bare.rstrip()) :] + last[mark.start() :].rstrip("\r\n")
        except tomllib.TOMLDecodeError:
            continue
    return ""


def _check(
    changed: str, before: dict[str, Any], table: Sequence[str], values: Mapping[str, Value]
) -> None:
    """Raise ValueError unless the text says what it said before, with the new values."""
    wanted = before
    for name in table:
        wanted = wanted.setdefault(name, {})
    for key, value in values.items():
        if value is None:
            wanted.pop(key, None)
        else:
            wanted[key] = value if isinstance(value, str) else list(value)
    try:
        found: object = parse_toml(changed)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"[{'.'.join(table)}] is written in a form unknown here") from error
    if found != before:
        raise ValueError(f"[{'.'.join(table)}] is written in a form unknown here")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _toml(name)


def _toml(value: str | Sequence[str]) -> str:
    """Return a value in TOML, whose basic strings are those of JSON but for DEL."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"[{', '.join(map(_toml, value))}]"
