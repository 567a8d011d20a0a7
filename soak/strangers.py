"""Is whatever strangers send either taken or refused in words?

Each case of a kind and a seed is always the same: Word files, pages and Markdown files are damaged
(their bytes, and for a Word file the XML within) or get pieces put in that readers stumble over,
and are read under the default limits. Catalogues and files of questions, addresses of the app's
pages and names of uploads are made of whole, broken and hostile parts.

A case is a fault if it ends in an error that is not for people, in a crash or at a limit.
"""

from __future__ import annotations

import io
import logging
import os
import random
import re
import tempfile
import traceback
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from docx import Document
from streamlit.testing.v1 import AppTest

from reformqa import rebuild
from reformqa.app.pages import PAGES
from reformqa.errors import ReformqaError
from reformqa.evaluation.metrics import read_questions
from reformqa.ingest.corpus import read_catalogue
from reformqa.ingest.upload import LONGEST, safe_name
from reformqa.ingest.workers import Job, read_all
from reformqa.model import FileProblem
from reformqa.settings import ReadingSettings
from soak import fuzz
from soak.harness import PROJECT, Found, rounds

#: Cases of a kind in a round.
EACH = 10
NOTES = sorted((PROJECT / "corpus").glob("note-*.md"))
PIECES = {
    ".html": (
        *("<div>" * 3_000, "<table><tr><td colspan=999999999>", "<!--", "<![CDATA[", "\0\ufffe"),
        *("<ol start=-9e9>", "<li value=99999999999999999999>x", "&#x110000;&#0;", "\u202e"),
        *("<svg><style><p>", "<sup>1</sup>" * 500, '<base href="file:///">', "<table>" * 300),
        *('<meta charset="utf-7">', "<p>" * 20_000, '<h7 title="' + "x" * 50_000),
        *('<a href="javascript:1">x</a>', "<h1>" + "x " * 20_000, "<body hidden>", "</body>"),
    ),
    ".md": (
        *("> " * 3_000, "- " * 2_000 + "x\n", "[^1]: [^1]\n\n[^1]\n", "|" * 5_000 + "\n|-|\n"),
        *("[a](" * 2_000, "*" * 5_000, "`" * 3_001, "---\ntitle: [[[[\n---\n", "\0\ufffe\u202e"),
        *("99999999999999999999. x\n", "#" * 300 + " x\n", "<div>" * 2_000, "|a|\n|-|\n" * 500),
        *("---\ntitle: &a [*a, *a]\n---\n", "\t" * 5_000 + "x\n", "[x]: x\n" * 3_000),
        *("![x](" + "y" * 50_000, "---\ndate: 99999-99-99\nauthors: {a: 1}\n---\n"),
    ),
    "<w:p>": (
        *("<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>", "<w:tbl/>", "<w:p/>" * 5_000, "&x;"),
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="99"/><w:numId w:val="99999999999"/></w:numPr></w:pPr>'
        "<w:r><w:t>An item</w:t></w:r></w:p>",
        *('<w:p><w:pPr><w:pStyle w:val=""/><w:outlineLvl w:val="x"/></w:pPr></w:p>', "<w:sdt/>"),
        *('<w:p><w:r><w:footnoteReference w:id="-9"/></w:r></w:p>', "<w:p>" * 300 + "</w:p>" * 300),
        '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="999999999"/><w:vMerge/></w:tcPr><w:p/>'
        "</w:tc></w:tr></w:tbl>",
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>x</w:instrText></w:r></w:p>',
        *("<w:p><w:r><w:t>" + "x" * 99_000 + "</w:t></w:r></w:p>", "<w:p><w:r><w:br/></w:r></w:p>"),
    ),
}
TOML = (
    *("[reports.a]\n", '[reports."é b"]\n', "[reports]\n", 'title = "A"\n', 'publisher = "B"\n'),
    *('published = "2024-13"\n', 'published = "2024"\n', "authors = [[]]\n", 'authors = ["x"]\n'),
    *("title = 1979-05-27\n", "a." * 400 + "b = 1\n", "x = " + "[" * 3_000, "x = 0x\n", "\ud800"),
    *('sha256 = "z"\n', 'note_on = ""\n', "title = nan\n", "title = '''\n", "[[reports]]\n", "\0"),
    *('url = "' + "x" * 9_000 + '"\n', "reports = 1\n", 'file = "javascript:1"\n', "\ufeff"),
    *['[reports.c]\ntitle = "C"\npublisher = "D"\n'] * 6,
)
JSON = (
    *['{"id": "a", "question": "x", "evidence": [{"any_of": ["y"]}]}'] * 8,
    *('{"question": "x", "evidence": []}', '{"id": 1}', "[" * 3_000, "{}", "null", "1e999", "\0"),
    *('{"id": "\\ud800", "question": "\\ud800"}', "NaN", '"x"', "", "[1, 2]", "\ufeff{}"),
    *('{"id": "b", "question": "' + "x" * 99_000 + '"}', '{"id": "a", "question": "z"}', "-" * 500),
)
NAMES = (
    *("q", "cite", "build", "report", "section", "by", "least", "like", "theme", "page", "sheet"),
    *("publisher", "published"),
)
VALUES = (
    *("", "x", "0", "-1", "99999", "٣", "2019-", "-2024", "9999-0000", "a:1-2", "a:2-1", "a:0-0"),
    *("../../etc/passwd", "<script>", "x" * 1_499, "x" * 9_000, "\u202e", "'; DROP", "NaN", "[["),
    *("note-smarter-state-2", "What do schools say about targets?", "\ud83d", "*" * 400, "🙂"),
    *("%00", "\0"),
)


