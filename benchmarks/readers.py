"""The readers compared, each run in a fresh process, and the truths they are held to."""

from __future__ import annotations

import importlib.util
import json
import multiprocessing
import re
import resource
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein


@dataclass(frozen=True)
class Parsed:
    """A paragraph as read, or a block of a truth; `notes` are (label, page) of its footnotes."""

    kind: str
    text: str
    label: str | None = None
    pages: tuple[int, int] = (0, 0)
    path: tuple[str, ...] = ()
    notes: frozenset[tuple[str, int]] = frozenset()

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """Its letters, with and without its label."""
        text, label = letters(self.text), letters(self.label or "")
        if not label:
            return (text,)
        return (text, text.removeprefix(label)) if text.startswith(label) else (text, label + text)

    def __str__(self) -> str:
        pages = "-".join(map(str, sorted(set(self.pages))))
        return f"{self.kind} p{pages} {len(self.text)} {self.text[:100]!r}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of a file: sections as (title, level), recommendations in their wordings.

    `pages` is their number; a peer's paragraphs are whole pages until a split cuts them up.
    """

    paragraphs: Sequence[Parsed]
    sections: Sequence[tuple[str, int]] = ()
    recommendations: Sequence[tuple[str, ...]] = ()
    pages: int = 0
    seconds: float = 0.0
    megabytes: float = 0.0


def letters(text: str) -> str:
    """`text` in lower case with letters and digits only; ligatures taken apart."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


