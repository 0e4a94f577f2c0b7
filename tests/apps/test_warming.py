"""Loading stands still while a page is on its way to a visitor, and for nobody else."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps import warming

SOON, NEVER = 0.3, 600.0  # seconds


@pytest.fixture
def courtesy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[warming.Courtesy]:
    """A courtesy that keeps all modules of the loading thread waiting, and two modules to load."""
    for name in ("loaded_late", "loaded_at_once"):
        (tmp_path / f"{name}.py").write_text("DONE = True\n")
    found = warming.Courtesy()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", [found, *sys.meta_path])
    monkeypatch.setattr(warming, "ASIDE", NEVER)
    found.step_aside()
    yield found
    found.hurry()
    for name in ("loaded_late", "loaded_at_once"):
        sys.modules.pop(name, None)


def load(name: str) -> threading.Thread:
    thread = threading.Thread(target=importlib.import_module, args=(name,), name=warming.NAME, daemon=True)
    thread.start()
    return thread


def test_loading_stands_still_until_somebody_waits(courtesy: warming.Courtesy) -> None:
    thread = load("loaded_late")
    thread.join(SOON)
    assert thread.is_alive()
    assert importlib.import_module("loaded_at_once").DONE  # this thread is not the one that steps aside
    courtesy.hurry()
    thread.join(10)
    assert not thread.is_alive() and sys.modules["loaded_late"].DONE


def test_loading_goes_on_after_a_while(courtesy: warming.Courtesy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "ASIDE", SOON)
    courtesy.step_aside()
    thread = load("loaded_late")
    thread.join(10)
    assert not thread.is_alive()
