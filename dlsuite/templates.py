"""The shipped specs: where they are, and copies of them to start from."""

from __future__ import annotations

import json
import re
from pathlib import Path

from dlsuite.spec.errors import DLSuiteError, suggest

SENTENCE = r"(?<!et al)\.(?: |$)"


class TemplateError(DLSuiteError):
    """A shipped spec that is not there, or a place that is taken."""

    exit_code = 2


def folder() -> Path:
    """Returns the folder of the shipped specs: in the package where it was installed from a wheel, else beside it."""
    package = Path(__file__).parent
    return next((one for one in (package / "specs", package.parent / "specs") if one.is_dir()), package / "specs")


def shipped() -> dict[str, Path]:
    """Returns the shipped specs by name, such as `vision/digits_cnn`."""
    root = folder()
    paths = [path for path in sorted(root.rglob("*.json")) if path.name not in ("schema.json", "schema.docs.json")]
    return {path.relative_to(root).with_suffix("").as_posix(): path for path in paths}


def purpose(path: Path) -> str:
    """Returns the first sentence of what a spec says it is about."""
    about = str(json.loads(path.read_text(encoding="utf-8")).get("about", ""))
    return re.split(SENTENCE, about)[0]


def find(name: str) -> Path:
    """Returns a shipped spec by its name, with or without its folder.

    Raises:
        TemplateError: There is none of that name, or several.
    """
    known, wanted = shipped(), name.removesuffix(".json").removeprefix("specs/")
    matches = [one for one in known if one == wanted or one.rpartition("/")[2] == wanted]
    if len(matches) == 1:
        return known[matches[0]]
    near = {one.rpartition("/")[2]: one for one in known} | {one: one for one in known}
    alike = [one for one in known if wanted and wanted in one]
    hint = f"Did you mean {' or '.join(f'`{one}`' for one in alike[:4])}?" if alike else ""
    hint = hint or suggest(wanted, near, what="shipped specs") or "`dlsuite new` lists the shipped specs."
    raise TemplateError(f"There is no shipped spec `{name}`. {hint}")


def copy(path: Path, target: Path) -> list[Path]:
    """Returns the files that were written: a copy of a shipped spec, and beside it what it extends and uses.

    Raises:
        TemplateError: A file is there already.
    """
    written = _copies(path, target)
    taken = [one for one, text in written.items() if one.exists() and (one == target or one.read_text() != text)]
    if taken:
        raise TemplateError(f"`{taken[0]}` is there already; name another file.")
    target.parent.mkdir(parents=True, exist_ok=True)
    for one, text in written.items():
        one.write_text(text, encoding="utf-8")
    return list(written)


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
