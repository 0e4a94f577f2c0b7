"""Chains, wires, structure, blocks and networks: what the plan holds, and which mistakes are found."""

import pytest

from dlsuite.spec import SpecError, load
from dlsuite.spec.plan import BlockCall, LayerCall, NetworkCall, OpCall, Ref, Shortcut

VECTOR = {"x": {"Input": {"shape": [8]}}}
PAIR = {"inputs": ["x"], "outputs": ["left", "right"], "layers": [
    {"Dense": {"units": 4, "inputs": "x", "to": "left"}}, {"Dense": {"units": 4, "inputs": "x", "to": "right"}},
]}  # fmt: skip


def spec(*layers, inputs=None, outputs=None, **more):
    model = {"inputs": inputs or VECTOR, "layers": list(layers)}
    return {**more, "model": {**model, **({"outputs": outputs} if outputs else {})}}


def body(*layers, **more):
    return load(spec(*layers, **more)).plan().networks["model"].body


def faults(*layers, **more):
    with pytest.raises(SpecError) as caught:
        load(spec(*layers, **more))
    return [fault.message for fault in caught.value.faults]


def names(*layers, **more):
    return [node.name for node in body(*layers, **more).nodes]


# -- chains and wires


def test_each_layer_reads_what_the_one_before_made():
    made = body({"Dense": {"units": 4}}, "ReLU", "Softmax")
    assert [dict(node.inputs) for node in made.nodes] == [
        {"inputs": Ref(-1)}, {"inputs": Ref(0)}, {"inputs": Ref(1)},
    ]  # fmt: skip
    assert made.outputs == {"softmax": Ref(2)} and made.calls == 3


def test_names_are_those_given_or_numbered_without_collision():
    layers = ({"Dense": {"units": 4}}, {"Dense": {"units": 4, "name": "dense_1"}}, {"Dense": {"units": 4}}, "ReLU")
    assert names(*layers) == ["dense", "dense_1", "dense_2", "re_lu"]


def test_a_name_binds_a_wire_and_to_binds_another():
    made = body(
        {"Dense": {"units": 8, "name": "a"}},
        {"Dense": {"units": 8, "name": "b", "to": "x"}},
        {"Add": {"inputs": ["a", "x"]}},
    )
    assert made.nodes[2].inputs == {"inputs": [Ref(0), Ref(1)]}
    assert "There is no wire `b` here." in faults(
        {"Dense": {"units": 8, "name": "b", "to": "c"}}, {"ReLU": {"inputs": "b"}}
    )


def test_inputs_are_wires_expressions_and_constants():
    made = body({"ops.add": {"inputs": ["x", "=2 * width"]}}, {"ops.multiply": {"x2": [1, 2]}}, params={"width": 4})
    assert made.nodes[0].inputs == {"x1": Ref(-1), "x2": 8}
    assert made.nodes[1].inputs == {"x1": Ref(0), "x2": [1, 2]}
    assert all(isinstance(node, OpCall) for node in made.nodes)


def test_an_object_of_inputs_names_call_arguments_and_the_first_is_previous():
    made = body(
        {"MultiHeadAttention": {"num_heads": 2, "key_dim": 4, "inputs": {"value": "x", "use_causal_mask": True}}},
        inputs={"x": {"Input": {"shape": [5, 8]}}},
    )
    assert made.nodes[0].inputs == {"query": Ref(-1), "value": Ref(-1), "use_causal_mask": True}


def test_braces_hold_expressions_in_names_and_wires():
    made = body(
        {"Repeat": {"times": 3, "index": "i", "layers": [{"Dense": {"units": 8, "name": "down_{i}"}}]}},
        {"Add": {"inputs": ["down_{depth - 3}", "@previous"]}},
        params={"depth": 3},
    )
    assert [node.name for node in made.nodes] == ["down_0", "down_1", "down_2", "add"]
    assert made.nodes[3].inputs == {"inputs": [Ref(0), Ref(2)]}


def test_when_leaves_a_layer_and_its_arguments_out():
    off = {"Dense": {"units": "=nothing", "when": "=depth > 3", "name": "more"}}
    assert names("ReLU", off, "Softmax", params={"depth": 3}) == ["re_lu", "softmax"]
    assert faults(off, {"ReLU": {"inputs": "more"}}, params={"depth": 3}) == ["Nothing is bound to the wire `more`."]
    assert faults({"ReLU": {"when": "=3"}}) == ["`when` takes true or false, not the number 3."]


