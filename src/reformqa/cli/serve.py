"""Serve the app with Streamlit in place of this process, so that both end together."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn


def serve(
    script: Path,
    address: str,
    port: int,
    files: Mapping[str, Path | None],
    secrets: Sequence[Path] = (),
) -> NoReturn:
    """Serve the app in `script` until the process ends.

    `files` maps the environment variables that the app reads to paths. `secrets` are files to read
    in place of those that Streamlit looks for.
    """
    named = {name: str(file.absolute()) for name, file in files.items() if file}
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [f"--server.address={address}", f"--server.port={port}"]
    command += [f"--secrets.files={file}" for file in secrets]
    sys.stdout.flush()  # buffered output is lost when the process is replaced
    if sys.platform == "win32":  # where a process cannot be replaced
        sys.exit(subprocess.run(command, env={**os.environ, **named}, check=False).returncode)
    os.execve(sys.executable, command, {**os.environ, **named})
