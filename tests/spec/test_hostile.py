"""Specs from a stranger: each ends soon, small, and with clear faults."""

import json
import subprocess
import sys

import pytest

INPUTS = {"x": {"Input": {"shape": [8]}}}
SECONDS = 6.5
MEGABYTES = 500
CHECK = """
import sys, time
from dlsuite.spec import check
text = "\\n".join(map(str, check(sys.argv[1])))
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))  # ru_maxrss is the parent's too
print(time.process_time(), int(peak.split()[1]) // 1024, len(text), text[:2000])
"""


def net(*layers, **more):
    return {**more, "model": {"inputs": INPUTS, "layers": list(layers)}}


def laughs(letter="p"):
    """Params of which each holds the one before fifty times."""
    return {f"{letter}{i}": [f"={letter}{i - 1}" if i else 1] * 50 for i in range(10)}


def doubling(depth, value):
    blocks = {
        f"b{i}": {
            "params": {"v": 0},
            "layers": [{f"b{i + 1}": {"v": text}} for text in value] if i < depth else ["ReLU"],
        }
        for i in range(depth + 1)
    }
    return net("b0", blocks=blocks)


HOSTILE = {
    "blocks that double": (doubling(60, ["=v", "=v"]), "more than 100,000 calls"),
    "blocks that double with new arguments": (
        doubling(40, ["=2 * v", "=2 * v + 1"]),
        "more than",  # 100,000 calls, or on a slow machine 5 seconds
    ),
    "a billion repeats": (net({"Repeat": {"times": 10**9, "layers": ["ReLU"]}}), "more than 100,000 calls"),
    "repeats of nothing": (
        net({"Repeat": {"times": 99_999, "layers": [{"Repeat": {"times": 99_999, "layers": []}}]}}),
        "more than 5 seconds",
    ),
    "lists of lists": (net({"Dense": {"units": "=p9"}}, params=laughs()), "more than 1,000,000 parts"),
    "equal lists of lists": (
        net({"Dense": {"units": "=1 if p9 == q9 else 2"}}, params={**laughs("p"), **laughs("q")}),
        "more than 1,000,000 parts",
    ),
    "ten thousand faults": (net(*[f"Lay{i}er" for i in range(10_000)]), "Unknown layer `Lay0er`."),
    "long names in every fault": (net(*["=s"] * 5000, params={"s": "Q" * 900_000}), "Unknown layer `QQ"),
    "names made of names": (
        net({"Dense": {"units": 1, "name": "{s}" * 2000}}, params={"s": "a" * 200_000}),
        "A name of more than 1000 characters.",
    ),
    "unknown wires among many": (
        net(
            *[{"Dense": {"units": 1, "name": f"n{i}"}} for i in range(8000)],
            *[{"ReLU": {"inputs": f"m{i}"}} for i in range(8000)],
        ),
        "There is no wire `m0` here.",
    ),
    "many outputs": (
        {"model": {"inputs": INPUTS, "outputs": [f"o{i}" for i in range(80_000)], "layers": ["ReLU"]}},
        "There is no wire `o0` here.",
    ),
    "many stages": ({**net("ReLU"), "train": [{}] * 200_000}, "does not say how long"),
    "long keys over many values": ('{"' + "k" * 500_000 + '": [' + "1," * 200_000 + "1]}", "A key of more than 200"),
    "duplicates on many lines": ("{" + ",\n".join('"a": 1' for _ in range(100_000)) + "}", "stands twice"),
    "deep nesting": ("[" * 500_000, "More than 64 levels"),
    "an open string of escapes": ('{"a": "' + r"\\" * 400_000, "A string that does not end."),
    "powers": (net(*[{"Dense": {"units": "=9 ** 9 ** 9 ** 9"}}] * 2000), "is too large"),
    "rounding far": (net({"Dense": {"units": "=round(12345, -999999999)"}}), "between -20 and 20"),
    "long sums of lists": (
        net(*[{"Dense": {"units": "=" + "+".join(["sum(a)"] * 120)}}] * 500, params={"a": [1] * 9000}),
        "more than 5 seconds",
    ),
    "deep expressions": (net({"Dense": {"units": "=" + "-" * 990 + "1"}}), "The expression is nested too deeply."),
    "many long expressions": (
        net(*[{"Dense": {"units": f"={i}+" + "+".join(["1"] * 400)}} for i in range(1000)]),
        "The expression is nested too deeply.",
    ),
    "networks in a ring": (
        {
            "models": {
                f"n{i}": {"inputs": INPUTS, "layers": [{f"n{(i + 1) % 400}": {"inputs": "x"}}]} for i in range(400)
            }
        },
        "The spec is nested too deeply.",
    ),
    "names of other languages": (net("ReLU", __proto__={"a": 1}), "A spec has no `__proto__`."),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_ends_soon_and_small_with_a_clear_fault(name, tmp_path):
    spec, fault = HOSTILE[name]
    path = tmp_path / "spec.json"
    path.write_text(spec if isinstance(spec, str) else json.dumps(spec))
    run = subprocess.run([sys.executable, "-c", CHECK, path], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr[-2000:]
    seconds, megabytes, size, text = run.stdout.split(" ", 3)
    assert fault in text
    assert float(seconds) < SECONDS and int(megabytes) < MEGABYTES and int(size) < 1_000_000
