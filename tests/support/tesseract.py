"""A stand-in for tesseract, which need not be on the machine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

HEADER = "level page_num block_num par_num line_num word_num left top width height conf text"
#: A word of a page: its line's number, left, top, width, height, confidence and text.
Word = tuple[int, int, int, int, int, float, str]


def table(words: Iterable[Word], width: int, height: int) -> str:
    """Return the table that tesseract prints for the words of a page, sizes in dots."""
    rows = [HEADER.replace(" ", "\t"), f"1\t1\t0\t0\t0\t0\t0\t0\t{width}\t{height}\t-1\t"]
    for line, left, top, wide, high, sure, text in words:
        rows.append(f"5\t1\t1\t1\t{line}\t1\t{left}\t{top}\t{wide}\t{high}\t{sure}\t{text}")
    return "\n".join(rows) + "\n"


class FakeTesseract:
    """A `tesseract` command in a folder of its own, which keeps what it was given."""

    def __init__(self, folder: Path, tsv: str) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "tsv").write_text(tsv, encoding="utf-8")
        self.runs("/bin/cat >picture\nprintf '%s\\n' \"$@\" >arguments\n/bin/cat tsv\n")

    def runs(self, script: str) -> None:
        """Let the command run that shell script, in its own folder."""
        command = self.folder / "tesseract"
        command.write_text(f"#!/bin/sh\ncd '{self.folder}'\n{script}", encoding="utf-8")
        command.chmod(0o755)

    @property
    def picture(self) -> Path:
        """The picture that it was given last."""
        return self.folder / "picture"

    @property
    def arguments(self) -> list[str]:
        """The arguments of its last call."""
        return (self.folder / "arguments").read_text(encoding="utf-8").splitlines()
