"""The records that flow through reformqa: frozen, plain, without I/O. See docs/data-model.md.

The module is long on purpose: every record, in the order of the flow, on one page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Literal

#: Called with a stage's name, the steps done and the steps in total (0 if unknown).
Progress = Callable[[str, int, int], None]

ParagraphKind = Literal[
    "body", "bullet", "numbered", "heading", "table", "caption", "footnote", "quote", "furniture"
]
SectionKind = Literal[
    "front",
    "summary",
    "chapter",
    "section",
    "case study",
    "box",
    "conclusion",
    "annex",
    "references",
    "licence",
]

#: A label that is only a number: "7", "3.2", "IV", "(a)".
BARE_NUMBER = re.compile(r"\(?(?:\d+(?:\.\d+)*[a-z]?|[IVXL]+|[a-z])\)?\.?")

QuoteStatus = Literal["verified", "repaired", "unsupported"]

#: A passage's id: its paragraph's, followed by "@" and its start if it is a later slice.
PassageId = str

#: The kinds of paragraph that are items of a list.
LIST_ITEMS: frozenset[str] = frozenset({"bullet", "numbered"})
#: Searched only on request: they make no statement of the report's own.
UNSEARCHED_SECTIONS: frozenset[str] = frozenset({"front", "references", "licence"})
UNSEARCHED_PARAGRAPHS: frozenset[str] = frozenset({"heading", "footnote", "furniture"})


#: The least confidence of a guess that is called "likely", and of one called "possible".
SURE = (0.75, 0.5)


def page_name(page: int | None, printed: str | None) -> str:
    """Return "p. 6", "p. 3 (PDF page 6)" if the page prints another number, or "" for None."""
    if page is None:
        return ""
    return f"p. {page}" if printed is None else f"p. {printed} (PDF page {page})"


@dataclass(frozen=True, slots=True)
class Region:
    """The part of a page on which a run of a paragraph's text stands.

    `page` counts from 1. `box` is (x0, top, x1, bottom) in points from the page's top left corner.
    `span` is the half-open character range of the paragraph's text printed there.
    """

    page: int
    box: tuple[float, float, float, float]
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A whole paragraph of a report.

    `id` is made from the content, so an edit elsewhere in the report does not change it. `number`
    is its position in the report, from 1. `raw` is the text as read; `text` is clean. `lines` are
    the first source lines of its parts (text files); `places` are its regions (PDFs). `label` is
    the printed number of a list item or footnote. `notes` are the ids of the footnotes whose marks
    it carries. `ocr` is true if it was read from a picture, `bold` if all of it is bold or set as
    a heading. `printed_page` is the label that the file gives to `page`, or None if that is the
    same.
    """

    id: str
    report_id: str
    number: int
    kind: ParagraphKind
    text: str
    raw: str
    section: int
    section_path: tuple[str, ...]
    section_kind: SectionKind
    places: tuple[Region, ...] = ()
    lines: tuple[int, ...] = ()
    label: str | None = None
    notes: tuple[str, ...] = ()
    ocr: bool = False
    bold: bool = False
    printed_page: str | None = None

    @property
    def page(self) -> int | None:
        """The page on which it begins, or None if the source has no pages."""
        return self.places[0].page if self.places else None

    @property
    def page_name(self) -> str:
        """The page as in a citation: "p. 6" or "p. 3 (PDF page 6)"; "" without pages."""
        return page_name(self.page, self.printed_page)

    @property
    def searchable(self) -> bool:
        """Whether search includes it by default."""
        return (
            self.kind not in UNSEARCHED_PARAGRAPHS and self.section_kind not in UNSEARCHED_SECTIONS
        )


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the paragraphs under it.

    `level` is 1 for a chapter. `parent` is the index of the enclosing section in the report's
    list, or None. `span` is the half-open range of paragraph positions, subsections included.
    `line` is the heading's source line, or None for a PDF.
    """

    title: str
    level: int
    kind: SectionKind
    parent: int | None
    span: tuple[int, int]
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A recommendation, however often the report prints it.

    `label` is as printed ("Recommendation 7", "Policy Option Two"), or None. `stated` is the id of
    the paragraph that `text` is taken from; `restated` are the ids of paragraphs that repeat it.
    """

    id: str
    report_id: str
    label: str | None
    text: str
    sub_items: tuple[str, ...]
    section_path: tuple[str, ...]
    stated: str
    restated: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its label, with "Recommendation" before a bare number or in place of no label."""
        bare = not self.label or BARE_NUMBER.fullmatch(self.label)
        return f"Recommendation {self.label or ''}".strip() if bare else str(self.label)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a catalogue or a front page says of a report; None or empty if unknown.

    `published` is "YYYY-MM" or "YYYY"; `url` is the report's landing page.
    """

    title: str | None = None
    subtitle: str | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    published: str | None = None
    series: str | None = None
    licence: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Guess:
    """How a fact about a report was found, as nobody has confirmed it.

    `source` says where it was read ("the cover and the copyright line"); `confidence`, from 0 to
    1, is the chance that it is right.
    """

    source: str
    confidence: float

    @property
    def sure(self) -> str:
        """The confidence in a word: "likely", "possible" or "doubtful"."""
        likely, possible = SURE
        if self.confidence >= likely:
            return "likely"
        return "possible" if self.confidence >= possible else "doubtful"

    def __str__(self) -> str:
        return f"from {self.source}, {self.sure}"


