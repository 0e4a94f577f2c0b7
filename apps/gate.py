"""Who may ask the server: its own pages, under its own name.

A page of somebody else could otherwise reach it through the visitor's browser: by a WebSocket, which no browser keeps
to one origin, or by a name of theirs that they have lead to this machine (DNS rebinding).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

OWN = ("localhost", "127.0.0.1", "::1")
REFUSED = b"This server answers its own pages alone, under the name or the address that it was started with."


def names_of(address: str) -> tuple[str, ...]:
    """Returns the names of a server that listens to an address; none, for any, where it listens to all of a machine's.

    Example:
        >>> names_of("127.0.0.1"), names_of("0.0.0.0")
        (('localhost', '127.0.0.1', '::1'), ())
    """
    try:
        if ip_address(address).is_unspecified:
            return ()
    except ValueError:  # a name
        pass
    return OWN if address in OWN else (*OWN, address.lower())


class Gate:
    """Refuses requests under a foreign name, and WebSockets of foreign pages.

    Args:
        app: What is asked.
        names: Of the server; none for any.
    """

    def __init__(self, app: App, names: tuple[str, ...]):
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, or refuses it."""
        if scope["type"] not in ("http", "websocket") or self._lets_in(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            headers = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": REFUSED})

    def _lets_in(self, scope: Scope) -> bool:
        told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host, origin = told.get("host", ""), told.get("origin")
        try:
            name = urlsplit(f"//{host}").hostname
            page = host if origin is None else urlsplit(origin).netloc
        except ValueError:  # brackets that do not match
            return False
        known = not self._names or (name or "").rstrip(".") in self._names
        return known and (scope["type"] == "http" or page.lower() == host.lower())
