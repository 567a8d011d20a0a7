"""Asking loads none of what only building or showing needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.loaded import HEAVY, modules

ASK = """
import sys
from reformqa import Library, Settings
library = Library.open(sys.argv[1], Settings())
hits = library.search("what do schools say about targets?")
answer = library.ask("What is said about inspection?")
comparison = library.compare("targets")
assert hits and answer.sentences and any(row.sentences for row in comparison.rows)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_search_ask_and_compare_load_no_torch(notes_index: Path):
    loaded = modules(ASK, str(notes_index))
    assert {"onnxruntime", "faiss", "reformqa"} <= loaded
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.parametrize("name", ["torch", "pypdf"])
def test_what_is_heavy_would_be_seen(name: str):
    program = f"import sys, {name}; print(*(n for n in sys.modules if '.' not in n))"
    assert not modules(program).isdisjoint(HEAVY)


def test_importing_reformqa_loads_no_torch():
    program = "import sys, reformqa; print(*(n for n in sys.modules if '.' not in n))"
    loaded = modules(program)
    assert "reformqa" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_a_rebuild_loads_ray_only_if_it_is_asked_for():
    program = """
import sys
from reformqa import Settings, rebuild
from reformqa.pipeline.executors.chosen import open_executor
with open_executor(Settings()):
    print(*(n for n in sys.modules if '.' not in n))
"""
    loaded = modules(program)
    assert "reformqa" in loaded
    assert "ray" not in loaded