@dataclass(frozen=True, slots=True)
class ParseQuality:
    """How well a file was read.

    `headings` names the source of the heading levels: "tags" (of a tagged PDF), "outline",
    "contents", "type" or "marks" (of a Markdown file). `footnotes` were found, `linked` of them
    tied to a paragraph; `furniture` paragraphs were set aside; `joined` paragraphs were put
    together across columns, boxes and pages; `searched` is the share of the words that the search
    includes. Page numbers count from 1: `tagged` pages were read by the PDF's tags, `bare` pages
    have no text, `broken` ones could not be read, `layered` ones show a scan with an invisible
    text layer, `ocr` ones were read from the picture. `doubts` says why tags were not used, and
    on which pages. `advice` says what to do, if anything.
    """

    pages: int = 0
    columns: int = 1
    headings: str = "marks"
    footnotes: int = 0
    linked: int = 0
    furniture: int = 0
    joined: int = 0
    tagged: tuple[int, ...] = ()
    doubts: tuple[str, ...] = ()
    searched: float = 1.0
    bare: tuple[int, ...] = ()
    broken: tuple[int, ...] = ()
    layered: tuple[int, ...] = ()
    ocr: tuple[int, ...] = ()
    verdict: Literal["good", "check", "poor"] = "good"
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInfo:
    """A report's metadata, without its text.

    `published` is "YYYY-MM" or "YYYY". `guesses` maps each of the metadata that the report itself
    gave, rather than the catalogue, to how it was found. `stale` says why this is an earlier
    version of its file, and is None if it is the present one. `handed_in` is true if a visitor of
    the app gave the file its name. `edition_of` is the id of a report of which the catalogue calls
    this another edition.
    """

    id: str
    title: str
    subtitle: str | None
    authors: tuple[str, ...]
    publisher: str
    published: str | None
    series: str | None
    licence: str | None
    url: str | None
    source: str
    sha256: str
    guesses: dict[str, Guess] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    note_on: str | None = None
    reading: ParseQuality = ParseQuality()
    stale: str | None = None
    handed_in: bool = False
    edition_of: str | None = None

    @property
    def guessed(self) -> tuple[str, ...]:
        """The names of the metadata that are guesses, sorted."""
        return tuple(sorted(self.guesses))

    @property
    def year(self) -> int | None:
        """The year of publication, if known."""
        return int(self.published[:4]) if self.published else None

    def with_text(self, sections: tuple[Section, ...], paragraphs: tuple[Paragraph, ...]) -> Report:
        """Return the whole report that has this metadata and this text."""
        values = {f.name: getattr(self, f.name) for f in fields(ReportInfo)}
        return Report(**values, sections=sections, paragraphs=paragraphs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(ReportInfo):
    """A whole report: its metadata, sections and paragraphs."""

    sections: tuple[Section, ...]
    paragraphs: tuple[Paragraph, ...]

    @property
    def info(self) -> ReportInfo:
        """The report without its text."""
        return ReportInfo(**{f.name: getattr(self, f.name) for f in fields(ReportInfo)})


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit searched: a paragraph, or the slice `span` of one too long for the encoder.

    `indexed` is the text that the indexes see (context, then text); `text` is the text shown.
    """

    paragraph_id: str
    report_id: str
    text: str
    indexed: str
    span: tuple[int, int]
    recommends: bool = False

    @property
    def id(self) -> PassageId:
        """Its key in every store."""
        start = self.span[0]
        return f"{self.paragraph_id}@{start}" if start else self.paragraph_id


@dataclass(frozen=True, slots=True)
class LegScore:
    """A passage's standing in one leg of the search.

    `rank`, from 1, is among all candidates; `score` is on the leg's own scale.
    """

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A paragraph found, its best passage, and how each leg scored it.

    `score` is the fused score; `similarity` is the cosine of question and passage. `legs` maps a
    leg's name ("bm25", "embedding", "late"; "label", "amounts" and "reranker" if they apply) to
    its score. `terms` are the question's words that occur in the passage or its context. `also`
    are other paragraphs that state the same.
    """

    paragraph: Paragraph
    passage: Passage
    score: float
    similarity: float
    legs: dict[str, LegScore]
    publisher: str
    report_title: str
    year: int | None
    terms: tuple[str, ...] = ()
    also: tuple[Paragraph, ...] = ()

    @property
    def labelled(self) -> bool:
        """Whether it states a recommendation that the question names by its label."""
        return "label" in self.legs and self.legs["label"].score > 0


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote and its source: the half-open character range `span` of a paragraph.

    `status` is "verified" if the words were given as printed; "repaired" if they differed in the
    marks and spaces that `repairs` names, and `quote` is as printed; "unsupported" if the
    paragraph does not contain them: `quote` is then as given, `span` empty, and `repairs` says
    why. `page` counts from 1 in the file; `printed_page` is its label there, or None if that is
    the same.
    """

    paragraph_id: str
    report_id: str
    quote: str
    span: tuple[int, int]
    status: QuoteStatus
    publisher: str
    report_title: str
    year: int | None
    section_path: tuple[str, ...]
    number: int
    page: int | None
    repairs: tuple[str, ...] = ()
    printed_page: str | None = None

    @property
    def pinpoint(self) -> str:
        """The place in the report: "p. 37, para 142", or "para 142" if there are no pages.

        If the printed number differs, it is "p. 33 (PDF page 37), para 142".
        """
        where = (page_name(self.page, self.printed_page), f"para {self.number}")
        return ", ".join(filter(None, where))

    def __str__(self) -> str:
        head = " ".join(str(p) for p in (self.publisher, self.year) if p)
        return ", ".join([head, self.report_title, self.pinpoint])


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer with the citations that support it, at least one.

    `recommendation` is the record that it states, if it states one.
    """

    text: str
    citations: tuple[Citation, ...]
    recommendation: Recommendation | None = None


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A corpus file that could not be read as it is, and why.

    `kept` is true if its last good version stays in the build.
    """

    file: str
    reason: str
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference between a build and the one served before, as sorted report ids.

    `before` is that build's id, or None for the first build. Reports in `changed` have different
    text; those in `corrected` differ only in metadata. `moved` are pairs of ids: the same file
    under another name. `reason` names any other cause: models, settings, catalogue, or --force.
    """

    before: str | None = None
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Build:
    """What a build contains, when it was made, and which files were left out."""

    id: str
    made: str
    model: str
    reports: int
    paragraphs: int
    passages: int
    recommendations: int
    problems: tuple[FileProblem, ...] = field(default=())
    skipped: tuple[FileProblem, ...] = field(default=())
    changes: Changes = Changes()


@dataclass(frozen=True, slots=True)
class RebuildResult:
    """What a rebuild did: the build now served, and whether it is a new one.

    `encoded` counts the texts that were new to the index. `notes` are things to look at: changed
    models, reports that read much shorter than before.
    """

    build: Build
    changed: bool
    encoded: int = 0
    notes: tuple[str, ...] = ()
