"""The corpus folder: which of the things in it are files of reports, and why others are not."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from reformqa.files import LARGEST_REPORT
from reformqa.model import FileProblem

CATALOGUE = "catalogue.toml"
#: The ending of the name of a file that records where a report was downloaded from.
PROVENANCE = ".provenance.json"
#: The ending of the name of a note that a visitor of the app handed a file in.
HANDED_IN = ".handed-in.json"
#: Stems of files that describe the corpus folder and are not reports.
_ABOUT_THE_FOLDER = ("readme", "licence", "license")
#: An optional file of questions that every build has to answer from the right paragraph.
QUESTIONS = "questions.jsonl"
#: The papers that watched sites announced, and what became of each.
INBOX = "inbox.json"
#: Questions whose answers are watched.
SAVED = "saved-questions.toml"


def survey(folder: Path) -> tuple[list[Path], list[FileProblem]]:
    """Return the files in `folder` and below that belong to the corpus, and what cannot.

    Links are followed within the folder, and only to files: whoever may put a link there could
    otherwise have any file of this machine read.
    """
    files: list[Path] = []
    problems: list[FileProblem] = []
    border = folder.resolve()
    for path in sorted(_walk(folder, problems)):
        if not is_corpus_file(path, folder):
            continue
        if reason := _fault(path, border):
            problems.append(FileProblem(printable(path.name), reason))
        else:
            files.append(path)
    return files, problems


def list_files(folder: Path) -> list[Path]:
    """Return the files in `folder` and its subfolders that belong to the corpus, of any kind."""
    return survey(folder)[0]


def is_corpus_file(path: Path, folder: Path) -> bool:
    """Return whether a file with that path in `folder` belongs to the corpus."""
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    names = (CATALOGUE, QUESTIONS, INBOX, SAVED)
    about = path.name in names or path.name.endswith((PROVENANCE, HANDED_IN))
    return not hidden and not about and path.stem.lower() not in _ABOUT_THE_FOLDER


def printable(name: str) -> str:
    """Return a name of a file as it can be written to a record, even if it is not in UTF-8."""
    return name.encode("utf-8", "replace").decode()


def _walk(folder: Path, problems: list[FileProblem]) -> Iterator[Path]:
    """Yield everything in `folder` and below but folders, and links to folders."""

    def closed(error: OSError) -> None:
        name = printable(Path(error.filename).name)
        reason = f"cannot be listed ({error.strerror}). Let the user that rebuilds read it."
        problems.append(FileProblem(name, reason))

    for place, folders, names in os.walk(folder, onerror=closed):
        folders[:] = [name for name in folders if not name.startswith(".")]
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]
        yield from (Path(place, name) for name in (*names, *links))


def _fault(path: Path, border: Path) -> str | None:
    """Return why something in the folder is not read, or None; `border` is the folder, resolved."""
    try:
        found = path.stat()
        inside = path.resolve().is_relative_to(border)
    except FileNotFoundError:
        return "is a broken link. Remove it, or put the file in its place."
    except (OSError, RuntimeError) as error:  # a circle of links is a RuntimeError
        return f"cannot be examined ({getattr(error, 'strerror', None) or error}). Remove it."
    if not inside:
        return (
            "is a link out of the corpus folder, which is not followed. Put a copy of the file in"
            " its place."
        )
    if stat.S_ISDIR(found.st_mode):
        return "is a link to a folder, which is not followed. Its files are read where they are."
    if not stat.S_ISREG(found.st_mode):
        return "is not a file but a pipe, a socket or a device. Remove it."
    if found.st_size > LARGEST_REPORT:
        return (
            f"has {found.st_size / 2**20:,.0f} MB; at most {LARGEST_REPORT // 2**20:,} are read."
            " Remove it, or make it smaller."
        )
    return None
