"""Read a Markdown file into blocks.

markdown-it finds the structure. Paragraphs are then read like those of text files, because
Markdown files made from PDFs often contain plain lists, notes and tables. Code is furniture: it
is kept but not searched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from reformqa.parsing.blocks import Block, FileText
from reformqa.parsing.inline import ligatures_apart, tidy, without_emphasis, without_note_marks
from reformqa.parsing.readers.elements import blocks_of_text
from reformqa.parsing.readers.frontmatter import front_matter
from reformqa.parsing.readers.lists import Cell, rows
from reformqa.parsing.readers.text import (
    ChunkReader,
    decode,
    is_lost_bullet,
    plain_marks,
    split,
)

_ATTRIBUTES = re.compile(r"\{(?:\s*(?:[#.][\w:.-]+|[\w-]+=(?:\"[^\"{}]*\"|[^\s\"{}]+)))+\s*\}")
_NOTE_REF = re.compile(r"\[\^([^\]\s]{1,40})\]")
_NOTE_TEXT = re.compile(r"\[\^([^\]\s]{1,40})\]:[ \t]*")
_RAISED_REF = re.compile(r"<sup>\s*(\d{1,3})\s*</sup>", re.IGNORECASE)
_WIKI = re.compile(r"(!?)\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
_HIGHLIGHT = re.compile(r"==(?=\S)([^=\n]+)(?<=\S)==")
_SPAN = re.compile(r"(?<![\]!])\[([^\[\]]+)\](?=\{)")
_TASK = re.compile(r"^\[[ xX]\]\s+")
_CALLOUT = re.compile(r"^\s*\[!\w+\][+-]?\s*")
_FIGURE = re.compile(r"^(?:figure|table|fig|chart)\.?\s+[A-Z]?\d", re.IGNORECASE)
_SUP = re.compile(r"</?su[pb]>", re.IGNORECASE)
#: A table row as converters write it: cells of HTML between tabs.
_TABBED_ROW = re.compile(r"^ {0,3}<(?!table)[^\t\n]*>[^\t\n]*\t", re.MULTILINE)
#: Elements whose tags part words; the tags of others stand inside words.
_PARTING = re.compile(r"</?(?:br|p|div|li|ul|ol|td|th|tr|hr|h[1-6])\b", re.IGNORECASE)
_OPENERS = (
    *(("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>")),
    *((f"<{n}", f"</{n}") for n in ("script", "style", "pre", "textarea")),
)
_OPENER = re.compile("|".join(re.escape(o) for o, _ in _OPENERS), re.IGNORECASE)
_HTML_TABLE = re.compile(r"^ {0,3}<table\b.*?</table\s*>", re.IGNORECASE | re.DOTALL | re.MULTILINE)
#: Marks that were escaped or are in code, as characters that no rule takes for marks.
_KEPT = {ord(c): 0xE700 + n for n, c in enumerate("*_`<>")}
_RESTORED = {new: old for old, new in _KEPT.items()}
#: A heading with more words, underlined by a rule, is a paragraph.
_HEADING_WORDS = 24


def read_markdown(path: Path, *, ocr: bool = False) -> FileText:
    """Read a `.md` file; `ocr` is ignored.

    Front matter is metadata. Raises UnreadableFileError if the bytes are not text.
    """
    metadata, lines = front_matter(_sound(decode(path)).splitlines())
    blocks = _Walk(lines).blocks()
    shown = [b for b in blocks if any(c.isalnum() for c in b.text)]
    return FileText(shown, metadata=metadata, stated=True)


def _sound(text: str) -> str:
    """Return the text without what would hide the rest of it, with the same lines.

    Removed are the openings of HTML that is never closed, the fences of divisions, and the empty
    lines within HTML tables, where the table would end.
    """
    folded = text.lower()
    last = {opener: folded.rfind(end) for opener, end in _OPENERS}
    text = _OPENER.sub(lambda m: m[0] if last[m[0].lower()] > m.start() else "", text)
    text = re.sub(r"^ {0,3}:{3,}.*$", "", text, flags=re.MULTILINE)
    return _HTML_TABLE.sub(lambda m: re.sub(r"(?m)^\s*?$", "<!-- -->", m[0]), text)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.normalizeLinkText = str  # type: ignore[assignment, method-assign]
    parser.disable("code")  # text that a converter indented is no code
    parser.block.ruler.before("reference", "note", _note, {"alt": ["paragraph", "reference"]})
    return parser


def _note(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a note ("[^1]: …") with the lines that continue it: a rule of markdown-it."""
    match = _NOTE_TEXT.match(_line(state, start))
    if match is None or state.is_code_block(start):
        return False
    if silent:
        return True
    texts = [_line(state, start)[match.end() :]]
    at = start + 1
    while at < end:
        if state.isEmpty(at):
            if at + 1 >= end or state.isEmpty(at + 1) or state.sCount[at + 1] < state.blkIndent + 2:
                break
        elif _NOTE_TEXT.match(_line(state, at)):
            break
        texts.append(_line(state, at))
        at += 1
    token = state.push("note", "", 0)
    token.content, token.info, token.map = "\n".join(texts), match[1], [start, at]
    state.line = at
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


