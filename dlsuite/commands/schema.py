"""write the JSON schema of specs, by which editors complete names and arguments

Example:
  dlsuite schema --output specs/schema.json
  dlsuite schema --docs --vscode --output specs/schema.docs.json
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path, PurePosixPath

from dlsuite.commands import UsageError, quiet

SETTINGS = Path(".vscode", "settings.json")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `schema`."""
    parser.add_argument("-o", "--output", metavar="FILE", help="where to (default: standard output)")
    parser.add_argument("--docs", action="store_true", help="with the descriptions of the installed libraries")
    parser.add_argument(
        "--vscode", action="store_true",
        help=f"also write {SETTINGS}, unless it is there: VS Code then reads FILE in place of schema.json beside it",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Writes the schema."""
    from dlsuite.spec.catalogue import load
    from dlsuite.spec.schema import dump, schema

    path = Path(arguments.output) if arguments.output is not None else None
    if path is not None and not path.parent.is_dir():
        raise UsageError(f"there is no folder `{path.parent}` for {path.name}.")
    if arguments.vscode and path is None:
        raise UsageError("--vscode needs --output: the file that VS Code is to read.")
    if arguments.vscode and not path.resolve().is_relative_to(Path.cwd()):
        raise UsageError("--vscode needs an --output inside this folder: settings of VS Code name files in it.")
    words = None
    if arguments.docs:
        quiet()
        from dlsuite.describing import docs

        words = docs(load())
    text = dump(schema(docs=words))
    if path is None:
        print(text, end="")
        return 0
    path.write_text(text, encoding="utf-8")
    if arguments.vscode:
        _tell_vscode(PurePosixPath(path.resolve().relative_to(Path.cwd()).as_posix()))
    return 0


def _tell_vscode(path: PurePosixPath) -> None:
    """Has VS Code read `path` where a spec names the schema.json beside it; settings of the user's own stay."""
    settings = json.dumps(_settings(path), indent=2) + "\n"
    if not SETTINGS.exists():
        SETTINGS.parent.mkdir(exist_ok=True)
        SETTINGS.write_text(settings, encoding="utf-8")
    elif path.name not in SETTINGS.read_text(encoding="utf-8"):
        print(f"{SETTINGS} is yours and stays as it is. For descriptions in VS Code, add to it:\n{settings}",
              end="", file=sys.stderr)  # fmt: skip


def _settings(path: PurePosixPath) -> dict[str, object]:
    """Returns settings that give the address of schema.json, which specs name, the content of `path`.

    VS Code resolves `$schema` to an address, and takes content that is registered for it before it reads the file.
    """
    folder = f"{path.parent}/" if path.parent.name else ""
    specs = [f"{folder}**/*.json", f"!{folder}schema*.json"]
    content = {"$ref": f"./{path.name}"}
    return {"json.schemas": [{"fileMatch": specs, "url": f"./{folder}schema.json", "schema": content}]}