def read(reader: str, path: Path) -> Reading:
    """What `reader` makes of the PDF, read in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_read, (reader, path))


def _read(reader: str, path: Path) -> Reading:
    run, module = READERS[reader]
    importlib.import_module(module)  # outside the clock
    began = time.perf_counter()
    found = run(path)
    seconds, memory = time.perf_counter() - began, _peak_megabytes()
    import pypdfium2

    with pypdfium2.PdfDocument(path) as document:
        pages = len(document)
    return replace(found, pages=pages, seconds=seconds, megabytes=memory)


def _peak_megabytes() -> float:
    """This process's own peak: ru_maxrss also counts what the parent held when it forked."""
    status = Path("/proc/self/status")
    if status.exists() and (match := re.search(r"VmHWM:\s*(\d+)", status.read_text())):
        return int(match[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _reformqa(path: Path) -> Reading:
    from reformqa.parsing import parse
    from reformqa.recommendations.finding import find_recommendations

    report = parse(path)
    by_id = {p.id: p for p in report.paragraphs}
    found = []
    for p in report.paragraphs:
        notes = [by_id[i] for i in getattr(p, "notes", ()) if i in by_id]
        marks = frozenset((letters(n.label or ""), n.page or 0) for n in notes)
        pages = (p.places[0].page, p.places[-1].page) if p.places else (0, 0)
        found.append(Parsed(p.kind, p.text, p.label, pages, p.section_path, marks))
    sections = [(s.title, s.level) for s in report.sections]
    records = find_recommendations(report)
    wordings = [(r.text, " ".join([r.text, *r.sub_items])) for r in records]
    return Reading(found, sections, wordings)


def _pages(texts: Iterable[str]) -> Reading:
    return Reading([Parsed("body", t, pages=(n, n)) for n, t in enumerate(texts, start=1)])


def _pypdf(path: Path) -> Reading:
    import pypdf

    return _pages(p.extract_text() for p in pypdf.PdfReader(path).pages)


def _pdfplumber(path: Path) -> Reading:
    import pdfplumber

    with pdfplumber.open(path) as document:
        return _pages(p.extract_text() for p in document.pages)


def _pypdfium2(path: Path) -> Reading:
    import pypdfium2

    with pypdfium2.PdfDocument(path) as document:
        return _pages(p.get_textpage().get_text_bounded() for p in document)


def _pymupdf4llm(path: Path) -> Reading:
    import pymupdf4llm

    options = dict.fromkeys(("header", "footer", "use_ocr"), False)
    pages = pymupdf4llm.to_markdown(path, page_chunks=True, **options)
    return _pages(page["text"] for page in pages)


READERS: dict[str, tuple[Callable[[Path], Reading], str]] = {
    "reformqa": (_reformqa, "reformqa.recommendations.finding"),
    "pypdf": (_pypdf, "pypdf"),
    "pdfplumber": (_pdfplumber, "pdfplumber"),
    "pypdfium2": (_pypdfium2, "pypdfium2"),
    "pymupdf4llm": (_pymupdf4llm, "pymupdf4llm"),
}


def peers() -> list[str]:
    """The other readers that are installed."""
    return [name for name in READERS if name != "reformqa" and importlib.util.find_spec(name)]


def blank_lines(page: Parsed) -> Iterator[Parsed]:
    """A page cut at blank lines."""
    for text in re.split(r"\n\s*\n", page.text.replace("\r", "")):
        if text.strip():
            yield Parsed("body", text, pages=page.pages)


def short_lines(page: Parsed) -> Iterator[Parsed]:
    """A page cut at blank lines and after lines that end in a full stop, well short of the rest."""
    longest = max(map(len, page.text.splitlines()), default=0)
    for part in blank_lines(page):
        lines: list[str] = []
        for line in part.text.splitlines():
            lines.append(line)
            if line.rstrip().endswith(".") and len(line.rstrip()) < 0.85 * longest:
                yield Parsed("body", "\n".join(lines), pages=page.pages)
                lines = []
        if lines:
            yield Parsed("body", "\n".join(lines), pages=page.pages)


def markdown(page: Parsed) -> Iterator[Parsed]:
    """A page of Markdown cut at blank lines and list items, without marks and raised numbers."""
    text = re.sub(r"<!-- Start of picture.*?End of picture text -->", "", page.text, flags=re.S)
    text = re.sub(r"<sup>.*?</sup>|<[^<>]+>", "", text)
    for part in re.split(r"\n\s*\n|\n(?=\s*(?:[-*+]|\d+\.) )", text):
        kind = "heading" if part.startswith("#") else "table" if part.startswith("|") else "body"
        words = re.sub(r"(?m)^[\s>#]*(?:[-*+] )?|[*_`|]", " ", part).strip()
        if letters(words):
            yield Parsed(kind, words, pages=page.pages)


def splits(peer: str, reading: Reading) -> dict[str, Reading]:
    """A peer's pages cut into paragraphs in each way that suits it, by name."""
    ways = (markdown,) if peer == "pymupdf4llm" else (blank_lines, short_lines)
    return {
        f"{peer}, {way.__name__.replace('_', ' ')}": replace(
            reading, paragraphs=[p for page in reading.paragraphs for p in way(page)]
        )
        for way in ways
    }


Record = Mapping[str, Any]


@dataclass(frozen=True)
class Typeset:
    """The exact truth of a typeset report."""

    title: str
    blocks: Sequence[Parsed]
    headings: Sequence[tuple[str, int | None]]
    #: Recommendations set as headings: whether they are sections is a matter of taste.
    set_as_headings: frozenset[str]
    cells: frozenset[str]
    furniture: frozenset[str]
    recommendations: Sequence[Sequence[str]]

    @cached_property
    def text(self) -> str:
        """The letters of all blocks in order."""
        return "".join(b.forms[0] for b in self.blocks)


def typeset_truth(path: Path) -> Typeset:
    """The truth in a JSON file beside a typeset PDF."""
    truth = json.loads(path.read_text("utf-8"))
    blocks = truth["blocks"]
    parsed = [_typeset_block(b, blocks) for b in blocks]
    wordings = defaultdict(list)
    for b, p in zip(blocks, parsed, strict=True):
        if b.get("recommendation_id"):
            wordings[b["recommendation_id"]] += p.forms
    return Typeset(
        letters(truth["title"]),
        parsed,
        [(letters(b["text"]), b["level"]) for b in blocks if b["kind"] in ("heading", "box")],
        frozenset(letters(b["text"]) for b in blocks if b.get("set_as") == "heading"),
        frozenset(_cells(blocks)) - {""},
        frozenset(_furniture(truth["furniture"])),
        list(wordings.values()),
    )


def _typeset_block(b: Record, blocks: Sequence[Record]) -> Parsed:
    label = b.get("label") or b["recommendation"]  # this may be an id of the truth's own
    kept = label if "label" in b or b["text"].startswith(label or " ") else None
    pages, path = tuple(b["pages"]), tuple(b["section_path"])
    return Parsed(b["kind"], b["text"], kept, pages, path, _notes(b, blocks))


def _notes(block: Record, blocks: Sequence[Record]) -> frozenset[tuple[str, int]]:
    """The labels and first pages of the notes that the block's marks ("1,2" is two) lead to.

    Marks whose note the truth does not have are left out; of notes with one label, the nearest.
    """
    found = set()
    for mark in re.findall(r"\d+", ",".join(text for _, text in block.get("note_marks", ()))):
        labelled = [n for n in blocks if n["kind"] in ("footnote", "reference") and n.get("label")]
        notes = [n for n in labelled if letters(n["label"]) == mark]
        if notes:
            note = min(notes, key=lambda n: abs(n["n"] - block["n"]))
            found.add((mark, note["pages"][0]))
    return frozenset(found)


def _cells(blocks: Sequence[Record]) -> Iterator[str]:
    """The letters of table cells, of runs of whole sentences of a cell, of rows and of tables."""
    for block in blocks:
        rows = block.get("rows", ())
        yield letters(" ".join(cell for row in rows for cell in row))
        for row in rows:
            yield letters(" ".join(row))
            for cell in row:
                parts = [letters(part) for part in re.split(r"(?<=[.?!])\s+", cell)]
                for start in range(len(parts)):
                    for end in range(start + 1, len(parts) + 1):
                        yield "".join(parts[start:end])


def _furniture(items: Sequence[Record]) -> Iterator[str]:
    """The letters of the furniture; of a chart's labels, of any four in a row."""
    for item in items:
        words = item["text"].split()
        if item["kind"] == "chart_label":
            yield from (letters("".join(words[n : n + 4])) for n in range(max(1, len(words) - 3)))
        else:
            yield letters(item["text"])


@dataclass(frozen=True)
class Tagged:
    """The truth of a real report: the paragraphs of its tag tree, its recommendations if listed."""

    blocks: Sequence[Parsed]
    recommendations: Sequence[Sequence[str]]


Truth = Typeset | Tagged

#: No paragraphs, or none left: the space report's notes, the inquiry's recommendations.
_NOT_BODY = frozenset(["Footnote", "Note", "TOC", "TOCI", "Table", "TR", "TD", "TH"])
_NOT_BODY_TYPE = re.compile(r"H\d$|Heading|Footnote|TOCI|LI$|Recomm|Paragraph_Style_(?:10|16|18)$")
_LABEL = re.compile(r"\s*(\d+(?:\.\d+)*\.|\(?[a-z]{1,4}\)|[•●–-])\s*(?=\S)")
_CUT = re.compile(r"(?:\d+\.)+(?:[^\s\d]|\s+[a-z])")
_END_MARK = re.compile(r"(?<=[.,;:?!”’\"')\]])\s*\d{1,12}$")
_FRESH = re.compile(r"[*(]|[A-Z]{3}")
_ENDED = re.compile(r"[.:;?!][”’\"')\]]*$")


def real_truth(path: Path) -> Tagged:
    """The truth in the files beside the real PDFs."""
    listed = json.loads((path.parent / "recommendations.json").read_text("utf-8"))
    wordings = [[letters(item["rec"])] for item in listed if item["rec_doc"] == path.stem]
    return Tagged(_tag_tree(path), wordings)


def _tag_tree(path: Path) -> list[Parsed]:
    """The paragraphs of eight words or more in a PDF's tag tree; parts cut by a page end joined.

    A part goes on with the next when the next is on the following page and begins in lower case,
    or when the part does not end in .:;?! and the next has no label. Kind "cut" marks the
    inquiry report's paragraphs that evidently lack their first line; others of its may.
    """
    found: list[Parsed] = []
    for row in map(json.loads, path.read_text("utf-8").splitlines()):
        text = _END_MARK.sub("", row["text"].strip())
        if _NOT_BODY & set(row["anc"]) or text.isdigit() or not letters(text):
            continue
        if _NOT_BODY_TYPE.match(row["type"]):
            found.append(Parsed("heading", text))
            continue
        label = _LABEL.match(text)
        part = Parsed(
            "cut" if row["type"] == "List_Paragraph" and _CUT.match(text) else row["type"],
            text,
            label[1] if label else None,
            (row["page"], row["last_page"]),
        )
        if found and _goes_on(found[-1], part):
            last = found.pop()
            pages = (last.pages[0], part.pages[1])
            part = Parsed(last.kind, f"{last.text} {text}", last.label, pages)
        found.append(part)
    return [p for p in found if p.kind != "heading" and len(p.text.split()) >= 8]


def _goes_on(part: Parsed, following: Parsed) -> bool:
    if part.kind == "heading" or following.pages[0] != part.pages[1] + 1 or following.label:
        return False
    if following.text[0].islower():
        return True
    if len(part.text.split()) < 8 or following.kind == "LBody" or _FRESH.match(following.text):
        return False
    return not _ENDED.search(part.text)


def find_truths(folder: Path, wanted: Sequence[str] | None) -> dict[Path, Truth]:
    """The PDFs of a folder that have a truth (and are wanted), with it."""
    truths: dict[Path, Truth] = {}
    for path in sorted(folder.glob("*.pdf")):
        exact, tags = path.with_suffix(".json"), folder / "truth" / f"{path.stem}.jsonl"
        if wanted and path.stem not in wanted:
            continue
        if exact.exists():
            truths[path] = typeset_truth(exact)
        elif tags.exists():
            truths[path] = real_truth(tags)
    return truths


def closest(block: Parsed, found: Sequence[Parsed]) -> Parsed | None:
    """What was made of a block: the paragraph that holds it or its beginning, or the most alike."""
    form = block.forms[-1]
    pages = range(block.pages[0] - 1, block.pages[1] + 2)
    for part in (form, form[:40]):
        for p in found:
            if p.pages[0] in pages and part in p.forms[0]:
                return p
    best = process.extractOne(form, [p.forms[0] for p in found], scorer=fuzz.ratio)
    return found[best[2]] if best else None


def beside(block: Parsed, other: Parsed | None) -> str:
    """A block and what was made of it, and the first places where their letters differ."""
    if other is None:
        return str(block)
    form = max(block.forms, key=lambda f: fuzz.ratio(f, other.forms[0]))
    changes = []
    for op in Levenshtein.opcodes(form, other.forms[0]):
        if op.tag != "equal":
            lost = form[op.src_start : op.src_end]
            added = other.forms[0][op.dest_start : op.dest_end]
            changes.append(f"-{shorten(lost)}" * bool(lost) + f" +{shorten(added)}" * bool(added))
    alike = fuzz.ratio(form, other.forms[0])
    told = f"\n        {'; '.join(changes[:4])}" if alike > 50 else ""
    return f"{block}\n    {alike:3.0f} {other}{told}"


def shorten(text: str) -> str:
    """The two ends of a long text."""
    return text if len(text) < 60 else f"{text[:30]}…({len(text)})…{text[-20:]}"
