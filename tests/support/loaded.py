"""Which packages a program loads."""

from __future__ import annotations

import subprocess
import sys

#: What asking must not wait for.
HEAVY = (
    *("torch", "sentence_transformers", "transformers", "pandas", "pypdf", "pypdfium2", "PIL"),
    *("langchain_text_splitters", "streamlit", "onnx", "huggingface_hub", "scipy", "sklearn"),
)


def modules(program: str, *arguments: str) -> set[str]:
    """The packages that a new process has loaded at the end of a program that prints them."""
    run = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())
