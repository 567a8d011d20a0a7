"""Values that have been read and never change: the least recently used are forgotten first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping


class Remembered:
    """Values by number, at most so many bytes of them. Safe to share between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._values: OrderedDict[int, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """Return those of the values that are remembered."""
        with self._lock:
            found = {n: self._values[n] for n in numbers if n in self._values}
            for n in found:
                self._values.move_to_end(n)
        return found

    def add(self, values: Mapping[int, bytes]) -> None:
        """Remember values, and forget others for them."""
        with self._lock:
            for n, value in values.items():
                if n not in self._values:
                    self._values[n] = value
                    self._size += len(value)
            while self._size > self._most:
                _, gone = self._values.popitem(last=False)
                self._size -= len(gone)
