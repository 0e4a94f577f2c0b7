"""Makes the wheel carry `specs/` and `apps/` inside the package; everything else is in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

LEFT_OUT = shutil.ignore_patterns("__pycache__", "schema.docs.json")
"""What set-up wrote; `schema.docs.json` holds descriptions in the words of the installed libraries."""


class CarrySpecsAndApps(build_py):
    """Copies both folders to `dlsuite/specs` and `dlsuite/apps`; a checkout has them beside the package."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for folder in ("specs", "apps"):
            if Path(folder).is_dir():
                target = Path(self.build_lib) / "dlsuite" / folder
                shutil.copytree(folder, target, dirs_exist_ok=True, ignore=LEFT_OUT)


setup(cmdclass={"build_py": CarrySpecsAndApps})
