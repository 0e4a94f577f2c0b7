"""answer raw input with a trained run: files, rows of CSV and JSONL files, texts, or fields as JSON

Example:
  dlsuite predict RUN seven.png three.jpg
  dlsuite predict RUN patients.csv --json
  dlsuite predict RUN "a film to remember"
  dlsuite predict RUN "ROMEO:" --set seed=7
  dlsuite predict RUN '{"label": 7, "seed": 3}' --output pictures

What cannot be read is named on standard error, the rest is answered, and the exit code is 3.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import Any

from dlsuite.commands import add_json, note, overrides, print_json, quiet
from dlsuite.spec.errors import DataError, visible


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `predict`."""
    parser.add_argument("run_path", metavar="RUN", help="the folder of a run")
    parser.add_argument("inputs", metavar="INPUT", nargs="+", help="a file, a text, or a JSON object of fields")
    parser.add_argument(
        "--set", metavar="NAME=VALUE", action="append", default=[], dest="settings",
        help="change a value of `predict`, such as seed=7; a JSON value, else text; may be repeated",
    )  # fmt: skip
    parser.add_argument("--output", metavar="DIR", default=".", help="folder of files that answers hold (default: .)")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Answers each input, in order; 0 where all could be read, else 3."""
    import dlsuite

    run, settings = dlsuite.open_run(arguments.run_path), overrides(arguments.settings)
    quiet()
    from dlsuite.inputs import label
    from dlsuite.prediction import prompt, stream, streams

    warnings.showwarning = lambda message, *_, **__: note(f"warning: {message}")
    if len(arguments.inputs) == 1 and not arguments.json and streams(run):
        pieces = stream(run, arguments.inputs, settings)
        first = next(pieces, "")  # a fault shows before anything is printed
        print(prompt(run, arguments.inputs), first, sep="", end="", flush=True)
        for piece in pieces:
            print(piece, end="", flush=True)
        print()
        return 0
    faults: list[DataError] = []
    answers = dlsuite.predict(run, arguments.inputs, settings=settings, refuse=faults.append)
    folder = Path(arguments.output)
    for number, answer in enumerate(answers, start=1):
        answer["output"] = write_files(answer["output"], folder, stem(answer["input"], number))
    if arguments.json and (answers or not faults):
        print_json(answers)
    elif not arguments.json:
        for answer in answers:
            print(f"{label(answer['input'])}: {describe(answer['output'])}")
    for fault in faults:
        note(visible(str(fault)))
    return DataError.exit_code if faults else 0


def stem(name: str, number: int) -> str:
    """Returns what files of an answer are called: as the file that was asked about, else by the answer's number."""
    path = Path(name)
    return path.stem if path.suffix and len(name) < 200 and path.is_file() else f"answer-{number}"


def write_files(answer: Any, folder: Path, name: str) -> Any:
    """Returns an answer with its files written to a folder and their paths in their place."""
    from dlsuite.objectives.media import Media

    if isinstance(answer, Media):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}{answer.suffix}"
        path.write_bytes(answer.data)
        return str(path)
    if isinstance(answer, dict):
        return {key: write_files(value, folder, f"{name}-{key}") for key, value in answer.items()}
    if isinstance(answer, list):
        return [write_files(value, folder, f"{name}-{number}") for number, value in enumerate(answer, start=1)]
    return answer


def describe(output: Any) -> str:
    """Returns an answer in one line: the class and how sure, the nearest others, or the number.

    Example:
        >>> describe({"label": {"class": "7", "confidence": 0.98, "scores": {"7": 0.98, "1": 0.02}}})
        '7 (98.0%), then 1 (2.0%)'
    """
    if isinstance(output, dict) and len(output) == 1:
        return describe(next(iter(output.values())))
    if isinstance(output, dict) and "class" in output:
        others = sorted(output.get("scores", {}).items(), key=lambda item: -item[1])[1:3]
        also = ", ".join(f"{name} ({score:.1%})" for name, score in others if score >= 0.001)
        return f"{output['class']} ({output['confidence']:.1%})" + (f", then {also}" if also else "")
    if isinstance(output, dict):
        return "; ".join(f"{name}: {describe(value)}" for name, value in output.items())
    return f"{output:.6g}" if isinstance(output, float) else str(output)
