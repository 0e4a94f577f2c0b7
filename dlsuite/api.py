"""The Python API: load, data, build, train. What it gives are plain tf.data datasets and `keras.Model`s."""

from __future__ import annotations

import os
import reprlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlsuite.spec.errors import check_argument

if TYPE_CHECKING:
    import keras

    from dlsuite.pipeline import Data
    from dlsuite.spec import Plan, Spec
    from dlsuite.summary import Summary
    from dlsuite.trained import Run


def load(
    path: str | os.PathLike[str] | Mapping[str, Any], overrides: dict[str, Any] | None = None, **params: Any
) -> Spec:
    """Returns a checked spec; imports neither keras nor tensorflow.

    Args:
        path: A JSON file, or what one would hold, as a dictionary.
        overrides: Values by dotted path, as `--set` gives them on the command line: `{"train.epochs": 3}`.
        params: Values of the spec's own `params`.

    Raises:
        SpecError: With every fault of the spec, each at its line.

    Example:
        >>> spec = load("specs/vision/digits_cnn.json", width=32)
    """
    from dlsuite import spec

    if overrides is not None:
        check_argument(overrides, Mapping, "`overrides`", "values by dotted path, such as {'train.epochs': 3}")
    named = {f"params.{name}": spec.Argument(f"argument {name}", value) for name, value in params.items()}
    return spec.load(path, {**(overrides or {}), **named})


def data(spec: Spec) -> Data:
    """Returns the data of a spec: tf.data of each split, the fitted features, the facts.

    Raises:
        DataError: The data is missing or corrupt.

    Example:
        >>> images = data(load("specs/vision/digits_cnn.json"))
        >>> images.counts
        {'train': 1437, 'validation': 180, 'test': 180}
    """
    from dlsuite import pipeline

    _check(spec, "data")
    return pipeline.read(spec)


def build(spec: Spec) -> keras.Model | dict[str, keras.Model]:
    """Returns the `keras.Model` of a spec, exactly the one that one would write by hand; a dictionary for `models`.

    The same spec with the same seed gives the same initial weights. Facts of a named dataset are declared by it; where
    only the data knows them (the classes of a folder of images) the data is read.

    Raises:
        SpecError: Shapes that do not fit, at the layer's line.
        DataError: The data has to be read for its facts, and is missing or corrupt.

    Example:
        >>> build(load("specs/vision/digits_cnn.json")).summary()
    """
    from dlsuite import graph

    _check(spec, "build")
    plan = planned(spec)
    models = graph.build(plan)
    return models["model"] if plan.single else models


def show(spec: Spec, *, read_data: bool = False, lengths: Mapping[str, int] | None = None) -> Summary:
    """Returns what a spec's networks are, of any size, without building them: layers, parameters, operations, memory.

    Args:
        spec: As `load` gives it.
        read_data: Whether to read facts such as the number of classes from the data.
        lengths: What lengths count as that may be any, by input; under the empty name, for every other input.

    Raises:
        SpecError: Shapes that do not fit, at the layer's line.
        DataError: Shapes depend on the data, which was not to be read or is missing.

    Example:
        >>> gpt3 = show(load("specs/papers/gpt3_175b.json"))
        >>> gpt3.parameters["total"], gpt3.networks["model"].memory(batch_size=1).total
        (174604259328, 3439498127364)
    """
    from dlsuite.summary import summarise

    _check(spec, "show")
    if lengths is not None:
        check_argument(lengths, Mapping, "`lengths`", "numbers by input, such as {'text': 512}, or {'': 512} for all")
    plan = spec.plan()
    if not read_data or plan.data.source is None:
        return summarise(plan, lengths)
    known = data(spec).known()
    return summarise(spec.plan(known), lengths, known["steps_per_epoch"])


def planned(spec: Spec) -> Plan:
    """Returns the plan of a spec; where building needs facts that only the data knows, they are read from it.

    Raises:
        SpecError: With these facts the spec has faults.
        DataError: The data is missing or corrupt.
    """
    plan = spec.plan()
    return spec.plan(data(spec).known()) if plan.unknown else plan


