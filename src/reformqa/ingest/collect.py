"""Gather the reports of a corpus: parsed now, kept from before, or as the index has them still.

A file that cannot be read, or that reads as a torso of what it was, does not take its report away:
the last good version stays, marked stale, and the file is named with the reason.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reformqa.errors import CorpusError
from reformqa.files import digest
from reformqa.ingest.corpus import Corpus, Source
from reformqa.ingest.parse_cache import ParsedReports
from reformqa.ingest.workers import Job, read_all
from reformqa.model import FileProblem, Progress, Report
from reformqa.parsing import known_as
from reformqa.settings import ReadingSettings
from reformqa.storage.files.store import Snapshot

#: A file whose report has lost more than this share of its paragraphs, and so many of them, is
#: taken for one that was cut short.
TORSO = 0.5
TORSO_PARAGRAPHS = 50
#: How often a file is read that changes while it is read.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Gathered:
    """The reports of a build, each loaded when its turn comes, in the order of their files.

    `sources` has the hash of each file as it was read, by name, empty for one that would not hold
    still; `problems` are the files that could not be taken as they are, `skipped` those that are
    not meant to be in.
    """

    headers: Mapping[str, Report]
    sources: Mapping[str, str]
    problems: tuple[FileProblem, ...]
    skipped: tuple[FileProblem, ...]
    _gatherer: _Gatherer

    @property
    def read(self) -> list[Source]:
        """The files whose reports are in as they are."""
        return self._gatherer.read_well()

    def __iter__(self) -> Iterator[Report]:
        return (self._gatherer.load(report_id) for report_id in self.headers)


def gather(
    corpus: Corpus,
    parsed: ParsedReports,
    before: Snapshot | None,
    limits: ReadingSettings,
    *,
    accept_losses: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> Gathered:
    """Read what is new in the corpus into `parsed`, and say which reports a build will hold.

    `before` is the build whose versions stay where a file cannot be read. With `accept_losses`
    a report is taken however much shorter it has become.
    Raises CorpusError where none of the files can be read.
    """
    gatherer = _Gatherer(corpus, parsed, before, limits)
    gatherer.read(progress)
    if not gatherer.read_well():
        reasons = "; ".join(f"{p.file}: {p.reason}" for p in gatherer.problems.values())
        raise CorpusError(f"None of the files in the corpus can be read. {reasons}")
    if not accept_losses:
        gatherer.hold_back_torsos()
    skipped = [*corpus.left_out, *gatherer.set_aside_notes()]
    problems = (*corpus.problems, *(p for _, p in sorted(gatherer.problems.items())))
    return Gathered(gatherer.headers(), gatherer.sources(), problems, tuple(skipped), gatherer)


class _Gatherer:
    """What is known of each source while reports are gathered."""

    def __init__(
        self,
        corpus: Corpus,
        parsed: ParsedReports,
        before: Snapshot | None,
        limits: ReadingSettings,
    ) -> None:
        self._corpus = corpus
        self._parsed = parsed
        self._before = before
        self._limits = limits
        self._sources = {s.report_id: s for s in corpus.sources}
        self._headers: dict[str, Report] = {}
        self.problems: dict[str, FileProblem] = {}

    def read(self, progress: Progress) -> None:
        """Read the files that are not kept as parsed; again, where one changes meanwhile."""
        wanted = []
        for name, source in self._sources.items():
            if header := self._parsed.header(source):
                self._take(name, header)
            else:
                wanted.append(name)
        for _ in range(_TRIES):
            wanted = self._read(wanted, progress)
        for name in wanted:
            # No hash: the next rebuild finds another one, though the file stays as it is now.
            self._sources[name] = dataclasses.replace(self._sources[name], sha256="")
            self._refuse(name, "changes while it is read. The next rebuild takes it.")

    def _read(self, names: Sequence[str], progress: Progress) -> list[str]:
        """Read those files; give the ones that were changed meanwhile."""
        changed = []
        jobs = [Job(self._sources[n].path, n) for n in names]
        for job, result in read_all(jobs, self._limits, progress) if jobs else ():
            name = job.report_id
            source = self._sources[name]
            now = _digest(source)
            if now != source.sha256 or (isinstance(result, Report) and result.sha256 != now):
                self._sources[name] = dataclasses.replace(source, sha256=now)
                changed.append(name)
            elif isinstance(result, FileProblem):
                self._refuse(name, result.reason)
            else:
                self._parsed.keep(source, result)
                self._take(name, result)
        return changed

    def _take(self, name: str, report: Report) -> None:
        self._headers[name] = _bare(self._known(report))

    def _refuse(self, name: str, reason: str) -> None:
        """Name a file that cannot be taken, and keep the version that the index has of it."""
        last = self._before and self._before.reports.get(name)
        self.problems[name] = FileProblem(self._sources[name].path.name, reason, bool(last))
        self._headers.pop(name, None)
        if last:
            self._headers[name] = self._known(dataclasses.replace(last, stale=reason))

    def hold_back_torsos(self) -> None:
        """Keep the version before of reports that have lost most of their paragraphs."""
        if self._before is None:
            return
        counts = self._before.counts("paragraphs")
        for name, last in self._before.reports.items():
            source = self._sources.get(name)
            if source is None or name in self.problems or last.sha256 == source.sha256:
                continue
            now, then = len(self.load(name).paragraphs), counts.get(name, 0)
            if then - now >= TORSO_PARAGRAPHS and now < (1 - TORSO) * then:
                self._refuse(
                    name,
                    f"reads as {now} paragraphs, where there were {then}: it may have been cut"
                    " short. Replace it by the whole file, or rebuild with --accept-losses.",
                )

    def set_aside_notes(self) -> list[FileProblem]:
        """Take out the reading notes whose report is in, under whatever file name."""
        present = {}
        for report in self._headers.values():
            entry = self._corpus.entry(report.id, report.title)
            if entry and not report.note_on:
                present[entry.report_id] = report.id
        notes = {n: r for n, r in self._headers.items() if r.note_on in present}
        for name in notes:
            del self._headers[name]
        return [
            FileProblem(note.source, f"the report itself is in: {present[str(note.note_on)]}")
            for note in notes.values()
        ]

    def headers(self) -> dict[str, Report]:
        """The reports without their bodies, in the order of their files."""
        return {name: self._headers[name] for name in self._sources if name in self._headers}

    def read_well(self) -> list[Source]:
        """The files whose reports were taken as they are."""
        return [s for name, s in self._sources.items() if name not in self.problems]

    def sources(self) -> dict[str, str]:
        """The hash of each file as it was read."""
        return {s.path.name: s.sha256 for s in self._sources.values()}

    def load(self, name: str) -> Report:
        """A report whole."""
        header = self._headers[name]
        if header.stale:
            assert self._before is not None
            whole = self._before.report(name)
        else:
            whole = self._parsed.report(self._sources[name]) or self._again(name)
        return dataclasses.replace(header, sections=whole.sections, paragraphs=whole.paragraphs)

    def _again(self, name: str) -> Report:
        """Read a file again whose parsed form was harmed since."""
        source = self._sources[name]
        ((_, result),) = read_all([Job(source.path, name)], self._limits)
        if isinstance(result, FileProblem) or result.sha256 != source.sha256:
            raise CorpusError(f"{source.path.name} was changed meanwhile. Rebuild again.")
        self._parsed.keep(source, result)
        return result

    def _known(self, report: Report) -> Report:
        """The report by the catalogue's facts: found by its id or, whatever its file, its title."""
        entry = self._corpus.entry(report.id, report.title)
        if entry is None:
            return report
        return dataclasses.replace(known_as(report, entry.facts), note_on=entry.note_on)


def _bare(report: Report) -> Report:
    return dataclasses.replace(report, sections=(), paragraphs=())


def _digest(source: Source) -> str:
    """The hash of a file as it is now; empty where it is gone."""
    try:
        return digest(source.path)
    except OSError:
        return ""
