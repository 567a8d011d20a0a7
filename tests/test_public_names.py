"""The public list is complete, sorted and documented, and holds all that the library returns."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Iterator
from typing import Any, get_type_hints

import pytest

import reformqa
from reformqa import Library, errors

PROMISED = {
    "Library": {
        *("open", "search", "search_many", "ask", "compare", "recommendations"),
        *("report", "paragraph", "crosswalk", "similar", "themes", "tuning", "trace"),
    },
    "Hit": {"paragraph", "score", "legs", "terms", "also"},
    "Hits": {"searched", "reason", "to_pandas"},
    "Paragraph": {"id", "report_id", "text", "number", "section_path", "places"},
    "Answer": {
        *("abstained", "reason", "nearest", "sentences", "confidence", "comparison", "note"),
        *("provenance", "document", "export", "save", "to_pandas", "by_publisher"),
    },
    "Sentence": {"text", "citations", "recommendation"},
    "Citation": {"paragraph_id", "quote", "span", "status", "repairs", "pinpoint"},
    "Comparison": {"rows", "provenance", "document", "export", "save", "to_pandas"},
    "ComparisonRow": {
        *("publisher", "citations", "found", "searched", "nearest", "sentences"),
        *("recommendations", "reports", "caption"),
    },
    "Crosswalk": {"matches", "groups", "reason", "document", "export", "save", "to_pandas"},
    "Recommendations": {"only", "document", "export", "save", "to_pandas"},
}


def test_all_is_sorted_and_holds_every_public_name():
    imported = {"TYPE_CHECKING", "Any", "import_module"}
    public = {n for n, v in vars(reformqa).items() if not n.startswith("_") and callable(v)}
    later = {*reformqa._LATER, "__version__"}
    assert set(reformqa.__all__) == (public - imported) | later
    assert reformqa.__all__ == sorted(reformqa.__all__)


def test_every_error_is_public():
    tree = {
        n
        for n, v in vars(errors).items()
        if inspect.isclass(v) and issubclass(v, errors.ReformqaError)
    }
    assert tree <= set(reformqa.__all__)


def test_names_that_scripts_rely_on_are_there():
    missing = {
        f"{name}.{attribute}"
        for name, attributes in PROMISED.items()
        for attribute in attributes
        if not hasattr(getattr(reformqa, name), attribute)
    }
    assert missing == set()


def test_every_public_class_and_function_has_a_docstring():
    bare = {n for n in reformqa.__all__ if n != "__version__" and not getattr(reformqa, n).__doc__}
    assert bare == set()


def classes_in(hint: Any) -> Iterator[type]:
    """Yield the classes that a type hint names, those inside containers and unions included."""
    if isinstance(hint, type) and not isinstance(hint, types.GenericAlias):
        yield hint
    for inner in typing.get_args(hint):
        yield from classes_in(inner)


def own_classes(hints: dict[str, Any]) -> set[type]:
    found = {c for hint in hints.values() for c in classes_in(hint)}
    return {c for c in found if c.__module__.startswith("reformqa.") and c.__name__[0] != "_"}


def returned_by_the_library() -> set[type]:
    """Return the classes that the library's public members return, and those of their fields."""
    found: set[type] = set()
    for name, member in vars(Library).items():
        if name.startswith("_"):
            continue
        function = getattr(member, "fget", None) or getattr(member, "func", None) or member
        function = getattr(function, "__func__", function)
        found |= own_classes({"return": get_type_hints(function).get("return")})
    waiting = list(found)
    while waiting:
        record = waiting.pop()
        shown = (
            {f.name for f in dataclasses.fields(record) if f.repr}
            if (dataclasses.is_dataclass(record))
            else set(getattr(record, "model_fields", ()))
        )
        hints = {n: h for n, h in get_type_hints(record).items() if n in shown}
        new = own_classes(hints) - found
        found |= new
        waiting += new
    return found


def test_everything_that_the_library_returns_is_public():
    hidden = {c.__name__ for c in returned_by_the_library()} - set(reformqa.__all__)
    assert hidden == set()


def test_the_walk_finds_records_within_records():
    found = {c.__name__ for c in returned_by_the_library()}
    assert {"Answer", "Provenance", "LegScore", "Region", "Scale", "OpenParagraph"} <= found


def test_what_is_brought_in_later_is_the_modules_own():
    from reformqa.pipeline.rebuild import rebuild
    from reformqa.pipeline.status import status
    from reformqa.recommendations.finding import find_recommendations

    assert reformqa.rebuild is rebuild
    assert reformqa.status is status
    assert reformqa.find_recommendations is find_recommendations
    assert reformqa.recommendations.find_recommendations is find_recommendations


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'rebuilt'"):
        reformqa.rebuilt  # noqa: B018
