"""The content of a PDF page: runs of text with their place and look, and drawn shapes.

Coordinates are points from the top left corner of the page as a viewer shows it.
"""

from __future__ import annotations

from dataclasses import dataclass

from reformqa.parsing.readers.pdf.graphics import Box

#: A shape no thicker than this, in points, is a rule.
RULE = 2.6
#: A cover prints fewer characters than this over its photograph.
LAYER = 400
#: A frame and a few rules make no more shapes than this.
FEW_SHAPES = 12


@dataclass(frozen=True, slots=True)
class GlyphRun:
    """Text in one look on one baseline, as drawn.

    `base` is the baseline, `size` the type size as seen, `angle` the direction of the text in
    degrees counter-clockwise (0 if upright). `look` names the font and the colour. `mark` is the
    id of the marked content that the run belongs to, by which a structure tree names it.
    """

    text: str
    x0: float
    x1: float
    base: float
    size: float
    bold: bool
    italic: bool
    look: str
    visible: bool = True
    angle: int = 0
    mark: int | None = None

    @property
    def box(self) -> Box:
        """The box around the run, including ascenders and descenders."""
        return (self.x0, self.base - 0.78 * self.size, self.x1, self.base + 0.22 * self.size)


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled or stroked rectangle or straight line; `fill` is its colour, or None."""

    box: Box
    fill: str | None

    @property
    def width(self) -> float:
        """The width in points."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        """The height in points."""
        return self.box[3] - self.box[1]


@dataclass(frozen=True, slots=True)
class PageContent:
    """The size of a page, its runs in drawing order, its shapes, and the boxes of its images."""

    number: int
    width: float
    height: float
    runs: tuple[GlyphRun, ...]
    shapes: tuple[Shape, ...]
    images: tuple[Box, ...]

    @property
    def scanned(self) -> bool:
        """Whether the text is the layer that a scanner's program adds to a picture."""
        if not self.runs:
            return False
        page = self.width * self.height
        covered = any((b[2] - b[0]) * (b[3] - b[1]) > 0.8 * page for b in self.images)
        hidden = not any(r.visible for r in self.runs)
        return hidden or (covered and sum(len(r.text) for r in self.runs) > LAYER)

    @property
    def pictured(self) -> bool:
        """Whether the page shows more than a few lines: without text, it may be a scan."""
        return bool(self.images) or len(self.shapes) > FEW_SHAPES
