"""Golden files: what a reader made of a made report, kept to compare with."""

from __future__ import annotations

import json
from typing import Any

#: The environment variable that rewrites golden files, which CI refuses.
FLAG = "REFORMQA_REWRITE_GOLDEN"


def in_lines(read: dict[str, Any]) -> str:
    """As JSON, with a line for each fact, section, paragraph and recommendation."""
    parts = []
    for key, values in read.items():
        named = isinstance(values, dict)
        rows = [
            f"{json.dumps(v)}: {json.dumps(values[v], ensure_ascii=False)}"
            if named
            else json.dumps(v, ensure_ascii=False)
            for v in values
        ]
        opening, closing = "{}" if named else "[]"
        inner = ",\n".join(f"  {row}" for row in rows)
        parts.append(f" {json.dumps(key)}: {opening}\n{inner}\n {closing}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
