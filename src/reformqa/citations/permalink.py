"""Follow an old link: where a paragraph is now, or what has happened to it since."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from reformqa.errors import DamagedIndexError
from reformqa.model import Paragraph, Report
from reformqa.storage.files.builds import folder_of, is_id, list_builds
from reformqa.storage.files.store import Snapshot
from reformqa.text.similarity import content_words

#: The likeness from which a paragraph of today is offered for one that is gone.
NEAR = 0.5

#: An id may come from an address that anybody has typed: only such a one is looked up or repeated.
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_LONGEST = 300
#: What follows the report's id in that of a paragraph.
_HASH = re.compile(r"-[0-9a-f]{8}(?:-\d+)?$", re.ASCII)
_WHOLE = "Check that the link was copied whole."


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a link to a paragraph leads.

    Where the paragraph is in this build, it is `paragraph`, and nothing is `told`. Otherwise
    `told` says in a sentence or two what happened, `paragraph_then` is the paragraph as it stood,
    where a build that holds it is still on disk, and `paragraph` the one of today that is nearest
    to it, where one is near enough.
    """

    paragraph: Paragraph | None
    told: str | None = None
    paragraph_then: Paragraph | None = None


def trace(snapshot: Snapshot, paragraph_id: str, build: str | None = None) -> Trace:
    """Where the paragraph of that id is in the build opened, or what has happened to it.

    `build` is the id of the build that the link was made from. Neither need be one: whatever is
    given, and whatever state older builds are in, the answer says so.
    """
    if len(paragraph_id) > _LONGEST or not _ID.fullmatch(paragraph_id):
        return Trace(None, f"The link names no paragraph. {_WHOLE}")
    try:
        return Trace(snapshot.paragraph(paragraph_id))
    except KeyError:
        looked = {snapshot.build.id}
    build = build if build and is_id(build) else None
    for name in _others(snapshot, build):
        try:
            older = Snapshot(snapshot.index, name)
            then = older.paragraph(paragraph_id)
            return _compared(snapshot, name, then, older.reports[then.report_id])
        except KeyError:
            looked.add(name)
        except (DamagedIndexError, ValidationError):
            continue
    return Trace(None, _lost(snapshot, paragraph_id, build, looked))


def _others(snapshot: Snapshot, build: str | None) -> list[str]:
    """The builds to look in: the one named, then the others on disk, newest first."""
    known = [b.id for b in list_builds(snapshot.index) if is_id(b.id)]
    first = [build] if build else []
    return [name for name in dict.fromkeys([*first, *known]) if name != snapshot.build.id]


def _compared(snapshot: Snapshot, build: str, then: Paragraph, report: Report) -> Trace:
    """What became of a paragraph that another build holds, and of its report there."""
    now = snapshot.reports.get(report.id)
    if now is None:
        now, told = _successor(snapshot.reports, report, build)
    elif now.sha256 == report.sha256:
        told = f"The report has not changed since build {build}, but it is read otherwise now."
    else:
        told = f"The report has changed since build {build}."
    if now is None:
        return Trace(None, told, then)
    nearest = _nearest(snapshot.report(now.id).paragraphs, then)
    if nearest is None:
        told += " Nothing in it is like this paragraph now."
    elif nearest.text == then.text:
        told += " The paragraph stands in it as it did."
    else:
        told += " The paragraph most like it now is shown."
    return Trace(nearest, told, then)


def _successor(
    reports: Mapping[str, Report], gone: Report, build: str
) -> tuple[Report | None, str]:
    """The report that stands in place of one that is gone, and what to say of it."""
    if gone.note_on and gone.note_on in reports:
        return reports[gone.note_on], "The report itself has taken the place of the reading note."
    renamed = next((r for r in reports.values() if r.sha256 == gone.sha256), None)
    if renamed:
        return renamed, f"The report is called {renamed.id} now, and was {gone.id} then."
    return None, f"The report “{gone.title}” is no longer in the library; it was in build {build}."


def _nearest(paragraphs: tuple[Paragraph, ...], then: Paragraph) -> Paragraph | None:
    """The paragraph whose words are most like those of `then`, where any is near enough.

    By Dice's coefficient of the words that carry meaning; of equals, by place in the report.
    """
    words = content_words(then.text)

    def likeness(paragraph: Paragraph) -> float:
        own = content_words(paragraph.text)
        return 2 * len(own & words) / max(1, len(own) + len(words))

    ranked = [
        (likeness(p), p.text == then.text, -abs(p.number - then.number), p)
        for p in paragraphs
        if p.searchable or p.kind == then.kind
    ]
    best = max(ranked, key=lambda r: r[:3], default=None)
    return best[3] if best and (best[0] >= NEAR or best[1]) else None


def _lost(snapshot: Snapshot, paragraph_id: str, build: str | None, looked: set[str]) -> str:
    """What to say of a paragraph that none of the builds `looked` at holds."""
    suffix = _HASH.search(paragraph_id)
    if suffix is None:
        return f"{paragraph_id} is no paragraph's id, and never was one. {_WHOLE}"
    name = paragraph_id[: suffix.start()]
    if name not in snapshot.reports:
        since = f"it has been removed or renamed since build {build}" if build else "it is gone"
        return f"There is no report {name} in the library: {since}, or the link is not whole."
    if build is None:
        return (
            f"The report {name} has no such paragraph: it has changed since the link was made, or"
            " the link is not whole."
        )
    if build in looked:
        return f"No paragraph of {name} has this id, in build {build} either. {_WHOLE}"
    state = "cannot be read" if folder_of(snapshot.index, build).is_dir() else "is no longer kept"
    return (
        f"The report {name} has changed since build {build}. What the paragraph said then cannot"
        f" be shown: that build {state}."
    )
