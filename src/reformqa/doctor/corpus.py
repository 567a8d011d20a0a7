"""Checks of the corpus folder and its catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from reformqa.doctor.findings import Finding, attention, broken, well
from reformqa.errors import ReformqaError
from reformqa.files import digest
from reformqa.ingest.corpus import read_catalogue
from reformqa.ingest.folder import CATALOGUE, INBOX, SAVED, survey
from reformqa.news.inbox import Inbox
from reformqa.news.questions import read_saved
from reformqa.parsing import SUFFIXES, report_id
from reformqa.text.phrases import counted


def check_corpus(corpus: Path) -> Iterator[Finding]:
    """Check the folder of reports, and read each of its files to the end."""
    if not corpus.is_dir():
        cure = "Create the folder and put reports in it, or choose another with --corpus."
        yield broken("corpus", f"{corpus} is {'a file' if corpus.exists() else 'missing'}", cure)
        return
    found, strange = survey(corpus)
    files = [f for f in found if f.suffix.lower() in SUFFIXES]
    names: dict[str, Path] = {}
    duplicates = [f.name for f in files if names.setdefault(report_id(f), f) is not f]
    if not files:
        yield broken("corpus", f"{corpus} contains no reports", f"Add {', '.join(SUFFIXES)} files.")
    elif duplicates:
        cure = "Rename or remove them: only one file of each name is read."
        yield attention("corpus", f"same name as another report: {', '.join(duplicates)}", cure)
    else:
        yield well("corpus", f"{corpus} contains {len(files)} reports")
    faults = [f"{p.file} {p.reason}" for p in strange]
    faults += [fault for file in files if (fault := _fault(file))]
    if faults:
        cure = "Repair or remove them, or let this user read them. A rebuild leaves them out."
        yield attention("files", "; ".join(faults), cure)


def _fault(file: Path) -> str | None:
    """Return why a file cannot be read to its end, or None."""
    try:
        digest(file)
        return None if file.stat().st_size else f"{file.name} is empty"
    except OSError as error:
        return f"{file.name} cannot be read: {error.strerror}"


def check_catalogue(catalogue: Path | None, corpus: Path) -> Finding:
    """Check that the catalogue, by default the one in the corpus folder, is valid."""
    path = catalogue or corpus / CATALOGUE
    try:
        entries = read_catalogue(path, required=catalogue is not None)
    except ReformqaError as error:
        return broken("catalogue", str(error), "Correct the catalogue, then rebuild.")
    if not path.is_file():
        return well("catalogue", "none: titles and authors are read from the reports' front pages")
    return well("catalogue", f"{path} is valid and lists {len(entries)} reports")


def check_news(corpus: Path) -> Iterator[Finding]:
    """Check the inbox and the saved questions, as far as there are any."""
    if (corpus / INBOX).exists():
        try:
            count = len(Inbox(corpus).open_items())
            yield well("inbox", f"{counted(count, 'paper')} to take or drop")
        except ReformqaError as error:
            yield broken("inbox", str(error), "Correct it, or move it aside.")
    if (corpus / SAVED).exists():
        try:
            count = len(read_saved(corpus / SAVED))
            yield well("saved questions", f"{counted(count, 'question')} asked of each build")
        except ReformqaError as error:
            yield broken("saved questions", str(error), "Correct the file, to have them asked.")
