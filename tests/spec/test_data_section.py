"""The `data` section: sources, features, facts, splits."""

import pytest

from dlsuite.spec import SpecError, load
from dlsuite.spec.expressions import Symbol

DATA = {"source": "Digits", "inputs": {"image": "Image"}, "targets": {"label": "Category"}}
MODEL = {"layers": ["Flatten", {"Dense": {"units": "=label.classes", "name": "label"}}]}


def spec(model=None, params=None, **data):
    return {"params": params or {}, "data": {**DATA, **data}, "model": model or MODEL}


def plan(facts=None, **change):
    return load(spec(**change)).plan(facts)


def faults(**change):
    with pytest.raises(SpecError) as caught:
        load(spec(**change))
    return [fault.message for fault in caught.value.faults]


def test_a_named_dataset_declares_its_facts():
    made = plan()
    assert made.networks["model"].body.nodes[1].component.arguments["units"] == 10
    assert made.networks["model"].inputs["image"].shape == [8, 8, 1]
    assert made.unknown == frozenset()


def test_a_fact_that_only_the_data_knows_is_a_symbol_until_it_is_told():
    source = {"ImageFolder": {"path": "images"}}
    made = plan(source=source)
    assert made.networks["model"].body.nodes[1].component.arguments["units"] == Symbol("label.classes")
    assert made.unknown == {"label.classes", "image.shape"}
    told = plan({"label": {"classes": 3}, "image": {"shape": [9, 9, 3]}}, source=source)
    assert told.networks["model"].body.nodes[1].component.arguments["units"] == 3
    assert told.networks["model"].inputs["image"].shape == [9, 9, 3]
    assert told.unknown == frozenset()


def test_what_the_spec_says_of_a_feature_wins_over_the_dataset():
    made = plan(inputs={"image": {"Image": {"size": [28, 28], "channels": 3}}})
    assert made.networks["model"].inputs["image"].shape == [28, 28, 3]


def test_a_feature_reads_the_field_of_its_name_or_another():
    digit = {"Category": {"field": "label"}}
    model = {"layers": ["Flatten", {"Dense": {"units": "=digit.classes", "name": "digit"}}]}
    assert plan().data.targets["label"].fields == ("label",)
    made = plan(targets={"digit": digit}, model=model)
    assert made.data.targets["digit"].fields == ("label",)
    assert made.networks["model"].body.nodes[1].component.arguments["units"] == 10
    assert faults(targets={"label": {"Category": {"field": "lable"}}}) == ["Digits has no field `lable`."]
    both = {"label": {"Category": {"field": "label", "fields": ["label"]}}}
    assert faults(targets=both) == ["Category takes `field` or `fields`, not both."]


def test_like_names_another_feature():
    made = plan(targets={"label": "Category", "again": {"Category": {"field": "label", "like": "label"}}})
    assert made.data.targets["again"].like == "label"
    assert faults(targets={"label": {"Category": {"like": "lable"}}}) == ["There is no feature `lable`."]


def test_like_leads_to_a_feature_that_is_fitted_itself():
    image, label = {"Image": {"like": "image"}}, {"Category": {"like": "label"}}
    assert faults(inputs={"image": image}) == ["`like` goes in a circle: image -> image."]
    others = {"label": {"Category": {"like": "other"}}, "other": {"Category": {"field": "label", "like": "label"}}}
    circles = ["`like` goes in a circle: label -> other -> label.", "`like` goes in a circle: other -> label -> other."]
    assert faults(targets=others) == circles
    assert faults(targets={"label": label, "other": {"Category": {"field": "label", "like": "label"}}}) == [
        "`like` goes in a circle: label -> label."
    ]


def test_shift_moves_a_sequence():
    assert plan(targets={"label": {"Category": {"shift": 1}}}).data.targets["label"].shift == 1
    assert len(faults(targets={"label": {"Category": {"shift": 0.5}}})) == 1


