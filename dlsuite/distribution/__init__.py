"""tf.distribute: one spec on one device, on several of a machine, and on several machines, with the same result.

- `cluster`: which processes train together, from TF_CONFIG or SLURM;
- `launching`: such processes on one machine;
- `strategies`: the component of a spec made into a `tf.distribute.Strategy`;
- `sharing`: each global batch cut into the pieces of the replicas;
- `mends`: what Keras 3.15 gets wrong under a strategy;
- `agreement`: what the chief tells the others;
- `rates`: learning rates scaled by the number of replicas, where a spec asks for it.
"""
