"""The result of a harness, and the rounds that it runs."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


@dataclass
class Found:
    """How often each outcome occurred, and the faults, each with how to repeat it."""

    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def fault(self, description: str) -> None:
        """Record a fault and print it at once."""
        self.faults.append(description)
        print(f"  FAULT: {description}", flush=True)


def rounds(budget: float) -> Iterator[int]:
    """Yield the numbers of rounds from 0, at least one, until the seconds are spent."""
    end = time.monotonic() + budget
    number = 0
    while number == 0 or time.monotonic() < end:
        yield number
        number += 1