def test_about_is_a_remark():
    assert body({"Dense": {"units": 4, "about": "wide"}}).nodes[0].component.arguments == {"units": 4}
    assert len(faults({"Dense": {"units": 4, "about": 3}})) == 1


def test_trainable_and_dtype_stand_with_every_layer_and_block():
    made = body({"Dense": {"units": 4, "trainable": False, "dtype": "float16"}})
    assert made.nodes[0].component.arguments == {"units": 4, "trainable": False, "dtype": "float16"}
    made = body({"turn": {"trainable": False}}, blocks={"turn": {"layers": ["ReLU"]}})
    assert made.nodes[0].settings == {"trainable": False}


def test_one_of_several_outputs_is_read_by_name():
    made = body({"pair": {"name": "two"}}, {"Add": {"inputs": ["two.left", "two.right"]}}, blocks={"pair": PAIR})
    assert made.nodes[1].inputs == {"inputs": [Ref(0, "left"), Ref(0, "right")]}
    made = body({"pair": {"to": ["a", "b"]}}, {"Add": {"inputs": ["a", "b"]}}, blocks={"pair": PAIR})
    assert made.nodes[1].inputs == {"inputs": [Ref(0, "left"), Ref(0, "right")]}
    made = body(
        {"ops.split": {"indices_or_sections": 2, "axis": -1, "to": ["a", "b"]}}, {"Add": {"inputs": ["a", "b"]}}
    )
    assert made.nodes[1].inputs == {"inputs": [Ref(0, 0), Ref(0, 1)]}


def test_several_outputs_are_no_wire():
    assert faults("pair", "ReLU", blocks={"pair": PAIR}) == [
        "`@previous` is a call with several outputs: `left`, `right`."
    ]
    assert faults({"pair": {"to": ["a"]}}, {"ReLU": {"inputs": "a"}}, blocks={"pair": PAIR}) == [
        "`to` names 1 wires; the call has 2 outputs."
    ]


@pytest.mark.parametrize("name", ["a.b", "a/b", "a b", "", "1a", "n" * 101])
def test_names_that_keras_or_wires_cannot_have(name):
    for given in ({"name": name}, {"to": name}, {"name": name, "to": "ok"}):
        assert faults({"Dense": {"units": 4, **given}}) == [f"`{name}` is no name."]


@pytest.mark.parametrize("name", ["my image", "a/b", "a.b", "", "x" * 101])
def test_names_that_an_input_cannot_have(name):
    assert f"`{name}` is no name for an input." in faults("ReLU", inputs={name: {"Input": {"shape": [8]}}})


def test_an_input_and_a_layer_have_names_of_their_own():
    same = "The model has an input and a layer named `x`, which Keras refuses."
    assert faults({"Dense": {"units": 4, "name": "x"}}, "ReLU") == [same]
    assert faults({"Dense": {"units": 4, "name": "x"}}) == [same]
    assert names({"Dense": {"units": 4, "to": "x"}}, {"ReLU": {"inputs": "x"}}) == ["dense", "re_lu"]
    assert names({"Dense": {"units": 4}}, inputs={"dense": {"Input": {"shape": [8]}}}) == ["dense_1"]


def test_a_layer_and_a_called_network_have_names_of_their_own():
    inner = {"inputs": VECTOR, "layers": ["ReLU"]}
    for layers in (["inner", {"Softmax": {"name": "inner"}}], ["call", {"Softmax": {"name": "inner"}}]):
        models = {"inner": inner, "outer": {"inputs": VECTOR, "layers": layers}}
        with pytest.raises(SpecError) as caught:
            load({"blocks": {"call": {"layers": ["inner"]}}, "models": models})
        message = "The network `outer` calls the network `inner` and has a layer of that name, which Keras refuses."
        assert [fault.message for fault in caught.value.faults] == [message]


@pytest.mark.parametrize("inputs", [[], {}])
def test_a_network_has_inputs(inputs):
    with pytest.raises(SpecError, match="The model has no inputs."):
        load({"model": {"inputs": inputs, "layers": ["ReLU"]}})


@pytest.mark.parametrize(
    ("to", "message"), [([], "`to` is an empty list."), (["a", "a"], "`to` names one wire twice.")]
)
def test_a_list_of_to_names_a_wire_for_each_output(to, message):
    assert faults({"ops.top_k": {"k": 2, "to": to}}) == [message]


