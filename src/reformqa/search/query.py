"""Parse a question: whom and what it names, its topic, and the kind of answer it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reformqa.errors import QuestionError
from reformqa.model import ReportInfo
from reformqa.text.labels import label_keys, label_numbers
from reformqa.text.tokens import amounts, tokens

#: The most characters of a question: anything longer is a pasted document.
MAX_CHARACTERS = 2_000
#: The least terms that must remain in the topic for a title to be dropped from it.
LEAST_TERMS = 2

_NAME = "\0"  # replaces a publisher's name while the topic is made

# Reports agree and compare things too: only whom the question asks is decisive.
_SEVERAL = re.compile(
    r"\bthink[ -]?tanks\b|\b(?:each|every|which) think[ -]?tank\b"
    r"|\b(?:the|these)(?: two| three| four| five)? reports\b(?! (?:of|by)\b)|\bthey each\b"
    r"|\b(?:three|each|all|both|the) (?:publishers?|organi[sz]ations?)\b"
    r"|(?:^|[.?!:;] )compare\b(?! with)|\bcompar(?:ed|ison)[.?]?$"
    r"|\bdiffer(?:s|ences?)? (?:on|over)\b"
    r"|\bwho (?:else )?(?:(?:dis)?agrees?|leaves? it out|is (?:for|against|keen|wary))\b"
    r"|\b(?:do|where|on what) they (?:dis)?agree\b|\banyone besides\b|\bversus\b|\bvs\b",
    re.IGNORECASE,
)
_RECOMMENDS = re.compile(
    r"\brecommend\w*|\bpropos\w+|\bshould\b|\bwant\w*|\bcall(?:s|ing)? for\b", re.IGNORECASE
)
# Words about the asking, not the topic: they would only bring up passages on "reports".
# First whom it asks, then what they are asked to do, then what remains of that.
_ASKED = re.compile(
    r"\b(?:according to|(?:the )?(?:\w+ )?think[ -]?tanks?(?:'|’)?"
    r"|(?:in |do |by )?(?:the|these) (?:\w+ )?reports?(?! of\b)|versions?)\b",
    re.IGNORECASE,
)
_SCAFFOLD = re.compile(
    r"\b(?:(?:say|said) about|(?:how )?(?:do|does|would) differ (?:on|over|about)"
    r"|compare(?: the)?(?: on\b)?|versus(?: on\b)?|vs)\b|\bhow do\s*(?=[?.]|$)",
    re.IGNORECASE,
)
# Words that ask for each view: "what do they each say about", "who is against it", "compared".
_ASKING = re.compile(
    r"\b(?:in the views? of|of all|(?:the )?(?:two |three |four )?(?:publishers|organi[sz]ations)"
    r"|(?:and )?(?:what|how|where)(?: far)? (?:do|does|did|would)(?: (?:they|each|all))*"
    r" (?:say|think|make|view|see|stand|go|compare|come down|disagree|differ)"
    r"(?: (?:about|of|on|over|the|it))*"
    r"|(?:and )?who (?:(?:dis)?agrees?(?: with whom)?|leaves? it out"
    r"|is (?:for|against|keen|wary|sceptical)(?: (?:on|of|about))?(?: it)?)"
    r"|(?:and )?(?:is|does) anyone besides(?: for it)?|back (?:it|them)"
    r"|(?:and |are )?compar(?:ed|ison)(?! (?:with|to)\b)|each|approaches to)\b",
    re.IGNORECASE,
)
# A question whose answer is a set: "which recommendations …", "what do they recommend on …".
_PROPOSALS = r"(?:recommendations|policy options|proposals)"
_SET = re.compile(
    rf"(?<!how many )\b{_PROPOSALS}\b"
    rf"|\b(?:every|each|any)(?: [\w{_NAME}]+)? (?:recommendation|proposal)\b"
    rf"|\bwhat (?:do|does|did|would) (?:they|it|the reports?|{_NAME})[\w ]{{0,20}}"
    r"\b(?:recommend|propose)\b(?! that)|^who (?:recommends|proposes)\b|\bwant(?:s)? set up\b",
    re.IGNORECASE,
)
_OF_SOME = re.compile(r"(?:was|were|did|has|have|had|why|how|when)\b", re.IGNORECASE)
# The words of such a question itself, which are in every recommendation or in none.
_SET_WORDS = re.compile(
    rf"\b(?:recommend\w*|propos(?:e|es|ed|als?)|{_PROPOSALS})\b(?:['’]s?)?|\bwants? set up\b",
    re.IGNORECASE,
)
_SET_OPENING = re.compile(
    r"^\W*(?:(?:please |can you )?(?:list|name|give|show)(?: me)?|which|what|who|every|each|any"
    r"|all(?: of)?|across(?: all)?|from|for|is|are|the|do(?:es)?|they|it|would|did|of|in|on|about"
    r"|that|to|deal(?:s|ing)? with|concern(?:s|ing)?|ask(?:s|ing)? for|there|s|ma[kd]es?$)\b",
    re.IGNORECASE,
)
_ORGANISATION = re.compile(r"Society|Institute|Foundation|Trust|Centre|Commission|Association")
_OWN_WORK = (
    r"(?:report|paper|note|version|view|position|plan|proposal|recommendation|author|essay|study"
    r"|pamphlet|poll|polling|research|roadmap|[Cc]ommission)s?"
)
_WRITES = r"(?:says?|argues?|writes?|thinks?|recommends?|proposes?|suggests?|wants?|calls? for)"
_PHRASE = re.compile(r'"([^"“”]*)"|“([^"“”]*)”')
_YEAR = re.compile(
    rf"\b((?:19|20)\d\d) {_OWN_WORK}\b"
    rf"|\b{_OWN_WORK} (?:of|from|published in) ((?:19|20)\d\d)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed question.

    `topic` is the question without the names of publishers and the words of asking. `named` are the
    publishers that it names, `reports` the ids of reports (named by title, author or year),
    `labels` the recommendations (see `text.labels`), `phrases` the words in quotation marks.
    `several` is true if it asks about think tanks together, `recommends` if it asks what should be
    done. `set_of` is the subject of the set of recommendations that it asks for: "" for all
    recommendations, None if it asks for no set.
    """

    text: str
    topic: str
    named: tuple[str, ...]
    reports: tuple[str, ...]
    labels: tuple[str, ...]
    phrases: tuple[str, ...]
    amounts: tuple[str, ...]
    several: bool
    recommends: bool
    set_of: str | None


