"""Collect the reports of a corpus: parsed now, cached, or kept from the version served.

A file that cannot be read, or that reads as a fragment of what it was, does not take its report
away: the last good version stays, marked stale, and the file is named with the reason.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from reformqa.errors import CorpusError
from reformqa.files import digest
from reformqa.ingest.corpus import Corpus, Source, find_entry, is_mistaken
from reformqa.ingest.handed_in import as_handed_in, with_warning
from reformqa.ingest.parse_cache import ParsedReports
from reformqa.ingest.prepare import PreparedReport, prepare
from reformqa.ingest.workers import Job, PassingProblem, read_all
from reformqa.model import FileProblem, Progress, ReportInfo
from reformqa.parsing import known_as
from reformqa.settings import PassageSettings, ReadingSettings
from reformqa.storage.base import Store

#: A file whose report has lost more than this share of its paragraphs, and at least this many, is
#: taken to be cut short.
FRAGMENT = 0.5
FRAGMENT_PARAGRAPHS = 50
#: How often a file that changes while it is read is read again.
_TRIES = 3


class ReadFiles(Protocol):
    """Reads files, as `workers.read_all` does, in whatever order they end."""

    def __call__(
        self,
        jobs: Sequence[Job],
        limits: ReadingSettings,
        passages: PassageSettings,
        progress: Progress,
    ) -> Iterator[tuple[Job, PreparedReport | FileProblem]]: ...


@dataclass(frozen=True, slots=True)
class Collected:
    """The prepared reports of a version, in the order of their files, each loaded when reached.

    `sources` has the hash of each file as it was read, by name, and an empty one for a file that
    kept changing, or could not be read for a reason that may pass. `problems` are the files that
    could not be read as they are, `skipped` those that do not belong in the library.
    """

    infos: Mapping[str, ReportInfo]
    sources: Mapping[str, str]
    problems: tuple[FileProblem, ...]
    skipped: tuple[FileProblem, ...]
    _collector: _Collector

    @property
    def read(self) -> list[Source]:
        """The files whose reports are in as they are."""
        return self._collector.read_well()

    def __iter__(self) -> Iterator[PreparedReport]:
        return (self._collector.load(report_id) for report_id in self.infos)


def collect(
    corpus: Corpus,
    parsed: ParsedReports,
    before: Store | None,
    limits: ReadingSettings,
    *,
    accept_losses: bool = False,
    progress: Progress = lambda stage, done, total: None,
    read: ReadFiles = read_all,
) -> Collected:
    """Read what is new in the corpus into `parsed`, and return the reports of the next version.

    `before` is the version whose reports stay if a file cannot be read. With `accept_losses` a
    report is accepted however much shorter it has become. `read` reads the files that are new.
    Raises CorpusError if none of the files can be read.
    """
    collector = _Collector(corpus, parsed, before, limits)
    collector.read(read, progress)
    if not collector.read_well():
        reasons = "; ".join(f"{p.file}: {p.reason}" for p in collector.problems.values())
        raise CorpusError(f"None of the files in the corpus can be read. {reasons}")
    if not accept_losses:
        collector.hold_back_fragments()
    skipped = [*corpus.left_out, *collector.set_aside_notes()]
    problems = (*corpus.problems, *(p for _, p in sorted(collector.problems.items())))
    return Collected(collector.infos(), collector.sources(), problems, tuple(skipped), collector)


class _Collector:
    """What is known of each source while reports are collected."""

    def __init__(
        self,
        corpus: Corpus,
        parsed: ParsedReports,
        before: Store | None,
        limits: ReadingSettings,
    ) -> None:
        self._corpus = corpus
        self._parsed = parsed
        self._before = before
        self._limits = limits
        self._sources = {s.report_id: s for s in corpus.sources}
        self._infos: dict[str, ReportInfo] = {}
        self._stale: dict[str, PreparedReport] = {}
        self.problems: dict[str, FileProblem] = {}

    def read(self, read: ReadFiles, progress: Progress) -> None:
        """Read the files that are not cached, and again those that change meanwhile."""
        wanted = []
        for name, source in self._sources.items():
            if info := self._parsed.info(source):
                self._infos[name] = self._known(info)
            else:
                wanted.append(name)
        for _ in range(_TRIES):
            wanted = self._read(wanted, read, progress)
        for name in wanted:
            self._refuse(name, "changes while it is read. The next rebuild reads it again.")
            self._unsettle(name)

    def _read(self, names: Sequence[str], read: ReadFiles, progress: Progress) -> list[str]:
        """Read those files, and return the ones that changed meanwhile."""
        changed = []
        jobs = [Job(self._sources[n].path, n) for n in names]
        results = read(jobs, self._limits, self._parsed.passages, progress) if jobs else ()
        for job, result in results:
            name = job.report_id
            source = self._sources[name]
            now = _digest(source)
            seen = result.report.sha256 if isinstance(result, PreparedReport) else now
            if not now == seen == source.sha256:
                self._sources[name] = dataclasses.replace(source, sha256=now)
                changed.append(name)
            elif isinstance(result, FileProblem):
                self._refuse(name, result.reason)
                if isinstance(result, PassingProblem):
                    self._unsettle(name)
            else:
                self._parsed.keep(source, result)
                self._infos[name] = self._known(result.report.info)
        return changed

    def _unsettle(self, name: str) -> None:
        """Forget the hash of a file: the next rebuild reads it even if it stays as it is."""
        self._sources[name] = dataclasses.replace(self._sources[name], sha256="")

    def _refuse(self, name: str, reason: str) -> None:
        """Record a file that cannot be read, and keep the version of it that the index has."""
        last = self._before and self._before.reports().get(name)
        self.problems[name] = FileProblem(self._sources[name].path.name, reason, bool(last))
        self._infos.pop(name, None)
        if last:
            self._infos[name] = self._known(dataclasses.replace(last, stale=reason))

    def hold_back_fragments(self) -> None:
        """Keep the earlier version of reports that have lost most of their paragraphs."""
        if self._before is None:
            return
        counts = self._before.counts("paragraphs")
        for name, last in self._before.reports().items():
            source = self._sources.get(name)
            if source is None or name in self.problems or last.sha256 == source.sha256:
                continue
            now, then = len(self.load(name).report.paragraphs), counts.get(name, 0)
            if then - now >= FRAGMENT_PARAGRAPHS and now < (1 - FRAGMENT) * then:
                self._refuse(
                    name,
                    f"reads as {now} paragraphs; there were {then}. It may have been cut short."
                    " Replace it with the whole file, or rebuild with --accept-losses.",
                )

    def set_aside_notes(self) -> list[FileProblem]:
        """Leave out the reading notes whose report is in, under whatever file name."""
        present = {}
        for report in self._infos.values():
            entry = find_entry(self._corpus.catalogue, report)
            if entry and not report.note_on:
                present[entry.report_id] = report.id
        notes = {n: r for n, r in self._infos.items() if r.note_on in present}
        for name in notes:
            del self._infos[name]
        return [
            FileProblem(note.source, f"the report itself is in: {present[str(note.note_on)]}")
            for note in notes.values()
        ]

    def infos(self) -> dict[str, ReportInfo]:
        """Return the reports without their text, in the order of their files."""
        return {name: self._infos[name] for name in self._sources if name in self._infos}

    def read_well(self) -> list[Source]:
        """Return the files whose reports were accepted as they are."""
        return [s for name, s in self._sources.items() if name not in self.problems]

    def sources(self) -> dict[str, str]:
        """Return the hash of each file as it was read."""
        return {s.path.name: s.sha256 for s in self._sources.values()}

    def load(self, name: str) -> PreparedReport:
        """Return a whole report, prepared."""
        info = self._infos[name]
        if info.stale:
            found = self._earlier(name)
        else:
            found = self._parsed.load(self._sources[name]) or self._again(name)
        report = info.with_text(found.report.sections, found.report.paragraphs)
        return dataclasses.replace(found, report=report)

    def _earlier(self, name: str) -> PreparedReport:
        """Prepare the report that the version before has."""
        assert self._before is not None
        if name not in self._stale:
            self._stale[name] = prepare(self._before.report(name), self._parsed.passages)
        return self._stale[name]

    def _again(self, name: str) -> PreparedReport:
        """Read a file again whose cached form was damaged since."""
        source = self._sources[name]
        jobs = [Job(source.path, name)]
        ((_, result),) = read_all(jobs, self._limits, self._parsed.passages)
        if isinstance(result, FileProblem) or result.report.sha256 != source.sha256:
            raise CorpusError(f"{source.path.name} was changed meanwhile. Run the rebuild again.")
        self._parsed.keep(source, result)
        return result

    def _known(self, report: ReportInfo) -> ReportInfo:
        """Return a report with the catalogue's metadata, found by its id or else its title."""
        if self._sources[report.id].handed_in and not report.stale:
            report = as_handed_in(report)
        if is_mistaken(self._corpus.catalogue, report):
            report = with_warning(report)
        entry = find_entry(self._corpus.catalogue, report)
        if entry is None:
            return report
        known = known_as(report, entry.facts)
        return dataclasses.replace(known, note_on=entry.note_on, edition_of=entry.edition_of)


def _digest(source: Source) -> str:
    """Return the hash of a file as it is now; empty if it is gone."""
    try:
        return digest(source.path)
    except OSError:
        return ""
