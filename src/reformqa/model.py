"""The records that flow through reformqa: frozen, plain, without I/O. See docs/data-model.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

#: Called with the stage of a long work, the steps done, and the steps in all (0 where not known).
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

QuoteStatus = Literal["verified", "repaired", "unsupported"]

#: The kinds of paragraph that are items of a list.
LIST_ITEMS: frozenset[str] = frozenset({"bullet", "numbered"})
#: Not searched unless asked for by name: they hold no statement of the report's own.
UNSEARCHED_SECTIONS: frozenset[str] = frozenset({"front", "references", "licence"})
UNSEARCHED_PARAGRAPHS: frozenset[str] = frozenset({"heading", "footnote", "furniture"})


@dataclass(frozen=True, slots=True)
class Region:
    """Where a run of a paragraph stands on a page.

    `page` counts from 1; `box` is (x0, top, x1, bottom) in points from the page's top left
    corner; `span` is the half-open range of characters of the paragraph's text that stand there.
    """

    page: int
    box: tuple[float, float, float, float]
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of a report, made whole again.

    `id` comes from the content, so that an edit elsewhere in the report leaves it alone;
    `number` is the position in the report, from 1. `raw` is the text as read, `text` is clean.
    `lines` are the first source lines of its parts (text files); `places` its regions (PDF);
    `label` is a list item's or a footnote's number as printed; `notes` are the ids of the
    footnotes whose marks it carries; `ocr` tells that it was read from a picture,
    `bold` that all of it is bold or set as a heading.
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

    @property
    def page(self) -> int | None:
        """The page on which it begins, or None where the source has no pages."""
        return self.places[0].page if self.places else None

    @property
    def searchable(self) -> bool:
        """Whether search looks at it by default."""
        return (
            self.kind not in UNSEARCHED_PARAGRAPHS and self.section_kind not in UNSEARCHED_SECTIONS
        )


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it.

    `level` is 1 for a chapter; `parent` is the index of the enclosing section in the report's
    list, or None; `span` is the half-open range of paragraph positions it covers, subsections
    included; `line` is the heading's source line, or None for a PDF.
    """

    title: str
    level: int
    kind: SectionKind
    parent: int | None
    span: tuple[int, int]
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One recommendation, however often the report prints it.

    `label` is as printed ("Recommendation 7", "Policy Option Two") or None; `stated` is the id
    of the paragraph whose words `text` are, `restated` the ids of the others that repeat it.
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
        """What to call it: its label, with a word before a bare number, or just the word."""
        bare = not self.label or self.label.isdigit()
        return f"Recommendation {self.label or ''}".strip() if bare else str(self.label)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of a report apart from its text; None or empty where unknown.

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
class ParseQuality:
    """How well a file was read: what its parse report tells.

    `headings` says what told the headings' levels ("outline", "contents", "type", "marks" of a
    Markdown file). `footnotes` were found, `linked` of them lead back to a paragraph; `furniture`
    paragraphs were set aside; `joined` paragraphs put together over columns, boxes and pages. The
    pages count from 1: `bare` ones have no text, `broken` ones could not be read, `layered` ones
    show a scan whose text layer is invisible, `ocr` ones were read from the picture. `advice` says
    what to do, where something is to be done.
    """

    pages: int = 0
    columns: int = 1
    headings: str = "marks"
    footnotes: int = 0
    linked: int = 0
    furniture: int = 0
    joined: int = 0
    bare: tuple[int, ...] = ()
    broken: tuple[int, ...] = ()
    layered: tuple[int, ...] = ()
    ocr: tuple[int, ...] = ()
    verdict: Literal["good", "check", "poor"] = "good"
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A report as read: its facts, sections and paragraphs.

    `published` is "YYYY-MM" or "YYYY"; `guessed` names the facts that were read from the front
    page and not given by the catalogue. `stale` says why it is an earlier version of its file, and
    is None where it is the present one.
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
    sections: tuple[Section, ...]
    paragraphs: tuple[Paragraph, ...]
    guessed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    note_on: str | None = None
    reading: ParseQuality = ParseQuality()
    stale: str | None = None

    @property
    def year(self) -> int | None:
        """The year of publication, where known."""
        return int(self.published[:4]) if self.published else None


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit searched: a paragraph, or a slice `span` of one too long for the encoder.

    `indexed` is the derived text that the legs see (context, then text); `text` is what is shown.
    """

    paragraph_id: str
    report_id: str
    text: str
    indexed: str
    span: tuple[int, int]
    recommends: bool = False


@dataclass(frozen=True, slots=True)
class LegScore:
    """A passage's standing in one leg of the search.

    `rank`, from 1, is among the passages that any leg put forward; `score` is the leg's own.
    """

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A paragraph found, its best passage, and how each leg saw it.

    `score` is the fused score; `similarity` is the cosine of question and passage; `legs` has a
    leg's name ("bm25", "embedding", "late"; "label", "amounts" and "reranker" where they play a
    part) and what it gave. `terms` are the question's words that stand in the passage or its
    context; `also` are the other paragraphs that state the same.
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
    """A quote and the paragraph it stands in, at the half-open character range `span`.

    `status` is what the quote gate found: "verified" where the words were given as they are
    printed, "repaired" where they differed in the marks and spaces that `repairs` names (`quote`
    is as printed all the same), "unsupported" where the paragraph does not hold them (`quote` is
    then as given, `span` empty, and `repairs` says why).
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

    @property
    def pinpoint(self) -> str:
        """Where in the report: "p. 37, para 142", without the page where the source has none."""
        page = [f"p. {self.page}"] if self.page else []
        return ", ".join([*page, f"para {self.number}"])

    def __str__(self) -> str:
        head = " ".join(str(p) for p in (self.publisher, self.year) if p)
        return ", ".join([head, self.report_title, self.pinpoint])


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer and the citations that carry it (at least one).

    `recommendation` is the record that it states, where it stands for one.
    """

    text: str
    citations: tuple[Citation, ...]
    recommendation: Recommendation | None = None


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A corpus file that is not in the build as it is, and why.

    `kept` tells that its last good version stays in the build.
    """

    file: str
    reason: str
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What a build holds that the one served before did not, as ids of reports, sorted.

    `before` is the id of that build, or None for the first one. Of the reports `changed` the words
    are others; of those `corrected` only title, publisher and the like. `moved` are pairs of ids:
    the same file under another name. `reason` says what else was another: models, settings,
    catalogue, or a wish.
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
    """What a build holds: counts, when it was made, the files left out, and what is new in it."""

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
    """What a rebuild did: the build now served, and whether anything had to be made.

    `encoded` texts were new to the index. `notes` say what to look at: models that differ, reports
    that read much shorter than before.
    """

    build: Build
    changed: bool
    encoded: int = 0
    notes: tuple[str, ...] = ()
