"""What `dlsuite check` says of each broken spec, to the letter, and what the editor's schema refuses.

`python -m tests.golden.test_broken --write` writes the expected outputs again; read the difference before you keep it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dlsuite.spec import check

FOLDER = Path(__file__).with_name("broken")
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
SCHEMA = Path(__file__).parents[2] / "specs" / "schema.json"

BEYOND_THE_SCHEMA = {
    "accumulated_over_float16_replicas": "semantic",
    "block_argument_missing": "semantic",
    "block_argument_string": "semantic",
    "block_argument_type": "semantic",
    "block_argument_unknown": "semantic",
    "block_cycle": "cycle",
    "block_is_network": "semantic",
    "block_unknown": "semantic",
    "expect_figure_unknown": "semantic",
    "brace_float": "expression",
    "brace_unknown": "expression",
    "calls_limit": "limit",
    "compiled_over_replicas": "semantic",
    "duplicate_key": "text",
    "expression_attribute": "expression",
    "expression_call": "expression",
    "expression_condition": "expression",
    "expression_division": "expression",
    "expression_empty": "expression",
    "expression_fact_unknown": "expression",
    "expression_float": "expression",
    "expression_function": "expression",
    "expression_index": "expression",
    "expression_lambda": "expression",
    "expression_long": "expression",
    "expression_not_boolean": "expression",
    "expression_operator": "expression",
    "expression_power": "expression",
    "expression_python_word": "expression",
    "expression_syntax": "expression",
    "expression_type": "expression",
    "expression_word": "expression",
    "expression_unknown_name": "expression",
    "block_unused_fault": "expression",
    "param_order": "expression",
    "path_outside": "path",
    "param_required": "semantic",
    "repeat_negative": "expression",
    "repeat_shared_changes": "expression",
    "extends_cycle": "cycle",
    "extends_folder": "file",
    "extends_inner_fault": "file",
    "extends_missing": "file",
    "extends_outside": "file",
    "extends_passwd": "file",
    "extends_self": "cycle",
    "feature_param": "semantic",
    "feature_twice": "semantic",
    "field_unknown": "semantic",
    "input_of_data_unknown": "semantic",
    "inputs_missing": "wire",
    "inputs_too_many": "wire",
    "inputs_unsaid": "wire",
    "from_address": "path",
    "from_outside": "path",
    "input_unread": "semantic",
    "like_unknown": "semantic",
    "logits_activation": "semantic",
    "logits_softmax": "semantic",
    "name_is_input": "semantic",
    "name_twice": "semantic",
    "name_twice_repeat": "semantic",
    "network_argument": "semantic",
    "network_cycle": "cycle",
    "network_settings_differ": "semantic",
    "no_inputs": "semantic",
    "objective_by_target_unknown": "semantic",
    "objective_inputs_unknown": "semantic",
    "objective_output_unmade": "semantic",
    "objective_target_unknown": "semantic",
    "objective_which_target": "semantic",
    "objective_without_target": "semantic",
    "objective_wrong_feature": "semantic",
    "optimizer_network_unknown": "semantic",
    "output_unmade": "wire",
    "reuse_nothing": "wire",
    "reuse_op": "wire",
    "split_over_one": "semantic",
    "split_string": "semantic",
    "to_count": "wire",
    "to_more_than_made": "wire",
    "to_of_one": "wire",
    "unknown_layer_snake": "semantic",
    "uses_missing": "file",
    "uses_spec": "file",
    "uses_twice": "file",
    "precision_between_stages": "semantic",
    "several_duplicates": "text",
    "several_expressions": "expression",
    "several_wires": "wire",
    "block_inputs_one": "wire",
    "brace_unpaired": "expression",
    "json_surrogate": "text",
    "neither_epochs_nor_steps": "extends",
    "no_layers": "extends",
    "no_model": "extends",
    "no_objective": "extends",
    "repeat_billion": "limit",
    "wire_at": "wire",
    "wire_block_scope": "wire",
    "wire_output_unknown": "wire",
    "wire_several_outputs": "wire",
    "wire_unknown": "wire",
    "wire_when": "wire",
}
"""Specs whose fault no JSON schema can see, and what it would have to understand."""


def said(name: str) -> str:
    """Returns what `dlsuite check NAME.json` prints, run in the folder of the broken specs."""
    return "\n".join(map(str, check(f"{name}.json"))) + "\n"


@pytest.fixture(autouse=True)
def _in_the_folder(monkeypatch):
    monkeypatch.chdir(FOLDER)


@pytest.mark.parametrize("name", NAMES)
def test_message(name):
    assert said(name) == Path(f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_one_fault_for_one_mistake(name):
    faults = check(f"{name}.json")
    assert len(faults) > 1 if name.startswith("several") else len(faults) == 1


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_says_where_and_what_was_found(name):
    for fault in check(f"{name}.json"):
        line, column = fault.place.source.locate(fault.place.offset)
        assert 1 <= line <= fault.place.source.text.count("\n") + 1 and column >= 1
        assert fault.message.endswith((".", "?")) and "Traceback" not in fault.message


def test_every_expectation_has_its_spec():
    assert sorted(path.stem for path in FOLDER.glob("*.txt")) == NAMES
    assert set(BEYOND_THE_SCHEMA) <= set(NAMES)


def test_the_command_prints_the_same_and_imports_no_keras():
    """The whole corpus through the command line at once: exit code 2, nothing but faults, no keras, no tensorflow."""
    code = (
        "import sys; from dlsuite.cli import main; code = main(['check', *sys.argv[1:]]); sys.stdout.flush();"
        "print([name for name in ('keras', 'tensorflow', 'numpy') if name in sys.modules], code, file=sys.stderr)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, *(f"{name}.json" for name in NAMES)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert run.stdout == "".join(Path(f"{name}.txt").read_text(encoding="utf-8") for name in NAMES)
    assert run.stderr.splitlines()[-1] == "[] 2"


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _texts_that_are_json() -> list[str]:
    readable = []
    for name in NAMES:
        try:
            json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"), parse_constant=_refuse)
        except ValueError:
            continue
        readable.append(name)
    return readable


@pytest.mark.skipif(not SCHEMA.is_file(), reason="specs/schema.json is not there: `dlsuite schema` writes it")
@pytest.mark.parametrize("name", _texts_that_are_json())
def test_schema_refuses_what_is_structural(name):
    import jsonschema

    validator = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    spec = json.loads(Path(f"{name}.json").read_text(encoding="utf-8"))
    assert validator.is_valid(spec) == (name in BEYOND_THE_SCHEMA)


def _write() -> None:
    os.chdir(FOLDER)
    for stale in {path.stem for path in FOLDER.glob("*.txt")} - set(NAMES):
        Path(f"{stale}.txt").unlink()
    for name in NAMES:
        Path(f"{name}.txt").write_text(said(name), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        raise SystemExit("usage: python -m tests.golden.test_broken --write")
    _write()
