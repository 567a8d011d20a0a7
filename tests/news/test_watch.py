"""Watching a publisher's site: what is offered, taken in and remembered, and what it may not do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reformqa import CorpusError, FetchError, UnknownNameError, UploadError
from reformqa.fetch.keep import locked
from reformqa.news.watch import Looked, drop, take, waiting, watch
from reformqa.settings import FetchSettings
from support import paper_server as ps
from support.paper_server import Site, gives, html, never_ends, paper, status

TITLE = "Warm Ovens"
PDF = paper(TITLE)


def chosen(site: Site) -> FetchSettings:
    quick = {"pause": 0, "backoff": 0.01, "read_seconds": 2, "seconds": 60, "tries": 1}
    return FetchSettings.model_validate({**quick, "private_hosts": (site.address,)})


def catalogue(corpus: Path, *entries: dict[str, Any]) -> None:
    """Write a catalogue that watches these."""
    text = ""
    for values in entries:
        text += "[[watch]]\n"
        text += "".join(
            f"{k} = {json.dumps(v)}\n" for k, v in ({"publisher": "Bakers"} | values).items()
        )
    (corpus / "catalogue.toml").write_text(text, encoding="utf-8")


def look(corpus: Path, site: Site, **entry: Any) -> Looked:
    """Watch one address, and return what was new there."""
    catalogue(corpus, entry)
    (looked,) = watch(corpus, settings=chosen(site))
    return looked


def rss(*items: str) -> ps.Behaviour:
    text = f'<?xml version="1.0"?><rss version="2.0"><channel>{"".join(items)}</channel></rss>'
    return gives(text.encode(), "application/rss+xml")


def item(title: str, link: str, date: str = "Mon, 30 Nov 2026 09:00:00 GMT", more: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link><pubDate>{date}</pubDate>{more}</item>"


def names(corpus: Path) -> set[str]:
    return {f.name for f in corpus.iterdir()} - {"catalogue.toml", ".fetch.lock"}


# What is found


def test_a_paper_of_a_feed_is_offered_once(corpus: Path, site: Site):
    url = site.has("/feed", rss(item(TITLE, "/papers/warm?utm_source=rss#top")))
    looked = look(corpus, site, url=url)
    assert (looked.kind, looked.listed, looked.is_well) == ("feed", 1, True)
    (found,) = looked.new
    assert (found.title, found.published, found.publisher) == (TITLE, "2026-11-30", "Bakers")
    assert (found.address, found.state) == (f"{site.url}/papers/warm", "waiting")
    assert look(corpus, site, url=url).new == ()
    assert waiting(corpus) == (found,)
    assert site.paths == ["/feed", "/feed"]
    assert names(corpus) == {"inbox.json"}


def test_an_atom_feed_and_an_enclosed_pdf_are_read(corpus: Path, site: Site):
    text = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="html">'
        "&lt;b&gt;Warm&lt;/b&gt; Öfen</title><updated>2026-11-30T08:00:00Z</updated>"
        '<link href="/warm"/><link rel="enclosure" type="application/pdf" href="/warm.pdf"/>'
        "</entry></feed>"
    )
    (found,) = look(corpus, site, url=site.has("/atom", gives(text.encode()))).new
    assert (found.title, found.address) == ("Warm Öfen", f"{site.url}/warm.pdf")


def test_a_sitemap_gives_titles_by_its_addresses(corpus: Path, site: Site):
    rows = "".join(
        f"<url><loc>{site.url}/{path}</loc><lastmod>{day}</lastmod></url>"
        for path, day in (
            ("papers/warm-ovens", "2026-11-30T08:00:00+00:00"),
            ("papers/old-ovens", "2025-01-31"),
            ("news/new-chair", "2026-11-30"),
        )
    )
    text = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'
    url = site.has("/sitemap.xml", gives(text.encode(), "text/xml"))
    looked = look(corpus, site, url=url, under="/papers/", since="2026")
    assert (looked.kind, looked.listed) == ("sitemap", 3)
    assert [(i.title, i.published) for i in looked.new] == [("warm ovens", "2026-11-30")]


def test_a_page_offers_what_lies_below_it_and_pdfs(corpus: Path, site: Site):
    links = (
        '<a href="/">Home</a> <a href="/people/our-fellows">All our fellows</a>'
        '<a href="/papers/warm"><img alt=""></a><a href="/papers/warm">Warm Ovens at Dawn</a>'
        '<a href="/papers/warm">Read</a> <a href="/papers?page=2">Next page of papers</a>'
        '<a href="http://other.example/papers/x">Papers of others</a>'
        '<a href="https://files.example/cold-boats.pdf">PDF</a>'
    )
    looked = look(corpus, site, url=site.has("/papers", html(links)))
    assert looked.kind == "page"
    assert {i.title: i.address for i in looked.new} == {
        "Warm Ovens at Dawn": f"{site.url}/papers/warm",
        "cold boats": "https://files.example/cold-boats.pdf",
    }


def test_only_what_the_rule_wants_is_offered_newest_first_and_in_portions(corpus: Path, site: Site):
    url = site.has(
        "/feed",
        rss(
            item("A report on ovens", "/1", "Sun, 01 Nov 2026 09:00:00 GMT"),
            item("Reports of boats", "/2", "Mon, 30 Nov 2026 09:00:00 GMT"),
            item("An old report", "/3", "Mon, 30 Nov 2020 09:00:00 GMT"),
            item("Unreported", "/4"),
        ),
    )
    entry = {"url": url, "words": ["report"], "since": "2026-10", "most": 1}
    assert [i.title for i in look(corpus, site, **entry).new] == ["Reports of boats"]
    assert [i.title for i in look(corpus, site, **entry).new] == ["A report on ovens"]
    assert look(corpus, site, **entry).new == ()


def test_what_the_corpus_or_the_catalogue_has_is_not_offered(corpus: Path, site: Site):
    site.has("/warm.pdf", gives(PDF))
    url = site.has("/feed", rss(item(TITLE, "/warm.pdf"), item("Cold Boats", "/boats")))
    take(corpus, look(corpus, site, url=url).new[0].id, settings=chosen(site))
    (corpus / "inbox.json").unlink()
    catalogue(corpus, {"url": url})
    with (corpus / "catalogue.toml").open("a") as file:
        file.write(f'[reports.boats]\ntitle = "Boats"\npublisher = "B"\nurl = "{site.url}/boats"\n')
    (looked,) = watch(corpus, settings=chosen(site))
    assert (looked.listed, looked.new) == (2, ())


# What is taken in


def test_a_paper_goes_straight_into_the_corpus_with_its_origin(corpus: Path, site: Site):
    site.has("/papers/warm", html('<a href="/files/w.pdf">Warm Ovens (PDF)</a>'))
    site.has("/files/w.pdf", gives(PDF))
    url = site.has("/feed", rss(item(TITLE, "/papers/warm")))
    looked = look(corpus, site, url=url, into="corpus")
    (found,) = looked.new
    assert (found.state, Path(found.file or "").name) == ("taken", "Warm Ovens.pdf")
    assert (corpus / "Warm Ovens.pdf").read_bytes() == PDF
    origin = json.loads((corpus / "Warm Ovens.provenance.json").read_text(encoding="utf-8"))
    assert (origin["asked"], origin["address"]) == (found.address, f"{site.url}/files/w.pdf")
    assert look(corpus, site, url=url, into="corpus").new == ()


def test_a_paper_with_another_title_waits_until_the_operator_says_more(corpus: Path, site: Site):
    site.has("/warm.pdf", gives(PDF))
    url = site.has("/feed", rss(item("New: our report on ovens", "/warm.pdf")))
    looked = look(corpus, site, url=url, into="corpus")
    (found,) = looked.new
    assert (found.state, looked.is_well) == ("waiting", False)
    assert 'is another paper, "Warm Ovens"' in (found.reason or "")
    with pytest.raises(FetchError, match="another paper"):
        take(corpus, found.id, settings=chosen(site))
    done = take(corpus, found.id, title=TITLE, settings=chosen(site))
    assert (done.state, Path(done.file or "").name) == ("taken", "Warm Ovens.pdf")
    assert waiting(corpus) == ()
    with pytest.raises(UnknownNameError):
        take(corpus, found.id, settings=chosen(site))


def test_a_paper_whose_host_fails_is_tried_again_and_then_waits(corpus: Path, site: Site):
    url = site.has("/feed", rss(item(TITLE, "/warm.pdf")))
    site.has("/warm.pdf", status(503), gives(PDF))
    (first,) = look(corpus, site, url=url, into="corpus").new
    assert (first.state, first.tries) == ("failed", 1)
    (second,) = look(corpus, site, url=url, into="corpus").new
    assert second.state == "taken"
    other = site.has("/other", rss(item("Cold Boats", "/boats.pdf")))
    site.has("/boats.pdf", status(503))
    states = [look(corpus, site, url=other, into="corpus").new[0].state for _ in range(3)]
    assert states == ["failed", "failed", "waiting"]
    assert look(corpus, site, url=other, into="corpus").new == ()


def test_no_announced_paper_gets_the_id_of_a_report_in_the_catalogue(corpus: Path, site: Site):
    site.has("/great-ovens.pdf", gives(PDF))
    url = site.has("/feed", rss(item(TITLE, "/great-ovens.pdf")))
    catalogue(corpus, {"url": url, "into": "corpus"})
    with (corpus / "catalogue.toml").open("a") as file:
        for name in ("warm-ovens", "great-ovens"):
            file.write(f'[reports.{name}]\ntitle = "Ovens, {name}"\npublisher = "B"\n')
    ((found,),) = [looked.new for looked in watch(corpus, settings=chosen(site))]
    assert "the id of a report in the catalogue, warm-ovens" in (found.reason or "")
    with pytest.raises(UploadError, match="great-ovens"):
        take(corpus, found.id, title="", settings=chosen(site))
    assert names(corpus) == {"inbox.json"}


def test_a_paper_that_was_dropped_is_not_offered_again(corpus: Path, site: Site):
    url = site.has("/feed", rss(item(TITLE, "/warm.pdf")))
    (found,) = look(corpus, site, url=url).new
    assert drop(corpus, found.id).state == "dropped"
    assert (waiting(corpus), look(corpus, site, url=url).new) == ((), ())
    with pytest.raises(UnknownNameError, match="paper in the inbox"):
        drop(corpus, "0123456789")


# What is malformed or hostile


def hostile(site: Site) -> dict[str, tuple[ps.Behaviour, str]]:
    """Sites that cannot be read, and what is said of each."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 50}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>'
    return {
        "/missing": (status(404), "404"),
        "/endless": (never_ends, "too large"),
        "/huge": (gives(b"<rss>" + b"x" * (6 * 2**20)), "too large"),
        "/noise": (gives(b"\x00\xff" * 5_000), "no feed, sitemap or web page"),
        "/a-pdf": (gives(PDF), "no feed, sitemap or web page"),
        "/file-name": (gives(b"/etc/hostname"), "no feed, sitemap or web page"),
        "/broken": (gives(b"<rss><channel><item"), "malformed feed"),
        "/broken-map": (gives(b"<urlset><url><loc>http://x.example/</url>"), "malformed sitemap"),
        "/bomb": (gives(f"{bomb}<urlset><url><loc>&l11;</loc></url></urlset>".encode()), "sitemap"),
        "/maps": (
            gives(
                b"<sitemapindex><sitemap><loc>http://x.example/1.xml</loc></sitemap></sitemapindex>"
            ),
            "Watch one of them: http://x.example/1.xml",
        ),
        "/private": (ps.leads_to("http://169.254.169.254/feed"), "private network"),
    }


