"""What a Word file may have and python-docx has no methods for: links and footnotes."""

from __future__ import annotations

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.text.paragraph import CT_P
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.parts.story import StoryPart
from docx.shared import Pt, RGBColor
from docx.text.paragraph import Paragraph

#: Word's own names of the styles, so that a template that sets them changes these footnotes too.
TEXT, MARK = "footnote text", "footnote reference"
#: The lines above the footnotes of a page, and above those that go on from the page before.
_RULES = (("-1", "separator"), ("0", "continuationSeparator"))
#: What follows the footnotes in a file's settings, whose order is fixed.
_AFTER = ("w:endnotePr", "w:compat", "w:docVars", "w:rsids", "m:mathPr")


def add_link(paragraph: Paragraph, text: str, link: str) -> None:
    """Append a link to a paragraph."""
    held = OxmlElement("w:hyperlink")
    held.set(qn("r:id"), paragraph.part.relate_to(link, RELATIONSHIP_TYPE.HYPERLINK, True))
    run = paragraph.add_run(text)
    run.font.underline = True
    run.font.color.rgb = RGBColor(0x05, 0x63, 0xC1)
    paragraph._p.append(held)
    held.append(run._r)


class Footnotes:
    """The footnotes of a new Word file, which Word numbers in the order of their marks."""

    def __init__(self, document: Document) -> None:
        """Give the file a part for footnotes, and their styles."""
        _add_styles(document)
        self._root = parse_xml(f"<w:footnotes {nsdecls('w', 'r')}/>")
        place = PackURI("/word/footnotes.xml")
        package = document.part.package
        self._part = StoryPart(place, CONTENT_TYPE.WML_FOOTNOTES, self._root, package)
        document.part.relate_to(self._part, RELATIONSHIP_TYPE.FOOTNOTES)
        rules = OxmlElement("w:footnotePr")
        for number, kind in _RULES:
            drawn = self._note(number)
            drawn.getparent().set(qn("w:type"), kind)
            Paragraph(drawn, self._part).add_run()._r.append(OxmlElement(f"w:{kind}"))
            rules.append(_element("w:footnote", number))
        document.settings.element.insert_element_before(rules, *_AFTER)

    def add(self, marked: Paragraph) -> Paragraph:
        """Append a mark to a paragraph, and return the footnote that it leads to, to be filled."""
        number = str(len(self._root) - len(_RULES) + 1)
        marked.add_run(style=MARK)._r.append(_element("w:footnoteReference", number))
        note = Paragraph(self._note(number), self._part)
        note.style = TEXT
        note.add_run(style=MARK)._r.append(OxmlElement("w:footnoteRef"))
        note.add_run(" ")
        return note

    def _note(self, number: str) -> CT_P:
        """Return the empty paragraph of a new footnote."""
        note = _element("w:footnote", number)
        paragraph: CT_P = OxmlElement("w:p")
        note.append(paragraph)
        self._root.append(note)
        return paragraph


def _element(tag: str, number: str) -> BaseOxmlElement:
    made: BaseOxmlElement = OxmlElement(tag)
    made.set(qn("w:id"), number)
    return made


def _add_styles(document: Document) -> None:
    text = document.styles.add_style(TEXT, WD_STYLE_TYPE.PARAGRAPH, builtin=True)
    text.base_style = document.styles["Normal"]
    text.font.size = Pt(9)
    text.paragraph_format.space_after = Pt(0)
    mark = document.styles.add_style(MARK, WD_STYLE_TYPE.CHARACTER, builtin=True)
    mark.font.superscript = True
