"""What the wheel carries beside the package."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_wheel_carries_the_specs_and_no_words_of_other_libraries(tmp_path):
    for name in ("setup.py", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("vision/mine.json", "schema.json", "schema.docs.json", "vision/__pycache__/old.pyc"):
        (tmp_path / "specs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "specs" / name).write_text("{}")
    (tmp_path / "dlsuite").mkdir()
    (tmp_path / "dlsuite" / "__init__.py").write_text('__version__ = "1"\n')
    command = [sys.executable, "setup.py", "-q", "build_py", "--build-lib", "built"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=120)
    carried = tmp_path / "built" / "dlsuite" / "specs"
    files = sorted(path.relative_to(carried).as_posix() for path in carried.rglob("*") if path.is_file())
    assert files == ["schema.json", "vision/mine.json"]
