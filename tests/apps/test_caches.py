"""What is kept for all who visit is keyed by what all may see: nobody's input reaches somebody else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

APPS = Path(__file__).parents[2] / "apps"
SEEN_BY_ALL = {"path", "stamp", "changed", "domain"}
"""Names of arguments that say of which run, or of which domain, something is kept."""


def _shared() -> list[tuple[str, set[str]]]:
    """Returns the functions whose results are kept for all sessions, with the arguments that they are keyed by."""
    found = []
    for file in sorted(APPS.rglob("*.py")):
        for one in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for call in getattr(one, "decorator_list", []) if isinstance(one, ast.FunctionDef) else []:
                text = ast.unparse(call)
                if text.startswith("st.cache_") and "scope='session'" not in text:
                    names = {each.arg for each in ast.walk(one.args) if isinstance(each, ast.arg)}
                    found.append((f"{file.stem}.{one.name}", {name for name in names if not name.startswith("_")}))
    return found


@pytest.mark.parametrize(("name", "keys"), _shared(), ids=lambda one: one if isinstance(one, str) else "")
def test_what_all_share_is_keyed_by_runs(name, keys) -> None:
    assert keys <= SEEN_BY_ALL, f"{name} keeps for all what is keyed by {keys}: give it scope='session'"
