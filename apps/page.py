"""What a page is, and which there are."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Page:
    """A page of the apps; each file of `apps/pages` has one as `PAGE`.

    Attributes:
        title: Its name in the navigation and in the browser's tab.
        icon: An emoji: other icons would be fetched from outside.
        about: What it is for, in a sentence.
        path: Of its address; empty for the page that comes first.
        place: Where it stands in the navigation.
        show: Draws it.
        domain: Which runs it is about; empty for pages about all.
    """

    title: str
    icon: str
    about: str
    path: str
    place: int
    show: Callable[[], None]
    domain: str = ""


@cache
def pages() -> list[Page]:
    """Returns all pages in the order of the navigation."""
    files = sorted((Path(__file__).parent / "pages").glob("*.py"))
    modules = [importlib.import_module(f"apps.pages.{file.stem}") for file in files if file.stem != "__init__"]
    return sorted((module.PAGE for module in modules), key=lambda page: page.place)
