"""How raw values become tensors, and back: one file a feature.

A feature that opens files says so by the literal class attribute `opens = True`. A data set names files by `Path`s; a
string in a table is never opened, as whoever wrote the table may not say which files are read.
"""
