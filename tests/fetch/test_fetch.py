"""Fetching from a site that misbehaves: what is kept, refused, retried and resumed."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from reformqa import CorpusError, FetchError, UnknownNameError, __version__
from reformqa.fetch import Fetched, fetch
from reformqa.ingest.corpus import read_corpus
from reformqa.ingest.folder import list_files
from reformqa.settings import DrawingSettings, FetchSettings
from support import bombs
from support import paper_server as ps
from support.paper_server import Site, breaks_off, gives, html, leads_to, paper, resumes, status

TITLE = "Warm Ovens"
PDF = paper(TITLE, pages=200)
OTHER = paper("Cold Boats", pages=200)


def chosen(site: Site, **values: Any) -> FetchSettings:
    """Return settings without waits that allow the site."""
    quick = {"pause": 0, "backoff": 0.01, "read_seconds": 0.5, "seconds": 5, "connect_seconds": 1}
    return FetchSettings.model_validate({**quick, "private_hosts": (site.address,)} | values)


def catalogue(corpus: Path, **entries: dict[str, str]) -> None:
    text = ""
    for name, values in entries.items():
        values = {"title": TITLE, "publisher": "Bakers", **values}
        text += f"[reports.{json.dumps(name)}]\n"
        text += "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
    (corpus / "catalogue.toml").write_text(text, encoding="utf-8")


def get(corpus: Path, site: Site, address: str, key: str = "file", **values: Any) -> Fetched:
    """Fetch the one paper of a catalogue, and return the outcome."""
    catalogue(corpus, warm={key: address})
    (fetched,) = fetch(corpus, settings=chosen(site, **values))
    return fetched


def left(corpus: Path) -> set[str]:
    """Return the files in the corpus except the catalogue and the lock."""
    return {f.name for f in corpus.iterdir()} - {"catalogue.toml", ".fetch.lock"}


def whole(corpus: Path, fetched: Fetched, data: bytes = PDF) -> bool:
    assert fetched.reason is None
    assert fetched.outcome == "fetched"
    assert left(corpus) == {"warm.pdf", "warm.provenance.json"}
    return (corpus / "warm.pdf").read_bytes() == data


def refused(corpus: Path, fetched: Fetched, *reasons: str, outcome: str = "refused") -> None:
    assert (fetched.outcome, fetched.file) == (outcome, None)
    for reason in reasons:
        assert reason in (fetched.reason or "")
    assert left(corpus) == set()


# What is hostile


def hostile_and_good(corpus: Path, site: Site) -> None:
    """A catalogue of two papers, the first of which needs gigabytes to be read to its title."""
    bad = site.has("/bad.pdf", gives(bombs.forms()))
    good = site.has("/warm.pdf", gives(PDF))
    catalogue(corpus, bad={"file": bad}, warm={"file": good})


def test_a_paper_that_overloads_its_check_is_refused_and_the_next_is_not(corpus: Path, site: Site):
    hostile_and_good(corpus, site)
    settings = chosen(site, seconds=120)
    bad, good = fetch(corpus, settings=settings, limits=DrawingSettings(megabytes=256))
    assert (bad.outcome, good.outcome) == ("refused", "fetched")
    assert "cannot be checked: it needed more than 256 MB" in (bad.reason or "")
    assert left(corpus) == {"warm.pdf", "warm.provenance.json"}


def test_the_clock_of_a_paper_is_over_its_check_too(corpus: Path, site: Site):
    hostile_and_good(corpus, site)
    limits = DrawingSettings(seconds=3_000, stuck_seconds=3_000, megabytes=8_192)
    bad, good = fetch(corpus, settings=chosen(site, seconds=2), limits=limits)
    assert (bad.outcome, good.outcome) == ("failed", "fetched")
    assert "The next run tries again" in (bad.reason or "")


# What is kept


def test_a_paper_comes_in_whole_with_its_origin(corpus: Path, site: Site):
    address = site.has("/warm.pdf", gives(PDF, etag='"v1"'))
    catalogue(corpus, warm={"file": address, "licence": "CC BY"})
    before = datetime.now(UTC) - timedelta(seconds=1)
    (fetched,) = fetch(corpus, settings=chosen(site))
    assert whole(corpus, fetched)
    origin = json.loads((corpus / "warm.provenance.json").read_text(encoding="utf-8"))
    assert before <= datetime.fromisoformat(origin.pop("fetched")) <= datetime.now(UTC)
    assert origin == {
        "report_id": "warm",
        "file": "warm.pdf",
        "title": TITLE,
        "licence": "CC BY",
        "asked": address,
        "address": address,
        "sha256": hashlib.sha256(PDF).hexdigest(),
        "bytes": len(PDF),
        "etag": '"v1"',
        "last_modified": None,
    }
    assert [f.name for f in list_files(corpus)] == ["warm.pdf"]
    assert "warm" in read_corpus(corpus).catalogue


def test_of_a_pages_links_the_one_with_the_title_is_taken_first(corpus: Path, site: Site):
    links = (
        '<a href="/about">About us</a> <a href="files/boats.pdf">Cold Boats (PDF)</a>'
        '<a href="files/w.pdf">Warm <b>ovens</b></a> <a href="mailto:a@b.example">pdf</a>'
    )
    site.has("/reports/files/w.pdf", gives(PDF))
    fetched = get(corpus, site, site.has("/reports/warm", html(links)), key="url")
    assert whole(corpus, fetched)
    assert fetched.address == f"{site.url}/reports/files/w.pdf"
    assert site.paths == ["/reports/warm", "/reports/files/w.pdf"]


def test_what_the_page_names_as_its_file_is_tried_before_links(corpus: Path, site: Site):
    meta = '<meta name="citation_pdf_url" content="/named">'
    page = site.has("/warm", html('<a href="/warm-ovens.pdf">Warm Ovens</a>', meta))
    site.has("/named", gives(PDF))
    assert whole(corpus, get(corpus, site, page, key="url"))
    assert site.paths == ["/warm", "/named"]


def test_links_are_tried_until_one_has_the_title_and_five_at_most(corpus: Path, site: Site):
    page = site.has("/warm", html("".join(f'<a href="/{n}.pdf">it</a>' for n in range(7))))
    for n in range(7):
        site.has(f"/{n}.pdf", gives(OTHER))
    refused(corpus, get(corpus, site, page, key="url"), "No link on the page", "Cold Boats")
    assert site.paths == ["/warm", *(f"/{n}.pdf" for n in range(5))]
    site.has("/4.pdf", gives(PDF))
    assert whole(corpus, get(corpus, site, page, key="url"))


def test_a_base_of_the_page_is_minded(corpus: Path, site: Site):
    head = f'<base href="{site.url}/files/">'
    page = site.has("/reports/warm", html('<a href="w.pdf">Warm Ovens</a>', head))
    site.has("/files/w.pdf", gives(PDF))
    assert whole(corpus, get(corpus, site, page, key="url"))


def test_the_files_own_address_is_taken_before_the_page(corpus: Path, site: Site):
    direct, page = site.has("/w", gives(PDF)), site.has("/warm", html("nothing"))
    catalogue(corpus, warm={"file": direct, "url": page})
    assert whole(corpus, fetch(corpus, settings=chosen(site))[0])
    assert site.paths == ["/w"]


def test_redirects_are_followed_and_the_last_address_kept(corpus: Path, site: Site):
    for n in range(5):
        site.has(f"/{n}", leads_to(f"/{n + 1}" if n < 4 else f"{site.url}/w.pdf"))
    site.has("/w.pdf", gives(PDF))
    fetched = get(corpus, site, f"{site.url}/0")
    assert whole(corpus, fetched)
    assert fetched.address == f"{site.url}/w.pdf"
    origin = json.loads((corpus / "warm.provenance.json").read_text(encoding="utf-8"))
    assert (origin["asked"], origin["address"]) == (f"{site.url}/0", f"{site.url}/w.pdf")


def test_one_redirect_more_is_one_too_many(corpus: Path, site: Site):
    for n in range(6):
        site.has(f"/{n}", leads_to(f"/{n + 1}"))
    site.has("/6", gives(PDF))
    refused(corpus, get(corpus, site, f"{site.url}/0"), "redirects more than 5 times")


@pytest.mark.parametrize("packing", ["gzip", "identity"])
def test_a_packed_answer_is_unpacked(corpus: Path, site: Site, packing: str):
    sent = gzip.compress(PDF) if packing == "gzip" else PDF
    address = site.has("/w.pdf", gives(sent, content_encoding=packing))
    assert whole(corpus, get(corpus, site, address))


# What is refused


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("http://127.0.0.2:{port}/w.pdf", "private"),
        ("http://localhost:{port}/w.pdf", "private"),
        ("http://2130706433/w.pdf", "in a private network or on this machine"),
        ("http://[::ffff:127.0.0.1]/w.pdf", "in a private network or on this machine"),
        ("http://169.254.169.254/latest", "in a private network or on this machine"),
        ("file:///etc/hostname", "not a web address"),
        ("ftp://127.0.0.1/w.pdf", "not a web address"),
        ("http://me:secret@127.0.0.1:{port}/w.pdf", "user name or password"),
    ],
)
def test_no_redirect_and_no_link_leads_inside(corpus: Path, site: Site, target: str, reason: str):
    target = target.format(port=site.address.partition(":")[2])
    site.has("/w.pdf", gives(PDF))
    fetched = get(corpus, site, site.has("/away", leads_to(target)))
    refused(corpus, fetched, reason)
    assert "secret" not in (fetched.reason or "")
    page = site.has("/page", html(f'<a href="{target}">Warm Ovens pdf</a>'))
    refused(corpus, get(corpus, site, page, key="url"))
    assert site.paths == ["/away", "/page"]


def test_without_the_setting_this_machine_is_not_asked(corpus: Path, site: Site):
    address = site.has("/w.pdf", gives(PDF))
    fetched = get(corpus, site, address, private_hosts=())
    refused(corpus, fetched, f'add "{site.address}" to the setting fetch.private_hosts')
    assert site.asked == []


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (gives(b"PK\x03\x04 a zip"), "neither a PDF nor a web page"),
        (gives(b""), "neither a PDF nor a web page"),
        (html("Sign in"), "does not link to a PDF"),
        (gives(b"%PDF-1.7 torn %%EOF"), "broken PDF"),
        (gives(PDF[:-200]), "is incomplete"),
        (gives(OTHER), 'another paper, "Cold Boats'),
        (gives(ps.pdfs.pdf("")), "no readable title"),
        (gives(gzip.compress(bytes(3 * 2**20)), content_encoding="gzip"), "larger than 1 MB"),
        (gives(gzip.compress(PDF), content_encoding="gzip, gzip"), "unsupported compression"),
        (gives(PDF, content_encoding="zstd"), "unsupported compression"),
        (gives(PDF + bytes(2**20)), "larger than 1 MB"),
        (ps.never_ends, "larger than 1 MB"),
        (leads_to("/w.pdf"), "redirects more than 5 times"),
    ],
)
def test_what_is_no_such_paper_is_refused_and_not_asked_for_again(
    corpus: Path, site: Site, behaviour: ps.Behaviour, reason: str
):
    address = site.has("/w.pdf", behaviour)
    refused(corpus, get(corpus, site, address, megabytes=1), reason)
    assert len(site.paths) == (6 if "redirects" in reason else 1)


def test_a_page_is_read_to_five_megabytes(corpus: Path, site: Site):
    page = site.has("/warm", html(" " * 6 * 2**20))
    refused(corpus, get(corpus, site, page, key="url"), "too large for a web page")


def test_a_length_that_is_too_short_gives_no_half_of_a_paper(corpus: Path, site: Site):
    def lies(h: ps.Handler) -> None:
        h.begin(200, content_length=len(PDF) // 2)
        h.wfile.write(PDF)
        h.close_connection = True

    refused(corpus, get(corpus, site, site.has("/w.pdf", lies)), "is incomplete")


def test_a_title_is_known_in_other_letters_and_in_the_metadata(corpus: Path, site: Site):
    made = ps.pdfs.pdf(ps.pdfs.text("WARM-", 50, 80) + ps.pdfs.text("oVENS!", 50, 95))
    assert whole(corpus, get(corpus, site, site.has("/w.pdf", gives(made))), made)
    (corpus / "warm.pdf").unlink()
    named = ps.pdfs.pdf(ps.pdfs.text("Cover", 50, 80), info={"Title": "Warm ovens"})
    assert whole(corpus, get(corpus, site, site.has("/w.pdf", gives(named))), named)


# What is retried, and how


@pytest.mark.parametrize("fault", [status(503), status(429), breaks_off(PDF, 400)])
def test_a_fault_that_passes_is_waited_for(corpus: Path, site: Site, fault: ps.Behaviour):
    address = site.has("/w.pdf", fault, fault, gives(PDF))
    assert whole(corpus, get(corpus, site, address))
    assert len(site.paths) == 3


def test_a_host_that_asks_to_wait_is_granted_it(corpus: Path, site: Site):
    address = site.has("/w.pdf", status(429, retry_after=1), gives(PDF))
    began = time.monotonic()
    assert whole(corpus, get(corpus, site, address))
    assert time.monotonic() - began >= 1


def test_a_wait_beyond_the_limit_is_left_to_another_run(corpus: Path, site: Site):
    address = site.has("/w.pdf", status(503, retry_after=3600), gives(PDF))
    refused(corpus, get(corpus, site, address), "asks to wait 3600 seconds", outcome="failed")
    then = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    address = site.has("/w.pdf", status(429, retry_after=then), gives(PDF))
    refused(corpus, get(corpus, site, address), "asks to wait", outcome="failed")


@pytest.mark.parametrize("code", [400, 403, 404, 410])
def test_what_is_not_there_is_asked_for_once(corpus: Path, site: Site, code: int):
    address = site.has("/w.pdf", status(code))
    refused(corpus, get(corpus, site, address), f"status {code}", outcome="failed")
    assert site.paths == ["/w.pdf"]


def test_a_host_that_goes_on_failing_is_given_up(corpus: Path, site: Site):
    address = site.has("/w.pdf", status(500))
    refused(corpus, get(corpus, site, address, tries=3), "(500)", outcome="failed")
    assert len(site.paths) == 3


def test_a_host_that_is_silent_is_given_up(corpus: Path, site: Site):
    address = site.has("/w.pdf", lambda h: h.site.stopped.wait(10) and None)
    fetched = get(corpus, site, address, read_seconds=0.1, tries=2)
    refused(corpus, fetched, "did not answer in time", outcome="failed")
    assert len(site.paths) == 2


@pytest.mark.parametrize("slow", [ps.drips(PDF), ps.drips_headers])
def test_a_file_that_drips_is_given_up_at_its_time(corpus: Path, site: Site, slow: ps.Behaviour):
    fetched = get(corpus, site, site.has("/w.pdf", slow), seconds=0.5)
    refused(corpus, fetched, "took longer than 0.5 seconds", outcome="failed")


def test_an_answer_of_no_length_that_is_cut_at_its_time_is_not_whole(corpus: Path, site: Site):
    def slow(h: ps.Handler) -> None:
        h.begin(200, connection="close")
        h.wfile.write(PDF)
        h.site.stopped.wait(10)

    fetched = get(corpus, site, site.has("/w.pdf", slow), seconds=0.4)
    refused(corpus, fetched, "took longer", outcome="failed")


# What is resumed


def test_what_broke_off_is_continued(corpus: Path, site: Site):
    address = site.has("/w.pdf", breaks_off(PDF, 9000, etag='"v1"'), resumes(PDF, '"v1"'))
    assert whole(corpus, get(corpus, site, address))
    assert [h.get("range") for p, h in site.asked if p == "/w.pdf"] == [None, "bytes=9000-"]
    assert site.asked[-1][1]["if-range"] == '"v1"'


def test_the_next_run_continues_too(corpus: Path, site: Site):
    address = site.has("/w.pdf", breaks_off(PDF, 9000, etag='"v1"'), resumes(PDF, '"v1"'))
    assert get(corpus, site, address, tries=1).outcome == "failed"
    assert len(left(corpus)) == 2  # the data, and its version
    assert list_files(corpus) == []
    assert whole(corpus, get(corpus, site, address))
    assert site.asked[-1][1]["range"] == "bytes=9000-"


def test_a_date_is_a_version_too(corpus: Path, site: Site):
    date = "Mon, 02 Jan 2023 10:00:00 GMT"
    broken = breaks_off(PDF, 9000, last_modified=date)
    address = site.has("/w.pdf", broken, resumes(PDF, date))
    assert whole(corpus, get(corpus, site, address))
    assert site.asked[-1][1]["if-range"] == date


@pytest.mark.parametrize(
    "told", [{"etag": 'W/"v1"'}, {"last_modified": "Fri, 01 Jan 2100 10:00:00 GMT"}, {}]
)
def test_without_a_version_all_is_asked_for_anew(corpus: Path, site: Site, told: dict[str, str]):
    address = site.has("/w.pdf", breaks_off(OTHER, 9000, **told), gives(PDF))
    assert get(corpus, site, address, tries=1).outcome == "failed"
    assert left(corpus) == set()
    assert whole(corpus, get(corpus, site, address))
    assert "range" not in site.asked[-1][1]


def test_a_file_that_changed_meanwhile_is_taken_anew(corpus: Path, site: Site):
    address = site.has("/w.pdf", breaks_off(OTHER, 9000, etag='"v1"'), resumes(PDF, '"v2"'))
    assert whole(corpus, get(corpus, site, address))


@pytest.mark.parametrize(
    "answer",
    [
        {"content_range": f"bytes 9000-{len(PDF) - 1}/{len(PDF)}", "etag": '"v2"'},
        {"content_range": f"bytes 8000-{len(PDF) - 1}/{len(PDF)}", "etag": '"v1"'},
        {"etag": '"v1"'},
    ],
)
def test_a_part_that_does_not_fit_is_not_put_together(
    corpus: Path, site: Site, answer: dict[str, str]
):
    def misfits(h: ps.Handler) -> None:
        h.begin(206, content_length=len(PDF) - 9000, **answer)
        h.wfile.write(PDF[9000:])

    broken = breaks_off(OTHER, 9000, etag='"v1"')
    address = site.has("/w.pdf", broken, misfits, gives(PDF))
    assert whole(corpus, get(corpus, site, address))


def test_a_part_that_was_not_asked_for_is_not_taken(corpus: Path, site: Site):
    def part(h: ps.Handler) -> None:
        h.begin(206, content_length=len(PDF), content_range=f"bytes 0-{len(PDF)}/9999999")
        h.wfile.write(PDF)

    refused(corpus, get(corpus, site, site.has("/w.pdf", part)), "206", outcome="failed")


def test_what_had_come_whole_before_a_kill_is_asked_for_anew(corpus: Path, site: Site):
    address = site.has("/w.pdf", breaks_off(PDF, 9000, etag='"v1"'), resumes(PDF, '"v1"'))
    get(corpus, site, address, tries=1)
    (data,) = corpus.glob(".*.partial")
    data.write_bytes(PDF)
    assert whole(corpus, get(corpus, site, address))


def test_a_run_that_is_killed_goes_on_at_the_next(corpus: Path, site: Site):
    arrived = threading.Event()

    def hangs(h: ps.Handler) -> None:
        h.begin(200, content_length=len(PDF), etag='"v1"')
        h.wfile.write(PDF[:9000])
        arrived.set()
        h.site.stopped.wait(20)

    first = site.has("/1.pdf", gives(PDF))
    second = site.has("/2.pdf", hangs, resumes(PDF + b"\n", '"v1"'))
    catalogue(corpus, first={"file": first}, second={"file": second})
    settings = corpus.parent / "reformqa.toml"
    settings.write_text(f'[fetch]\npause = 0\nprivate_hosts = ["{site.address}"]\n')
    command = [sys.executable, "-m", "reformqa", "fetch", "--corpus", str(corpus)]
    run = subprocess.Popen([*command, "--settings", str(settings)], stdout=subprocess.DEVNULL)
    assert arrived.wait(30)
    while not any(f.stat().st_size for f in corpus.glob(".*.partial")):
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert [f.name for f in list_files(corpus)] == ["first.pdf"]
    outcomes = [f.outcome for f in fetch(corpus, settings=chosen(site))]
    assert outcomes == ["there", "fetched"]
    assert (corpus / "second.pdf").read_bytes() == PDF + b"\n"
    assert site.paths == ["/1.pdf", "/2.pdf", "/2.pdf"]


def test_what_nobody_went_on_with_for_a_month_is_dropped(corpus: Path, site: Site):
    broken = breaks_off(PDF, 9000, etag='"v1"')
    get(corpus, site, site.has("/old.pdf", broken), tries=1)
    for file in corpus.glob(".*.partial*"):
        os.utime(file, (time.time() - 31 * 86_400,) * 2)
    get(corpus, site, site.has("/new.pdf", broken), tries=1)
    assert len(left(corpus)) == 2
    assert whole(corpus, get(corpus, site, site.has("/new.pdf", resumes(PDF, '"v1"'))))


def test_an_odd_wait_and_an_odd_version_do_no_harm(corpus: Path, site: Site):
    odd = status(503, retry_after="²")
    broken = breaks_off(OTHER, 9000, etag='"é"', last_modified="Mon, 99 Foo", date="1")
    assert whole(corpus, get(corpus, site, site.has("/w.pdf", odd, broken, gives(PDF))))


# Politeness


def test_robots_are_minded_and_asked_once(corpus: Path, site: Site):
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: reformqa\nDisallow: /closed\n"
    site.has("/robots.txt", gives(rules, "text/plain"))
    closed, opened = site.has("/closed/w.pdf", gives(PDF)), site.has("/w.pdf", gives(PDF))
    back = site.has("/back", leads_to("/closed/w.pdf"))
    catalogue(corpus, closed={"file": closed}, back={"file": back}, warm={"file": opened})
    found = fetch(corpus, settings=chosen(site, contact="mailto:library@bakers.example"))
    assert [f.outcome for f in found] == ["refused", "refused", "fetched"]
    assert "asks programs not to fetch" in (found[0].reason or "")
    assert [path for path, _ in site.asked] == ["/robots.txt", "/back", "/w.pdf"]
    agents = {headers["user-agent"] for _, headers in site.asked}
    assert agents == {f"reformqa/{__version__} (+mailto:library@bakers.example)"}


@pytest.mark.parametrize("fault", [status(500), status(429), lambda h: h.connection.close()])
def test_where_robots_cannot_be_read_nothing_is_asked(
    corpus: Path, site: Site, fault: ps.Behaviour
):
    site.has("/robots.txt", fault)
    address = site.has("/w.pdf", gives(PDF))
    refused(corpus, get(corpus, site, address, tries=2), "nothing is fetched", outcome="failed")
    assert site.paths == []


def test_between_two_requests_to_a_host_is_a_pause(corpus: Path, site: Site):
    times: list[float] = []

    def noted(h: ps.Handler) -> None:
        times.append(time.monotonic())
        gives(PDF)(h)

    def slow_rules(h: ps.Handler) -> None:
        times.append(time.monotonic())
        gives(b"User-agent: *\nCrawl-delay: 9\n")(h)

    site.has("/robots.txt", slow_rules)
    first, second = site.has("/1", noted), site.has("/2", noted)
    catalogue(corpus, one={"file": first}, two={"file": second})
    fetch(corpus, settings=chosen(site, pause=0.3, longest_wait=0.6))
    before, one, two = times
    assert one - before >= 0.3
    assert 0.6 <= two - one < 9


# The run


def test_one_paper_that_fails_stops_no_other(corpus: Path, site: Site):
    good, bad = site.has("/w.pdf", gives(PDF)), f"{site.url}/none.pdf"
    entries: dict[str, dict[str, str]] = {
        "bad": {"file": bad},
        "no-host": {"file": "http://a..b/w.pdf"},
        "odd": {"file": "http://xn--/w.pdf"},
        "odder": {"file": "http://[bad/w.pdf"},
        "away": {"file": site.has("/away", leads_to("http://xn--/w.pdf"))},
        "far": {"file": site.has("/far", leads_to("http://[bad"))},
        "none": {},
        "../escape": {"file": good},
        "Upper Case": {"file": good},
        "x" * 200: {"file": good},
        "note": {"note_on": "bad", "file": good},
        "good": {"file": good},
    }
    catalogue(corpus, **entries)
    found = {f.report_id: f.outcome for f in fetch(corpus, settings=chosen(site))}
    assert found == {
        "bad": "failed",
        "no-host": "failed",
        "odd": "refused",
        "odder": "refused",
        "away": "refused",
        "far": "refused",
        "none": "no address",
        "../escape": "refused",
        "Upper Case": "refused",
        "x" * 200: "refused",
        "good": "fetched",
    }
    assert left(corpus) == {"good.pdf", "good.provenance.json"}
    assert {f.name for f in corpus.parent.iterdir()} == {"corpus"}


def test_what_is_there_is_not_asked_for(corpus: Path, site: Site):
    address = site.has("/w.pdf", gives(PDF))
    (corpus / "2024").mkdir()
    (corpus / "2024" / "Warm.txt").write_text("Warm ovens bake bread.")
    fetched = get(corpus, site, address)
    assert (fetched.outcome, fetched.file) == ("there", str(corpus / "2024" / "Warm.txt"))
    assert site.asked == []


def test_what_was_fetched_and_renamed_is_there(corpus: Path, site: Site):
    address = site.has("/w.pdf", gives(PDF))
    get(corpus, site, address)
    (corpus / "warm.pdf").rename(corpus / "ovens.pdf")
    (corpus / "warm.provenance.json").rename(corpus / "ovens.provenance.json")
    assert get(corpus, site, address).outcome == "there"
    (corpus / "ovens.pdf").unlink()
    assert get(corpus, site, address).outcome == "fetched"


def test_a_paper_that_is_there_under_another_name_is_told(corpus: Path, site: Site):
    (corpus / "ovens.pdf").write_bytes(PDF)
    fetched = get(corpus, site, site.has("/w.pdf", gives(PDF)))
    assert fetched.outcome == "refused"
    assert "in the corpus already: ovens.pdf" in (fetched.reason or "")
    assert left(corpus) == {"ovens.pdf"}


def test_only_the_reports_asked_for_are_fetched(corpus: Path, site: Site):
    address = site.has("/w.pdf", gives(PDF))
    catalogue(corpus, warm={"file": address}, cold={"file": address})
    found = fetch(corpus, reports=["warm"], settings=chosen(site))
    assert [(f.report_id, f.outcome) for f in found] == [("warm", "fetched")]
    with pytest.raises(UnknownNameError, match="Did you mean warm"):
        fetch(corpus, reports=["warn"], settings=chosen(site))


def test_a_dry_run_asks_and_writes_nothing(corpus: Path, site: Site):
    catalogue(corpus, warm={"file": site.has("/w.pdf", gives(PDF))})
    (planned,) = fetch(corpus, settings=chosen(site), dry_run=True)
    assert (planned.outcome, planned.address) == ("to fetch", f"{site.url}/w.pdf")
    assert site.asked == []
    assert [f.name for f in corpus.iterdir()] == ["catalogue.toml"]


def test_of_two_runs_at_once_the_second_is_told(corpus: Path, site: Site):
    asked, go = threading.Event(), threading.Event()

    def waits(h: ps.Handler) -> None:
        asked.set()
        go.wait(10)
        gives(PDF)(h)

    catalogue(corpus, warm={"file": site.has("/w.pdf", waits)})
    found: list[Fetched] = []
    settings = chosen(site, read_seconds=10, seconds=20)
    first = threading.Thread(target=lambda: found.extend(fetch(corpus, settings=settings)))
    first.start()
    assert asked.wait(10)
    with pytest.raises(FetchError, match="Another run is fetching"):
        fetch(corpus, settings=settings)
    go.set()
    first.join()
    assert whole(corpus, found[0])


def test_a_folder_that_cannot_be_written_to_is_told(corpus: Path, site: Site):
    catalogue(corpus, warm={"file": site.has("/w.pdf", gives(PDF))})
    (corpus / ".fetch.lock").mkdir()
    with pytest.raises(FetchError, match="cannot be written to"):
        fetch(corpus, settings=chosen(site))


def test_for_want_of_a_folder_nothing_is_made(tmp_path: Path):
    with pytest.raises(CorpusError, match="no corpus folder"):
        fetch(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []
