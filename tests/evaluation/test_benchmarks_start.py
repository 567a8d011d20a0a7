"""Each of the five benchmarks starts, and says what it is good for and what it needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from support.places import PROJECT

FIVE = ("retrieval", "answers", "parsing", "rebuild", "load")


@pytest.mark.parametrize("name", FIVE)
def test_a_benchmark_starts_and_explains_itself(name: str):
    script = PROJECT / "benchmarks" / f"{name}.py"
    command = [sys.executable, str(script), "--help"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert f"usage: {name}.py" in printed
    opening = script.read_text(encoding="utf-8").split('"""')[1]
    assert f"python benchmarks/{name}.py" in opening
    assert "Good for: " in opening
    assert "Needs: " in opening


@pytest.mark.parametrize("name", FIVE)
def test_the_figures_give_the_command_of_a_benchmark(name: str):
    figures = (PROJECT / "docs" / "figures.md").read_text(encoding="utf-8")
    assert f"    python benchmarks/{name}.py" in figures
