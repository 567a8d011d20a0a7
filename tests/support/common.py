"""What the processes that run tests side by side make once for all of them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

_VARIABLE = "REFORMQA_TESTS_COMMON"


def open_common() -> None:
    """Make the run's shared folder, and name it to every process that this one starts."""
    os.environ[_VARIABLE] = tempfile.mkdtemp(prefix="reformqa-tests-")


def close_common() -> None:
    """Remove the run's shared folder."""
    shutil.rmtree(os.environ.pop(_VARIABLE), ignore_errors=True)


def once(name: str, make: Callable[[Path], object]) -> Path:
    """Return the shared folder `name`, which `make` fills if no process of the run has done so.

    Folders are filled under another name: do not let `make` keep the path.
    """
    folder = Path(os.environ[_VARIABLE]) / name
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            aside = folder.with_name(f"{name}.unfinished")
            shutil.rmtree(aside, ignore_errors=True)  # of a process that failed
            aside.mkdir()
            make(aside)
            aside.rename(folder)
    return folder
