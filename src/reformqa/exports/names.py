"""Authors' names, split into family and given names as reference managers expect them."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: A name that contains one of these is an organisation's. Words that are also surnames ("Bank",
#: "Church") are left out: an organisation taken for a person is easy to see in a reference
#: manager, while a person taken for an organisation sorts under the wrong name.
_ORGANISATION = re.compile(
    r"\b(?:agency|alliance|assembly|association|authority|centre|center|commission|committee"
    r"|council|department|federation|forum|foundation|fund|government|group|inc|institute"
    r"|institution|llp|ltd|ministry|network|office|organisation|parliament|partnership|plc|service"
    r"|services|society|taskforce|team|treasury|trust|union|unit|university|for|of|and|the)\b|[&\d]",
    re.IGNORECASE,
)
#: Signs that BibTeX reads as commands. It would drop or misread the words around them.
_TEX = frozenset("\\{}~$()")


@dataclass(frozen=True, slots=True)
class Name:
    """A person's family and given names; an organisation has only `family`."""

    family: str
    given: str = ""


def name(text: str) -> Name:
    """Split "Ada Miller", "Miller, Ada" or "Ludwig van Beethoven" by BibTeX's rules.

    `text` is one line. A single word, a name with a word that only organisations use, and a name
    without both parts are kept whole, as an organisation's.
    """
    if len(text.split()) < 2 or _ORGANISATION.search(text) or not _TEX.isdisjoint(text):
        return Name(text)
    if text.count(",") > 1:  # a list of people, or "Miller, Ada, MP"
        return Name(text)
    from pybtex.database import Person  # a tenth of a second, and only exports need it

    person = Person(text)
    family = " ".join([*person.prelast_names, *person.last_names])
    given = " ".join([*person.first_names, *person.middle_names])
    return Name(family, given) if family and given else Name(text)
