"""Uploads that wait elsewhere get into the corpus once, however many hand in and take in."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import fsspec
import pytest

from reformqa import UploadError
from reformqa.ingest.claiming import Claimed, claim
from reformqa.ingest.corpus import read_corpus
from reformqa.ingest.upload import place, receive
from reformqa.ingest.waiting import Waiting
from reformqa.settings import AppSettings
from support.nights import make_corpus, night

TEXT = b"# Boats for Hire\n\nThe boats of the upper lake are hired out by the hour.\n"
OTHER = b"# Oars\n\nEach of the boats has two oars, and a bench of ash.\n"
#: How many reports the processes of a test hand in.
REPORTS = 12
HAND_IN = """
import sys
from contextlib import suppress
from pathlib import Path
from reformqa import UploadError
from reformqa.ingest.upload import receive
from reformqa.settings import AppSettings
chosen = AppSettings(uploads="wait", upload_folder=sys.argv[2])
for n in range(int(sys.argv[3])):
    text = f"# Boat {n}\\n\\nIt has {n} oars."
    with suppress(UploadError):
        receive(Path(sys.argv[1]), f"boat {n}.md", text.encode(), chosen)
        print(n)
"""
TAKE_IN = """
import sys
from pathlib import Path
from reformqa.ingest.claiming import claim
while not sys.stdin.closed and sys.stdin.readline():
    for name in claim(Path(sys.argv[1]), sys.argv[2]).files:
        print(name)
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return make_corpus(tmp_path / "corpus")


