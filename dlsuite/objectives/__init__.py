"""What to learn: one file an objective, a class decorated with `@register("objective")`.

`dlsuite.objectives.objective.Objective` is the interface, and there are two ways to fill it:

- where a Keras loss of one output and its target says it all, `loss` returns it, and the model that `fit` trains is the
  spec's own `keras.Model`, without a wrapper and without cost;
- where a step of training is more than that (several networks, several optimizers, noise, alignment), `players` names
  the losses and `measure` computes them from a `Play`, one batch, in `keras.ops`.

The literal class attribute `learns` names the features of targets that an objective can learn (`[]`: it takes no
target); `takes = "logits"` says that its outputs are logits, so that one made by a softmax is a fault; `scored` names
what `scores` gives, so that claims of other figures are found before training. `follows` names the metrics beside the
loss, or `measures` what `measure` gives beside `loss`, the player's name and `_` before it where there are several, so
that callbacks that watch something else are found before training too. Arguments of `__init__` annotated
`Network`, `Output`, `Target` or `Input` name parts of the spec.
"""
