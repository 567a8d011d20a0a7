"""Records in a line each, and a small library of made reports, for tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from reformqa import Build, Hit, Paragraph, Passage, Recommendation, Report
from reformqa.ingest.duplicates import Restatements
from reformqa.ingest.passages import make_passages
from reformqa.models.base import TextVectors
from reformqa.models.onnx import open_encoder, token_role
from reformqa.models.token_reduction import Reducer, Reduction, piece_factors
from reformqa.parsing.blocks import Block
from reformqa.settings import PassageSettings
from reformqa.storage.base import Batch, Draft, IndexVersion, Store, StoreWriter
from reformqa.storage.files.store import FilesStore
from reformqa.storage.files.writer import FilesWriter
from reformqa.storage.memory import MemoryStore, MemoryWriter
from reformqa.text.acronyms import FACT, Defined
from reformqa.tuning import load_tuning

#: The id of the build that `opened` makes.
BUILD = "20260101-000000-000000"


def paragraph(text: str = "Words.", **changes: Any) -> Paragraph:
    """A body paragraph of the report "made", unless changed."""
    values: dict[str, Any] = {
        "id": "made-00000001",
        "report_id": "made",
        "number": 1,
        "kind": "body",
        "text": text,
        "raw": text,
        "section": 0,
        "section_path": ("Chapter",),
        "section_kind": "chapter",
    }
    return Paragraph(**(values | changes))


def report(*paragraphs: Paragraph, **changes: Any) -> Report:
    """A report titled "Made Report" by the publisher "Maker", of 2024."""
    values: dict[str, Any] = {
        "id": "made",
        "title": "Made Report",
        "subtitle": None,
        "authors": (),
        "publisher": "Maker",
        "published": "2024-05",
        "series": None,
        "licence": None,
        "url": None,
        "source": "made.txt",
        "sha256": "0" * 64,
        "sections": (),
        "paragraphs": paragraphs,
    }
    return Report(**(values | changes))


def by(publisher: str, **changes: Any) -> Report:
    """A report of that publisher, its title one that no question names."""
    return report(publisher=publisher, id=publisher, title="untitled", **changes)


def hit(text: str, *, similarity: float = 0.8, publisher: str = "Maker", **changes: Any) -> Hit:
    """A hit on a paragraph of that text; `changes` go to the paragraph."""
    found = paragraph(text, **changes)
    passage = Passage(found.id, found.report_id, text, text, (0, len(text)))
    return Hit(found, passage, similarity, similarity, {}, publisher, "Made Report", 2024)


def block(text: str, kind: str = "body", **changes: Any) -> Block:
    """A block of that text, at line 1."""
    return Block(**({"kind": kind, "text": text, "raw": text, "line": 1} | changes))


@dataclass(frozen=True, slots=True)
class Held:
    """What a version of made reports contains; `statements` has a number for each passage."""

    reports: Sequence[Report]
    recommendations: Sequence[Recommendation]
    passages: Sequence[Passage]
    statements: Sequence[int]


def contents(
    reports: Sequence[Report],
    recommendations: Sequence[Recommendation] = (),
    max_characters: int = 1000,
) -> Held:
    """Return what a version of those reports contains, made as a rebuild makes it."""
    settings = PassageSettings(max_characters=max_characters)
    passages = [p for r in reports for p in make_passages(r, recommendations, settings)]
    of = restatements({p.id: p.text for r in reports for p in r.paragraphs}, recommendations)
    return Held(reports, recommendations, passages, [of[p.paragraph_id] for p in passages])


def restatements(
    paragraphs: Mapping[str, str], recommendations: Sequence[Recommendation] = (), **options: Any
) -> dict[str, int]:
    """Return a number for each paragraph, equal if two state the same."""
    with TemporaryDirectory() as name, closing(Restatements(Path(name), **options)) as found:
        found.add(paragraphs, recommendations)
        return dict(zip(paragraphs, found.groups().tolist(), strict=True))


def opened(
    index: Path, held: Held, models: Mapping[str, Path], build_id: str = BUILD
) -> FilesStore:
    """Return a version of those contents in files, published and opened."""
    writer = FilesWriter(index)
    publish(writer, held, models, build_id)
    return writer.open(build_id)


def newest_segment(build: Path) -> Path:
    """Return the folder of the segment that was written last of those of a build in files."""
    return max((build / "segments").iterdir())


def in_memory(held: Held, models: Mapping[str, Path], build_id: str = BUILD) -> MemoryStore:
    """Return a version of those contents in memory."""
    writer = MemoryWriter()
    publish(writer, held, models, build_id)
    return writer.open(build_id)


def publish(
    writer: StoreWriter, held: Held, models: Mapping[str, Path], build_id: str = BUILD
) -> None:
    """Write and publish a version of those contents."""
    with sealed(writer, held, models, build_id) as (draft, _):
        draft.publish()


@contextmanager
def sealed(
    writer: StoreWriter, held: Held, models: Mapping[str, Path], build_id: str = BUILD
) -> Iterator[tuple[Draft, Store]]:
    """Write a version of those contents; yield its draft, and the store that sealing opens."""
    model = open_encoder(models)
    reducer = Reducer(model, Reduction.load(models[token_role(models)]))
    tuning = load_tuning()

    def encoded(texts: Iterable[str]) -> Iterator[TextVectors]:
        return map(reducer.reduce, model.encode_tokens(texts, "passage"))

    paragraphs = sum(len(r.paragraphs) for r in held.reports)
    counts = len(held.reports), paragraphs, len(held.passages), len(held.recommendations)
    defined = Defined()
    defined.read(p.text for r in held.reports for p in r.paragraphs)
    version = IndexVersion(
        Build(build_id, "now", "made", *counts),
        {"tuning": tuning.model_dump(mode="json"), FACT: defined.table()},
    )
    factors = piece_factors(model, tuning.search.stop_words)
    with writer.begin(build_id, piece_factors=factors) as draft:
        draft.keep_models(models)
        for report in held.reports:
            own = [n for n, p in enumerate(held.passages) if p.report_id == report.id]
            made = [r for r in held.recommendations if r.report_id == report.id]
            vectors = [v.sentence for v in encoded(" ".join((r.text, *r.sub_items)) for r in made)]
            draft.put(
                Batch(
                    report=report,
                    recommendations=made,
                    recommendation_vectors=np.array(vectors, dtype=np.float32).reshape(
                        len(made), model.dimensions
                    ),
                    passages=[held.passages[n] for n in own],
                    statements=[held.statements[n] for n in own],
                    vectors=encoded(held.passages[n].indexed for n in own),
                )
            )
        yield draft, draft.seal(version)


def towns() -> Held:
    """Four reports on bread, trams and harbours, and one without a passage, by four publishers.

    A paragraph "loaves-3" is the third of the report "loaves". Passages are of 200 characters at
    most, so that loaves-4 is in slices. Restated are loaves-1 by loaves-3 and trams-6, and
    ovens-2 by ovens-4. Labelled are Recommendations 3, 4 and 14 and Policy Option Two.
    """
    reports = (
        _told(
            "loaves",
            "Bread in Towns",
            "Bakers Guild",
            "2014-11",
            ("Ada Miller", "Tom Baker"),
            ("summary", "Every town should lend its cold ovens to people who learn the trade."),
            ("summary", "Rye keeps for a week in a stone crock; wheat is stale by evening."),
            ("chapter", "Every town should lend its cold ovens to people who learn the trade!"),
            (
                "chapter",
                "The mill by the harbour grinds rye for the whole coast and has done so for as"
                " long as anybody can tell. Its stones are dressed twice a year by a mason who"
                " walks over from the next valley. In a dry summer the wheel stands still, and"
                " the bakers burn what flour they have stored. Nobody has ever counted the sacks.",
            ),
            ("chapter", "Yeast sleeps in the cold and wakes in a warm room before dawn."),
            ("box", "A guild in the north spent £41 billion on stoves, the most of any trade."),
            ("box", "Only 38 per cent of ovens are lit before six; the rest wait for the sun."),
            ("chapter", "Apprentices speak of the public oven, where the heart of a town beats."),
        ),
        _told(
            "trams",
            "Trams by the Sea",
            "Drivers",
            "2020",
            ("Ida Porter",),
            ("summary", "A tram that comes every ten minutes needs no timetable at all."),
            ("chapter", "Drivers start before dawn and rest when the tide covers the rails."),
            ("chapter", "Recommendation 3: The depot should print its fares on every door."),
            ("chapter", "Recommendation 4: Conductors should be free to stop the tram for a pram."),
            (
                "annex",
                "Fares | Recommendation 3: The depot should print its fares on every door. |"
                " Stops | Recommendation 4: Conductors should be free to stop the tram for a pram."
                " | Rails | Nobody asked for rails in any year",
            ),
            ("annex", "Every town should lend its cold ovens to people who learn the trade."),
            ("annex", "In 2014 the line carried 41 passengers, and in 2019 it carried 90,000."),
            ("chapter", "The rolling stock is old and heavy, and its brakes are loud."),
        ),
        _told(
            "harbours",
            "deep water",
            "Harbour Institute",
            None,
            ("Sam Keel", "Cher"),
            ("chapter", "Dredging a harbour costs more each year as the river brings sand."),
            ("chapter", "Pilots know the bar by the colour of the water over it."),
            ("chapter", "Policy Option Two: The port should buy a second dredger for the bar."),
            ("chapter", "A fish market beside the quay sells cod and herring at dawn."),
            ("conclusion", "Ports that share one pilot lose fewer ships, whatever the weather."),
        ),
        _told(
            "ovens",
            "The Slow Oven",
            "Bakers Guild",
            "2023-10",
            ("Ada Miller",),
            ("summary", "A slow oven saves wood, and a loaf baked in one keeps for longer."),
            ("summary", "Recommendation 14: Guilds should test each oven once in every year."),
            ("chapter", "Bricks hold the heat of the fire long after the ash is raked out."),
            ("chapter", "Guilds should test each oven once in every year."),
            ("chapter", "Wood is dear in spring, when the carters are busy in the fields."),
        ),
        report(
            paragraph("No more is said here.", id="hush-1", report_id="hush", kind="footnote"),
            id="hush",
            title="Nothing at All",
            publisher="Quiet Press",
            published="2021",
        ),
    )
    stated = (
        ("loaves", "Recommendation 1", "loaves-1", "loaves-3"),
        ("trams", "Recommendation 3", "trams-3", "trams-5"),
        ("trams", "Recommendation 4", "trams-4", "trams-5"),
        ("harbours", "Policy Option Two", "harbours-3"),
        ("ovens", "Recommendation 14", "ovens-2", "ovens-4"),
    )
    texts = {p.id: p.text for r in reports for p in r.paragraphs}
    recommendations = [
        Recommendation(
            f"{name}-{label}", name, label, texts[first].split(": ")[-1], (), (), first, tuple(more)
        )
        for name, label, first, *more in stated
    ]
    return contents(reports, recommendations, max_characters=200)


def _told(
    name: str,
    title: str,
    publisher: str,
    published: str | None,
    authors: tuple[str, ...],
    *texts: tuple[str, str],
) -> Report:
    paragraphs = [
        paragraph(
            text,
            id=f"{name}-{n}",
            report_id=name,
            number=n,
            kind="table" if " | " in text else "body",
            section_kind=kind,
            section_path=(kind.capitalize(),),
        )
        for n, (kind, text) in enumerate(texts, start=1)
    ]
    return report(
        *paragraphs,
        id=name,
        title=title,
        publisher=publisher,
        published=published,
        authors=authors,
    )
