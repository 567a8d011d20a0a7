"""A registry names the reader for each suffix, and imports it when it is first needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reformqa.errors import UnreadableFileError
from reformqa.ingest.corpus import read_corpus
from reformqa.parsing import SUFFIXES, parse
from reformqa.parsing.readers import READERS, read_file, reader_modules

TOY_READER = '''
from reformqa.model import Metadata
from reformqa.parsing.blocks import Block, FileText

def read_toy(path, *, ocr=False):
    """Read a file that begins each heading with "!"."""
    blocks = []
    for n, line in enumerate(path.read_text().splitlines(), start=1):
        if line.startswith("!"):
            blocks.append(Block("heading", line[1:], line, n, mark=1 if n == 1 else 2))
        else:
            blocks.append(Block("body", line, line, n))
    return FileText(blocks, metadata=Metadata("Bread for all", authors=("Anna Baker",)))
'''
TOY_FILE = """!Bread for all
!Ovens
Ovens are lit before dawn, and the first loaves leave them by six.
!Mills
The mill should grind rye on Mondays so that bakers have flour by noon.
"""


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of a new kind, whose reader is one module and one entry of the registry."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "toy_reader.py").write_text(TOY_READER)
    monkeypatch.syspath_prepend(tmp_path / "modules")
    monkeypatch.delitem(sys.modules, "toy_reader", raising=False)
    monkeypatch.setitem(READERS, ".toy", "toy_reader:read_toy")
    file = tmp_path / "corpus" / "bread.toy"
    file.parent.mkdir()
    file.write_text(TOY_FILE)
    return file


def test_a_new_kind_of_file_is_parsed_by_its_registered_reader(toy: Path):
    report = parse(toy)
    assert (report.id, report.title, report.authors) == (
        *("bread", "Bread for all", ("Anna Baker",)),
    )
    assert [s.title for s in report.sections] == ["Bread for all", "Ovens", "Mills"]
    assert [(p.kind, p.section_path) for p in report.paragraphs[2:4]] == [
        ("body", ("Ovens",)),
        ("heading", ("Mills",)),
    ]


def test_a_new_kind_of_file_counts_as_a_report_of_the_corpus(toy: Path):
    assert ".toy" in SUFFIXES
    corpus = read_corpus(toy.parent)
    assert [source.report_id for source in corpus.sources] == ["bread"]


def test_the_suffix_may_be_in_capitals(toy: Path):
    loud = toy.rename(toy.with_suffix(".TOY"))
    assert parse(loud).title == "Bread for all"


def test_a_file_of_no_registered_kind_is_refused(tmp_path: Path):
    file = tmp_path / "bread.odt"
    file.write_text(TOY_FILE)
    with pytest.raises(UnreadableFileError, match=r"bread\.odt cannot be read: only \.txt, \.md"):
        parse(file)


@pytest.mark.parametrize("suffix", list(READERS))
def test_every_registered_reader_is_found_and_refuses_an_empty_file(suffix: str, tmp_path: Path):
    file = tmp_path / f"empty{suffix}"
    file.touch()
    with pytest.raises(UnreadableFileError, match=f"empty{suffix} is empty"):
        read_file(file)


def test_each_module_of_readers_is_listed_once():
    modules = [name.removeprefix("reformqa.parsing.readers.") for name in reader_modules()]
    assert modules == ["text", "markdown", "docx", "html", "pdf"]


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import reformqa.parsing", "pypdf pypdfium2"),
        ("from reformqa.recommendations import find_recommendations", "pypdf pandas torch"),
    ],
)
def test_importing_does_not_load_slow_packages(statement: str, absent: str):
    code = f"{statement}\nimport sys\nprint(*(m for m in {absent.split()} if m in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
