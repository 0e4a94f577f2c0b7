"""Takes the pictures of the apps that the README shows: every page, light and dark.

    .venv/bin/python -m dlsuite.demo
    .venv/bin/python -m docs.images.take_screenshots runs

Chromium drives a server of its own; `pip install -r requirements-test.txt` brings what drives it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.driving import apps_command, browsing, serving, settle

HERE = Path(__file__).parent
PAGES = {
    "home": "",
    "vision": "vision",
    "speech": "speech",
    "text": "text",
    "protein": "protein",
    "generation": "generation",
    "studio": "studio",
    "runs": "runs",
}
SIZE = {"width": 1280, "height": 900}
PATIENCE = 120_000  # ms


def main(runs: str) -> None:
    """Writes `apps_<page>_<theme>.png` for every page and theme."""
    with tempfile.TemporaryDirectory() as specs, serving(apps_command(runs, specs)) as server, browsing() as browser:
        for theme in ("light", "dark"):
            context = browser.new_context(viewport=SIZE, color_scheme=theme)  # type: ignore[arg-type]
            for name, path in PAGES.items():
                _take(context.new_page(), f"{server.address}/{path}", HERE / f"apps_{name}_{theme}.png")


def _take(page: Page, address: str, target: Path) -> None:
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.wait_for_selector("h1")
    for _ in range(2):  # what a first run draws may ask for a second
        settle(page, PATIENCE)
        page.wait_for_timeout(1500)
    page.screenshot(path=target)
    page.close()


if __name__ == "__main__":
    main(sys.argv[1])
