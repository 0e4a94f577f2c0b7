"""Properties of the language, tried on random specs, random damage and random expressions."""

import copy
import json
import math
import operator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlsuite.spec import SpecError, check, document, json_text, load
from dlsuite.spec.expressions import ExpressionError, evaluate
from dlsuite.spec.plan import Ref

few = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
some = settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
many = settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])

# -- random valid specs: vectors of 8 numbers, or images of 8 by 8 pixels and 4 channels; every layer keeps the shape

ACTIVATIONS = st.sampled_from(["relu", "gelu", "silu", "tanh", "linear"])


def layer(name, **arguments):
    return st.fixed_dictionaries({}, optional=arguments).map(lambda given: {name: given})


VECTOR = st.one_of(
    st.sampled_from(["ReLU", "LayerNormalization", "BatchNormalization", "Softmax", "wide", {"wide": {"rate": 0.5}}]),
    st.builds(lambda given: {"Dense": {"units": "=width", **given}}, st.fixed_dictionaries({}, optional={
        "activation": ACTIVATIONS, "use_bias": st.booleans(),
        "kernel_initializer": st.sampled_from(["he_normal", "zeros"]),
        "trainable": st.booleans(), "when": st.sampled_from([True, False, "=width > 3", "=width < 3"]),
        "kernel_regularizer": st.sampled_from([None, "l2", {"L2": {"l2": 0.1}}]), "about": st.text(max_size=9),
    })),
    layer("Dropout", rate=st.floats(0, 0.9)).map(lambda given: {"Dropout": {"rate": 0.1, **given["Dropout"]}}),
    ACTIVATIONS.map(lambda name: {"Activation": {"activation": name}}),
    st.sampled_from([{"ops.tanh": {}}, {"ops.add": {"x2": 1}}, {"ops.maximum": {"x2": 0.5}}]),
)  # fmt: skip
IMAGE = st.one_of(
    st.sampled_from(["ReLU", "BatchNormalization", {"GroupNormalization": {"groups": 2}}]),
    st.sampled_from(["conv", {"conv": {"size": 1}}]),
    st.builds(lambda given: {"Conv2D": {"filters": "=width // 2", "padding": "same", **given}}, st.fixed_dictionaries(
        {"kernel_size": st.sampled_from([1, 3, [3, 1]])},
        optional={"activation": ACTIVATIONS, "dilation_rate": st.sampled_from([1, 2]), "use_bias": st.booleans()},
    )),
    st.just({"DepthwiseConv2D": {"kernel_size": 3, "padding": "same"}}),
    st.just({"MaxPooling2D": {"pool_size": 3, "strides": 1, "padding": "same"}}),
    st.just({"SpatialDropout2D": {"rate": 0.2}}),
)  # fmt: skip


def structure(layers):
    chain = st.lists(layers, min_size=1, max_size=3)
    return st.one_of(
        st.builds(lambda inner: {"Residual": {"layers": inner}}, chain),
        st.builds(lambda inner, way: {"Residual": {"layers": inner, "shortcut": way}}, chain, chain),
        st.builds(
            lambda one, other, merge: {"Parallel": {"branches": [one, other], "merge": merge}},
            chain, chain, st.sampled_from(["Add", "Average", "ops.multiply", {"Maximum": {}}]),
        ),
        st.builds(lambda times, inner: {"Repeat": {"times": times, "layers": inner}}, st.integers(0, 3), chain),
        st.builds(lambda inner: {"Repeat": {"over": "=sizes", "item": "n", "index": "i", "layers": inner}}, chain),
        st.builds(lambda inner: {"Repeat": {"times": 2, "shared": True, "layers": inner}}, chain),
    )  # fmt: skip


def specs(layers, shape, end):
    chain = st.lists(st.recursive(layers, structure, max_leaves=4), min_size=1, max_size=4)
    return chain.map(lambda layers: {
        "name": "random",
        "params": {"width": 8, "sizes": [1, 2]},
        "blocks": {
            "wide": {"params": {"units": "=width", "rate": 0.1}, "layers": [{"Dense": {"units": "=units"}}, "ReLU"]},
            "conv": {
                "params": {"size": 3, "filters": "=width // 2"},
                "layers": [{"Conv2D": {"filters": "=filters", "kernel_size": "=size", "padding": "same"}}, "ReLU"],
            },
        },
        "model": {"inputs": {"x": {"Input": {"shape": shape}}}, "layers": [*layers, *end]},
    })  # fmt: skip


SPECS = st.one_of(
    specs(VECTOR, [8], [{"Dense": {"units": 3, "name": "y"}}]),
    specs(IMAGE, [8, 8, 4], ["GlobalAveragePooling2D", {"Dense": {"units": 3, "name": "y"}}]),
)


@some
@given(SPECS)
def test_a_valid_spec_has_no_faults_and_its_canonical_form_is_the_same_spec(spec):
    loaded = load(spec)
    again = load(loaded.resolved)
    assert again.resolved == loaded.resolved
    assert shown(again.plan()) == shown(loaded.plan())
    assert list(loaded.plan().networks["model"].body.outputs) == ["y"]


