"""The sentences of a language model, drawn while it writes, until the answer takes their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context

import streamlit as st

from reformqa.app.html import label, paragraph
from reformqa.model import Sentence


@contextmanager
def draw_early() -> Iterator[Callable[[Sentence], None]]:
    """Yield a function that draws a checked sentence with its sources below those before it.

    What it has drawn is removed when the block ends.
    """
    place = st.empty()
    drawn = place.container(key="early")
    # Answers are computed within Streamlit's cache, which would draw these again, in a place that
    # is no more, for the next visitor who asks. It tells by the context of the call.
    outside = copy_context()

    def draw(sentence: Sentence) -> None:
        drawn.html(paragraph(sentence.text, "quote"))
        drawn.caption(label("; ".join(map(str, sentence.citations))))

    try:
        yield lambda sentence: outside.run(draw, sentence)
    finally:
        place.empty()