def test_masks_are_explicit():
    ids = {"x": {"Input": {"shape": [5], "dtype": "int32"}}}
    for value in (True, False):
        layer = {"Embedding": {"input_dim": 9, "output_dim": 4, "mask_zero": value}}
        assert faults(layer, inputs=ids) == ["Masks are explicit: `mask_zero` is refused."]


# -- structure


def test_residual_adds_what_came_in():
    made = body({"Residual": {"layers": [{"Dense": {"units": 8}}, "ReLU"], "name": "sum"}})
    assert made.nodes[-1].name == "sum" and made.nodes[-1].inputs == {"inputs": [Ref(-1), Ref(1)]}
    merged = body({"Residual": {"layers": [{"Dense": {"units": 8}}], "merge": "ops.multiply"}})
    assert merged.nodes[-1].component.name == "ops.multiply"


def test_a_shortcut_is_guarded_by_the_two_shapes():
    made = body({"Residual": {"layers": [{"Dense": {"units": 4}}], "shortcut": [{"Dense": {"units": 4}}]}})
    block, way, choice, _ = made.nodes
    assert block.guards == () and way.guards == ((Ref(0), Ref(-1)),)
    assert isinstance(choice, Shortcut)
    assert choice.inputs == {"layers": Ref(0), "value": Ref(-1), "shortcut": Ref(1)}


def test_parallel_branches_read_one_thing_and_merge():
    made = body({"Parallel": {"branches": [[{"Dense": {"units": 4}}], [], ["ReLU"]], "merge": "Concatenate"}})
    assert made.nodes[-1].inputs == {"inputs": [Ref(0), Ref(-1), Ref(1)]}


def test_parallel_needs_branches_and_a_merge():
    assert faults({"Parallel": {"branches": [], "merge": "Add"}}) == ["Parallel has no branches."]
    assert faults({"Parallel": {"branches": [["ReLU"]]}}) == ["Parallel needs `merge`."]
    assert faults({"Parallel": {"branches": ["ReLU"], "merge": "Add"}}) == ['A branch is the string "ReLU".']


def test_an_empty_branch_passes_on_the_one_thing_that_comes_in():
    branches = {"branches": [[], [{"ReLU": {"inputs": "x"}}]], "merge": "Add"}
    assert body({"Parallel": branches}).nodes[1].inputs == {"inputs": [Ref(-1), Ref(0)]}
    two = {"x": {"Input": {"shape": [8]}}, "y": {"Input": {"shape": [8]}}}
    assert faults({"Parallel": branches}, inputs=two) == [
        "An empty branch reads `@previous`, but nothing comes before it."
    ]


def test_merge_takes_no_wiring_of_its_own():
    residual = {"Residual": {"layers": ["ReLU"], "merge": {"Add": {"inputs": "x"}}}}
    assert faults(residual) == ["`merge` takes no `inputs`."]


def test_repeat_counts_or_goes_through_a_list():
    assert len(body({"Repeat": {"times": "=depth", "layers": ["ReLU"]}}, params={"depth": 4}).nodes) == 4
    made = body({"Repeat": {"over": [4, 8], "item": "n", "index": "i", "layers": [{"Dense": {"units": "=n + i"}}]}})
    assert [node.component.arguments["units"] for node in made.nodes] == [4, 9]
    assert names({"Repeat": {"times": 0, "layers": ["ReLU"]}}, "Softmax") == ["softmax"]


def test_indices_are_those_of_their_own_repeat():
    inner = {"Repeat": {"times": 2, "index": "j", "layers": [{"Dense": {"units": "=10 * i + j + 1"}}]}}
    made = body({"Repeat": {"times": 2, "index": "i", "layers": [inner]}})
    assert [node.component.arguments["units"] for node in made.nodes] == [1, 2, 11, 12]
    assert faults({"Repeat": {"times": 2, "index": "i", "layers": ["ReLU"]}}, {"Dense": {"units": "=i"}}) == [
        "Unknown name `i`."
    ]


def test_a_shared_repeat_calls_the_same_layers():
    made = body({"Repeat": {"times": 3, "shared": True, "layers": [{"Dense": {"units": 8}}, "ReLU"]}})
    assert [node.name for node in made.nodes] == ["dense", "re_lu"] * 3
    changing = {"Repeat": {"times": 2, "index": "i", "shared": True, "layers": [{"Dense": {"units": "=8 + i"}}]}}
    assert faults(changing) == ["A shared Repeat gives this call other arguments each time."]


