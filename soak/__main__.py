"""Run the harnesses one after another; the exit status is 1 if any of them found a fault."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from soak import fuzz, kills, life, load, milvus, nights, properties, strangers
from soak.harness import Found

HARNESSES: dict[str, Callable[[int, float], Found]] = {
    "kills": kills.run,
    "nights": nights.run,
    "life": life.run,
    "fuzz": fuzz.run,
    "strangers": strangers.run,
    "load": load.run,
    "milvus": milvus.run,
    "properties": properties.run,
}


def main(
    arguments: Sequence[str] | None = None,
    harnesses: Mapping[str, Callable[[int, float], Found]] = HARNESSES,
) -> int:
    """Run what the command line asks for, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m soak", description="Search for faults.")
    parser.add_argument("--seed", type=int, default=1, help="another seed draws other cases")
    parser.add_argument("--budget", type=float, default=300, help="seconds for each harness")
    parser.add_argument("--only", default=",".join(harnesses), help="names, between commas")
    given = parser.parse_args(arguments)
    names = given.only.split(",")
    if unknown := set(names) - set(harnesses):
        parser.error(f"no harness {', '.join(sorted(unknown))}: there are {', '.join(harnesses)}")
    faults = 0
    for name in names:
        print(f"{name}: seed {given.seed}, {given.budget:g} s", flush=True)
        begun = time.monotonic()
        found = harnesses[name](given.seed, given.budget)
        faults += len(found.faults)
        for outcome, count in sorted(found.outcomes.items()):
            print(f"  {count:6}  {outcome}")
        print(f"  {len(found.faults)} faults in {time.monotonic() - begun:.0f} s", flush=True)
    print(f"soak: seed {given.seed}, {', '.join(names)}: {faults or 'no'} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
