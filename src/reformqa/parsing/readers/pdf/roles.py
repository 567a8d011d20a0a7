"""Find headings, captions, pull quotes and endnotes by their look and place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from reformqa.parsing.inline import is_capitals
from reformqa.parsing.readers.pdf.contents import mark_contents
from reformqa.parsing.readers.pdf.flow import Piece, Role
from reformqa.parsing.readers.pdf.grouping import ends_sentence
from reformqa.parsing.readers.pdf.lines import Line, note_start
from reformqa.text.similarity import letters

#: A heading has at most this many words and lines.
HEADING_WORDS = 32
HEADING_LINES = 5
#: Type larger than the text's by this factor may be a heading.
LARGER = 1.07
#: The second line of a caption is at most so many type sizes below the first.
ADJACENT = 2.2
#: A heading that only a slant or a colour tells from the text has at most this many words.
TITLE_WORDS = 14
#: So many headings of one look make a heading of another piece in that look.
SEVERAL = 3
#: A pull quote is larger than the text by this factor.
PULLED = 1.12
#: One that no paragraph repeats has at least so many words, and is set in by so many sizes of the
#: text.
QUOTE_WORDS = 6
INSET = 0.8

CAPTION = re.compile(
    r"^(?:figure|fig\.?|table|chart|graph|map|exhibit)\s+[A-Z]?\d+(?:\.\d+)*(?![\d.]*\w)"
    r"|^(?:sources?|notes?|base)\s*:|^©",
    re.IGNORECASE,
)
_SENTENCE_ON_FIGURE = re.compile(r"^\w+\.?\s+[A-Z]?[\d.]+\s+[a-z]+")
_PERSON = r"[A-Z][\w'’.-]+(?: [A-Z][\w'’.-]+){1,2}"
_BYLINE = re.compile(rf"^(?:[Bb]y .*|{_PERSON}(?:(?:, | and | with | & |, and ){_PERSON})+)$")
_NOTES = re.compile(r"^(?:chapter )?(?:end ?notes|notes|references|notes and references)$", re.I)
_RECOMMENDATION = re.compile(
    r"^(?:policy )?(?:recommendation|option|proposal)s? (?:\d{1,3}[a-z]?|[a-z]+teen|one|two|three"
    r"|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty)\b",
    re.IGNORECASE,
)
#: A line above a title that belongs to it: "Chapter One", "Box 2", or a number.
KICKER = re.compile(
    r"^(?:(?:chapter|part|section|box|case study)\s*(?:[\divx]+|one|two|three|four|five|six|seven"
    r"|eight|nine|ten)?|\d{1,2})[.:]?$",
    re.IGNORECASE,
)
_IMPRINT = re.compile(
    r"^(?:HC|HL|CP|Cm|Cmnd|ISBN|Paper)\b.{0,6}\d|^(?:first )?published (?:by|in)\b", re.IGNORECASE
)
#: The end of a sentence, perhaps with a reference or a grade after it: "… is given. (1A)".
_STOPS = re.compile(r"\.$|\w\. [(\[][^()\[\]]{1,12}[)\]]$")
_SENTENCE_WITHIN = re.compile(r"[a-z]{3,}[.?!] [A-Z]")
_LABEL_ALONE = re.compile(r"^(?:figure|table|chart|fig\.?)\s+[A-Z]?[\d.]+[:.]?$", re.IGNORECASE)
_FIGURE = re.compile(r"^(?:figure|fig|table|chart)\b", re.IGNORECASE)
_SOURCE = re.compile(r"^(?:sources?|notes?|base)\s*:|^©", re.IGNORECASE)
ASIDE = re.compile(r"^(?:box|case study)\b", re.IGNORECASE)

#: A cover or title page has at most COVER_WORDS words, no block of PROSE_WORDS in small type, no
#: list, and a title larger than the text by the factor COVER_SIZE. It is within the first
#: COVER_PAGES.
COVER_WORDS = 120
PROSE_WORDS = 25
COVER_SIZE = 1.3
COVER_PAGES = 5

#: Size in half points, bold, italic, in capitals, and font with colour.
Style = tuple[float, bool, bool, bool, str]


def style(piece: Piece) -> Style:
    """Return the style of a piece."""
    look = max(piece.lines, key=lambda ln: len(ln.text)).look
    size = round(piece.size * 2) / 2
    return (size, piece.bold, piece.italic, is_capitals(piece.text), look)


def body_style(pieces: Sequence[Piece]) -> Style:
    """Return the style of most of the text."""
    counts: Counter[Style] = Counter()
    for piece in pieces:
        if piece.kind in ("text", "box"):
            counts[style(piece)] += len(piece.text)
    return counts.most_common(1)[0][0] if counts else (10.0, False, False, False, "")


def set_roles(pieces: Sequence[Piece]) -> None:
    """Set the role of each piece; `levels` then sets the levels of headings."""
    body = body_style(pieces)
    mark_contents(pieces)
    last: Piece | None = None
    for piece in pieces:
        if piece.kind not in ("text", "box") or piece.role != "text":
            continue
        if (tagged := _tagged_role(piece, body)) is not None:
            piece.role = tagged
        elif _is_caption(piece, last, body):
            piece.role = "caption"
        elif _is_pulled(piece, body, pieces):
            piece.role = "pull quote"
        elif _is_heading(piece, body):
            piece.role = "heading"
        last = piece
    _covers(pieces, body)
    _endnotes(pieces)
    _captioned_frames(pieces)
    _alike(pieces, body)
    _pulled_alone(pieces, body)
    _drop_lone(pieces, body)


def _tagged_role(piece: Piece, body: Style) -> Role | None:
    """Return the role that a piece is tagged with, if it can have it by its look."""
    role = piece.element.role if piece.element is not None else "text"
    if role == "contents":
        return "contents"
    if role == "caption":  # some files tag titles so
        return "caption" if piece.size < LARGER * body[0] else None
    return "heading" if _is_tagged_heading(piece) else None


def _is_tagged_heading(piece: Piece) -> bool:
    """Return whether a piece is tagged as a heading, and short enough to be one."""
    if piece.element is None or piece.element.role != "heading":
        return False
    short = piece.words <= HEADING_WORDS and len(piece.lines) <= HEADING_LINES
    return short and any(c.isalpha() for c in piece.text) and piece.text[0] not in '“"(['


def _is_caption(piece: Piece, last: Piece | None, body: Style) -> bool:
    """Return whether `piece` is the label, title, subtitle or source of a figure or table."""
    if CAPTION.match(piece.text):
        if piece.text[0].islower() and style(piece) == body:
            return False  # the rest of a sentence: "(see / figure 2)"
        return not _SENTENCE_ON_FIGURE.match(piece.text)
    if last is None or last.role != "caption" or last.page != piece.page or piece.words > 40:
        return False
    if last.box != piece.box or ASIDE.match(piece.text) or _SOURCE.match(last.text):
        return False
    if _LABEL_ALONE.match(last.text):
        return True
    small = piece.size < 0.97 * body[0] or piece.italic
    below = 0 < piece.first.base - last.lines[-1].base < ADJACENT * piece.size
    subtitle = below and style(piece)[:3] == style(last)[:3] and piece.size < LARGER * body[0]
    return (small and not ends_sentence(piece.text)) or (subtitle and not piece.text.endswith("."))


def _covers(pieces: Sequence[Piece], body: Style) -> None:
    """Make the largest line on the cover the title, and a large one after it the subtitle.

    A title page repeats the title: there, only the largest line stays a heading.
    """
    titles: list[str] = []
    for page in range(1, COVER_PAGES + 1):
        cover = [p for p in pieces if p.page == page and p.kind not in ("running", "label")]
        large = [p for p in cover if p.size > COVER_SIZE * body[0] and not _is_imprint(p)]
        prose = any(p.words >= PROSE_WORDS and p.size <= LARGER * body[0] for p in cover)
        listed = sum(p.first.bullet is not None for p in cover) > 1
        if not large or prose or listed or sum(p.words for p in cover) > COVER_WORDS:
            continue
        title = max(large, key=lambda p: p.size)
        if titles and letters(title.text) not in titles:
            continue
        at = cover.index(title)
        after = cover[at + 1] if at + 1 < len(cover) else None
        for piece in cover:
            second = piece is after and piece.size >= 0.4 * title.size and piece in large
            second = second and not _BYLINE.match(piece.text)
            if piece is title or (second and not titles):
                piece.role, piece.level = "heading", 1 if titles else 0
            elif piece.role == "heading":
                piece.role = "text"
        titles.append(letters(title.text))


def _is_imprint(piece: Piece) -> bool:
    """Return whether `piece` is a line of the imprint, such as a publisher's number."""
    return bool(_IMPRINT.match(piece.text))


