"""Takes the pictures of the apps that the README shows: every page, light and dark.

    .venv/bin/python -m dlsuite.demo
    .venv/bin/python docs/images/take_screenshots.py runs

Chromium drives a server of its own; `pip install -r requirements-test.txt` brings what drives it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import expect, sync_playwright

HERE = Path(__file__).parent
PORT = 8689
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
IDLE = '[data-testid="stApp"][data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]'
PATIENCE = 120_000  # ms


def main(runs: str) -> None:
    """Writes `apps_<page>_<theme>.png` for every page and theme."""
    command = [sys.executable, "-m", "dlsuite", "apps", "--port", str(PORT), "--runs", runs]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        _wait()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
            for theme in ("light", "dark"):
                context = browser.new_context(viewport=SIZE, color_scheme=theme)  # type: ignore[arg-type]
                for name, address in PAGES.items():
                    _take(context.new_page(), address, HERE / f"apps_{name}_{theme}.png")
    finally:
        server.terminate()
        server.wait(20)


def _wait() -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/_stcore/health", timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server does not answer")


def _take(page: Any, address: str, target: Path) -> None:
    page.set_default_timeout(PATIENCE)
    page.goto(f"http://127.0.0.1:{PORT}/{address}")
    page.wait_for_selector("h1")
    for _ in range(2):  # what a first run draws may ask for a second
        expect(page.locator(IDLE)).to_be_attached(timeout=PATIENCE)
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=PATIENCE)
        page.wait_for_timeout(1500)
    page.screenshot(path=target)
    page.close()


if __name__ == "__main__":
    main(sys.argv[1])
