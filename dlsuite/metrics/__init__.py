"""Metrics that Keras lacks: one file a metric."""
