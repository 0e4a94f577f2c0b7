"""Every page, in both themes: nobody is shut out, nothing is fetched from outside, nothing breaks the policy."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from apps.page import Page, pages

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # ms: other work may go on beside
GROUND = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"


@pytest.mark.parametrize("shown", pages(), ids=lambda one: one.title)
def test_a_page_is_open_to_all(apps_address, page, witness, idle, shown: Page) -> None:
    page.goto(f"{apps_address}/{shown.path}")
    page.wait_for_selector("h1", timeout=PATIENCE)
    idle(page)
    page.wait_for_timeout(300)  # what a first run draws may ask for a second
    idle(page)
    assert page.title().startswith(shown.title), page.title()
    assert page.get_by_test_id("stException").count() == 0
    bright = page.evaluate(GROUND)
    assert not _shut_out(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"bright => {GROUND} != bright", arg=bright)
    idle(page)
    assert not _shut_out(page)
    assert not witness.outside and not witness.violations and not witness.errors


def _shut_out(page) -> dict[str, list[str]]:
    """Returns the rules of axe-core that a page breaks, with where."""
    broken = Axe().run(page).response["violations"]
    return {f"{rule['id']}: {rule['help']}": [node["html"][:200] for node in rule["nodes"]] for rule in broken}
