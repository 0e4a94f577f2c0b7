"""Protein in a real browser: a sample is folded, mirrored, marked and taken home; what is no sequence is told."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # ms: other work goes on beside


def test_from_a_sample_to_its_structure_and_files(page, apps_address, idle, witness) -> None:
    page.goto(f"{apps_address}/protein")
    page.get_by_role("button", name="Residues (CSV)").wait_for(
        timeout=2 * PATIENCE
    )  # libraries, data and models are read
    idle(page)
    page.locator(".st-key-sample-2 button").click()
    page.wait_for_url("**sample=3**")
    idle(page)
    sequence = page.get_by_test_id("stCode").first.inner_text().strip()
    expect(page.locator(".dlsuite-stage")).to_have_attribute(
        "aria-label", re.compile("This run, True structure"), timeout=PATIENCE
    )
    expect(page.get_by_text("mean pLDDT")).to_be_visible(timeout=PATIENCE)
    for start in ("Confidence along the chain", "Contacts", "Distances between residues", "Expected errors"):
        expect(page.locator(f'[aria-label^="{start}"], [alt^="{start}"]').first).to_be_attached(timeout=PATIENCE)
    for label, suffix in (("PDB", ".pdb"), ("mmCIF", ".cif"), ("Maps (JSON)", ".json"), ("Residues (CSV)", ".csv")):
        with page.expect_download() as download:
            page.get_by_role("button", name=label, exact=True).click()
        assert download.value.suggested_filename.endswith(suffix)
        content = download.value.path().read_text()
        if suffix == ".json":
            assert json.loads(content)["sequence"] == sequence
    page.locator(".st-key-mirror label").first.click()
    page.wait_for_url("**mirror=true**")
    idle(page)
    expect(page.get_by_text("lDDT stays at")).to_be_visible(timeout=PATIENCE)
    page.locator(".st-key-residues").get_by_role("slider").first.press("ArrowRight")
    page.wait_for_url("**residues=2-**")
    page.get_by_role("tab", name="Explain").click()
    idle(page)
    expect(page.get_by_text("confidence and truth are")).to_be_visible(timeout=PATIENCE)
    _clean(witness)


def test_what_is_no_sequence_is_told_and_no_markup(page, apps_address, idle, witness) -> None:
    page.goto(f"{apps_address}/protein?from=Sequence&sequence=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    expect(page.get_by_test_id("stAlert")).to_contain_text("has '<' at place 1", timeout=PATIENCE)
    box = page.locator(".st-key-sequence textarea")
    box.fill("A" * 5000)
    box.press("Control+Enter")
    expect(page.get_by_test_id("stAlert")).to_contain_text("5,000 residues", timeout=PATIENCE)
    box.fill(">a\nMKVLAGAIAK\n><b>b</b>\nGGSSGGAA")
    box.press("Control+Enter")
    expect(page.get_by_text("It holds 2 sequences; take")).to_be_visible(timeout=PATIENCE)
    idle(page)
    expect(page.get_by_test_id("stCode").first).to_have_text("MKVLAGAIAK", timeout=PATIENCE)
    _clean(witness)


def _clean(witness) -> None:
    assert not witness.outside and not witness.violations and not witness.errors
