"""Recommendations of reports: finding them, listing them, and setting them side by side."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reformqa.recommendations.finding import find_recommendations

__all__ = ["find_recommendations"]


def __getattr__(name: str) -> Any:
    # On first use: finding belongs to reading, whose modules asking need not load.
    if name == "find_recommendations":
        return import_module("reformqa.recommendations.finding").find_recommendations
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
