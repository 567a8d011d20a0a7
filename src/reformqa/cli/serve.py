"""Serve the app: streamlit takes this process's place, so that what ends the one ends the other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn


def serve(script: Path, address: str, port: int, files: Mapping[str, Path | None]) -> NoReturn:
    """Serve the app of that script until the process is ended.

    `files` are what the app reads, by the environment variable that names it there.
    """
    named = {name: str(file.absolute()) for name, file in files.items() if file}
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [f"--server.address={address}", f"--server.port={port}"]
    sys.stdout.flush()  # what is still to be written is lost with this program
    if sys.platform == "win32":  # there, a process cannot give its place away
        sys.exit(subprocess.run(command, env={**os.environ, **named}, check=False).returncode)
    os.execve(sys.executable, command, {**os.environ, **named})
