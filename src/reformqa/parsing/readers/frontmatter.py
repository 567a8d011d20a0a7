"""Read the front matter of a Markdown file: YAML, TOML, or a title block of pandoc."""

from __future__ import annotations

import re
import tomllib

import yaml

from reformqa.model import Metadata
from reformqa.parsing.readers.stated import metadata, names

_FENCES = {"---": ("---", "..."), "+++": ("+++",)}
_KEY = re.compile(r"^[\"']?([A-Za-z][\w .-]*)[\"']?\s*[:=]\s*(.*)$")
#: Front matter has at most this many lines; a rule further down does not end it.
_MOST_LINES = 200


def front_matter(lines: list[str]) -> tuple[Metadata, list[str]]:
    """Return the metadata, and the lines with those of the front matter emptied."""
    start = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    opening = lines[start].rstrip() if start < len(lines) else ""
    if opening.startswith("% "):
        return _title_block(lines, start)
    if opening not in _FENCES:
        return Metadata(), lines
    ends = _FENCES[opening]
    within = range(start + 1, min(len(lines), start + _MOST_LINES))
    end = next((n for n in within if lines[n].rstrip() in ends), None)
    if end is None:
        return Metadata(), lines
    inside = lines[start + 1 : end]
    first = next((line for line in inside if line.strip() and not line.startswith("#")), "")
    if not _KEY.match(first):
        return Metadata(), lines  # a rule between paragraphs
    emptied = [*lines[:start], *[""] * (end + 1 - start), *lines[end + 1 :]]
    return metadata(_values("\n".join(inside), toml=opening == "+++")), emptied


def _values(text: str, *, toml: bool) -> dict[str, object]:
    try:
        values = tomllib.loads(text) if toml else yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError, AttributeError, TypeError):
        values = None
    if isinstance(values, dict):
        return {str(k): v for k, v in values.items()}
    found = (_KEY.match(line) for line in text.splitlines())
    return {m[1]: m[2].strip(" \"'") for m in found if m}


def _title_block(lines: list[str], start: int) -> tuple[Metadata, list[str]]:
    """Return the metadata of "% title", "% authors" and "% date", and the other lines."""
    block: list[str] = []
    for line in lines[start : start + 3]:
        if not line.startswith("%"):
            break
        block.append(line[1:].strip())
    title, authors, date = (*block, "", "")[:3]
    found = metadata({"title": title, "author": list(names(authors)), "date": date})
    return found, [*lines[:start], *[""] * len(block), *lines[start + len(block) :]]
