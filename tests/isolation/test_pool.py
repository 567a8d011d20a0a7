"""A pool of workers ends without a word, whatever its workers do just then."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

#: A worker ignores that it is to end, for so long that the spare one that came in place of the
#: third begins in the meantime.
SCRIPT = """
import time
from reformqa.isolation.pool import WorkerPool
from reformqa.settings import DrawingSettings
from support.tasks import Late, double, stay

limits = DrawingSettings()
pool = WorkerPool(2, ["support.tasks"], Late())
busy = pool.schedule(stay, limits=limits)
while not busy.running():
    time.sleep(0.01)
assert pool.result(pool.schedule(double, 21, limits=limits), limits) == 42
while len(pool._context.started()) < 3:
    time.sleep(0.01)
pool.stop()
print("stopped")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_worker_that_begins_while_its_pool_ends_says_nothing():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert (done.stdout, done.stderr) == ("stopped\n", "")
