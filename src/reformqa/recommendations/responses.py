"""Tell a response, which answers somebody else's recommendations, from a report that makes them."""

from __future__ import annotations

import re

from reformqa.model import Paragraph, Report
from reformqa.text.labels import RECOMMENDATION_LABEL

#: A response has at least this many replies.
LEAST_REPLIES = 3
#: A reply follows what it answers within this many paragraphs.
NEAR = 3

_TITLE = re.compile(
    r"\b(?:government|official|formal|department\w*|joint|executive)\b.{0,30}\bresponse\b"
    r"|\bresponses? (?:to|of) (?:the )?.{0,60}\b(?:report|review|inquiry|committee|commission"
    r"|recommendations?|consultation)\b",
    re.IGNORECASE,
)
_REPLY = re.compile(
    r"(?:(?:our|the|government|department\w*)? ?(?:response|reply) ?[:–—-]"
    r"|(?:the )?(?:\w+ )?(?:governments?|department(?: \w+){0,4}|ministry(?: \w+){0,4}|DWP|we)"
    r"(?: also| fully| partially| therefore| broadly| strongly)* (?:accepts?|agrees?|rejects?"
    r"|notes?|welcomes?|supports?|recogni[sz]es?|does not accept|do not accept|acknowledges?"
    r"|is committed|has (?:already|accepted)|partially accepts?)\b"
    r"|(?:this recommendation (?:is|was|has been) )?"
    r"(?:accepted?|agreed?|rejected?|not accepted|partially accepted|noted)"
    r"(?: in (?:full|part|principle))?(?:[.:;,–—-]|$))",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"(?:inquiry|committee|commission|\w*hol\w*|report)['’s]* recommendations?\b"
    r"|recommendation$|comment\b[^.]{0,8}:|(?:\(\d+\) )?comment[ :(]",
    re.IGNORECASE,
)


def is_response(report: Report) -> bool:
    """Return whether the report answers recommendations, or comments, that others have made.

    Either its title says so and it replies, or most of what it quotes is followed by a reply.
    """
    shown = [p for p in report.paragraphs if p.kind not in ("furniture", "footnote", "caption")]
    replies = [n for n, p in enumerate(shown) if _REPLY.match(p.text)]
    if len(replies) < LEAST_REPLIES:
        return False
    opening = [p.text for p in shown[:NEAR] if p.kind == "heading"]
    if any(map(_TITLE.search, (report.title, report.subtitle or "", *opening))):
        return True
    quoted = [n for n, p in enumerate(shown) if _quotes(p)]
    answered = [n for n in quoted if any(n < m <= n + NEAR for m in replies)]
    return len(answered) >= LEAST_REPLIES and 2 * len(answered) >= len(quoted)


def _quotes(paragraph: Paragraph) -> bool:
    short = len(paragraph.text.split()) < 12
    return bool(RECOMMENDATION_LABEL.match(paragraph.text)) or bool(
        _QUOTED.match(paragraph.text) and (short or paragraph.text.lower().startswith("comment"))
    )
