"""Questions whose answer is a set of recommendations: which ask for one, and on what subject."""

from __future__ import annotations

import re

from reformqa.search.asking import NAME
from reformqa.text.tokens import tokens

_PROPOSALS = r"(?:recommendations|policy options|proposals)"
_THEY = rf"(?:they|it|the (?:reports?|think[ -]?tanks|publishers)|{NAME})"
_ANYONE = rf"(?:anyone|anybody|any(?: of (?:them|the \w+))?(?: think[ -]?tank)?|{_THEY})"
_PROPOSE = r"(?:recommend|propose|put forward|urge|call for|suggest)"
_NUMBER = r"(?:two|three|four|five|six|seven|eight|nine|ten|\d+)"
# "What does it recommend that ministers do": one thing.
_ONE = r"(?! (?:that|[\w’'-]+ (?:do|be))\b)"
_MADE = (
    r"(?:set up|drawn up|created|established|introduced|brought in|founded|abolished|scrapped"
    r"|put into|put in)"
)
_HOW_MANY = (
    rf"how many {_PROPOSALS} (?:(?:are|is)(?: there)? (?:about|on)|concern|cover|deal with|mention"
    rf"|(?:do|does|did) {_THEY} (?:make|have) (?:about|on)\b)"
)
#: "which recommendations …", "what do they recommend on …", "what bodies do they want set up".
_SET = re.compile(
    rf"(?<!how many )\b{_PROPOSALS}\b|^{_HOW_MANY}"
    rf"|\b(?:every|each|any)(?: [\w{NAME}]+)? (?:recommendation|proposal)\b"
    rf"|\bwhat (?:do|does|did|would) {_THEY}[\w ]{{0,20}}\b(?:recommend|propose)\b{_ONE}"
    rf"|^(?:what|which) (?!{_NUMBER} )[\w ,’'-]+ (?:do|does|would) {_THEY}"
    rf" (?:want {_MADE}|{_PROPOSE})\b"
    rf"|^what (?:do|does|would) {_THEY} want {_MADE}\b"
    r"|^who (?:recommends|proposes)\b|\bwants? set up\b"
    rf"|^\W*(?:do|does|would) {_ANYONE} {_PROPOSE}\b{_ONE}"
    rf"|^(?:what|which) [\w ,’'-]*s (?:would|should) be {_MADE}\b"
    rf"|^(?:what|which) [\w ,’'-]*s (?:is|are) [\w ]+ urged to\b"
    rf"|^how (?:do|does|would) {_THEY} (?:say|think|want|recommend|propose|suggest)\b"
    r".*\b(?:should|to) be\b",
    re.IGNORECASE,
)
_OF_SOME = re.compile(rf"(?:was|were|did|why|when|(?:has|have|had)(?! {NAME} any\b))\b", re.I)
_HOW = re.compile(rf"(?!{_HOW_MANY})how (?!(?:do|does|would) {_THEY}\b)", re.IGNORECASE)
# The words of such a question itself, which are in every recommendation or in none.
_SET_WORDS = re.compile(
    rf"\b(?:recommend\w*|propos(?:e|es|ed|als?)|{_PROPOSALS})\b(?:['’]s?)?|\bwants? set up\b"
    rf"|\b(?:put forward|want drawn up|urges?)\b|\b(?:would|should) be {_MADE}\b"
    r"|\bis government urged to|\bare [\w ]+ urged to\b",
    re.IGNORECASE,
)
_SET_OPENING = re.compile(
    r"^\W*(?:(?:please |can you )?(?:list|name|give|show)(?: me)?|which|what|who|every|each|any"
    r"|all(?: of)?|across(?: all)?|from|by|for|is|are|the|do(?:es)?|they|it|would|did|of|in|on"
    r"|about|has|have|anyone|anybody|anything|how(?: many)?|say"
    r"|that|to|deal(?:s|ing)? with|concern(?:s|ing)?|ask(?:s|ing)? for|there|s|ma[kd]es?$"
    r"|make(?= (?:about|on)\b))\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"how many\b", re.IGNORECASE)
_SET_CLOSING = re.compile(
    r"(?:\b(?:do|does|would|they|it|the think[ -]?tanks?)\b[\s?.]*)+$", re.IGNORECASE
)


def asks_for_set(text: str) -> bool:
    """Return whether it asks which there are, unlike "Were the recommendations carried out?".

    `text` has `asking.NAME` for publishers.
    """
    opening = text.lstrip(" ,")
    return bool(_SET.search(opening)) and not (_OF_SOME.match(opening) or _HOW.match(opening))


def asks_count(text: str) -> bool:
    """Return whether it asks how many there are."""
    return bool(_COUNTED.match(text))


def set_topic(topic: str) -> str:
    """Return the subject of the recommendations asked for; "" if it has none."""
    text, left = _SET_WORDS.sub(" ", topic), ""
    while text != left:
        left = text
        text = _SET_OPENING.sub("", text.strip(" ,:;–-.?'’"), count=1)
        text = _SET_CLOSING.sub("", text)
    return " ".join(text.split()) if tokens(text) else ""
