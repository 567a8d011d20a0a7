"""PDFs of a few kilobytes that keep whoever draws or reads them busy for ever."""

from __future__ import annotations

from support.pdfs import HEIGHT, WIDTH, assemble, set_lines, stream

#: Text that its reader finds on the page.
WORDS = (
    "The harbour board should mend the long quay before the winter,",
    "and every ferry should carry a lamp that its own crew has lit.",
)
_SHEET = f"0 0 {WIDTH} {HEIGHT}"


def tiles(levels: int = 4) -> bytes:
    """A page filled with a pattern of patterns of patterns: a drawing that never ends."""
    first = 6
    kinds = "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /XStep 1 /YStep 1"
    patterns = []
    for n in range(levels):
        last = n == levels - 1
        below = "<< >>" if last else f"<< /Pattern << /P {first + n + 1} 0 R >> >>"
        inner = "0.5 g 0 0 1 1 re f" if last else f"/Pattern cs /P scn {_SHEET} re f"
        patterns.append(stream(f"{kinds} /BBox [{_SHEET}] /Resources {below}", inner))
    fill = f"/Pattern cs /P scn {_SHEET} re f 0 g"
    return _page(fill, f"/Pattern << /P {first} 0 R >>", *patterns)


def forms(levels: int = 10) -> bytes:
    """A page of ten forms that each draw the next ten times: its text takes gigabytes to read."""
    first = 6
    shown = []
    for n in range(levels):
        last = n == levels - 1
        below = "<< >>" if last else f"<< /XObject << /X {first + n + 1} 0 R >> >>"
        kinds = f"/Type /XObject /Subtype /Form /BBox [{_SHEET}] /Resources {below}"
        shown.append(stream(kinds, "0 0 m 9 9 l S" if last else "/X Do " * 10))
    return _page("/X Do " * 10, f"/XObject << /X {first} 0 R >>", *shown)


def _page(drawing: str, resources: str, *objects: str) -> bytes:
    return assemble(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{_SHEET}] /Contents 4 0 R"
            f" /Resources << /Font << /F1 5 0 R >> {resources} >> >>",
            stream("", f"{drawing}\n{set_lines(WORDS, 100)}"),
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            *objects,
        ]
    )
