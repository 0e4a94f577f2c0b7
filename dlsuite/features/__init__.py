"""How raw values become tensors, and back: one file a feature."""
