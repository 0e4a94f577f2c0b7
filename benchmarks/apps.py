"""How fast do the apps answer, and does their memory stay where it is?

    .venv/bin/python -m dlsuite.demo
    .venv/bin/python -m benchmarks.apps runs

A server of its own is started and driven by Chromium (Debian's; `pip install -r requirements-test.txt` brings the
driver). Of each page: when its title and when all of it stands there, on a server that has just been started, and once
more on one that is warm. Then three tabs take turns, each on a run of its own domain, and pick one sample after the
other; the time until each answer stands there, and the memory of the server, are kept. The goals: a title within 2 s, a
model ready within 7 s, later answers within 1 s, and memory that grows less than 5% between the 50th and the 200th
interaction. Results go to `benchmarks/results/apps.json`. Takes five minutes on two cores.
"""

from __future__ import annotations

import statistics
import time

import psutil
from playwright.sync_api import Page, expect

from benchmarks.measuring import describe_machine, keep, options
from tests.browser.driving import apps_command, browsing, serving, settle

TITLE, READY, ANSWER, GROWTH = 2.0, 7.0, 1.0, 0.05
PAGES = ("", "vision", "speech", "text", "protein", "generation", "studio", "runs")
TABS = ("vision", "speech", "protein")
ROUNDS, SETTLED = 200, 50
SAMPLES = 6
PATIENCE = 120_000  # ms


def main() -> None:
    """Measures the pages, then the tabs, and keeps the results."""
    parser = options(__doc__ or "")
    parser.add_argument("runs", help="a folder with a run of each domain, such as the demo's")
    given = parser.parse_args()
    rounds = 12 if given.quick else ROUNDS
    cold = {page or "home": _cold(given.runs, page) for page in (PAGES[1:2] if given.quick else PAGES)}
    with serving(apps_command(given.runs)) as (address, server), browsing() as browser:
        for page in PAGES:
            _visit(browser.new_page(), f"{address}/{page}")
        warm = {page or "home": _visit(browser.new_page(), f"{address}/{page}") for page in PAGES}
        seconds, megabytes = _take_turns(
            [browser.new_page() for _ in TABS], address, psutil.Process(server.pid), rounds
        )
    settled = min(SETTLED, rounds // 2)
    growth = megabytes[-1] / megabytes[settled] - 1
    found = {
        "machine": describe_machine("streamlit", "tensorflow", "playwright"),
        "cold": cold,
        "warm": warm,
        "interactions": {
            "count": rounds,
            **_spread(seconds),
            "tabs": {tab: _spread(seconds[number :: len(TABS)]) for number, tab in enumerate(TABS)},
        },
        "memory_mb": {"first": megabytes[0], f"after_{settled}": megabytes[settled], "last": megabytes[-1]},
        "growth": round(growth, 4),
        "holds": {
            "title": max(one["title"] for visits in (cold, warm) for one in visits.values()) <= TITLE,
            "ready": max(one["ready"] for one in cold.values()) <= READY,
            "answers": statistics.median(seconds) <= ANSWER,
            "memory": growth <= GROWTH,
        },
    }
    print(found if given.quick else keep("apps", found))


def _cold(runs: str, page: str) -> dict[str, float]:
    """Returns the times of a page on a server that nobody has visited yet."""
    with serving(apps_command(runs)) as (address, _), browsing() as browser:
        return _visit(browser.new_page(), f"{address}/{page}")


def _visit(page: Page, address: str) -> dict[str, float]:
    """Returns the seconds until the title of a page stands there, and until all of it does."""
    page.set_default_timeout(PATIENCE)
    start = time.perf_counter()
    page.goto(address)
    page.wait_for_selector("h1")
    title = time.perf_counter() - start
    settle(page, PATIENCE)
    ready = time.perf_counter() - start
    page.close()
    return {"title": round(title, 2), "ready": round(ready, 2)}


def _take_turns(
    tabs: list[Page], address: str, process: psutil.Process, rounds: int
) -> tuple[list[float], list[float]]:
    """Returns the seconds of each interaction, and the server's memory in MB after it."""
    for tab, path in zip(tabs, TABS, strict=True):
        tab.set_default_timeout(PATIENCE)
        tab.goto(f"{address}/{path}")
        tab.wait_for_selector(".st-key-sample-0 button")
        settle(tab, PATIENCE)
    seconds, megabytes = [], []
    for number in range(rounds):
        tab, sample = tabs[number % len(tabs)], (number // len(tabs) + 1) % SAMPLES
        start = time.perf_counter()
        button = tab.locator(f".st-key-sample-{sample} button")
        button.click()
        expect(button).to_contain_text("✓", timeout=PATIENCE)
        settle(tab, PATIENCE, still=0)
        seconds.append(time.perf_counter() - start)
        megabytes.append(round(process.memory_info().rss / 1e6, 1))
    return seconds, megabytes


def _spread(seconds: list[float]) -> dict[str, float]:
    return {
        "median_seconds": round(statistics.median(seconds), 3),
        "longest_seconds": round(max(seconds), 3),
        "share_within_goal": round(statistics.mean(one <= ANSWER for one in seconds), 3),
    }


if __name__ == "__main__":
    main()
