"""What deploy/ says of a cluster: objects as Kubernetes and compose want them, which fit."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from reformqa.settings import AppSettings, Settings, load_settings
from support.places import PROJECT

DEPLOY = PROJECT / "deploy"
CLUSTER = DEPLOY / "kubernetes"
#: The release of Kubernetes whose schemas are used.
RELEASE = "1.34"
#: What an object of this kind is known to schemas of its operator alone.
_FOREIGN = {"RayCluster"}
PLACES = ("/srv/reformqa/", "/etc/reformqa/")
SETTINGS = [CLUSTER / "base" / "reformqa.toml", CLUSTER / "milvus" / "reformqa.toml"]
SETTINGS += [DEPLOY / "cluster.toml"]


def documents(file: Path) -> list[dict[str, Any]]:
    return [d for d in yaml.safe_load_all(file.read_text(encoding="utf-8")) if d]


def objects(folder: Path) -> list[dict[str, Any]]:
    """The objects in a folder, but for patches, which are parts of objects."""
    names = documents(folder / "kustomization.yaml")[0]["resources"]
    return [d for name in names for d in documents(folder / name)]


BASE = objects(CLUSTER / "base")
EXAMPLES = [
    d
    for f in (CLUSTER / "secret.example.yaml", CLUSTER / "ray" / "raycluster.example.yaml")
    for d in documents(f)
]
ALL = [*BASE, *EXAMPLES]


def called(kind: str) -> dict[str, dict[str, Any]]:
    return {d["metadata"]["name"]: d for d in ALL if d["kind"] == kind}


def pods(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The templates of pods in an object, however deep."""
    for key, value in found.items():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                if key == "template" and "containers" in inner.get("spec", {}):
                    yield inner
                else:
                    yield from pods(inner)


def containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


PODS = [(d["kind"], d["metadata"]["name"], pod) for d in ALL for pod in pods(d)]


def ids(value: object) -> str:
    return f"{value['kind']}-{value['metadata']['name']}" if isinstance(value, dict) else str(value)


def refusal(found: dict[str, Any]) -> str | None:
    """Why Kubernetes would refuse an object, or None if it takes it."""
    try:
        kubernetes_validate.validate(found, RELEASE, strict=True)
    except kubernetes_validate.ValidationError as error:
        return str(error)
    return None


@pytest.mark.parametrize("found", [d for d in ALL if d["kind"] not in _FOREIGN], ids=ids)
def test_kubernetes_takes_each_object(found: dict[str, Any]):
    assert refusal(found) is None


@pytest.mark.parametrize(("kind", "name", "pod"), PODS, ids=str)
def test_kubernetes_takes_each_pod(kind: str, name: str, pod: dict[str, Any]):
    made = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": pod["spec"]}
    assert refusal(made) is None


