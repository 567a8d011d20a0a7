"""Bring papers into the corpus: those in its catalogue, or one given as a file or an address."""

from reformqa.fetch.keep import Origin
from reformqa.fetch.papers import Fetched, add, fetch

__all__ = ["Fetched", "Origin", "add", "fetch"]