def word(draw: random.Random) -> bytes:
    """Return a Word file made of a note, damaged inside or out."""
    document = Document()
    for n, part in enumerate(draw.choice(NOTES).read_text(encoding="utf-8").split("\n\n")[:40]):
        document.add_heading(part[:80], 1) if n % 9 == 0 else document.add_paragraph(part)
    document.add_table(2, 2).cell(0, 0).text = "A cell"
    whole = io.BytesIO()
    document.save(whole)
    out = io.BytesIO()
    with zipfile.ZipFile(whole) as packed, zipfile.ZipFile(out, "w") as other:
        hurt = draw.choice(packed.namelist()) if draw.random() < 0.4 else "word/document.xml"
        for name in packed.namelist():
            data = packed.read(name)
            if name == hurt:
                hurting = _damaged if draw.random() < 0.4 else partial(_stuffed, kind="<w:p>")
                data = hurting(draw, data)
            other.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)  # without the time
    return _damaged(draw, out.getvalue()) if draw.random() < 0.2 else out.getvalue()


def page(draw: random.Random) -> bytes:
    """Return a page made of a note, damaged or stuffed."""
    parts = draw.choice(NOTES).read_text(encoding="utf-8").split("\n\n")
    body = "".join(
        f"<h2>{p[:60]}</h2>" if n % 9 == 0 else f"<p>{p}</p>" for n, p in enumerate(parts)
    )
    return _either(draw, f"<html><body><h1>A page</h1>{body}</body></html>".encode(), ".html")


def markdown(draw: random.Random) -> bytes:
    """Return a note, damaged or stuffed."""
    return _either(draw, draw.choice(NOTES).read_bytes(), ".md")


def _either(draw: random.Random, data: bytes, kind: str) -> bytes:
    data = _stuffed(draw, data, kind) if draw.random() < 0.7 else data
    return _damaged(draw, data) if draw.random() < 0.5 else data


def _damaged(draw: random.Random, data: bytes) -> bytes:
    damaged = bytearray(data)
    for damage in draw.choices(fuzz.DAMAGES, k=draw.randint(1, 4)):
        if damaged:
            damage(draw, damaged, data)
    return bytes(damaged)


def _stuffed(draw: random.Random, data: bytes, kind: str) -> bytes:
    """Put pieces into a file; into XML, between two paragraphs."""
    stuffed = bytearray(data)
    for piece in draw.choices(PIECES[kind], k=draw.randint(1, 4)):
        places = [m.start() for m in re.finditer(re.escape(kind.encode()), stuffed)]
        at = draw.choice(places) if places else draw.randrange(len(stuffed) + 1)
        stuffed[at:at] = piece.encode("utf-8", "surrogatepass")
    return bytes(stuffed)


FILES: dict[str, Callable[[random.Random], bytes]] = {
    ".docx": word,
    ".html": page,
    ".md": markdown,
}


