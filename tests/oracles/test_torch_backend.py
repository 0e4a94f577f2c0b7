"""Networks, losses and objectives on the Torch backend of Keras."""

from tests.backends.agreement import check_backend


def test_answers_and_a_step_of_training_are_those_of_tensorflow():
    check_backend("torch")
