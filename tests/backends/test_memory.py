"""What GPUs want: memory that grows with need."""

import os
import subprocess
import sys


def test_memory_of_gpus_grows_with_need():
    program = "import os, dlsuite; print(os.environ['TF_FORCE_GPU_ALLOW_GROWTH'])"
    for given, expected in (({}, "true"), ({"TF_FORCE_GPU_ALLOW_GROWTH": "false"}, "false")):
        bare = {name: value for name, value in os.environ.items() if name != "TF_FORCE_GPU_ALLOW_GROWTH"}
        done = subprocess.run([sys.executable, "-c", program], env={**bare, **given}, capture_output=True, text=True)
        assert done.stdout.strip() == expected
