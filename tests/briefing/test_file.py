"""A briefing's file: what is written is read again, and anything else is refused with a reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reformqa import Briefing, BriefingError, read_briefing, write_briefing
from reformqa.briefing.file import FORMAT, LARGEST, VERSION
from support.briefings import ovens
from support.documents import WILD

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(FORMAT),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def values() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(write_briefing(ovens()))
    return found


def test_a_briefing_is_read_as_it_was_written():
    again = read_briefing(write_briefing(ovens()))
    assert again == ovens()
    assert again.document() == ovens().document()
    assert [i.id for i in again.items] == [1, 2, 3, 4, 5]


def test_a_file_says_what_it_is_and_holds_no_ids_of_the_session():
    assert (values()["format"], values()["version"]) == (FORMAT, VERSION)
    assert not [item for item in values()["items"] if "id" in item]


@given(st.lists(st.tuples(st.booleans(), WILD), max_size=5), WILD)
def test_own_words_of_any_kind_are_kept_or_refused(notes: list[tuple[bool, str]], title: str):
    made = Briefing.of("x")
    try:
        made = made.entitled(title)
        for heading, text in notes:
            made = made.add_heading(text) if heading else made.add_note(text)
        data = write_briefing(made)
    except (BriefingError, UnicodeEncodeError):
        return  # too long, or a surrogate, which no browser sends
    assert read_briefing(data) == made


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_what_is_no_briefing_is_refused(data: bytes):
    with pytest.raises(BriefingError):
        read_briefing(data)


@given(st.data())
def test_a_briefing_with_any_value_replaced_is_read_or_refused(data: st.DataObject):
    wild = values()
    place: Any = wild
    while True:
        key = data.draw(
            st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place)))
        )
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            break
        place = inner
    place[key] = data.draw(JSON)
    try:
        found = read_briefing(json.dumps(wild).encode())
    except BriefingError:
        return
    assert found.export("markdown")
    assert read_briefing(write_briefing(found)) == found


def edit(change: Callable[[dict[str, Any]], object]) -> bytes:
    found = values()
    change(found)
    return json.dumps(found).encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "damaged .it is not JSON.*Download it again"),
        (write_briefing(ovens())[:-9], "damaged .it is not JSON"),
        (b"[" * 100_000, "damaged .it is not JSON"),
        (b"\xff\xfe\x00", "damaged .it is not JSON"),
        (b"[]", "not a briefing. Choose one saved"),
        (b'{"format": "other"}', "not a briefing"),
        (b" " * (LARGEST + 1), "has 4.0 MB; a briefing has at most 4 MB"),
        (edit(lambda v: v.update(version=VERSION + 1)), "newer version of reformqa"),
        (edit(lambda v: v.update(version="1")), "its version is not a number"),
        (edit(lambda v: v.update(version=True)), "its version is not a number"),
        (edit(lambda v: v.pop("items")), "items: Field required"),
        (edit(lambda v: v["items"][0].update(kind="film")), "does not match any of the expected"),
        (
            edit(lambda v: v["items"][0]["citation"].update(span=[9, 2])),
            "item 1 does not say which",
        ),
        (edit(lambda v: v["items"][0]["citation"].update(status="unsupported")), "item 1 does not"),
        (edit(lambda v: v["items"][0]["source"].update(published="soon")), "item 1 has a date"),
        (edit(lambda v: v["items"][1].update(text="x" * 301)), "item 2 has more than 300"),
        (edit(lambda v: v["items"][0]["citation"].update(quote="x" * 50_001)), "item 1 has a text"),
        (edit(lambda v: v.update(items=v["items"] * 101)), "it has 505 items, and at most 500"),
        (edit(lambda v: v.update(title="x" * 301)), "its title or address is too long"),
    ],
)
def test_a_bad_file_is_refused_with_what_is_wrong(data: bytes, reason: str):
    with pytest.raises(BriefingError, match=reason):
        read_briefing(data)


def test_a_briefing_of_another_library_is_refused_by_the_names_of_its_reports():
    data = write_briefing(ovens())
    with pytest.raises(
        BriefingError, match=r"another library: it quotes 2 reports .*Bread in Towns"
    ):
        read_briefing(data, ["quays"])
    assert read_briefing(data, ["quays", "trams"]) == ovens()
    assert read_briefing(write_briefing(Briefing.of("Empty")), ["quays"]).title == "Empty"
