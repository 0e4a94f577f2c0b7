"""Why a run answered as it did: what in its input spoke for an answer.

    from dlsuite import explanation

    explanation.grad_cam(run, "seven.png").values  # where a convolution saw the answer, 0 to 1, a number a pixel
    explanation.integrated_gradients(run, "a fine film").values["sentence"]  # what each token adds to the score
    explanation.attention(run, "a fine film").layers  # who looks at whom: (heads, queries, keys)
    explanation.shap_values(run, "rows.csv").values  # what each number of a row adds to the score

What is explained is the score of a class as the network gives it: its logit; for two classes of one logit, that logit
or its negative; for numbers, the number on the scale of the data (that of the network where they were logarithms).
"""

from dlsuite.explanation.asking import ExplanationError as ExplanationError
from dlsuite.explanation.attention_weights import attention as attention
from dlsuite.explanation.class_maps import explainable_layers as explainable_layers
from dlsuite.explanation.class_maps import grad_cam as grad_cam
from dlsuite.explanation.class_maps import last_convolution as last_convolution
from dlsuite.explanation.path_integrals import integrated_gradients as integrated_gradients
from dlsuite.explanation.shapley import shap_values as shap_values
