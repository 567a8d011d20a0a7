"""The registry of pages, and the direction of imports between the app's parts."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from reformqa.app import pages
from reformqa.app.pages import PAGES

APP = Path(pages.__file__).parents[1]
#: What each part of the app may not import.
ABOVE = {"state": ("components", "pages"), "components": ("pages",)}


def test_the_addresses_of_pages_stay():
    # Links to them have been sent around.
    assert [page.address for page in PAGES] == [
        *("ask", "compare", "recommendations", "crosswalk", "briefing", "library", "health")
    ]


def test_every_page_is_registered():
    modules = {file.stem for file in (APP / "pages").glob("*.py")} - {"__init__", "page"}
    assert {page.draw.__module__.rpartition(".")[2] for page in PAGES} == modules


@pytest.mark.parametrize(
    "file",
    [file for part in ABOVE for file in sorted((APP / part).glob("*.py"))],
    ids=lambda file: f"{file.parent.name}/{file.stem}",
)
def test_imports_lead_from_pages_to_components_to_state(file: Path):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    above = {f"reformqa.app.{part}" for part in ABOVE[file.parent.name]}
    assert not [name for name in imported for part in above if name.startswith(part)]
