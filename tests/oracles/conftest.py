"""The option that writes golden files, and the fixture that compares with an oracle."""

from __future__ import annotations

from collections.abc import Callable

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--write-goldens`."""
    parser.addoption("--write-goldens", action="store_true", help="write what the oracles answer to tests/golden")


@pytest.fixture
def agree(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Gives `check`, which also writes the golden file where `--write-goldens` asks for it."""
    from functools import partial

    from tests.oracles.oracle import check

    return partial(check, writing=request.config.getoption("write_goldens", False))
