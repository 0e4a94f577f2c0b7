"""copy a shipped spec into a folder as a start; without a name, list the shipped ones

Example:
  dlsuite new
  dlsuite new vision/digits_cnn mine.json
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

from dlsuite.commands import UsageError
from dlsuite.spec.errors import suggest

SENTENCE = r"(?<!et al)\.(?: |$)"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `new`."""
    parser.add_argument("template", metavar="SPEC", nargs="?", help="a shipped spec, such as vision/digits_cnn")
    parser.add_argument("to", metavar="FILE", nargs="?", help="where to (default: the spec's own name, here)")


def run(arguments: argparse.Namespace) -> int:
    """Copies a shipped spec; never writes over a file."""
    shipped = {path.relative_to(root).with_suffix("").as_posix(): path for root in [folder()] for path in _specs(root)}
    if arguments.template is None:
        for name, path in shipped.items():
            about = str(json.loads(path.read_text(encoding="utf-8")).get("about", ""))
            print(f"{name:32} {re.split(SENTENCE, about)[0]}")
        return 0
    name = arguments.template.removesuffix(".json").removeprefix("specs/")
    matches = [one for one in shipped if one == name or one.rpartition("/")[2] == name]
    if len(matches) != 1:
        near = {one.rpartition("/")[2]: one for one in shipped} | {one: one for one in shipped}
        alike = [one for one in shipped if name and name in one]
        hint = f"Did you mean {' or '.join(f'`{one}`' for one in alike[:4])}?" if alike else ""
        hint = hint or suggest(name, near, what="shipped specs") or "`dlsuite new` lists the shipped specs."
        raise UsageError(f"there is no shipped spec `{arguments.template}`. {hint}")
    stem = matches[0].rpartition("/")[2]
    target = Path(arguments.to or f"{stem}.json")
    target = target / f"{stem}.json" if target.is_dir() else target
    written = _copies(shipped[matches[0]], target)
    taken = [path for path, text in written.items() if path.exists() and (path == target or path.read_text() != text)]
    if taken:
        raise UsageError(f"`{taken[0]}` is there already; name another file: dlsuite new {matches[0]} FILE")
    target.parent.mkdir(parents=True, exist_ok=True)
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
    keys = {key for text in written.values() for key in json.loads(text)}
    verb = "train" if "train" in keys else "show" if keys & {"model", "models"} else ""
    after = f"; dlsuite {verb} {target}" if verb else ""
    beside = f" with {', '.join(path.name for path in list(written)[1:])}" if len(written) > 1 else ""
    print(f"{target} written{beside}. Next: dlsuite check {target}{after}")
    return 0


def folder() -> Path:
    """Returns the folder of the shipped specs: in the package where it was installed from a wheel, else beside it."""
    package = Path(__file__).parents[1]
    return next((one for one in (package / "specs", package.parent / "specs") if one.is_dir()), package / "specs")


def _specs(root: Path) -> list[Path]:
    return [path for path in sorted(root.rglob("*.json")) if path.name not in ("schema.json", "schema.docs.json")]


def _copies(path: Path, target: Path) -> dict[Path, str]:
    """Returns what to write: the spec, and beside it what it extends and uses, each pointing to the others there."""
    text = path.read_text(encoding="utf-8")
    found = json.loads(text)
    copies: dict[Path, str] = {}
    for other in [*found.get("uses", []), *([found["extends"]] if "extends" in found else [])]:
        beside = target.parent / Path(other).name
        copies |= _copies(path.parent / other, beside)
        text = text.replace(json.dumps(other), json.dumps(beside.name))
    if "$schema" in found:
        text = text.replace(json.dumps(found["$schema"]), json.dumps((folder() / "schema.json").as_uri()), 1)
    return {target: text, **copies}