@few
@given(SPECS)
def test_a_valid_spec_builds(spec):
    keras = pytest.importorskip("keras")
    from dlsuite.graph import build

    keras.backend.clear_session()
    model = build(load(spec).plan())["model"]
    assert model.name == "random" and tuple(model.output.shape) == (None, 3)
    names = [layer.name for layer in model.layers]
    assert len(names) == len(set(names))


def shown(plan):
    """Returns what a plan says, without places."""

    def node(item):
        inner = body(item.body) if hasattr(item, "body") else getattr(item, "component", None)
        return type(item).__name__, item.name, dict(item.inputs), item.guards, inner

    def body(item):
        return item.inputs, [node(one) for one in item.nodes], dict(item.outputs), item.calls

    return plan.name, plan.params, {name: (body(net.body), net.inputs) for name, net in plan.networks.items()}


# -- random damage

SHIPPED = {
    "name": "damaged",
    "params": {"width": 8, "depth": 2, "kinds": ["relu", "gelu"]},
    "data": {
        "source": "Digits",
        "split": {"train": 0.8, "validation": 0.1, "test": 0.1, "stratify": "label"},
        "inputs": {"image": {"Image": {"size": [8, 8], "channels": 1}}},
        "targets": {"label": "Category"},
        "augment": [{"RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1}}],
        "batch_size": 64,
    },
    "blocks": {
        "conv": {
            "params": {"filters": None, "size": 3},
            "layers": [{"Conv2D": {"filters": "=filters", "kernel_size": "=size", "padding": "same"}}, "ReLU"],
        },
        "pair": {
            "inputs": ["x"],
            "outputs": ["left", "right"],
            "layers": [
                {"Dense": {"units": 4, "inputs": "x", "to": "left"}},
                {"Dense": {"units": 4, "inputs": "x", "to": "right"}},
            ],
        },
    },
    "model": {
        "outputs": ["label"],
        "layers": [
            {"conv": {"filters": "=width"}},
            {"Repeat": {"times": "=depth", "index": "i", "layers": [
                {"Residual": {
                    "layers": [{"conv": {"filters": "=width * 2**i", "name": "conv_{i}"}}],
                    "shortcut": [{"conv": {"filters": "=width * 2**i", "size": 1}}],
                }},
            ]}},
            {"Repeat": {"over": "=kinds", "item": "kind", "layers": [{"Activation": {"activation": "=kind"}}]}},
            {"MaxPooling2D": {"when": "=depth > 1"}},
            "Flatten",
            {"pair": {"to": ["a", "b"]}},
            {"Parallel": {
                "inputs": "a",
                "merge": "Concatenate",
                "branches": [["ReLU"], [{"Dense": {"units": 4, "name": "last"}}]],
            }},
            {"Reuse": {"layer": "last", "inputs": "b"}},
            {"ops.add": {"inputs": ["@previous", "a"]}},
            {"Dense": {"units": "=label.classes", "name": "label"}},
        ],
    },
    "train": {
        "objective": {"label": {"Classification": {"weight": 1.0}}},
        "metrics": ["SparseCategoricalAccuracy"],
        "optimizer": {
            "AdamW": {"learning_rate": {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": "=steps"}}},
        },
        "epochs": 3,
        "callbacks": [{"EarlyStopping": {"patience": 3}}],
        "layers": {"conv*": {"trainable": False}},
    },
    "predict": {"threshold": 0.5},
    "baselines": ["Majority"],
    "expect": {"parameters": {"total": 1}, "metrics": {"accuracy": 0.9}},
}  # fmt: skip

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 40) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["=", "=width", "=label.classes", "=steps", "=kinds", "=[1, [2]]", "x", "@previous", "image",
                       "{i}", "{", "conv", "pair", "model", "label", "Dense", "Adam", "Repeat", "Residual", "ops.add",
                       "Lambda"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.text(max_size=5)
        | st.sampled_from(["inputs", "name", "to", "when", "layers", "Dense", "units", "conv", "times"]),
        inner, max_size=3,
    ),
    max_leaves=6,
)  # fmt: skip


def nodes(value, path=()):
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from nodes(item, (*path, key))


PATHS = [path for path in nodes(SHIPPED) if path]


def damaged(path, how, value):
    spec = copy.deepcopy(SHIPPED)
    holder = spec
    for key in path[:-1]:
        holder = holder[key]
    if how == "delete":
        del holder[path[-1]]
    elif how == "replace":
        holder[path[-1]] = value
    elif how == "insert" and isinstance(holder, list):
        holder.insert(path[-1], value)
    elif how == "rename" and isinstance(holder, dict):
        holder[str(value)] = holder.pop(path[-1])
    elif how == "wrap":
        holder[path[-1]] = [holder[path[-1]], value]
    return spec


def test_the_spec_to_be_damaged_is_whole():
    assert check(SHIPPED) == []


@many
@given(st.sampled_from(PATHS), st.sampled_from(["delete", "replace", "insert", "rename", "wrap"]), JSON)
def test_damage_gives_faults_and_never_a_crash(path, how, value):
    faults = check(damaged(path, how, value))
    text = "\n".join(map(str, faults))
    assert all(fault.message and fault.place is not None for fault in faults)
    assert "Symbol" not in text and "<label" not in text and "Traceback" not in text


@some
@given(st.sampled_from(PATHS), st.sampled_from(PATHS))
def test_parts_in_the_wrong_place_give_faults_and_never_a_crash(path, other):
    value = SHIPPED
    for key in other:
        value = value[key]
    check(damaged(path, "replace", copy.deepcopy(value)))


TEXT = json.dumps(SHIPPED, indent=1)


@some
@given(
    st.integers(0, len(TEXT)),
    st.integers(0, 12),
    st.text(max_size=4) | st.sampled_from(list('{}[]",:\\') + ["//", '"=']),
)
def test_edits_of_the_text_give_faults_and_never_a_crash(at, length, text):
    edited = TEXT[:at] + text + TEXT[at + length :]
    try:
        spec = document.parse(edited, "edited.json")
    except SpecError as error:
        for fault in error.faults:
            assert 0 <= fault.place.offset <= len(edited) and fault.place.source.locate(fault.place.offset)
        with pytest.raises((ValueError, AssertionError)):
            assert not duplicates(edited)
    else:
        assert document.plain(spec) == json.loads(edited)
        check(document.plain(spec))


def duplicates(text):
    """Returns whether a key stands twice; raises ValueError where the text is no JSON."""
    found = []

    def pairs(items):
        keys = [key for key, _ in items]
        found.append(len(keys) != len(set(keys)) or any(len(key) > json_text.MAX_KEY for key in keys))
        return dict(items)

    def number(text):
        raise ValueError(text)

    value = json.loads(text, object_pairs_hook=pairs, parse_constant=number)
    json.dumps(value, ensure_ascii=False).encode()
    return any(found)


@some
@given(st.binary(max_size=200) | st.text(alphabet='{}[]":,0123456789eE+-.truefalsn \n\\u', max_size=60).map(str.encode))
def test_bytes_are_json_exactly_where_python_says_so(raw):
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    try:
        value = document.parse(text, "x")
    except SpecError:
        with pytest.raises((ValueError, AssertionError)):
            assert not duplicates(text) and isinstance(json.loads(text), dict) and not enormous(text)
    else:
        assert document.plain(value) == json.loads(text)


def enormous(text):
    return any(isinstance(item, float) and math.isinf(item) for item in json.loads(text).values())


# -- random expressions

NUMBERS = st.integers(-50, 50).map(str) | st.sampled_from(
    ["0.5", "2.0", "1e3", "width", "rate", "sizes[1]", "sizes[-1]"]
)
NAMES = {"width": 8, "rate": 0.25, "sizes": [1, 2, 3], "deep": True}


def grown(inner):
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/", "//", "%", "**"]), inner),
        st.builds("-{}".format, inner),
        st.builds("({} if {} < {} else {})".format, inner, inner, inner, inner),
        st.builds("({} if deep and not {} == {} else {})".format, inner, inner, inner, inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
        st.builds("{}({})".format, st.sampled_from(["round", "ceil", "floor", "int", "sqrt", "log"]), inner),
        st.builds("sum([{}, {}])".format, inner, inner),
        st.builds("len([{}, {}])".format, inner, inner),
        st.builds("[{}, {}][1]".format, inner, inner),
    )


PYTHON = {
    "min": min, "max": max, "round": round, "ceil": math.ceil, "floor": math.floor, "int": int, "sqrt": math.sqrt,
    "log": math.log, "sum": sum, "len": len, "__builtins__": {},
}  # fmt: skip


@many
@given(st.recursive(NUMBERS, grown, max_leaves=8))
def test_expressions_agree_with_python(text):
    try:
        value = evaluate(f"={text}", NAMES)
    except ExpressionError as error:
        assert str(error) and 0 <= error.at <= len(text) + 1
        return
    assert value == eval(text, PYTHON, NAMES)


@many
@given(st.text(max_size=30) | st.text(alphabet="width.sizes[]()+-*/<>=!'\" 0123456789,:{}#\\\n", max_size=30))
def test_any_text_is_an_expression_or_a_fault(text):
    try:
        value = evaluate(f"={text}", NAMES)
    except ExpressionError as error:
        assert str(error)
    else:
        assert value is None or isinstance(value, bool | int | float | str | list)


def test_wires_of_plans_are_of_earlier_calls_only():
    def refs(value):
        if isinstance(value, Ref):
            yield value
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from refs(item)

    body = load(SHIPPED).plan().networks["model"].body
    for i, node in enumerate(body.nodes):
        assert all(operator.lt(ref.node, i) for ref in refs(dict(node.inputs)))
