"""Examine everything that asking and rebuilding depend on, and say how to repair it.

Nothing is changed, and no expected error is raised: whatever cannot be read becomes a finding.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from reformqa.access import Access, read_access, secrets_files
from reformqa.doctor.corpus import check_catalogue, check_corpus, check_news
from reformqa.doctor.findings import Finding, attention, broken, well
from reformqa.doctor.index import (
    Served,
    check_build,
    check_clock,
    check_handed_in,
    check_index,
    check_other_builds,
    check_server,
    current_build,
)
from reformqa.doctor.machine import (
    check_disk,
    check_memory,
    check_packages,
    check_processors,
    check_python,
)
from reformqa.doctor.replicas import check_network_folder, check_replicas
from reformqa.errors import ReformqaError, UploadError
from reformqa.ingest.waiting import Waiting
from reformqa.models.registry import chosen_models, encoders_named, find_model, fingerprint
from reformqa.parsing.readers.pdf.ocr import tesseract_available
from reformqa.search.expansion import load_everyday
from reformqa.settings import DEFAULT_FILE, Settings, load_settings
from reformqa.text.phrases import counted
from reformqa.tuning import load_tuning


def examine(
    corpus: Path,
    index: Path,
    *,
    catalogue: Path | None = None,
    settings_file: Path | None = None,
    app: Path = Path(),
    now: datetime | None = None,
) -> tuple[Finding, ...]:
    """Return every finding, in a fixed order; `app` is the folder that the app is served from.

    The only thing written is an unnamed file in the index folder, to test that it is writable. It
    is deleted at once.
    """
    settings, on_settings = _settings(settings_file)
    build = current_build(index)
    secrets = secrets_files(app, settings.app.secrets)
    access = read_access(secrets, required=settings.app.needs_sign_in)
    signs = access.who == "who signs in"
    wanted = {"sign-in": signs, "llm": settings.llm.model, "milvus": settings.storage.url}
    wanted["ray"] = settings.build.engine == "ray"
    extras = [extra for extra, is_wanted in wanted.items() if is_wanted]
    return (
        check_python(),
        check_packages(extras),
        on_settings,
        *_named_files(settings),
        *_tuning(settings),
        *_models(settings, build),
        *_ocr(settings),
        *_guarded("corpus", lambda: check_corpus(corpus)),
        *_guarded("catalogue", lambda: [check_catalogue(catalogue, corpus)]),
        *_guarded("inbox", lambda: check_news(corpus)),
        *_guarded("index", lambda: [check_index(index)]),
        *_builds(index, settings, now or datetime.now(UTC)),
        *_guarded("disk", lambda: [check_disk(index, build.bytes if build else None)]),
        check_memory(),
        check_processors(),
        *_secrets(secrets),
        _sign_in(access),
        _uploads(settings, access),
        *_waiting(settings.app.upload_folder),
        check_replicas(settings, secrets),
    )


def _builds(index: Path, settings: Settings, now: datetime) -> Iterator[Finding]:
    """Check the builds in the folder, or on the server that the settings name."""
    if settings.storage.url:
        yield check_server(index, settings.storage)
        return
    yield from _guarded("build", lambda: [check_build(index)])
    yield from _guarded("handed in", lambda: check_handed_in(index))
    yield from _guarded("older builds", lambda: check_other_builds(index))
    yield from _guarded("clock", lambda: [check_clock(index, now)])
    yield from check_network_folder(index, settings.rebuild.grace_hours)


def _guarded(name: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Return what `check` finds, or a finding that says why the place cannot be examined."""
    try:
        return list(check())
    except OSError as error:
        found = f"{error.filename or name} cannot be examined: {error.strerror}"
        return [broken(name, found, "Check the path, the disk and this user's permissions.")]


def _settings(file: Path | None) -> tuple[Settings, Finding]:
    """Return the settings, or the defaults if they cannot be read, and a finding about them."""
    try:
        settings = load_settings(file)
    except (ReformqaError, OSError) as error:
        cure = "Correct the file. The checks below use the defaults."
        return Settings(), broken("settings", str(error), cure)
    path = file or DEFAULT_FILE
    found = f"{path} is valid" if path.is_file() else "defaults: there is no settings file"
    return settings, well("settings", found)


