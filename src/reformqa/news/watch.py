"""Look at the sites that the catalogue watches, and take their new papers in or offer them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from reformqa.errors import FetchError, FetchRefusedError, UploadError
from reformqa.fetch.client import Web
from reformqa.fetch.keep import addresses_present, locked, unwritable
from reformqa.fetch.papers import add_address, check_folder, open_web
from reformqa.fetch.resume import Partial
from reformqa.ingest.corpus import read_catalogue, read_watched
from reformqa.ingest.folder import CATALOGUE
from reformqa.ingest.watched import Watched
from reformqa.isolation.limits import Limits
from reformqa.news.announcements import (
    Announcement,
    Kind,
    Listing,
    plain_address,
    read_listing,
)
from reformqa.news.inbox import Inbox, InboxItem, State, new_item, taken
from reformqa.settings import DrawingSettings, FetchSettings

#: How many nights a paper is tried whose site fails. Then it waits for the operator.
MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class Looked:
    """What a watched site announced: how many items, and those that are `new`.

    `reason` says why the site could not be read, or what is wrong with it.
    """

    site: str
    publisher: str
    kind: Kind | None
    listed: int
    new: tuple[InboxItem, ...] = ()
    reason: str | None = None

    @property
    def is_well(self) -> bool:
        """Whether the site could be read and each of its papers taken in as its entry says."""
        return self.kind is not None and not any(item.reason for item in self.new)


def watch(
    corpus: Path,
    *,
    catalogue: Path | None = None,
    settings: FetchSettings = FetchSettings(),
    limits: Limits = DrawingSettings(),
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> list[Looked]:
    """Look at each watched site once, and return what is new there.

    New is what its rule wants and neither inbox, corpus nor catalogue has. It goes into the inbox
    of `corpus`, and into the corpus if the entry says so. A site that fails stops no other.

    Raises CorpusError if the folder is missing, or the catalogue or inbox invalid, and FetchError
    if another run is fetching into this folder.
    """
    check_folder(corpus)
    book, required = catalogue or corpus / CATALOGUE, catalogue is not None
    sites = read_watched(book, required=required)
    entries = read_catalogue(book, required=required)
    known = {a for e in entries.values() for a in (e.file, e.facts.url) if a}
    looked = []
    with locked(corpus), open_web(settings) as web:
        inbox = Inbox(corpus)
        known |= addresses_present(corpus)
        known = {plain_address(address) or address for address in known}
        for n, site in enumerate(sites):
            progress("watching", n, len(sites))
            looked.append(_look(web, corpus, site, inbox, known, entries, limits))
    progress("watching", len(sites), len(sites))
    return looked


def waiting(corpus: Path) -> tuple[InboxItem, ...]:
    """Return the papers in the inbox that were neither taken nor dropped, newest first.

    Raises CorpusError if the inbox is damaged.
    """
    return Inbox(corpus).open_items()


def take(
    corpus: Path,
    item_id: str,
    *,
    title: str | None = None,
    catalogue: Path | None = None,
    settings: FetchSettings = FetchSettings(),
    limits: Limits = DrawingSettings(),
) -> InboxItem:
    """Take a paper from the inbox into the corpus, and return its item.

    The PDF must have the item's title, or `title` instead, or any title if that is "". A paper
    that a site announces never gets the id, and so the facts, of a report in the catalogue.
    Raises UnknownNameError if the inbox has no such paper, UploadError if the corpus has it, and
    FetchError if it cannot be downloaded. It then stays in the inbox.
    """
    check_folder(corpus)
    entries = read_catalogue(catalogue or corpus / CATALOGUE, required=catalogue is not None)
    with locked(corpus), open_web(settings) as web:
        inbox = Inbox(corpus)
        item = inbox.get(item_id)
        wanted = item.title if title is None else title.strip() or None
        added = add_address(
            web, corpus, item.address, title=wanted, reserved=entries, limits=limits
        )
        done = taken(item, added.file or "")
        inbox.put([done])
        return done


def drop(corpus: Path, item_id: str) -> InboxItem:
    """Mark a paper in the inbox as not wanted, and return its item.

    Raises UnknownNameError if there is none, FetchError if a run is fetching into the folder.
    """
    check_folder(corpus)
    with locked(corpus):
        inbox = Inbox(corpus)
        dropped = replace(inbox.get(item_id), state="dropped")
        inbox.put([dropped])
        return dropped


def _look(
    web: Web,
    corpus: Path,
    site: Watched,
    inbox: Inbox,
    known: set[str],
    reserved: Collection[str],
    limits: Limits,
) -> Looked:
    try:
        partial = Partial(corpus, site.url)
        answer = web.get(site.url, partial, web.until(), page=True)
        listing = read_listing(answer.body, answer.address, limits)
    except FetchError as error:
        return Looked(site.url, site.publisher, None, 0, reason=str(error))
    except OSError as error:
        return Looked(site.url, site.publisher, None, 0, reason=unwritable(corpus, error))
    fresh = [
        new_item(announced, site)
        for announced in wanted(listing, site, answer.address)
        if announced.address not in inbox and announced.address not in known
    ][: site.most]
    inbox.put(fresh)  # before anything is downloaded: a kill then loses nothing
    if site.into == "corpus":
        fresh = [*inbox.failed(site.url), *fresh]
        for n, item in enumerate(fresh):
            fresh[n] = _tried(web, corpus, item, reserved, limits)
            inbox.put([fresh[n]])
    return Looked(
        site.url,
        site.publisher,
        listing.kind,
        len(listing.announcements),
        tuple(fresh),
        listing.fault,
    )


def _tried(
    web: Web, corpus: Path, item: InboxItem, reserved: Collection[str], limits: Limits
) -> InboxItem:
    """Return an item after an attempt to take it into the corpus."""
    try:
        added = add_address(
            web, corpus, item.address, title=item.title, reserved=reserved, limits=limits
        )
    except (FetchRefusedError, UploadError) as error:
        return replace(item, state="waiting", reason=str(error), tries=item.tries + 1)
    except FetchError as error:
        passing = item.tries + 1 < MOST_TRIES
        state: State = "failed" if passing else "waiting"
        return replace(item, state=state, reason=str(error), tries=item.tries + 1)
    return taken(item, added.file or "")


def wanted(listing: Listing, site: Watched, address: str) -> list[Announcement]:
    """Return the announcements that the site's rule wants, newest first.

    `address` is that of the listing itself. On a page, which links to anything, these are papers
    and pages below it, unless the rule says what they are `under`.
    """
    found = [a for a in listing.announcements if _is_wanted(a, site)]
    if listing.kind == "page":
        found = [a for a in found if _is_below(a.address, address, site.under)]
    return sorted(found, key=lambda a: a.published or "", reverse=True)


def _is_wanted(announced: Announcement, site: Watched) -> bool:
    dated = not site.since or not announced.published or announced.published >= site.since
    path = urlsplit(announced.address).path
    return (
        dated
        and path.startswith(site.under or "")
        and (not site.words or _has_word(announced.title, site.words))
    )


def _has_word(title: str, words: Iterable[str]) -> bool:
    """Return whether a word of the title begins with one of `words`, whatever its case."""
    return any(re.search(rf"(?<!\w){re.escape(w)}", title, re.IGNORECASE) for w in words)


def _is_below(target: str, page: str, under: str | None) -> bool:
    """Return whether a link on a page is to a PDF, or to the page of a paper on the same site."""
    to, here = urlsplit(target), urlsplit(page)
    if to.path.lower().endswith(".pdf"):
        return True
    above = under or f"{here.path.rstrip('/')}/"
    return to.netloc == here.netloc and to.path.startswith(above) and to.path != here.path
