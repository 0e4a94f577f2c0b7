"""answer raw input with a trained run: image files, or rows of CSV and JSONL files

Example:
  dlsuite predict RUN seven.png three.jpg
  dlsuite predict RUN patients.csv --json
"""

from __future__ import annotations

import argparse
from typing import Any

from dlsuite.commands import add_json, print_json, quiet


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of `predict`."""
    parser.add_argument("run_path", metavar="RUN", help="the folder of a run")
    parser.add_argument("inputs", metavar="INPUT", nargs="+", help="a file to answer")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Answers each input, in order."""
    quiet()
    import dlsuite

    answers = dlsuite.predict(dlsuite.open_run(arguments.run_path), arguments.inputs)
    if arguments.json:
        print_json(answers)
        return 0
    for answer in answers:
        print(f"{answer['input']}: {describe(answer['output'])}")
    return 0


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
