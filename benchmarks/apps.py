"""How fast do the apps answer, and does their memory stay where it is?

    .venv/bin/python -m dlsuite.demo
    .venv/bin/python benchmarks/apps.py runs

A server of its own is started and driven by Chromium (Debian's; `pip install -r requirements-test.txt` brings the
driver). Of each page: when its title and when all of it stands there, on a server that has just been started, and once
more on one that is warm. Then three tabs take turns, each on a run of its own domain, and pick one sample after the
other; the time until each answer stands there, and the memory of the server, are kept. The goals: a title within 2 s, a
model ready within 7 s, later answers within 1 s, and memory that grows less than 5% between the 50th and the 200th
interaction. Results go to `benchmarks/results/apps.json`. Takes five minutes on two cores.
"""

from __future__ import annotations

import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
from measuring import describe_machine, keep, options
from playwright.sync_api import Page, expect, sync_playwright

TITLE, READY, ANSWER, GROWTH = 2.0, 7.0, 1.0, 0.05
PAGES = ("", "vision", "speech", "text", "protein", "generation", "studio", "runs")
TABS = ("vision", "speech", "protein")
ROUNDS, SETTLED = 200, 50
SAMPLES = 6
IDLE = '[data-testid="stApp"][data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]'
PATIENCE = 120_000  # ms


def main() -> None:
    """Measures the pages, then the tabs, and keeps the results."""
    parser = options(__doc__ or "")
    parser.add_argument("runs", help="a folder with a run of each domain, such as the demo's")
    given = parser.parse_args()
    rounds = 12 if given.quick else ROUNDS
    cold = {page or "home": _cold(given.runs, page) for page in (PAGES[1:2] if given.quick else PAGES)}
    with _server(given.runs) as (address, process), _browser() as browser:
        for page in PAGES:
            _visit(browser.new_page(), f"{address}/{page}")
        warm = {page or "home": _visit(browser.new_page(), f"{address}/{page}") for page in PAGES}
        seconds, megabytes = _take_turns([browser.new_page() for _ in TABS], address, process, rounds)
    settled = min(SETTLED, rounds // 2)
    growth = megabytes[-1] / megabytes[settled] - 1
    found = {
        "machine": describe_machine("streamlit", "tensorflow", "playwright"),
        "cold": cold,
        "warm": warm,
        "interactions": {"count": rounds, "tabs": TABS, **_spread(seconds)},
        "memory_mb": {"first": megabytes[0], f"after_{settled}": megabytes[settled], "last": megabytes[-1]},
        "growth": round(growth, 4),
        "holds": {
            "title": max(one["title"] for one in warm.values()) <= TITLE,
            "ready": max(one["ready"] for one in cold.values()) <= READY,
            "answers": statistics.median(seconds) <= ANSWER,
            "memory": growth <= GROWTH,
        },
    }
    print(found if given.quick else keep("apps", found))


def _cold(runs: str, page: str) -> dict[str, float]:
    """Returns the times of a page on a server that nobody has visited yet."""
    with _server(runs) as (address, _), _browser() as browser:
        return _visit(browser.new_page(), f"{address}/{page}")


@contextmanager
def _server(runs: str) -> Iterator[tuple[str, psutil.Process]]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    command = [sys.executable, "-m", "dlsuite", "apps", "--port", str(port), "--runs", runs]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def _browser() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


def _visit(page: Page, address: str) -> dict[str, float]:
    """Returns the seconds until the title of a page stands there, and until all of it does."""
    page.set_default_timeout(PATIENCE)
    start = time.perf_counter()
    page.goto(address)
    page.wait_for_selector("h1")
    title = time.perf_counter() - start
    _settle(page)
    ready = time.perf_counter() - start
    page.close()
    return {"title": round(title, 2), "ready": round(ready, 2)}


def _settle(page: Page) -> None:
    expect(page.locator(IDLE)).to_be_attached(timeout=PATIENCE)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=PATIENCE)


def _take_turns(
    tabs: list[Page], address: str, process: psutil.Process, rounds: int
) -> tuple[list[float], list[float]]:
    """Returns the seconds of each interaction, and the server's memory in MB after it."""
    for tab, path in zip(tabs, TABS, strict=True):
        tab.set_default_timeout(PATIENCE)
        tab.goto(f"{address}/{path}")
        tab.wait_for_selector(".st-key-sample-0 button")
        _settle(tab)
    seconds, megabytes = [], []
    for number in range(rounds):
        tab, sample = tabs[number % len(tabs)], (number // len(tabs) + 1) % SAMPLES
        start = time.perf_counter()
        button = tab.locator(f".st-key-sample-{sample} button")
        button.click()
        expect(button).to_contain_text("✓", timeout=PATIENCE)
        _settle(tab)
        seconds.append(time.perf_counter() - start)
        megabytes.append(round(process.memory_info().rss / 1e6, 1))
    return seconds, megabytes


def _spread(seconds: list[float]) -> dict[str, float]:
    return {"median_seconds": round(statistics.median(seconds), 3), "longest_seconds": round(max(seconds), 3)}


if __name__ == "__main__":
    main()
