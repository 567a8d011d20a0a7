"""Asking a made library without files: its store in memory, its retriever, and what it finds."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from reformqa.answering.evidence import Material, gather
from reformqa.models.base import Models
from reformqa.models.onnx import OnnxModels
from reformqa.search.expansion import load_everyday
from reformqa.search.filters import exact
from reformqa.search.hits import Hits
from reformqa.search.query import parse_query
from reformqa.search.retriever import Retriever, Search
from reformqa.settings import SearchSettings
from reformqa.storage.base import Filters, Store
from reformqa.storage.memory import MemoryStore
from reformqa.tuning import load_tuning
from support.makers import in_memory, towns
from support.models import exported


@lru_cache
def town_in_memory() -> MemoryStore:
    """Return the made reports of `makers.towns` in memory. Treat it as read-only."""
    return in_memory(towns(), exported())


@lru_cache
def packaged_models() -> OnnxModels:
    """Return the packaged models, opened once: the tests ask many small libraries."""
    return OnnxModels(exported())


def retriever_of(store: Store, models: Models | None = None, **settings: Any) -> Retriever:
    """Return a retriever with the packaged models and tuning, but for the settings given."""
    chosen = SearchSettings.model_validate(settings)
    tuning = load_tuning().search_with(chosen)
    return Retriever(store, models or packaged_models(), tuning, chosen, load_everyday())


def search(
    store: Store,
    question: str,
    where: Filters = Filters(),
    limit: int = 10,
    models: Models | None = None,
    **settings: Any,
) -> Hits:
    """Return what a question finds within exactly those filters, whatever it names itself."""
    query = parse_query(question, list(store.reports().values()))
    return retriever_of(store, models, **settings).search([Search(query, where, limit)])[0].hits


def material_of(
    retriever: Retriever, question: str, where: Filters = Filters(), limit: int = 12
) -> Material:
    """Return the material of one question's search."""
    query = parse_query(question, list(retriever.store.reports().values()))
    return gather(retriever, [Search(query, exact(retriever.store, where), limit)])[0]
