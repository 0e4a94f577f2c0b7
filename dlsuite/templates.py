"""The shipped specs: where they are, and copies of them to start from."""

from __future__ import annotations

import json
import re
from pathlib import Path

from dlsuite.spec import document
from dlsuite.spec.errors import DLSuiteError, suggest
from dlsuite.storage import write_text, writing

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
    return save(path.read_text(encoding="utf-8"), path, target)


def save(text: str, at: Path, target: Path, *, replace: bool = False) -> list[Path]:
    """Returns the files that were written: a spec's text, and beside it what it extends and uses.

    Args:
        text: Of a spec without faults.
        at: Where it stands, or was written from: what it extends and uses is looked for from there.
        target: The file to write.
        replace: Whether `target` may be there already; other files are never replaced.

    Raises:
        TemplateError: A file is there already, or two that the spec needs have the same name.
        UnwritableError: Nothing may be written there.
    """
    written = _copies(text, at, target)
    for one, content in written.items():
        kept = replace if one == target else one.exists() and one.read_text(encoding="utf-8") == content
        if one.exists() and not kept:
            raise TemplateError(f"`{one.name}` is there already; give another name.")
    with writing(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
    for one, content in written.items():
        write_text(one, content)
    return list(written)


def rename(text: str, name: str) -> str:
    """Returns the text of a spec with another `name` in it, all else as it was written."""
    spec = document.take(text, name)
    if "name" not in spec:
        after = text.index("{") + 1
        return f'{text[:after]}\n  "name": {json.dumps(name)}{"," if spec else ""}{text[after:]}'
    start = spec.places["name"].offset
    _, end = json.JSONDecoder().raw_decode(text, start)
    return text[:start] + json.dumps(name) + text[end:]


def _copies(text: str, at: Path, target: Path) -> dict[Path, str]:
    """Returns what to write: the spec, and beside it what it extends and uses, each pointing to the others there."""
    found = json.loads(text)
    copies: dict[Path, str] = {}
    stays = at.parent.resolve() == target.parent.resolve()  # what it needs is there
    for other in () if stays else [*found.get("uses", []), *([found["extends"]] if "extends" in found else [])]:
        beside, path = target.parent / Path(other).name, at.parent / other
        needed = _copies(path.read_text(encoding="utf-8"), path, beside)
        twice = [one for one, content in needed.items() if one == target or copies.get(one, content) != content]
        if twice:
            raise TemplateError(f"Two of the files that it needs are named `{twice[0].name}`; give another name.")
        copies |= needed
        text = text.replace(json.dumps(other), json.dumps(beside.name))
    if "$schema" in found:
        text = text.replace(json.dumps(found["$schema"]), json.dumps((folder() / "schema.json").as_uri()), 1)
    return {target: text, **copies}
