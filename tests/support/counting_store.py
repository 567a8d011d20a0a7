"""A store and an encoder that note their calls: nothing is looked up twice, or encoded late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from reformqa.models.base import Encoding, Execution, Role, TextEncoder
from reformqa.storage.base import Store

#: What a store has at hand once it is open, so that no call of it costs anything.
AT_HAND = frozenset({"reports", "section_kinds", "verify"})


class CountingStore:
    """A store that passes every call on, and counts those that look something up."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._models: CountingModels | None = None
        self.calls: Counter[str] = Counter()

    def models(self, execution: Execution) -> CountingModels:
        """The store's models, opened once; their encoder notes what it encodes."""
        self._models = self._models or CountingModels(self._store.models(execution))
        return self._models

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if not callable(found) or name in AT_HAND:
            return found

        def counted(*arguments: Any, **named: Any) -> Any:
            self.calls[name] += 1
            return found(*arguments, **named)

        return counted


class CountingModels:
    """Models of which the encoder notes what it encodes."""

    def __init__(self, models: Any) -> None:
        self._models = models
        self.encoder = CountingEncoder(models.encoder)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._models, name)


class CountingEncoder:
    """An encoder that notes the texts that it encodes."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self.encoded: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def encode_tokens(self, texts: Iterable[str], role: Role) -> Iterator[Encoding]:
        """Encode the texts, and note them."""
        noted = list(texts)
        self.encoded += noted
        return self._encoder.encode_tokens(noted, role)