def test_sites_that_cannot_be_read_are_told_and_the_others_go_on(corpus: Path, site: Site):
    bad = hostile(site)
    urls = [site.has(path, behaviour) for path, (behaviour, _) in bad.items()]
    good = site.has("/feed", rss(item(TITLE, "/warm")))
    catalogue(corpus, *({"url": url} for url in (*urls, good)))
    *failed, last = watch(corpus, settings=chosen(site))
    assert [i.title for i in last.new] == [TITLE]
    said = {looked.site.removeprefix(site.url): looked.reason or "" for looked in failed}
    assert {path: reason for path, (_, reason) in bad.items() if reason not in said[path]} == {}
    assert all(looked.kind is None and looked.new == () for looked in failed)
    assert names(corpus) == {"inbox.json"}


def test_a_feed_that_breaks_off_gives_what_it_has_and_a_warning(corpus: Path, site: Site):
    text = b"<rss version='2.0'><channel>" + item(TITLE, "/warm").encode() + b"<item><title>Cut"
    looked = look(corpus, site, url=site.has("/feed", gives(text)))
    assert TITLE in [i.title for i in looked.new]
    assert "malformed" in (looked.reason or "")


def test_hostile_titles_and_addresses_come_to_nothing(corpus: Path, site: Site):
    url = site.has(
        "/feed",
        rss(
            item("&lt;script&gt;alert(1)&lt;/script&gt;Warm &lt;b onclick=x&gt;Ovens", "/1"),
            item("Cold\x0c\u202e\u200bBoats &#x9;\n here", "/2"),
            item("x" * 3_000_000, "/3"),
            item("By file", "file:///etc/passwd"),
            item("By script", "javascript:alert(1)"),
            item("Not an address", "http://[::1"),
            item("", "/papers/from-its-address.html"),
        ),
    )
    found = look(corpus, site, url=url).new
    titles = {i.address.removeprefix(site.url): i.title for i in found}
    assert set(titles) == {"/1", "/2", "/3", "/papers/from-its-address.html"}
    assert "<" not in titles["/1"]
    assert titles["/1"].endswith("Warm Ovens")
    assert titles["/2"] == "Cold Boats here"
    assert len(titles["/3"]) <= 300
    assert titles["/papers/from-its-address.html"] == "from its address"