def test_reuse_calls_an_earlier_layer_on_other_inputs():
    made = body(
        {"Dense": {"units": 8, "name": "first"}}, "ReLU", {"Reuse": {"layer": "first", "name": "again"}},
        {"Add": {"inputs": ["first", "again"]}},
    )  # fmt: skip
    assert made.nodes[2].name == "first" and made.nodes[2].inputs == {"inputs": Ref(1)}
    assert made.nodes[3].inputs == {"inputs": [Ref(0), Ref(2)]}
    assert faults({"Reuse": {"layer": "first"}}) == ["There is no earlier layer or block call `first` in this scope."]


def test_a_call_of_a_network_is_no_layer_to_reuse():
    models = {
        "inner": {"inputs": VECTOR, "layers": ["ReLU"]},
        "outer": {"inputs": VECTOR, "layers": [{"inner": {"name": "first"}}, {"Reuse": {"layer": "first"}}]},
    }
    with pytest.raises(SpecError) as caught:
        load({"models": models})
    (fault,) = caught.value.faults
    assert fault.message == "`first` is no layer or block call."
    assert fault.hint == "Every call of the network `inner` shares its weights: call it again."


def test_weight_is_a_layer_without_inputs_of_its_own():
    made = body({"Weight": {"shape": [4, 8], "inputs": "x"}})
    assert isinstance(made.nodes[0], LayerCall)


def test_wrappers_hold_a_layer():
    made = body({"Bidirectional": {"layer": {"LSTM": {"units": 3}}}}, inputs={"x": {"Input": {"shape": [5, 8]}}})
    assert made.nodes[0].component.arguments["layer"].name == "LSTM"
    assert faults({"TimeDistributed": {"layer": "Adam"}}) == ["Unknown layer `Adam`."]


# -- blocks and networks


def test_a_block_sees_its_params_and_no_others():
    block = {"params": {"units": None, "twice": "=2 * units"}, "layers": [{"Dense": {"units": "=twice"}}]}
    made = body({"wide": {"units": 3}}, blocks={"wide": block})
    assert made.nodes[0].body.nodes[0].component.arguments == {"units": 6}
    assert faults("wide", params={"depth": 2}, blocks={"wide": {"layers": [{"Dense": {"units": "=depth"}}]}}) == [
        "Unknown name `depth`."
    ]


def test_a_default_may_be_an_expression_over_the_params_of_the_spec():
    block = {"params": {"units": "=width"}, "layers": [{"Dense": {"units": "=units"}}]}
    made = body("wide", {"wide": {"units": 3}}, params={"width": 5}, blocks={"wide": block})
    assert [node.body.nodes[0].component.arguments["units"] for node in made.nodes] == [5, 3]


def test_equal_calls_share_a_body():
    block = {"params": {"units": None}, "layers": [{"Dense": {"units": "=units"}}]}
    made = body({"wide": {"units": 3}}, {"wide": {"units": "=1 + 2"}}, {"wide": {"units": 4}}, blocks={"wide": block})
    assert made.nodes[0].body is made.nodes[1].body is not made.nodes[2].body
    assert [node.name for node in made.nodes] == ["wide", "wide_1", "wide_2"] and made.calls == 3


def test_params_take_what_their_default_is():
    def wide(default, value):
        return ({"wide": {"p": value}},), {"blocks": {"wide": {"params": {"p": default}, "layers": ["ReLU"]}}}

    for default, value in ((1, 2.5), (0.5, 1), (None, "x"), ("relu", {"LeakyReLU": {}}), ([1], []), (True, False)):
        layers, more = wide(default, value)
        assert body(*layers, **more)
    for default, value in ((1, "2"), (1, True), (True, 1), ("relu", 3), ([1], 1), ("a", [1])):
        layers, more = wide(default, value)
        assert len(faults(*layers, **more)) == 1


def test_blocks_have_inputs_and_outputs_by_name():
    block = {"inputs": ["a", "b"], "layers": [{"Add": {"inputs": ["a", "b"]}}]}
    for inputs in (["x", "x"], {"a": "x", "b": "x"}, {"b": "x"}):
        made = body({"join": {"inputs": inputs}}, blocks={"join": block})
        assert made.nodes[0].inputs == {"a": Ref(-1), "b": Ref(-1)}
    assert faults({"join": {"inputs": ["x"]}}, blocks={"join": block}) == ["The block `join` needs `b` in `inputs`."]
    assert "The block `join` is not called with `c`." in faults(
        {"join": {"inputs": {"c": "x"}}}, blocks={"join": block}
    )


