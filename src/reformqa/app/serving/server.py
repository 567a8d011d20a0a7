"""What Streamlit's server is given besides the script: a health check, a gate and headers."""

from __future__ import annotations

from pathlib import Path

from starlette.middleware import Middleware
from starlette.routing import Route

from reformqa.app.serving.gate import Gate
from reformqa.app.serving.headers import SafeHeaders
from reformqa.app.serving.health import Health

SCRIPT = Path(__file__).with_name("script.py")
ROUTES = [Route("/healthz", Health().respond)]
MIDDLEWARE = [Middleware(SafeHeaders), Middleware(Gate)]
