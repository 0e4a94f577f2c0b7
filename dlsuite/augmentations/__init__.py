"""Changes to training inputs beyond those of keras.layers: one file an augmentation."""
