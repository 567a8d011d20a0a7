"""Uploaded reports: which are accepted, under which name, and why others are refused."""

from __future__ import annotations

import os
import stat
import threading
import unicodedata
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pypdf import PdfWriter

from reformqa import CallerError, UploadError
from reformqa.ingest import upload
from reformqa.ingest.corpus import read_corpus
from reformqa.ingest.folder import HANDED_IN
from reformqa.ingest.handed_in import note_of
from reformqa.ingest.upload import LONGEST, receive, safe_name
from reformqa.parsing import SUFFIXES, report_id
from reformqa.settings import AppSettings, DrawingSettings
from support import bombs

TEXT = b"# Bread\n\nThe bakers of the harbour town light their ovens before dawn.\n"
#: Separators between the words of a name, which do not change the id.
JOINTS = (" ", "-", "_", ".", ",", "+", "&", "(", ")")
TAKEN = AppSettings(uploads="wait")


def pdf(pages: int = 1, password: str | None = None, owner: str | None = None) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if password is not None:
        writer.encrypt(password, owner)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A corpus of one report in a subfolder."""
    folder = tmp_path / "corpus"
    (folder / "2024").mkdir(parents=True)
    (folder / "2024" / "The Trams.txt").write_bytes(b"Trams need rails, and rails need streets.")
    return folder


def everything(folder: Path) -> dict[str, bytes]:
    """Return the contents of each file, but those of the notes that it was handed in."""
    files = (p for p in folder.rglob("*") if p.is_file() and not p.name.endswith(HANDED_IN))
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


def remove(file: Path) -> None:
    """Remove a file that was handed in, and its note."""
    file.unlink()
    note_of(file).unlink()


def refused(corpus: Path, name: str, data: bytes, chosen: AppSettings = TAKEN) -> str:
    """Return why a file is refused; the corpus and the folder around it are unchanged."""
    before, noted = everything(corpus.parent), sorted(corpus.glob(f"*{HANDED_IN}"))
    with pytest.raises(UploadError) as error:
        receive(corpus, name, data, chosen)
    assert everything(corpus.parent) == before
    assert sorted(corpus.glob(f"*{HANDED_IN}")) == noted
    return str(error.value)


@pytest.mark.parametrize(
    ("name", "data"), [("bread.md", TEXT), ("Bread.TXT", b"\xef\xbb\xbf" + TEXT), ("b.pdf", pdf())]
)
def test_a_report_is_kept_as_it_came_and_nothing_else_is(corpus: Path, name: str, data: bytes):
    before = everything(corpus)
    file = receive(corpus, name, data, TAKEN)
    assert file == corpus / Path(name).with_suffix(Path(name).suffix.lower())
    assert everything(corpus) == before | {file.name: data}
    assert {s.path for s in read_corpus(corpus).sources} >= {file}


def test_a_report_kept_may_be_read_by_whoever_the_folder_is_open_to(corpus: Path):
    mask = os.umask(0o022)
    try:
        file = receive(corpus, "bread.md", TEXT, TAKEN)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


def test_nothing_is_accepted_if_uploads_are_off(corpus: Path):
    assert "Uploads are off" in refused(corpus, "bread.md", TEXT, AppSettings())


def test_uploads_that_are_rebuilt_from_at_once_are_taken_too(corpus: Path):
    assert receive(corpus, "bread.md", TEXT, AppSettings(uploads="rebuild")).is_file()


def test_the_largest_file_is_taken_and_a_larger_one_is_not(corpus: Path):
    least = AppSettings(uploads="wait", upload_megabytes=1)
    assert "at most 1 MB are allowed" in refused(corpus, "bread.md", b"a" * (2**20 + 1), least)
    assert receive(corpus, "bread.md", b"a" * 2**20, least).stat().st_size == 2**20


def test_the_longest_pdf_is_taken_and_a_longer_one_is_not(corpus: Path):
    least = AppSettings(uploads="wait", upload_pages=3)
    assert "has 4 pages; at most 3" in refused(corpus, "b.pdf", pdf(4), least)
    assert receive(corpus, "b.pdf", pdf(3), least).is_file()


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("b.pdf", TEXT, "is not a PDF, whatever its name says"),
        ("b.pdf", b"", "is not a PDF"),
        ("b.pdf", b"%PDF-1.7 torn", "is a broken PDF"),
        ("b.pdf", pdf()[:200], "is a broken PDF"),
        ("b.pdf", pdf(password="secret"), "is locked with a password"),
        ("b.pdf", pdf(pages=0), "has no pages"),
        ("b.txt", pdf(), "is a PDF under the name of a text file"),
        ("b.md", "Brot für alle".encode("latin-1"), "is not UTF-8 text"),
        ("b.md", "Bread".encode("utf-16"), "is not UTF-8 text"),
        ("b.txt", b"PK\x03\x04\0\0", "holds binary data"),
        ("b.txt", b" \n", "is empty"),
        ("b.txt", b"", "is empty"),
    ],
)
def test_what_is_not_what_its_name_says_is_refused(
    corpus: Path, name: str, data: bytes, reason: str
):
    assert reason in refused(corpus, name, data)


def test_a_pdf_whose_pages_need_gigabytes_is_refused(corpus: Path):
    before = everything(corpus.parent)
    limits = DrawingSettings(megabytes=256)
    with pytest.raises(UploadError) as error:
        receive(corpus, "b.pdf", bombs.forms(), TAKEN, limits)
    assert everything(corpus.parent) == before
    assert str(error.value).startswith(
        "b.pdf cannot be checked: it needed more than 256 MB. It may be damaged"
    )


def test_a_broken_pdf_after_a_locked_one_is_not_said_to_be_locked(corpus: Path):
    assert "is locked" in refused(corpus, "b.pdf", pdf(password="secret"))
    assert "is a broken PDF" in refused(corpus, "b.pdf", pdf(pages=0))


def test_a_pdf_that_only_printing_is_locked_in_is_taken(corpus: Path):
    assert receive(corpus, "b.pdf", pdf(password="", owner="owner"), TAKEN).is_file()


@pytest.mark.parametrize("name", ["the-trams.md", "THE TRAMS.txt", "the_trams!.pdf"])
def test_a_report_of_the_same_id_is_refused_and_named(corpus: Path, name: str):
    reason = refused(corpus, name, pdf() if name.endswith("pdf") else TEXT)
    assert "The Trams.txt is in the corpus already, with the same id (the-trams)" in reason


def test_a_report_of_the_same_contents_is_refused_and_named(corpus: Path):
    data = (corpus / "2024" / "The Trams.txt").read_bytes()
    assert refused(corpus, "other.md", data) == (
        "This report is in the corpus already: The Trams.txt."
    )


@pytest.mark.parametrize("name", ["README.md", "licence.txt", "../License.pdf"])
def test_a_name_of_a_file_about_the_folder_is_refused(corpus: Path, name: str):
    data = pdf() if name.endswith("pdf") else TEXT
    assert "is a name for a file about the folder" in refused(corpus, name, data)


@pytest.mark.parametrize("name", ["catalogue.toml", "b.odt", "b", "", ".pdf.", "pdf", "a.pdf/"])
def test_a_suffix_that_is_not_read_is_refused(corpus: Path, name: str):
    assert refused(corpus, name, TEXT).startswith(
        "Only .txt, .md, .docx, .html, .htm, .pdf files can be read"
    )


@pytest.mark.parametrize("name", [".md", "....md", "***.pdf", "  .txt", "\u202e\u200b.md"])
def test_a_name_with_nothing_in_it_is_refused(corpus: Path, name: str):
    assert "has no letters or digits" in refused(corpus, name, TEXT)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/Bread.md", "Bread.md"),
        ("C:\\papers\\Bread and butter.PDF", "Bread and butter.pdf"),
        (".hidden.md", "hidden.md"),
        ("bread\0\n.md", "bread.md"),
        ("bread\u202efdp.md", "breadfdp.md"),
        ("Brot für alle (2024).md", "Brot für alle (2024).md"),
        ("Bro\u0308t.md", "Bröt.md"),
        ("who? me: <b>*.md", "who- me- -b.md"),
        ("a.b.c .txt", "a.b.c.txt"),
        ("Хлеб.md", "Хлеб.md"),
        ("x" * 500 + ".md", "x" * LONGEST + ".md"),
        ("ж" * 500 + ".md", "ж" * (LONGEST // 2) + ".md"),
    ],
)
def test_a_name_is_made_plain(given_name: str, kept: str):
    assert safe_name(given_name) == kept


letters = st.text(st.characters(), max_size=300)
names = st.one_of(letters, st.builds("{}{}".format, letters, st.sampled_from([*SUFFIXES, ".PDF"])))


@given(names)
@example("../readme.md")
@example("/etc/passwd\0.txt")
@example("CON.md")
@example("\ud800.md")
@example("a" + "\u0301" * 300 + ".md")
def test_whatever_the_name_the_file_is_in_the_folder_and_read_or_nothing_is(
    corpus: Path, name: str
):
    before = everything(corpus.parent)
    try:
        file = receive(corpus, name, pdf() if name.lower().endswith("pdf") else TEXT, TAKEN)
    except UploadError:
        assert everything(corpus.parent) == before
        return
    assert file.parent == corpus
    assert everything(corpus.parent) == before | {f"corpus/{file.name}": file.read_bytes()}
    assert report_id(file) in {s.report_id for s in read_corpus(corpus).sources}
    assert not any(unicodedata.category(c)[0] == "C" for c in file.name)
    assert len(os.fsencode(file.name)) < 200
    assert safe_name(file.name) == file.name
    remove(file)


@given(st.binary(max_size=3000), st.sampled_from([*SUFFIXES]), st.booleans())
def test_whatever_the_bytes_it_is_kept_as_it_came_or_refused(
    corpus: Path, data: bytes, suffix: str, header: bool
):
    data = b"%PDF-1.7\n" + data if header else data
    try:
        file = receive(corpus, f"bread{suffix}", data, TAKEN)
    except UploadError:
        assert [f.name for f in corpus.iterdir()] == ["2024"]
        return
    assert file.read_bytes() == data
    remove(file)


WHOLE = pdf(2)


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=40))
def test_a_damaged_pdf_is_accepted_or_refused(corpus: Path, flips: list[tuple[int, int]]):
    data = bytearray(WHOLE)
    for at, value in flips:
        data[at] = value
    with suppress(UploadError):
        remove(receive(corpus, "bread.pdf", bytes(data), TAKEN))
    assert [f.name for f in corpus.iterdir()] == ["2024"]  # no incomplete file is left


def test_a_file_of_any_kind_in_the_way_is_not_replaced(corpus: Path):
    (corpus / "bread.md").mkdir()
    assert "bread.md is in the corpus already" in refused(corpus, "bread.md", TEXT)


def test_a_missing_folder_is_reported(tmp_path: Path):
    assert "cannot be written to the corpus folder" in refused(tmp_path / "no", "bread.md", TEXT)


def test_a_file_is_written_even_on_a_disk_without_links(corpus: Path, monkeypatch):
    def none(source: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", none)
    before = everything(corpus)
    receive(corpus, "bread.md", TEXT, TAKEN)
    assert everything(corpus) == before | {"bread.md": TEXT}
    (corpus / "boats.md").mkdir()
    assert "in the corpus already" in refused(corpus, "boats.md", TEXT + b"!")


def test_a_disk_that_is_full_leaves_nothing_behind(corpus: Path, monkeypatch):
    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "No space left on device" in refused(corpus, "bread.md", TEXT)


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_came_in_meanwhile_is_not_replaced(corpus: Path, monkeypatch, links: bool):
    """Another program may write to the folder between the check and the link."""

    def comes_in(folder: Path) -> list[Path]:
        (folder / "bread.md").write_bytes(b"first")
        return []

    def none(source: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(upload, "list_files", comes_in)
    if not links:
        monkeypatch.setattr(os, "link", none)
    with pytest.raises(UploadError, match=r"bread\.md is in the corpus already"):
        receive(corpus, "bread.md", TEXT, TAKEN)
    assert [f.name for f in corpus.iterdir() if f.is_file()] == ["bread.md"]
    assert (corpus / "bread.md").read_bytes() == b"first"


def test_of_many_at_once_one_of_an_id_comes_in(corpus: Path):
    taken: list[Path] = []
    told: list[CallerError] = []
    together = threading.Barrier(len(JOINTS))

    def hand_in(joint: str) -> None:
        together.wait()
        try:
            taken.append(receive(corpus, f"rye{joint}bread.md", TEXT + joint.encode(), TAKEN))
        except UploadError as error:
            told.append(error)

    threads = [threading.Thread(target=hand_in, args=(joint,)) for joint in JOINTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(taken), len(told)) == (1, len(JOINTS) - 1)
    assert {s.report_id for s in read_corpus(corpus).sources} == {"rye-bread", "the-trams"}