def test_robots_are_heeded(corpus: Path, site: Site):
    site.has("/robots.txt", gives(b"User-agent: *\nDisallow: /feed\n", "text/plain"))
    looked = look(corpus, site, url=site.has("/feed", rss(item(TITLE, "/warm"))))
    assert "asks programs not to fetch" in (looked.reason or "")
    assert site.paths == []


def test_a_damaged_inbox_is_an_error_and_stays_as_it_is(corpus: Path, site: Site):
    url = site.has("/feed", rss(item(TITLE, "/warm")))
    for text in ("{", '[{"id": "x"}]', "[" * 100_000, '[{"id": 1, "newer": true}]'):
        (corpus / "inbox.json").write_text(text)
        with pytest.raises(CorpusError, match="is damaged"):
            look(corpus, site, url=url)
        assert (corpus / "inbox.json").read_text() == text


def test_two_runs_do_not_change_the_inbox_together(corpus: Path, site: Site):
    url = site.has("/feed", rss(item(TITLE, "/warm")))
    (found,) = look(corpus, site, url=url).new
    with locked(corpus), pytest.raises(FetchError, match="Another run"):
        drop(corpus, found.id)


@pytest.mark.parametrize(
    "entry",
    [
        {"url": "ftp://x.example/feed"},
        {"url": "https://x.example/feed", "colour": "red"},
        {"url": "https://x.example/feed", "since": "last year"},
        {"url": "https://x.example/feed", "into": "index"},
        {"url": "https://x.example/feed", "publisher": ""},
    ],
)
def test_an_invalid_entry_is_named(corpus: Path, site: Site, entry: dict[str, str]):
    catalogue(corpus, entry)
    with pytest.raises(CorpusError, match=r"watch\.0\."):
        watch(corpus, settings=chosen(site))
