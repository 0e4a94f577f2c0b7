"""How a diffusion model walks from noise to a picture: one file a sampler.

A sampler is a class decorated with `@register("sampler")` whose `sample` is a generator: it yields the state after each
step, and the last is the picture. It sees the model through `clean(x, t)`, the model's estimate of the clean picture
from the state `x` at time `t`, which is led by its `guidance`, and draws further noise, if any, from `draw()`.
"""
