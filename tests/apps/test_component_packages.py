"""What the components of the apps are made with, and how they are mounted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from apps.components import build, packaged
from dlsuite import DLSuiteError


def test_the_lock_names_no_registry_and_holds_the_hash_of_every_package():
    lock = json.loads((build.HERE / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert {"node_modules/3dmol", "node_modules/ace-builds"} <= packages.keys()
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


def test_every_package_is_copied_with_its_licence(tmp_path):
    modules = tmp_path / "node_modules"
    for name in (*build.FILES, "3dmol/LICENSE", "upng-js/node_modules/pako/LICENSE"):
        (modules / name).parent.mkdir(parents=True, exist_ok=True)
        (modules / name).write_text(name)
    target = tmp_path / "vendor"
    target.mkdir()
    (target / "old.js").write_text("")
    build._copy(modules, target)
    assert {path.name for path in target.iterdir()} == {*(Path(name).name for name in build.FILES), "licences"}
    assert {path.name for path in (target / "licences").iterdir()} == {"3dmol.txt", "upng-js-pako.txt"}


def test_without_what_set_up_fetches_the_user_is_told_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(packaged, "FETCHED", tmp_path / "nothing")
    with pytest.raises(DLSuiteError, match="make apps"):
        packaged.mount("editor", key="spec")


def test_both_are_mounted_in_tests_of_pages(monkeypatch):
    monkeypatch.setattr(packaged, "FETCHED", packaged.HERE)
    for _ in range(2):  # each has a runtime of its own
        app = AppTest.from_function(_page).run(timeout=60)
        assert not app.exception
        assert [text.value for text in app.text] == ["{}", "None"]


def _page():
    import streamlit as st

    from apps.components import editor, viewer

    st.text(editor("{}", key="spec"))
    st.text(viewer({"Model": "END"}, key="fold"))
