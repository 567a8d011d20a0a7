"""The `[[watch]]` entries of a catalogue: where papers are announced, and which to take."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from reformqa.parsing.lengths import LONGEST

_Word = Annotated[str, Field(pattern=r"\w", max_length=100)]


class Watched(BaseModel):
    """A feed, sitemap or page that announces a publisher's papers, and the rule for them.

    A paper is wanted if its title contains one of `words` (none: any title), it is dated `since`
    then or undated, and the path of its address begins with `under`. Wanted papers wait in the
    inbox or go straight `into` the corpus, at most `most` of them from one look.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(pattern=r"^https?://[^\s/]", max_length=LONGEST["url"])
    publisher: str = Field(pattern=r"\w", max_length=LONGEST["publisher"])
    words: tuple[_Word, ...] = Field((), max_length=100)
    since: str | None = Field(None, pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")
    under: str | None = Field(None, pattern=r"^/", max_length=LONGEST["url"])
    into: Literal["inbox", "corpus"] = "inbox"
    most: int = Field(20, ge=1, le=1_000)
