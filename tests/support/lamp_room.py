"""A paper that comes into a library while it is served, and a question that only it answers."""

from __future__ import annotations

QUESTION = "Who wants a lighthouse keepers’ academy?"
PAPER = """# The Lamp Room

## Summary

Lighthouses are kept by fewer people every year, and none of them has been taught.

Recommendation 1: The government should found a lighthouse keepers’ academy in every coastal county.
"""