def _endnotes(pieces: Sequence[Piece]) -> None:
    """Make notes of the pieces that begin with a number under a heading such as "Endnotes"."""
    inside = False
    for piece in pieces:
        if piece.role == "heading":
            inside = bool(_NOTES.match(piece.text))
        elif inside and piece.kind == "text" and note_start(piece.first):
            piece.kind = "notes"


def _captioned_frames(pieces: Sequence[Piece]) -> None:
    """Make a table of one column of each frame right below the caption of a figure or table."""
    above: Piece | None = None
    frame: int | None = None
    for piece in pieces:
        if piece.kind in ("running", "label"):
            continue
        near = bool(
            above is not None
            and above.role == "caption"
            and _FIGURE.match(above.text)
            and above.page == piece.page
            and 0 < piece.first.base - above.lines[-1].base < 3 * piece.size
        )
        if piece.box is not None and (near or piece.box == frame) and not ASIDE.match(piece.text):
            frame = piece.box
            piece.kind, piece.cells, piece.role = "table", [piece.lines], "text"
        above = piece


def _is_pulled(piece: Piece, body: Style, pieces: Sequence[Piece]) -> bool:
    """Return whether `piece` is a large sentence that a nearby paragraph repeats."""
    if piece.words < 8 or piece.first.label or is_capitals(piece.text):
        return False
    if not (piece.size > body[0] * PULLED or (piece.italic and piece.size > body[0] * 1.04)):
        return False
    plain = letters(piece.text)
    near = [
        p
        for p in pieces
        if abs(p.page - piece.page) <= 1
        and p.size <= body[0] * LARGER
        and p.role != "contents"
        and p.kind != "running"  # a running head repeats the heading
    ]
    # A paragraph that the quote interrupts is still in two pieces here, hence the joined text.
    return plain[:200] in letters("".join(p.text for p in near if p.words > 1.3 * piece.words))


