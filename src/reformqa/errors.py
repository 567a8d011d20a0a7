"""The exceptions of reformqa. Each message says what is wrong, where, and what to do.

ReformqaError                 exit status 1: the operation failed
├── UnreadableFileError       a file in the corpus cannot be read as what its suffix says
├── DamagedIndexError         the index is incomplete or does not match its checksums
├── SourceFileError           a report's file is missing, has changed, or cannot be displayed
├── RenewalError              a rebuild started in the app failed, or is already running
├── BusyIndexError            another process is changing the index
├── UnwritableIndexError      the index cannot be written: no permission, or the disk is full
├── UnreachableStoreError     the server that keeps the index does not answer
├── UnsuitableStoreError      the server that keeps the index refuses, or lacks what is needed
├── ClusterError              the cluster that reads and encodes is missing, unsuitable, or lost
├── GateError                 a new build is incomplete, or worse than the current one
├── StrictError               a file cannot be read, and --strict is set
├── FetchError                a paper cannot be downloaded from its address
│   └── FetchRefusedError     the address, or the content at it, is not accepted
├── EncoderError              the embedding model is missing or is not the expected one
└── CallerError               exit status 2: the request is invalid
    ├── QuestionError         the question is empty or too long
    ├── UnknownNameError      no such publisher, report, paragraph or section kind
    ├── MissingIndexError     the folder contains no index
    ├── CorpusError           the corpus folder or its catalogue is missing or invalid
    ├── SettingsError         the settings file has an unknown key or an invalid value
    ├── EvaluationFileError   a line in a file of questions is invalid
    ├── ExportError           a file cannot be written, or not in that format
    ├── BriefingError         a briefing, or a file of one, cannot be as it is given
    └── UploadError           an uploaded report is not accepted
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ReformqaError(Exception):
    """The base class of all errors; `exit_code` is the exit status of the command line."""

    exit_code = 1


class UnreadableFileError(ReformqaError):
    """A file in the corpus cannot be read; a rebuild records the problem and continues."""


class DamagedIndexError(ReformqaError):
    """The index is incomplete or has been altered; `reformqa rebuild --force` replaces it."""


class SourceFileError(ReformqaError):
    """The file of a report is missing, has changed, or cannot be displayed."""


class EncoderError(ReformqaError):
    """The embedding model is missing, or its weights are not the expected ones."""


class RenewalError(ReformqaError):
    """A rebuild started in the app failed, or one is already running."""


class BusyIndexError(ReformqaError):
    """Another process has locked the index."""


class UnwritableIndexError(ReformqaError):
    """The index cannot be written; the current build is unchanged."""


class UnreachableStoreError(ReformqaError):
    """The server that keeps the index does not answer in time; asking again later may help."""


class UnsuitableStoreError(ReformqaError):
    """The server that keeps the index refuses a request, or lacks what the index needs."""


class ClusterError(ReformqaError):
    """The cluster that a rebuild reads and encodes on is missing, unsuitable, or lost."""


class GateError(ReformqaError):
    """A new build failed its checks; the current build stays in place."""


class StrictError(ReformqaError):
    """A file cannot be read in a strict rebuild; the current build stays in place."""


class FetchError(ReformqaError):
    """A paper cannot be downloaded: the host does not answer, fails, or is too slow."""


class FetchRefusedError(FetchError):
    """An address, or the content at it, is not accepted; trying again does not help."""


class CallerError(ReformqaError):
    """The request is invalid and has to change."""

    exit_code = 2


class QuestionError(CallerError):
    """The question is empty or too long."""


class MissingIndexError(CallerError):
    """The folder contains no index."""


class CorpusError(CallerError):
    """The corpus folder or its catalogue is missing or invalid."""


class SettingsError(CallerError):
    """The settings file has an unknown key or an invalid value."""


class EvaluationFileError(CallerError):
    """A line in a file of questions is invalid."""


class ExportError(CallerError):
    """A file cannot be written, or its format is unknown."""


class BriefingError(CallerError):
    """A briefing's file cannot be read, or a change to a briefing is not possible."""


class UploadError(CallerError):
    """An uploaded report is too large, not what its name says, or already in the corpus."""


class UnknownNameError(CallerError):
    """No item in the library has that name; `near` lists similar names."""

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
            else "Search the library to find it."
        )
        super().__init__(f"No {what} is called {name!r}. {hint}")
        self.near = near
