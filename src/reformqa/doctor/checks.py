"""Look at everything that asking and rebuilding stand on, and say what to do where it is not well.

Nothing is changed, and nothing foreseen is raised: what cannot be read is a finding.
"""

from __future__ import annotations

import os
import stat
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reformqa.answering.calibration import load_calibration
from reformqa.doctor.findings import Finding, attention, broken, well
from reformqa.doctor.machine import (
    check_disk,
    check_memory,
    check_packages,
    check_processors,
    check_python,
    nearest,
)
from reformqa.errors import DamagedIndexError, MissingIndexError, ReformqaError
from reformqa.files import digest
from reformqa.ingest.corpus import CATALOGUE, list_files, read_catalogue
from reformqa.model import Build
from reformqa.models.export import find_model, fingerprint
from reformqa.parsing import SUFFIXES, report_id
from reformqa.parsing.readers.pdf.ocr import tesseract_available
from reformqa.search.expansion import load_everyday
from reformqa.settings import DEFAULT_FILE, Settings, load_settings
from reformqa.storage.files.builds import described, folders, served
from reformqa.storage.files.manifest import check_files, read_manifest
from reformqa.storage.files.store import Snapshot

#: Clocks of two machines that share an index may differ by so much.
CLOCK_SLACK = timedelta(minutes=5)
#: Where Streamlit looks for what is secret, in the home folder and in the app's.
SECRETS = Path(".streamlit") / "secrets.toml"

_REBUILD = "Make it anew with `reformqa rebuild --force`."


@dataclass(frozen=True, slots=True)
class _Served:
    """What the manifest of the build served says."""

    bytes: int
    models: dict[str, Any]


def examine(
    corpus: Path,
    index: Path,
    *,
    catalogue: Path | None = None,
    settings_file: Path | None = None,
    app: Path = Path(),
    now: datetime | None = None,
) -> tuple[Finding, ...]:
    """Every finding, in a fixed order; `app` is the folder that the app is served from.

    The only thing written is a file without a name in the folder of the index, to see whether that
    can be done; it is gone at once.
    """
    settings, on_settings = _settings(settings_file)
    told = _told(index)
    secrets, on_secrets = _secrets(app)
    signed = "auth" in secrets
    extras = [*(["sign-in"] if signed else []), *(["llm"] if settings.llm.model else [])]
    return (
        check_python(),
        check_packages(extras),
        on_settings,
        *_named_files(settings),
        *_models(settings, told),
        *_ocr(settings),
        *_looked_at("corpus", lambda: _corpus(corpus)),
        *_looked_at("catalogue", lambda: [_catalogue(catalogue, corpus)]),
        *_looked_at("index", lambda: [_index(index)]),
        *_looked_at("build", lambda: [_build(index)]),
        *_looked_at("older builds", lambda: _other_builds(index)),
        *_looked_at("clock", lambda: [_clock(index, now or datetime.now(UTC))]),
        *_looked_at("disk", lambda: [check_disk(index, told.bytes if told else None)]),
        check_memory(),
        check_processors(),
        *on_secrets,
        _uploads(settings, signed),
    )


