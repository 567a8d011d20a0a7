"""Names of authors, apart into family and given names, as reference managers want them."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: A name that has one of these is an organisation's. Words that are surnames too ("Bank",
#: "Church") are left out: an organisation taken for a person shows in the reference manager,
#: a person taken for an organisation sorts under the wrong name.
_ORGANISATION = re.compile(
    r"\b(?:agency|alliance|assembly|association|authority|centre|center|commission|committee"
    r"|council|department|federation|forum|foundation|fund|government|group|inc|institute"
    r"|institution|llp|ltd|ministry|network|office|organisation|parliament|partnership|plc|service"
    r"|services|society|taskforce|team|treasury|trust|union|unit|university|for|of|and|the)\b|[&\d]",
    re.IGNORECASE,
)
#: A surname begins with the first of these.
_PARTICLES = frozenset(
    {"da", "de", "del", "della", "den", "der", "di", "du", "la", "le", "van", "von"}
)


@dataclass(frozen=True, slots=True)
class Name:
    """A person's family and given names; of an organisation, `family` is all and `given` ""."""

    family: str
    given: str = ""


def name(text: str) -> Name:
    """The name in "Ada Miller", "Miller, Ada" or "Cabinet Office"; `text` is on one line.

    A single word, and what has an organisation's words, is an organisation.
    """
    words = text.split()
    if len(words) < 2 or _ORGANISATION.search(text) or text.count(",") > 1:
        return Name(text)
    if "," in text:
        family, given = (part.strip() for part in text.split(","))
        return Name(family, given) if family and given else Name(text)
    at = next((n for n, word in enumerate(words) if word in _PARTICLES), len(words) - 1)
    return Name(" ".join(words[at:]), " ".join(words[:at]))
