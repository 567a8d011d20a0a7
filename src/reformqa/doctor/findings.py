"""The findings of an examination: one record for each thing checked, with its remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

#: From best to worst.
State = Literal["well", "attention", "broken"]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one thing that was checked: `found` describes it, `cure` says what to do."""

    name: str
    state: State
    found: str
    cure: str = ""


def well(name: str, found: str) -> Finding:
    """Return a finding that needs no action."""
    return Finding(name, "well", found)


def attention(name: str, found: str, cure: str) -> Finding:
    """Return a finding that does not stop anything yet, but should be dealt with."""
    return Finding(name, "attention", found, cure)


def broken(name: str, found: str, cure: str) -> Finding:
    """Return a finding that prevents asking or rebuilding."""
    return Finding(name, "broken", found, cure)


def worst(findings: Iterable[Finding]) -> State:
    """Return the worst state among the findings, or "well" if there are none."""
    return max((f.state for f in findings), key=STATES.index, default="well")