def test_names_inside_a_block_are_local_to_the_call():
    block = {"layers": [{"Dense": {"units": 8, "name": "inner"}}]}
    assert isinstance(body("turn", "turn", blocks={"turn": block}).nodes[1], BlockCall)
    assert faults("turn", {"ReLU": {"inputs": "inner"}}, blocks={"turn": block}) == ["There is no wire `inner` here."]


def test_chains_nested_in_a_block_share_its_wires():
    made = body({"Residual": {"inputs": "x", "to": "x", "layers": ["ReLU"]}}, {"Softmax": {"inputs": "x"}})
    assert made.nodes[-1].inputs == {"inputs": Ref(1)}


def test_a_fault_in_a_block_points_to_the_block_and_to_the_call():
    with pytest.raises(SpecError) as caught:
        load(spec("turn", blocks={"turn": {"layers": [{"Dense": {}}]}}))
    (fault,) = caught.value.faults
    assert fault.place.pointer == "/blocks/turn/layers/0"
    assert [(name, place.pointer) for name, place in fault.calls] == [("turn", "/model/layers/0")]


def test_a_block_that_nothing_calls_is_checked_too():
    assert faults("ReLU", blocks={"never": {"layers": ["Rellu"]}}) == ["Unknown layer `Rellu`."]


def test_the_defaults_of_a_block_that_nothing_calls_are_checked_too():
    blocks = {"unused": {"params": {"size": "=widht + 1", "more": "=size"}, "layers": [{"Dense": {"units": "=more"}}]}}
    assert faults("ReLU", params={"width": 3}, blocks=blocks) == ["Unknown name `widht`."]
    blocks["unused"]["params"] = {"size": "=width - 3", "more": "=size"}
    (message,) = faults("ReLU", params={"width": 3}, blocks=blocks)
    assert message == "`units` of Dense takes an integer of at least 1, not the number 0."


def test_a_block_is_no_layer_of_a_wrapper():
    with pytest.raises(SpecError) as caught:
        load(spec({"TimeDistributed": {"layer": "own"}}, blocks={"own": {"layers": ["ReLU"]}}))
    assert "`own` is a block, which is called; a layer of the catalogue goes here." in str(caught.value)


def test_cycles_of_blocks_and_of_networks():
    blocks = {"a": {"layers": ["b"]}, "b": {"layers": ["a"]}}
    assert faults("a", blocks=blocks) == ["The block `a` calls itself: a -> b -> a."]
    models = {name: {"inputs": VECTOR, "layers": [{other: {"inputs": "x"}}]} for name, other in ("ab", "ba")}
    with pytest.raises(SpecError, match="The network `a` calls itself: a -> b -> a."):
        load({"models": models})


def test_a_network_is_called_in_another_and_is_the_same():
    models = {
        "encoder": {"inputs": VECTOR, "layers": [{"Dense": {"units": 3, "name": "code"}}]},
        "twice": {"inputs": VECTOR, "layers": [{"encoder": {"inputs": "x"}}, {"Dense": {"units": 8}}, "encoder"]},
    }
    networks = load({"models": models}).plan().networks
    assert list(networks) == ["encoder", "twice"]
    calls = [node for node in networks["twice"].body.nodes if isinstance(node, NetworkCall)]
    assert [call.network for call in calls] == ["encoder", "encoder"]


def test_only_the_inputs_of_the_data_that_are_read_belong_to_a_network():
    inputs = {"image": "Image", "other": {"Image": {"field": "image"}}}
    made = {"data": {"source": "Digits", "inputs": inputs}, "model": {"layers": [{"Flatten": {"inputs": "image"}}]}}
    assert list(load(made).plan().networks["model"].inputs) == ["image"]


def test_an_input_that_a_network_declares_is_read():
    two = {**VECTOR, "y": {"Input": {"shape": [3]}}}
    assert faults({"ReLU": {"inputs": "x"}}, inputs=two) == ["Nothing reads the input `y` of the model."]
    assert faults({"ReLU": {"inputs": "x"}, "Softmax": {}}, inputs=two)[0].startswith("Found an object of 2 keys")
    assert names({"ReLU": {"inputs": "x"}}, {"Dense": {"units": 1, "inputs": "y", "when": False}}, inputs=two)
    assert names({"Repeat": {"times": 0, "inputs": "y", "layers": ["ReLU"]}}, {"ReLU": {"inputs": "x"}}, inputs=two)


