"""A secrets file that cannot be used lets nobody in, whatever is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reformqa import cli
from reformqa.access import NEEDED, read_access, secrets_files
from reformqa.settings import AppSettings

AUTH = dict.fromkeys(NEEDED, "https://bakers.example/x")


def written(folder: Path, text: str) -> list[Path]:
    """Return the secrets files of an app with this one."""
    (folder / "app" / ".streamlit").mkdir(parents=True)
    files = [folder / "home" / "secrets.toml", *secrets_files(folder / "app")[1:]]
    files[-1].write_text(text, encoding="utf-8")
    return files


def table(name: str = "auth", **changes: object) -> str:
    values = {**AUTH, **changes}
    rows = (f"{key} = {json.dumps(v)}\n" for key, v in values.items() if v is not None)
    return f"[{name}]\n{''.join(rows)}"


@pytest.mark.parametrize("required", [False, True])
def test_a_whole_table_lets_in_who_signs_in(tmp_path: Path, required: bool):
    access = read_access(written(tmp_path, table()), required=required)
    assert str(access) == "who signs in: with https://bakers.example/x"


@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no table [auth]."),
        ("[other]\nkey = 1\n", "has no table [auth]."),
        (table("Auth"), "has no table [auth], but [Auth]."),
        (table("AUTH"), "has no table [auth], but [AUTH]."),
        (table("auth.google"), f"the table [auth] lacks {', '.join(NEEDED)}."),
        ("auth = 'yes'\n", "has no table [auth], but [auth]."),
        *((table(**{name: None}), f"the table [auth] lacks {name}.") for name in NEEDED),
        *((table(**{name: value}), f"lacks {name}.") for name in NEEDED[:1] for value in ("", 7)),
        ("[auth\n", "cannot be read"),
        ("a = " + "[" * 5_000, "it is nested too deeply"),
    ],
)
def test_a_file_without_a_usable_table_lets_nobody_in(
    tmp_path: Path, text: str, reason: str, required: bool
):
    access = read_access(written(tmp_path, text), required=required)
    assert access.who == "nobody"
    assert reason in access.reason


def test_a_file_that_may_not_be_read_lets_nobody_in(tmp_path: Path):
    files = written(tmp_path, table())
    files[-1].unlink()
    files[-1].mkdir()
    assert read_access(files, required=False).who == "nobody"


def test_without_a_file_everybody_enters_unless_sign_in_is_required(tmp_path: Path):
    files = secrets_files(tmp_path)[1:]
    assert read_access(files, required=False).who == "everybody"
    access = read_access(files, required=True)
    assert access.who == "nobody"
    assert f"sign-in is required, and there is no {files[-1]}" in access.reason


def test_a_file_that_the_settings_name_is_the_only_one(tmp_path: Path):
    shared = tmp_path / "shared" / "secrets.toml"
    assert secrets_files(tmp_path, str(shared)) == [shared]
    for chosen in (AppSettings(secrets=str(shared)), AppSettings(sign_in="required")):
        assert chosen.needs_sign_in
    assert not AppSettings().needs_sign_in


def test_the_file_beside_the_app_is_read_over_that_at_home(tmp_path: Path):
    files = written(tmp_path, table(server_metadata_url="https://near.example"))
    files[0].parent.mkdir()
    files[0].write_text(table(), encoding="utf-8")
    assert read_access(files, required=False).reason == "with https://near.example"


@pytest.mark.parametrize(
    ("secrets", "status", "who"),
    [(None, 0, "everybody"), (table(), 0, "who signs in"), (table("Auth"), 3, "nobody")],
)
def test_the_status_says_who_may_enter(
    notes_index: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    secrets: str | None,
    status: int,
    who: str,
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    if secrets is not None:
        (tmp_path / ".streamlit").mkdir()
        (tmp_path / ".streamlit" / "secrets.toml").write_text(secrets, encoding="utf-8")
    done = CliRunner().invoke(cli.app, ["status", "--index", str(notes_index)])
    assert done.exit_code == status
    assert f"{who} may enter the app" in done.output.replace("Everybody", "everybody").replace(
        "Who", "who"
    )
    done = CliRunner().invoke(cli.app, ["status", "--index", str(notes_index), "--json"])
    assert json.loads(done.stdout)["access"]["who"] == who
