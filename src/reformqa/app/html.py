"""Escaping of untrusted text: reports, questions and file names."""

from __future__ import annotations

import html
import re

# Every ASCII punctuation mark can be escaped with a backslash (CommonMark 0.31, 2.4) …
_MARKS = re.compile(r"([!-/:-@\[-`{-~])")
# … but Streamlit then looks for emoji, icons, addresses and arrows in the unescaped text. An
# invisible word joiner keeps their characters apart.
_JOINER = "\u2060"
_NAMED = re.compile(r":|@|(?<=www)\.|[<>=~-](?=[<>=~-])", re.IGNORECASE)


def escape(text: str) -> str:
    """Return the text escaped for HTML."""
    return html.escape(text)


def label(text: str) -> str:
    """Return the text escaped for Streamlit's Markdown, as in labels and messages."""
    joined = _NAMED.sub(lambda mark: mark.group() + _JOINER, " ".join(text.split()))
    return _MARKS.sub(r"\\\1", joined)


def paragraph(text: str, kind: str = "") -> str:
    """Return an HTML paragraph with the text escaped; `kind` is its CSS class."""
    return f'<p class="{kind}">{escape(text)}</p>'


def marked(text: str, span: tuple[int, int]) -> str:
    """Return the text as HTML, with the characters of `span` highlighted."""
    start, end = span
    if start >= end:
        return escape(text)
    quote = f"<mark>{escape(text[start:end])}</mark>"
    return f"{escape(text[:start])}{quote}{escape(text[end:])}"
