"""What deploy/ and the operations page say can be run: commands, options, paths and users exist."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from reformqa import cli
from reformqa.ingest.workers import OWN_MEGABYTES, at_once
from reformqa.settings import ReadingSettings
from support.places import PROJECT

DEPLOY = PROJECT / "deploy"
UNITS = sorted(f for f in DEPLOY.iterdir() if f.suffix in (".service", ".timer"))
SERVICES = [f for f in UNITS if f.suffix == ".service"]
PAGE = PROJECT / "docs" / "operations.md"
WRITTEN = [*sorted(f for f in DEPLOY.rglob("*") if f.is_file()), PAGE]
PROXIES = ("nginx", "caddy")
COMMANDS: dict[str, Any] = typer.main.get_group(cli.app).commands
#: Where a server's installation has its parts.
PLACES = {
    "/opt/reformqa",
    "/opt/reformqa/.venv/bin/reformqa",
    "/etc/reformqa/reformqa.toml",
    "/etc/reformqa/tokens",
    "/var/lib/reformqa",
    "/var/lib/reformqa/corpus",
    "/var/lib/reformqa/index",
    "/var/lib/reformqa/index/current",
    "/var/lib/reformqa/index/report.md",
}


class Unit(configparser.ConfigParser):
    """A unit's file; the keys of systemd are told apart by case."""

    def __init__(self, file: Path) -> None:
        super().__init__(strict=False, interpolation=None, comment_prefixes=("#",))
        self.optionxform = str  # type: ignore[assignment, method-assign]
        self.read_string(file.read_text(encoding="utf-8").replace("\\\n", " "))


def options() -> dict[str, set[str]]:
    known: dict[str, set[str]] = {}
    for name, command in COMMANDS.items():
        own = {text for p in command.params for text in (*p.opts, *p.secondary_opts)}
        known[name] = {o for o in own if o.startswith("--")}
    return known


def plain(file: Path) -> str:
    """The file's text: continued lines joined, lists of words made lines of words."""
    text = file.read_text(encoding="utf-8").replace("\\\n", " ")
    text = re.sub(r"^\s*# (?=ExecStart|\d)", "", text, flags=re.MULTILINE)
    # A hyphen before a unit's command means that its failure does not count.
    text = re.sub(r"^(Exec\w+=)-", r"\1", text, flags=re.MULTILINE)
    # A list of words, one a line.
    text = re.sub(
        r"^ *- reformqa\n((?: *- [^ \n]+\n)+)",
        lambda found: "reformqa " + " ".join(re.findall("- (.+)", found[1])) + "\n",
        text,
        flags=re.MULTILINE,
    )
    return re.sub(
        r"\[(reformqa|\"reformqa\"), ([^\]]*)\]",
        lambda found: "reformqa " + found[2].replace('"', "").replace(",", " "),
        text,
    )


def used(text: str) -> list[list[str]]:
    """Each call of the command in a text: the verb, and what is given to it."""
    calls = re.findall(r"(?<![-/\w.])(?:[\w./]*/)?reformqa (?=[a-z]+\b)([^\n`|&>#]*)", text)
    verbs = set(options())
    words = [shlex.split(call.replace("'", "")) for call in calls]
    # A sentence may name the program before any word: a call has options or is all there is.
    return [w for w in words if w[0] in verbs or any(part.startswith("--") for part in w)]


@pytest.mark.parametrize("file", WRITTEN, ids=lambda f: f.name)
def test_every_command_and_option_that_is_written_exists(file: Path):
    known = options()
    strange = [
        (call[0], part)
        for call in used(plain(file))
        for part in [p for p in call[1:] if p.startswith("--")] or [""]
        if call[0] not in known or (part and part.partition("=")[0] not in known[call[0]])
    ]
    assert strange == []


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("ExecStart=/opt/x/bin/reformqa rebuild --nice 10", [["rebuild", "--nice", "10"]]),
        ("so `reformqa rebiuld --force` fails", [["rebiuld", "--force"]]),
        ("reformqa reports all is well", []),
        ("chown -R reformqa: /var && systemctl start reformqa-app", []),
        ("cd x && reformqa status --max-age 3 > y || reformqa verify", None),
    ],
)
def test_calls_are_found_in_text(text: str, calls: list[list[str]] | None):
    found = [["status", "--max-age", "3"], ["verify"]] if calls is None else calls
    assert used(text) == found


def test_what_is_deployed_is_started_by_calls_that_were_found():
    verbs = {f.name: {call[0] for call in used(plain(f))} for f in WRITTEN}
    base = DEPLOY / "kubernetes" / "base"
    made = {n: {c[0] for c in used(plain(base / f"{n}.yaml"))} for n in ("app", "rebuild")}
    assert made == {"app": {"app"}, "rebuild": {"rebuild", "questions"}}
    assert verbs["reformqa-app.service"] == {"app"}
    assert verbs["reformqa-api.service"] == {"api"}
    assert verbs["reformqa-rebuild.service"] == {"rebuild", "questions"}
    assert verbs["reformqa-fetch.service"] == {"fetch"}
    assert verbs["reformqa-watch.service"] == {"watch"}
    assert verbs["Containerfile"] == {"app"}
    assert verbs["compose.yaml"] == {"api", "rebuild", "questions"}
    assert verbs["compose-cluster.yaml"] == {"app", "rebuild", "questions"}
    assert verbs["crontab.example"] == {"rebuild", "status", "fetch", "watch"}
    assert verbs["operations.md"] >= {"app", "doctor", "rebuild", "rollback", "status", "verify"}


