"""The briefing that a visitor works on: in the session, and kept for who signs in."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import streamlit as st

from reformqa.app.state.library import briefings_folder
from reformqa.briefing.kept import FOLDER, KeptBriefing, KeptBriefings
from reformqa.briefing.records import LONGEST_TITLE, UNTITLED, Briefing
from reformqa.errors import BriefingError

#: What a visit begins with.
EMPTY = Briefing(UNTITLED)
_COPY = " (copy)"


@dataclass(frozen=True, slots=True)
class Desk:
    """The briefing that is worked on.

    `person` is who signed in, or None; `kept` is then the copy on disk, once there is one. `before`
    is the briefing before the last change, `fault` why a change was not made. If `behind`, another
    tab has kept a later version, and nothing more is kept until the visitor chooses. `edition`
    counts how often the briefing was replaced as a whole, so that its boxes are drawn anew.
    """

    briefing: Briefing = EMPTY
    person: str | None = None
    kept: KeptBriefing | None = None
    before: Briefing | None = None
    fault: str = ""
    behind: bool = False
    edition: int = 0


def desk() -> Desk:
    """Return the desk of this session."""
    found: Desk = st.session_state.setdefault("desk", Desk())
    return found


def begin(person: str | None) -> None:
    """Note who the visitor is; take up the last briefing that was kept for a person.

    Where the app may not write, nothing is kept, as for a visitor without a name.
    """
    if person is None or desk().person == person or not _may_keep():
        return
    _put(replace(desk(), person=person))
    last = next(iter(titles()), None)
    if last and not desk().briefing.items:
        open_kept(last)


def change(make: Callable[[Briefing], Briefing]) -> None:
    """Change the briefing, and keep it for a person; a fault is noted and shown on the page."""
    now = desk()
    try:
        changed = make(now.briefing)
    except BriefingError as error:
        _put(replace(now, fault=str(error)))
        return
    if changed == now.briefing:
        return
    _put(replace(now, briefing=changed, before=now.briefing))
    _keep()


def undo() -> None:
    """Return to the briefing before the last change, or before the one that replaced it."""
    if before := desk().before:
        change(lambda _: before)
        _put(replace(desk(), before=None, edition=desk().edition + 1))


def start(briefing: Briefing) -> None:
    """Take up a briefing that is not kept yet, such as an empty one or that of a file."""
    now = desk()
    before = None if now.kept or now.briefing == EMPTY else now.briefing
    _put(Desk(briefing, now.person, before=before, edition=now.edition + 1))
    if briefing.items:
        _keep()


def fail(error: BriefingError) -> None:
    """Note a fault, to be shown on the page."""
    _put(replace(desk(), fault=str(error)))


def seen() -> None:
    """Forget the fault, once it is shown."""
    _put(replace(desk(), fault=""))


def titles() -> dict[str, str]:
    """Return the titles of the briefings that are kept for the person, by id."""
    person = desk().person
    try:
        return _shelf().titles(person) if person else {}
    except BriefingError as error:
        fail(error)
        return {}


def open_kept(id: str) -> None:
    """Take up a briefing that is kept for the person; also to drop what another tab outdated."""
    now = desk()
    try:
        found = _shelf().read(now.person or "", id)
    except BriefingError as error:
        fail(error)
        return
    if found is None:
        fail(BriefingError("This briefing has been deleted. Choose another."))
        return
    before = now.briefing if now.behind else None
    _put(Desk(found.briefing, now.person, found, before, edition=now.edition + 1))


def keep_copy() -> None:
    """Keep the briefing as another one, beside the later version of the other tab."""
    now = desk()
    own = now.briefing.entitled(f"{now.briefing.title[: LONGEST_TITLE - len(_COPY)]}{_COPY}")
    _put(replace(now, briefing=own, kept=None, behind=False, edition=now.edition + 1))
    _keep()


def delete() -> None:
    """Delete the briefing that is kept, and begin another."""
    now = desk()
    if now.person and now.kept:
        try:
            _shelf().delete(now.person, now.kept.id)
        except BriefingError as error:
            fail(error)
            return
    _put(replace(now, kept=None))  # so that "undo" brings it back
    start(EMPTY)


def _keep() -> None:
    """Keep the briefing for the person, unless another tab has kept a later version."""
    now = desk()
    if now.person is None or now.behind:
        return
    try:
        if now.kept is None:
            kept: KeptBriefing | None = _shelf().add(now.person, now.briefing)
        else:
            kept = _shelf().replace(now.person, now.kept, now.briefing)
    except BriefingError as error:
        fail(error)
        return
    _put(replace(now, kept=kept or now.kept, behind=kept is None))


def _may_keep() -> bool:
    """Return whether the app may write where briefings are kept, a folder that may be new."""
    folder = briefings_folder()
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return os.access(folder, os.W_OK)


def _shelf() -> KeptBriefings:
    return KeptBriefings(briefings_folder() / FOLDER)


def _put(new: Desk) -> None:
    st.session_state["desk"] = new
