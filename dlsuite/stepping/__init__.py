"""Networks asked for one position after another, as generation asks them.

`Steps` takes a network of a spec and one of its inputs, the stream, and gives the logits of one new position at a time.
What a position costs does not grow with those before it, where every component of the stream

- acts on each position alone, which is found out by trying it; or
- says itself how it goes on: a layer of one's own by a method `step`, layers and operations of Keras and keras-hub by a
  rule of this folder (`rule`). A rule keeps what later positions read of earlier ones: keys and values.

A network with a component that does neither is asked for its whole window each time, and `Steps.reason` says why.
"""

from dlsuite.stepping.rules import Cache, Refusal, rule
from dlsuite.stepping.steps import Steps, open_steps

__all__ = ["Cache", "Refusal", "Steps", "open_steps", "rule"]