@pytest.mark.parametrize("file", SERVICES, ids=lambda f: f.name)
def test_a_service_has_a_user_of_its_own_and_few_rights(file: Path):
    service = Unit(file)["Service"]
    assert (service["User"], service["Group"]) == ("reformqa", "reformqa")
    assert service["ProtectSystem"] == "strict"
    assert {service[key] for key in ("NoNewPrivileges", "PrivateTmp", "ProtectHome")} == {"yes"}


@pytest.mark.parametrize("file", SERVICES, ids=lambda f: f.name)
def test_a_unit_goes_on_without_a_process_that_took_too_much_memory(file: Path):
    service = Unit(file)["Service"]
    assert ("MemoryMax" in service) == (service.get("OOMPolicy") == "continue")


def test_the_files_read_at_a_time_fit_into_the_memory_of_the_rebuild(tmp_path: Path):
    limit = Unit(DEPLOY / "reformqa-rebuild.service")["Service"]["MemoryMax"]
    total = int(limit.removesuffix("G")) * 1024
    for megabytes in (ReadingSettings().megabytes, 2048, 4096):
        (tmp_path / "memory.max").write_text(str(total * 2**20))
        count = at_once(megabytes, tmp_path)
        assert count == 1 or count * megabytes + OWN_MEGABYTES <= total
    assert at_once(2048, tmp_path) == 1


def test_only_what_changes_a_folder_may_write_it():
    writes = {f.name: Unit(f)["Service"].get("ReadWritePaths") for f in SERVICES}
    assert {name: paths for name, paths in writes.items() if paths} == {
        "reformqa-rebuild.service": "/var/lib/reformqa/index",
        "reformqa-fetch.service": "/var/lib/reformqa/corpus",
        "reformqa-watch.service": "/var/lib/reformqa/corpus",
    }
    assert Unit(DEPLOY / "reformqa-rebuild.service")["Service"]["PrivateNetwork"] == "yes"


@pytest.mark.parametrize("file", [*UNITS, DEPLOY / "crontab.example"], ids=lambda f: f.name)
def test_paths_are_those_of_the_installation(file: Path):
    named = set(re.findall(r"/(?:opt|etc|var)/[\w./-]+[\w]", file.read_text(encoding="utf-8")))
    assert named - {"/etc/cron.d/reformqa"} <= PLACES


def test_the_operations_page_makes_what_the_units_name():
    page = PAGE.read_text(encoding="utf-8")
    roots = ("/opt/reformqa", "/etc/reformqa/reformqa.toml")
    roots += ("/var/lib/reformqa/corpus", "/var/lib/reformqa/index")
    steps = page.partition("systemctl daemon-reload")[0]
    assert [root for root in roots if root not in steps] == []


