"""The sections that say what is learned and claimed: `train`, `predict`, `baselines`, `expect`."""

import pytest

from dlsuite.spec import SpecError, check, load
from dlsuite.spec.expressions import Symbol

DATA = {"source": "Digits", "inputs": {"image": "Image"}, "targets": {"label": "Category"}}
DENSE = {"Dense": {"units": 10, "name": "label"}}
TRAIN = {"objective": "Classification", "epochs": 2}
TWO = {"label": "Category", "digit": {"Category": {"field": "label"}}}
TWO_HEADS = {"outputs": ["label", "digit"], "layers": ["Flatten", DENSE, {"Dense": {"units": 10, "name": "digit"}}]}


def spec(train=None, targets=None, model=None, **more):
    data = {**DATA, "targets": targets or DATA["targets"]}
    network = (
        {"models": model} if model and "layers" not in model else {"model": model or {"layers": ["Flatten", DENSE]}}
    )
    return {"data": data, **network, "train": TRAIN if train is None else train, **more}


def stage(targets=None, model=None, **train):
    return load(spec({**TRAIN, **train}, targets, model)).plan().train[0]


def faults(train=None, **more):
    with pytest.raises(SpecError) as caught:
        load(spec(train, **more))
    return [fault.message for fault in caught.value.faults]


def test_every_field_has_its_default():
    made = stage()
    assert (made.optimizer.name, made.strategy.name, made.precision) == ("Adam", "Auto", "float32")
    assert (made.epochs, made.steps, made.seed, made.jit_compile, made.deterministic) == (2, None, 0, False, False)
    assert (made.metrics, made.callbacks, made.layers, made.start_from, made.class_weights) == ((), (), {}, None, None)


def test_an_objective_trains_the_output_of_its_targets_name():
    (task,) = stage().objectives
    assert (task.component.name, task.target, task.inputs, task.weight) == ("Classification", "label", ("label",), 1.0)


def test_objectives_are_one_or_a_list_or_by_target():
    both = {"label": "Classification", "digit": {"Classification": {"weight": 0.5}}}
    listed = [{"Classification": {"target": "label"}}, {"Classification": {"target": "digit", "weight": 0.5}}]
    for objective in (both, listed):
        made = stage(TWO, TWO_HEADS, objective=objective).objectives
        assert [(task.target, task.weight) for task in made] == [("label", 1.0), ("digit", 0.5)]


def test_an_objective_may_read_another_output():
    model = {"layers": ["Flatten", {"Dense": {"units": 10, "name": "scores"}}]}
    (task,) = stage(model=model, objective={"Classification": {"inputs": "scores"}}).objectives
    assert task.inputs == ("scores",)


@pytest.mark.parametrize(
    ("objective", "message"),
    [
        ("Clasification", "Unknown objective `Clasification`."),
        ([], "`train` has no `objective`."),
        ({}, "`train` has no `objective`."),
        ("Regression", "Regression learns Number; `label` is a Category."),
        ({"Classification": {"target": "lable"}}, "`target` of Classification: there is no target `lable`."),
        ({"lable": "Classification"}, "There is no target `lable`."),
        ({"Classification": {"inputs": "scores"}}, "`inputs` of Classification: there is no output `scores`."),
        ({"Classification": {"inputs": [3]}}, None),
        ({"Classification": {"weight": "much"}}, None),
        ({"Classification": {"smoothing": 0.1}}, "Classification has no argument `smoothing`."),
    ],
)
def test_objectives_that_do_not_fit(objective, message):
    (found,) = faults({**TRAIN, "objective": objective})
    assert message in (None, found)


def test_an_objective_asks_for_its_target_and_for_an_output():
    assert faults(targets=TWO) == ["Classification does not say which target it is for: `label`, `digit`."]
    nameless = {"layers": ["Flatten", {"Dense": {"units": 10}}]}
    assert faults(model=nameless) == ["Classification learns `label`, but no output has that name."]
    no_targets = {**spec(), "data": {"source": "Digits", "inputs": {"image": "Image"}}}
    with pytest.raises(SpecError, match="Classification needs a target."):
        load(no_targets)


def test_a_fault_elsewhere_is_no_fault_of_the_objective():
    assert faults(targets={"label": "Categorie"}) == ["Unknown feature `Categorie`."]
    assert faults(model={"layers": ["Flatten", "Dence"]}) == ["Unknown layer `Dence`."]


