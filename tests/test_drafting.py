"""What a process beside this one tells of a draft; one that hangs or breaks off is ended, and another answers."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

import dlsuite
from dlsuite.apart import ApartError, Worker
from dlsuite.drafting import BOXES, COUNTED, answer
from dlsuite.objectives.media import Media
from dlsuite.previewing import preview

ROOT = Path(__file__).parents[1] / "specs"
ECHO = """
import json, sys, time
for line in sys.stdin:
    request = json.loads(line)
    if request.get("hang"):
        time.sleep(60)
    if request.get("break"):
        sys.exit(3)
    if request.get("grow"):
        bytearray(request["grow"] << 20)
    print(json.dumps(request), flush=True)
"""


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "echoing.py").write_text(ECHO)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made = Worker("echoing")
    yield made
    made.stop()


def test_a_worker_answers_again_and_again(worker: Worker) -> None:
    worker.start()
    assert [worker.ask({"n": n, "text": "é\n<b>"}, 20) for n in range(3)] == [
        {"n": n, "text": "é\n<b>"} for n in range(3)
    ]


@pytest.mark.parametrize(
    ("request_", "told"),
    [({"hang": True}, "more than 0.5 s"), ({"break": True}, "broke off"), ({"grow": 9000}, "memory")],
)
def test_what_hangs_breaks_or_grows_is_ended_and_the_next_is_answered(worker: Worker, request_, told: str) -> None:
    assert worker.ask({"n": 0}, 20) == {"n": 0}
    begin = time.monotonic()
    with pytest.raises(ApartError, match=told):
        worker.ask(request_, 0.5 if "hang" in request_ else 20)
    assert time.monotonic() - begin < 10
    assert worker.ask({"n": 1}, 20) == {"n": 1}


def ask(verb: str, name: str, **arguments):
    path = ROOT / f"{name}.json"
    return answer({"verb": verb, "text": path.read_text(), "at": str(path), "arguments": arguments})


def test_faults_of_building_have_their_lines() -> None:
    spec = {
        "model": {"inputs": {"x": {"Input": {"shape": [8]}}}, "layers": [{"Conv2D": {"filters": 1, "kernel_size": 3}}]}
    }
    found = answer({"verb": "build", "text": json.dumps(spec, indent=1), "at": "draft.json", "arguments": {}})
    assert found["faults"][0]["line"] > 1 and found["faults"][0]["file"] == "draft.json"
    assert ask("build", "vision/digits_cnn") == {"faults": [], "parameters": 66218}


def test_layers_are_those_of_show() -> None:
    summary = dlsuite.show(dlsuite.load(ROOT / "papers/resnet18.json"))
    found = ask("show", "papers/resnet18", known={})
    network, own = found["networks"]["model"], summary.networks["model"]
    assert found["counted"] and network["parameters"] == summary.parameters
    assert network["parameters"]["trainable"] == 11_689_512, "as torchvision has it"
    assert sum(one["trainable"] for one in network["layers"]) == 11_689_512
    assert network["flops"] == {"forward": own.forward.at(1), "step": own.step.at(1)}
    memory = ask("memory", "papers/resnet18", known={})["networks"]["model"]
    assert memory["float32"][str(summary.batch_size)] == network["memory"]["total"]
    assert {*memory} == {"float32", "mixed_float16", "mixed_bfloat16"}


def test_a_block_is_looked_into() -> None:
    whole = ask("draw", "papers/resnet18", known={}, inside=[], start=0)
    inner = ask("draw", "papers/resnet18", known={}, inside=whole["blocks"][:1], start=0)
    assert whole["blocks"] and inner["dot"] != whole["dot"] and inner["boxes"] > 1
    below = ask("draw", "papers/resnet18", known={}, inside=[*whole["blocks"][:1], "nothing"], start=7)
    assert below == inner and below["inside"] == whole["blocks"][:1] and below["start"] == 0
    several = ask("draw", "generation/digits_vae", known={}, inside=[], start=0)
    assert set(several["blocks"]) == {*dlsuite.load(ROOT / "generation/digits_vae.json").plan().networks}
    assert ask("draw", "generation/digits_vae", known={}, inside=several["blocks"][:1], start=0)["boxes"] > 1


def test_of_many_layers_a_part_is_drawn() -> None:
    layers = [{"Dense": {"units": 8 + index}} for index in range(BOXES + 9)]
    spec = {"model": {"inputs": {"x": {"Input": {"shape": [8]}}}, "layers": layers}}
    request = {"verb": "draw", "text": json.dumps(spec), "at": "draft.json"}
    first, last = (
        answer({**request, "arguments": {"known": {}, "inside": [], "start": start}}) for start in (0, BOXES)
    )
    assert first["boxes"] == BOXES + 10 and first["dot"].count("[label=") == BOXES
    assert last["dot"].count("[label=") == 10


def test_operations_of_many_different_layers_are_counted_when_that_is_asked_for() -> None:
    layers = [{"Dense": {"units": 8 + index, "name": f"dense_{index}"}} for index in range(COUNTED + 1)]
    spec = {"model": {"inputs": {"x": {"Input": {"shape": [8]}}}, "layers": layers}}
    request = {"verb": "show", "text": json.dumps(spec), "at": "draft.json"}
    outlined, counted = (answer({**request, "arguments": {"known": {}, **more}}) for more in ({}, {"counted": True}))
    assert not outlined["counted"] and counted["counted"] and outlined["different"] == COUNTED + 1
    rows, full = (one["networks"]["model"]["layers"] for one in (outlined, counted))
    assert {key: [row[key] for row in rows] for key in ("name", "shape", "parameters")} == {
        key: [row[key] for row in full] for key in ("name", "shape", "parameters")
    }
    assert "flops" not in outlined["networks"]["model"] and full[0]["flops"]["forward"] == 2 * 8 * 8 + 8


def test_what_only_the_data_tells_is_told_with_the_examples(tmp_path: Path) -> None:
    rows = "".join(f"{number},{'abc'[number % 3]}\n" for number in range(60))
    (tmp_path / "rows.csv").write_text(f"size,kind\n{rows}")
    spec = {
        "data": {
            "source": {"CSV": {"path": "rows.csv"}},
            "inputs": {"size": "Number"},
            "targets": {"kind": "Category"},
        },
        "model": {
            "layers": [{"Reshape": {"target_shape": [1]}}, {"Dense": {"units": "=kind.classes", "name": "kind"}}]
        },
        "train": {"objective": "Classification", "optimizer": "Adam", "epochs": 1},
    }

    def of(verb: str, **arguments):
        at = str(tmp_path / "draft.json")
        return answer({"verb": verb, "text": json.dumps(spec), "at": at, "arguments": arguments})

    assert "Only the data tells" in of("eject", known={})["error"]
    found = json.loads(json.dumps(of("examples", seed=0)))
    assert len(found["examples"]) == 6 and found["counts"]["train"] == 48
    assert "import keras" in of("eject", known=found["known"])["python"]
    assert of("show", known=found["known"])["networks"]["model"]["layers"][-1]["shape"] == [None, 3]


def test_examples_are_augmented_and_shown() -> None:
    data = dlsuite.data(dlsuite.load(ROOT / "vision/digits_cnn.json"))
    first, again, other = (preview(data, 3, seed) for seed in (0, 0, 1))
    assert len(first) == 3 and isinstance(first[0]["image"], Media) and first[0]["label"] in "0123456789"
    assert first == again != other


def test_sounds_texts_and_numbers_are_shown() -> None:
    kinds = {
        "speech/synthetic_digits": "audio",
        "protein/peptides": "sequence",
        "tabular/breast_cancer_mlp": "measurements",
    }
    sound, letters, numbers = (
        preview(dlsuite.data(dlsuite.load(ROOT / f"{name}.json")), 1)[0][field] for name, field in kinds.items()
    )
    assert sound.suffix == ".wav" and sound.data[:4] == b"RIFF"
    assert letters.isalpha() and letters.isupper()
    assert numbers.endswith("and 18 more") and numbers.count(",") == 11
