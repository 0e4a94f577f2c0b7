"""From a data plan to batches: splits, fitting, shuffling, augmentation, corrupt examples, paths."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

import dlsuite
from dlsuite import pipeline
from dlsuite.pipeline import encoding, naming_files, prepare
from dlsuite.spec.errors import DataError, SpecError
from dlsuite.spec.plan import Component, DataPlan, FeaturePlan, SplitPlan


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DLSUITE_CACHE", str(tmp_path / "cache"))


def make_plan(source, inputs, targets, *, split=None, augment=(), batch_size=32, **arguments) -> DataPlan:
    """Returns a data plan; features as `{"image": "Image"}` or `{"age": ("Number", {"missing": 0}, ["field"])}`."""

    def feature(name, written):
        kind, options, fields, *like = (written, {}, [name]) if isinstance(written, str) else written
        return FeaturePlan(Component("feature", kind, options), tuple(fields), *like)

    return DataPlan(
        source=Component("dataset", source, arguments),
        split=split or SplitPlan(),
        inputs={name: feature(name, written) for name, written in inputs.items()},
        targets={name: feature(name, written) for name, written in targets.items()},
        augment=tuple(Component("augmentation", name, options) for name, options in augment),
        batch_size=batch_size,
    )


DIGITS = make_plan("Digits", {"image": "Image"}, {"label": "Category"})
FLIPPED = make_plan(
    "Digits",
    {"image": "Image"},
    {"label": "Category"},
    augment=[
        ("RandomFlip", {"mode": "horizontal"}),
        ("RandomTranslation", {"height_factor": 0.2, "width_factor": 0.2}),
    ],
)


def collect(batches) -> np.ndarray:
    return np.concatenate([inputs["image"].numpy() for inputs, _ in batches])


def write_csv(path: Path, rows: list[str], header: str = "x,y") -> Path:
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def write_pictures(root: Path, count: int, *, size: int = 16) -> None:
    rng = np.random.default_rng(0)
    for i in range(count):
        folder = root / ("cat", "dog")[i % 2]
        folder.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 256, (size, size, 3), np.uint8)
        Pillow.fromarray(pixels).save(folder / f"{i:04}.png")


# Splits


def test_splits_are_disjoint_whole_and_the_same_for_a_seed(tmp_path):
    first, again, other = (prepare(DIGITS, root=tmp_path, seed=seed) for seed in (3, 3, 4))
    assert first.counts == {"train": 1438, "validation": 179, "test": 180}
    numbers = {split: [first.examples(split).where(i) for i in range(first.counts[split])] for split in first.counts}
    assert len(set().union(*numbers.values())) == sum(map(len, numbers.values())) == 1797
    assert numbers["test"] == [again.examples("test").where(i) for i in range(180)]
    assert numbers["test"] != [other.examples("test").where(i) for i in range(180)]
    assert numbers["test"][:4] == ["digit 3", "digit 23", "digit 45", "digit 57"]  # the same on every platform


def test_a_category_keeps_its_shares(tmp_path):
    data = prepare(DIGITS, root=tmp_path, seed=0)
    for split in ("validation", "test"):
        counts = np.bincount(data.column(split, "label"), minlength=10)
        assert counts.min() >= 16 and counts.max() <= 19
    assert data.record["split"] == ("train 80%, validation 10%, test 10%, at random by seed 0, shares of label kept")


def test_the_sets_own_splits_and_a_validation_carved_from_training(tmp_path):
    np.savez(tmp_path / "set.npz", x_train=np.arange(100.0), x_test=np.arange(100.0, 130.0))
    data = prepare(make_plan("NPZ", {"x": "Number"}, {}, path="set.npz"), root=tmp_path, seed=0)
    assert data.counts == {"train": 90, "validation": 10, "test": 30}
    assert sorted(example["x"] for split in ("train", "validation") for example in data.examples(split)) == list(
        range(100)
    )
    assert [example["x"] for example in data.examples("test")] == list(range(100, 130))


def test_splits_by_order_and_by_name(tmp_path):
    np.savez(tmp_path / "set.npz", x=np.arange(100.0))
    np.savez(tmp_path / "own.npz", x_train=np.arange(80.0), x_test=np.arange(20.0))
    by_order = SplitPlan({"train": 0.5, "validation": 0.2, "test": 0.1}, by="order")
    data = prepare(make_plan("NPZ", {"x": "Number"}, {}, path="set.npz", split=by_order), root=tmp_path, seed=0)
    assert [[example["x"] for example in data.examples(split)] for split in data.counts] == [
        list(range(50)),
        list(range(50, 70)),
        list(range(70, 80)),
    ]
    named = SplitPlan({"train": "train", "validation": 0.25, "test": "test"})
    data = prepare(make_plan("NPZ", {"x": "Number"}, {}, path="own.npz", split=named), root=tmp_path, seed=0)
    assert data.counts == {"train": 60, "validation": 20, "test": 20}


def test_groups_stay_together(tmp_path):
    write_csv(tmp_path / "t.csv", [f"{i},{i % 30}" for i in range(900)], "x,patient")
    split = SplitPlan({"train": 0.6, "validation": 0.2, "test": 0.2}, by="patient")
    data = prepare(make_plan("CSV", {"x": "Number"}, {}, path="t.csv", split=split), root=tmp_path, seed=1)
    patients = [{example["patient"] for example in data.examples(part)} for part in ("train", "validation", "test")]
    assert [len(group) for group in patients] == [18, 6, 6]
    assert len(set().union(*patients)) == 30


@pytest.mark.parametrize(
    ("split", "message"),
    [
        (SplitPlan({"train": "training"}), "no split 'training'"),
        (SplitPlan({"train": 0.8}, by="patient"), "no field 'patient'"),
        (SplitPlan({"train": 0.8}, by="order", stratify="label"), "needs `by` random"),
    ],
)
def test_splits_that_cannot_be_are_refused(tmp_path, split, message):
    plan = make_plan("Digits", {"image": "Image"}, {"label": "Category"}, split=split)
    with pytest.raises(SpecError, match=message):
        prepare(plan, root=tmp_path, seed=0)


# Fitting


def test_features_are_fitted_on_training_examples_alone(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.normal(5, 2, 200), rng.integers(0, 3, 200).astype(float)
    images = rng.integers(0, 256, (200, 4, 4, 1), np.uint8)
    np.savez(tmp_path / "clean.npz", x_train=x[:150], y_train=y[:150], image_train=images[:150],
             x_test=x[150:], y_test=y[150:], image_test=images[150:])  # fmt: skip
    np.savez(tmp_path / "poisoned.npz", x_train=x[:150], y_train=y[:150], image_train=images[:150],
             x_test=x[150:] + 1e6, y_test=y[150:] * 0, image_test=images[150:] * 0)  # fmt: skip
    states = []
    for name in ("clean", "poisoned"):
        inputs = {
            "x": ("Number", {"missing": "median"}, ["x"]),
            "image": ("Image", {"normalize": "standard"}, ["image"]),
        }
        plan = make_plan("NPZ", inputs, {"y": "Category"}, path=f"{name}.npz")
        states.append(prepare(plan, root=tmp_path, seed=0).state())
    assert states[0] == states[1]
    train = prepare(plan, root=tmp_path, seed=0).column("train", "x")
    assert train.mean() == pytest.approx(0, abs=1e-5) and train.std() == pytest.approx(1, abs=1e-4)


def test_what_was_fitted_is_restored_and_not_fitted_again(tmp_path):
    write_csv(tmp_path / "a.csv", [f"{i},{'ab'[i % 2]}" for i in range(100)])
    plan = make_plan("CSV", {"x": "Number"}, {"y": "Category"}, path="a.csv")
    state = json.loads(json.dumps(prepare(plan, root=tmp_path, seed=0).state()))
    write_csv(tmp_path / "a.csv", [f"{i * 1000},{'ab'[i % 2]}" for i in range(100)])
    data = prepare(plan, root=tmp_path, seed=0, fitted=state)
    assert data.state() == state
    with pytest.raises(DataError, match="keeps no state of the feature 'x'"):
        prepare(plan, root=tmp_path, seed=0, fitted={})


def test_like_shares_what_another_has_fitted(tmp_path):
    write_csv(tmp_path / "t.csv", [f"{'abc'[i % 3]},a" for i in range(60)], "home,away")
    inputs = {"away": ("Category", {}, ["away"], "home"), "home": "Category"}
    data = prepare(make_plan("CSV", inputs, {}, path="t.csv"), root=tmp_path, seed=0)
    assert data.facts["away"]["names"] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"x": ("Number", {}, ["x"], "y")}, "names the feature 'y', which is not there"),
        ({"x": ("Number", {}, ["x"], "x")}, "goes in a circle: x -> x"),
        ({"x": ("Number", {}, ["x"]), "z": ("Category", {}, ["x"], "x")}, "'z' is Category and 'x' Number"),
        ({"x": ("Number", {}, ["x"], None, 1)}, "`shift` moves sequences"),
        ({"age": "Number"}, "reads the field 'age', which the data lacks"),
        ({"x": ("Image", {"channels": 2}, ["x"])}, "channels must be 1, 3 or 4"),
    ],
)
def test_features_that_cannot_be_are_refused(tmp_path, inputs, message):
    write_csv(tmp_path / "t.csv", [f"{i},a" for i in range(60)])
    with pytest.raises(SpecError, match=message):
        prepare(make_plan("CSV", inputs, {}, path="t.csv"), root=tmp_path, seed=0)


# Batches


def test_batches_are_the_examples_in_order_with_their_targets(tmp_path):
    data = prepare(DIGITS, root=tmp_path, seed=0)
    inputs, targets = data.arrays("test")
    assert inputs["image"].shape == (180, 8, 8, 1) and inputs["image"].dtype == np.float32
    batches = list(data.batches("test", batch_size=50))
    assert [len(x["image"]) for x, _ in batches] == [50, 50, 50, 30] and data.steps("test", 50) == 4
    np.testing.assert_array_equal(np.concatenate([x["image"] for x, _ in batches]), inputs["image"])
    np.testing.assert_array_equal(np.concatenate([y["label"] for _, y in batches]), targets["label"])
    np.testing.assert_array_equal(data.features["image"].encode(data.examples("test")[7]["image"]), inputs["image"][7])
    assert set(next(iter(data.batches("test", targets=False)))) == {"image"}
    assert data.facts["label"]["classes"] == 10 and data.facts["image"] == {"shape": [8, 8, 1]}


def test_training_batches_hold_every_example_once_in_another_order_each_epoch(tmp_path):
    data = prepare(DIGITS, root=tmp_path, seed=0)
    epochs = [collect(data.batches("train", training=True, epoch=epoch)) for epoch in range(3)]
    plain = data.arrays("train")[0]["image"]
    for epoch in epochs:
        assert not np.array_equal(epoch, plain)
        np.testing.assert_array_equal(np.sort(epoch.reshape(-1, 64), 0), np.sort(plain.reshape(-1, 64), 0))
    assert not np.array_equal(epochs[0], epochs[1])


def test_the_tuner_of_tf_data_is_off_for_the_end_of_batches_would_wait_for_it(tmp_path):
    batches = prepare(DIGITS, root=tmp_path, seed=0).batches("train", training=True)
    assert not batches.options().autotune.enabled


def test_targets_stay_with_their_inputs_when_shuffled(tmp_path):
    data = prepare(DIGITS, root=tmp_path, seed=0)
    inputs, targets = data.arrays("train")
    label_of = {image.tobytes(): label for image, label in zip(inputs["image"], targets["label"], strict=True)}
    for x, y in data.batches("train", training=True):
        assert [label_of[image.tobytes()] for image in x["image"].numpy()] == y["label"].numpy().tolist()


@pytest.mark.parametrize("plan", [DIGITS, FLIPPED], ids=["plain", "augmented"])
def test_a_resumed_epoch_equals_the_uninterrupted_one(tmp_path, plan):
    uninterrupted = prepare(plan, root=tmp_path, seed=5)
    through = collect(uninterrupted.batches("train", training=True, epochs=3))
    resumed = prepare(plan, root=tmp_path, seed=5)
    np.testing.assert_array_equal(collect(resumed.batches("train", training=True, epoch=2)), through[2 * 1438 :])
    endless = resumed.batches("train", training=True, epoch=1, epochs=None).take(resumed.steps("train"))
    np.testing.assert_array_equal(collect(endless), through[1438 : 2 * 1438])


def test_augmentation_changes_training_inputs_alone(tmp_path):
    data = prepare(FLIPPED, root=tmp_path, seed=0)
    plain = prepare(DIGITS, root=tmp_path, seed=0)
    np.testing.assert_array_equal(collect(data.batches("test")), collect(plain.batches("test")))
    np.testing.assert_array_equal(collect(data.batches("train")), collect(plain.batches("train")))
    changed, same = (collect(of.batches("train", training=True)) for of in (data, plain))
    assert np.mean(np.abs(changed - same).max((1, 2, 3)) > 0.01) > 0.9
    assert changed.min() >= 0 and changed.max() <= 1
    other = collect(data.batches("train", training=True, seed=9))
    assert not np.array_equal(changed, other)


def test_each_picture_of_a_batch_is_changed_on_its_own_and_each_batch_anew(tmp_path):
    np.savez(tmp_path / "same.npz", image=np.tile(np.arange(64, dtype=np.uint8).reshape(1, 8, 8, 1), (100, 1, 1, 1)))
    plan = make_plan("NPZ", {"image": "Image"}, {}, path="same.npz", augment=[("RandomFlip", {"mode": "horizontal"})],
                     split=SplitPlan({"train": 1.0}), batch_size=50)  # fmt: skip
    data = prepare(plan, root=tmp_path, seed=0)
    flipped = collect(data.batches("train", training=True))[:, 0, 0, 0] > 0
    assert 0.3 < flipped.mean() < 0.7
    assert not np.array_equal(flipped[:50], flipped[50:])


def test_augmentations_see_0_to_255_whatever_the_range(tmp_path):
    plan = make_plan("Digits", {"image": ("Image", {"range": [-1.0, 1.0]}, ["image"])}, {},
                     augment=[("RandomBrightness", {"factor": [1.0, 1.0]})])  # fmt: skip
    data = prepare(plan, root=tmp_path, seed=0)
    np.testing.assert_array_equal(collect(data.batches("train", training=True)), 1.0)


def test_augmentations_that_mix_labels_are_refused_and_those_that_do_not_repeat_named(tmp_path):
    for name in ("MixUp", "keras_cv.CutMix"):
        with pytest.raises(SpecError, match=f"{name} mixes the labels"):
            prepare(make_plan("Digits", {"image": "Image"}, {}, augment=[(name, {})]), root=tmp_path, seed=0)
    plan = make_plan("Digits", {"image": "Image"}, {}, augment=[("keras_cv.GridMask", {}), ("RandomFlip", {})])
    assert prepare(plan, root=tmp_path, seed=0).warnings == [
        "keras_cv.GridMask draws random numbers of its own: two trainings with one seed see different pictures."
    ]
    with pytest.raises(SpecError, match='keras_cv.GridMask draws random numbers that no seed reaches.*"deterministic"'):
        prepare(plan, root=tmp_path, seed=0, deterministic=True)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("RandomRotation", {"factor": 0.1}),
        ("RandomZoom", {"height_factor": 0.2}),
        ("RandomBrightness", {"factor": 0.3}),
        ("RandomContrast", {"factor": 0.3}),
        ("RandomErasing", {}),
        ("RandomCrop", {"height": 6, "width": 6}),
        ("RandAugment", {}),
        ("AugMix", {}),
    ],
)
def test_keras_augmentations_repeat_by_seed_and_epoch(tmp_path, name, options):
    data = prepare(make_plan("Digits", {"image": "Image"}, {}, augment=[(name, options)]), root=tmp_path, seed=0)
    epochs = [collect(data.batches("train", training=True, epoch=epoch).take(3)) for epoch in (1, 1, 2)]
    np.testing.assert_array_equal(epochs[0], epochs[1])
    assert not np.array_equal(epochs[0], epochs[2])


# Streaming


def test_pictures_that_do_not_fit_in_memory_stream(tmp_path, monkeypatch):
    write_pictures(tmp_path / "pets", 60)
    plan = make_plan("ImageFolder", {"image": "Image"}, {"label": "Category"}, path="pets", batch_size=8)
    kept = prepare(plan, root=tmp_path, seed=0)
    monkeypatch.setattr(pipeline, "available_memory", lambda: 10_000)
    streamed = prepare(plan, root=tmp_path, seed=0)
    assert streamed._columns["train"]["image"].kept is None and streamed._columns["train"]["label"].kept is not None
    for training in (False, True):
        pictures = [collect(data.batches("train", training=training)) for data in (kept, streamed)]
        np.testing.assert_array_equal(*pictures)


def test_streaming_holds_few_pictures_at_a_time(tmp_path, monkeypatch):
    import tracemalloc

    write_pictures(tmp_path / "pets", 200, size=8)
    monkeypatch.setattr(pipeline, "available_memory", lambda: 1_000_000)
    plan = make_plan(
        "ImageFolder", {"image": ("Image", {"size": [256, 256]}, ["image"])}, {}, path="pets", batch_size=4
    )
    whole = 200 * 256 * 256 * 3
    tracemalloc.start()
    data = prepare(plan, root=tmp_path, seed=0)
    seen = sum(len(inputs["image"]) for inputs, _ in data.batches("train", training=True))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen == 160
    assert peak < whole / 2


@pytest.mark.parametrize("content", [None, b"", b"\x89PNG cut"], ids=["deleted", "empty", "truncated"])
def test_a_streamed_picture_that_breaks_later_is_named(tmp_path, monkeypatch, content):
    write_pictures(tmp_path / "pets", 30)
    monkeypatch.setattr(pipeline, "available_memory", lambda: 0)
    plan = make_plan("ImageFolder", {"image": "Image"}, {"label": "Category"}, path="pets", batch_size=4)
    data = prepare(plan, root=tmp_path, seed=0)
    file = data.examples("train")[3]["image"]
    file.unlink() if content is None else file.write_bytes(content)
    with pytest.raises(DataError, match=f"{file} could be read before and no longer can") as error, naming_files():
        collect(data.batches("train", training=True))
    assert error.value.__suppress_context__  # no traceback of TensorFlow's


def test_verdicts_on_files_are_remembered_until_one_changes(tmp_path, monkeypatch):
    write_pictures(tmp_path / "pets", 60)
    monkeypatch.setattr(pipeline, "available_memory", lambda: 10_000)
    plan = make_plan("ImageFolder", {"image": "Image"}, {}, path="pets", tolerate=0.1)
    prepare(plan, root=tmp_path, seed=0)
    reads = []
    monkeypatch.setattr(encoding, "_verdict", lambda one, raw: reads.append(raw) or "")
    prepare(plan, root=tmp_path, seed=0)
    assert not reads
    (tmp_path / "pets/cat/0000.png").write_bytes(b"changed")
    prepare(plan, root=tmp_path, seed=0)
    assert reads


# Corrupt examples


@pytest.mark.parametrize("memory", [1 << 30, 2000], ids=["kept", "streamed"])
def test_corrupt_pictures_are_named_counted_and_skipped(tmp_path, monkeypatch, memory):
    write_pictures(tmp_path / "pets", 100)
    broken = tmp_path / "pets/dog/0001.png"
    broken.write_bytes(broken.read_bytes()[:200])
    monkeypatch.setattr(pipeline, "available_memory", lambda: memory)
    plan = make_plan("ImageFolder", {"image": "Image"}, {"label": "Category"}, path="pets", batch_size=8)
    data = prepare(plan, root=tmp_path, seed=0)
    assert sum(data.counts.values()) == 99 and data.record["skipped"]["count"] == 1
    assert "1 corrupt example was skipped" in data.warnings[0] and str(broken) in data.warnings[0]
    inputs, targets = data.arrays("train")
    assert len(inputs["image"]) == len(targets["label"]) == len(data.examples("train")) == data.counts["train"]
    for i, example in enumerate(data.examples("train")):
        np.testing.assert_array_equal(data.features["image"].encode(example["image"]), inputs["image"][i])


def hostile_text(path):
    path.write_text("hello")


def hostile_pipe(path):
    os.mkfifo(path)


def hostile_bomb(path):
    Pillow.new("1", (20_000, 20_000)).save(path)


def hostile_link(path):
    path.symlink_to("nowhere.png")


@pytest.mark.parametrize(
    ("put", "reason"),
    [
        (hostile_text, "is none of PNG, JPEG"),
        (hostile_pipe, "is a folder, a pipe or a device and no file"),
        (hostile_bomb, "has more than 36,000,000 pixels"),
        (hostile_link, "No such file"),
    ],
    ids=["text", "pipe", "bomb", "link"],
)
def test_files_that_are_no_pictures_are_named_whatever_they_are_called(tmp_path, put, reason):
    write_pictures(tmp_path / "pets", 40, size=8)
    put(tmp_path / "pets/cat/new\nline.png")
    inputs = {"image": ("Image", {"size": [8, 8], "channels": 3}, ["image"])}
    plan = make_plan("ImageFolder", inputs, {"label": "Category"}, path="pets", tolerate=0.03)
    data = prepare(plan, root=tmp_path, seed=0)
    assert sum(data.counts.values()) == 40
    assert "new\\nline.png: image " in data.warnings[0] and reason in data.warnings[0]
    assert "\n" not in data.warnings[0]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_table_opens_no_files(tmp_path, suffix, monkeypatch):
    """Whoever wrote a table may not say which files of this machine are read."""
    Pillow.new("L", (8, 8)).save(tmp_path / "outside.png")
    monkeypatch.chdir(tmp_path)
    rows = [{"image": str(tmp_path / "outside.png"), "label": "ab"[i % 2]} for i in range(6)]
    rows += [{"image": "outside.png", "label": "ab"[i % 2]} for i in range(6)]
    path = tmp_path / f"table{suffix}"
    if suffix == ".csv":
        path.write_text("\n".join(["image,label", *(f"{row['image']},{row['label']}" for row in rows)]) + "\n")
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    spec = {
        "data": {
            "source": {"CSV" if suffix == ".csv" else "JSONL": {"path": path.name}},
            "inputs": {"image": {"Image": {"size": [8, 8], "channels": 1}}},
            "targets": {"label": "Category"},
        },
        "model": {"layers": ["Flatten", {"Dense": {"units": 2, "name": "label"}}]},
    }
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    with pytest.raises(DataError, match="tables hold no paths of files"):
        dlsuite.data(dlsuite.load(tmp_path / "spec.json"))


def test_pictures_of_every_kind_are_read(tmp_path):
    write_pictures(tmp_path / "pets", 20, size=8)
    cats = tmp_path / "pets/cat"
    frames = [Pillow.new("P", (8, 8), i) for i in range(3)]
    frames[0].save(cats / "moving.gif", save_all=True, append_images=frames[1:])
    Pillow.new("CMYK", (8, 8), (10, 20, 30, 40)).save(cats / "print.jpg")
    Pillow.fromarray(np.full((8, 8), 40_000, np.uint16)).save(cats / "deep.png")
    Pillow.new("RGB", (1, 1)).save(cats / "a single pixel.png")
    upright = Pillow.Exif()
    upright[0x112] = 6
    Pillow.new("RGB", (8, 4)).save(cats / "turned \u6f22.jpg", exif=upright)
    inputs = {"image": ("Image", {"size": [8, 8], "channels": 3}, ["image"])}
    plan = make_plan("ImageFolder", inputs, {"label": "Category"}, path="pets", tolerate=0.0)
    data = prepare(plan, root=tmp_path, seed=0)
    assert sum(data.counts.values()) == 25 and data.warnings == []
    deep = data.features["image"].load(cats / "deep.png")
    assert (deep == round(40_000 * 255 / 65_535)).all()
    assert data.record["files"][0]["files"] == 25


def test_a_pipe_is_no_table(tmp_path):
    os.mkfifo(tmp_path / "t.csv")
    with pytest.raises(DataError, match="neither a file nor a folder, but a pipe"):
        prepare(make_plan("CSV", {"x": "Number"}, {}, path="t.csv"), root=tmp_path, seed=0)


def test_more_corrupt_examples_than_tolerated_stop_with_the_first_named(tmp_path):
    write_csv(tmp_path / "t.csv", [f"{'?' if i % 10 == 0 else i},{'ab'[i % 2]}" for i in range(100)])
    inputs, targets = {"x": "Number"}, {"y": "Category"}
    with pytest.raises(DataError, match=r"10 of 100 examples are corrupt, 10.00%, and at most 1.00%") as error:
        prepare(make_plan("CSV", inputs, targets, path="t.csv"), root=tmp_path, seed=0)
    assert error.value.exit_code == 3
    assert str(error.value).count("t.csv, row ") == 5 and "x is missing" in str(error.value)
    data = prepare(make_plan("CSV", inputs, targets, path="t.csv", tolerate=0.1), root=tmp_path, seed=0)
    assert sum(data.counts.values()) == 90 and "row 1:" in " ".join(data.record["skipped"]["examples"])
    filled = make_plan("CSV", {"x": ("Number", {"missing": "mean"}, ["x"])}, targets, path="t.csv")
    assert prepare(filled, root=tmp_path, seed=0).warnings == []


def test_lines_that_are_no_object_are_corrupt_even_where_missing_values_have_a_rule(tmp_path):
    rows = [json.dumps({"x": i, "y": "ab"[i % 2]}) for i in range(200)]
    rows[7], rows[190] = "[1, 2]", "broken"
    (tmp_path / "t.jsonl").write_text("\n".join(rows))
    inputs = {"x": ("Number", {"missing": "mean"}, ["x"])}
    targets = {"y": ("Category", {"missing": "unknown"}, ["y"])}
    data = prepare(make_plan("JSONL", inputs, targets, path="t.jsonl"), root=tmp_path, seed=0)
    assert sum(data.counts.values()) == 198
    assert sorted(data.record["skipped"]["examples"]) == [
        "t.jsonl, line 191: is no JSON: Expecting value, at column 1",
        "t.jsonl, line 8: is a list and no JSON object",
    ]
    strict = make_plan("JSONL", inputs, targets, path="t.jsonl", tolerate=0.0)
    with pytest.raises(DataError, match="2 of 200 examples are corrupt") as error:
        prepare(strict, root=tmp_path, seed=0)
    assert error.value.exit_code == 3


def test_labels_that_training_never_saw_are_corrupt_unless_unknown(tmp_path):
    rows = [f"{i},{'ab'[i % 2]}" for i in range(80)] + [f"{i},{'new' if i == 99 else 'a'}" for i in range(80, 100)]
    write_csv(tmp_path / "t.csv", rows)
    split = SplitPlan({"train": 0.8, "test": 0.2}, by="order")
    plan = make_plan("CSV", {"x": "Number"}, {"y": "Category"}, path="t.csv", split=split)
    data = prepare(plan, root=tmp_path, seed=0)
    assert data.counts == {"train": 80, "validation": 0, "test": 19}
    assert "t.csv, row 100: y 'new' is none of the classes a, b" in data.warnings[0]
    with pytest.raises(DataError, match="no validation examples"):
        data.batches("validation")


# Paths


@pytest.mark.parametrize("path", ["../secret.csv", "/etc/passwd", "sub/../../secret.csv", "a\0b", "..", "link.csv"])
def test_paths_that_leave_their_roots_are_refused(tmp_path, monkeypatch, path):
    monkeypatch.delenv("DLSUITE_DATA", raising=False)
    root = tmp_path / "specs"
    root.mkdir()
    write_csv(tmp_path / "secret.csv", ["1,2"])
    os.symlink(tmp_path / "secret.csv", root / "link.csv")
    for arguments in ({"path": path}, {"path": "fine.csv", "test": path}):
        write_csv(root / "fine.csv", ["1,2"] * 10)
        with pytest.raises(SpecError, match="leaves|leads out") as error:
            prepare(make_plan("CSV", {"x": "Number"}, {}, **arguments), root=root, seed=0)
        assert "Paths stay in the folder of the spec" in str(error.value)


def test_paths_are_found_beside_the_spec_then_under_the_data_root(tmp_path, monkeypatch):
    monkeypatch.setenv("DLSUITE_DATA", str(tmp_path / "data"))
    for folder in ("data", "specs"):
        (tmp_path / folder).mkdir()
    write_csv(tmp_path / "data/t.csv", [f"{i},0" for i in range(50)])
    plan = make_plan("CSV", {"x": "Number"}, {}, path="t.csv")
    assert sum(prepare(plan, root=tmp_path / "specs", seed=0).counts.values()) == 50
    record = prepare(plan, root=tmp_path / "specs", seed=0).record
    assert record["files"][0]["path"] == str(tmp_path / "data/t.csv") and len(record["files"][0]["sha256"]) == 64
    write_csv(tmp_path / "specs/t.csv", [f"{i},0" for i in range(30)])
    assert sum(prepare(plan, root=tmp_path / "specs", seed=0).counts.values()) == 30


def test_a_missing_file_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("DLSUITE_DATA", str(tmp_path / "data"))
    with pytest.raises(DataError) as error:
        prepare(make_plan("CSV", {"x": "Number"}, {}, path="no.csv"), root=tmp_path / "specs", seed=0)
    for part in ("no.csv", str(tmp_path / "data/no.csv"), str(tmp_path / "specs/no.csv"), "DLSUITE_DATA is an env"):
        assert part in str(error.value)


# Whole journeys


def test_a_record_is_json_and_says_where_the_data_came_from(tmp_path):
    write_pictures(tmp_path / "pets", 30)
    plan = make_plan("ImageFolder", {"image": "Image"}, {"label": "Category"}, path="pets")
    record = json.loads(json.dumps(prepare(plan, root=tmp_path, seed=0).record))
    assert record["dataset"] == "ImageFolder" and record["arguments"] == {"path": "pets"}
    assert record["files"][0]["files"] == 30 and record["counts"] == {"train": 24, "validation": 3, "test": 3}
    assert set(record) == {"dataset", "arguments", "licence", "origin", "files", "counts", "split", "seed", "skipped"}


def test_a_raw_png_is_encoded_as_it_was_in_training(tmp_path):
    data = prepare(DIGITS, root=tmp_path, seed=0)
    pixels = data.examples("test")[0]["image"]
    path = tmp_path / "digit.png"
    Pillow.fromarray(pixels[..., 0]).save(path)
    np.testing.assert_array_equal(data.features["image"].encode(path), data.arrays("test")[0]["image"][0])


ADULT = [
    *("age", "workclass", "fnlwgt", "education", "education.num", "marital.status", "occupation", "relationship"),
    *("race", "sex", "capital.gain", "capital.loss", "hours.per.week", "native.country", "income"),
]


@pytest.mark.skipif("DLSUITE_DATA" not in os.environ, reason="DLSUITE_DATA is not set: it names the folder of the data")
def test_the_census_with_its_missing_values(tmp_path):
    inputs = {
        "age": ("Number", {"missing": "mean"}, ["age"]),
        "hours": ("Number", {"missing": "mean"}, ["hours.per.week"]),
        "gain": ("Number", {"transform": "log1p", "missing": 0}, ["capital.gain"]),
        "workclass": ("Category", {"missing": "unknown"}, ["workclass"]),
        "marital": ("Category", {}, ["marital.status"]),
        "country": ("Category", {"missing": "unknown", "min_count": 20}, ["native.country"]),
        "sex": "Category",
    }
    plan = make_plan(
        "CSV", inputs, {"income": "Category"}, path="tabular/adult_train.csv.gz", test="tabular/adult_test_a.csv.gz",
        columns=ADULT, trim_end=".", split=SplitPlan(stratify="income"),
    )  # fmt: skip
    data = prepare(plan, root=tmp_path, seed=0)
    assert data.counts == {"train": 29305, "validation": 3256, "test": 8141} and data.warnings == []
    assert data.facts["income"]["names"] == ["<=50K", ">50K"]
    assert data.facts["workclass"]["names"][-1] == "unknown" and "?" not in data.facts["workclass"]["names"]
    shares = [data.column(split, "income").mean() for split in ("train", "validation")]
    assert shares[0] == pytest.approx(shares[1], abs=1e-3)


@pytest.mark.skipif("DLSUITE_DATA" not in os.environ, reason="DLSUITE_DATA is not set: it names the folder of the data")
def test_fashion_mnist_from_files(tmp_path):
    data = prepare(make_plan("FashionMNIST", {"image": "Image"}, {"label": "Category"}), root=tmp_path, seed=0)
    assert data.counts == {"train": 54000, "validation": 6000, "test": 5000}
    assert data.facts["label"]["names"][9] == "Ankle boot"
    assert "first 5,000" in data.record["note"] and len(data.record["files"]) == 4
    assert np.bincount(data.column("validation", "label")).tolist() == [600] * 10


def test_pipeline_needs_no_pandas_for_pictures():
    import subprocess

    program = "import sys, dlsuite.features.image, dlsuite.datasets.digits; print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_target_that_the_data_lacks_is_named(tmp_path):
    write_csv(tmp_path / "a.csv", ["1,2"] * 5)
    plan = make_plan("CSV", {"x": "Number"}, {"lable": "Category"}, path="a.csv")
    with pytest.raises(SpecError, match="'lable' reads the field 'lable', which the data lacks"):
        prepare(plan, root=tmp_path, seed=0)


def test_a_test_file_without_the_target_is_named(tmp_path):
    write_csv(tmp_path / "a.csv", [f"1,{i % 2}" for i in range(20)])
    write_csv(tmp_path / "b.csv", ["1"], header="x")
    plan = make_plan("CSV", {"x": "Number"}, {"y": "Category"}, path="a.csv", test="b.csv")
    with pytest.raises(DataError, match="The test examples lack the field 'y', which the feature 'y' reads"):
        prepare(plan, root=tmp_path, seed=0)
