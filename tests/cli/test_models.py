"""Models are listed with their state, and downloaded from a hub only when somebody asks."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from support.models import small

COMMIT = "c" * 40
OWNER = "made/small"


class Hub(BaseHTTPRequestHandler):
    """A hub that has one model, in `folder`, beside files that nobody needs."""

    folder: Path

    def files(self) -> dict[str, bytes]:
        files = {f.relative_to(self.folder).as_posix(): f.read_bytes() for f in _files(self.folder)}
        return files | {"onnx/model.onnx": b"not needed", "tf_model.h5": b"not needed"}

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        resolve = f"/{OWNER}/resolve/{COMMIT}/"
        data = self.files().get(path.removeprefix(resolve)) if path.startswith(resolve) else None
        if path.startswith(f"/api/models/{OWNER}/revision/"):
            siblings = [{"rfilename": name} for name in self.files()]
            data = json.dumps({"id": OWNER, "sha": COMMIT, "siblings": siblings}).encode()
        elif path.startswith(f"/api/models/{OWNER}/tree/"):
            tree = [
                {"type": "file", "path": n, "size": len(d), "oid": "0"}
                for n, d in self.files().items()
            ]
            data = json.dumps(tree).encode()
        self.send_response(404 if data is None else 200)
        if data is None:
            self.send_header("X-Error-Code", "RepoNotFound")
        self.send_header("Content-Length", str(len(data or b"")))
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hashlib.sha1(data or b"").hexdigest()}"')
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data or b"")

    def log_message(self, *told: object) -> None:
        pass


def _files(folder: Path) -> list[Path]:
    return sorted(f for f in folder.rglob("*") if f.is_file())


@pytest.fixture
def hub() -> Iterator[str]:
    handler = type("MadeHub", (Hub,), {"folder": small()})
    server = ThreadingHTTPServer(("localhost", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reformqa", "models", *arguments],
        env={**os.environ, "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_models_chosen_and_packaged_are_listed():
    told = json.loads(run("--json").stdout)
    states = {m["name"]: (m["chosen_for"], m["state"]) for m in told}
    assert states == {
        "bge-small-en-v1.5": ("encoder", "installed"),
        "answerai-colbert-small-v1": ("tokens", "installed"),
        "all-MiniLM-L6-v2": (None, "installed"),
    }


def test_a_model_chosen_that_is_not_there_is_told(tmp_path: Path):
    file = tmp_path / "own.toml"
    file.write_text('[encoder]\nmodel = "no-such-model"\n', encoding="utf-8")
    (first, *_) = run("list", "--settings", str(file)).stdout.splitlines()
    assert first.startswith("no-such-model (encoder): The model 'no-such-model' is not on")
    assert "reformqa models get" in first


def test_a_model_is_downloaded_whole_and_then_found_by_its_name(hub: str, tmp_path: Path):
    home = {"HF_ENDPOINT": hub, "HF_HOME": str(tmp_path / "home")}
    done = run("get", OWNER, **home)
    assert (done.returncode, done.stderr.count("Error")) == (0, 0), done.stderr
    (folder,) = tmp_path.glob(f"home/hub/models--made--small/snapshots/{COMMIT}")
    assert str(folder) in done.stdout.replace("\n", "")
    got = {f.relative_to(folder).as_posix(): f.read_bytes() for f in _files(folder)}
    own = {f.relative_to(small()).as_posix(): f.read_bytes() for f in _files(small())}
    assert got == {n: d for n, d in own.items() if not n.endswith(".md")}
    file = tmp_path / "own.toml"
    file.write_text(f'[encoder]\nmodel = "{OWNER}"\n', encoding="utf-8")
    listed = run("list", "--settings", str(file), HF_HOME=str(tmp_path / "home"))
    assert listed.stdout.startswith(f"{OWNER} (encoder): installed")


@pytest.mark.parametrize(
    ("name", "said"),
    [("made/absent", "could not be downloaded"), ("a/b/c", "is no model's name"), ("", "Name the")],
)
def test_what_cannot_be_downloaded_is_told_without_a_traceback(
    hub: str, tmp_path: Path, name: str, said: str
):
    done = run("get", *filter(None, [name]), HF_ENDPOINT=hub, HF_HOME=str(tmp_path))
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_hub_it_is_told_what_to_check(tmp_path: Path):
    nowhere = {"HF_ENDPOINT": "http://localhost:9", "HF_HOME": str(tmp_path)}
    done = run("get", OWNER, **nowhere)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "Check its name and the connection" in done.stderr.replace("\n", " ")
