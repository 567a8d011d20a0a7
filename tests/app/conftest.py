"""Fixtures of the app's tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.places import PROJECT


@pytest.fixture
def own(notes_index: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Return an index and its corpus, which the test may change."""
    shutil.copytree(notes_index, tmp_path / "index")
    shutil.copytree(PROJECT / "corpus", tmp_path / "corpus")
    return tmp_path / "index", tmp_path / "corpus"
