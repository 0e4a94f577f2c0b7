"""What a model has to beat: one file a baseline."""
