"""`reformqa app` prints its address, ignores its parent's state, and ends with all processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX has them")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a working directory with an app that shows one word."""
    (tmp_path / "app.py").write_text("import streamlit as st\n\nst.write('here')\n")
    return tmp_path


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return int(free.getsockname()[1])


class Served:
    """The command, running in its own process group."""

    def __init__(self, folder: Path, port: int, *options: str) -> None:
        command = [sys.executable, "-m", "reformqa", "app", "--port", str(port), *options]
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self.address = f"http://localhost:{port}"

    def wait(self) -> None:
        for _ in range(240):
            assert self.process.poll() is None, "the app ended before it answered"
            try:
                urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=5).close()
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.25)
        pytest.fail("the app did not answer within a minute")

    def alive(self) -> bool:
        """Return whether any process of the group is alive."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True


@pytest.fixture
def served(folder: Path, port: int, notes_index: Path) -> Iterator[Served]:
    (folder / "own.toml").write_text("")
    index = os.path.relpath(notes_index, folder)
    app = Served(folder, port, "--index", index, "--settings", "own.toml")
    yield app
    if app.alive():
        os.killpg(app.process.pid, signal.SIGKILL)
    app.process.wait()
    app.process.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_command_alone_ends_the_app(served: Served, port: int, number: int):
    assert served.process.stdout
    assert served.process.stdout.readline().startswith(f"The app is at {served.address} (press")
    served.wait()
    served.process.send_signal(number)
    served.process.wait(timeout=30)
    assert not served.alive()
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("localhost", port))
        again.listen()


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux tells of a process")
def test_the_app_is_told_its_files_wherever_it_looks_from(
    served: Served, folder: Path, notes_index: Path
):
    served.wait()
    told = Path(f"/proc/{served.process.pid}/environ").read_text().split("\0")
    named = dict(line.split("=", 1) for line in told if line.startswith("REFORMQA_"))
    assert Path(named["REFORMQA_INDEX"]).is_absolute()
    assert Path(named["REFORMQA_INDEX"]).samefile(notes_index)
    assert named["REFORMQA_CORPUS"] == str(folder / "corpus")
    assert named["REFORMQA_SETTINGS"] == str(folder / "own.toml")
    assert "REFORMQA_CATALOGUE" not in named


def test_a_damaged_index_is_told_and_nothing_is_served(folder: Path, port: int):
    build = folder / "broken" / "builds" / "20310102-030405-abcdef"
    build.mkdir(parents=True)
    (folder / "broken" / "current").write_text(build.name)
    (build / "manifest.json").write_text("{")
    app = Served(folder, port, "--index", "broken")
    assert app.process.communicate(timeout=240)[0] == ""
    assert app.process.returncode not in (None, 0)
