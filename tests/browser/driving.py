"""The apps, served by a process of their own, and Chromium to look at them: for tests, measurements and pictures."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
IDLE = '[data-testid="stApp"][data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]'
HEALTH = "/_stcore/health"
STARTS, ENDS = 60.0, 10.0
"""Seconds that a server has to answer, and to end."""


class Server(NamedTuple):
    """A server that answers.

    Attributes:
        address: Its own.
        process: That serves.
    """

    address: str
    process: subprocess.Popen[bytes]


@contextmanager
def serving(
    command: Sequence[str], environment: Mapping[str, str] | None = None, health: str = HEALTH
) -> Iterator[Server]:
    """Gives a server that answers, and ends it.

    Args:
        command: That starts it; `{port}` stands for a free port.
        environment: Variables that are set for it.
        health: The path of an address that answers once all do.

    Raises:
        RuntimeError: It does not answer; with what it said.
    """
    port = _free_port()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [word.replace("{port}", str(port)) for word in command],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            if not _answers(process, address + health):
                log.seek(0)
                raise RuntimeError(f"no answer at {address}{health}:\n{log.read().decode(errors='replace')}")
            yield Server(address, process)
        finally:
            _end(process)


def apps_command(runs: str | os.PathLike[str], specs: str | os.PathLike[str] = "my_specs") -> list[str]:
    """Returns the command that serves the apps on folders of runs and of the user's own specs."""
    folders = ["--runs", os.path.abspath(runs), "--specs", os.path.abspath(specs)]
    return [sys.executable, "-m", "dlsuite", "apps", "--port", "{port}", *folders]


@contextmanager
def browsing() -> Iterator[Browser]:
    """Gives Chromium, which reaches nothing outside this machine and has a camera and a microphone that are none."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser
        browser.close()


def settle(page: Page, patience: float = 60_000, still: float = 200) -> None:
    """Waits until the script of a page has run and nothing is being loaded.

    Args:
        page: To wait for.
        patience: Milliseconds until it fails.
        still: Milliseconds for which that has to be so, as a rerun may start just after a run.
    """
    from playwright.sync_api import expect

    idle, loading = page.locator(IDLE), page.get_by_test_id("stSkeleton")
    while True:
        expect(idle).to_be_attached(timeout=patience)
        expect(loading).to_have_count(0, timeout=patience)
        page.wait_for_timeout(still)
        if idle.count() and not loading.count():
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(process: subprocess.Popen[bytes], address: str) -> bool:
    end = time.monotonic() + STARTS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(ENDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
