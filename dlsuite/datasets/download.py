"""Files from the network: whole, and what they should be, or not there."""

from __future__ import annotations

import hashlib
import http.client
import os
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

TIMEOUT = 30.0
"""Seconds without a byte before a download is given up."""
PIECE = 1 << 16
LIMIT = 8 << 30
"""Larger files than this are not downloaded."""


class DownloadError(Exception):
    """A download that failed; its message says why, in a clause."""


def download(url: str, path: Path, digest: str) -> None:
    """Downloads a file, with progress on a terminal; a file of that name is there afterwards only if it is whole.

    Args:
        url: Where it is.
        path: Where it goes.
        digest: Its SHA-256.

    Raises:
        DownloadError: It cannot be had, or is another file.
    """
    handle, name = -1, ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file, urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
            size = int(answer.headers.get("Content-Length") or 0)
            found = _copy(answer, file.write, path.name, size)
        if found != digest:
            raise DownloadError(f"its SHA-256 is {found}, expected {digest}: it is corrupt or another file")
        os.replace(name, path)
    except urllib.error.HTTPError as error:
        raise DownloadError(f"the server answers {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise DownloadError(f"{error.reason}") from None
    except TimeoutError:
        raise DownloadError(f"the server sent nothing for {TIMEOUT:g} s") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DownloadError(str(error) or type(error).__name__) from None
    finally:
        if name:
            Path(name).unlink(missing_ok=True)


def _copy(answer: http.client.HTTPResponse, write: Callable[[bytes], object], name: str, size: int) -> str:
    """Writes what a server sends, and returns its SHA-256."""
    hashed, done = hashlib.sha256(), 0
    with _progress(name, size) as show:
        while piece := answer.read(PIECE):
            write(piece)
            hashed.update(piece)
            done += len(piece)
            if done > LIMIT:
                raise DownloadError(f"it is larger than {LIMIT >> 30} GB")
            show(done)
    if done < size:
        raise DownloadError(f"the connection broke off after {done:,} of {size:,} bytes")
    return hashed.hexdigest()


@contextmanager
def _progress(name: str, size: int) -> Iterator[Callable[[int], None]]:
    """Gives a function that shows how many bytes there are: a bar on a terminal, a line in a log."""
    if not sys.stderr.isatty():
        print(f"downloading {name}" + (f" ({size:,} bytes)" if size else ""), file=sys.stderr)
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = ("{task.description}", BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(name, total=size or None)
        yield lambda done: bar.update(task, completed=done)