def _named_files(settings: Settings) -> Iterator[Finding]:
    """Check the files that the settings name."""
    for key, file, load in (
        ("answer.calibration", settings.answer.calibration, load_tuning),
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


def _tuning(settings: Settings) -> Iterator[Finding]:
    """Check that the tuning of the next build was fitted with its model and its weights."""
    own = settings.answer.calibration
    model = encoders_named(chosen_models(settings.encoder))
    try:
        tuning = load_tuning(Path(own) if own else None, model)
    except (ReformqaError, OSError):
        return  # `_named_files` reports it
    if tuning.model != model:
        found = f"the calibration was fitted with the model {tuning.model}, not with {model}"
        cure = (
            "Fit it with `reformqa evaluate FILE --calibrate tuning.json` on an index of that"
            " model, and name the file in the setting answer.calibration."
        )
        yield broken("calibration", found, cure) if own else attention("calibration", found, cure)
    elif misfit := tuning.misfit(settings.search):
        found, _, cure = misfit.partition(". ")
        yield attention("calibration", found, cure)
    else:
        yield well("calibration", f"fitted with {model} and the weights in use")


def _models(settings: Settings, build: Served | None) -> Iterator[Finding]:
    """Check that each configured model is present, unaltered and the one in the build."""
    for role, name in chosen_models(settings.encoder).items():
        try:
            now = fingerprint(find_model(name))
        except (ReformqaError, OSError) as error:
            setting = "encoder.model" if role == "encoder" else f"encoder.{role}"
            cure = f"Install the model, or set {setting} to another."
            yield broken(role, str(error), cure)
            continue
        then = build.models.get(role) if build else None
        if build and then != {"name": name, "digest": now}:
            found = f"{name} is not the model that the current build was made with"
            yield attention(role, found, "Run `reformqa rebuild`, which encodes every passage.")
        else:
            yield well(role, f"{name} is installed and unaltered")


def _ocr(settings: Settings) -> Iterator[Finding]:
    if not settings.reading.ocr:
        return
    if tesseract_available():
        yield well("tesseract", "installed")
    else:
        cure = "Install Debian's tesseract-ocr package, or remove the setting reading.ocr."
        yield broken("tesseract", "reading.ocr is set, but tesseract is not installed", cure)


def _secrets(files: Iterable[Path]) -> Iterator[Finding]:
    """Check that the app's secrets files are private."""
    for file in files:
        try:
            if not file.exists():
                continue
            mode = file.stat().st_mode
        except OSError:
            continue  # `_sign_in` reports it
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            found = f"{file} is open to other users ({stat.filemode(mode)})"
            yield attention("secrets", found, f"chmod 600 {file}")
        else:
            yield well("secrets", f"{file} is private to its owner")


def _sign_in(access: Access) -> Finding:
    """Say who may enter the app."""
    found = f"{access.who} may enter: {access.reason}"
    if access.who == "nobody":
        return broken("sign-in", found, "Correct it and restart the app.")
    return well("sign-in", found)


def _uploads(settings: Settings, access: Access) -> Finding:
    uploads = settings.app.uploads
    if uploads != "off" and access.who == "everybody":
        cure = 'Set up sign-in (docs/operations.md), or set app.uploads = "off".'
        found = f'uploads are "{uploads}", and anyone who can reach the app may send files'
        return attention("app", found, cure)
    if settings.app.corrections and access.who == "everybody":
        cure = "Set up sign-in (docs/operations.md), or set app.corrections = false."
        return attention("app", "anyone who can reach the app may change the catalogue", cure)
    return well("app", f"uploads are {uploads}")


def _waiting(address: str) -> Iterator[Finding]:
    """Say what waits at the place of uploads, if the settings name one."""
    if not address:
        return
    try:
        count = len(Waiting(address).digests())
    except UploadError as error:
        found, _, cure = str(error).partition(". ")
        yield broken("uploads", found, cure)
    else:
        yield well("uploads", f"{counted(count, 'report')} at {address} for the next rebuild")
