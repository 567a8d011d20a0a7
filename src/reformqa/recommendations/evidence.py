"""How likely a paragraph's words are to recommend something: the evidence beside structure.

A logistic regression over named features, each true or false, of the sentence that demands most.
Its weights are in `weights`, made by `benchmarks/recommendations.py` from reports labelled by hand.
A person can see why a paragraph was taken: `features(text)` names what was found in it, and the
table says what each counts.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

from reformqa.recommendations.weights import CONSTANT, WEIGHTS
from reformqa.text.sentences import sentences
from reformqa.text.similarity import letters

#: Who speaks in a report, and who is spoken to.
_WE = r"(?:we|(?-i:I))"
_BODY = (
    r"(?:(?:this|the|our) (?:report|inquiry|review|commission|committee|panel|tribunal|taskforce"
    r"|subcommittee|study))"
)
_AUTHOR = rf"(?:{_WE}|{_BODY})"
_ADDRESSEE = (
    r"(?:governments?|ministers?|ministry|ministries|departments?|secretary of state|parliament"
    r"|treasury|offices?|councils?|authorit(?:y|ies)|trusts?|boards?|commission(?:ers?)?"
    r"|committees?|agenc(?:y|ies)|regulators?|services?|police|forces?|inspectorates?|ombudsman"
    r"|employers?|schools?|universit(?:y|ies)|providers?|compan(?:y|ies)|industry|banks?|states?"
    r"|cabinet|mayors?|administrations?|organisations?|bod(?:y|ies)|institutions?|leaders?|whitehall"
    r"|commissioners?|hospitals?|courts?|unions?|public|sector|(?-i:[A-Z][A-Za-z]*[A-Z]+s?))"
)
_MODAL = r"(?:should|must|shall|ought to|needs? to)"
#: Words with which an author asks for something: of "we", and of "the committee".
_ASK = (
    r"(?:urge|call (?:on|upon|for)|invite|encourage|propose|request|press|advise|look to"
    r"|would like (?:to see)?)"
)
_ASKS = r"(?:urges|calls (?:on|upon|for)|invites|encourages|proposes|requests|presses|advises)"
#: What stands between author and verb; "may recommend" and "asked to recommend" ask for nothing.
_GAP = (
    r"[^.;:]{0,60}?(?<!\bto )(?<!may )(?<!can )(?<!will )(?<!could )(?<!shall )(?<!not )(?<!did )\b"
)
_RECOMMENDS = (
    rf"\b{_WE}\b{_GAP}(?:recommend|would have recommended)\b"
    rf"|\b{_BODY}\b{_GAP}(?:recommends|would have recommended)\b"
)
_URGES = rf"\b{_WE}\b{_GAP}{_ASK}\b|\b{_BODY}\b{_GAP}{_ASKS}\b"
_SAID = (
    r"(?:said|told|argued|suggested|stated|claimed|proposed|recommended|submitted|noted|thought"
    r"|called for|wrote|explained|pointed out|advised|commented|urged|considered|felt|agreed)"
)
#: Verbs that open an order: "Establish a fund …". Bare forms that are hardly ever nouns there.
_ORDERS = frozenset(
    word
    for line in (
        "abolish accelerate adopt allocate allow amend apply appoint assess avoid ban bring",
        "broaden build carry change clarify close co-ordinate collect commission commit conduct",
        "consider consolidate consult continue convene coordinate create cut define deliver",
        "design develop devolve direct discontinue disseminate double draw embed empower enable",
        "encourage end enforce engage enhance enshrine ensure establish evaluate examine expand",
        "explore extend facilitate finance formulate foster fund give grant guarantee harness",
        "have hold identify implement improve include incorporate increase institute integrate",
        "introduce invest investigate invite issue keep launch learn legislate let link lower",
        "maintain make mandate map merge mobilise modernise monitor move narrow negotiate offer",
        "open oppose pass pay permit pilot place prepare prevent prioritise produce prohibit",
        "promote protect provide publish pursue put raise rationalise rebalance recognise",
        "reconsider recruit redesign reduce reform reinforce reinstate relax remove repeal",
        "replace require resource restore restrict review revise roll safeguard secure seek set",
        "simplify speed standardise start stop streamline strengthen strive support switch tackle",
        "take target tighten train transfer transform turn undertake update upgrade use widen",
        "withdraw work",
    )
    for word in line.split()
)
#: Features of words: a paragraph has one if the pattern occurs in one of its sentences.
_IN_A_SENTENCE = {
    "performs": rf"{_RECOMMENDS}|{_URGES}",
    "recommends": _RECOMMENDS,
    "urges": _URGES,
    "addressed": rf"\b{_ADDRESSEE}\b[^.;:?]{{0,60}}?\b{_MODAL}\b(?! (?:not )?have\b)",
    "should": r"\bshould\b(?! (?:not )?have\b)",
    "must": r"\b(?:must|ought to|needs? to|has to|have to)\b(?! (?:not )?have\b)",
    "shall": r"\bshall\b",
    "should be done": rf"\b{_MODAL} (?:\w+ )?be \w+(?:ed|en|ne|de|ut|ld|lt|pt|nt)\b",
    "should have been": r"\b(?:should|could|ought to|might|would) (?:not )?have\b",
    "essential": r"\bit is (?:\w+ )?(?:essential|vital|imperative|important|crucial|right) that\b",
    "reported": rf"(?<!\bwe )(?<!\bI )\b{_SAID}(?: to)?(?: (?:us|me|the \w+))?(?:,[^,]*,)?"
    r" (?:that|the|there|it)\b",
    "past": r"\b(?:was|were|had|did)\b",
    "asks whether": rf"\b(?:whether|why|how|what|which|if)\b[^.;]{{0,60}}\b{_MODAL}\b",
    "question": r"\?[\"'”’)]*$",
    "states": rf"\b{_AUTHOR}\b[^.;:]{{0,20}}\b(?:welcome|note|acknowledge|recogni[sz]e|agree|accept"
    r"|commend|conclude|find|found|heard|believe|consider|applaud|support)s?\b",
    "answers": r"\bgovernment(?:'s|’s)? (?:response|agrees|accepts|welcomes|notes|recogni[sz]es|is"
    r"|will|has|does|rejects|intends)\b",
    "law": r"\b(?:sub-?sections?|sections?|rules?|articles?|clauses?|schedules?|paragraphs?) \(?\d"
    r"|\bprovided that\b|\bnotwithstanding\b|\bthis act\b|\bthereof\b|\bpursuant to\b",
    "speaks of recommendations": r"\b(?:recommendations?|recommended|recommends? above)\b",
    "may be done": r"\bmay (?:\w+ )?be \w+(?:ed|en|ne|de|ut|ld|lt|pt|nt)\b",
    "example": r"\b(?:for example|for instance|such as|e\.g\.)",
    "figures": r"\d[\d,.]*(?:%| per cent| million| billion)|\b(?:19|20)\d\d\b",
}
#: Features of its opening words.
_IN_THE_OPENING = {
    "opens with that": r"(?:that|for) (?:the|all|each|every|any|an?|in|where|when|no)\b",
    "opens with who": rf"(?:the |all |each |every |local |national |central )*{_ADDRESSEE}\b"
    rf"[^.;:]{{0,40}}\b(?:{_MODAL}|will|to)\b",
    "opens with a comment": r"(?:comment|(?:our )?response|reply|question|answer|q|a)\b[^.]{0,8}:",
    "opens with a link": r"(?:however|but|for example|although|while|whilst|this|these|those|such"
    r"|as|in (?:addition|contrast|particular|practice|its|their|his|her)|it|they|he|she|there)\b",
    "opens in mid-sentence": r"(?-i:[a-z])",
    "opens with a quotation": r"[\"“‘']",
}
#: What makes a sentence demand something, the plainest first, and what makes it doubtful.
_DEMANDS = ("recommends", "urges", "addressed", "should", "must", "orders", "essential", "shall")
_AGAINST = {"reported", "past", "asks whether", "question", "law", "answers", "should have been"}
#: Openings of the paragraph that count whichever of its sentences demands.
_FIRST = ("opens with a comment", "opens in mid-sentence", "opens with a quotation")
SENTENCE = {name: re.compile(p, re.IGNORECASE) for name, p in _IN_A_SENTENCE.items()}
OPENING = {name: re.compile(p, re.IGNORECASE) for name, p in _IN_THE_OPENING.items()}

_LISTS = re.compile(
    r"\brecommendations\b|^\W*recommendation$|\bpolicy (?:options|proposals)\b|\bour proposals\b"
    r"|^proposals\b",
    re.IGNORECASE,
)
#: A section with such a title is about recommendations that are not, or no longer, the report's.
_SPEAKS_OF = re.compile(
    r"\b(?:comments?|respon(?:se|d)\w*|repl(?:y|ies)|previous|earlier|past|prior|progress|status"
    r"|implement\w* (?:of|the|our|these)|follow-?up|accepted|rejected|background|approach to"
    r"|reports? and)\b",
    re.IGNORECASE,
)
_CONCLUDES = re.compile(r"\bconclusions?\b", re.IGNORECASE)
#: A sentence that introduces a list of recommendations, or of the parts of one.
LEADS_IN = re.compile(
    rf"\brecommend(?:s|ed|ations?)?\b[^.]*:$|\b(?:should|must)(?: also| now| therefore)*:$"
    rf"|\b{_WE}\b[^.]{{0,20}}\b{_ASK}\b[^.]*:$",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"\b(?:make|made|makes|following|our|these|key|main)\b[^.]{0,30}\brecommendations?\b[^.]{0,30}:$"
    r"|\brecommendations? (?:are|is|include)\b[^.]{0,30}:$|^recommendations?:$",
    re.IGNORECASE,
)
_WHO = re.compile(
    rf"\b{_MODAL}(?: \w+)?:$|\b(?:recommend|urge|ask|advise)s? (?:that |to )?(?!the following)"
    r"(?!this|these|that:|we\b)\w+[^.]*:$",
    re.IGNORECASE,
)
#: Where a committee's list says in which paragraph it argues a point.
_REFERENCE = re.compile(r"\s*\((?:see )?paragraphs? [\d.,–\- and]+\)(?=\W*$)", re.IGNORECASE)
#: A paragraph of fewer words is short.
_SHORT = 8
#: The least demand of an item in a list of recommendations: of the committees' lists that the
#: weights were not made with, nothing above it was a mere conclusion.
POSSIBLE = 0.1
#: The least demand of a paragraph that stands elsewhere.
LIKELY = 0.25
#: The demand of a list that a sentence with "recommend" or "should" leads in.
LED_IN = 0.6


def is_named(title: str) -> bool:
    """Return whether a section with that title lists recommendations."""
    return bool(_LISTS.search(title)) and not _SPEAKS_OF.search(title)


def is_concluding(title: str) -> bool:
    """Return whether a section with that title has conclusions, perhaps among others."""
    # Small capitals are at times read with a space inside the word ("C onclusions").
    return bool(_CONCLUDES.search(title)) or "conclusionsand" in letters(title)


@lru_cache(maxsize=10_000)
def demand(text: str) -> float:
    """Return how likely a paragraph's words are to demand that somebody do something, 0 to 1."""
    total = CONSTANT + sum(WEIGHTS.get(name, 0.0) for name in features(text))
    return 1 / (1 + math.exp(-total))


