"""Do the properties in the tests hold for other and more examples?

The property tests run over and over, each time with another seed and more examples than in the
suite (the profile "soak" of tests/conftest.py).
"""

from __future__ import annotations

import subprocess
import sys

from soak.harness import PROJECT, Found, rounds


def run(seed: int, budget: float) -> Found:
    """Run all property tests, once a round."""
    found = Found()
    for number in rounds(budget):
        own = 1_000 * seed + number
        options = ["-m", "hypothesis", "--hypothesis-profile=soak", f"--hypothesis-seed={own}"]
        line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
        done = subprocess.run(line, cwd=PROJECT, capture_output=True, text=True, check=False)
        found.outcomes["rounds"] += 1
        if done.returncode:
            found.fault(f"seed {seed}, round {number}: {' '.join(line)}\n{done.stdout[-3_000:]}")
    return found
