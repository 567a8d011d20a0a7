"""Links to cited places: written, read, and followed to where an old one leads now."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from pydantic import ValidationError

from reformqa.errors import DamagedIndexError, MissingIndexError
from reformqa.model import Citation, Paragraph, ReportInfo
from reformqa.storage.base import Store, Versions
from reformqa.text.matching import likeness
from reformqa.text.similarity import content_words

#: The least similarity of a paragraph that is offered in place of one that is gone.
NEAR = 0.5

#: An id may come from an address that anybody has typed: only these forms are looked up or shown.
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_VERSION = re.compile(r"[\w-]+", re.ASCII)
_LONGEST = 300
#: The part of a paragraph's id after its report's id.
_HASH = re.compile(r"-[0-9a-f]{8}(?:-\d+)?$", re.ASCII)
_WHOLE = "Check that the link was copied in full."
_CITED = re.compile(r"([\w.-]{1,200})(?::(\d{1,6})-(\d{1,6}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """A cited place: a paragraph and the half-open range of its characters, (0, 0) for none."""

    paragraph_id: str
    span: tuple[int, int] = (0, 0)

    def __str__(self) -> str:
        start, end = self.span
        return f"{self.paragraph_id}:{start}-{end}" if end else self.paragraph_id

    @classmethod
    def of(cls, citation: Citation) -> Place:
        """Return the place that a citation quotes."""
        return cls(citation.paragraph_id, citation.span)

    @classmethod
    def read(cls, text: str) -> Place | None:
        """Parse the string form of a place; None if it is invalid."""
        found = _CITED.fullmatch(text)
        if not found:
            return None
        return cls(found[1], (int(found[2] or 0), int(found[3] or 0)))


def permalink(app: str, place: Place, build: str) -> str:
    """Return the address that opens a place in the app whose own address is `app`."""
    return f"{app.rstrip('/')}/?{urlencode({'cite': str(place), 'build': build}, safe=':')}"


def report_link(app: str, report_id: str) -> str:
    """Return the address that opens a report in the app whose own address is `app`."""
    return f"{app.rstrip('/')}/library?{urlencode({'report': report_id})}"


def linked(text: str) -> tuple[str, str | None]:
    """Return the ids of the paragraph and the build that a permalink or a place names.

    Anything else is taken for the id of a paragraph, without a build.
    """
    try:
        values = parse_qs(urlsplit(text).query)
    except ValueError:  # a malformed host
        values = {}
    place = Place.read(values.get("cite", [text.strip()])[0])
    return place.paragraph_id if place else text, values.get("build", [None])[0]


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a link to a paragraph leads.

    If the paragraph is in this build, it is `paragraph`, and `explanation` is None. Otherwise the
    explanation says in a sentence or two what happened, `paragraph_then` is the paragraph as it was
    (if a build that contains it is still on disk), and `paragraph` is the most similar one in this
    build (if one is similar enough).
    """

    paragraph: Paragraph | None
    explanation: str | None = None
    paragraph_then: Paragraph | None = None


def trace(
    store: Store, versions: Versions | None, paragraph_id: str, version_id: str | None = None
) -> Trace:
    """Return where a paragraph is in the version opened, or what has happened to it.

    `version_id` is that of the version that the link was made from. Never raises an error: the
    result says if an id does not exist or an older version cannot be read.
    """
    if len(paragraph_id) > _LONGEST or not _ID.fullmatch(paragraph_id):
        return Trace(None, f"The link does not name a paragraph. {_WHOLE}")
    if found := store.paragraphs([paragraph_id]):
        return Trace(found[paragraph_id])
    looked = {store.version.id}
    kept = versions.versions() if versions else []
    version_id = version_id if version_id and _VERSION.fullmatch(version_id) else None
    for name in [n for n in dict.fromkeys([version_id, *kept]) if n and n != store.version.id]:
        if versions is None:
            break
        try:
            older = versions.open(name)
            then = older.paragraphs([paragraph_id]).get(paragraph_id)
            if then:
                return _compared(store, name, then, older.reports()[then.report_id])
            looked.add(name)
        except (DamagedIndexError, MissingIndexError, ValidationError):
            continue
    return Trace(None, _lost(store.reports(), paragraph_id, version_id, looked, kept))


def _compared(store: Store, version_id: str, then: Paragraph, report: ReportInfo) -> Trace:
    """Return what became of a paragraph of another version, and of its report there."""
    now = store.reports().get(report.id)
    if now is None:
        now, explanation = _successor(store.reports(), report, version_id)
    elif now.sha256 == report.sha256:
        explanation = (
            f"The report has not changed since build {version_id}, but is now read differently."
        )
    else:
        explanation = f"The report has changed since build {version_id}."
    if now is None:
        return Trace(None, explanation, then)
    nearest = _nearest(store.report(now.id).paragraphs, then)
    if nearest is None:
        explanation += " It no longer has a paragraph similar to this one."
    elif nearest.text == then.text:
        explanation += " The paragraph itself is unchanged."
    else:
        explanation += " The most similar paragraph in it is shown."
    return Trace(nearest, explanation, then)


def _successor(
    reports: Mapping[str, ReportInfo], gone: ReportInfo, build: str
) -> tuple[ReportInfo | None, str]:
    """Return the report that replaces one that is gone, or None, with a sentence that says so."""
    if gone.note_on and gone.note_on in reports:
        return reports[gone.note_on], "The reading note has been replaced by the report itself."
    renamed = next((r for r in reports.values() if r.sha256 == gone.sha256), None)
    if renamed:
        return renamed, f"The report {gone.id} is now called {renamed.id}."
    return None, f"The report “{gone.title}” is no longer in the library; it was in build {build}."


def _nearest(paragraphs: tuple[Paragraph, ...], then: Paragraph) -> Paragraph | None:
    """Return the paragraph most similar to `then`, or None if none is similar enough.

    Ties go to the nearest place in the report.
    """
    words = content_words(then.text)
    alike = (p for p in paragraphs if p.searchable or p.kind == then.kind)
    ranked = [
        (
            likeness(content_words(p.text), words),
            p.text == then.text,
            -abs(p.number - then.number),
            p,
        )
        for p in alike
    ]
    best = max(ranked, key=lambda r: r[:3], default=None)
    return best[3] if best and (best[0] >= NEAR or best[1]) else None


def _lost(
    reports: Mapping[str, ReportInfo],
    paragraph_id: str,
    version_id: str | None,
    looked: Collection[str],
    kept: Collection[str],
) -> str:
    """Return what to say of a paragraph that is in none of the versions `looked` at."""
    suffix = _HASH.search(paragraph_id)
    if suffix is None:
        return f"{paragraph_id} is not the id of a paragraph. {_WHOLE}"
    name = paragraph_id[: suffix.start()]
    if name not in reports:
        since = (
            f"it has been removed or renamed since build {version_id}"
            if version_id
            else "it has been removed or renamed"
        )
        return f"There is no report {name} in the library: {since}, or the link is incomplete."
    if version_id is None:
        return (
            f"The report {name} has no such paragraph: it has changed since the link was made, or"
            " the link is incomplete."
        )
    if version_id in looked:
        return f"No paragraph of {name} has this id, not even in build {version_id}. {_WHOLE}"
    state = "cannot be read" if version_id in kept else "is no longer kept"
    return (
        f"The report {name} has changed since build {version_id}. What the paragraph said then"
        f" cannot be shown: that build {state}."
    )
