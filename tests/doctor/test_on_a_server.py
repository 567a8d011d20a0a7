"""The doctor looks at the build on the server that the settings name."""

from __future__ import annotations

from pathlib import Path

import pytest

from reformqa.doctor.checks import examine
from reformqa.doctor.findings import Finding
from support.milvus_server import MilvusServer
from support.nights import make_corpus, night


def finding(tmp_path: Path, url: str, library: str) -> Finding:
    """What the doctor says of the build."""
    file = tmp_path / "reformqa.toml"
    file.write_text(f'[storage]\nurl = "{url}"\nlibrary = "{library}"\nseconds = 1\n')
    found = examine(tmp_path / "corpus", tmp_path / "index", settings_file=file)
    assert not {f.name for f in found} & {"older builds", "clock"}
    (of_build,) = [f for f in found if f.name == "build"]
    return of_build


def test_a_build_on_a_server_is_examined(milvus: MilvusServer, tmp_path: Path):
    storage = milvus.settings()
    corpus = make_corpus(tmp_path / "corpus")
    assert finding(tmp_path, storage.url, storage.library).state == "attention"
    build = night(corpus, tmp_path / "index", {"storage": storage.model_dump()}).build
    well = finding(tmp_path, storage.url, storage.library)
    assert (well.state, build.id in well.found) == ("well", True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1"])
def test_a_server_that_is_gone_is_broken(tmp_path: Path, url: str):
    broken = finding(tmp_path, url, "reformqa")
    assert broken.state == "broken"
    assert "does not answer" in broken.found
