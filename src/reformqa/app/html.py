"""Text of reports, questions and file names, made safe to show: nothing of it is markup."""

from __future__ import annotations

import html
import re

# Every mark of ASCII can be escaped so (CommonMark 0.31, 2.4) …
_MARKS = re.compile(r"([!-/:-@\[-`{-~])")
# … but Streamlit looks for emoji, icons, addresses and arrows in what is left when that is done.
# A word joiner, which nobody sees, keeps their characters apart.
_JOINER = "\u2060"
_NAMED = re.compile(r":|@|(?<=www)\.|[<>=~-](?=[<>=~-])", re.IGNORECASE)


def escape(text: str) -> str:
    """Text to put into HTML."""
    return html.escape(text)


def label(text: str) -> str:
    """Text to put where Streamlit reads Markdown: the label of a button, a message."""
    joined = _NAMED.sub(lambda mark: mark.group() + _JOINER, " ".join(text.split()))
    return _MARKS.sub(r"\\\1", joined)


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of HTML that shows the text; `kind` is its class in the style sheet."""
    return f'<p class="{kind}">{escape(text)}</p>'


def marked(text: str, span: tuple[int, int]) -> str:
    """The text as HTML, with the characters of `span` marked."""
    start, end = span
    if start >= end:
        return escape(text)
    quote = f"<mark>{escape(text[start:end])}</mark>"
    return f"{escape(text[:start])}{quote}{escape(text[end:])}"
