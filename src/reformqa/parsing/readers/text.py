"""Read a text file into blocks.

Text files made from PDFs often contain Markdown marks and HTML tags, so both are understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from reformqa.errors import UnreadableFileError
from reformqa.model import ParagraphKind
from reformqa.parsing.blocks import Block, FileText
from reformqa.parsing.inline import clean

_HEADING = re.compile(r"^(#{1,6})\s+(\S.*)$")
_BULLET = re.compile(r"^(\s*)[-*•●▪◦\uf0b7\uf0a7–]\s+(\S.*)$")
_NUMBERED = re.compile(r"^(\s*)(?:\*\*)?(\d{1,3}|[a-z]|[ivx]{1,4})[.)](?:\*\*)?\s+(\S.*)$")
_NOTE = re.compile(r"^(?:<sup>\s*(\d{1,3})\s*</sup>|([⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3})|(\d{1,3}))\s+(?=\S)")
# "Table 2: …", "Table 2 Spending by …"; but not "Table 2 shows …", which is a sentence.
_CAPTION = re.compile(
    r"^[#\s]*\**(?:FIGURE|TABLE|FIG|Figure|Table|Fig)\.?\s+[A-Z]?\d+(?:\.\d+)?(?![\d.]*\w)"
    r"(?!\**\s+[a-z])"
)
_LOUD_CAPTION = re.compile(r"^[#\s]*\**(?:FIGURE|TABLE|FIG)\b|^[^.]*\d\**:")
_UNDERLINE = re.compile(r"^(?:(=)=+|-{3,})\s*$")
_PIPE_ROW = re.compile(r"^\s*\|.*\|\s*$")
_PIPE_RULE = re.compile(r"^[\s|:-]+$")
_SOURCE = re.compile(r"^\**(?:Sources?|Notes?)\**:", re.IGNORECASE)
_CITING = re.compile(
    r"https?://|www\.|\bIbid\b|\bop\.? ?cit|Available at|accessed \d|[(,. ](?:19|20)\d\d\b"
)
_HTML_TABLE = re.compile(r"\s*<table\b[^<>]*>.*</table\s*>\s*$", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--(?:(?!<!--).)*?-->", re.DOTALL)
_CONTENTS_LINE = re.compile(r"^(?=\S*[^\W\d]|\d+[.\s]+[^\W\d]).{2,120}?[\s.|]+(\d{1,3})\s*$")
#: A title with a number such as "2.3" on a line of its own.
_DECIMAL_TITLE = re.compile(
    r"^\s*\d{1,2}(?:\.\d{1,2}){1,3}\.?\s+[A-Z‘“'](?:\S*\s+){0,11}\S*[^\s.,;:]$"
)
_BOLD_PARTS = re.compile(r"\*\*.+?\*\*|<b>.+?</b>")


#: A function that returns marked-up text as shown.
Show = Callable[[str], str]


def read_text(path: Path, *, ocr: bool = False) -> FileText:
    """Read a `.txt` file; `ocr` is ignored.

    Raises UnreadableFileError if the bytes are not text.
    """
    lines = plain_marks(_without_comments(decode(path)).splitlines())
    blocks: list[Block] = []
    reader = ChunkReader(clean)
    chunks = _chunks(lines)
    for n, (start, chunk) in enumerate(chunks):
        if is_lost_bullet(chunk, chunks[n + 1][1] if n + 1 < len(chunks) else []):
            chunk[0] = f"- {chunk[0].strip()}"
        blocks += reader.read(start, chunk)
    return FileText([b for b in blocks if any(c.isalnum() for c in b.text)])


class ChunkReader:
    """Reads chunks, which are runs of lines without an empty one, in the order of the file.

    `show` returns the text of a chunk without its marks.
    """

    def __init__(self, show: Show) -> None:
        self._show = show
        self._note = 0  # the number of the last footnote

    def read(self, start: int, chunk: list[str]) -> list[Block]:
        """Return the blocks of a chunk whose first line has the number `start`."""
        raw = "\n".join(chunk)
        if _HTML_TABLE.match(raw):
            from reformqa.parsing.readers.elements import blocks_of_text

            return blocks_of_text(raw, start)
        number = _note_number(chunk)
        if number is not None and _is_note(chunk, number, self._note):
            self._note = number
            note = self._show(_NOTE.sub("", " ".join(chunk).lstrip(), count=1))
            return [Block("footnote", note, raw, start, label=str(number))]
        return split(start, chunk, self._show)


def plain_marks(lines: list[str]) -> list[str]:
    """Return the lines with underlined headings as `#` and piped table rows as tabs."""
    plain = list(lines)
    for n, line in enumerate(lines):
        if _PIPE_ROW.match(line):
            cells = [c.strip() for c in line.strip().strip("|").split("|")]
            plain[n] = "" if _PIPE_RULE.match(line) else "\t".join(cells) + "\t"
        underline = _UNDERLINE.match(line)
        lone = n > 0 and lines[n - 1].strip() and (n < 2 or not lines[n - 2].strip())
        if underline and lone and not _HEADING.match(lines[n - 1]):
            plain[n - 1] = f"{'#' if underline[1] else '##'} {lines[n - 1].strip()}"
            plain[n] = ""
    return plain


def decode(path: Path) -> str:
    data = path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if data.startswith(b"%PDF"):
        raise UnreadableFileError(
            f"{path.name} is a PDF under the name of a text file. Rename it to end in .pdf."
        )
    if b"\0" in data[:65536]:
        raise UnreadableFileError(
            f"{path.name} holds binary data, not text. Convert it to UTF-8 text, or remove it."
        )
    if not data.strip():
        raise UnreadableFileError(f"{path.name} is empty. Replace it, or remove it.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _without_comments(text: str) -> str:
    """Return `text` with comments as empty lines, as many as before."""
    return _COMMENT.sub(lambda m: "\n" * m[0].count("\n"), text)


def _chunks(lines: list[str]) -> list[tuple[int, list[str]]]:
    """Return runs of lines without an empty line between them, each with its first number."""
    chunks: list[tuple[int, list[str]]] = []
    open_chunk = False
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            open_chunk = False
        elif open_chunk:
            chunks[-1][1].append(line)
        else:
            chunks.append((number, [line]))
            open_chunk = True
    return chunks


def is_lost_bullet(chunk: list[str], following: list[str]) -> bool:
    """Return whether `chunk` is a first list item that lost its mark in conversion.

    A space stands in place of the mark, and a list follows.
    """
    return (
        bool(re.match(r"^ [A-Z]", chunk[0]))
        and bool(following)
        and bool(_BULLET.match(following[0]))
        and not chunk[-1].rstrip().endswith(":")
    )


def _note_number(chunk: list[str]) -> int | None:
    match = _NOTE.match(chunk[0].strip())
    if not match:
        return None
    digits = next(g for g in match.groups() if g)
    return int("".join(str("⁰¹²³⁴⁵⁶⁷⁸⁹".find(c)) if c in "⁰¹²³⁴⁵⁶⁷⁸⁹" else c for c in digits))


def _is_note(chunk: list[str], number: int, last: int) -> bool:
    """Whether `chunk` is a footnote: next in the numbering, and raised or citing a source."""
    text = " ".join(chunk)
    raised = chunk[0].lstrip().startswith("<sup>") or chunk[0].lstrip()[0] in "⁰¹²³⁴⁵⁶⁷⁸⁹"
    in_turn = last < number <= last + 12
    return in_turn and (raised or bool(_CITING.search(text)))


def split(start: int, chunk: list[str], show: Show) -> list[Block]:
    """Cut a chunk at headings, list items, captions, table rows and lines of contents."""
    listed = _is_contents(chunk)
    pieces: list[tuple[int, list[str]]] = []
    for offset, line in enumerate(chunk):
        previous = pieces[-1][1] if pieces else None
        if previous is None or listed or _starts(line, previous) or not _goes_on(previous, line):
            pieces.append((start + offset, [line]))
        else:
            previous.append(line)
    blocks = [_block(line, piece, show) for line, piece in pieces]
    return [b if i == 0 else replace(b, gap=False) for i, b in enumerate(blocks)]


def _is_contents(chunk: list[str]) -> bool:
    """Return whether each line of a chunk is a title and a page number, and the numbers ascend."""
    found = [_CONTENTS_LINE.match(line) for line in chunk]
    pages = [int(m[1]) for m in found if m]
    return 1 < len(chunk) == len(pages) and pages == sorted(pages)


def _starts(line: str, previous: list[str]) -> bool:
    """Return whether `line` starts a new piece in the middle of a chunk."""
    wrapped = not previous[-1].rstrip().endswith((".", ":", "*", ">"))
    return bool(
        _HEADING.match(line)
        or _BULLET.match(line)
        or _NUMBERED.match(line)
        or (_CAPTION.match(line) and (not wrapped or _LOUD_CAPTION.match(line)))
        or _SOURCE.match(line)
        or _DECIMAL_TITLE.match(line)
        or "\t" in line
    )


def _goes_on(previous: list[str], line: str) -> bool:
    """Return whether `line` continues the piece that `previous` begins."""
    if _HEADING.match(previous[0]) or _DECIMAL_TITLE.match(previous[0]):
        return False
    return "\t" not in previous[0] or not line[:1].isupper()


def _block(number: int, piece: list[str], show: Show) -> Block:
    raw = "\n".join(piece)
    first = piece[0]
    if "\t" in first:
        cells = [show(c) for c in raw.split("\t")]
        return Block("table", " | ".join(c for c in cells if c), raw, number)
    if heading := _HEADING.match(first):
        kind: ParagraphKind = "caption" if _CAPTION.match(first) else "heading"
        text = re.sub(r"\*\*\s*\*\*", ": ", heading[2])
        bold = _all_bold(heading[2])
        return Block(kind, show(text), raw, number, mark=len(heading[1]), bold=bold)
    if _CAPTION.match(first):
        return Block("caption", show(re.sub(r"\*\*\s*\*\*", ": ", raw)), raw, number)
    if _SOURCE.match(first):
        return Block("caption", show(raw), raw, number)
    if first.startswith("> "):
        return Block("quote", show(re.sub(r"^> ?", "", raw, flags=re.MULTILINE)), raw, number)
    bold = _all_bold(raw)
    if bullet := _BULLET.match(first):
        text = show("\n".join([bullet[2], *piece[1:]]))
        return Block("bullet", text, raw, number, bold=bold)
    if item := _NUMBERED.match(first):
        text = show("\n".join([item[3], *piece[1:]]))
        return Block("numbered", text, raw, number, bold=bold, label=item[2])
    return Block("body", show(raw), raw, number, bold=bold)


def _all_bold(raw: str) -> bool:
    rest = _BOLD_PARTS.sub("", raw.replace("\n", " "))
    return rest != raw.replace("\n", " ") and not re.search(r"\w", rest)