def _is_heading(piece: Piece, body: Style) -> bool:
    text = piece.text.strip()
    if not any(c.isalpha() for c in text) or piece.first.bullet or piece.first.note:
        return False
    if piece.words > HEADING_WORDS or len(piece.lines) > HEADING_LINES or "@" in text:
        return False
    if text[0].islower() or text[0] in '“"([' or text.endswith((",", ";", "-")):
        return False
    if "://" in text or (_STOPS.search(text) and piece.words > 9) or _is_imprint(piece):
        return False
    if (label := _RECOMMENDATION.match(text)) and len(text) > label.end() + 2:
        return False
    size, bold, italic, capitals, look = style(piece)
    if size >= body[0] * LARGER:
        return True
    if size < (0.8 if piece.box else 0.93) * body[0] or (text.endswith(":") and piece.words > 8):
        return False
    if bold and not body[1]:
        return True
    if capitals and len(letters(text)) > 7:
        return True
    colour, usual = look.split(" ", 1)[1], body[4].split(" ", 1)[1]
    apart = (colour != usual and not body[2]) or (italic and not body[2])
    return apart and not piece.first.hanging and _is_title(piece)


def _is_title(piece: Piece) -> bool:
    """Return whether a piece is a few words that are no sentence, except a question."""
    return piece.words <= TITLE_WORDS and (
        not ends_sentence(piece.text) or piece.text.endswith("?")
    )