def test_splits_are_fractions_or_names():
    split = {"train": 0.8, "validation": "=share", "test": 0.1, "by": "order"}
    made = plan(split=split, params={"share": 0.1}).data.split
    assert made.parts == {"train": 0.8, "validation": 0.1, "test": 0.1} and made.by == "order"
    assert plan(split={"train": 0.5, "test": "all"}).data.split.parts == {"train": 0.5, "test": "all"}
    assert plan(split={"stratify": "label"}).data.split.stratify == "label"
    assert plan().data.split.parts == {}


@pytest.mark.parametrize(
    ("split", "message"),
    [
        ({"train": 0.8, "test": 0.3}, "The parts of `split` add up to 1.1."),
        (
            {"train": 1.2},
            "`train` of `split` takes a number of more than 0 and at most 1 or a string, not the number 1.2.",
        ),
        ({"train": 0, "test": 0.1}, None),
        ({"validation": 0.1, "test": 0.1}, "`split` has no `train`."),
        ({"train": "all", "test": 0.4, "validation": 0.6}, "The parts of `split` leave nothing to train on."),
        ({"valid": 0.2}, "`split` has no `valid`."),
        ("random", '`split` is the string "random".'),
        ({"by": "patient"}, "Digits has no field `patient`."),
        ({"stratify": "lable"}, "Digits has no field `lable`."),
        ({"train": True}, None),
        ({"by": 3}, None),
    ],
)
def test_splits_that_are_none(split, message):
    (found,) = faults(split=split)
    assert message in (None, found)


def test_augmentations_are_components():
    made = plan(augment=[{"RandomFlip": {"mode": "horizontal"}}, {"RandomRotation": {"factor": 0.1}}])
    assert [item.name for item in made.data.augment] == ["RandomFlip", "RandomRotation"]
    assert faults(augment=["Dense"]) == ["Unknown augmentation `Dense`."]
    assert faults(augment="RandomFlip") == ['`augment` is the string "RandomFlip".']


def test_batch_size():
    assert plan().data.batch_size == 32
    assert plan(batch_size="=2 * size", params={"size": 8}).data.batch_size == 16
    for wrong in (0, 1.5, "32", True):
        assert len(faults(batch_size=wrong)) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": "Digit"}, "Unknown dataset `Digit`."),
        ({"source": "CSV"}, "CSV needs `path`."),
        ({"inputs": {"image": "Picture"}}, "Unknown feature `Picture`."),
        ({"inputs": {"image": {"Image": {"width": 8}}}}, "Image has no argument `width`."),
        ({"inputs": {"Image": "Image"}}, "`Image` is no name for a feature."),
        ({"targets": {"label": "Category", "image": "Image"}}, "`image` is both an input and a target."),
        ({"params": {"image": 3}}, "`image` is both a feature and a param."),
        ({"batchsize": 8}, "`data` has no `batchsize`."),
        ({"inputs": []}, "`inputs` is an array."),
    ],
)
def test_faults(change, message):
    assert message in faults(**change)


def test_a_model_of_its_own_inputs_needs_no_data():
    model = {"inputs": {"x": {"Input": {"shape": "=image.shape"}}}, "layers": ["Flatten"]}
    assert plan(model=model).networks["model"].inputs["x"].shape == [8, 8, 1]
    named = {"inputs": ["image"], "layers": ["Flatten"]}
    assert list(plan(model=named).networks["model"].inputs) == ["image"]
    mixed = {
        "inputs": {"image": None, "noise": {"Input": {"shape": [100]}}},
        "layers": [{"Flatten": {"to": "flat", "inputs": "image"}}, {"Concatenate": {"inputs": ["flat", "noise"]}}],
    }
    assert list(plan(model=mixed).networks["model"].inputs) == ["image", "noise"]
    assert faults(model={"inputs": ["picture"], "layers": ["Flatten"]}) == ["The data has no input `picture`."]
