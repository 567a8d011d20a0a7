"""Tagged PDFs are read by their tags, and by their look where the tags are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject

from reformqa.parsing.blocks import FileText
from reformqa.parsing.quality import judge
from reformqa.parsing.readers.pdf import read_pdf
from support.pdfs import LEFT, MILL, OVEN, SALT, pdf, set_lines, text, width, wrapped
from support.tagged import Tag, marked, tagged


def read(folder: Path, file: bytes) -> FileText:
    path = folder / "made.pdf"
    path.write_bytes(file)
    return read_pdf(path)


def shown(found: FileText) -> list[tuple[str, str]]:
    return [(b.kind, b.text) for b in found.blocks]


def stacked(parts: Sequence[str], top: float = 100, measure: float = 500) -> tuple[str, int]:
    """Operators that set texts under one another without a blank, each with its id from 0."""
    drawn = []
    for number, words in enumerate(parts):
        lines = wrapped(words, measure)
        drawn.append(marked(number, set_lines(lines, top)))
        top += 12 * len(lines)
    return "\n".join(drawn), len(parts)


def test_what_looks_like_one_paragraph_is_read_as_tagged(tmp_path: Path) -> None:
    # Nothing but the tags tells the title of the section from the lines below it.
    page, _ = stacked(["The canal trade", MILL, "bread from the valley.", OVEN])
    tree = Tag("Document", [Tag("H1", [0]), Tag("P", [1]), Tag("P", [2]), Tag("P", [3])])
    found = read(tmp_path, tagged(pdf(page), tree))
    assert shown(found)[0] == ("heading", "The canal trade")
    assert [text for _, text in shown(found)[1:]] == [MILL, "bread from the valley.", OVEN]
    assert found.layout.tagged == (1,)


def test_the_parts_of_an_element_on_two_pages_are_one_paragraph(tmp_path: Path) -> None:
    # By its look, the text is cut: it ends with a full stop, and the next page begins a sentence.
    first, _ = stacked(["Salt", SALT])
    second, _ = stacked([OVEN, MILL])
    tree = Tag("Document", [Tag("H1", [0]), Tag("P", [1, (2, 0)]), Tag("P", [1], page=2)])
    found = read(tmp_path, tagged(pdf(first, second), tree))
    assert [b.text for b in found.blocks if b.kind == "body"] == [f"{SALT} {OVEN}", MILL]


def test_a_note_in_the_text_is_read_after_the_page(tmp_path: Path) -> None:
    half = len(wrapped(MILL, 500)) // 2 + 1
    lines = wrapped(MILL, 500)
    page = "\n".join(
        [
            marked(0, text("Rye and the canal", LEFT, 80, 14, "F2")),
            marked(1, set_lines(lines[:half], 100)),
            marked(2, text("1 As the miller's book of that year tells.", LEFT, 700, 8)),
            marked(3, set_lines(lines[half:], 100 + 12 * half)),
            marked(4, set_lines(wrapped(OVEN, 500), 160)),
        ]
    )
    tree = Tag(
        "Document", [Tag("H1", [0]), Tag("P", [1, Tag("Note", [Tag("P", [2])]), 3]), Tag("P", [4])]
    )
    found = read(tmp_path, tagged(pdf(page), tree))
    assert shown(found)[1:] == [
        ("body", MILL),
        ("body", OVEN),
        ("footnote", "As the miller's book of that year tells."),
    ]


def test_a_list_item_has_its_label_and_its_paragraphs(tmp_path: Path) -> None:
    page = "\n".join(
        [
            marked(0, text("Rules of the mill", LEFT, 80, 14, "F2")),
            marked(1, text("Rule A", LEFT, 100)),
            marked(2, set_lines(["Rye is weighed twice."], 100, x=110)),
            marked(3, set_lines(["The second weight counts."], 112, x=110)),
            marked(4, set_lines(["Nobody grinds on a feast day."], 124)),
        ]
    )
    item = Tag("LI", [Tag("Lbl", [1]), Tag("LBody", [Tag("P", [2]), Tag("P", [3])])])
    tree = Tag("Document", [Tag("H1", [0]), Tag("L", [item, Tag("LI", [Tag("LBody", [4])])])])
    found = read(tmp_path, tagged(pdf(page), tree))
    assert shown(found)[1:] == [
        ("bullet", "Rule A Rye is weighed twice."),
        ("body", "The second weight counts."),
        ("bullet", "Nobody grinds on a feast day."),
    ]


def test_a_table_without_rules_keeps_its_columns(tmp_path: Path) -> None:
    rows = (("Year", 50), ("Sacks", 120)), (("Rye", 120), ("Oats", 190)), (("1801", 50), ("9", 190))
    drawn = [marked(99, text("Grain", LEFT, 80, 14, "F2"))]
    for row, parts in enumerate(rows):
        drawn += [
            marked(2 * row + n, text(words, x, 100 + 14 * row))
            for n, (words, x) in enumerate(parts)
        ]
    drawn.append(marked(50, set_lines(wrapped(MILL, 500), 200)))
    year, sacks = _spanning("RowSpan"), _spanning("ColSpan")
    head = Tag("TR", [Tag("TH", [0], entries=year), Tag("TH", [1], entries=sacks)])
    names = Tag("TR", [Tag("TH", [2]), Tag("TH", [3])])
    body = Tag("TR", [Tag("TH", [4]), Tag("TD", []), Tag("TD", [5])])
    table = Tag("Table", [Tag("THead", [head, names]), Tag("TBody", [body])])
    tree = Tag("H1", [99]), table, Tag("P", [50])
    found = read(tmp_path, tagged(pdf("\n".join(drawn)), *tree))
    assert [words for kind, words in shown(found) if kind == "table"] == [
        "Year | Sacks |",
        "| Rye | Oats",
        "1801 | | 9",
    ]


def _spanning(name: str) -> dict[str, DictionaryObject]:
    """The attributes of a cell that covers two columns or rows."""
    return {"A": DictionaryObject({NameObject(f"/{name}"): NumberObject(2)})}


def test_a_frame_tagged_as_a_table_of_one_column_keeps_its_paragraphs(tmp_path: Path) -> None:
    page, _ = stacked(["A report", MILL, OVEN, SALT])
    frame = Tag("Table", [Tag("TR", [Tag("TD", [Tag("P", [1]), Tag("P", [2])])])])
    found = read(tmp_path, tagged(pdf(page), Tag("H1", [0]), frame, Tag("P", [3])))
    assert shown(found)[1:] == [("body", MILL), ("body", OVEN), ("body", SALT)]


def test_loose_tags_that_share_a_line_are_one_paragraph(tmp_path: Path) -> None:
    # As a browser writes them: the text on either side of a note mark has a tag of its own.
    words = "Bread is made of rye, whatever they say in the town."
    end = LEFT + width(words)
    begun, mark = marked(1, text(words, LEFT, 160)), marked(2, text("4", end, 156, 6))
    rest = text("Salt came by boat, and", end + 6, 160) + text("went on by rail.", LEFT, 172)
    rest = marked(3, rest)
    page = "\n".join([marked(0, set_lines(wrapped(MILL, 500), 100)), begun, mark, rest])
    parts = [Tag("NonStruct", [1]), Tag("NonStruct", [2]), Tag("NonStruct", [3])]
    tree = Tag("Document", [Tag("P", [0]), Tag("NonStruct", parts)])
    found = [b.text for b in read(tmp_path, tagged(pdf(page), tree)).blocks]
    assert found == [
        MILL,
        "Bread is made of rye, whatever they say in the town. Salt came by boat, and went on by"
        " rail.",
    ]


def test_names_of_styles_are_mapped_and_read(tmp_path: Path) -> None:
    page, _ = stacked(["The canal", "Boats", SALT, "Locks", OVEN])
    roles = {"Chapter": "Top", "Top": "H1", "Heading_2": "P", "Body_text": "P"}
    kinds = ("Chapter", "Heading_2", "Body_text", "Heading_2", "Body_text")
    tree = [Tag(kind, [n]) for n, kind in enumerate(kinds)]
    found = read(tmp_path, tagged(pdf(page), *tree, roles=roles))
    assert [b.text for b in found.blocks if b.kind == "heading"] == ["The canal", "Boats", "Locks"]


def test_a_type_of_another_namespace_is_mapped_there(tmp_path: Path) -> None:
    page, _ = stacked(["The canal", SALT, OVEN])
    space = DictionaryObject(
        {NameObject("/RoleMapNS"): DictionaryObject({NameObject("/caput"): NameObject("/H1")})}
    )
    tree = [Tag("caput", [0], entries={"NS": space}), Tag("P", [1]), Tag("P", [2])]
    assert shown(read(tmp_path, tagged(pdf(page), *tree)))[0] == ("heading", "The canal")


def test_a_running_head_tagged_as_a_paragraph_is_furniture(tmp_path: Path) -> None:
    pages, tree = [], [Tag("H1", [9])]
    for number, words in enumerate((MILL, OVEN, SALT, MILL), 1):
        head = marked(0, text("A history of the valley", LEFT, 40, 8))
        title = marked(9, text("Bread", LEFT, 80, 14, "F2")) if number == 1 else ""
        pages.append("\n".join([head, title, marked(1, set_lines(wrapped(words, 500), 100))]))
        tree += [Tag("P", [0], page=number), Tag("P", [1], page=number)]
    found = read(tmp_path, tagged(pdf(*pages), *tree))
    assert found.layout.tagged == (1, 2, 3, 4)
    assert {b.kind for b in found.blocks if b.text == "A history of the valley"} == {"furniture"}
    assert [b.text for b in found.blocks if b.kind == "body"] == [MILL, OVEN, SALT, MILL]


def _apart(parts: Sequence[str]) -> tuple[list[list[str]], list[float]]:
    """The lines of paragraphs with a blank before each, and where each begins."""
    lines = [wrapped(words, 300) for words in parts]
    tops = [100.0]
    for part in lines[:-1]:
        tops.append(tops[-1] + 12 * len(part) + 14)
    return lines, tops


def _lying(lie: str) -> tuple[str, list[Tag], str]:
    """A page, wrong tags for it, and the words of the parse report."""
    lines, tops = _apart([MILL, OVEN, SALT, MILL, OVEN, SALT])
    drawn = [set_lines(part, top) for part, top in zip(lines, tops, strict=True)]
    title = marked(50, text("Bread", LEFT, 70, 14, "F2"))
    page = "\n".join([title, *(marked(n, part) for n, part in enumerate(drawn))])
    head, paragraphs = Tag("H1", [50]), [Tag("P", [n]) for n in range(6)]
    if lie == "joined":
        return page, [head, Tag("P", [0, 1, 2]), Tag("P", [3, 4, 5])], "the tags join paragraphs"
    if lie == "headings":
        return (
            page,
            [head, *(Tag("H2", [n]) for n in range(6))],
            ("the tags make headings of the text"),
        )
    if lie == "order":
        shuffled = [paragraphs[n] for n in (0, 3, 2, 1, 4, 5)]
        return page, [head, *shuffled], "the tags are out of order"
    if lie == "missing":
        return page, [head, *paragraphs[:5]], "text without a tag"
    if lie == "bare":
        return page, [Tag("P", [50]), *paragraphs], "the tags name nothing but paragraphs"
    single = [
        (line, top + 12 * n)
        for part, top in zip(lines, tops, strict=True)
        for n, line in enumerate(part)
    ]
    page = "\n".join([title, *(marked(n, text(w, LEFT, y)) for n, (w, y) in enumerate(single))])
    return page, [head, *(Tag("P", [n]) for n in range(len(single)))], "the tags cut paragraphs"


@pytest.mark.parametrize("lie", ["joined", "headings", "order", "missing", "bare", "cut"])
def test_wrong_tags_change_nothing_and_the_report_says_why(tmp_path: Path, lie: str) -> None:
    page, tree, reason = _lying(lie)
    plain = read(tmp_path, pdf(page))
    found = read(tmp_path, tagged(pdf(page), *tree))
    assert shown(found) == shown(plain)
    assert found.layout.tagged == ()
    assert found.layout.doubts == ((1, reason),)
    assert judge(found.layout, [], []).doubts == (reason,)


def test_a_paragraph_between_two_of_an_element_is_kept_apart(tmp_path: Path) -> None:
    """A slip of a few is mended: one element in many contains two paragraphs."""
    lines, tops = _apart([MILL, OVEN, *[SALT, MILL, OVEN] * 5])
    drawn = [
        marked(n, set_lines(part, top))
        for n, (part, top) in enumerate(zip(lines, tops, strict=True))
    ]
    pages = ["\n".join([marked(50, text("Bread", LEFT, 70, 14, "F2")), *drawn])]
    tree = [Tag("H1", [50]), Tag("P", [0, 1]), *(Tag("P", [n]) for n in range(2, 17))]
    found = read(tmp_path, tagged(pdf(*pages), *tree))
    assert found.layout.tagged == (1,)
    assert [b.text for b in found.blocks if b.kind == "body"][:3] == [MILL, OVEN, SALT]


def test_untagged_running_feet_are_furniture(tmp_path: Path) -> None:
    page, _ = stacked(["Bread", MILL, OVEN])
    foot = (
        "/Artifact BMC "
        + text("Printed for the guild of millers in two hundred copies", LEFT, 780, 8)
        + " EMC"
    )
    found = read(
        tmp_path, tagged(pdf(f"{page}\n{foot}"), Tag("H1", [0]), Tag("P", [1]), Tag("P", [2]))
    )
    assert shown(found)[-1][0] == "furniture"
    assert found.layout.tagged == (1,)


def test_a_tree_that_goes_round_in_a_circle_is_walked_once(tmp_path: Path) -> None:
    page, _ = stacked(["Bread", MILL, OVEN])
    loop = Tag("Sect", [])
    file = tagged(pdf(page), Tag("H1", [0]), loop, Tag("P", [1]), Tag("P", [2]))
    assert shown(read(tmp_path, _looped(file))) == shown(read(tmp_path, file))


def _looped(file: bytes) -> bytes:
    """The file with the empty section of its structure tree as a child of itself."""
    writer = PdfWriter(clone_from=BytesIO(file))
    kids = writer.root_object["/StructTreeRoot"]["/K"]
    section = next(k for k in kids if k.get_object()["/S"] == "/Sect")
    section.get_object()[NameObject("/K")] = ArrayObject([section, kids])
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_the_tags_of_a_real_policy_are_used_where_they_are_right(shared: Path) -> None:
    """Two of its pages tag text as a note, or "OR" between two items after them both."""
    found = read_pdf(shared / "corpus" / "public" / "nhs-ifr.pdf")
    assert len(found.layout.tagged) >= 25
    doubts = dict(found.layout.doubts)
    assert doubts[5] == "text tagged as notes"
    assert doubts[7] == "the tags are out of order"
    item = next(b for b in found.blocks if b.text.startswith("There can be no exhaustive"))
    assert (item.kind, item.label) == ("numbered", "7")


def test_levels_come_from_the_tags(tmp_path: Path) -> None:
    parts = [
        ("Bread", 18),
        (MILL, 10),
        ("Rye", 12),
        (OVEN, 10),
        ("Salt", 12),
        (SALT, 10),
        ("Boats", 18),
        (OVEN, 10),
    ]
    drawn, top = [], 90.0
    for number, (words, size) in enumerate(parts):
        lines = wrapped(words, 500, size)
        drawn.append(
            marked(
                number,
                "\n".join(text(w, LEFT, top + 1.2 * size * n, size) for n, w in enumerate(lines)),
            )
        )
        top += 1.2 * size * len(lines) + 14
    kinds = ("H2", "P", "H3", "P", "H3", "P", "H2", "P")
    tree = [Tag(kind, [n]) for n, kind in enumerate(kinds)]
    found = read(tmp_path, tagged(pdf("\n".join(drawn)), *tree))
    marks = [(b.text, b.mark) for b in found.blocks if b.kind == "heading"]
    assert found.layout.headings == "tags"
    assert marks == [("Bread", 2), ("Rye", 3), ("Salt", 3), ("Boats", 2)]