def parse_query(question: str, reports: Sequence[ReportInfo]) -> Query:
    """Return a question asked of these reports, parsed.

    Raises QuestionError if it is empty or too long.
    """
    text = " ".join(question.split())
    if not any(c.isalnum() for c in text):
        raise QuestionError("The question is empty. Ask in a few words or a sentence.")
    if len(text) > MAX_CHARACTERS:
        raise QuestionError(
            f"The question has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}."
            " Ask about one thing at a time."
        )
    names = {p: _publisher(p) for p in {r.publisher for r in reports} if p.strip()}
    named = tuple(sorted(p for p, pattern in names.items() if pattern.search(text)))
    titles = {r.id: _title(r.title) for r in reports}
    by_title = {i: title for i, title in titles.items() if title and title.search(text)}
    labels = tuple(label_keys(text))
    unnamed = _without(text, [names[p] for p in named])
    topic = _topic(unnamed, by_title.values())
    set_of = _set_topic(topic) if not labels and _asks_for_set(unnamed) else None
    topic = set_of or topic
    return Query(
        text=text,
        topic=topic if tokens(topic) else text,
        named=named,
        reports=_named_reports(text, reports, named, by_title),
        labels=labels,
        phrases=tuple(
            p
            for m in _PHRASE.finditer(text)
            if any(map(str.isalnum, p := (m[1] or m[2] or "").strip()))
        ),
        amounts=tuple(a for a in amounts(topic) if a not in label_numbers(text)),
        several=len(named) > 1 or bool(_SEVERAL.search(text)),
        recommends=bool(_RECOMMENDS.search(text)),
        set_of=set_of,
    )


def _named_reports(
    text: str, reports: Sequence[ReportInfo], named: Sequence[str], by_title: Iterable[str]
) -> tuple[str, ...]:
    """Return the reports named: by title rather than author, by author rather than year.

    A publisher named beside a report of another stands for all of its own reports.
    """
    if titled := set(by_title):
        said = {r.publisher for r in reports if r.id in titled}
        return tuple(r.id for r in reports if r.id in titled or r.publisher in set(named) - said)
    of_named = [r for r in reports if not named or r.publisher in named]
    written = tuple(r.id for r in of_named if any(_author(a, text) for a in r.authors))
    if written:
        return written
    years = {int(y) for m in _YEAR.finditer(text) for y in m.groups() if y}
    return tuple(r.id for r in of_named if r.year in years)


