"""What the printed code looks like, construct by construct; each is built and compared as well."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

import dlsuite
from dlsuite.spec.errors import SpecError

DENSE = {"Dense": {"units": 4}}


def printed(layers: list[Any], inputs: dict[str, Any] | None = None, **sections: Any) -> str:
    """Returns the body of `build` for these layers, after checking that it builds the model of the spec."""
    model = {"inputs": inputs or {"a": {"Input": {"shape": [4]}}}, "layers": layers}
    spec = dlsuite.load({"name": "printed", "model": model, **sections})
    code = dlsuite.eject(spec)
    module: dict[str, Any] = {"__name__": "ejected"}
    exec(compile(code, "ejected.py", "exec"), module)
    ours, theirs = dlsuite.build(spec), module["build"]()
    assert [layer.name for layer in theirs.layers] == [layer.name for layer in ours.layers]
    assert [weight.path for weight in theirs.weights] == [weight.path for weight in ours.weights]
    theirs.set_weights(ours.get_weights())
    random = np.random.default_rng(0)
    given = {one.name: random.random((2, *one.shape[1:]), dtype="float32") for one in ours.inputs}
    values = given if isinstance(ours.input, dict) else next(iter(given.values()))
    for a, b in zip(keras.tree.flatten(ours(values)), keras.tree.flatten(theirs(values)), strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=0, atol=1e-6)
    return code


def test_a_chain_is_a_chain() -> None:
    code = printed([DENSE, "ReLU"])
    assert 'x = layers.Dense(4, name="dense")(a)\n    x = layers.ReLU(name="re_lu")(x)\n' in code


def test_a_name_is_an_argument_of_a_block() -> None:
    blocks = {
        "double": {
            "params": {"units": None, "half": "=units // 2"},
            "layers": [{"Dense": {"units": "=units"}}, {"Dense": {"units": "=half"}}],
        }
    }
    code = printed([{"double": {"units": 6}}, {"double": {"units": 6, "half": 2}}], blocks=blocks)
    assert "def double(x, *, units, half=None, name):" in code
    assert "half = units // 2 if half is None else half" in code
    assert 'x = double(a, units=6, name="double")' in code and 'name="double_1")' in code


def test_a_default_that_chooses_is_no_part_of_the_choice_whether_it_is_given() -> None:
    blocks = {"one": {"params": {"big": None, "units": "=8 if big else 4"}, "layers": [{"Dense": {"units": "=units"}}]}}
    code = printed([{"one": {"big": True, "units": 3}}, {"one": {"big": False}}], blocks=blocks)
    assert "if units is None:" in code


def test_a_param_that_no_call_changes_is_settled() -> None:
    blocks = {
        "one": {
            "params": {"units": None, "wide": False, "rate": 0.0, "slope": 0.2, "half": "=units // 2", "idle": 1},
            "layers": [
                {"Dense": {"units": "=half if not wide else units"}},
                {"Dropout": {"rate": "=rate", "when": "=rate > 0 and units > 2"}},
                {"LeakyReLU": {"negative_slope": "=slope"}},
            ],
        }
    }
    code = printed([{"one": {"units": 6, "rate": 0.0, "idle": 3}}, {"one": {"units": 8, "wide": False}}], blocks=blocks)
    assert "def one(x, *, units, name):" in code and "    half = units // 2\n" in code
    assert "Dropout" not in code and "wide" not in code and "negative_slope=0.2" in code
    code = printed([{"one": {"units": 6, "rate": 0.1}}, {"one": {"units": 8, "wide": True}}], blocks=blocks)
    assert "def one(x, *, units, wide=False, rate=0.0, name):" in code


def test_numbers_that_are_reckoned_with_keep_their_names() -> None:
    params = {"heads": 4, "size": 2}
    blocks = {"one": {"params": params, "layers": [{"Dense": {"units": "=heads * size"}}]}}
    code = printed(["one", "one"], blocks=blocks)
    assert "layers.Dense(heads * size" in code


def test_rows_are_a_constant_and_their_places_have_names() -> None:
    rows = [[number, number + 1, 7] for number in range(1, 12)]
    inner = [{"Dense": {"units": "=row[0] * 2"}}, {"Dropout": {"rate": "=0.1 if row[1] > 2 else width / 100"}}]
    code = printed([{"Repeat": {"over": rows, "item": "row", "layers": inner}}], params={"width": 5})
    assert "\nROWS = [\n    [1, 2, 7],\n" in code and "def build(width=5):" in code
    assert "for units, rate, _ in ROWS:\n" in code and "layers.Dense(units * 2" in code
    inner = [
        {"Dense": {"units": "=row[0]", "name": "a_{i}"}},
        {"Dense": {"units": "=row[1] + row[i % 2]", "name": "b_{i}"}},
    ]
    code = printed([{"Repeat": {"over": rows, "item": "row", "index": "i", "layers": inner}}])
    assert "for i, row in enumerate(ROWS):\n" in code and "row[1] + row[i % 2]" in code


def test_short_lists_stay_in_the_line_of_their_loop() -> None:
    inner = [{"Dense": {"units": "=units", "name": "a_{i}"}}]
    code = printed([{"Repeat": {"over": [3, 4], "item": "units", "index": "i", "layers": inner}}])
    assert "for i, units in enumerate([3, 4]):\n" in code


def test_a_repeat_is_a_loop_whose_names_are_counted() -> None:
    code = printed([DENSE, {"Repeat": {"times": "=depth", "layers": [DENSE]}}, DENSE], params={"depth": 3})
    assert "def build(depth=3):" in code
    assert 'for _ in range(depth):\n        x = layers.Dense(4, name=unique("dense"))(x)' in code


def test_tensor_functions_in_a_loop_are_counted_where_a_layer_is_numbered_after_them() -> None:
    twice = {"Repeat": {"times": 2, "layers": [{"ops.roll": {"shift": 1}}]}}
    blocks = {"rolls": {"layers": [twice]}, "roll": {"layers": [DENSE]}}
    assert "unique" not in printed(["rolls", DENSE], blocks=blocks)
    assert printed([twice, "roll"], blocks=blocks).count('unique("roll")') == 2


def test_a_when_is_an_if_and_two_of_one_condition_are_one() -> None:
    layers = [{"Dense": {"units": 4, "when": "=deep"}}, {"ReLU": {"when": "=deep"}}, DENSE]
    code = printed(layers, params={"deep": True})
    assert code.count("if deep:") == 1
    assert "x = a\n    if deep:" in code


def test_a_residual_asks_for_shapes_where_it_has_a_shortcut() -> None:
    blocks = {
        "step": {
            "params": {"units": None},
            "layers": [
                {"Residual": {"layers": [{"Dense": {"units": "=units"}}], "shortcut": [{"Dense": {"units": "=units"}}]}}
            ],
        }
    }
    code = printed([{"step": {"units": 4}}, {"step": {"units": 6}}], blocks=blocks)
    assert "if y.shape != x.shape:" in code


def test_a_stream_that_is_bound_anew_inside_keeps_its_first_value() -> None:
    inner = [{"Dense": {"units": 4, "to": "msa"}}, {"Dense": {"inputs": "msa", "units": 4}}]
    printed(
        [
            {"Dense": {"units": 4, "to": "msa"}},
            {"Residual": {"inputs": "msa", "to": "msa", "layers": inner}},
            {"Dense": {"inputs": "msa", "units": 2}},
        ]
    )


def test_wires_with_numbers_are_items_of_a_dictionary() -> None:
    down = {"Repeat": {"times": 3, "index": "i", "layers": [{"Dense": {"units": 4, "to": "skip_{i}"}}]}}
    up = {"Repeat": {"times": 3, "index": "i", "layers": [{"Add": {"inputs": ["@previous", "skip_{2 - i}"]}}]}}
    code = printed([down, up, {"Add": {"inputs": ["@previous", "skip_0"]}}])
    assert "skip[i] = x" in code and "skip[2 - i]" in code and "skip[0]" in code


def test_shared_layers_are_made_once() -> None:
    code = printed([{"Repeat": {"times": 3, "shared": True, "layers": [DENSE, "ReLU"]}}])
    assert 'once(shared, layers.Dense, 4, name="dense")' in code


def test_a_reused_layer_is_a_variable_and_a_reused_block_shares_its_layers() -> None:
    blocks = {"pair": {"layers": [DENSE, DENSE]}}
    layers = [
        {"Dense": {"units": 4, "name": "first"}},
        {"Reuse": {"layer": "first"}},
        {"pair": {"name": "two"}},
        {"Reuse": {"layer": "two"}},
    ]
    code = printed(layers, blocks=blocks)
    assert 'first = layers.Dense(4, name="first")' in code and "x = first(x)" in code
    assert "def pair(x, *, shared, name):" in code


def test_several_outputs_are_unpacked() -> None:
    code = printed([{"ops.top_k": {"k": 2, "to": ["best"]}}, {"Dense": {"inputs": "best", "units": 2}}])
    assert "best, _ = ops.top_k(a, k=2)" in code
    printed(
        [
            {"ops.split": {"indices_or_sections": 2, "axis": 1, "to": ["left", "right"]}},
            {"Add": {"inputs": ["right", "left"]}},
        ]
    )
    two = {
        "two": {
            "outputs": ["x", "y"],
            "layers": [{"Dense": {"units": 4, "to": "x"}}, {"Dense": {"units": 4, "to": "y"}}],
        }
    }
    printed([{"two": {"name": "both"}}, {"Subtract": {"inputs": ["both.y", "both.x"]}}], blocks=two)


def test_an_operation_that_would_meet_a_layer_of_its_name_is_named() -> None:
    code = printed([{"ops.add": {"x2": 1.0}}, {"Dense": {"units": 4, "name": "add"}}])
    assert "named(ops.add(a, 1.0), unique" in code or "named(ops.add(a, 1.0), " in code


def test_operations_of_layers_that_are_called_again_are_numbered() -> None:
    square = {"ops.multiply": {"inputs": ["@previous", "@previous"]}}
    blocks = {"squared": {"layers": [DENSE, square]}, "square": {"layers": [square]}}
    own = {"Dense": {"units": 4, "name": "multiply"}}
    for block in blocks:
        code = printed([{block: {"name": "one"}}, {"Reuse": {"layer": "one"}}, own], blocks=blocks)
        assert 'named(ops.multiply(x, x), f"{name}.multiply", shared)' in code
    repeat = {"Repeat": {"times": 3, "shared": True, "layers": [DENSE, square]}}
    with pytest.raises(SpecError, match="`ops.multiply` in a shared Repeat, beside a layer that may bear its name"):
        printed([repeat, own])
    printed([repeat, DENSE])


def test_settings_of_a_block_reach_its_layers() -> None:
    blocks = {"inner": {"layers": [DENSE]}, "outer": {"layers": ["inner", {"Dense": {"units": 4, "trainable": False}}]}}
    layers = [{"outer": {"trainable": False}}, {"outer": {"dtype": "float64"}}]
    model = {"inputs": {"a": {"Input": {"shape": [4]}}}, "layers": layers}
    spec = dlsuite.load({"name": "settings", "model": model, "blocks": blocks})
    module: dict[str, Any] = {"__name__": "ejected"}
    exec(compile(dlsuite.eject(spec), "ejected.py", "exec"), module)
    ours, theirs = dlsuite.build(spec), module["build"]()
    for one in (ours, theirs):
        assert [(w.path, w.trainable, w.dtype) for w in one.weights] == [
            (w.path, w.trainable, w.dtype) for w in ours.weights
        ]


def test_settings_of_a_network_reach_its_layers() -> None:
    blocks = {"inner": {"layers": [DENSE]}}
    inputs = {"a": {"Input": {"shape": [4]}}}
    models = {
        "base": {"inputs": inputs, "layers": ["inner", DENSE]},
        "head": {"inputs": inputs, "layers": [{"base": {"trainable": False}}, DENSE]},
    }
    spec = dlsuite.load({"name": "settings", "models": models, "blocks": blocks})
    module: dict[str, Any] = {"__name__": "ejected"}
    exec(compile(dlsuite.eject(spec), "ejected.py", "exec"), module)
    ours, theirs = dlsuite.build(spec), module["build"]()
    for key, model in ours.items():
        assert [(w.path, w.trainable) for w in theirs[key].weights] == [(w.path, w.trainable) for w in model.weights]
    assert not theirs["base"].trainable_weights


@pytest.mark.parametrize("settings", [{"dtype": "float64"}, {"trainable": False}], ids=["dtype", "trainable"])
def test_settings_of_a_wrapper_reach_the_layer_in_it(settings: dict[str, Any]) -> None:
    wrapped = [{"TimeDistributed": {"layer": DENSE}}, {"Bidirectional": {"layer": {"LSTM": {"units": 3}}}}]
    layers = [{"TimeDistributed": {"layer": {"TimeDistributed": {"layer": DENSE}}, **settings}}, {"block": settings}]
    inputs = {"a": {"Input": {"shape": [5, 3, 4]}}}
    blocks = {"block": {"layers": [{"Reshape": {"target_shape": [15, 4]}}, *wrapped]}}
    spec = dlsuite.load({"name": "wrapped", "model": {"inputs": inputs, "layers": layers}, "blocks": blocks})
    module: dict[str, Any] = {"__name__": "ejected"}
    exec(compile(dlsuite.eject(spec), "ejected.py", "exec"), module)
    found = [
        [(one.name, one.dtype_policy.name, one.trainable) for one in model._flatten_layers(include_self=False)]
        for model in (dlsuite.build(spec), module["build"]())
    ]
    assert found[0] == found[1]


def test_a_layer_of_ours_is_printed_with_it() -> None:
    code = printed(
        [
            {"Weight": {"shape": [4], "initializer": {"Constant": {"value": 0.5}}}},
            {"Add": {"inputs": ["@previous", "a"]}},
        ]
    )
    assert "class Weight(keras.layers.Layer):" in code
    assert "dlsuite" not in code


def test_what_it_cannot_print_is_refused_with_the_reason() -> None:
    inner = {"Repeat": {"times": 2, "layers": [DENSE]}}
    layers = [{"Repeat": {"times": 2, "shared": True, "layers": [inner]}}]
    with pytest.raises(dlsuite.SpecError, match="without names"):
        printed(layers)
    with pytest.raises(dlsuite.SpecError, match="no model to print"):
        dlsuite.eject(dlsuite.load({"blocks": {"one": {"layers": [DENSE]}}}))
