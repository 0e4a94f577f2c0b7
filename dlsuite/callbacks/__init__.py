"""Callbacks that Keras lacks: one file a callback."""
