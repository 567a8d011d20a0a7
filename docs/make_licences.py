"""Write docs/licences.md from the metadata of the installed packages.

    .venv/bin/python docs/make_licences.py

tests/test_docs.py fails if a package that reformqa needs is not on the page.
"""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PAGE = Path(__file__).with_name("licences.md")
PROJECT = PAGE.parents[1] / "pyproject.toml"
INTRODUCTION = """\
# Licences of the packages that reformqa needs

<!-- Written by docs/make_licences.py. Run that script after a change of the dependencies. -->

reformqa itself is under the MIT licence ([LICENSE](../LICENSE)). It needs these packages, and they
each other, on Linux; the licences are as their own metadata states them. The packages of the extras
are not among them.

| Package | Licence |
|---|---|
"""
_CLASSIFIER = "License :: "
#: The longest licence in a table; some packages have the whole text in that place.
_LONGEST = 80


def needed() -> dict[str, Distribution]:
    """Return the installed packages that reformqa needs, directly or not, by name."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    left = [Requirement(text) for text in project["dependencies"]]
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    while left:
        requirement = left.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:  # of another system, or not used by the pinned versions
            continue
        inner = [Requirement(text) for text in found[name].requires or ()]
        left += [r for r in inner if _applies(r, extras)]
    return dict(sorted(found.items()))


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))


def licence(package: Distribution) -> str:
    """Return the licence that a package states; empty if it states none."""
    stated = package.metadata
    one_line = stated.get("License-Expression") or stated.get("License") or ""
    if one_line and len(one_line) <= _LONGEST and one_line != "UNKNOWN":
        return re.sub(r"\s+", " ", one_line).replace("|", "/")
    classes = [c for c in stated.get_all("Classifier") or () if c.startswith(_CLASSIFIER)]
    named = ", ".join(c.rpartition(" :: ")[2] for c in classes)
    return named or one_line.strip().partition("\n")[0]


def page() -> str:
    """Return the page in Markdown."""
    rows = (f"| {name} | {licence(found)} |\n" for name, found in needed().items())
    return INTRODUCTION + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
