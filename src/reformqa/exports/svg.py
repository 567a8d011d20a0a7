"""Drawings as SVG files."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

from reformqa.errors import ExportError


def drawing(width: int, height: int, elements: Iterable[str], *, title: str, size: int) -> str:
    """Return an SVG of these elements on white; `size` is that of its words, in pixels."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            f' width="{width}" height="{height}" font-family="sans-serif" font-size="{size}"'
            ' role="img">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{width}" height="{height}" fill="white"/>',
            *elements,
            "</svg>\n",
        ]
    )


def words(x: float, y: float, text: str, **attributes: str) -> str:
    """Return an element with the text at a point; an attribute `text_anchor` is "text-anchor"."""
    more = "".join(f' {name.replace("_", "-")}="{a}"' for name, a in attributes.items())
    return f'<text x="{x:g}" y="{y:g}"{more}>{escape(text)}</text>'


def save_svg(drawn: str, file: Path) -> Path:
    """Write a drawing into an SVG file, and return the file.

    Raises ExportError for a suffix other than ".svg", or if the file cannot be written.
    """
    if file.suffix.lower() != ".svg":
        raise ExportError(f"{file} cannot be drawn: drawings are SVG files. Choose a name in .svg.")
    try:
        file.write_text(drawn, encoding="utf-8")
    except OSError as error:
        raise ExportError(
            f"{file} cannot be written: {error.strerror}. Choose another file."
        ) from error
    return file
