"""The server of the apps: Streamlit with the headers and settings that strangers' input asks for."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager

from apps.gate import App, Gate, Receive, Scope, Send, names_of
from apps.page import pages
from apps.warming import begin, courtesy
from apps.widgets.faults import tell


def _own_scripts() -> str:
    """Returns the hashes of the scripts that stand in Streamlit's own page: those alone may run."""
    page = Path(st.__file__).with_name("static") / "index.html"
    scripts = re.findall(r"<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.DOTALL)
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    return " ".join(f"'sha256-{one}'" for one in hashes)


POLICY = {
    "default-src": "'self'",
    "script-src": f"'self' blob: 'wasm-unsafe-eval' {_own_scripts()}",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}
"""What a page may load and run: what this server gives, and nothing from elsewhere."""
HEADERS = {
    "content-security-policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
}
HEALTH = "/_stcore/health"
"""What programs ask for, to see whether the server answers."""
SETTINGS = {
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 20,
    "server.maxMessageSize": 50,
    "server.disconnectedSessionTTL": 60,
    "client.showErrorDetails": "type",
    "client.showErrorLinks": False,
    "client.toolbarMode": "viewer",
    "browser.gatherUsageStats": False,
    # Streamlit's own colours leave captions, and chosen segments, too faint to be read by all.
    "theme.light.textColor": "#06070a",
    "theme.light.primaryColor": "#0b5cad",
    "theme.dark.primaryColor": "#3d9df3",
}


class Headers:
    """Adds `HEADERS` to every answer, for which loading steps aside."""

    def __init__(self, app: App):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, and its answer back with the headers."""

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                own = {name.encode(): value.encode() for name, value in HEADERS.items()}
                others = [(name, value) for name, value in message.get("headers", []) if name.lower() not in own]
                message = {**message, "headers": [*others, *own.items()]}
            await send(message)

        if scope.get("path") != HEALTH:
            courtesy.step_aside()
        await self._app(scope, receive, send_with_headers)


@asynccontextmanager
async def warm_up(app: st.App) -> AsyncIterator[None]:
    """Begins to load what models need."""
    begin()
    yield


def make_app(address: str) -> st.App:
    """Returns the apps as an ASGI application.

    Args:
        address: That it will listen to.
    """
    pages()  # now, as loading libraries in two threads at once may lock both
    # else Streamlit takes the files of `pages` for scripts of its own until `st.navigation` is called first
    PagesManager.uses_pages_directory = False
    home = Path(__file__).with_name("home.py")
    around = [Middleware(Headers), Middleware(Gate, names=names_of(address))]
    return st.App(home, middleware=around, lifespan=warm_up, on_script_error=tell)
