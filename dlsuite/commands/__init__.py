"""The verbs of the command line, one module each: `arguments(parser)` and `run(arguments)`, which gives the exit code.

The first line of a module's docstring is the verb's help. Modules import what they need inside `run`, so that `dlsuite
--help` and `dlsuite check` answer in a blink.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import logging
import math
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from dlsuite.spec.values import Argument

if TYPE_CHECKING:
    from rich.console import Console

    from dlsuite.spec import Spec

JSON_HELP = "print one JSON document on standard output"
STRANGERS = ("jax", "pandas", "sklearn")
"""What TensorFlow and Keras import only to know its objects when they are given them, which no command does."""


class UsageError(Exception):
    """A command line that does not make sense; its message says what would."""


def add_spec(parser: argparse.ArgumentParser, *, several: bool = False, optional: str = "") -> None:
    """Adds the argument SPEC and the option `--set`.

    Args:
        parser: Of a verb.
        several: Whether it takes more than one.
        optional: When SPEC may be left out, in words; by default never.
    """
    if several:
        parser.add_argument("specs", metavar="SPEC", nargs="+", help="spec files (JSON)")
    elif optional:
        parser.add_argument("spec", metavar="SPEC", nargs="?", help=f"a spec file (JSON); {optional}")
    else:
        parser.add_argument("spec", metavar="SPEC", help="a spec file (JSON)")
    parser.add_argument(
        "--set", metavar="PATH=VALUE", action="append", default=[], dest="overrides",
        help="change a value of the spec, such as params.width=32; a JSON value, else text; may be repeated",
    )  # fmt: skip


def add_runs(parser: argparse.ArgumentParser) -> None:
    """Adds the option `--runs`."""
    parser.add_argument("--runs", metavar="DIR", default="runs", help="folder of the runs (default: runs)")


def add_resume(parser: argparse.ArgumentParser) -> None:
    """Adds SPEC, which may be left out, and the options of a training that may go on."""
    add_spec(parser, optional="with --resume by default that of the run")
    add_runs(parser)
    parser.add_argument("--resume", metavar="RUN", help="go on with a run (its folder, or the end of its id)")


def given_spec(arguments: argparse.Namespace) -> Spec:
    """Returns the spec that is to be trained: the one given, or that of the run to go on with.

    Raises:
        UsageError: Neither is given.
    """
    import dlsuite

    changes = overrides(arguments.overrides)
    if arguments.spec is None and arguments.resume is None:
        raise UsageError(f"{arguments.verb}: which spec? Give its file, or a run to go on with: --resume RUN.")
    run = None if arguments.resume is None else dlsuite.open_run(arguments.resume, arguments.runs)
    return dlsuite.load(arguments.spec, changes) if run is None or arguments.spec is not None else run.changed(changes)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Adds the option `--json`."""
    parser.add_argument("--json", action="store_true", help=JSON_HELP)


def overrides(texts: list[str]) -> dict[str, Argument]:
    """Returns the texts of `--set` by path; loading reads them as JSON where they are JSON.

    Example:
        >>> overrides(["params.width=32"])
        {'params.width': Argument(name='--set params.width', value='32')}

    Raises:
        UsageError: A text is not of the form `path=value`.
    """
    values = {}
    for text in texts:
        path, equals, value = text.partition("=")
        if not equals or any(not part.strip() for part in path.split(".")):
            raise UsageError(f"`--set {text}` is not of the form path=value, such as params.width=32.")
        values[path.strip()] = Argument(f"--set {path.strip()}", value)
    return values


def print_json(value: Any) -> None:
    """Prints one JSON document: numbers of other libraries as plain ones, what is not a number as null."""
    print(json.dumps(plain(value), indent=2, ensure_ascii=False))


def plain(value: Any) -> Any:
    """Returns a value as JSON knows it."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one) for one in value]
    if isinstance(value, PurePath):
        return str(value)
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def quiet() -> None:
    """Imports TensorFlow without the messages that it prints before it can be told not to, and in half the time; its
    warnings, which advise those who write loops, are not shown either."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    if "tensorflow" in sys.modules:
        return
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        with _lean():
            importlib.import_module("tensorflow")
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def _lean() -> Iterator[None]:
    """Lets modules be imported without `STRANGERS`, and without a search for garbage among what is kept for good."""
    hidden = [name for name in STRANGERS if name not in sys.modules and name != os.environ.get("KERAS_BACKEND")]
    collecting = gc.isenabled()
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: as if not installed
    gc.disable()
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
        gc.freeze()
        if collecting:
            gc.enable()


def console() -> Console:
    """Returns where tables are printed: as wide as the terminal, and wide enough for any table elsewhere."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else 200)


def note(text: str) -> None:
    """Prints a remark beside the answer, on standard error."""
    print(text, file=sys.stderr)