def _looked_at(name: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What `look` finds; a place that cannot even be looked at is a finding too."""
    try:
        return list(look())
    except OSError as error:
        found = f"{error.filename or name} cannot be looked at: {error.strerror}"
        return [broken(name, found, "Check the path, the disk, and what this user may read.")]


def _settings(file: Path | None) -> tuple[Settings, Finding]:
    """The settings, or the defaults where they cannot be read, and what is to be said of them."""
    try:
        settings = load_settings(file)
    except (ReformqaError, OSError) as error:
        cure = "Correct the file; the checks below take the defaults."
        return Settings(), broken("settings", str(error), cure)
    path = file or DEFAULT_FILE
    found = f"{path} is valid" if path.is_file() else "the defaults: there is no settings file"
    return settings, well("settings", found)


def _named_files(settings: Settings) -> Iterator[Finding]:
    """Files that the settings name and that cannot be read as what they are named for."""
    for key, file, load in (
        ("answer.calibration", settings.answer.calibration, load_calibration),
        ("search.everyday", settings.search.everyday, load_everyday),
    ):
        if not file:
            continue
        try:
            load(Path(file))
        except (ReformqaError, OSError) as error:
            yield broken(key, str(error), f"Correct {file}, or remove the setting {key}.")
        else:
            yield well(key, f"{file} is valid")


def _models(settings: Settings, told: _Served | None) -> Iterator[Finding]:
    """Each model that is set: there, with the weights it should have, as the build has it."""
    for role, name in (
        ("encoder", settings.encoder.model),
        ("reranker", settings.encoder.reranker),
    ):
        if not name:
            continue
        try:
            now = fingerprint(find_model(name))
        except (ReformqaError, OSError) as error:
            cure = "Put the model there, or set encoder.model and encoder.reranker to others."
            yield broken(role, str(error), cure)
            continue
        then = told.models.get(role) if told else None
        if told and then != {"name": name, "digest": now}:
            found = f"{name} is not what the build served was made with"
            yield attention(role, found, "Run `reformqa rebuild`: it encodes everything anew.")
        else:
            yield well(role, f"{name}, its files as they should be")


def _ocr(settings: Settings) -> Iterator[Finding]:
    if not settings.reading.ocr:
        return
    if tesseract_available():
        yield well("tesseract", "installed")
    else:
        cure = "Install Debian's tesseract-ocr package, or remove the setting reading.ocr."
        yield broken("tesseract", "reading.ocr is set and tesseract is not installed", cure)


def _corpus(corpus: Path) -> Iterator[Finding]:
    """The folder of reports, and each of its files read to the end."""
    if not corpus.is_dir():
        cure = "Make the folder and put reports in, or name another with --corpus."
        yield broken("corpus", f"{corpus} is {'a file' if corpus.exists() else 'missing'}", cure)
        return
    shut: list[OSError] = []
    links = [
        Path(place) / name
        for place, _, names in os.walk(corpus, onerror=shut.append)
        for name in names
        if not (Path(place) / name).exists()
    ]
    files = [f for f in list_files(corpus) if f.suffix.lower() in SUFFIXES]
    faults = [f"{error.filename}: {error.strerror}" for error in shut]
    faults += [f"{link.name} is a link that leads nowhere" for link in links]
    faults += [fault for file in files if (fault := _fault(file))]
    names: dict[str, Path] = {}
    twice = [f.name for f in files if names.setdefault(report_id(f), f) is not f]
    if not files:
        cure = f"Put {', '.join(SUFFIXES)} files there."
        yield broken("corpus", f"{corpus} holds no report", cure)
    elif twice:
        found = f"of one name with another report: {', '.join(twice)}"
        yield attention("corpus", found, "Rename or remove them: of one name, one file is read.")
    else:
        yield well("corpus", f"{corpus} holds {len(files)} reports")
    if faults:
        cure = "Mend or remove them, or let this user read them; a rebuild leaves them out."
        yield attention("files", "; ".join(faults), cure)


def _fault(file: Path) -> str | None:
    """Why a file cannot be read to its end, or None."""
    try:
        digest(file)
        return None if file.stat().st_size else f"{file.name} is empty"
    except OSError as error:
        return f"{file.name} cannot be read: {error.strerror}"


def _catalogue(catalogue: Path | None, corpus: Path) -> Finding:
    path = catalogue or corpus / CATALOGUE
    try:
        entries = read_catalogue(path, required=catalogue is not None)
    except ReformqaError as error:
        return broken("catalogue", str(error), "Correct the catalogue, and rebuild.")
    if not path.is_file():
        return well("catalogue", "none: what is known of reports is read from their front pages")
    return well("catalogue", f"{path} is valid, with {len(entries)} reports")


def _index(index: Path) -> Finding:
    """Whether a rebuild could write there: a file is made, and is gone at once."""
    place = nearest(index)
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        cure = "Name a folder that this user may write in, or mount it for writing."
        return broken("index", f"{place} cannot be written in: {error.strerror}", cure)
    return well("index", f"{index} can be written" if index.exists() else f"{index} is to be made")


def _told(index: Path) -> _Served | None:
    """What the build served says of itself, where it can be read."""
    try:
        manifest = read_manifest(served(index))
        sizes = [int(size) for size, _ in manifest["files"].values()]
    except (ReformqaError, OSError, ValueError, TypeError):
        return None  # `_build` says why
    models = manifest.get("models")
    return _Served(sum(sizes), models if isinstance(models, dict) else {})


def _build(index: Path) -> Finding:
    """The build served, every file of it compared with its digest."""
    try:
        snapshot = Snapshot(index)
        snapshot.verify()
    except MissingIndexError as error:
        if any(_folders(index)):
            cure = "Serve the last one again with `reformqa rollback`, or rebuild."
            return broken("build", f"{index / 'current'} is missing, its builds are there", cure)
        return attention("build", str(error), "Run `reformqa rebuild`; the app needs a build.")
    except (ReformqaError, OSError) as error:
        others = any(_harm(folder) is None for folder in _folders(index))
        cure = f"{_REBUILD} Until then, `reformqa rollback`" if others else _REBUILD
        return broken("build", str(error), f"{cure} serves the one before." if others else cure)
    return well("build", f"{snapshot.build.id}: every file is as it was written")


def _other_builds(index: Path) -> Iterator[Finding]:
    """The builds kept to go back to, by the sizes of their files."""
    try:
        current = served(index)
    except MissingIndexError:
        current = index
    others = [folder for folder in _folders(index) if folder.name != current.name]
    harmed = [reason for folder in others if (reason := _harm(folder))]
    if harmed:
        cure = "Do not roll back to these; the next rebuilds remove them."
        yield attention("older builds", "; ".join(harmed), cure)
    elif others:
        yield well("older builds", ", ".join(sorted((f.name for f in others), reverse=True)))


def _harm(folder: Path) -> str | None:
    """Why a build cannot be read, or None."""
    try:
        _described(folder)
        check_files(folder, read_manifest(folder), largest=0)
    except (ReformqaError, OSError) as error:
        return str(error)
    return None


def _described(folder: Path) -> Build:
    return described(folder, read_manifest(folder))


def _folders(index: Path) -> list[Path]:
    """The folders of whole builds; none where they cannot be listed, as `_index` then says."""
    try:
        return sorted(folders(index))
    except OSError:
        return []


def _clock(index: Path, now: datetime) -> Finding:
    """Whether a build says that it was made later than now."""
    late = [f.name for f in _folders(index) if _made(f) > now + CLOCK_SLACK]
    if not late:
        return well("clock", f"{now:%Y-%m-%d %H:%M} UTC, later than every build")
    found = f"it is {now:%Y-%m-%d %H:%M} UTC, and these say they are from later: {', '.join(late)}"
    cure = "Set the clock. Builds are named, listed and judged as too old by these times."
    return attention("clock", found, cure)


def _made(folder: Path) -> datetime:
    """When a build was made: the later of what its name and its manifest say."""
    told = [datetime.min.replace(tzinfo=UTC)]
    with suppress(ValueError):  # digits that are no day
        told.append(datetime.strptime(folder.name[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC))
    with suppress(DamagedIndexError, ValueError):  # told by the checks of builds
        made = datetime.fromisoformat(_described(folder).made)
        told.append(made if made.tzinfo else made.replace(tzinfo=UTC))
    return max(told)


def _secrets(app: Path) -> tuple[dict[str, Any], list[Finding]]:
    """What the app's files of secrets say together, and what is wrong with each."""
    secrets: dict[str, Any] = {}
    findings = []
    for file in (Path(os.path.expanduser("~")) / SECRETS, app.absolute() / SECRETS):
        try:
            if not file.exists():
                continue
            secrets |= tomllib.loads(file.read_text(encoding="utf-8"))
            mode = file.stat().st_mode
        except (OSError, ValueError) as error:  # bad TOML and bad UTF-8 are ValueErrors
            cure = "Correct it and restart the app: as it is, the app lets nobody in."
            findings.append(broken("secrets", f"{file} cannot be read: {error}", cure))
            continue
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            found = f"{file} is open to other users ({stat.filemode(mode)})"
            findings.append(attention("secrets", found, f"chmod 600 {file}"))
        else:
            findings.append(well("secrets", f"{file} is for its owner alone"))
    return secrets, findings


def _uploads(settings: Settings, signed: bool) -> Finding:
    uploads = settings.app.uploads
    sign_in = "sign-in is on" if signed else "no sign-in"
    if uploads != "off" and not signed:
        cure = 'Set up sign-in (docs/operations.md), or set app.uploads = "off".'
        return attention("app", f'uploads are "{uploads}", and whoever reaches it may send', cure)
    return well("app", f"uploads are {uploads}; {sign_in}")
