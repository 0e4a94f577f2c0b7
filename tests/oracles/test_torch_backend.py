"""Networks, losses and objectives on the Torch backend of Keras."""

import pytest

from tests.backends.agreement import check_backend

pytest.importorskip("torch", reason="torch is a requirement of the oracles alone: `make oracles`")


def test_answers_and_a_step_of_training_are_those_of_tensorflow():
    check_backend("torch")
