"""A briefing: quotes in the order that a person gave them, with own headings and notes between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Literal

from reformqa.citations.permalink import Place, permalink
from reformqa.errors import BriefingError
from reformqa.exports.document import ExportDocument, Part, Provenance
from reformqa.exports.exportable import Exportable
from reformqa.exports.printable import one_line
from reformqa.model import Citation, Metadata, Recommendation, ReportInfo, Sentence

#: The most items of a briefing, and the most characters of a title or heading, and of a note.
MOST_ITEMS, LONGEST_TITLE, LONGEST_NOTE = 500, 300, 20_000
#: The title of a briefing that nobody has named.
UNTITLED = "Briefing"


@dataclass(frozen=True, slots=True)
class HeadingItem:
    """A heading of one's own."""

    text: str
    kind: Literal["heading"] = "heading"
    id: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class NoteItem:
    """A note of one's own; each of its lines is a paragraph."""

    text: str
    kind: Literal["note"] = "note"
    id: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class QuoteItem:
    """A quote with its source.

    `build` is the build that it was taken from, `asked` the day (ISO 8601); "" if unknown. `name`
    is that of the recommendation that it states, or "". `source` are the facts of its report, or
    None if only the citation is known.
    """

    citation: Citation
    build: str = ""
    asked: str = ""
    name: str = ""
    source: Metadata | None = None
    kind: Literal["quote"] = "quote"
    id: int = field(default=0, compare=False)


Item = HeadingItem | NoteItem | QuoteItem


@dataclass(frozen=True, slots=True)
class Briefing(Exportable):
    """A title and items, in order. Make it with `Briefing.of`; every change returns a new one.

    An item's `id` tells it from the others of its briefing. `address` is that of the app, to which
    the links of an export lead; "" if there is none.
    """

    title: str
    items: tuple[Item, ...] = ()
    address: str = ""

    @classmethod
    def of(cls, title: str = UNTITLED) -> Briefing:
        """Return an empty briefing. Raises BriefingError if the title is too long."""
        return cls(_short(title, "title", LONGEST_TITLE).strip() or UNTITLED)

    @property
    def quotes(self) -> tuple[QuoteItem, ...]:
        """The quotes, in order."""
        return tuple(item for item in self.items if isinstance(item, QuoteItem))

    def find(self, paragraph_id: str, span: tuple[int, int]) -> QuoteItem | None:
        """Return the quote of these characters of a paragraph, or None."""
        place = (paragraph_id, span)
        found = (q for q in self.quotes if (q.citation.paragraph_id, q.citation.span) == place)
        return next(found, None)

    def add(
        self, found: Sentence | Citation | Exportable, provenance: Provenance | None = None
    ) -> Briefing:
        """Return the briefing with the quotes of `found` at its end.

        That is a citation, a sentence, or all sentences of an answer, a comparison or the like.
        `provenance` says where a citation or a sentence comes from. A quote that is there already
        is not added again.
        Raises BriefingError if a quote is unsupported, or the briefing is full.
        """
        if isinstance(found, Exportable):
            document = found.document()
            sentences = [s for part in document.parts for s in part.sentences]
            provenance = document.provenance
        else:
            one = Sentence(found.quote, (found,)) if isinstance(found, Citation) else found
            sentences = [one]
        briefing = self
        for sentence in sentences:
            for quote in _quotes(sentence, provenance or Provenance()):
                if not briefing.find(quote.citation.paragraph_id, quote.citation.span):
                    briefing = briefing._with(quote, len(briefing.items))
        return briefing

    def add_heading(self, text: str, below: int | None = None) -> Briefing:
        """Return the briefing with a heading at its end, or below the item of that id.

        Raises BriefingError if it is too long, or the briefing is full.
        """
        heading = HeadingItem(_short(text, "heading", LONGEST_TITLE))
        return self._with(heading, self._after(below))

    def add_note(self, text: str, below: int | None = None) -> Briefing:
        """Return the briefing with a note at its end, or below the item of that id.

        Raises BriefingError if it is too long, or the briefing is full.
        """
        return self._with(NoteItem(_short(text, "note", LONGEST_NOTE)), self._after(below))

    def entitled(self, title: str) -> Briefing:
        """Return the briefing with another title. Raises BriefingError if that is too long."""
        return replace(self, title=Briefing.of(title).title)

    def rewrite(self, id: int, text: str) -> Briefing:
        """Return the briefing with another text of a heading or note; a quote stays as printed.

        Raises BriefingError if the text is too long.
        """
        found = next((item for item in self.items if item.id == id), None)
        if isinstance(found, HeadingItem):
            return self._put(replace(found, text=_short(text, "heading", LONGEST_TITLE)))
        if isinstance(found, NoteItem):
            return self._put(replace(found, text=_short(text, "note", LONGEST_NOTE)))
        return self

    def move(self, id: int, steps: int) -> Briefing:
        """Return the briefing with an item `steps` places down; up if negative."""
        items = [item for item in self.items if item.id != id]
        if len(items) == len(self.items):
            return self
        at = max(0, self._after(id) - 1 + steps)
        moved = next(item for item in self.items if item.id == id)
        return replace(self, items=(*items[:at], moved, *items[at:]))

    def remove(self, id: int) -> Briefing:
        """Return the briefing without an item."""
        return replace(self, items=tuple(item for item in self.items if item.id != id))

    def document(self) -> ExportDocument:
        """Return the items in order, with a footnote for each quote."""
        builds = dict.fromkeys(q.build for q in self.quotes if q.build)
        provenance = Provenance(
            ", ".join(builds),
            max((q.asked for q in self.quotes), default=""),
            {q.citation.report_id: _report(q) for q in self.quotes if q.source},
            {q.citation: _link(self.address, q) for q in self.quotes if self.address},
        )
        return ExportDocument(self.title, (), tuple(self._parts()), provenance, footnotes=True)

    def _parts(self) -> Iterator[Part]:
        heading = ""
        for item in self.items:
            if isinstance(item, HeadingItem):
                heading = item.text
                yield Part(heading, "")
            elif isinstance(item, NoteItem):
                lines = filter(one_line, item.text.splitlines())
                yield from (Part(heading, line, continued=True) for line in lines)
            else:
                yield Part(heading, "", (_sentence(item),), continued=True)

    def _after(self, id: int | None) -> int:
        """Return the position below the item of that id; the end if there is none."""
        if id is None or all(item.id != id for item in self.items):
            return len(self.items)
        return len(list(takewhile(lambda item: item.id != id, self.items))) + 1

    def _with(self, item: Item, at: int) -> Briefing:
        if len(self.items) >= MOST_ITEMS:
            raise BriefingError(
                f"The briefing has {MOST_ITEMS} items, which is the most. Remove some, or begin"
                " another."
            )
        new = replace(item, id=max((i.id for i in self.items), default=0) + 1)
        return replace(self, items=(*self.items[:at], new, *self.items[at:]))

    def _put(self, changed: Item) -> Briefing:
        return replace(self, items=tuple(changed if i.id == changed.id else i for i in self.items))


