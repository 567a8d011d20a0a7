"""Words that turn a claim round, which a sentence and what it quotes have to share.

They are compared by rule, without understanding: "not" and its like, frames that deny what they
hold ("It is a myth that …"), words of stance ("rejects"), and words of direction ("cuts"). A
sentence that swaps who holds a view, or which view, is not found out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from reformqa.text.tokens import tokens, words

_NEGATION = re.compile(
    r"\b(?:not(?! only)|no(?! \d|\.)|never|none|nor|neither|cannot|without|nobody|nothing)\b"
    r"|n['’]t\b",
    re.IGNORECASE,
)
_FALSE = (
    r"(?:myth|fallacy|fiction|illusion|delusion|mistake|error|lie|nonsense|misconception|fantasy"
    r"|falsehood|misunderstanding|false|wrong|untrue|incorrect|mistaken|misguided|misleading"
    r"|absurd|inaccurate|unfounded|baseless|foolish|naive|implausible|doubtful|questionable"
    r"|debatable|unclear|unlikely|unproven|impossible|disproved|refuted|discredited|debunked)"
)
_FRAME = re.compile(
    rf"\b{_FALSE}(?:s|ies)?\b|\bnot (?:right|true|correct|accurate|the case)\b"
    r"|\b(?:falsely|wrongly|mistakenly|supposedly|allegedly|purportedly|incorrectly|hardly"
    r"|scarcely|barely|rarely|seldom|unable|lacks?|lacking|so-called|contrary to|far from"
    r"|anything but|instead of|rather than|short of|little evidence|few (?:would|people|believe)"
    r"|(?:fail|refuse|cease|neglect|decline)(?:s|d|ed|ing)? to|(?:stop|ceas)\w* \w+ing"
    r"|pretend\w*|used to|once thought|opposite|rul(?:e|es|ed|ing) out)\b",
    re.IGNORECASE,
)
#: Words of stance: verbs with their nouns, and what condemns. Of each row, what a sentence has
#: must stand in its quotes.
_STANCES = (
    *("oppose opposition opponent", "reject rejection", "deny denial", "dismiss dismissal"),
    *("criticise criticize criticism critic", "condemn condemnation", "resist resistance"),
    *("refuse refusal", "dispute", "doubt", "disagree disagreement", "object objection"),
    *("against", "attack", "warn warning", "caution", "discourage", "repeal", "regret", "fear"),
    *("deplore", "decry", "challenge", "contest", "refute", "rebut", "contradict", "undermine"),
    *("forbid forbade forbidden", "prohibit", "ban", "veto", "block", "abandon", "distrust"),
    *("bad", "terrible", "harm harmful", "danger dangerous", "disaster disastrous", "folly", "mad"),
    *("waste wasteful", "pointless", "useless", "futile", "unwise", "unnecessary", "undesirable"),
    *("unacceptable", "unworkable", "threat threaten", "hostile hostility", "sceptical skeptical"),
    *("downplay", "discount", "disapprove", "denounce", "ridicule", "reverse", "overturn"),
    *("support supporter", "back", "favour favor", "welcome", "endorse endorsement"),
    *("approve approval", "praise", "applaud", "champion", "promote", "embrace", "agree agreement"),
    *("accept acceptance", "encourage", "defend", "commend", "celebrate", "admire", "permit"),
    *("allow", "prefer preference", "prevent", "avoid", "withdraw withdrew withdrawal"),
)
#: Verbs of wanting. What a report says that somebody should do, it may be said to want.
_WANTS = (
    *("want", "recommend recommendation", "propose proposal", "urge", "call", "demand", "insist"),
    *("advocate", "suggest suggestion", "ask", "request", "advise advice", "need", "seek sought"),
)
_DUTY = re.compile(r"\b(?:should|must|ought|shall|needs? to|has to|have to|required?)\b", re.I)
#: Words of one direction. What a sentence has must stand in its quotes, or another of its row.
_DIRECTIONS = (
    "increase raise rise rose risen grow grew grown growth expand expansion extend extension"
    " strengthen improve improvement boost higher greater larger widen lengthen accelerate better"
    " succeed success double triple",
    "decrease cut lower fall fell fallen shrink shrank reduce reduction weaken worsen decline drop"
    " less fewer smaller narrow shorten worse fail failure abolish abolition scrap curb restrict"
    " restriction halve halt",
)


def _families(rows: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the terms of each row by each of its terms."""
    return {term: frozenset(tokens(row)) for row in rows for term in tokens(row)}


_STANCE_OF = _families(_STANCES)
_WANT_OF = _families(_WANTS)
_DIRECTION_OF = _families(_DIRECTIONS)


def find_reversal(
    sentence: str, before: Sequence[str], whole: Sequence[str], names: Sequence[str] = ()
) -> str | None:
    """Return why a sentence may say the opposite of what it quotes, or None.

    `whole` are the sentences that contain its quotes, `before` the same up to the quotes' ends.
    Words of `names`, those of publishers and titles, are left out of account.
    """
    bare = _without(sentence, names)
    if _differ(_NEGATION, _FRAME.sub("", bare), [_FRAME.sub("", text) for text in before]):
        return "It says “not” where its quotes do not, or the other way round."
    if _differ(_FRAME, bare, before):
        return "It denies or doubts something where its quotes do not, or the other way round."
    quoted = frozenset(tokens(" ".join(whole)))
    named = frozenset(tokens(" ".join(names)))
    if any(_DUTY.search(text) for text in whole) or quoted & _WANT_OF.keys():
        quoted |= _WANT_OF.keys()
    families = {**_STANCE_OF, **_WANT_OF, **_DIRECTION_OF}
    strange = [
        written
        for written, term in words(sentence)
        if term in families and term not in named and not quoted & families[term]
    ]
    if strange:
        listed = ", ".join(f"“{word}”" for word in dict.fromkeys(strange))
        return f"It takes a stance that its quotes do not: {listed}."
    return None


def _differ(pattern: re.Pattern[str], sentence: str, quoted: Sequence[str]) -> bool:
    """Return whether a sentence has more matches than what it quotes, or has none of them."""
    own = len(pattern.findall(sentence))
    held = sum(len(pattern.findall(text)) for text in dict.fromkeys(quoted))
    return own > held or (held > 0 and not own)


def _without(sentence: str, names: Sequence[str]) -> str:
    for name in names:
        sentence = sentence.replace(name, "")
    return sentence
