"""A document in the forms in which it leaves the library."""

from __future__ import annotations

from pathlib import Path

from reformqa.document import Document

COLUMNS: tuple[str, ...] = ()


def export(document: Document, form: str) -> str | bytes:
    raise NotImplementedError


def save(document: Document, file: Path) -> Path:
    raise NotImplementedError


def rows(document: Document) -> list[tuple[object, ...]]:
    raise NotImplementedError
