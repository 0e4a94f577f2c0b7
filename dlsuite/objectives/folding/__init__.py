"""The geometry and the losses of folding, in `keras.ops`, float32 and in angstroms."""
