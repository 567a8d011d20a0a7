"""What replicas of the app share is seen, and a network folder that nobody allowed for."""

from __future__ import annotations

from pathlib import Path

import pytest

from reformqa.doctor.replicas import check_network_folder, check_replicas
from reformqa.settings import Settings

SETTINGS = Settings.model_validate({"app": {"sign_in": "required"}})


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    file = tmp_path / "secrets.toml"
    file.write_text('[auth]\ncookie_secret = "cold ovens"\n')
    return file


def mark(settings: Settings, *files: Path) -> str:
    return check_replicas(settings, files).found


def test_replicas_with_the_same_settings_and_secrets_show_the_same(secrets: Path, tmp_path: Path):
    copy = tmp_path / "copy.toml"
    copy.write_bytes(secrets.read_bytes())
    assert mark(SETTINGS, secrets) == mark(SETTINGS.model_copy(), copy)
    assert "cold ovens" not in mark(SETTINGS, secrets)


def test_replicas_that_differ_show_it(secrets: Path, tmp_path: Path):
    other = tmp_path / "other.toml"
    other.write_text(secrets.read_text().replace("cold", "warm"))
    shown = {
        mark(SETTINGS, secrets),
        mark(SETTINGS, other),
        mark(SETTINGS, tmp_path / "missing"),
        mark(Settings(), secrets),
    }
    assert len(shown) == 4


MOUNTS = """/dev/sda1 / ext4 rw 0 0
filer:/library {place}/shared nfs4 rw 0 0
/dev/sdb1 {place}/shared/local ext4 rw 0 0
filer:/odd {place}/a\\040b fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("index", "hours", "state"),
    [
        ("own/index", 0, []),
        ("shared/index", 0, ["attention"]),
        ("shared/index", 24, ["well"]),
        ("shared/local/index", 0, []),
        ("sharedly/index", 0, []),
        ("a b/index", 0, ["attention"]),
    ],
)
def test_builds_have_to_stay_on_a_network_folder(
    tmp_path: Path, index: str, hours: float, state: list[str]
):
    (tmp_path / index).mkdir(parents=True)
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS.format(place=tmp_path))
    assert [f.state for f in check_network_folder(tmp_path / index, hours, mounts)] == state


def test_a_system_that_lists_nothing_is_let_be(tmp_path: Path):
    assert list(check_network_folder(tmp_path, 0, tmp_path / "missing")) == []
