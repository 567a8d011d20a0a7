"""A small corpus, and rebuilds of it with a small model, for tests of one night after another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reformqa import Settings, rebuild
from reformqa.model import RebuildResult
from support.models import small, small_export_into

BREAD = """# Bread in Towns

## Ovens at dawn

The bakers of the harbour town light their ovens well before the first tram leaves.

Rye keeps for a week in a stone crock, while a wheat loaf is stale by the second evening.

## Recommendations

- The town should lend its cold ovens to anybody who wants to learn the trade.
"""
TRAMS = """# Trams by the Sea

## Tracks and timetables

A tram that comes every ten minutes needs no timetable, as the drivers like to say.
"""
CATALOGUE = """[reports.bread]
title = "Bread in Towns"
publisher = "Bakers"

[reports.trams]
title = "Trams by the Sea"
publisher = "Drivers"
"""
LEXICAL = {"late_weight": 0, "embedding_weight": 0, "bm25_weight": 1}
#: Contents that no reader accepts as a report.
GARBAGE = b"\x89PNG\0\0\0"


def make_corpus(folder: Path) -> Path:
    """Write two short reports and their catalogue into a new folder, and return it."""
    folder.mkdir(parents=True)
    (folder / "catalogue.toml").write_text(CATALOGUE, encoding="utf-8")
    (folder / "bread.md").write_text(BREAD, encoding="utf-8")
    (folder / "trams.txt").write_text(TRAMS, encoding="utf-8")
    return folder


def night(
    corpus: Path, index: Path, stages: dict[str, Any] | None = None, **asked: Any
) -> RebuildResult:
    """Rebuild with the small model; `stages` are further settings."""
    if corpus.is_dir() and not (index / "cache").exists():
        small_export_into(index)
    return rebuild(corpus, index, settings=settings(**stages or {}), **asked)


def settings(**stages: Any) -> Settings:
    """Return settings with the small model. BM25 alone ranks: the model's weights are random."""
    own = {"encoder": {"model": str(small())}, "search": LEXICAL}
    return Settings.model_validate(own | stages)


def long_report(paragraphs: int) -> str:
    """Return a report of that many paragraphs, no two alike."""
    sentences = (
        f"The oven of {word(n)} is lit by {word(n + 7919)} before {word(3 * n + 104729)} wakes at"
        " the mill."
        for n in range(paragraphs)
    )
    return "\n\n".join(("# The Long Report", "## Ovens", *sentences)) + "\n"


def word(number: int) -> str:
    """Return a made-up word, a different one for each number."""
    made = ""
    while number or not made:
        number, digit = divmod(number, 40)
        made += "bdfgklmn"[digit % 8] + "aeiou"[digit // 8]
    return made + "r"