def test_the_schemas_refuse_what_is_misspelt():
    found = copy.deepcopy(called("CronJob")["reformqa-rebuild"])
    found["spec"]["concurencyPolicy"] = found["spec"].pop("concurrencyPolicy")
    assert "concurencyPolicy" in str(refusal(found))


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
@pytest.mark.parametrize("folder", ["base", "milvus"])
def test_kustomize_makes_objects_that_kubernetes_takes(folder: str):
    command = ["kubectl", "kustomize", str(CLUSTER / folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    made = list(yaml.safe_load_all(done.stdout))
    assert len(made) == len(BASE) + 1  # and the settings
    assert [why for found in made if (why := refusal(found))] == []
    (app,) = [d for d in made if d["kind"] == "Deployment"]
    (index,) = [v for v in app["spec"]["template"]["spec"]["volumes"] if v["name"] == "index"]
    assert ("emptyDir" in index) == (folder == "milvus")
    mounts = {
        m["name"]: m for m in app["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
    }
    assert mounts["corpus"]["readOnly"] is True


@pytest.mark.parametrize("folder", ["base", "milvus"])
def test_files_that_a_kustomization_names_are_there(folder: str):
    (made,) = documents(CLUSTER / folder / "kustomization.yaml")
    named = [*made["resources"], *(p["path"] for p in made.get("patches", []))]
    named += [f for g in made["configMapGenerator"] for f in g["files"]]
    assert [n for n in named if not (CLUSTER / folder / n).exists()] == []


@pytest.mark.parametrize("name", ["app", "rebuild"])
def test_a_patch_changes_what_is_there(name: str):
    for patch in documents(CLUSTER / "milvus" / f"{name}.yaml"):
        base = called(patch["kind"])[patch["metadata"]["name"]]
        for changed in pods(patch):
            (pod,) = pods(base)
            known = {c["name"] for c in containers(pod)}
            own = changed["spec"]
            parts = [*own.get("initContainers", []), *own.get("containers", [])]
            assert {c["name"] for c in parts} <= known
            volumes = {v["name"] for v in pod["spec"]["volumes"]}
            assert {v["name"] for v in own.get("volumes", [])} <= volumes


@pytest.mark.parametrize(("kind", "name", "pod"), PODS, ids=str)
def test_a_pod_may_do_as_little_as_the_units(kind: str, name: str, pod: dict[str, Any]):
    spec = pod["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 10001
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in containers(pod):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize(("kind", "name", "pod"), PODS, ids=str)
def test_a_pod_mounts_volumes_that_are_there(kind: str, name: str, pod: dict[str, Any]):
    volumes = {v["name"]: v for v in pod["spec"]["volumes"]}
    mounted = {m["name"] for c in containers(pod) for m in c["volumeMounts"]}
    assert mounted == set(volumes)
    generated = documents(CLUSTER / "base" / "kustomization.yaml")[0]["configMapGenerator"]
    for volume in volumes.values():
        if claim := volume.get("persistentVolumeClaim"):
            assert claim["claimName"] in called("PersistentVolumeClaim")
        if config := volume.get("configMap"):
            assert config["name"] in {g["name"] for g in generated}
        if secret := volume.get("secret"):
            keys = called("Secret")[secret["secretName"]]["stringData"]
            assert {i["key"] for i in secret["items"]} <= set(keys)


def test_secrets_that_patches_name_are_in_the_example():
    text = (CLUSTER / "milvus" / "app.yaml").read_text() + (
        CLUSTER / "milvus" / "rebuild.yaml"
    ).read_text()
    secrets = called("Secret")
    for name, key in re.findall(r"name: (\S+)\n\s+key: (\S+)", text):
        assert key in secrets[name]["stringData"]
    assert "REFORMQA_MILVUS_TOKEN" in text
    assert Settings().storage.token_variable == "REFORMQA_MILVUS_TOKEN"


def test_services_and_probes_name_ports_and_pods_that_are_there():
    app = called("Deployment")["reformqa-app"]["spec"]
    labels = app["template"]["metadata"]["labels"]
    (container,) = app["template"]["spec"]["containers"]
    ports = {p["name"]: p["containerPort"] for p in container["ports"]}
    assert app["selector"]["matchLabels"].items() <= labels.items()
    service = called("Service")["reformqa-app"]["spec"]
    assert service["selector"].items() <= labels.items()
    assert {p["targetPort"] for p in service["ports"]} <= set(ports)
    assert service["sessionAffinity"] == "ClientIP"
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["port"] in ports
    assert container["readinessProbe"]["httpGet"]["path"] == "/healthz"
    assert f"--port={ports['http']}" in container["args"]
    ingress = called("Ingress")["reformqa-app"]["spec"]
    (path,) = ingress["rules"][0]["http"]["paths"]
    assert path["backend"]["service"]["name"] in called("Service")
    names = {p["name"] for p in service["ports"]}
    assert path["backend"]["service"]["port"]["name"] in names
    budget = called("PodDisruptionBudget")["reformqa-app"]["spec"]
    assert budget["selector"] == app["selector"]
    assert app["replicas"] > budget["minAvailable"]


def test_one_rebuild_runs_at_a_time_and_speaks_to_nobody():
    job = called("CronJob")["reformqa-rebuild"]["spec"]
    assert job["concurrencyPolicy"] == "Forbid"
    (pod,) = pods(job)
    policy = called("NetworkPolicy")["reformqa-rebuild"]["spec"]
    labels = pod["metadata"]["labels"]
    assert policy["podSelector"]["matchLabels"].items() <= labels.items()
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    assert "egress" not in policy


def test_the_app_writes_what_is_shared_and_nothing_else():
    (pod,) = pods(called("Deployment")["reformqa-app"])
    (container,) = containers(pod)
    written = {m["name"] for m in container["volumeMounts"] if not m.get("readOnly")}
    assert written == {"shared", "tmp"}


def mounted(container: dict[str, Any]) -> list[str]:
    return [m["mountPath"] for m in container["volumeMounts"]]


@pytest.mark.parametrize(
    ("kind", "name", "pod"), [p for p in PODS if p[0] != "RayCluster"], ids=str
)
def test_options_name_folders_that_are_mounted(kind: str, name: str, pod: dict[str, Any]):
    for container in containers(pod):
        named = [a.partition("=")[2] for a in container["args"] if "=/" in a]
        assert len(named) == 3
        assert set(named) <= set(mounted(container))


@pytest.mark.parametrize("file", SETTINGS, ids=lambda f: str(f.relative_to(DEPLOY)))
def test_settings_are_valid_and_name_what_every_replica_has(file: Path):
    chosen = load_settings(file)
    assert chosen.rebuild.grace_hours > 0
    text = file.read_text(encoding="utf-8")
    more = re.sub(r'^# (\w+ = "[\w/.-]+")$', r"\1", text, flags=re.MULTILINE)
    app = AppSettings.model_validate(tomllib.loads(more)["app"])
    assert app.uploads == "wait"
    for place in (app.secrets, app.upload_folder, app.briefings):
        assert place.startswith(PLACES)
    if file.parent.parent == CLUSTER:
        (pod,) = pods(called("Deployment")["reformqa-app"])
        folders = mounted(containers(pod)[0])
        for place in (app.secrets, app.upload_folder, app.briefings):
            assert any(Path(place).is_relative_to(f) for f in folders)


def test_the_ray_cluster_is_whole():
    spec = called("RayCluster")["reformqa"]["spec"]
    pinned = (PROJECT / "constraints.txt").read_text(encoding="utf-8")
    assert f"ray=={spec['rayVersion']}\n" in pinned
    assert set(spec["headGroupSpec"]) == {"rayStartParams", "template"}
    for group in spec["workerGroupSpecs"]:
        assert group["minReplicas"] <= group["replicas"] <= group["maxReplicas"]
        assert group["groupName"]
    for group in (spec["headGroupSpec"], *spec["workerGroupSpecs"]):
        assert all(isinstance(value, str) for value in group["rayStartParams"].values())


COMPOSE = ["compose.yaml", "compose-cluster.yaml"]


def compose(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", COMPOSE)
def test_compose_takes_the_file(name: str):
    schema = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    described = json.loads(schema.read_text(encoding="utf-8"))
    checker = jsonschema.validators.validator_for(described)(described)
    assert [error.message for error in checker.iter_errors(compose(name))] == []
    assert not checker.is_valid(compose(name) | {"servises": {}})


@pytest.mark.parametrize("name", COMPOSE)
def test_services_name_volumes_networks_and_services_that_are_there(name: str):
    found = compose(name)
    for service in found["services"].values():
        assert set(service.get("depends_on", {})) <= set(found["services"])
        assert set(service.get("networks", [])) <= set(found.get("networks", {}))
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("./"):
                assert (DEPLOY / source).exists()
            elif source[0] not in "$.":
                assert source in found["volumes"]


def test_the_containers_of_the_cluster_may_do_little():
    services = compose("compose-cluster.yaml")["services"]
    for name in ("app-a", "app-b", "nightly"):
        assert services[name]["user"] == "10001:10001"
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
    for service in services.values():
        assert "no-new-privileges:true" in service["security_opt"]
        assert "mem_limit" in service
    assert services["app-a"] == services["app-b"]
    assert [n for n, s in services.items() if "ports" in s] == ["proxy"]
    assert services["milvus"]["networks"] == ["library"]
    assert compose("compose-cluster.yaml")["networks"]["library"] == {"internal": True}


def test_the_proxy_knows_each_replica_and_keeps_a_visitor_at_one():
    text = (DEPLOY / "Caddyfile.cluster").read_text(encoding="utf-8")
    upstreams = re.search(r"reverse_proxy (.+) \{", text)
    assert upstreams
    services = compose("compose-cluster.yaml")["services"]
    replicas = {f"{n}:8501" for n in services if n.startswith("app-")}
    assert set(upstreams[1].split()) == replicas
    assert re.search(r"^\t\tlb_policy cookie \w+$", text, re.MULTILINE)
    assert text.count("{") == text.count("}")
    storage = load_settings(DEPLOY / "cluster.toml").storage
    assert storage.url == "http://milvus:19530"
    assert "milvus" in services
