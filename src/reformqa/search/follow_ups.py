"""Follow-up questions: "And IPPR?", "What about schools?", completed from the question before.

No language model is used. A follow-up names another publisher, another subject or other years, or
stands on a pronoun. What it leaves out is taken from the question before. The result is an ordinary
question, which a reader can see and change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from reformqa.search.asking import NAME
from reformqa.search.frames import SAY, SAYS
from reformqa.search.publishers import publishers_listed
from reformqa.search.query import Query, Reader
from reformqa.search.years import IN_REPORTS
from reformqa.text.phrases import listed

#: The most words of a follow-up without a verb.
LONGEST_FRAGMENT = 8

_EVERYONE = "the think tanks"
_OPENING = re.compile(
    r"^\W*(?:(?:and|but|ok(?:ay)?|so|now|then|also|only|just)\b,?\s*)*"
    r"(?:(?:what|how) (?:about|of)\b\s*|the same (?:for|from|by|of|on|about)\b\s*)?",
    re.IGNORECASE,
)
# A question or a request that has a verb of its own.
_WHOLE = re.compile(
    r"(?:what|which|who|whom|whose|how|why|when|where|do|does|did|is|are|was|were|has|have|had|can"
    r"|could|should|would|will|tell|list|show|give|name|explain|describe|compare|summari[sz]e|find"
    r"|define)\b",
    re.IGNORECASE,
)
_SAY_SO = (
    rf"(?:{SAY})(?: (?:so|the same|(?:(?:about|on|with) )?(?:it|this|that)))?(?: too| as well)?"
)


def _only(pattern: str) -> re.Pattern[str]:
    """Return a pattern for a whole follow-up, whatever opens and ends it."""
    return re.compile(rf"\W*(?:(?:and|but) )?(?:{pattern})\W*", re.IGNORECASE)


_MORE = _only(
    r"(?:(?:please|can you) )?(?:show|give|tell)(?: me)?(?: some)? more"
    r"|(?:some |any )?more(?: please| like (?:this|these))?|(?:is there )?anything (?:else|more)"
    r"|what (?:else|more)(?: (?:do|does) (?:they|it) say)?|go on|continue|next"
)
_OTHERS = _only(
    r"(?:(?:what|how) (?:about|of) |(?:what|where) do |do )?"
    r"(?:the )?(?:others?|other think[ -]?tanks|rest(?: of them)?|everybody else|everyone else)"
    rf"(?: (?:(?:dis)?agree|{_SAY_SO}))?"
)
_RECOMMENDATIONS = _only(
    r"(?:which|what|are any)(?: (?:of )?(?:these|those|them|ones))? (?:are |is )?(?:a )?"
    r"recommend(?:ations?|ed)|(?:(?:only|just)(?: the)?|(?:(?:what|how) about )?(?:the)?)"
    r" ?recommendations|what (?:do|does) (?:they|it) recommend(?: (?:on|about) (?:it|this|that))?"
)
_SILENT = _only(
    r"(?:which|who)(?: (?:ones?|of them|think[ -]?tanks?))? (?:(?:do|does)(?: not|n[o'’]t)"
    r"(?: (?:mention|say) (?:it|this|that|so))?|says? nothing|(?:is|are) silent)"
)
_AGREES = _only(
    rf"(?:do|does|did|would|is|are|has|have) {NAME}(?: (?:(?:dis)?agree|{_SAY_SO}))?"
    r"(?: too| as well)?"
    rf"|what (?:do|does|did|would) {NAME} {_SAY_SO}"
)
_STANCE = _only(
    r"(?:which|who)(?: (?:ones?|of them|think[ -]?tanks?))? (?:is|are)"
    r" (?P<side>for|against|in favour)(?: of)?(?: (?:it|this|that))?"
)
_WHY = _only(r"why(?: (?:is|do they say|does it say) (?:that|this|so))?(?: not)?")
_HOW = _only(r"how(?: so| exactly| would (?:that|it|this) work)?")
_PRICE = _only(
    r"(?:at )?(?:how much|what)(?: (?:would|does|will|do) (?:it|that|this|they) cost)?"
    r"|at what (?:cost|price)"
)
# What a question is about: the words at its end after one of these.
_MATTER = re.compile(
    r"\b(?:(?:about|on|regarding|over|happen to)"
    r"|(?:to|should|would|could|can|will|not|does|do|did|who|tanks?|reports?)"
    r" (?:mention|discuss|address|cover|support|oppose|favour|reject|back|abolish|scrap|replace"
    r"|introduce|create|reform|run|fund|pay for|cut|ban|end|stop)s?)"
    r" (?P<matter>[^?.!]+?)(?=[\s?.!]*$)",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:about|on|regarding|over) (?P<matter>[^?.!]+?)(?=[\s?.!]*$)", re.IGNORECASE
)
_ASKING = re.compile(
    r"^(?:(?:what|which|who|how|why|when|where)\b ?)?(?:(?:much|many|far|long) )?"
    r"(?:(?:does|do|did|is|are|was|were|should|would|could|can|has|have) )?"
    rf"(?:(?:{SAY}|{SAYS}) )?(?:(?:for|to|that|of) )?",
    re.IGNORECASE,
)
_DONE = re.compile(r" (?:be|been|being)\b.*$| (?:cost|work|for|against)$", re.IGNORECASE)
_YEARS = re.compile(
    r"(?:published |written )?(?P<range>(?:since|after|before|until|up to|in|from|between)"
    r" (?:19|20)\d\d(?: (?:and|to|or) (?:19|20)\d\d)?(?: on(?:wards?)?)?)\b",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(r"^(?:about|on|regarding|over|by|from|to|of)\b\s*", re.IGNORECASE)
_TOO = re.compile(r"(?:^|,? )(?:too|as well|also|either)(?=\W*$)", re.IGNORECASE)
_FOR = re.compile(r" for [^?.!]+(?=[\s?.!]*$)", re.IGNORECASE)
_OF_IT = re.compile(r"(?:the|its|their) (?=[a-z])")
_THEY = re.compile(rf"\b(?:they|it)(?= (?:\w+ )?(?:{SAY}|{SAYS})\b)", re.IGNORECASE)
_IT = re.compile(r"\b(?:it|this|that|these|those|them|they)(?= ?\W*$| [a-z])", re.IGNORECASE)
_LEANS = re.compile(
    r"\b(?:it|its|these|those|they|them|their"
    r"|(?:do|does|did|would|will|can|could|should|is) (?:this|that)|(?:this|that)\W*$)(?!\w)",
    re.IGNORECASE,
)


def asks_more(text: str) -> bool:
    """Return whether a follow-up asks for more of the same: "Show me more"."""
    return bool(_MORE.fullmatch(text))


def complete(text: str, before: str, reader: Reader) -> str:
    """Return a follow-up as a question that stands alone; one that does so already, as it is.

    `before` is the question before it, itself complete. Raises QuestionError if either is empty or
    too long.
    """
    asked, earlier = reader.parse(text), _Earlier(reader.parse(before), reader)
    if asks_more(text):
        return earlier.query.text
    if earlier.query.named and _OTHERS.fullmatch(text):
        return earlier.put_to(f"{_EVERYONE} apart from {publishers_listed(earlier.query.named)}")
    if _RECOMMENDATIONS.fullmatch(text):
        return earlier.recommended(earlier.matter, earlier.names)
    if _SILENT.fullmatch(text):
        return f"Which think tanks do not mention {earlier.matter}?"
    if side := _STANCE.fullmatch(text):
        of = "in favour of" if side["side"].startswith("in") else side["side"]
        return f"Who is {of} {earlier.matter}?"
    if asked.named and _AGREES.fullmatch(asked.frame):
        return earlier.put_to(publishers_listed(asked.named))
    if _WHY.fullmatch(text):
        return _agreeing(f"Why does {earlier.who} say this about {earlier.matter}?")
    if _HOW.fullmatch(text):
        return _agreeing(f"How does {earlier.who} want {earlier.matter} to work?")
    if _PRICE.fullmatch(text):
        return f"How much would {earlier.matter} cost, according to {earlier.who}?"
    rest = text[_opening(text) :]
    if not _WHOLE.match(rest) and len(rest.split()) <= LONGEST_FRAGMENT:
        return _with_fragment(rest, asked, earlier)
    return _without_pronouns(asked, earlier)


@dataclass(frozen=True, slots=True)
class _Earlier:
    """The question before, taken apart."""

    query: Query
    reader: Reader

    @property
    def names(self) -> str:
        """The publishers or reports that it names, in words; "" for none."""
        if self.query.named:
            return publishers_listed(self.query.named)
        titles = [r.title for r in self.reader.reports if r.id in self.query.reports]
        return listed(titles) if titles else ""

    @property
    def who(self) -> str:
        """Whom it asks, in words."""
        return self.names or _EVERYONE

    @property
    def matter(self) -> str:
        """What it is about, in its own words."""
        if self.query.set_of:
            return self.query.set_of
        whole = self.query.frame.replace(f", according to {NAME}", "").replace(NAME, " ")
        whole = " ".join(whole.split()).strip(" ?.!,")
        found = _MATTER.search(whole)
        matter = found["matter"] if found else _ASKING.sub("", whole)
        return _DONE.sub("", matter) or self.query.topic.strip(" ?.!")

    def put_to(self, names: str) -> str:
        """Return the question put to others."""
        frame = self.query.frame
        if self.query.set_of is not None and NAME not in frame:
            return self.recommended(self.matter, names)
        if frame.count(NAME) == 1:
            return _agreeing(frame.replace(NAME, names))
        if self.query.several or NAME in frame:
            return _agreeing(f"What does {names} say about {self.matter}?")
        return f"{self.query.text.rstrip(' ?.!')}, according to {names}?"

    def recommended(self, matter: str, names: str) -> str:
        """Return the question which recommendations there are on a matter, and by whom."""
        by = f" by {names}" if names else ""
        return f"Which recommendations{by} are about {matter}?"

    def about(self, text: str, matter: str) -> str:
        """Return `text`, this question or one made of it, about another matter."""
        asked = self.reader.parse(text)
        if found := _ABOUT.search(text):
            start, end = found.span("matter")
            swapped = f"{text[:start]}{matter}{text[end:]}"
            now = self.reader.parse(swapped)
            if (now.named, now.reports) == (asked.named, asked.reports):
                return swapped
        names = publishers_listed(asked.named) if asked.named else ""
        if asked.set_of is not None:
            return self.recommended(matter, names)
        if names or asked.several:
            return _agreeing(f"What does {names or _EVERYONE} say about {matter}?")
        return f"What is said about {matter}?"


def _opening(text: str) -> int:
    """Return the position after "And", "What about" and their like."""
    found = _OPENING.match(text)
    return found.end() if found else 0


def _with_fragment(rest: str, asked: Query, earlier: _Earlier) -> str:
    """Return the earlier question with what a follow-up without a verb names in its place."""
    if asked.reports and not asked.named:  # named by title, author or year
        return earlier.put_to(rest.strip(" ?.!"))
    text = earlier.put_to(publishers_listed(asked.named)) if asked.named else earlier.query.text
    left = _TOO.sub("", asked.frame[_opening(asked.frame) :].replace(NAME, " "))
    if years := _YEARS.search(left):
        left = left.replace(years[0], " ")
        text = _in_years(text, years["range"][0].lower() + years["range"][1:])
    left = " ".join(left.split()).strip(" ?.!,")
    if re.match(r"(?:in|for|at) \w", left):
        text = _FOR.sub("", text) if left.startswith("for ") else text
        return f"{text.rstrip(' ?.!')} {left}?"
    left = _PREPOSITION.sub("", left)
    if not any(map(str.isalnum, left)):
        return text
    if own := _OF_IT.match(left):  # "the cost": of what was asked
        left = f"the {left[own.end() :]} of {earlier.matter}"
    return earlier.about(text, left)


def _in_years(text: str, years: str) -> str:
    """Return a question with these years in place of its own, or beside it."""
    own = _YEARS.search(text)
    if own and not IN_REPORTS.search(text):
        return f"{text[: own.start('range')]}{years}{text[own.end('range') :]}"
    return f"{IN_REPORTS.sub('', text).rstrip(' ?.!')} in reports published {years}?"


def _without_pronouns(asked: Query, earlier: _Earlier) -> str:
    """Return a whole question with the publishers and the matter in place of its pronouns."""
    text = asked.text
    if not _LEANS.search(text):
        return text
    if not (asked.named or asked.reports):
        text = _THEY.sub(earlier.who, text, count=1)
    if _LEANS.search(text):
        text = _IT.sub(earlier.matter, text, count=1)
    return _agreeing(text)


def _agreeing(text: str) -> str:
    """Return the question with "do" before several and "does" before one."""
    several = rf"{_EVERYONE}|(?:the )?[A-Z][\w’]*(?: [A-Z][\w’]*)*(?:, [\w’ ]+)* and (?:the )?[A-Z]"
    text = re.sub(rf"\b([Dd])oes (?={several})", r"\1o ", text)
    return re.sub(rf"\b([Dd])o (?!{several})(?=(?:the )?[A-Z])", r"\1oes ", text)
