"""New reports and their recommendations as an Atom feed (RFC 4287)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from lxml import etree, html

from reformqa.citations.permalink import Place, permalink, report_link
from reformqa.exports.printable import one_line
from reformqa.library import Library
from reformqa.news.arrivals import Arrival
from reformqa.text.phrases import counted

#: The most entries, as feed readers ask for the whole feed each time.
MOST = 50

_ATOM = "http://www.w3.org/2005/Atom"


def to_atom(library: Library, arrived: Sequence[Arrival], app: str) -> bytes:
    """Return the feed of the newest of what `arrived`, at least one, newest first.

    Each entry links to a report, and to each of its recommendations, in the app whose own address
    is `app`.
    """
    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    home = f"{app.rstrip('/')}/library"
    _add(feed, "id", f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, home)}")
    _add(feed, "title", "New reports in the library")
    _add(feed, "updated", arrived[0].made)
    _add(feed, "link", rel="alternate", type="text/html", href=home)
    _add(_add(feed, "author"), "name", "reformqa")
    for arrival in arrived[:MOST]:
        _add_entry(feed, library, arrival, app)
    whole: bytes = etree.tostring(feed, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return whole


def _add_entry(feed: Any, library: Library, arrival: Arrival, app: str) -> None:
    report = arrival.report
    recommended = library.recommendations(report=report.id)
    entry = _add(feed, "entry")
    # Of report and build, so that a report that comes back is new, and nothing else ever is.
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"reformqa:{report.id}:{arrival.build}")
    _add(entry, "id", f"urn:uuid:{name}")
    _add(entry, "title", f"{report.publisher}: {report.title}")
    _add(entry, "updated", arrival.made)
    _add(entry, "link", rel="alternate", type="text/html", href=report_link(app, report.id))
    for author in report.authors or (report.publisher,):
        _add(_add(entry, "author"), "name", author)
    facts = (report.subtitle, report.published, counted(len(recommended), "recommendation"))
    _add(entry, "summary", " · ".join(filter(None, facts)))
    if recommended:
        content = html.Element("ul")
        for recommendation in recommended:
            item = etree.SubElement(content, "li")
            place = Place(recommendation.stated)
            link = etree.SubElement(item, "a", href=permalink(app, place, library.build.id))
            link.text = one_line(recommendation.name)
            link.tail = f": {one_line(recommendation.text)}"
        _add(entry, "content", html.tostring(content, encoding="unicode"), type="html")


def _add(parent: Any, name: str, text: str | None = None, **attributes: str) -> Any:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    element.text = None if text is None else one_line(text)
    return element
