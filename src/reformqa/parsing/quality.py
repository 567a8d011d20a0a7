"""Assess how well a file was read, and advise what to do about problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from reformqa.model import Paragraph, ParseQuality, Section
from reformqa.parsing.blocks import Layout
from reformqa.text.phrases import listed

#: If more than this share of the pages have no readable text, the quality is poor.
POOR = 0.3
#: If more than this share of the footnotes have no mark in the text, the file needs a check.
UNLINKED = 0.2
#: If less than this share of the words is searched, the file needs a check; below the second, the
#: quality is poor. Files with fewer words may be mostly furniture.
SEARCHED = 0.6
SEARCHED_POOR = 0.3
FEW_WORDS = 300
#: With fewer characters per page than this, some text is probably missing.
SPARSE = 300


def judge(
    layout: Layout, paragraphs: Sequence[Paragraph], sections: Sequence[Section]
) -> ParseQuality:
    """Return the counts, a verdict, and advice for each problem found."""
    carried = {n for p in paragraphs for n in p.notes}
    notes = [p for p in paragraphs if p.kind == "footnote" or p.id in carried]
    linked = len(carried)
    advice, poor = _page_advice(layout)
    searched, words = _searched(paragraphs)
    if searched < SEARCHED and words >= FEW_WORDS:
        advice.append(_left_out(paragraphs, sections, searched))
        poor = poor or searched < SEARCHED_POOR
    text = "".join(p.text for p in paragraphs)
    unknown = sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" for c in text)
    if unknown > 0.02 * len(text):
        advice.append("its fonts do not map to letters: get another copy, or use OCR")
        poor = True
    read = layout.pages - len(layout.bare) - len(layout.broken) - len(layout.illegible)
    if read > 3 and len(text) < SPARSE * read:
        advice.append("little text for the number of pages: some of it may be in pictures")
    if layout.pages > 8 and not sections:
        advice.append("no headings found: citations will give page numbers only")
    if layout.pages and len(notes) >= 5 and len(notes) - linked > UNLINKED * len(notes):
        advice.append(f"{len(notes) - linked} of {len(notes)} footnotes have no mark in the text")
    return ParseQuality(
        pages=layout.pages,
        columns=layout.columns,
        headings=layout.headings,
        footnotes=len(notes),
        linked=linked,
        furniture=sum(p.kind == "furniture" for p in paragraphs),
        joined=layout.joined,
        tagged=layout.tagged,
        doubts=tuple(_doubts(layout)),
        searched=round(searched, 3),
        bare=layout.bare,
        broken=layout.broken,
        layered=layout.layered,
        ocr=layout.ocr,
        verdict="poor" if poor else "check" if advice else "good",
        advice=tuple(advice),
    )


def _doubts(layout: Layout) -> Iterator[str]:
    """Yield each reason why tags were not used, with the pages."""
    for reason in dict.fromkeys(reason for _, reason in layout.doubts):
        numbers = [n for n, other in layout.doubts if other == reason]
        whole = not layout.tagged and len(numbers) == len(layout.doubts)
        yield reason if whole else f"{reason} ({pages(numbers)})"


def _searched(paragraphs: Sequence[Paragraph]) -> tuple[float, int]:
    """Return the share of the words that is searched, and their number."""
    words = [(len(p.text.split()), p.searchable) for p in paragraphs]
    total = sum(n for n, _ in words)
    return (sum(n for n, searchable in words if searchable) / total if total else 1.0), total


def _left_out(paragraphs: Sequence[Paragraph], sections: Sequence[Section], searched: float) -> str:
    """Return advice that says what most of the words that are not searched were taken for."""
    causes: Counter[str] = Counter()
    names = {"front": "front matter", "licence": "a licence", "references": "references"}
    places: dict[str, Counter[str]] = {}
    for p in (p for p in paragraphs if not p.searchable):
        name = {"footnote": "notes", "furniture": "furniture", "heading": "headings"}.get(p.kind)
        cause = names.get(p.section_kind, name or p.kind) if name != "notes" else "notes"
        words = len(p.text.split())
        causes[cause] += words
        if p.section_path and cause in names.values():
            places.setdefault(cause, Counter())[p.section_path[0]] += words
    cause = causes.most_common(1)[0][0]
    under = f" (under “{places[cause].most_common(1)[0][0]}”)" if cause in places else ""
    remedy = "look at its headings" if sections else "look whether it is a report"
    share = f"only {searched:.0%} of the words are searched"
    return f"{share}, most others read as {cause}{under}: {remedy}"


def _page_advice(layout: Layout) -> tuple[list[str], bool]:
    advice = []
    if layout.bare:
        advice.append(f"no text on {pages(layout.bare)}: probably scanned, use OCR")
    if layout.illegible:
        where = pages(layout.illegible)
        advice.append(f"the letters on {where} make no words: use OCR, or get another copy")
    if layout.broken:
        advice += _broken_advice(layout)
    if layout.layered:
        advice.append(f"{pages(layout.layered)} scanned: the scan's text layer may contain errors")
    if layout.ocr:
        advice.append(f"{pages(layout.ocr)} read by OCR: the text may contain errors")
    missing = len(layout.bare) + len(layout.broken) + len(layout.illegible)
    return advice, missing > POOR * max(1, layout.pages)


def _broken_advice(layout: Layout) -> list[str]:
    """Return advice on the pages that could not be read, for each reason once."""
    advice = []
    for reason in dict.fromkeys(layout.reasons):
        broken = zip(layout.broken, layout.reasons, strict=True)
        numbers = [n for n, other in broken if other == reason]
        advice.append(f"{pages(numbers)} could not be read ({reason}): get a fresh copy")
    return advice


def pages(numbers: Iterable[int]) -> str:
    """Return page numbers in words, with runs as ranges: "pages 3 to 5 and 9"."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = [str(r[0]) if len(r) == 1 else f"{r[0]} to {r[-1]}" for r in runs]
    single = len(runs) == 1 and len(runs[0]) == 1
    return f"{'page' if single else 'pages'} {listed(shown)}"