def test_metrics_are_written_as_objectives_are():
    made = stage(metrics=["SparseCategoricalAccuracy", {"SparseTopKCategoricalAccuracy": {"k": 3}}]).metrics
    assert [(task.component.name, task.target) for task in made] == [
        ("SparseCategoricalAccuracy", "label"),
        ("SparseTopKCategoricalAccuracy", "label"),
    ]
    both = dict.fromkeys(TWO, "Classification")
    by_target = stage(TWO, TWO_HEADS, objective=both, metrics={"digit": ["Accuracy"]}).metrics
    assert [task.target for task in by_target] == ["digit"]
    assert faults({**TRAIN, "metrics": ["Acuracy"]}) == ["Unknown metric `Acuracy`."]


@pytest.mark.parametrize(
    ("metrics", "pointer", "message"),
    [
        ({"label": ["Hinge", "Accuracy", "Accuracy"]}, "label/2", "Accuracy stands twice in `metrics`."),
        ({"label": ["Accuracy", {"Accuracy": {"name": "accuracy"}}]}, "label/1", "Accuracy stands twice in `metrics`."),
        ({"label": {"AUC": {"name": "val_auc"}}}, "label/AUC/name", "`val_` begins what is measured on validation."),
        (["Novelty"], "0", "looks at what is made without a target"),
        ({"digit": {"Accuracy": {"inputs": "label"}}}, "digit", "compares with `digit`, which no objective learns."),
    ],
)
def test_metrics_that_would_not_be_told_apart_or_not_be_measured(metrics, pointer, message):
    train = {**TRAIN, "objective": {"label": "Classification"}, "metrics": metrics}
    (fault,) = check(spec(train, TWO, TWO_HEADS))
    assert message in fault.message and fault.place.pointer == f"/train/metrics/{pointer}" and fault.hint


def test_equal_metrics_of_other_names_arguments_or_targets_are_fine():
    both = dict.fromkeys(TWO, "Classification")
    curves = ["AUC", {"AUC": {"curve": "PR"}}, {"AUC": {"name": "other"}}]
    assert not check(spec({**TRAIN, "objective": both, "metrics": dict.fromkeys(TWO, curves)}, TWO, TWO_HEADS))


AUTOENCODER = {
    "encoder": {
        "inputs": ["image"],
        "outputs": ["mean", "log_variance"],
        "layers": [
            {"Flatten": {"name": "flat"}},
            {"Dense": {"units": 2, "name": "mean"}},
            {"Dense": {"units": 2, "name": "log_variance", "inputs": "flat"}},
        ],
    },
    "decoder": {"inputs": {"z": {"Input": {"shape": [2]}}}, "layers": [{"Dense": {"units": 64, "name": "made"}}]},
}


@pytest.mark.parametrize("targets", [{}, {"label": "Category"}])
def test_a_metric_beside_an_objective_that_has_no_target_is_told_so(targets):
    train = {"objective": "VAE", "epochs": 1, "metrics": ["MeanSquaredError"]}
    written = {"data": {**DATA, "targets": targets}, "models": AUTOENCODER, "train": train}
    (fault,) = check(written)
    assert fault.message == "VAE makes its own losses, and has no target for MeanSquaredError."
    assert fault.place.pointer == "/train/metrics/0" and "`Novelty`" in fault.hint
    assert not check({**written, "train": {**train, "metrics": ["Novelty"]}})


def watching(monitor, train=None, **more):
    callbacks = [{"EarlyStopping": {"monitor": monitor}}]
    return check(spec({**TRAIN, **(train or {}), "callbacks": callbacks}, **more))


def test_callbacks_watch_what_is_measured():
    top = {"metrics": [{"SparseTopKCategoricalAccuracy": {"k": 3}}, {"Accuracy": {"name": "accuracy"}}]}
    for good in ("loss", "val_accuracy", "val_sparse_top_k_categorical_accuracy", "accuracy_2"):
        assert not watching(good, top)
    (fault,) = watching("val_acuracy")
    assert fault.message == "EarlyStopping watches `val_acuracy`, which is not measured."
    assert fault.place.pointer == "/train/callbacks/0/EarlyStopping/monitor"
    assert fault.hint == "Did you mean `val_accuracy`?"
    both = {"objective": dict.fromkeys(TWO, "Classification")}
    assert not watching("val_digit_accuracy", both, targets=TWO, model=TWO_HEADS)
    assert not watching("label_loss", both, targets=TWO, model=TWO_HEADS)
    (fault,) = watching("val_accuracy", both, targets=TWO, model=TWO_HEADS)
    assert "Did you mean" in fault.hint


def test_an_optimizer_by_network():
    network = {"inputs": {"x": {"Input": {"shape": [8]}}}, "layers": [DENSE]}
    made = stage(model={"a": network}, optimizer={"a": {"SGD": {"momentum": 0.9}}}).optimizer
    assert made["a"].name == "SGD"
    wrong = {**TRAIN, "optimizer": {"b": "SGD"}}
    assert faults(wrong, model={"a": network}) == ["There is no network `b`."]


