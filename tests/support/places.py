"""Where the project and its shared test material are."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
#: The folder of shared test material; it need not be there.
SHARED = Path(os.environ.get("REFORMQA_SHARED", PROJECT.parent / "shared"))
#: Made reports of the tests' own, with what a reader makes of them.
DATA = PROJECT / "tests" / "data"
GOLDEN = PROJECT / "tests" / "golden"
#: The reports of the shared test material.
REPORTS = ("reform-dividend", "great-government", "balancing-act", "going-public", "smarter-state")