def _short(text: str, what: str, longest: int) -> str:
    """Return the text. Raises BriefingError if it is too long."""
    if len(text) > longest:
        raise BriefingError(
            f"The {what} has {len(text):,} characters; at most {longest:,} are allowed. Shorten it."
        )
    return text


def _quotes(sentence: Sentence, provenance: Provenance) -> Iterator[QuoteItem]:
    """Yield the quotes of a sentence. Raises BriefingError for one that is not printed.

    Of places that print the same words, the first is quoted.
    """
    name = sentence.recommendation.name if sentence.recommendation else ""
    first = {citation.quote: citation for citation in reversed(sentence.citations)}
    for citation in filter(lambda c: first[c.quote] is c, sentence.citations):
        if citation.status == "unsupported":
            raise BriefingError(
                f"“{one_line(citation.quote)[:80]}” is not printed in {citation.paragraph_id}:"
                f" {'; '.join(citation.repairs)}. Add a quote that is."
            )
        report = provenance.reports.get(citation.report_id)
        source = _facts(report) if report else None
        yield QuoteItem(citation, provenance.build, provenance.asked, name, source)


def _facts(report: ReportInfo) -> Metadata:
    names = ("title", "subtitle", "authors", "publisher", "published", "series", "licence", "url")
    return Metadata(**{name: getattr(report, name) for name in names})


def _report(quote: QuoteItem) -> ReportInfo:
    """Return the report of a quote as its source names it, completed from the citation."""
    facts, cited = quote.source or Metadata(), quote.citation
    return ReportInfo(
        id=cited.report_id,
        title=facts.title or cited.report_title,
        subtitle=facts.subtitle,
        authors=facts.authors,
        publisher=facts.publisher or cited.publisher,
        published=facts.published,
        series=facts.series,
        licence=facts.licence,
        url=facts.url,
        source="",
        sha256="",
    )


def _sentence(quote: QuoteItem) -> Sentence:
    cited = quote.citation
    named = (
        Recommendation("", cited.report_id, quote.name, cited.quote, (), (), cited.paragraph_id)
        if quote.name
        else None
    )
    return Sentence(cited.quote, (cited,), named)


def _link(address: str, quote: QuoteItem) -> str:
    place = Place.of(quote.citation)
    return permalink(address, place, quote.build)
