"""Every page, in both themes: nobody is shut out, nothing is fetched from outside, nothing breaks the policy."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from apps.page import pages

pytestmark = pytest.mark.browser
PATHS = {page.title: page.path for page in pages()}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_is_open_to_all(apps_address, browser, witness, idle, theme) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=theme)
    context.route("**/*", witness.allow)
    found = {}
    for title, path in PATHS.items():
        page = context.new_page()
        page.on("console", witness.hear)
        page.on("pageerror", lambda error: witness.errors.append(str(error)))
        page.goto(f"{apps_address}/{path}", timeout=60_000)
        page.wait_for_selector("h1", timeout=60_000)
        idle(page)
        page.wait_for_timeout(500)
        idle(page)
        assert page.title().startswith(title), page.title()
        assert page.get_by_test_id("stException").count() == 0
        for rule in Axe().run(page).response["violations"]:
            found[f"{title}: {rule['id']}: {rule['help']}"] = [node["html"][:200] for node in rule["nodes"]]
        page.close()
    context.close()
    assert not found
    assert not witness.outside and not witness.violations and not witness.errors
