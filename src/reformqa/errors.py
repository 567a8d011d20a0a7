"""What can go wrong, as a tree. Every message says what was wrong, where, and what to do.

ReformqaError                 exit status 1: the work failed
├── UnreadableFileError       a file in the corpus cannot be read as what its suffix says
├── DamagedIndexError         the index on disk is incomplete or does not match its checksums
├── SourceFileError           a report's file is not as the index knows it, or cannot be drawn
├── RenewalError              a rebuild that the app runs failed, or one runs already
├── BusyIndexError            another process is changing the index
├── UnwritableIndexError      the index cannot be written: no right to, or the disk is full
├── GateError                 a build made is worse than the one served, or not whole
├── StrictError               a file cannot be read, and --strict was asked for
├── FetchError                a paper cannot be got from its address
│   └── FetchRefusedError     what is at the address, or the address itself, is not taken
├── EncoderError              the embedding model cannot be found or is not the one expected
└── CallerError               exit status 2: the request cannot be met as it was made
    ├── QuestionError         the question is empty or far too long
    ├── UnknownNameError      no such publisher, report, paragraph or section kind
    ├── MissingIndexError     there is no index in the folder named
    ├── CorpusError           the corpus folder or its catalogue is missing or wrong
    ├── SettingsError         the settings file has an unknown key or a value out of range
    ├── EvaluationFileError   a file of questions has a line that is not a question
    ├── ExportError           a file cannot be written in the form that was asked for
    └── UploadError           a report that was handed in cannot be taken
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ReformqaError(Exception):
    """The root of the tree; `exit_code` is what the command line returns for it."""

    exit_code = 1


class UnreadableFileError(ReformqaError):
    """A corpus file cannot be read; the rebuild records it and goes on."""


class DamagedIndexError(ReformqaError):
    """The index is incomplete or altered; `reformqa rebuild --force` makes it anew."""


class SourceFileError(ReformqaError):
    """The file that a report was read from is missing, has changed, or cannot be shown."""


class EncoderError(ReformqaError):
    """The embedding model is missing, or its weights are not the ones expected."""


class RenewalError(ReformqaError):
    """A rebuild that the app runs has failed, or one is running already."""


class BusyIndexError(ReformqaError):
    """Another process holds the lock of the index."""


class UnwritableIndexError(ReformqaError):
    """The index cannot be written; the build served is as it was."""


class GateError(ReformqaError):
    """A build did not pass its gates and is not served; the one before still is."""


class StrictError(ReformqaError):
    """Files cannot be read, in a rebuild that was to be strict; nothing is served anew."""


class FetchError(ReformqaError):
    """A paper cannot be got from its address: no answer, a fault of its host, too slow."""


class FetchRefusedError(FetchError):
    """An address that may not be asked, or what it gave may not be taken; asking again is vain."""


class CallerError(ReformqaError):
    """The request itself has to change."""

    exit_code = 2


class QuestionError(CallerError):
    """The question is empty or too long."""


class MissingIndexError(CallerError):
    """The folder holds no index yet."""


class CorpusError(CallerError):
    """The corpus folder, or its catalogue, is missing or wrong."""


class SettingsError(CallerError):
    """The settings file names an unknown key or gives a value out of range."""


class EvaluationFileError(CallerError):
    """A line of a questions file is not a question."""


class ExportError(CallerError):
    """A file cannot be written."""


class UploadError(CallerError):
    """A report that was handed in is too large, not what its name says, or here already."""


class UnknownNameError(CallerError):
    """A name that nothing in the library bears, with the nearest names that something does."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        known = sorted(set(known))
        folded = {k.casefold(): k for k in known}
        near = [
            folded[m] for m in difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.5)
        ]
        hint = (
            f"Did you mean {' or '.join(near)}?"
            if near
            else f"Known: {', '.join(known[:12])}{', …' if len(known) > 12 else ''}."
            if known
            else "A search finds the names."
        )
        super().__init__(f"No {what} is called {name!r}. {hint}")
        self.near = near