@pytest.mark.parametrize(
    "layer, known",
    [
        ({"Dense": {"units": 4}}, "one output"),
        ({"LSTM": {"units": 4}}, "one output"),
        ({"GRU": {"units": 4, "return_state": True}}, "2 outputs"),
        ({"ops.moments": {"axes": 1}}, "2 outputs"),
        ({"ops.svd": {"compute_uv": False}}, "one output"),
        ({"ops.split": {"indices_or_sections": 2, "axis": 1}}, "2 outputs"),
        ({"ops.split": {"indices_or_sections": [3], "axis": 1}}, "2 outputs"),
        ({"ops.meshgrid": {"inputs": ["x", "x"]}}, "2 outputs"),
        ({"ops.unique": {"return_index": True, "size": 3}}, "2 outputs"),
        ({"MultiHeadAttention": {"num_heads": 1, "key_dim": 2, "inputs": ["x", "x"]}}, "one output"),
        ({"states": {}}, "2 outputs"),
    ],
)
def test_to_names_no_more_wires_than_a_call_has_outputs(layer, known):
    ((name, arguments),) = layer.items()
    blocks = {"states": {"layers": ["ReLU", {"GRU": {"units": 4, "return_state": True}}]}}
    call = {name: {**arguments, "to": ["a", "b", "c"]}}
    inputs = {"x": {"Input": {"shape": [8, 4]}}}
    assert faults(call, inputs=inputs, blocks=blocks) == [f"`to` names 3 wires; the call has {known}."]


def test_to_may_name_as_many_wires_as_there_are_or_as_only_building_tells():
    inputs = {"x": {"Input": {"shape": [3, 4]}}}
    states = {"LSTM": {"units": 4, "return_state": True, "to": ["a", "b", "c"]}}
    assert names(states, {"ReLU": {"inputs": "c"}}, inputs=inputs) == ["lstm", "re_lu"]
    parts = {"ops.unstack": {"axis": 1, "to": ["a", "b", "c"]}}
    assert names(parts, {"ReLU": {"inputs": "c"}}, inputs=inputs) == ["unstack", "re_lu"]
    scores = {"query": "x", "value": "x", "return_attention_scores": True}
    attention = {"MultiHeadAttention": {"num_heads": 1, "key_dim": 2, "inputs": scores, "to": ["a", "b"]}}
    assert names(attention, {"ReLU": {"inputs": "b"}}, inputs=inputs) == ["multi_head_attention", "re_lu"]


def test_with_several_inputs_the_first_layer_says_which_it_reads():
    two = {**VECTOR, "y": {"Input": {"shape": [8]}}}
    assert faults("ReLU", inputs=two) == ["ReLU reads `@previous`, but nothing comes before it."]
    assert body({"Add": {"inputs": ["x", "y"]}}, inputs=two).inputs == ("x", "y")


def test_outputs_are_named_or_what_comes_last():
    layers = ({"Dense": {"units": 4, "name": "a"}}, {"Dense": {"units": 4, "name": "b"}})
    assert list(body(*layers).outputs) == ["b"]
    assert body(*layers, outputs=["b", "a"]).outputs == {"b": Ref(1), "a": Ref(0)}
    assert faults(*layers, outputs=["c"]) == ["There is no wire `c` here."]


@pytest.mark.parametrize(
    ("component", "message"),
    [
        ("Lambda", "Unknown layer `Lambda`."),
        ("Adam", "Unknown layer `Adam`."),
        ("ops.load", "Unknown tensor function `ops.load`."),
        ("residul", "Unknown block `residul`."),
        ({"Dense": {"units": 1}, "ReLU": {}}, "Found an object of 2 keys where a layer should be."),
        ({"Dense": [1]}, "The arguments of `Dense` are an array."),
        ([], "Found an array where a layer should be."),
        (None, "Found null where a layer should be."),
        ("", 'Found the string "" where a layer should be.'),
    ],
)
def test_what_is_no_layer(component, message):
    assert faults("ReLU", component) == [message]


def test_a_component_may_come_from_a_param():
    made = body("norm", blocks={"norm": {"params": {"kind": "LayerNormalization"}, "layers": ["=kind"]}})
    assert made.nodes[0].body.nodes[0].component.name == "LayerNormalization"


def test_the_number_of_calls_is_limited():
    (message,) = faults({"Repeat": {"times": 100_001, "layers": ["ReLU"]}})
    assert message == "The spec expands to more than 100,000 calls."