def test_schedules_stand_where_numbers_may_and_know_the_steps():
    schedule = {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": "=steps"}}
    made = stage(optimizer={"Adam": {"learning_rate": schedule}}).optimizer.arguments["learning_rate"]
    assert made.kind == "schedule" and made.arguments["decay_steps"] == Symbol("steps")
    told = load(spec({**TRAIN, "optimizer": {"Adam": {"learning_rate": schedule}}})).plan({"steps_per_epoch": 50})
    assert told.train[0].optimizer.arguments["learning_rate"].arguments["decay_steps"] == 100
    counted = stage(epochs=None, steps=70, optimizer={"Adam": {"learning_rate": schedule}})
    assert counted.optimizer.arguments["learning_rate"].arguments["decay_steps"] == 70


def test_a_number_in_quotes_is_no_schedule():
    with pytest.raises(SpecError) as caught:
        load(spec({**TRAIN, "optimizer": {"Adam": {"learning_rate": "0.1"}}}))
    (fault,) = caught.value.faults
    assert (
        fault.message
        == '`learning_rate` of Adam takes a learning-rate schedule or a number of at least 0, not the string "0.1".'
    )
    assert fault.hint == "Write 0.1, without quotes."


def test_how_long_is_said_once():
    assert faults({**TRAIN, "steps": 9}) == ["`train` has both `epochs` and `steps`."]
    assert faults({"objective": "Classification"}) == ["`train` does not say how long."]
    assert stage(epochs=None, steps=9).steps == 9


def test_stages_inherit_from_the_one_before():
    stages = [{**TRAIN, "optimizer": {"Adam": {"learning_rate": 0.1}}}, {"steps": 5, "optimizer": "SGD"}, {"seed": 3}]
    first, second, third = load(spec(stages)).plan().train
    assert (first.epochs, first.optimizer.name) == (2, "Adam")
    assert (second.epochs, second.steps, second.optimizer.name) == (None, 5, "SGD")
    assert (third.steps, third.optimizer.name, third.seed) == (5, "SGD", 3)
    assert faults([]) == ["`train` is an empty list."]


def test_layers_maps_patterns_to_settings():
    settings = {"dense*": {"trainable": False}, "*.bias": {"weight_decay": False}, "label": {"lora_rank": 4}}
    assert stage(layers=settings).layers == settings
    for wrong in ({"a": {"frozen": True}}, {"a": {"trainable": 1}}, {"a": {"lora_rank": 0}}, {"a": 3}, 3):
        assert len(faults({**TRAIN, "layers": wrong})) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 0), ("epochs", 1.5), ("precision", "fp16"), ("jit_compile", "yes"), ("seed", -1), ("from", 3),
        ("deterministic", 1), ("class_weights", "equal"), ("strategy", "Mirror"), ("callbacks", ["Dense"]),
        ("optimizer", "Dense"), ("optimizer", {"Adam": {"rate": 1}}), ("learning_rate", 0.1), ("batch_size", 8),
    ],
)  # fmt: skip
def test_fields_that_do_not_fit(field, value):
    assert len(faults({**TRAIN, field: value})) == 1


@pytest.mark.parametrize(
    ("section", "field", "value", "hint"),
    [
        ("train", "epochs", "five", "What would work: 1."),
        ("train", "epochs", 2.4, "What would work: 2."),
        ("train", "epochs", [3], "What would work: 1."),
        ("train", "jit_compile", "yes", "Write true or false, without quotes."),
        ("train", "jit_compile", 1, "Write true or false."),
        ("train", "seed", None, "What would work: 0, as it is where it is left out."),
        ("train", "precision", [16], "One of `float32`"),
        ("train", "from", 3, 'Write "3", in quotes.'),
        ("data", "split", {"train": 2}, "What would work: 0.5."),
        ("data", "batch_size", None, "What would work: 32, as it is where it is left out."),
        ("data", "inputs", {"image": {"Image": {"size": 8}}}, "What would work: [8, 8]."),
        ("data", "targets", {"label": {"Category": {"names": 8}}}, "A list goes there, in square brackets."),
    ],
)
def test_a_value_of_another_type_is_told_what_would_work(section, field, value, hint):
    written = spec()
    written[section] = {**written[section], field: value}
    (fault,) = check(written)
    assert fault.hint.startswith(hint)


def test_class_weights():
    assert stage(class_weights="balanced").class_weights == "balanced"
    assert stage(class_weights={"0": 2, "1": 0.5}).class_weights == {"0": 2, "1": 0.5}
    assert len(faults({**TRAIN, "class_weights": {"0": -1}})) == 1


