"""What an examination finds: one record for each thing looked at, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

#: From best to worst.
State = Literal["well", "attention", "broken"]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, what was found there, and the cure where one is needed."""

    name: str
    state: State
    found: str
    cure: str = ""


def well(name: str, found: str) -> Finding:
    """Nothing is to be done."""
    return Finding(name, "well", found)


def attention(name: str, found: str, cure: str) -> Finding:
    """Everything works, and somebody should look at it before it does not."""
    return Finding(name, "attention", found, cure)


def broken(name: str, found: str, cure: str) -> Finding:
    """Asking or rebuilding does not work as it is."""
    return Finding(name, "broken", found, cure)


def worst(findings: Iterable[Finding]) -> State:
    """The worst state among them; well where there are none."""
    return max((f.state for f in findings), key=STATES.index, default="well")
