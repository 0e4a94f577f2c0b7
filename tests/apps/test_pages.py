"""Every page says what it is, in one way, and none costs anything before it is shown."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from apps.page import Page, pages
from dlsuite.spec.catalogue import load

ROOT = Path(__file__).parents[2]
EXPECTED = ["Home", "Vision", "Speech", "Text", "Protein", "Generation", "Spec Studio", "Runs"]


def test_the_pages_are_those_that_are_told() -> None:
    assert [page.title for page in pages()] == EXPECTED


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.title)
def test_metadata_of_a_page(page: Page) -> None:
    assert unicodedata.category(page.icon[0]) == "So", "an emoji: other icons are fetched from outside"
    assert page.about.endswith((".", "?")) and len(page.about) < 120
    assert page.path == ("" if page.title == "Home" else page.path.lower())
    assert callable(page.show) and page.show.__doc__


def test_no_two_pages_share_a_place_or_an_address() -> None:
    for name in ("title", "icon", "path", "place"):
        values = [getattr(page, name) for page in pages()]
        assert len(values) == len(set(values)), name


def test_domains_are_those_that_blocks_claim() -> None:
    catalogue = load()
    claimed = {
        (catalogue.entry(kind, name) or {}).get("facts", {}).get("domain")
        for kind in ("feature", "objective")
        for name in catalogue.names(kind)
    } - {None}
    assert {page.domain for page in pages()} - {""} == claimed


def test_pages_load_no_library_of_models() -> None:
    code = (
        "import sys, apps.page; apps.page.pages(); print(*sorted({'tensorflow', 'keras', 'sklearn'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
