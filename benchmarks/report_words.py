"""Words for composed reports: paragraphs, headings and recommendations of real reports."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from measuring import PROJECT

AREAS = ("Schools", "Hospitals", "Probation", "Housing", "Social care", "Transport", "Policing")
TITLES = ("{} after austerity", "Paying for {}", "What {} can teach", "{} in every place")
#: Paragraphs that suffice for any seed.
ENOUGH = 150
#: Words in a paragraph; longer ones are left out.
SHORTEST, LONGEST = 25, 170
_PLAIN = re.compile(r"[A-Z‘“'\"][^*_|<>\[\]{}\n]+[.?!’”]")
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")
#: A raised note mark, which is none of the words of a paragraph.
_MARK = re.compile("(?<=[a-z.,’”])[¹²³⁰⁴-⁹]+")
#: Note marks that a text file has left in the running text, and words of a report's front matter.
_LEFTOVER = re.compile(r"[a-z][.,”’]?\d|https?:|www\.|licen[cs]|thank|grateful|ISBN")


@dataclass
class Words:
    """What a report is made of, drawn without replacement."""

    paragraphs: list[str]
    headings: list[str]
    recommendations: list[str]

    def sentence(self, low: int, high: int) -> str:
        """Remove a paragraph and return a sentence of it with about so many words."""
        for n, text in enumerate(self.paragraphs):
            for sentence in _SENTENCE.split(text):
                if low <= len(sentence.split()) <= high:
                    del self.paragraphs[n]
                    return sentence
        return "Public services need both money and reform."


def gather(shared: Path, report: str) -> Words:
    """Return the words of a report's note, and of the report if the shared folder has it."""
    note = (PROJECT / "corpus" / f"note-on-{report}.md").read_text("utf-8")
    body, _, proposals = note.partition("\n## Recommendations\n")
    recommendations = [
        re.sub(r"[*_]", "", re.sub(r"^[-\d.]+ (?:\*\*.*?\*\* ?)?", "", line))
        for line in proposals.splitlines()
        if re.match(r"- |\d+\. ", line)
    ]
    paragraphs = [line for line in body.splitlines() if _PLAIN.fullmatch(line)]
    headings = re.findall(r"^###? (.+)$", note, re.MULTILINE)
    text, gold = shared / "corpus" / "text" / f"{report}.txt", shared / "gold" / "sections.json"
    if text.exists():
        bare = _MARK.sub("", text.read_text("utf-8"))
        paragraphs += [p for p in bare.split("\n\n") if _PLAIN.fullmatch(p)]
    if gold.exists():
        headings += [s["title"] for s in json.loads(gold.read_text("utf-8"))[report]]
    lengths = range(SHORTEST, LONGEST)
    kept = [p for p in paragraphs if len(p.split()) in lengths and not _LEFTOVER.search(p)]
    return Words(list(dict.fromkeys(kept)), _titles(headings), recommendations)


def _titles(headings: Sequence[str]) -> list[str]:
    """Return headings without numbers and labels, each once."""
    taken = {"summary", "recommendations", "references", "contents", "notes", "endnotes"}
    titles = {}
    for heading in headings:
        title = re.sub(
            r"^(?:\W*\d[\d.]*\W*|(?:chapter|step|box|shift) [\w.]+\W+)", "", heading, flags=re.I
        )
        short = 2 <= len(title.split()) <= 9 and len(title) < 60 and title[:1].isupper()
        if short and not re.search(
            r"[.:;*]|summary|recommend|licen|warrant|disclaim|^(?:about|figure|table)\b",
            title,
            re.I,
        ):
            titles.setdefault(title.lower(), title)
    return [title for lower, title in titles.items() if lower not in taken]


def gather_all(shared: Path, reports: Sequence[str]) -> Words:
    """Return the words of several reports, one after the other, without repetitions."""
    parts = [gather(shared, report) for report in reports]
    paragraphs = list(dict.fromkeys(text for part in parts for text in part.paragraphs))
    if len(paragraphs) < ENOUGH:  # the notes alone: make two or three of each paragraph
        paragraphs = [half for text in paragraphs for half in _pairs(text)]
    made = (form.format(area) for form in TITLES for area in AREAS)
    headings = (*(t for part in parts for t in part.headings), *made)
    return Words(
        paragraphs,
        list({title.lower(): title for title in headings}.values()),
        [text for part in parts for text in part.recommendations],
    )


def _pairs(text: str) -> list[str]:
    """Return a paragraph's sentences two by two."""
    sentences = _SENTENCE.split(text)
    return [" ".join(sentences[n : n + 2]) for n in range(0, len(sentences), 2)]
