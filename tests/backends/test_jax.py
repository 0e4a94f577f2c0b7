"""Networks, losses and objectives on JAX: TensorFlow is needed for data and distribution alone."""

from tests.backends.agreement import check_backend


def test_answers_and_a_step_of_training_are_those_of_tensorflow():
    check_backend("jax")
