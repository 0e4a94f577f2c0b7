"""A run answers raw input: files, arrays, rows; the same answer for the same picture in any form."""

import io

import numpy as np
import pytest
from PIL import Image

from dlsuite.inputs import Raw
from dlsuite.prediction import _seed
from dlsuite.spec.errors import DataError
from tests.tiny_runs import train
from tests.tiny_specs import opinions


@pytest.fixture(scope="module")
def scans(digits_run, tmp_path_factory):
    """Test scans as PNG files, with their truths."""
    folder = tmp_path_factory.mktemp("scans")
    examples = digits_run.data().examples("test")
    paths = []
    for number in range(20):
        paths.append(folder / f"{number}.png")
        Image.fromarray(examples[number]["image"][..., 0]).save(paths[-1])
    return paths, [str(examples[number]["label"]) for number in range(20)]


def test_many_files_in_order(digits_run, scans):
    paths, truths = scans
    answers = digits_run.predict(paths)
    assert [answer["input"] for answer in answers] == [str(path) for path in paths]
    right = sum(answer["output"]["class"] == truth for answer, truth in zip(answers, truths, strict=True))
    assert right >= 12


def test_one_file_is_a_list_of_one(digits_run, scans):
    (answer,) = digits_run.predict(str(scans[0][0]))
    assert 0 < answer["output"]["confidence"] <= 1
    assert sum(answer["output"]["scores"].values()) <= 1 + 1e-9


def test_a_picture_is_answered_alike_as_file_bytes_and_array(digits_run, scans):
    path = scans[0][0]
    with Image.open(path) as image:
        array = np.asarray(image)
        rgb = io.BytesIO()
        image.convert("RGB").save(rgb, "PNG")
    answers = digits_run.predict([path, path.read_bytes(), array, {"image": array}, rgb.getvalue()])
    confidences = [answer["output"]["confidence"] for answer in answers]
    assert confidences == pytest.approx([confidences[0]] * 5, abs=1e-5)


def test_batches_do_not_change_answers(digits_run, scans):
    from dlsuite.prediction import predict

    one = [answer["output"]["confidence"] for answer in predict(digits_run, scans[0], batch_size=1)]
    all_at_once = [answer["output"]["confidence"] for answer in predict(digits_run, scans[0], batch_size=64)]
    assert one == pytest.approx(all_at_once, abs=1e-5)


@pytest.mark.parametrize("content", [b"no picture", b"\x89PNG\r\n\x1a\n broken"])
def test_what_is_no_picture_is_named(digits_run, tmp_path, content):
    path = tmp_path / "x.png"
    path.write_bytes(content)
    with pytest.raises(DataError, match="x.png: `image` is"):
        digits_run.predict(path)


def test_the_good_ones_before_a_bad_file_do_not_hide_it(digits_run, scans, tmp_path):
    with pytest.raises(DataError, match="missing.png: No such file"):
        digits_run.predict([*scans[0], tmp_path / "missing.png"])


def test_inputs_that_do_not_go_together_are_named_and_the_others_answered(digits_run, scans, monkeypatch):
    from dlsuite import prediction

    respond = prediction.respond

    def fail_at_the_second(plan, models, features, tensors, seeds, **how):
        if 1 in seeds:
            raise DataError("They do not go together.")
        return respond(plan, models, features, tensors, seeds, **how)

    monkeypatch.setattr(prediction, "respond", fail_at_the_second)
    paths, faults = scans[0][:3], []
    asked = [{"image": path.read_bytes(), "seed": number} for number, path in enumerate(paths)]
    answers = prediction.predict(digits_run, asked, refuse=faults.append)
    assert [answer["input"] for answer in answers] == ["input 1", "input 3"]
    assert [str(fault) for fault in faults] == ["input 2: They do not go together."]


def test_what_of_a_text_is_not_read_is_warned_of(tmp_path):
    run = train(opinions(tmp_path), tmp_path, tmp_path / "runs")
    with pytest.warns(UserWarning, match="`sentence` has 30 tokens, of which the first 16 are read"):
        run.predict({"sentence": "fine " * 30})


def test_rows_of_a_table(cancer_run, tmp_path):
    import pandas

    examples = cancer_run.data().examples("test")
    rows = pandas.DataFrame([examples[number] for number in range(10)])
    rows.to_csv(tmp_path / "rows.csv", index=False)
    rows.to_json(tmp_path / "rows.jsonl", orient="records", lines=True)
    by_csv, by_jsonl = (cancer_run.predict(tmp_path / f"rows.{suffix}") for suffix in ("csv", "jsonl"))
    by_row = cancer_run.predict([examples[number] for number in range(10)])
    assert len(by_csv) == len(by_row) == 10
    for first, second, third in zip(by_csv, by_jsonl, by_row, strict=True):
        assert first["output"]["confidence"] == pytest.approx(third["output"]["confidence"], abs=1e-5)
        assert second["output"]["class"] == third["output"]["class"]


def test_a_number_that_is_none_is_named(cancer_run):
    example = dict(cancer_run.data().examples("test")[0])
    field = next(name for name in example if isinstance(example[name], (float, np.floating)))
    with pytest.raises(DataError, match="input 1: .*'much' is no number"):
        cancer_run.predict({**example, field: "much"})


def test_a_run_opened_again_answers_alike(digits_run, scans):
    import dlsuite

    again = dlsuite.open_run(digits_run.path)
    first, second = digits_run.predict(scans[0][0])[0], again.predict(scans[0][0])[0]
    assert first["output"]["confidence"] == pytest.approx(second["output"]["confidence"], abs=1e-6)


@pytest.mark.parametrize("seed", [-1, 0.5, "x", None, True, float("inf"), 2**53 + 2])
def test_a_seed_that_is_no_whole_number_is_refused(seed):
    with pytest.raises(DataError, match="whole number from 0 to 2"):
        _seed(Raw("asked", {"seed": seed}), 0)
