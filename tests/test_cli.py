"""The command line: exit codes, sentences instead of tracebacks, JSON for programs."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from dlsuite.cli import VERBS, main

GOOD = {
    "name": "tiny",
    "data": {"source": "Digits", "inputs": {"image": "Image"}, "targets": {"label": "Category"}},
    "model": {"layers": ["Flatten", {"Dense": {"units": "=label.classes", "name": "label"}}]},
    "train": {"objective": "Classification", "optimizer": "Adam", "epochs": 1},
}


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps(GOOD))
    return path


@pytest.fixture
def scan(digits_run, tmp_path):
    """A picture of a digit."""
    from PIL import Image

    path = tmp_path / "scan.png"
    Image.fromarray(digits_run.data().examples("test")[0]["image"][..., 0]).save(path)
    return path


def answer(capsys, *argv):
    code = main([str(word) for word in argv])
    streams = capsys.readouterr()
    assert "Traceback" not in streams.err + streams.out
    return code, streams.out, streams.err


def test_help_lists_every_verb(capsys):
    code, out, _ = answer(capsys, "--help")
    assert code == 0
    assert all(f"    {verb} " in out or f"    {verb}\n" in out for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself_with_an_example(capsys, verb):
    code, out, _ = answer(capsys, verb, "--help")
    assert code == 0
    assert f"  dlsuite {verb}" in out


def test_what_acts_on_a_terminal_is_shown_and_not_sent(capsys, tmp_path):
    path = tmp_path / "hostile.json"
    name = "De\x1b[31mn\x9b2J\u202ese\x07\nline"
    path.write_text(json.dumps({"model": {"inputs": {"x": {"Input": {"shape": [8]}}}, "layers": [{name: {}}]}}))
    code, out, _ = answer(capsys, "check", path)
    assert code == 2
    assert r"Unknown layer `De\x1b[31mn\x9b2J\u202ese\x07\nline`." in out
    for verb in ("train", "check"):
        _, out, err = answer(capsys, verb, f"{tmp_path}/no\x1b[31m.json", "--set", "na\x1bme=3")
        assert not {"\x1b", "\x9b", "\x07", "\u202e"} & {*out, *err}


def test_what_the_terminal_cannot_write_is_escaped(good):
    command = [sys.executable, "-m", "dlsuite", "check", str(good), "--set", "name=\u20ac\udcff"]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii:strict"})
    assert done.returncode == 2
    assert rb'`name` is the string "\u20ac\udcff".' in done.stdout and b"bug" not in done.stderr


def test_building_to_check_takes_no_room_for_weights(capsys, tmp_path):
    path = tmp_path / "huge.json"
    model = {"inputs": {"x": {"Input": {"shape": [1_000_000]}}}, "layers": [{"Dense": {"units": 10_000_000}}, "ReLU"]}
    path.write_text(json.dumps({"model": model}))
    code, out, _ = answer(capsys, "check", path, "--build")
    assert (code, out) == (0, f"{path}: ok, 2 layer calls; built, 10,000,010,000,000 parameters\n")


def test_version(capsys):
    import dlsuite

    assert answer(capsys, "--version") == (0, f"dlsuite {dlsuite.__version__}\n", "")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["trian"], "there is no command `trian`. Did you mean `train`?"),
        (["train"], "which spec? Give its file, or a run to go on with: --resume RUN"),
        (["--versoin"], "`dlsuite` does not take `--versoin`. Did you mean `--version`?"),
        (["new", "vision/digit_cnn"], "Did you mean `vision/digits_cnn`?"),
        (["train", "x.json", "--josn"], "`train` does not take `--josn`. Did you mean `--json`?"),
        (["check", "x.json", "--set", "width"], "`--set width` is not of the form path=value"),
        (["check", "x.json", "--set", "=3"], "is not of the form path=value"),
        (["check", "x.json", "--set", "a..b=3"], "is not of the form path=value"),
        (["evaluate", "RUN", "--split", "tset"], "invalid choice: 'tset'"),
        (["--json"], "does not take `--json`"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_would_work(capsys, argv, message):
    code, out, err = answer(capsys, *argv)
    assert (code, out) == (2, "")
    assert message in err


def test_a_good_spec(capsys, good):
    code, out, _ = answer(capsys, "check", good)
    assert (code, out) == (0, f"{good}: ok, 2 layer calls\n")


def test_faults_have_their_line_and_exit_2(capsys, good):
    good.write_text(json.dumps({**GOOD, "trian": {}}, indent=2))
    code, out, err = answer(capsys, "check", good)
    assert code == 2
    assert out.startswith(f"{good}:")
    assert "`trian`" in out and "train" in out
    assert err == "1 fault in 1 file.\n"


def test_faults_as_json(capsys, good):
    good.write_text(json.dumps({**GOOD, "trian": {}}))
    code, out, _ = answer(capsys, "check", good, "--json")
    (fault,) = json.loads(out)["faults"]
    assert code == 2
    assert set(fault) == {"file", "line", "column", "pointer", "message", "hint"}
    assert fault["file"] == str(good)


def test_no_faults_as_json(capsys, good):
    assert answer(capsys, "check", good, "--json") == (0, '{\n  "faults": []\n}\n', "")


def test_set_changes_the_spec(capsys, good):
    code, out, _ = answer(capsys, "check", good, "--set", "train.epochs=many")
    assert code == 2 and out.startswith("--set train.epochs:1:1: ") and "many" in out
    assert answer(capsys, "check", good, "--set", "train.epochs=3")[0] == 0


def test_shape_faults_are_found_by_building(capsys, good):
    bad = {**GOOD, "model": {"layers": [{"Conv2D": {"filters": 4, "kernel_size": 20}}, *GOOD["model"]["layers"]]}}
    good.write_text(json.dumps(bad))
    assert answer(capsys, "check", good)[0] == 0
    code, out, _ = answer(capsys, "check", good, "--build")
    assert code == 2
    assert "/model/layers/0" in out


def test_patterns_of_layers_that_match_nothing_are_found_by_building(capsys, good):
    good.write_text(json.dumps({**GOOD, "train": {**GOOD["train"], "layers": {"lable": {"trainable": False}}}}))
    assert answer(capsys, "check", good)[0] == 0
    code, out, _ = answer(capsys, "check", good, "--build")
    assert code == 2
    assert "`lable` of `layers` matches no layer and no weight." in out
    assert "at /train/layers/lable\n    Did you mean `label`?" in out


HEAD = {"layers": ["Flatten", {"Dense": {"units": 7, "name": "label"}}]}


def test_heads_and_metrics_that_do_not_suit_the_target_are_found_by_building(capsys, good):
    stages = [GOOD["train"], {"metrics": ["AUC"], "layers": {"lable": {"trainable": False}}}]
    good.write_text(json.dumps({**GOOD, "train": stages}))
    code, out, _ = answer(capsys, "check", good, "--build")
    assert code == 2 and "at /train/1/metrics/0\n" in out and "at /train/1/layers/lable\n" in out
    good.write_text(json.dumps({**GOOD, "model": HEAD}))
    assert answer(capsys, "check", good)[0] == 0
    code, out, _ = answer(capsys, "check", good, "--build")
    assert code == 2
    assert "at /train/objective\n    The target has 10 classes, so the output is (None, 10), of logits.\n" in out


def test_classes_that_only_the_data_knows_are_not_guessed_by_building(capsys, good, tmp_path):
    (tmp_path / "table.csv").write_text("x,label\n" + "1,a\n2,b\n" * 20)
    data = {"source": {"CSV": {"path": "table.csv"}}, "inputs": {"x": "Number"}, "targets": {"label": "Category"}}
    good.write_text(json.dumps({**GOOD, "data": data, "model": HEAD, "train": {**GOOD["train"], "metrics": ["AUC"]}}))
    assert answer(capsys, "check", good, "--build")[0] == 0
    code, _, err = answer(capsys, "train", good, "--runs", tmp_path / "runs")
    assert code == 2 and "The target has 2 classes" in err


@pytest.mark.parametrize(
    ("change", "code"),
    [({"model": HEAD}, 2), ({"data": {**GOOD["data"], "source": {"ImageFolder": {"path": "no"}}}}, 3)],
)
def test_a_training_that_is_refused_leaves_no_run(capsys, good, tmp_path, change, code):
    good.write_text(json.dumps({**GOOD, **change}))
    assert answer(capsys, "train", good, "--runs", tmp_path / "runs")[0] == code
    assert not list((tmp_path / "runs").iterdir())


def test_building_a_good_spec(capsys, good):
    code, out, _ = answer(capsys, "check", good, "--build")
    assert (code, out) == (0, f"{good}: ok, 2 layer calls; built, 650 parameters\n")


@pytest.mark.parametrize("verb", ["check", "train", "verify"])
@pytest.mark.parametrize("kind", ["missing", "folder", "binary", "empty", "locked"])
def test_files_that_are_no_specs(capsys, tmp_path, monkeypatch, verb, kind):
    path = tmp_path / "spec.json"
    if kind == "folder":
        path.mkdir()
    elif kind == "binary":
        path.write_bytes(bytes(range(256)))
    elif kind == "empty":
        path.touch()
    elif kind == "locked":
        path.write_text("{}")
        path.chmod(0)
        if os.access(path, os.R_OK):
            pytest.skip("this user may read every file")
    code, out, err = answer(capsys, verb, path)
    assert code == 2
    assert "spec.json" in out + err


@pytest.mark.parametrize("verb", ["evaluate", "predict"])
def test_runs_that_are_none(capsys, tmp_path, verb):
    code, out, err = answer(capsys, verb, tmp_path / "nowhere", *(["x.png"] if verb == "predict" else []))
    assert code in (2, 3)
    assert "nowhere" in err and out == ""


def test_an_empty_folder_has_no_runs(capsys, tmp_path):
    assert answer(capsys, "runs", "--runs", tmp_path)[0] == 0
    code, out, _ = answer(capsys, "runs", "--runs", tmp_path, "--json")
    assert (code, json.loads(out)) == (0, [])


def test_a_folder_of_runs_that_is_not_there_is_told(capsys, tmp_path):
    for more in ([], ["--json"]):
        code, out, err = answer(capsys, "runs", "--runs", tmp_path / "nope", *more)
        assert (code, out) == (2, "") and f"there is no folder `{tmp_path / 'nope'}`" in err


def test_new_copies_a_shipped_spec_and_never_writes_over_a_file(capsys, tmp_path):
    target = tmp_path / "mine.json"
    assert answer(capsys, "new", "digits_cnn", target)[0] == 0
    assert answer(capsys, "check", target)[0] == 0
    code, _, err = answer(capsys, "new", "digits_cnn", target)
    assert code == 2 and "is there already" in err
    code, _, err = answer(capsys, "new", "digit_cnn", tmp_path / "other.json")
    assert code == 2 and "Did you mean `digits_cnn`?" in err


def test_new_makes_the_folder_and_says_what_the_copy_is_for(capsys, tmp_path):
    for name, verb in (("digits_cnn", "train"), ("gpt2", "show"), ("blocks/waves", None)):
        target = tmp_path / "new" / name / "mine.json"
        code, out, _ = answer(capsys, "new", name, target)
        assert code == 0 and target.is_file()
        assert out.strip().rpartition("; ")[2] == f"dlsuite {verb} {target}" if verb else "; " not in out


def test_new_brings_the_libraries_that_a_spec_uses(capsys, tmp_path):
    code, out, _ = answer(capsys, "new", "gpt2", tmp_path)
    assert code == 0 and "transformer.json" in out
    assert answer(capsys, "check", tmp_path / "gpt2.json")[0] == 0


def test_a_component_without_its_kind_is_found(capsys):
    code, _, err = answer(capsys, "components", "Conv2D")
    assert code == 2 and "`dlsuite components layer Conv2D` describes that layer." in err


def test_the_table_of_runs_fits_the_terminal(capsys, digits_run, monkeypatch):
    from rich.console import Console

    folder = digits_run.path.parent.parent
    for width in (200, 110):
        monkeypatch.setattr("dlsuite.commands.runs.console", lambda width=width: Console(width=width))
        code, out, _ = answer(capsys, "runs", "--runs", folder)
        assert code == 0 and digits_run.id in out and "…" not in out and " 2,410 " in out
        assert ("No room for" in out) == (width == 110)


def test_a_run_that_nothing_measures_is_said_to_be(capsys, tmp_path):
    path = tmp_path / "all.json"
    data = {"source": "BreastCancer", "split": {"train": 1}, "inputs": {"x": {"Number": {"field": "mean_area"}}}}
    data["targets"] = {"diagnosis": "Category"}
    model = {"layers": [{"Dense": {"units": 1, "name": "diagnosis"}}]}
    train = {"objective": "Classification", "epochs": 1}
    path.write_text(json.dumps({"name": "all", "data": data, "model": model, "train": train}))
    code, out, _ = answer(capsys, "train", path, "--runs", tmp_path / "runs")
    assert code == 0 and "Nothing to measure with" in out


def test_a_disk_that_is_read_only_is_no_bug(capsys, good, monkeypatch):
    def refuse(self, *args, **options):
        raise OSError(30, "Read-only file system", "runs/x")

    monkeypatch.setattr("dlsuite.runs.Path.mkdir", refuse)
    code, _, err = answer(capsys, "train", good)
    assert code == 2
    assert err.startswith("`runs/tiny` cannot be written: Read-only file system. What would work: ")


def test_a_run_in_a_folder_that_is_read_only_names_what_cannot_be_written(
    capsys, digits_run, scan, tmp_path, modes_hold
):
    run = tmp_path / "runs" / "digits" / digits_run.id
    shutil.copytree(digits_run.path, run)
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    for path in [run, *run.rglob("*")]:
        path.chmod(path.stat().st_mode & ~0o222)
    changes = ["--set", "train.epochs=3"]
    for argv, what in ((["train", "--resume", run, *changes], run / "lock"), (["evaluate", run], run)):
        code, out, err = answer(capsys, *argv)
        assert (code, out) == (2, "")
        assert f"`{what}` cannot be written: Permission denied. What would work: permission to write there" in err
    assert answer(capsys, "predict", run, scan)[0] == 0
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before
    for path in [run, *run.rglob("*")]:
        path.chmod(path.stat().st_mode | 0o200)


def test_new_lists_the_shipped_specs(capsys):
    assert "schema" not in answer(capsys, "new")[1]
    code, out, _ = answer(capsys, "new")
    assert code == 0
    assert "vision/digits_cnn" in out and "tabular/breast_cancer_mlp" in out


def test_components_are_described(capsys):
    code, out, _ = answer(capsys, "components", "layer", "Conv2D")
    assert code == 0 and "kernel_size" in out
    code, _, err = answer(capsys, "components", "layer", "Conv2")
    assert code == 2 and "Conv2D" in err


def test_schema_is_written(capsys, tmp_path):
    code, _, _ = answer(capsys, "schema", "-o", tmp_path / "schema.json")
    assert code == 0
    assert "$defs" in json.loads((tmp_path / "schema.json").read_text())


def test_a_bug_of_ours_exits_1_with_a_log(capsys, good, monkeypatch):
    monkeypatch.setattr("dlsuite.commands.check._check", lambda *_, **__: 1 / 0)
    code, out, err = answer(capsys, "check", good)
    assert code == 1
    assert "a bug of its own (ZeroDivisionError" in err
    log = err.strip().rpartition(" ")[2]
    with open(log) as file:
        assert "Traceback" in file.read()
    assert stat.S_IMODE(os.stat(log).st_mode) == 0o600
    os.remove(log)


def test_an_interrupt_exits_130(capsys, good, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("dlsuite.commands.check._check", interrupt)
    assert answer(capsys, "check", good)[0] == 130


def test_a_closed_pipe_is_no_fault(good):
    command = f"{sys.executable} -m dlsuite components layer | head -1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True)
    assert "Traceback" not in done.stderr and "BrokenPipe" not in done.stderr


def test_check_imports_nothing_heavy(good):
    code = (
        "import sys; from dlsuite.cli import main; main(sys.argv[1:]); "
        "print(sorted({'keras', 'tensorflow', 'numpy', 'rich', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, "check", str(good)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"{good}: ok, 2 layer calls", "[]"]


def test_wrong_usage_is_told_before_tensorflow_is_imported(good, tmp_path):
    wrong = [
        ["show", good, "--device", "h1000"],
        *([verb, good, "--set", "train.epcohs=3"] for verb in ("show", "train", "verify")),
        ["train", "--resume", tmp_path / "nowhere"],
        ["train", good, "--resume", tmp_path / "nowhere"],
        ["evaluate", tmp_path / "nowhere"],
        ["predict", tmp_path / "nowhere", "x.png"],
    ]
    code = (
        "import json, sys; from dlsuite.cli import main; print([main(argv) for argv in json.loads(sys.argv[1])], "
        "sorted({'keras', 'tensorflow'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, json.dumps(wrong, default=str)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"{[2] * len(wrong)} []"


def test_predict_prints_an_answer_a_line(capsys, digits_run, scan):
    code, out, _ = answer(capsys, "predict", digits_run.path, scan)
    assert code == 0
    assert re.fullmatch(rf"{scan}: \d \(\d+\.\d%\)(, then .*)?\n", out)
    code, out, _ = answer(capsys, "predict", digits_run.path, scan, scan, "--json")
    assert code == 0
    assert [one["input"] for one in json.loads(out)] == [str(scan)] * 2


def test_predict_answers_what_it_can_read(capsys, digits_run, scan, tmp_path):
    (tmp_path / "bad.png").write_text("no picture")
    asked = [scan, tmp_path / "bad.png", tmp_path / "missing.png", scan]
    code, out, err = answer(capsys, "predict", digits_run.path, *asked)
    assert code == 3
    assert [line.partition(": ")[0] for line in out.splitlines()] == [str(scan)] * 2
    assert "missing.png: No such file" in err and "bad.png: `image` is none of PNG" in err
    code, out, _ = answer(capsys, "predict", digits_run.path, *asked, "--json")
    assert code == 3 and [one["input"] for one in json.loads(out)] == [str(scan)] * 2


def test_a_name_without_its_library_is_known(capsys):
    assert main(["components", "op", "eigh"]) == 2
    assert "Did you mean `ops.eigh`?" in capsys.readouterr().err
    assert main(["components", "layer", "PositionEmbedding"]) == 2
    assert "Did you mean `keras_hub.PositionEmbedding`?" in capsys.readouterr().err


def test_predict_says_what_it_cannot_read(capsys, digits_run, tmp_path):
    (tmp_path / "x.png").write_text("no picture")
    code, out, err = answer(capsys, "predict", digits_run.path, tmp_path / "x.png")
    assert (code, out) == (3, "")
    assert "x.png: `image` is none of PNG" in err


def test_evaluate_prints_metrics_beside_baselines(capsys, digits_run):
    code, out, _ = answer(capsys, "evaluate", digits_run.path)
    assert code == 0
    assert "accuracy" in out and "Majority" in out and str(digits_run.path / "report.html") in out
    code, out, _ = answer(capsys, "evaluate", digits_run.path, "--split", "validation", "--json")
    assert code == 0
    assert {"metrics", "baselines"} <= json.loads(out).keys()


def test_train_and_verify_give_json(capsys, good, tmp_path):
    code, out, _ = answer(capsys, "train", good, "--runs", tmp_path / "runs", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["run"].startswith(str(tmp_path / "runs" / "tiny")) and "accuracy" in found["metrics"]

    good.write_text(json.dumps({**GOOD, "expect": {"parameters": 650, "metrics": {"accuracy": 0.999}}}))
    results = tmp_path / "results"
    code, out, _ = answer(capsys, "verify", good, "--runs", tmp_path / "runs", "--json", "--results", results)
    claims = json.loads(out)["claims"]
    assert code == 4
    assert [(claim["name"], claim["holds"]) for claim in claims] == [("parameters", True), ("test.accuracy", False)]
    kept = json.loads((results / "tiny.json").read_text())
    assert kept["claims"] == claims and kept["machine"]["cores"] >= 1 and kept["seconds"] > 0

    code, out, _ = answer(capsys, "verify", "--resume", json.loads(out)["run"], "--json", "--results", results)
    assert code == 4 and json.loads(out)["claims"] == claims  # finished: nothing is trained, and the claims are judged
    assert json.loads((results / "tiny.json").read_text())["metrics"] == kept["metrics"]

    code, out, _ = answer(capsys, "runs", "--runs", tmp_path / "runs", "--sort", "accuracy", "--json")
    assert code == 0
    assert [row["spec"] for row in json.loads(out)] == ["tiny", "tiny"]
    paths = sorted((tmp_path / "runs" / "tiny").iterdir())
    code, out, _ = answer(capsys, "runs", "--compare", *paths, "--html", tmp_path / "sides.html")
    assert code == 0
    assert "expect" in out and "val_loss" in out
    assert "<svg" in (tmp_path / "sides.html").read_text()


def test_a_spec_that_claims_nothing_cannot_be_verified(capsys, good, tmp_path):
    code, _, err = answer(capsys, "verify", good, "--runs", tmp_path)
    assert code == 2 and "claims nothing" in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a file that is always full")
@pytest.mark.parametrize("arguments", [["check", "{good}"], ["components"], []])
def test_output_that_cannot_be_written_is_told(good, arguments):
    command = [sys.executable, "-m", "dlsuite", *(one.format(good=good) for one in arguments)]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    if arguments:  # argparse hides it of its help where nothing is held back
        assert done.returncode == 2
        assert done.stderr == "dlsuite: standard output cannot be written: No space left on device\n"
    assert "bug" not in done.stderr and "Traceback" not in done.stderr


def test_missing_data_exits_3(capsys, good, tmp_path):
    good.write_text(json.dumps({**GOOD, "data": {**GOOD["data"], "source": {"ImageFolder": {"path": "nowhere"}}}}))
    code, _, err = answer(capsys, "train", good, "--runs", tmp_path)
    assert code == 3 and "nowhere" in err


def test_resuming_a_run_that_is_none(capsys, good, tmp_path):
    code, _, err = answer(capsys, "train", good, "--runs", tmp_path, "--resume", tmp_path / "nowhere")
    assert code == 2 and "nowhere" in err


def test_tensorflow_starts_without_what_it_only_knows_by_name_and_leaves_that_to_be_imported():
    program = (
        "import gc, sys\n"
        "from dlsuite.commands import STRANGERS, quiet\n"
        "quiet()\n"
        "assert 'keras' in sys.modules and gc.isenabled()\n"
        "print([name for name in STRANGERS if name in sys.modules])\n"
        "import pandas, sklearn.linear_model\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
