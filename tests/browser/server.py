"""Serves one Streamlit script as the apps are served, headers and settings included: `python server.py SCRIPT PORT`."""

from __future__ import annotations

import sys
from pathlib import Path


def serve(script: Path, port: int) -> None:
    """Serve on loopback until the process ends."""
    import streamlit as st
    from starlette.middleware import Middleware

    from apps.gate import Gate, names_of
    from apps.serving import SETTINGS, Headers

    app = st.App(script, middleware=[Middleware(Headers), Middleware(Gate, names=names_of("127.0.0.1"))])
    app.run(config={**SETTINGS, "server.address": "127.0.0.1", "server.port": port})


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    serve(Path(sys.argv[1]), int(sys.argv[2]))
