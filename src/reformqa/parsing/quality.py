"""Assess how well a file was read, and advise what to do about problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reformqa.model import UNSEARCHED_PARAGRAPHS, Paragraph, ParseQuality, Section
from reformqa.parsing.blocks import Layout

#: If more than this share of the pages have no readable text, the quality is poor.
POOR = 0.3
#: If more than this share of the footnotes have no mark in the text, the file needs a check.
UNLINKED = 0.2
#: Front matter of at least this many characters, and half of the text, is suspicious.
FRONT_CHARACTERS = 4_000
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
    front = _mostly_front(paragraphs)
    advice += front
    poor = poor or bool(front)
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


def _mostly_front(paragraphs: Sequence[Paragraph]) -> list[str]:
    """Return advice if most of the text is front matter, which is not searched."""
    text = [p for p in paragraphs if p.kind not in UNSEARCHED_PARAGRAPHS]
    front = sum(len(p.text) for p in text if p.section_kind == "front")
    if front < FRONT_CHARACTERS or front < 0.5 * sum(len(p.text) for p in text):
        return []
    count = sum(p.searchable for p in text)
    return [f"only {count} of {len(text)} paragraphs are searched: headings may be misread"]


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
    listed = " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
    single = len(runs) == 1 and len(runs[0]) == 1
    return f"{'page' if single else 'pages'} {listed}"
