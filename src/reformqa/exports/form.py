"""A form of export: how a document is drawn, and how the result is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reformqa.exports.document import ExportDocument


@dataclass(frozen=True, slots=True)
class Form:
    """What one module of this package registers.

    `name` selects the form in `export`, `label` names it on a button, and `suffix` begins with a
    dot. `draw` returns text or bytes; text is written to a file in `encoding`, which adds a byte
    order mark for readers that would otherwise guess wrongly.
    """

    name: str
    label: str
    suffix: str
    media_type: str
    draw: Callable[[ExportDocument], str | bytes]
    encoding: str = "utf-8"