@pytest.fixture(params=["folder", "store"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a folder, and of a store of another kind."""
    if request.param == "folder":
        return str(tmp_path / "uploads")
    return f"memory:/{tmp_path}/uploads"


def hand_in(corpus: Path, address: str, name: str, data: bytes) -> Path:
    return receive(corpus, name, data, AppSettings(uploads="wait", upload_folder=address))


def reports(corpus: Path) -> dict[str, bool]:
    """Return the reports that are not those of the corpus, and whether they were handed in."""
    found = {s.path.name: s.handed_in for s in read_corpus(corpus).sources}
    return {n: handed_in for n, handed_in in found.items() if n not in ("bread.md", "trams.txt")}


def test_an_upload_waits_until_it_is_claimed(corpus: Path, address: str):
    assert claim(corpus, address) == Claimed()
    assert hand_in(corpus, address, "Boats.md", TEXT) == corpus / "Boats.md"
    assert reports(corpus) == {}
    assert Waiting(address).digests() == [hashlib.sha256(TEXT).hexdigest()]
    assert claim(corpus, address) == Claimed(("Boats.md",))
    assert (corpus / "Boats.md").read_bytes() == TEXT
    assert reports(corpus) == {"Boats.md": True}
    assert claim(corpus, address) == Claimed()


def test_what_waits_or_is_in_the_corpus_is_not_handed_in_again(corpus: Path, address: str):
    hand_in(corpus, address, "Boats.md", TEXT)
    with pytest.raises(UploadError, match="waits for the next rebuild"):
        hand_in(corpus, address, "Ships.md", TEXT)
    claim(corpus, address)
    with pytest.raises(UploadError, match=r"in the corpus already: Boats\.md"):
        hand_in(corpus, address, "Ships.md", TEXT)
    assert Waiting(address).digests() == []


def test_of_two_reports_of_one_name_none_is_lost(corpus: Path, address: str):
    for data in (TEXT, OTHER):
        hand_in(corpus, address, "Boats.md", data)
    claimed = claim(corpus, address)
    assert {(corpus / name).read_bytes() for name in claimed.files} == {TEXT, OTHER}
    assert set(reports(corpus)) == set(claimed.files)
    assert "Boats.md" in claimed.files


def test_who_was_killed_before_it_removed_an_upload_does_so_the_next_time(
    corpus: Path, address: str
):
    hand_in(corpus, address, "Boats.md", TEXT)
    place(corpus, "Boats.md", TEXT, handed_in=True)
    assert claim(corpus, address) == Claimed()
    assert Waiting(address).digests() == []
    assert reports(corpus) == {"Boats.md": True}


def test_what_is_damaged_stays_and_stops_no_other(corpus: Path, address: str):
    for name, data in (("Boats.md", TEXT), ("Oars.md", OTHER), ("Bench.md", OTHER + TEXT)):
        hand_in(corpus, address, name, data)
    files, path = fsspec.core.url_to_fs(address)
    digest = hashlib.sha256(TEXT).hexdigest()
    files.pipe_file(f"{path}/{digest}", TEXT[:-1])
    note = f"{hashlib.sha256(OTHER).hexdigest()}.json"
    files.pipe_file(f"{path}/{note}", b"{}")
    claimed = claim(corpus, address)
    assert claimed.files == ("Bench.md",)
    damaged, unnamed = sorted(claimed.faults, key=lambda fault: "note cannot" in fault)
    assert "is not what was handed in" in damaged
    assert "Its note cannot be read" in unnamed
    assert len(Waiting(address).digests()) == 2


def test_a_name_in_a_note_leads_nowhere_else(corpus: Path, tmp_path: Path):
    hand_in(corpus, str(tmp_path / "uploads"), "Boats.md", TEXT)
    (note,) = (tmp_path / "uploads").glob("*.json")
    note.write_text('{"file": "../../Boats.md"}')
    assert claim(corpus, str(tmp_path / "uploads")).files == ("Boats.md",)
    assert (corpus / "Boats.md").is_file()


def test_many_processes_hand_in_and_take_in_each_report_once(corpus: Path, tmp_path: Path):
    address = str(tmp_path / "uploads")
    where = [str(corpus), address]
    givers = [started(HAND_IN, *where, str(REPORTS)) for _ in range(3)]
    takers = [started(TAKE_IN, *where) for _ in range(3)]
    for _ in range(3):  # some take in while others still hand in
        for taker in takers:
            assert taker.stdin
            taker.stdin.write("again\n")
            taker.stdin.flush()
    handed_in = [line for giver in givers for line in giver.communicate()[0].split()]
    taken = [line for t in takers for line in t.communicate("again\n")[0].splitlines()]
    # A giver may come after a report was taken in, and is told that the corpus has it.
    assert sorted(handed_in, key=int) == [str(n) for n in range(REPORTS)]
    assert sorted(taken) == sorted(f"boat {n}.md" for n in range(REPORTS))
    assert set(reports(corpus)) == set(taken)
    assert Waiting(address).digests() == []


def started(script: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_rebuild_takes_uploads_in_and_says_so(corpus: Path, tmp_path: Path):
    index, address = tmp_path / "index", str(tmp_path / "uploads")
    stages = {"app": {"uploads": "wait", "upload_folder": address}}
    before = night(corpus, index, stages).notes
    hand_in(corpus, address, "Boats.md", TEXT)
    result = night(corpus, index, stages)
    assert result.build.reports == 3
    assert [n for n in result.notes if n not in before] == ["Uploads taken in: Boats.md."]


@pytest.mark.parametrize(
    ("where", "said"), [("file", "Not a directory"), ("nowhere://x", "nowhere")]
)
def test_a_place_that_cannot_be_reached_is_said_and_stops_no_rebuild(
    corpus: Path, tmp_path: Path, where: str, said: str
):
    (tmp_path / "file").write_text("no folder")
    address = where if "://" in where else str(tmp_path / where / "uploads")
    stages = {"app": {"upload_folder": address}}
    note = night(corpus, tmp_path / "index", stages).notes[0]
    assert said in note
    assert "app.upload_folder" in note
    with pytest.raises(UploadError, match=r"app\.upload_folder"):
        hand_in(corpus, address, "Boats.md", TEXT)
