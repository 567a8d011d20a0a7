"""Find the names that the web and mail addresses of a report spell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from reformqa.parsing.facts.evidence import Candidate
from reformqa.parsing.facts.front import NOTICE_WORDS, Front
from reformqa.parsing.facts.names import SMALL_WORDS, is_organisation
from reformqa.text.similarity import letters

_HOST = re.compile(
    r"(?:https?://|www\.|@)(?:www\.)?(?P<host>[\w-]+(?:\.[\w-]+)+)(?P<path>/\w)?", re.IGNORECASE
)
#: Labels of a host that name no publisher.
_COMMON = frozenset(
    word
    for line in (
        "www com org net gov edu ac co uk eu int info ie in ke nhs mil blog web mail email gmail",
        "hotmail outlook yahoo twitter facebook linkedin youtube instagram flickr doi licence",
        "creativecommons license nationalarchives legislation parliament publications bit google",
        "archive unsplash istockphoto shutterstock regulations",
    )
    for word in line.split()
)
#: So many hosts are looked at, the most frequent first.
_HOSTS = 3
#: An address is the publisher's own if it stands on the cover or in a margin, or so often without
#: a page of the site: one with a page is often a source.
_OWN = 2
#: A name goes on with an organisation's words in this share of its places ("Weir" in "Weir
#: University"), by at most so many words.
_USUAL = 0.3
_MORE = 4
#: A word that follows in this share of its places is a part of the name ("Plas" in "Plas Newydd").
_ALWAYS = 0.7


def from_addresses(front: Front, known: Sequence[str], stem: str) -> Iterator[Candidate]:
    """Yield the printed names that the hosts of the report's addresses spell.

    The label "ippr" spells "IPPR", "Institute for Public Policy Research" by its first letters, and
    "demos" spells "Demos". An address on the cover or in the margins is the publisher's own, and so
    is one whose label stands on the cover, in a running head or in the file's name, `stem`.
    """
    marked = _words([stem, *front.running, *(front.front[i].text for i in front.masthead)])
    bare: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for i, block in enumerate((*front.front, *front.back)):
        if block.words > NOTICE_WORDS or block.kind == "footnote":
            continue
        own = i in front.cover or block.kind == "furniture"
        for label, path in _labels(block.text):
            counts[label] += 1
            shown[label] += own or label in marked
            bare[label] += not path
    order = sorted(counts, key=lambda h: (-_OWN * shown[h] - bare[h], -counts[h]))
    for label in order[:_HOSTS]:
        if name := _spelt(label, front.text, known):
            weight = 0.5 if shown[label] else 0.4 if bare[label] >= _OWN else 0.25
            yield Candidate(name, f"the address {label}", weight)


def _words(texts: Iterable[str]) -> frozenset[str]:
    """Return the words of some texts in lower case."""
    return frozenset(w.lower() for text in texts for w in re.findall(r"[A-Za-z0-9]{3,}", text))


def in_full(name: str, text: str) -> str:
    """Return the name that an abbreviation stands for, if `text` prints it."""
    if not re.fullmatch(r"[A-Z]{2,6}", name):
        return name
    words = r" (?:(?:of|for|and|the|&) )*".join(rf"{letter}[a-z]+" for letter in name)
    match = re.search(rf"\b{words}\b", text)
    return match[0] if match else name


def is_short_for(short: str, name: str) -> bool:
    """Return whether a word is made of the first letters of a name's words ("IPPR")."""
    if " " in short or len(short) < 3:
        return False
    initials = "".join(w[0] for w in re.findall(r"[A-Z][\w'’]*", name))
    return letters(short) == initials.lower()


def _labels(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the telling label of each host, and whether a page of the site is meant."""
    for match in _HOST.finditer(text):
        labels = [p for p in match["host"].lower().split(".")[:-1] if p not in _COMMON]
        yield from ((label, match["path"] is not None) for label in labels[-1:])


def _spelt(label: str, text: str, known: Sequence[str]) -> str | None:
    """Return the name that a host's label spells: one `known` already, or one that is printed."""
    plain = label.replace("-", "")
    for name in known:
        if _begins(name, plain) or is_short_for(plain, name):
            return name
    if len(plain) < 3:
        return None
    for short in (plain, plain.removeprefix("the")):
        full = in_full(short.upper(), text)
        if full != short.upper() and is_organisation(full, worded=False):
            return full
    apart = r"[ -]?".join(map(re.escape, plain))
    forms = Counter(m[0] for m in re.finditer(rf"\b{apart}\b(?!\.\w)", text, re.IGNORECASE))
    written = [(form, n) for form, n in forms.most_common() if _is_written(form)]
    if not written:
        return None
    return _extended(written[0][0], written[0][1], text)


def _begins(name: str, label: str) -> bool:
    """Return whether a label spells a name or its first words."""
    words = name.split()
    return any(letters(" ".join(words[:end])) == label for end in range(1, len(words) + 1))


def _is_written(form: str) -> bool:
    """Return whether a form is a name as printed: capitalised words, or an abbreviation."""
    words = [w for w in re.split(r"[ -]", form) if w not in SMALL_WORDS]
    named = bool(words) and all(w[0].isupper() or w[0].isdigit() for w in words)
    return named and (len(form) > 3 or form.isupper())


def _extended(name: str, count: int, text: str) -> str:
    """Return a name with the words that usually follow, as in "Weir University"."""
    after = Counter(
        m[0] for m in re.finditer(rf"\b{re.escape(name)}(?: [A-Z][\w-]+){{1,{_MORE}}}", text)
    )
    longer: Counter[str] = Counter()
    for found, times in after.items():
        words = found.split()
        for end in range(len(name.split()) + 1, len(words) + 1):
            if is_organisation(part := " ".join(words[:end])):
                longer[part] += times
                break
    best = longer.most_common(1)
    if best and best[0][1] >= max(2, _USUAL * count):
        return best[0][0]
    following = Counter(m[0] for m in re.finditer(rf"\b{re.escape(name)} [A-Z][\w-]+", text))
    usual = following.most_common(1)
    return usual[0][0] if usual and usual[0][1] >= max(2, _ALWAYS * count) else name