def _alike(pieces: Sequence[Piece], body: Style) -> None:
    """Make headings of short pieces above text, numbered ones too, in the look of several headings.

    Alone, their look would not tell: it differs from the text's by a slant or a colour.
    """
    looks = Counter(style(p) for p in pieces if p.role == "heading" and p.box is None)
    following: Piece | None = None
    for piece in reversed(pieces):
        if piece.kind in ("running", "label", "notes"):
            continue
        plain = piece.role == "text" and piece.kind == "text" and piece.first.bullet is None
        above = following is not None and not _is_scrap(following)
        titled = plain and _is_title(piece) and piece.text[:1].isupper() and not piece.first.note
        look = style(piece)
        if titled and above and looks[look] >= SEVERAL and look[4] != body[4]:
            piece.role = "heading"
        following = piece


def _pulled_alone(pieces: Sequence[Piece], body: Style) -> None:
    """Make pull quotes of large sentences set in from the text, in a look that no heading has."""
    headings = [p for p in pieces if p.role == "heading" and p.element is None]
    said = [p for p in headings if ends_sentence(p.text) and p.words >= QUOTE_WORDS]
    titles = {style(p) for p in pieces if p.role == "heading"} - {style(p) for p in said}
    titles |= {style(p) for p in headings if not ends_sentence(p.text)}
    for piece in said:
        large = piece.size > body[0] * PULLED and piece.page > COVER_PAGES and not piece.box
        if large and style(piece) not in titles and piece.first.label is None:
            beside = [p for p in pieces if p.page == piece.page and p.role == "text"]
            if _is_inset(piece, [ln for p in beside if p.kind == "text" for ln in p.lines], body):
                piece.role = "pull quote"


def _is_inset(piece: Piece, text: Sequence[Line], body: Style) -> bool:
    """Return whether a piece is set in from both edges of the lines of its column."""
    left, right = min(ln.box[0] for ln in piece.lines), max(ln.box[2] for ln in piece.lines)
    column = [ln for ln in text if ln.box[0] < right and ln.box[2] > left]
    room = INSET * body[0]
    return bool(column) and (
        left - min(ln.box[0] for ln in column) > room
        and max(ln.box[2] for ln in column) - right > room
    )


def _drop_lone(pieces: Sequence[Piece], body: Style) -> None:
    """Turn small headings without text below them back into text, such as names with a title."""
    following: Piece | None = None
    for piece in reversed(pieces):
        if piece.kind in ("running", "label", "notes") or piece.role == "pull quote":
            continue
        small = piece.role == "heading" and style(piece)[0] <= body[0] * 1.02 and not piece.box
        small = small and not KICKER.match(piece.text) and not _NOTES.match(piece.text)
        small = small and not _is_tagged_heading(piece)
        if small and (following is None or _is_scrap(following) or _outranks(following, piece)):
            piece.role = "text"
        following = piece


def _outranks(following: Piece, piece: Piece) -> bool:
    """Return whether a larger heading follows at once, so that the small one has no text."""
    return following.role == "heading" and following.size > 1.05 * piece.size


def _is_scrap(piece: Piece) -> bool:
    """Return whether `piece` is a few words that are not a sentence, as in a list of people.

    A sentence ended within it shows the beginning of a paragraph that a column's end cuts.
    """
    return not _SENTENCE_WITHIN.search(piece.text) and (
        piece.role == "text"
        and piece.kind == "text"
        and piece.words <= 20
        and not ends_sentence(piece.text)
        and not piece.first.hanging
    )
