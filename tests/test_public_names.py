"""The public list is whole, sorted and documented."""

from __future__ import annotations

import inspect

import pytest

import reformqa
from reformqa import errors

PROMISED = {
    "Library": {
        *("open", "search", "search_many", "ask", "compare", "recommendations"),
        *("report", "paragraph", "verify", "crosswalk", "calibrate", "calibration"),
    },
    "Hit": {"paragraph", "score", "legs", "terms", "also"},
    "Hits": {"to_pandas"},
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
}


def test_all_is_sorted_and_holds_every_public_name():
    imported = {"TYPE_CHECKING", "Any", "import_module"}
    public = {n for n, v in vars(reformqa).items() if not n.startswith("_") and callable(v)}
    assert set(reformqa.__all__) == public - imported | {"rebuild", "__version__"}
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


def test_rebuild_is_brought_in_on_first_use_and_is_the_modules_own():
    from reformqa.pipeline.rebuild import rebuild

    assert reformqa.rebuild is rebuild


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'rebuilt'"):
        reformqa.rebuilt  # noqa: B018
