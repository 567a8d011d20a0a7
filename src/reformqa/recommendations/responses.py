"""Tell a response, which answers somebody else's recommendations, from a report that makes them."""

from __future__ import annotations

import re

from reformqa.model import Paragraph, Report
from reformqa.text.labels import RECOMMENDATION_LABEL

#: A response has at least this many replies.
LEAST_REPLIES = 3
#: A reply follows what it answers within this many paragraphs, and before the next quotation.
NEAR = 15
#: The title of a response may be its first or one of its next paragraphs.
OPENING = 3
#: A title or a heading has fewer words.
TITLE_WORDS = 12
#: A response replies to this share of what it quotes, or to less if its title says what it is.
SHARE, TITLED_SHARE = 0.5, 0.25

_TITLE = re.compile(
    r"\b(?:government|official|formal|department\w*|joint|executive)\b.{0,30}\bresponse\b"
    r"|\bresponses? (?:to|of) (?:the )?.{0,60}\b(?:report|review|inquiry|committee|commission"
    r"|recommendations?|consultation)\b",
    re.IGNORECASE,
)
_REPLY = re.compile(
    r"(?:(?:our|the|government|department\w*)? ?(?:response|reply) ?[:–—-]"
    r"|(?:the )?(?:\w+ )?(?:governments?|department(?: \w+){0,4}|ministry(?: \w+){0,4}|DWP)"
    r"(?: also| fully| partially| therefore| broadly| strongly)* (?:accepts?|agrees?|rejects?"
    r"|notes?|welcomes?|supports?|recogni[sz]es?|does not accept|do not accept|acknowledges?"
    r"|is committed|has (?:already|accepted)|partially accepts?)\b"
    r"|(?:this recommendation (?:is|was|has been) )?"
    r"(?:accepted?|agreed?|rejected?|not accepted|partially accepted|noted)"
    r"(?: in (?:full|part|principle))?(?:[.:;,–—-]|$))",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"comment\b[^.]{0,8}:|\(\d+\) comment\b", re.IGNORECASE)
_HEADING = re.compile(r"\brecommendations?(?: [\d.]+)?$", re.IGNORECASE)


def is_response(report: Report) -> bool:
    """Return whether the report answers recommendations, or comments, that others have made.

    Much of what it quotes is followed by a reply.
    """
    shown = [p for p in report.paragraphs if p.kind not in ("furniture", "footnote", "caption")]
    replies = [n for n, p in enumerate(shown) if _REPLY.match(p.text)]
    if len(replies) < LEAST_REPLIES:
        return False
    quoted = [n for n, p in enumerate(shown) if _quotes(p)]
    if not quoted:
        return False
    ends = [*quoted[1:], len(shown)]
    answered = [
        n
        for n, end in zip(quoted, ends, strict=True)
        if any(n < m < min(end, n + NEAR) for m in replies)
    ]
    opening = [p.text for p in shown[:OPENING] if p.kind == "heading"]
    titled = any(map(_TITLE.search, (report.title, report.subtitle or "", *opening)))
    share = TITLED_SHARE if titled else SHARE
    return len(answered) >= LEAST_REPLIES and len(answered) >= share * len(quoted)


def _quotes(paragraph: Paragraph) -> bool:
    """Whether a paragraph is, or is the heading of, what somebody else has said."""
    if RECOMMENDATION_LABEL.match(paragraph.text) or _COMMENT.match(paragraph.text):
        return True
    heading = paragraph.kind == "heading" and len(paragraph.text.split()) < TITLE_WORDS
    return heading and _HEADING.search(paragraph.text) is not None
