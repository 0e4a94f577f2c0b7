"""Fetches what the components are made with: `python -m apps.components.build`.

npm installs into a folder that is thrown away, by `package-lock.json` with its hashes and without running scripts. What
the browser needs is copied to `assets/vendor/`, with the licence of every package that it may hold; none is committed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE / "assets" / "vendor"
LOCKED = ("package.json", "package-lock.json", ".npmrc")
ACE = "ace-builds/src-min-noconflict"
FILES = (
    f"{ACE}/ace.js",
    f"{ACE}/ext-language_tools.js",
    f"{ACE}/ext-searchbox.js",
    f"{ACE}/mode-json.js",
    f"{ACE}/theme-cloud_editor.js",
    f"{ACE}/theme-cloud_editor_dark.js",
    "3dmol/build/3Dmol.es6-min.js",
    "3dmol/build/3Dmol.es6-min.js.LICENSE.txt",
)


def build(target: Path = TARGET) -> None:
    """Fills `target`, replacing what was there.

    Raises:
        SystemExit: npm is not here, or could not install.
    """
    npm = _npm()
    with tempfile.TemporaryDirectory() as folder:
        for name in LOCKED:
            shutil.copy(HERE / name, folder)
        path = os.pathsep.join([str(Path(npm).parent), os.environ.get("PATH", "")])
        done = subprocess.run([npm, "ci", "--ignore-scripts"], cwd=folder, env={**os.environ, "PATH": path})
        if done.returncode:
            raise SystemExit("npm could not install: is its registry in reach? The editor and the viewer wait for it.")
        _copy(Path(folder) / "node_modules", target)


def _npm() -> str:
    beside = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])
    found = shutil.which("npm", path=beside)
    if found is None:
        raise SystemExit("npm is not here: install Node.js, or `pip install --requirement requirements-build.txt`")
    return found


def _copy(modules: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    licences = target / "licences"
    licences.mkdir(parents=True)
    for name in FILES:
        shutil.copy(modules / name, target)
    for licence in modules.rglob("LICENSE"):
        package = licence.parent.relative_to(modules).as_posix().replace("/node_modules/", "-")
        shutil.copy(licence, licences / f"{package}.txt")


if __name__ == "__main__":
    build()
