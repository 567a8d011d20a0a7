"""The public list is whole, sorted and documented."""

from __future__ import annotations

import inspect

import reformqa
from reformqa import errors

PROMISED = {
    "Library": {"open", "search", "ask", "compare", "recommendations", "report", "paragraph"},
    "Hit": {"paragraph", "score"},
    "Paragraph": {"id", "report_id", "text", "number", "section_path", "places"},
    "Answer": {"abstained", "reason", "nearest", "sentences"},
    "Sentence": {"text", "citations"},
    "Citation": {"paragraph_id", "quote"},
    "Comparison": {"rows"},
    "ComparisonRow": {"publisher", "citations"},
}


def test_all_is_sorted_and_holds_every_public_name():
    public = {n for n, v in vars(reformqa).items() if not n.startswith("_") and callable(v)}
    assert set(reformqa.__all__) == public | {"__version__"}
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
