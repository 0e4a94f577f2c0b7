"""Where examples come from: one file a dataset or kind of source."""
