"""What Streamlit's server is given besides the script: a check of the app's health."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import Route

from reformqa.app.serving.health import Health

SCRIPT = Path(__file__).with_name("script.py")
ROUTES = [Route("/healthz", Health().respond)]
