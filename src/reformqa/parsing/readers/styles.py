"""Tell what a paragraph of a Word file is: by its style, outline level and numbering."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn

from reformqa.model import ParagraphKind
from reformqa.parsing.readers.lists import label

#: Styles by the names that Word gives them, in English in every language's files.
_HEADING = re.compile(r"^heading (\d)$")
_KINDS: tuple[tuple[str, ParagraphKind], ...] = (
    (r"caption|table of figures heading", "caption"),
    (r"(?:intense )?quote|block text", "quote"),
    (r"toc \d|table of figures|header|footer", "furniture"),
    (r"(?:foot|end)note text", "footnote"),
    (r"list bullet(?: \d)?", "bullet"),
)
_FORMS = {"lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}
#: A style is based on others in at most this many steps; damaged files have circles.
_STEPS = 20

#: An element of lxml, which has no types.
Element = Any


@dataclass(frozen=True, slots=True)
class Look:
    """What a paragraph is: its kind, its level if it is a heading, and its number."""

    kind: ParagraphKind
    level: int | None = None
    label: str | None = None


class Styles:
    """The styles and lists of a document, with the number that each list has reached."""

    def __init__(self, document: Any) -> None:
        parts = {r.reltype.rsplit("/", 1)[-1]: r for r in document.part.rels.values()}
        styles = document.styles.element
        self._styles = {s.get(qn("w:styleId")): s for s in styles.iter(qn("w:style"))}
        self._default = next(
            (
                i
                for i, s in self._styles.items()
                if s.get(qn("w:default")) == "1" and s.get(qn("w:type")) == "paragraph"
            ),
            None,
        )
        self._levels: dict[tuple[str, int], Element] = {}
        if "numbering" in parts:
            self._read_lists(document.part.numbering_part.element)
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)

    def _read_lists(self, numbering: Element) -> None:
        abstract = {a.get(qn("w:abstractNumId")): a for a in numbering.iter(qn("w:abstractNum"))}
        for number in numbering.findall(qn("w:num")):
            base = abstract.get(_text(number.find(qn("w:abstractNumId"))))
            if base is not None:
                for level in base.iter(qn("w:lvl")):
                    key = (number.get(qn("w:numId")), int(level.get(qn("w:ilvl")) or 0))
                    self._levels[key] = level

    def look(self, paragraph: Element) -> Look:
        """Return what a paragraph is, and count it if it is a list item."""
        own = paragraph.find(qn("w:pPr"))
        style = _text(own.find(qn("w:pStyle"))) if own is not None else ""
        chain = self._chain(style or self._default)
        properties = [p for p in (own, *(s.find(qn("w:pPr")) for s in chain)) if p is not None]
        names = [_text(s.find(qn("w:name"))).lower() for s in chain]
        number = self._label(properties)
        level = _heading_level(names, properties)
        if level is not None:
            return Look("heading", level, number or None)
        for pattern, kind in _KINDS:
            if names and re.fullmatch(pattern, names[0]):
                return Look(kind)
        if number is None:
            return Look("body")
        return Look("numbered", label=number) if number else Look("bullet")

    def _chain(self, style: str | None) -> list[Element]:
        """Return a style and those that it is based on, nearest first."""
        chain: list[Element] = []
        while style in self._styles and len(chain) < _STEPS:
            chain.append(self._styles[style])
            style = _text(self._styles[style].find(qn("w:basedOn")))
        return chain

    def _label(self, properties: list[Element]) -> str | None:
        """Return the number of a list item, "" for a bullet, or None outside lists."""
        found = [p.find(qn("w:numPr")) for p in properties]
        numbers = [n for n in found if n is not None]
        list_id = next((t for n in numbers if (t := _text(n.find(qn("w:numId"))))), "0")
        depths = (_text(n.find(qn("w:ilvl"))) for n in numbers)
        depth = int(next((d for d in depths if d.isdecimal()), "0"))
        level = self._levels.get((list_id, depth))
        if list_id == "0" or level is None:
            return None
        form = _text(level.find(qn("w:numFmt")))
        counts = self._counts[list_id]
        start = _text(level.find(qn("w:start")))
        begin = int(start) if start.isdecimal() else 1
        counts[depth] = counts.get(depth, begin - 1) + 1
        for deeper in [d for d in counts if d > depth]:
            del counts[deeper]
        if form in ("bullet", "none"):
            return "" if form == "bullet" else None
        return self._printed(list_id, level, depth)

    def _printed(self, list_id: str, level: Element, depth: int) -> str:
        """Return the number as its pattern ("%1.%2") prints it, without the marks around it."""

        def part(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            of = self._levels.get((list_id, at))
            form = _text(of.find(qn("w:numFmt"))) if of is not None else ""
            return label(self._counts[list_id].get(at, 1), _FORMS.get(form, "1"))

        pattern = _text(level.find(qn("w:lvlText"))) or f"%{depth + 1}"
        return re.sub(r"%(\d)", part, pattern).strip(" ().:[]")


def _heading_level(names: list[str], properties: list[Element]) -> int | None:
    """Return 1 for the title, and a level from 2 for a heading, or None."""
    first = names[0] if names else ""
    if first == "title":
        return 1
    if first == "toc heading":
        return 2
    for name in names:
        if match := _HEADING.match(name):
            return int(match[1]) + 1
    levels = (_text(p.find(qn("w:outlineLvl"))) for p in properties)
    level = next((lv for lv in levels if lv.isdecimal()), "9")
    return int(level) + 2 if int(level) < 9 else None


def _text(element: Element | None) -> str:
    return "" if element is None else element.get(qn("w:val")) or ""