def recommends(text: str) -> bool:
    """Return whether the words say that the report's author recommends something."""
    return "recommends" in features(text) and demand(text) >= POSSIBLE


def leads_in(text: str) -> bool:
    """Return whether the words introduce a list of recommendations, or of the parts of one."""
    if not LEADS_IN.search(text):
        return False
    return demand(text) >= LIKELY or announces(text)


def announces(text: str) -> bool:
    """Return whether the words announce a list of whole recommendations."""
    return _ANNOUNCES.search(text) is not None


def addresses(lead: str) -> bool:
    """Return whether the lead-in of a list says who should do what it lists."""
    return leads_in(lead) and _WHO.search(lead) is not None


def features(text: str) -> set[str]:
    """Return the features of the sentence that demands most, and of the paragraph's ends."""
    text = _REFERENCE.sub("", text)
    parts = [part for _, part in sentences(text)] or [text]
    found = min(map(_of_sentence, parts), key=_demand)
    count = len(text.split())
    if count < _SHORT:
        found.add("short")
    if text[-1:] not in ".;:!?)”’\"'":
        found.add("ends without a stop")
    found |= {name for name in _FIRST if OPENING[name].match(text)}
    return found


def _of_sentence(text: str) -> set[str]:
    found = {name for name, p in SENTENCE.items() if p.search(text)}
    found |= {name for name, p in OPENING.items() if p.match(text)}
    if is_order(text):
        found.add("orders")
    # What a witness said that somebody should do is no demand of the report's.
    return found - set(_DEMANDS) if "reported" in found and "performs" not in found else found


def _demand(found: set[str]) -> tuple[int, int]:
    """Return the rank of a sentence: by how plainly it demands, then by what speaks against it."""
    rank = next((n for n, name in enumerate(_DEMANDS) if name in found), len(_DEMANDS))
    return rank, len(found & _AGAINST)


def is_order(text: str) -> bool:
    """Return whether the words open with the bare form of a verb, as in "Establish a fund"."""
    words = re.match(r"(?:to |and |also |therefore )?([A-Za-z-]+) ", text)
    return words is not None and words[1].lower() in _ORDERS