def read_files(kind: str, seed: int, numbers: range, folder: Path, found: Found) -> None:
    """Read cases of a suffix, as a rebuild does."""
    jobs = []
    for number in numbers:
        path = folder / f"{number:05}{kind}"
        path.write_bytes(FILES[kind](random.Random(f"{seed}-{kind}-{number}")))
        jobs.append(Job(path, path.stem))
    for job, result in read_all(jobs, ReadingSettings()):
        outcome = fuzz.outcome(result)
        found.outcomes[f"{kind} {outcome}"] += 1
        if outcome not in ("read", "refused"):
            lines = fuzz.fault(partial(fuzz.again, job.path)) if outcome == "unforeseen" else ""
            told = lines or (result.reason if isinstance(result, FileProblem) else "")
            found.fault(f"seed {seed}, {kind} {job.path.stem}: {outcome}\n{fuzz.shortened(told)}")
        job.path.unlink()


def lines_of(draw: random.Random, parts: tuple[str, ...], end: str) -> bytes:
    """Return a text of parts drawn at random."""
    text = end.join(draw.choices(parts, k=draw.randint(0, 4)))
    return text.encode("utf-8", "surrogatepass")


def read_text(kind: str, draw: random.Random, folder: Path) -> None:
    """Read a catalogue, a file of questions, or the name of an upload."""
    if kind == "catalogue":
        file = folder / "catalogue.toml"
        file.write_bytes(lines_of(draw, TOML, ""))
        read_catalogue(file)
    elif kind == "questions":
        file = folder / "questions.jsonl"
        file.write_bytes(lines_of(draw, JSON, "\n"))
        read_questions([file])
    else:
        parts = (*VALUES, ".pdf", ".md", "/", "\\", " ", "..", "CON", "é")
        given = "".join(draw.choices(parts, k=4))
        safe = safe_name(given + draw.choice((".pdf", ".DOCX", ".md ", ".exe", "")))
        assert Path(safe).name == safe, safe
        assert len(safe.encode()) < LONGEST + 10, safe
        assert not safe.startswith("."), safe


def open_page(draw: random.Random) -> None:
    """Open a page of the app at an address made at random."""
    number = draw.randrange(len(PAGES))
    script = (
        "from reformqa.app import _guarded\nfrom reformqa.app.pages import PAGES\n"
        f"from reformqa.app.state import url\nurl.begin()\n_guarded(PAGES[{number}].draw)()\n"
    )
    page = AppTest.from_string(script, default_timeout=300)
    for name in draw.sample(NAMES, draw.randint(1, 4)):
        page.query_params[name] = draw.choice(VALUES).encode("utf-8", "replace").decode()
    page.run()
    asked = dict(page.query_params)
    assert not page.exception, (PAGES[number].address, asked, page.exception[0].value)


def tried(kind: str, seed: int, number: int, found: Found, case: Callable[[], None]) -> None:
    """Run a case, and record whether it was taken, refused in words, or failed."""
    try:
        case()
        found.outcomes[f"{kind} taken"] += 1
    except ReformqaError:
        found.outcomes[f"{kind} refused"] += 1
    except Exception:  # noqa: BLE001 - whatever went wrong is what is looked for
        lines = fuzz.shortened(traceback.format_exc())
        found.fault(f"seed {seed}, {kind} {number}\n{lines}")


def run(seed: int, budget: float) -> Found:
    """Try cases of each kind in turn."""
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").disabled = True
    found = Found()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "index").mkdir()
        rebuild(PROJECT / "corpus", folder / "index")
        os.environ["REFORMQA_INDEX"] = str(folder / "index")
        for number in rounds(budget):
            numbers = range(number * EACH, (number + 1) * EACH)
            for kind in FILES:
                read_files(kind, seed, numbers, folder, found)
            for kind in ("catalogue", "questions", "upload name"):
                for n in range(numbers.start * 10, numbers.stop * 10):
                    draw = random.Random(f"{seed}-{kind}-{n}")
                    tried(kind, seed, n, found, lambda d=draw, k=kind: read_text(k, d, folder))
            for n in numbers:
                draw = random.Random(f"{seed}-address-{n}")
                tried("address", seed, n, found, lambda d=draw: open_page(d))
    return found