def _author(name: str, text: str) -> bool:
    """Return whether `text` names the author: in full, or by surname as the writer of something."""
    words = name.split()
    if len(words) < 2 or words[-1] not in text:  # most are not in it: save their patterns
        return False
    surname = re.escape(words[-1])
    forms = (
        rf"\b{re.escape(' '.join(words))}\b",
        rf"\b{surname}(?:'s|’s)? (?:{_OWN_WORK}|{_WRITES})\b",
        rf"\b(?:by|[Aa]ccording to|(?:do|does|did|would)) {surname}\b",
    )
    return any(re.search(form, text) for form in forms)


def _without(text: str, names: Sequence[re.Pattern[str]]) -> str:
    """Return the text with a placeholder for each publisher or list of publishers."""
    for name in names:
        text = name.sub(_NAME, text)
    return re.sub(rf"{_NAME}(?:\s*(?:,|and|or|&|,\s*and)\s*{_NAME})*", _NAME, text)


def _topic(text: str, titles: Iterable[re.Pattern[str]]) -> str:
    text = text.replace(_NAME, " ")
    for title in titles:
        without = title.sub(" ", text)
        text = without if len(tokens(_bare(without))) >= LEAST_TERMS else text
    whole, bare = " ".join(text.split()), _bare(text)
    if not tokens(bare) or bare == whole:
        return whole.strip(" ,:;-–")
    bare = re.sub(r"[ ,:;–-]+(?=[?.])", "", bare)  # what was around the words removed
    return re.sub(r"(?<=[?.])[ ?.]+$", "", bare).strip(" ,:;-–")


def _bare(text: str) -> str:
    """Return the text without the words about the asking."""
    for pattern in (_ASKED, _ASKING, _SCAFFOLD):
        text = " ".join(pattern.sub(" ", text).split())
    return text


def _asks_for_set(text: str) -> bool:
    """Return whether it asks which there are, unlike "Were the recommendations carried out?"."""
    return bool(_SET.search(text)) and not _OF_SOME.match(text)


def _set_topic(topic: str) -> str:
    """Return the subject of the recommendations asked for; "" if it has none."""
    text, left = _SET_WORDS.sub(" ", topic), ""
    while text != left:
        left = text
        text = _SET_OPENING.sub("", text.strip(" ,:;–-.?'’"), count=1)
    return " ".join(text.split()) if tokens(text) else ""


def _title(title: str) -> re.Pattern[str] | None:
    """Return a pattern of how a question names a report; None if its title cannot be recognised.

    The title has at least two words and capitals as printed: "The Smarter State" names the report,
    "a smarter state" is a topic.
    """
    words = title.strip().removeprefix("The ").split()
    if len(words) < 2 or not all(w[0].isupper() for w in words if len(w) > 3):
        return None
    whole = r"\s+".join(map(re.escape, words))
    return re.compile(rf"\b(?:[Tt]he )?{whole}(?:'s|’s)?(?: {_OWN_WORK}\b)?(?!\w)")


def _publisher(publisher: str) -> re.Pattern[str]:
    """Return a pattern of how a question names a publisher: in full, abbreviations in any case.

    "The Fabians" and "the Fabian paper" name the Fabian Society, but "Health" alone does not name
    the Health Foundation: a first word stands for the whole only as a plural, or before a word for
    what a think tank writes.
    """
    name = publisher.strip()
    whole = re.escape(name.removeprefix("The "))
    forms = [rf"(?i:{whole})" if name.isupper() or " " in name else whole]
    words = name.split()
    if len(words) == 2 and _ORGANISATION.fullmatch(words[1]):
        first = re.escape(words[0])
        forms += [rf"{first}s", rf"{first}(?=(?:'s|’s)? {_OWN_WORK}\b)"]
    return re.compile(rf"\b(?:[Tt]he )?(?:{'|'.join(forms)})(?:'s|’s|'|’)?(?!\w)")
