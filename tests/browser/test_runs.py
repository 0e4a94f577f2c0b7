"""Runs in a real browser: rows are chosen, the address keeps them, curves and cards are drawn."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from dlsuite.runs import list_runs

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # ms


def test_rows_are_chosen_and_stay_over_a_reload(page, apps_address, tiny_runs, idle, witness) -> None:
    page.goto(f"{apps_address}/runs")
    table = page.get_by_test_id("stDataFrame").first
    table.wait_for(timeout=PATIENCE)
    idle(page)
    for row in (0, 1):
        table.click(position={"x": 18, "y": 52 + 35 * row})
        page.wait_for_url("**runs=**", timeout=PATIENCE)
        idle(page)
    expect(page.get_by_role("tab", name="Parallel coordinates")).to_be_visible(timeout=PATIENCE)
    chosen = {run.id for run in list_runs(tiny_runs) if run.id in page.url}
    assert len(chosen) == 2
    page.get_by_role("tab", name="Parallel coordinates").click()
    page.wait_for_url("**of-runs=Parallel**", timeout=PATIENCE)
    page.reload()
    expect(page.get_by_role("tab", name="Parallel coordinates")).to_have_attribute(
        "aria-selected", "true", timeout=PATIENCE
    )
    expect(page.locator(".vega-embed canvas, .vega-embed svg").first).to_be_visible(timeout=PATIENCE)
    assert {one for one in chosen if one in page.url} == chosen
    assert (witness.outside, witness.violations, witness.errors) == ([], [], [])


def test_the_card_of_a_run_gives_its_spec(page, apps_address, tiny_runs, idle, witness) -> None:
    run = list_runs(tiny_runs)[0]
    page.goto(f"{apps_address}/runs?runs={run.id}&of-run=Model+card")
    with page.expect_download(timeout=PATIENCE) as download:
        page.get_by_text("Download the spec").click(timeout=PATIENCE)
    assert download.value.path().read_text() == (run.path / "source.json").read_text()
    assert (witness.outside, witness.violations, witness.errors) == ([], [], [])
