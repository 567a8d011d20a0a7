"""Tell the names of people and of organisations from other words."""

from __future__ import annotations

import re

from reformqa.parsing.inline import Vocabulary, is_capitals
from reformqa.parsing.titles import known_kind

#: The beginning of a person's name with a title.
PERSON = r"(?:Dr|Prof(?:essor)?|Sir|Dame|Lord|Lady|Baroness|Mr|Mrs|Ms|Rt Hon|Hon|Shri|Smt)\.? "
NAME = rf"(?:{PERSON})?[A-Z][\w'’.-]+(?: [A-Z][\w'’.-]+){{1,3}}"
NAMES = rf"{NAME}(?:(?:, and |, & |, | and | with | & ){NAME})*"
#: Words of organisations' names, which the names of people and the titles of papers do not have.
ORGANISATION = re.compile(
    r"\b(?:institutes?|institution|society|foundation|commission|committee|house of|cent(?:re|er)"
    r"|departments?|division|directorate|ministry|council|trust|office|inquiry|think tank"
    r"|agency|authority|bureau|board|assembly|congress|senate|forum|coalition|consortium"
    r"|university|college|association"
    r"|federation|parliament|secretariat|(?:city|county|town|borough) of(?! the)|republic of"
    r"|government of|(?:HM|UK|US|Scottish|Welsh|Irish|Federal|State|Central) government"
    r"|presidency|administration|organi[sz]ation|charity|partnership|observatory|nations|printer"
    r"|ombudsman|NHS"
    r"|Limited|Ltd|(?:bank|fund|group|company|service|press|unit)$"
    r"|(?:group|panel|task ?force)(?= (?:for|on)\b)"
    r"|(?:union|alliance|network|party|campaign|movement|league)(?: (?=for\b|of\b)|$))\b",
    re.IGNORECASE,
)
#: Words that begin an organisation's name, however it goes on.
_OPENS_NAME = re.compile(
    r"(?:(?:house|government|republic) of|departments?|ministry|office)", re.IGNORECASE
)
_GOES_ON = re.compile(r"(?:of|for|on|and|in|to|at)\b|&|[,(–-]", re.IGNORECASE)
#: Other words after the one for an organisation ("City of New Orleans") are at most this many.
_AFTER = 3
#: Words of papers: a line with one of them is no name of a person.
_PAPER = re.compile(
    r"\b(?:policy|paper|report|review|version|volume|strategy|plan|act|bill|order|rules"
    r"|regulations?|guidelines?|guidance|national|response|draft|edition|chapter|part|session"
    r"|recommendations?|manifesto|notice|circular|gazette|supplement|government|river|council|summary|north|south|east|west|new|street|road"
    r"|london|january|february|march|april|june|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)
#: Words of papers that an organisation's name may not contain either.
_NO_PUBLISHER = re.compile(
    r"\b(?:recommendations?|reports?|response|guidelines?|act,|bill|rules|regulations|edition"
    r"|volume|session|version|appendix|chapter|isbn|copyright|rights|reserved|price|contents"
    r"|establishment|functions|powers|duties|officer|secretary|submitted|prepared|presented"
    r"|adopted|approved|part [ivx\d]+"
    r"|this|these|we|our|us|is|are|was|were|has|have|will|shall|should|must|may|can|by)\b"
    r"|\b(?:policy|plan|strategy|order|act|programme|framework|code|questions|procedures)$",
    re.IGNORECASE,
)
#: Words that begin a person's office, and a pair of words ("Dosage and Administration").
_NO_NAME = re.compile(
    r"(?:leader|chair(?:man|woman)?|director|professor|member|fellow|head|manager|minister)\b"
    r"|\w+ (?:and|&) \w+$",
    re.IGNORECASE,
)
#: One word and what it is of.
_OF_BODY = re.compile(r"[A-Z][a-z]+(?:s|ship|tion|ment|ance|y) of the\b")
#: Words of an address.
_ADDRESS = re.compile(
    r"@|://|www\.|\b(?:freepost|street|road|avenue|lane|square|floor|tel|telephone|fax"
    r"|p\.? ?o\.? box|email|e-mail|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b",
    re.IGNORECASE,
)
#: Words that a name does not capitalise.
SMALL_WORDS = frozenset(
    {"of", "the", "and", "for", "on", "in", "to", "de", "at", "with", "&", "its"}
)
#: The most words in an organisation's name.
_LONGEST_NAME = 12


def is_organisation(text: str, *, worded: bool = True) -> bool:
    """Return whether a text is nothing but an organisation's name.

    With `worded`, it has to contain a word that such names are made of ("institute").
    """
    words = text.split()
    if not 1 <= len(words) <= _LONGEST_NAME or text.rstrip().endswith((".", ":", ";", "?")):
        return False
    if worded and not any(_is_head(m) for m in ORGANISATION.finditer(text)):
        return False
    if len(words) == 2 and worded and _is_modifier(*words):
        return False
    if _OF_BODY.match(text) and not ORGANISATION.match(text):
        return False  # "Membership of the Review Group"
    if is_body(text) or is_body(re.split(r"(?i:\bof (?=the\b))", text)[-1]):
        return False  # "Powers of the Authority"
    if worded and (len(words) < 2 or _NO_NAME.match(text)):
        return False
    if _NO_PUBLISHER.search(text) or _ADDRESS.search(text) or known_kind(text):
        return False
    if any(w[0].isdigit() for w in words) or not (words[0][0].isupper() or words[0] == "the"):
        return False
    if words[-1].lower() in SMALL_WORDS:
        return False
    if re.match(r"[A-Z][a-z]+ing (?:and|the|our)\b", text) or re.search(r"\) \w", text):
        return False  # "Strengthening the Network", and two names in a row
    return all(w[0].isupper() or w.lower() in SMALL_WORDS or not w[0].isalpha() for w in words)


def _is_modifier(first: str, second: str) -> bool:
    """Return whether a word for an organisation only tells what kind: "College Finance"."""
    named = ORGANISATION.fullmatch(first) is not None and not first.isupper()
    return named and ORGANISATION.search(second) is None


def _is_head(match: re.Match[str]) -> bool:
    """Return whether a word makes its text a name, as it does not in "Board Games in an Age"."""
    rest = match.string[match.end() :].strip()
    if _OPENS_NAME.fullmatch(match[0]) or _GOES_ON.match(rest):
        return True
    return len(rest.split()) <= _AFTER


def is_body(text: str) -> bool:
    """Return whether a text is but a word for an organisation named elsewhere: "the Authority"."""
    return ORGANISATION.fullmatch(re.sub(r"^the ", "", text, flags=re.IGNORECASE)) is not None


def split_names(text: str) -> tuple[str, ...]:
    """Return the names of people in a list of them."""
    return tuple(n.strip() for n in re.split(r", and |, & |, | and | with | & ", text) if n.strip())


def people(text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the people whose names are all of `text`, or nothing."""
    if (
        text.endswith(".")
        or not re.fullmatch(NAMES, text)
        or ORGANISATION.search(text)
        or _PAPER.search(text)
    ):
        return ()
    names = split_names(text)
    return names if all(vocabulary.is_name(n) for n in names) else ()


def cased(name: str, vocabulary: Vocabulary) -> str:
    """Return a name without "the", and in title case if it is set in capitals.

    A short word in capitals may be an abbreviation, and stays.
    """
    name = re.sub(r"^the ", "", name, flags=re.IGNORECASE)
    words = re.findall(r"[A-Za-z]+", name)
    if not is_capitals(name) or (len(words) == 1 and len(name) <= 5):
        return name
    return vocabulary.title(name)