class _Walk:
    """Reads the tokens of a file into blocks."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._env: dict[str, object] = {}
        self._tokens = _parser().parse("\n".join(lines), self._env)
        self._labels = _note_labels(self._tokens)
        self._chunks = ChunkReader(self._show)
        self._quotes = 0
        self._items: list[str | None] = []  # the opening of each open list item, until it is read

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks in order."""
        labels: list[Iterator[str]] = []
        for at, token in enumerate(self._tokens):
            match token.type:
                case "bullet_list_open" | "ordered_list_open":
                    labels.append(iter(_openings(self._tokens, at)))
                case "bullet_list_close" | "ordered_list_close":
                    labels.pop()
                case "list_item_open":
                    self._items.append(next(labels[-1]))
                case "list_item_close":
                    self._items.pop()
                case "blockquote_open" | "blockquote_close":
                    self._quotes += token.nesting
                case "inline":
                    yield from self._inline(at)
                case "fence" | "note" | "html_block" | "table_open":
                    yield from self._special(at)

    def _special(self, at: int) -> Iterator[Block]:
        token = self._tokens[at]
        line = _first_line(token)
        if token.type == "fence":
            yield Block("furniture", tidy(token.content), token.content, line)
        elif token.type == "note":
            label = self._labels.get(token.info)
            text = self._show(token.content)
            yield Block("footnote", text, token.content, line, label=label)
        elif token.type == "html_block" and _TABBED_ROW.search(token.content):
            rows_of_tabs = [ln for ln in token.content.split("\n") if ln.strip()]
            yield from self._marked(self._chunks.read(line, rows_of_tabs))
        elif token.type == "html_block":
            for block in blocks_of_text(token.content, line):
                text = block.text if block.kind == "furniture" else self._show(block.text)
                yield replace(block, text=text, marks=block.marks or self._marks(block.raw))
        else:
            yield from self._table(at, line)

    def _inline(self, at: int) -> Iterator[Block]:
        """Yield the blocks of a heading or paragraph; table cells are read with their table."""
        token, opening = self._tokens[at], self._tokens[at - 1]
        line = _first_line(token)
        lines = token.content.split("\n")
        if opening.type == "heading_open":
            underlined = opening.markup in ("=", "-")
            if not underlined or (len(lines) == 1 and len(lines[0].split()) <= _HEADING_WORDS):
                lines = [f"{'#' * int(opening.tag[1])} {token.content}"]
                yield from self._marked(split(line, lines, self._show))
                return
        elif opening.type != "paragraph_open":
            return
        if caption := _figure_caption(token):
            yield Block("caption", tidy(caption), token.content, line)
        elif self._items:
            yield from self._item(line, lines)
        elif self._quotes:
            text = self._show(_CALLOUT.sub("", token.content))
            yield from self._marked([Block("quote", text, token.content, line)])
        else:
            yield from self._marked(self._chunks.read(line, self._plain(at)))

    def _plain(self, at: int) -> list[str]:
        """Return a paragraph's lines as in the file: tabs at their ends part table cells.

        The first item of a list may have lost its mark; it gets one.
        """
        start, end = self._tokens[at].map or (0, 0)
        lines = self._lines[start:end]
        following = self._tokens[at + 2 : at + 3]
        lost = following and following[0].type == "bullet_list_open"
        if lost and is_lost_bullet(lines, ["- x"]):
            lines = [f"- {lines[0].strip()}", *lines[1:]]
        return plain_marks(lines)

    def _item(self, line: int, lines: list[str]) -> Iterator[Block]:
        opening, self._items[-1] = self._items[-1], None
        lines = [_TASK.sub("", lines[0]), *lines[1:]]
        if opening is not None:
            lines[0] = f"{opening} {lines[0]}"
        for n, block in enumerate(self._marked(split(line, lines, self._show))):
            yield replace(block, gap=False) if n or opening is not None else block

    def _table(self, at: int, line: int) -> Iterator[Block]:
        lines: list[list[Cell]] = []
        numbers: list[int] = []
        raws: list[str] = []
        for token in self._tokens[at:]:
            if token.type == "table_close":
                break
            if token.type == "tr_open":
                lines.append([])
                raws.append("")
                numbers.append(_first_line(token) or line)
            elif token.type == "inline":
                lines[-1].append(Cell(self._show(token.content)))
                raws[-1] += f"| {token.content} "
        for text, raw, number in zip(rows(lines), raws, numbers, strict=True):
            yield Block("table", text, raw + "|", number, marks=self._marks(raw))

    def _marked(self, blocks: Sequence[Block]) -> list[Block]:
        return [replace(b, marks=self._marks(b.raw)) for b in blocks]

    def _marks(self, raw: str) -> tuple[tuple[str, int], ...]:
        found = [self._labels.get(name, name) for name in _NOTE_REF.findall(raw)]
        return tuple((label, 0) for label in dict.fromkeys(found + _RAISED_REF.findall(raw)))

    def _show(self, text: str) -> str:
        """Return the words of marked-up text."""
        text = _WIKI.sub(lambda m: "" if m[1] else m[2], _NOTE_REF.sub("", text))
        text = _ATTRIBUTES.sub("", _SPAN.sub(r"\1", _HIGHLIGHT.sub(r"\1", text)))
        parsed = _parser().parseInline(text, self._env)[0]
        shown = without_note_marks(ligatures_apart("".join(_words(parsed.children or []))))
        shown = without_emphasis(_SUP.sub("", shown))
        return tidy(shown.translate(_RESTORED))


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the words of inline tokens; the tags of raised text are kept for later."""
    for token in tokens:
        if token.type == "text":
            yield token.content
        elif token.type in ("code_inline", "text_special"):
            yield token.content.translate(_KEPT)
        elif token.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif token.type == "html_inline":
            raised = _SUP.fullmatch(token.content)
            yield token.content if raised else " " if _PARTING.match(token.content) else ""


def _figure_caption(token: Token) -> str | None:
    """Return the text that stands for a picture alone in its paragraph, if it is a caption."""
    children = token.children or []
    if len(children) == 1 and children[0].type == "image":
        return children[0].content if _FIGURE.match(children[0].content) else None
    return None


def _openings(tokens: Sequence[Token], at: int) -> list[str]:
    """Return the mark and number of each item of the list that opens at `at`."""
    level = tokens[at].level
    items = []
    for token in tokens[at + 1 :]:
        if token.level == level:
            break
        if token.type == "list_item_open" and token.level == level + 1:
            items.append(token.info)
    if tokens[at].type == "bullet_list_open":
        return ["-"] * len(items)
    numbers = [int(i) for i in items]
    if len(set(numbers)) == 1:  # "1." before each item leaves the counting to the program
        numbers = [numbers[0] + n for n in range(len(numbers))]
    return [f"{n}." for n in numbers]


def _note_labels(tokens: Sequence[Token]) -> dict[str, str]:
    """Return the number of each note by its name; names without a number get the next ones."""
    noted = list(dict.fromkeys(t.info for t in tokens if t.type == "note"))
    largest = max((int(n) for n in noted if n.isdecimal()), default=0)
    named = [n for n in noted if not n.isdecimal()]
    labels = {n: n for n in noted if n.isdecimal()}
    return labels | {n: str(k) for k, n in enumerate(named, start=largest + 1)}


def _first_line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0
