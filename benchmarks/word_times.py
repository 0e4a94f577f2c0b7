"""How well do the word times of a CTC recogniser fit the words?

    .venv/bin/python benchmarks/word_times.py RUN

RUN is a trained run of specs/speech/fsdd_ctc.json. Its test strings are joined from recordings: the time of each
word is known; silence at the edges of a recording counts as the word. Of the strings that are heard rightly it counts
the words whose middle, as answered, lies within the recording of the word, and measures how far the answered
start lies behind the known one. Results go to `benchmarks/results/word_times.json`.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import numpy as np
from measuring import describe_machine, keep

import dlsuite


def main(path: str) -> None:
    """Asks the run for each test string, prints and keeps the figures."""
    run = dlsuite.open_run(path)
    examples = list(run.data().examples("test"))
    answers = [one["output"] for one in run.predict([example["audio"] for example in examples])]
    inside, late, strings = [], [], 0
    for example, answer in zip(examples, answers, strict=True):
        if answer["text"] != example["text"]:
            continue
        strings += 1
        for word, (start, end) in zip(answer["words"], example["times"], strict=True):
            inside.append(start <= (word["start"] + word["end"]) / 2 <= end)
            late.append(word["start"] - start)
    found = {
        "strings": len(examples),
        "heard_rightly": strings,
        "words": len(inside),
        "middle_inside": float(np.mean(inside)),
        "start_behind_seconds": dict(zip(("10%", "50%", "90%"), np.percentile(late, [10, 50, 90]), strict=True)),
    }
    print(found)
    print(keep("word_times", {"machine": describe_machine("keras"), **found}))


if __name__ == "__main__":
    main(sys.argv[1])
