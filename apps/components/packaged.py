"""Mounts a component whose JavaScript lies in `assets/`, and which the browser fetches from there once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

from dlsuite import DLSuiteError

if TYPE_CHECKING:
    from streamlit.components.v2.bidi_component import ComponentResult
    from streamlit.components.v2.types import ComponentRenderer

HERE = Path(__file__).parent
FETCHED = HERE / "assets" / "vendor"
"""What `apps.components.build` fetched; see there."""


def mount(name: str, *, fetched: bool = True, **arguments: Any) -> ComponentResult:
    """Draws the component `name` and returns its state.

    Args:
        name: Of `assets/<name>.js` and `assets/<name>.css`.
        fetched: Whether it is made with what set-up fetched.
        arguments: Passed on to Streamlit: `key`, `data`, and `on_<state>_change` for each state.

    Raises:
        DLSuiteError: Set-up has not fetched the JavaScript.
    """
    if fetched and not FETCHED.is_dir():
        raise DLSuiteError(
            f"The {name} needs JavaScript that is not here: run `make apps` in a checkout, where the npm registry can "
            f"be reached, or install a wheel that was built after it."
        )
    _declare(name)
    return _renderer(name)(**arguments)


def _declare(name: str) -> None:
    """Say where the files lie, as Streamlit's scanner would: that looks only inside the package named as `dlsuite`."""
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(_full(name)) is None:
        manifest = ComponentManifest("dlsuite", "1", [ComponentConfig(name, "assets")])
        manager.register_from_manifest(manifest, HERE)


@cache
def _renderer(name: str) -> ComponentRenderer:
    return st.components.v2.component(_full(name), js=f"{name}.js", css=f"{name}.css", isolate_styles=False)


def _full(name: str) -> str:
    return f"dlsuite.{name}"