@pytest.mark.parametrize("file", UNITS, ids=lambda f: f.name)
def test_units_name_units_that_are_there(file: Path):
    unit = Unit(file)
    if file.suffix == ".timer":
        assert file.with_suffix(".service").is_file()
        assert unit["Timer"]["OnCalendar"]
        assert unit["Timer"]["Persistent"] == "true"
    for called in re.findall(r"reformqa-\w+(?:@%n)?\.service", file.read_text(encoding="utf-8")):
        assert (DEPLOY / called.replace("%n", "")).is_file()
    if "oneshot" in unit.get("Service", "Type", fallback="") and "failed" not in file.name:
        assert unit["Unit"]["OnFailure"] == "reformqa-failed@%n.service"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_units(tmp_path: Path):
    for file in UNITS:
        text = file.read_text(encoding="utf-8").replace(
            "/opt/reformqa/.venv/bin/reformqa", "/bin/true"
        )
        text = text.replace("WorkingDirectory=/opt/reformqa", f"WorkingDirectory={tmp_path}")
        (tmp_path / file.name).write_text(text.replace("/usr/bin/logger", "/bin/true"))
    names = [str(tmp_path / f.name) for f in UNITS]
    command = ["systemd-analyze", "verify", "--recursive-errors=no", *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


#: The most that a unit may be exposed, from 0 to 10, times ten, as docs/operations.md says.
EXPOSURES = {
    "reformqa-api.service": 17,
    "reformqa-app.service": 17,
    "reformqa-fetch.service": 17,
    "reformqa-watch.service": 17,
    "reformqa-rebuild.service": 10,
    "reformqa-failed@.service": 10,
}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("file", SERVICES, ids=lambda f: f.name)
def test_systemd_finds_little_that_a_unit_may_do(file: Path):
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager"]
    threshold = f"--threshold={EXPOSURES[file.name]}"
    done = subprocess.run(
        [*command, threshold, str(file)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout.splitlines()[-1] + done.stderr


def pinned(file: str) -> dict[str, str]:
    """The versions that a file of requirements pins, by the packages' normal names."""
    lines = (PROJECT / file).read_text(encoding="utf-8").splitlines()
    found = (re.match(r"([\w.-]+)==([^\s;]+)", line) for line in lines)
    return {re.sub(r"[-_.]+", "-", m[1]).lower(): m[2] for m in found if m}


def test_every_package_of_an_installation_is_pinned_by_digest_and_as_in_the_tests():
    text = (PROJECT / "requirements.txt").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\w)", text.partition("\n")[2])
    assert [b.splitlines()[0] for b in blocks[1:] if "--hash=sha256:" not in b] == []
    locked, tested = pinned("requirements.txt"), pinned("constraints.txt")
    assert {n: v for n, v in locked.items() if tested.get(n, v) != v} == {}
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    needed = [*project["project"]["dependencies"], *extras["sign-in"], *extras["mcp"]]
    names = {re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", n)[0]).lower() for n in needed}
    assert names <= set(locked)
    assert project["build-system"]["requires"] == [f"setuptools=={locked['setuptools']}"]


def test_the_image_is_made_of_packages_with_digests_on_a_base_with_a_tag():
    runs = " ".join(rest for name, rest in instructions() if name == "RUN")
    assert "--require-hashes --requirement requirements.txt" in runs
    assert re.search(r"pip install --no-cache-dir --no-deps --no-build-isolation \.", runs)
    assert '--constraint constraints.txt ".[$EXTRAS]"' in runs
    bases = [rest for name, rest in instructions() if name in ("ARG", "FROM")]
    bases.remove("EXTRAS=")
    assert re.fullmatch(r"BASE=docker\.io/library/python:3\.\d+\.\d+-slim-\w+", bases[0])
    assert bases[1:] == ["${BASE} AS built", "${BASE}"]


def compose() -> dict[str, Any]:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def instructions() -> list[tuple[str, str]]:
    """The Containerfile's instructions, in order."""
    lines = plain(DEPLOY / "Containerfile").splitlines()
    return [(a, b.strip()) for a, _, b in (ln.partition(" ") for ln in lines) if a.isupper()]


def test_containers_run_as_nobody_else_and_write_only_the_index():
    services = compose()["services"]
    assert set(services) == {"app", "api", "rebuild", "nightly"}
    for service in services.values():
        assert service["user"] == "10001:10001"
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "mem_limit" in service
    writes = {
        name: [v for v in service["volumes"] if not v.endswith(":ro")]
        for name, service in services.items()
    }
    index = ["index:/srv/reformqa/index"]
    assert writes == {"app": [], "api": [], "rebuild": index, "nightly": index}
    assert {services[n]["network_mode"] for n in ("rebuild", "nightly")} == {"none"}
    assert services["app"]["ports"] == ["127.0.0.1:8501:8501"]
    assert services["api"]["ports"] == ["127.0.0.1:8502:8502"]
    assert services["api"]["environment"] == ["REFORMQA_TOKEN"]
    assert [n for n, s in services.items() if not s.get("profiles")] == ["app"]


def test_the_image_is_not_root_and_keeps_what_compose_says_of_it():
    found = instructions()
    last = max(n for n, (name, _) in enumerate(found) if name == "FROM")
    final = dict(found[last:])
    assert final["USER"] == compose()["services"]["app"]["user"]
    assert '"/srv/reformqa/index"' in final["VOLUME"]
    assert "/healthz" in final["HEALTHCHECK"]
    assert "/healthz" in str(compose()["services"]["app"]["healthcheck"]["test"])


def test_the_image_is_made_of_files_that_are_there_and_are_let_in():
    let_in = (PROJECT / ".containerignore").read_text(encoding="utf-8").splitlines()
    copied = [rest.split()[:-1] for name, rest in instructions() if name == "COPY"]
    for source in [s for sources in copied for s in sources if "--from" not in sources[0]]:
        assert (PROJECT / source).exists()
        assert f"!{source}" in let_in
    assert let_in[1] == "*"
    assert (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines() == let_in


def test_the_proxy_examples_deny_what_only_uploads_need():
    page = PAGE.read_text(encoding="utf-8")
    nginx, caddy = (re.findall(rf"```{name}\n(.*?)```", page, re.DOTALL) for name in PROXIES)
    assert re.search(r"location /_stcore/upload_file \{ return 403; \}", nginx[0])
    assert re.search(r"respond /_stcore/upload_file/\* 403", caddy[0])


def test_cron_lines_have_five_times_a_user_and_no_percent_sign():
    lines = (DEPLOY / "crontab.example").read_text(encoding="utf-8").splitlines()
    jobs = [ln.lstrip("# ") for ln in lines if re.match(r"(?:# )?[\d*]", ln)]
    assert len(jobs) == 4
    for job in jobs:
        *when, user, _ = job.split(None, 6)
        assert all(re.fullmatch(r"[\d*]+", part) for part in when)
        assert (len(when), user) == (5, "reformqa")
        assert "%" not in job