def eject(spec: Spec) -> str:
    """Returns a spec as the text of a Python module of plain Keras; its `build()` gives the models of `build(spec)`.

    Blocks are functions, repeats are loops, params are arguments or constants. The module imports Keras alone (and
    keras-hub or keras-cv where the spec names them); a layer of ours is printed with it.

    Raises:
        SpecError: The spec has no model, or holds something that has no plain code.
        DataError: The data has to be read for its facts, and is missing or corrupt.

    Example:
        >>> Path("digits.py").write_text(eject(load("specs/vision/digits_cnn.json")))
    """
    from dlsuite import ejection

    _check(spec, "eject")
    plan = spec.plan()
    known = data(spec).known() if plan.unknown else {}
    return ejection.eject(spec, spec.plan(known) if known else plan, known)


def adopt(model: keras.Model | str | os.PathLike[str]) -> dict[str, Any]:
    """Returns a spec, as a dictionary, that builds the model: blocks found again by dotted names, repeats rolled up.

    Args:
        model: A functional or sequential model, or the path of a `.keras` file. Of a file only the description is read:
            no object in it is made and no code is run, so one from a stranger is safe to adopt.

    Raises:
        AdoptionError: The file is another kind, or the model holds what the language does not have, such as a Lambda.

    Example:
        >>> spec = adopt("model.keras")
        >>> build(load(spec)).count_params()
    """
    from dlsuite import adoption

    if isinstance(model, str | os.PathLike):
        return adoption.adopt(adoption.read(Path(model)))
    if not hasattr(model, "to_json"):
        check_argument(
            model, (), "A model to adopt", "a functional or sequential `keras.Model`, or the path of a .keras file"
        )
    return adoption.adopt(adoption.describe(model))


def train(
    spec: Spec,
    runs: str | os.PathLike[str] = "runs",
    resume: str | os.PathLike[str] | None = None,
    progress: bool = False,
) -> Run:
    """Returns the run of a spec, trained, and evaluated on its test split where it has one.

    Args:
        spec: As `load` gives it.
        runs: The folder that the run's own folder goes to.
        resume: A run to go on with: interrupted or killed, or finished and now to be trained longer. Its own spec is
            `open_run(path).changed({"train.epochs": 20})`.
        progress: Whether to show progress on the terminal.

    Raises:
        SpecError: The spec does not suit its data, or changes what may not change of the run to go on with.
        DataError: The data is missing or corrupt.
        TrainingError: The training failed, such as by a loss that is not a number.

    Example:
        >>> run = train(load("specs/vision/digits_cnn.json"))
        >>> run.metrics["accuracy"], run.predict("seven.png")
    """
    from dlsuite import training
    from dlsuite.distribution.cluster import is_follower
    from dlsuite.trained import Run
    from dlsuite.training.progress import make_progress

    _check(spec, "train")
    check_argument(runs, (str, os.PathLike), "`runs`", "the folder of runs")
    run = Run(training.train(spec, runs=runs, resume=resume, progress=progress).path)
    if is_follower():  # the chief of the workers measures
        return run
    evaluated = run.evaluation.get("split") == "test" and (run.path / "report.html").is_file()
    if run.environment.get("data", {}).get("counts", {}).get("test") and not evaluated:
        make_progress(progress).say("measuring on the test split")
        run.evaluate()
    return run


def _check(spec: object, verb: str) -> None:
    """Checks that a spec is one."""
    from dlsuite.spec import Spec

    written = reprlib.repr(spec) if isinstance(spec, str | os.PathLike | Mapping) else '"my.json"'
    works = f"a spec as `dlsuite.load` gives it: dlsuite.{verb}(dlsuite.load({written}))"
    check_argument(spec, Spec, f"`spec` of `dlsuite.{verb}`", works)
