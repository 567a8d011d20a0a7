"""How a question names an author: in full, or by a surname that can be nobody else's.

Surnames may be words ("a Porter", "Baker"), and reports cite people of the same name. A surname
alone counts where it is asked as a source, or opens what is asked about ("Harrop on localism").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from reformqa.model import ReportInfo
from reformqa.search.frames import DOES, OWN, SAYS, WORK

Span = tuple[int, int]
_SOURCE = r"(?:by|[Aa]ccording to)"
# What precedes "Barber" in "Lord Barber" or "M. Barber": perhaps another than the author.
_GIVEN = re.compile(r"(?<!^)(?<![.?!:] )\b[A-Z][\w’'-]*\.? $")


def find_authors(text: str, reports: Sequence[ReportInfo]) -> dict[str, list[Span]]:
    """Return where the text names authors of these reports, by the author's name."""
    authors = dict.fromkeys(a.strip() for r in reports for a in r.authors if len(a.split()) > 1)
    surnames = Counter(a.split()[-1] for a in authors)
    found = {}
    folded = text.casefold()
    for author in authors:
        surname = author.split()[-1]
        if surname.casefold() not in folded:  # most are not in it: save their patterns
            continue
        spans = _in_full(author, text)
        if not spans and surnames[surname] == 1 and surname in text:
            spans = _by_surname(surname, text)
        if spans:
            found[author] = spans
    return found


def _in_full(author: str, text: str) -> list[Span]:
    words = r"[\s-]+".join(map(re.escape, author.split()))
    flags = re.IGNORECASE if text.isupper() or text.islower() else re.NOFLAG
    return [m.span() for m in re.finditer(rf"(?<!\w)(?:by )?{words}{OWN}(?!\w)", text, flags)]


def _by_surname(surname: str, text: str) -> list[Span]:
    name = rf"{re.escape(surname)}{OWN}"
    forms = (
        rf"\b(?P<name>{name}) (?:{WORK}|{SAYS})\b",
        rf"\b(?P<name>{_SOURCE} {name})(?!\w)",
        rf"\b{DOES} (?P<name>{name})(?!\w)",
        rf"^(?P<name>{name})(?: (?:on|about)\b|:)",
    )
    spans = {m.span("name") for form in forms for m in re.finditer(form, text)}
    return sorted(s for s in spans if not _GIVEN.search(text[: s[0]]))
