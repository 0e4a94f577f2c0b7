"""The server answers its own pages alone, under its own names."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from apps.gate import Gate, names_of


def ask(kind: str, address: str, host: str | None, origin: str | None = None) -> list[dict[str, Any]]:
    """Returns what a server that listens to an address sends; a message `passed` where it lets the request in."""
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "passed"})

    async def receive() -> dict[str, Any]:
        return {"type": f"{kind}.connect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    headers = [(b"host", host.encode())] if host is not None else []
    headers += [(b"origin", origin.encode())] if origin is not None else []
    asyncio.run(Gate(app, names_of(address))({"type": kind, "headers": headers}, receive, send))
    return sent


@pytest.mark.parametrize(
    ("address", "host", "origin"),
    [
        ("127.0.0.1", "127.0.0.1:8501", "http://127.0.0.1:8501"),
        ("127.0.0.1", "localhost:9000", "http://localhost:9000"),
        ("127.0.0.1", "LOCALHOST:9000", "http://localhost:9000"),
        ("127.0.0.1", "127.0.0.1:8501", None),
        ("::1", "[::1]:8501", "http://[::1]:8501"),
        ("192.168.1.5", "192.168.1.5:8501", "http://192.168.1.5:8501"),
        ("0.0.0.0", "machine.lan:8501", "http://machine.lan:8501"),
    ],
)
def test_own_pages_come_in(address: str, host: str, origin: str | None) -> None:
    for kind in ("http", "websocket"):
        assert ask(kind, address, host, origin) == [{"type": "passed"}]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8501", "127.0.0.1.evil.example", "", None, "[::1", "@"])
def test_a_foreign_name_is_refused(host: str | None) -> None:
    start, body = ask("http", "127.0.0.1", host)
    assert start["status"] == 403 and b"its own pages" in body["body"]
    assert ask("websocket", "127.0.0.1", host, f"http://{host}") == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9999", "null", "http://[", ""])
def test_a_foreign_page_opens_no_websocket(address: str, origin: str) -> None:
    assert ask("websocket", address, "127.0.0.1:8501", origin) == [{"type": "websocket.close", "code": 1008}]
