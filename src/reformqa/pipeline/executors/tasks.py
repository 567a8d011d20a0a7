"""What a node of a cluster is asked to do: say what it is, read a file, encode texts.

Each is a function of a module, so that a node runs its own copy of the code, which `describe`
compares with that of the rebuild.
"""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import reformqa
from reformqa.errors import EncoderError
from reformqa.ingest.prepare import PreparedReport
from reformqa.ingest.workers import Job, read_all
from reformqa.model import FileProblem
from reformqa.models.base import Execution, TextEncoder, TextVectors
from reformqa.models.onnx import open_encoder, token_role
from reformqa.models.token_reduction import Reducer, Reduction
from reformqa.settings import PassageSettings, ReadingSettings

#: What `describe` calls the instructions of the processor.
PROCESSOR = "processor"
#: The packages whose versions decide what is read from a file, and to which vectors a text leads.
_PACKAGES = (
    "langchain-text-splitters",
    "lxml",
    "markdown-it-py",
    "numpy",
    "onnxruntime",
    "pypdf",
    "pypdfium2",
    "python-docx",
    "PyStemmer",
    "PyYAML",
    "sentencex",
    "tokenizers",
)
#: The instructions by which onnxruntime chooses how to compute, as Linux names them.
_INSTRUCTIONS = re.compile(r"(?:sse4|avx|fma|f16c|amx|asimd|sve|i8mm|bf16|fphp)")


def describe(ocr: bool) -> dict[str, str]:
    """Return what has to be the same on two machines for the same build, by name."""
    about = {"Python": platform.python_version(), "reformqa": _own_source()}
    about |= {name: _version(name) for name in _PACKAGES}
    if ocr:
        about["tesseract"] = _tesseract()
    return about | {PROCESSOR: _instructions()}


def read_file(
    name: str, report_id: str, data: bytes, limits: ReadingSettings, passages: PassageSettings
) -> PreparedReport | FileProblem:
    """Read a file with these contents as a rebuild on this machine does, within the same limits."""
    with TemporaryDirectory(prefix="reformqa-") as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        alone = limits.model_copy(update={"workers": 1})
        ((_, result),) = read_all([Job(path, report_id)], alone, passages)
    return result


def encode_texts(
    models: Sequence[Any], digest: str, threads: int, texts: Sequence[str]
) -> list[TextVectors]:
    """Return the vectors of texts by the models that the reference in `models` leads to.

    The models are fetched once in the life of a worker, and compared with `digest`.
    """
    encoder, reducer = _opened_models(_Sent(models, digest), threads)
    return [reducer.reduce(e) for e in encoder.encode_tokens(texts, "passage")]


def packed(models: Mapping[str, Path]) -> dict[str, dict[str, bytes]]:
    """Return the files of exported models by role and name."""
    return {
        role: {file.name: file.read_bytes() for file in sorted(folder.iterdir())}
        for role, folder in models.items()
    }


def digest_of(files: Mapping[str, Mapping[str, bytes]]) -> str:
    """Return the SHA-256 of all files of exported models with their names."""
    whole = hashlib.sha256()
    for role in sorted(files):
        for name in sorted(files[role]):
            whole.update(f"{role}/{name}\n".encode())
            whole.update(hashlib.sha256(files[role][name]).digest())
    return whole.hexdigest()


class _Sent:
    """Models that were sent: equal if their digests are, wherever the reference leads."""

    def __init__(self, reference: Sequence[Any], digest: str) -> None:
        self.reference = reference
        self.digest = digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sent) and self.digest == other.digest


@cache
def _opened_models(sent: _Sent, threads: int) -> tuple[TextEncoder, Reducer]:
    import ray

    files: dict[str, dict[str, bytes]] = ray.get(sent.reference[0])
    if digest_of(files) != sent.digest:
        raise EncoderError("The models that came to this node are not those that were sent.")
    with TemporaryDirectory(prefix="reformqa-models-") as aside:  # all is in memory once opened
        folders = {role: Path(aside) / role for role in files}
        for role, folder in folders.items():
            folder.mkdir()
            for name, data in files[role].items():
                (folder / name).write_bytes(data)
        execution = Execution(threads=threads)
        encoder = open_encoder(folders, side_by_side=True, execution=execution)
        return encoder, Reducer(encoder, Reduction.load(folders[token_role(folders)]))


def _own_source() -> str:
    """Return a digest of this package's files, which its version may not tell apart."""
    root = Path(reformqa.__file__).parent
    whole = hashlib.sha256()
    for file in sorted(f for f in root.rglob("*") if f.suffix in (".py", ".json", ".toml")):
        whole.update(f"{file.relative_to(root).as_posix()}\n".encode())
        whole.update(file.read_bytes())
    return f"{reformqa.__version__} ({whole.hexdigest()[:12]})"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def _tesseract() -> str:
    command = shutil.which("tesseract")
    if command is None:
        return "none"
    told = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)
    return (told.stdout or told.stderr).partition("\n")[0].removeprefix("tesseract ")


def _instructions() -> str:
    """Return the processor's kind and instructions; without /proc, its kind alone."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.machine()
    flags = re.search(r"^(?:flags|Features)\s*:(.*)$", text, re.M)
    known = sorted(f for f in flags[1].split() if _INSTRUCTIONS.match(f)) if flags else []
    return " ".join((platform.machine(), *known))
