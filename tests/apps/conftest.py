"""Runs for the pages, trained once a worker, and pages as a visitor opens them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.tiny_specs import DIGITS, KEYWORDS, transcripts


@pytest.fixture(scope="session")
def runs_folder(tmp_path_factory) -> Path:
    """The folder of all runs of these tests."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="session")
def train(runs_folder, tmp_path_factory) -> Callable[[dict[str, Any]], Any]:
    """`train(spec)` gives a run in the folder of the runs."""

    def train(spec: dict[str, Any], folder: Path | None = None) -> Any:
        from tests.tiny_runs import train  # loads the libraries of models

        return train(spec, folder or tmp_path_factory.mktemp("spec"), runs_folder)

    return train


@pytest.fixture(scope="session")
def digits_run(train) -> Any:
    """A run that has learned a little of scanned digits."""
    return train(DIGITS)


@pytest.fixture(scope="session")
def speech_run(train) -> Any:
    """A run that tells spoken digits apart, badly."""
    return train(KEYWORDS)


@pytest.fixture(scope="session")
def transcript_run(train, tmp_path_factory) -> Any:
    """A run that writes sounds down, badly."""
    folder = tmp_path_factory.mktemp("sounds")
    return train(transcripts(folder), folder)


@pytest.fixture
def visit(runs_folder, monkeypatch) -> Callable[..., Any]:
    """`visit("vision", run, tab="Explain")` opens the page of that name."""
    from streamlit.testing.v1 import AppTest

    monkeypatch.setenv("DLSUITE_RUNS", str(runs_folder))

    def visit(name: str, shown: Any = None, **address: str) -> AppTest:
        app = AppTest.from_function(_page, kwargs={"name": name}, default_timeout=120)
        for key, value in {**({"run": f"{shown.name}/{shown.id}"} if shown else {}), **address}.items():
            app.query_params[key] = value
        return app.run()

    return visit


def _page(name: str) -> None:
    import importlib

    importlib.import_module(f"apps.pages.{name}").PAGE.show()