def test_baselines_and_predict():
    plan = load(spec(baselines=["Majority"], predict={"threshold": 0.5, "seed": 1})).plan()
    assert [item.name for item in plan.baselines] == ["Majority"]
    assert plan.predict == {"threshold": 0.5, "seed": 1}
    assert faults(baselines=["Majorty"]) == ["Unknown baseline `Majorty`."]
    assert len(faults(predict={"threshold": 2})) == 1
    wide = "`width` of Beam takes an integer of at least 1 and at most 1000, not the number 100000."
    assert faults(predict={"decoder": {"Beam": {"width": 100_000}}}) == [wide]


def test_expect_holds_claims():
    claims = {"parameters": 650, "metrics": {"accuracy": 0.9}, "about": "measured"}
    assert load(spec(expect=claims)).plan().expect == claims
    assert load(spec(expect={"parameters": {"total": 650}})).plan().expect["parameters"] == {"total": 650}
    for wrong in ({"parameters": -1}, {"parameters": {"all": 3}}, {"metrics": {"accuracy": "0.9"}}, {"accuracy": 0.9}):
        assert len(faults(expect=wrong)) == 1


@pytest.mark.parametrize(
    "last, activation",
    [
        ([{"Dense": {"units": 10, "activation": "softmax", "name": "label"}}], "softmax"),
        ([{"Conv1D": {"filters": 10, "kernel_size": 1, "activation": "sigmoid", "name": "label"}}], "sigmoid"),
        (["Flatten", {"Dense": {"units": 10}}, {"Softmax": {"name": "label"}}], "softmax"),
        (["Flatten", {"Dense": {"units": 10}}, {"ReLU": {"name": "label"}}], "relu"),
        ([{"Activation": {"activation": "tanh", "name": "label"}}], "tanh"),
        ([{"ops.sigmoid": {"name": "label"}}], "sigmoid"),
        ([{"head": {"name": "label"}}], "softmax"),
    ],
)
def test_an_objective_that_takes_logits_says_so_before_training(last, activation):
    blocks = {"head": {"layers": ["Flatten", {"Dense": {"units": 10}}, "Softmax"]}}
    message = f"Classification takes logits; `label` is made by `{activation}`."
    assert faults_of_layers(last, blocks) == [message]


def test_an_activation_elsewhere_is_no_fault_of_the_objective():
    hidden = [{"Dense": {"units": 10, "activation": "relu"}}, "Softmax", {"Dense": {"units": 10, "name": "label"}}]
    assert faults_of_layers(hidden, {}) == []


def test_a_classifier_of_keras_applications_is_told_to_give_logits():
    net = {"input_shape": [96, 96, 3], "classes": 10, "name": "label"}
    made = [{"ResNet50": {**net}}, {"ResNet50": {**net, "classifier_activation": "linear"}}]
    found = [faults_of_layers([{f"applications.{name}": one[name]} for name in one], {}) for one in made]
    assert found == [["Classification takes logits; `label` is made by `softmax`."], []]


def faults_of_layers(layers, blocks):
    written = {"data": DATA, "blocks": blocks, "model": {"layers": layers}, "train": TRAIN}
    return [fault.message for fault in check(written)]


def claim(*figures, train=None, **more):
    return check(spec(train, expect={"metrics": dict.fromkeys(figures, 0.5)}, **more))


def test_claims_name_figures_that_are_measured():
    metrics = ["SparseCategoricalAccuracy", {"SparseTopKCategoricalAccuracy": {"k": 3, "name": "top_3"}}]
    train = {**TRAIN, "metrics": metrics}
    assert not claim("accuracy", "validation.loss", "f1", "sparse_categorical_accuracy", "top_3", train=train)
    (fault,) = claim("validation.acuracy")
    assert "`validation.acuracy`" in fault.message and "`accuracy`" in fault.hint
    assert claim("top_3") and claim("valid.loss")


def test_claims_of_several_targets_name_them():
    train = {**TRAIN, "objective": dict.fromkeys(TWO, "Classification")}
    assert not claim("digit.accuracy", "validation.label.f1", train=train, targets=TWO, model=TWO_HEADS)
    assert claim("accuracy", train=train, targets=TWO, model=TWO_HEADS)


def test_a_faulty_metric_is_one_fault_where_its_figure_is_claimed():
    (fault,) = claim("hinge", train={**TRAIN, "metrics": ["Hinge", "Hinje"]})
    assert "Hinje" in fault.message
    (fault,) = claim("hinje", train={**TRAIN, "metrics": ["Hinje"]})
    assert "Hinje" in fault.message
