"""What a question asks for: the think tanks together, those that are silent, and its bare topic."""

from __future__ import annotations

import re

from reformqa.search.ordinals import CARDINAL

#: Stands for a publisher, or a list of publishers, in a question while its topic is made.
NAME = "\0"

# Reports agree and compare things too: only whom the question asks is decisive.
_SEVERAL = re.compile(
    r"\bthink[ -]?tanks\b|\b(?:each|every|which|what|any|no) think[ -]?tank\b"
    r"|\b(?:the|these|all)(?: two| three| four| five)? reports\b(?! (?:of|by)\b)|\bthey each\b"
    r"|\b(?:which|do any|in whose|whose|across(?: all)?(?: the)?) reports\b|\bin these reports\b"
    r"|\b(?:three|each|all|both|the) (?:publishers?|organi[sz]ations?)\b"
    r"|\b(?:which|any|each|all|none) of (?:them|the (?:two|three|four|five)|these)\b"
    r"|\bthe (?:two|three|four|five)(?= (?:\w+ )?(?:say|stand|want|see|think|raise|agree|differ)\b)"
    r"|(?:^|[.?!:;] )compare\b(?! with)|\bcompar(?:ed|ison)[.?]?$"
    r"|\bdiffer(?:s|ences?)? (?:on|over)\b"
    r"|\bwho (?:else )?(?:(?:dis)?agrees?|leaves? it out|is (?:for|against|keen|wary))\b"
    r"|\b(?:do|where|on what) they (?:dis)?agree\b|\banyone besides\b|\bversus\b|\bvs\b",
    re.IGNORECASE,
)
_NOT = r"(?:do|does|did) ?n[o'’]t"
_MENTION = (
    r"(?:mention|discuss|address|cover|raise|talk about|speak (?:of|about|to)|touch on|deal with"
    r"|refer to|say anything (?:about|on)|consider|look at|propose|recommend|suggest|call for"
    r"|ask for|put forward|advocate)"
)
# Saying nothing of a matter, which is no part of the matter.
_SILENT = re.compile(
    rf"\b(?:(?:{_NOT}|never|fails? to|omits? to)(?: even)? {_MENTION}s?"
    r"|(?:is|are|stays?|remains?|keeps?|keep)? ?(?:silent|quiet) (?:on|about)"
    r"|(?:says?|have|has|had) nothing (?:to say )?(?:about|on)|leaves? out|omits?|ignores?"
    r"|neglects?|overlooks?)(?!\w)",
    re.IGNORECASE,
)
_OTHERS_NOT = re.compile(
    rf",? and (?:which|who)(?: (?:one|ones|of them))? (?:{_NOT}|leaves? it out)(?=[?.]*$)",
    re.IGNORECASE,
)
_WHO = re.compile(
    r"\b(?:which|who)(?: (?:of (?:them|the (?:two|three|four|five))|ones?|reports?"
    r"|think[ -]?tanks?|publishers?|organi[sz]ations?))* *$",
    re.IGNORECASE,
)
# Words about the asking, not the topic: they would only bring up passages on "reports".
# First whom it asks, then what they are asked to do, then what remains of that.
_ASKED = re.compile(
    r"\b(?:according to|(?:the )?(?:\w+ )?think[ -]?tanks?(?:'|’)?"
    r"|(?:in |do |by )?(?:the|these) (?:\w+ )?reports?(?! of\b)|versions?"
    r"|(?:do )?(?:which|any|each|all|none) of (?:them|these|the (?:two|three|four|five))"
    r"|which reports|(?:and )?in whose reports?)\b",
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
    r"|(?:and )?(?:is|does) anyone besides(?: for it)?|is anyone for it|back (?:it|them)"
    r"|(?:and |are )?compar(?:ed|ison)(?! (?:with|to)\b)|each|approaches to)\b",
    re.IGNORECASE,
)
_STANCE = re.compile(
    r"\b(?:(?:for|against)(?: it)?\??$|(?:is|are|who(?:'s| is| are)?) (?:for|against|in favour of)"
    r"|supports?|opposes?|favours?|backs?|in favour of|(?:dis)?agrees?|objects? to|rejects?)\b",
    re.IGNORECASE,
)
_LIST = re.compile(
    rf"^(?:what|which|list|name|give)\b.*?\b(?:(?P<count>(?!one\b){CARDINAL})|all the|main|key"
    r"|different) (?:[\w'’-]+ ){0,3}?(?P<things>[a-z-]+s)\b",
    re.IGNORECASE,
)
_DOUBLE_NOT = re.compile(r"\bdo(?:es)? the others say so too\b", re.IGNORECASE)


def asks_stance(text: str) -> bool:
    """Return whether it asks who is for or against something: "Who supports tolls?"."""
    return bool(_STANCE.search(text))


def things_asked_for(text: str) -> tuple[str, ...]:
    """Return what things a question asks for that are counted or set out, and how many if it says.

    "What are the six maxims?" asks for "maxims" and "six".
    """
    found = _LIST.search(text)
    return tuple(filter(None, found.group("things", "count"))) if found else ()


def asks_several(text: str) -> bool:
    """Return whether a question is about the think tanks together."""
    return bool(_SEVERAL.search(text)) or asks_silence(text)


def asks_silence(text: str) -> bool:
    """Return whether it asks who says nothing of its matter: "Which think tanks omit tolls?"."""
    silent = _SILENT.search(text)
    return bool(silent and _WHO.search(text[: silent.start()])) or bool(_OTHERS_NOT.search(text))


def without_silence(text: str) -> str:
    """Return a question without the words for saying nothing, which are no part of its matter."""
    text = _OTHERS_NOT.sub("", text)
    silent = _SILENT.search(text)
    if silent and (who := _WHO.search(text[: silent.start()])):
        text = f"{text[: who.start()]} {text[silent.end() :]}"
    return " ".join(text.split())


def bare(text: str) -> str:
    """Return a question without the words about the asking."""
    for pattern in (_ASKED, _ASKING, _DOUBLE_NOT, _SCAFFOLD):
        text = " ".join(pattern.sub(" ", text).split())
    return text
