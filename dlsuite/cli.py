"""The `dlsuite` command: parses, runs one verb, and answers every fault with a sentence and an exit code.

Exit codes: 0 done, 1 a bug of ours, 2 wrong usage or spec, 3 data missing or corrupt, 4 training failed or a claim not
met, 130 interrupted. A verb is a module of `dlsuite.commands`; nothing heavy is imported before it runs.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import io
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence

import dlsuite
from dlsuite.commands import UsageError
from dlsuite.spec.errors import DLSuiteError, suggest, visible

VERBS = (
    "new", "check", "show", "train", "launch", "evaluate", "predict", "verify", "runs", "eject", "adopt", "components",
    "schema", "apps",
)  # fmt: skip
ABOUT = "One JSON file becomes a trained, measured, explained deep-learning system."
UNWRITTEN = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
USER_FAULTS = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError, FileExistsError)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit code; shows the user no traceback for faults of their making."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return _run(sys.argv[1:] if argv is None else list(argv))
    except UsageError as error:
        return _say(f"dlsuite: {error}", 2)
    except DLSuiteError as error:
        if error.__cause__ is not None and os.environ.get("DLSUITE_DEBUG") == "1":
            traceback.print_exception(error.__cause__)
        return _say(str(error), error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt as interrupt:
        return _say(f"\n{interrupt or 'Interrupted.'}", 130)
    except USER_FAULTS as error:
        return _say(f"dlsuite: {error.filename or ''}: {error.strerror or error}", 2)
    except OSError as error:  # of a file: a full disk, one that is read only
        if error.filename:
            return _say(f"dlsuite: {error.filename}: {error.strerror}", 2)
        if error.errno not in UNWRITTEN:
            return _bug(error)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to print is dropped
        return _say(f"dlsuite: standard output cannot be written: {error.strerror}", 2)
    except Exception as error:  # what arrives here is a bug of ours
        return _bug(error)


def _run(argv: list[str]) -> int:
    verb = next((word for word in argv if not word.startswith("-")), None)
    if verb is not None and verb not in VERBS:
        hint = suggest(verb, VERBS, what="commands") or f"Commands: {', '.join(VERBS)}."
        raise UsageError(f"there is no command `{verb}`. {hint}")
    parser, options = _parser()
    if not argv:
        parser.print_help()
        sys.stdout.flush()
        return 0
    try:
        arguments, unknown = parser.parse_known_args(argv)
    except SystemExit as exit:
        sys.stdout.flush()
        return int(exit.code or 0)
    if unknown:
        known = options.get(arguments.verb, ["--help", "--version"])
        hint = suggest(unknown[0].partition("=")[0], known, what="options")
        raise UsageError(f"`{arguments.verb or 'dlsuite'}` does not take `{unknown[0]}`. {hint}".rstrip())
    if arguments.verb is None:
        raise UsageError(f"which command? {', '.join(VERBS)}.")
    code = arguments.run(arguments)
    sys.stdout.flush()
    return code


def _parser() -> tuple[argparse.ArgumentParser, dict[str, list[str]]]:
    parser = _Parser(prog="dlsuite", description=ABOUT, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"dlsuite {dlsuite.__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="COMMAND", title="commands")
    options = {}
    for name in VERBS:
        module = importlib.import_module(f"dlsuite.commands.{name}")
        help = (module.__doc__ or "").partition("\n")[0]
        child = verbs.add_parser(
            name, help=help, description=module.__doc__, allow_abbrev=False, formatter_class=_Plain
        )
        module.arguments(child)
        child.set_defaults(run=module.run)
        options[name] = [flag for action in child._actions for flag in action.option_strings if flag.startswith("--")]
    return parser, options


class _Plain(argparse.RawDescriptionHelpFormatter):
    """Keeps the line breaks of descriptions, so that examples stay readable."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        verb = self.prog.partition(" ")[2]
        raise UsageError(f"{f'{verb}: ' if verb else ''}{message}. See `{self.prog} --help`.")


def _say(message: str, code: int) -> int:
    print("\n".join(map(visible, message.split("\n"))), file=sys.stderr)
    return code


def _bug(error: Exception) -> int:
    if os.environ.get("DLSUITE_DEBUG") == "1":
        traceback.print_exception(error)
        return 1
    with tempfile.NamedTemporaryFile("w", prefix="dlsuite-", suffix=".log", delete=False, encoding="utf-8") as log:
        log.write(f"dlsuite {dlsuite.__version__}, Python {sys.version}\n{' '.join(sys.argv)}\n\n")
        traceback.print_exception(error, file=log)
    what = str(error).partition("\n")[0][:200]
    return _say(f"dlsuite met a bug of its own ({type(error).__name__}: {what}). The details are in {log.name}", 1)
