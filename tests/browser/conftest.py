"""A real browser for the tests of the apps: nothing outside this machine is reached, and what was tried is counted."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.driving import CHROMIUM, HEALTH, ROOT, apps_command, browsing, serving, settle

PATIENCE = 60_000  # ms: other work may go on beside


@dataclass
class Witness:
    """What a page tried or complained of while it was driven."""

    outside: list[str] = field(default_factory=list)
    """Addresses outside loopback that were asked for; each was refused."""
    violations: list[str] = field(default_factory=list)
    """Messages on the console about the content security policy."""
    errors: list[str] = field(default_factory=list)
    """Exceptions that nothing on the page caught."""

    def allow(self, route) -> None:
        """Let a request through to this machine alone."""
        if urlsplit(route.request.url).hostname in {"127.0.0.1", "localhost", None}:
            return route.continue_()
        self.outside.append(route.request.url)
        return route.abort()

    def hear(self, message) -> None:
        """Keep a console message that tells of the policy."""
        if "Content Security Policy" in message.text and _inline_hash() not in message.text:
            self.violations.append(message.text)


@pytest.fixture(scope="module")
def browser() -> Iterator:
    """Chromium, for one module: while Playwright runs, no other event loop can start in the thread."""
    if CHROMIUM is None:
        pytest.skip("no chromium here: install Debian's package of that name to run the tests in a browser")
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE)
    with browsing() as opened:
        yield opened


@pytest.fixture
def witness() -> Witness:
    """What `page` tried and complained of, so far."""
    return Witness()


@pytest.fixture
def page(browser, witness) -> Iterator:
    """An empty page of 1280 x 900 in a context of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.route("**/*", witness.allow)
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    opened.on("console", witness.hear)
    opened.on("pageerror", lambda error: witness.errors.append(str(error)))
    yield opened
    context.close()


@pytest.fixture(scope="session")
def start() -> Iterator[Callable[..., str]]:
    """`start(command, environment, health)` runs a server until the tests of this process end; gives its address."""
    with ExitStack() as running:

        def launch(command: Sequence[str], environment: dict[str, str] | None = None, health: str = HEALTH) -> str:
            return running.enter_context(serving(command, environment, health)).address

        yield launch


@pytest.fixture(scope="session")
def serve(start):
    """`serve(script)` serves a Streamlit script under the policy of the apps and gives its address."""

    def launch(script: str | Path, environment: dict[str, str] | None = None) -> str:
        return start([sys.executable, str(Path(__file__).with_name("server.py")), str(script), "{port}"], environment)

    return launch


@pytest.fixture
def idle() -> Callable[..., None]:
    """`idle(page)` waits until the script has run and nothing is being loaded; a rerun may start just after."""
    return settle


@cache
def _inline_hash() -> str:
    """The hash of the one inline script of Streamlit's own page, which sets a flag for crawlers and may be refused."""
    import streamlit

    page = Path(streamlit.__file__).with_name("static") / "index.html"
    script = re.search(r"<script>(.*?)</script>", page.read_text(), re.DOTALL).group(1)
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@pytest.fixture(scope="session")
def tiny_runs(tmp_path_factory) -> Path:
    """A folder with a run of each domain, trained once for all workers; take a copy to change it."""
    from filelock import FileLock

    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    folder, done = shared / "tiny_runs", shared / "tiny_runs.done"
    with FileLock(f"{folder}.lock"):
        if not done.exists():
            command = [sys.executable, "-m", "tests.tiny_runs", str(folder)]
            trained = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            assert trained.returncode == 0, trained.stderr[-3000:]
            done.touch()
    return folder


@pytest.fixture(scope="session")
def serve_apps(start, tmp_path_factory):
    """`serve_apps(runs)` starts the apps on a folder of runs and gives their address."""

    def launch(runs: Path) -> str:
        specs, cache = tmp_path_factory.mktemp("specs"), tmp_path_factory.mktemp("cache")
        return start(apps_command(runs, specs), {"XDG_CACHE_HOME": str(cache)})

    return launch


@pytest.fixture(scope="session")
def apps_address(serve_apps, tiny_runs) -> str:
    """The address of the apps, on a run of each domain; nothing may be trained or removed there."""
    return serve_apps(tiny_runs)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory) -> Path:
    """A folder without any run, of one module."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def bare_address(serve_apps, shelf) -> str:
    """The address of apps on it."""
    return serve_apps(shelf)
