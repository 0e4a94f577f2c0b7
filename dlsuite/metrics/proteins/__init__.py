"""How alike two structures of a protein are, and how sound one is: functions of coordinates in NumPy.

Coordinates are in angstroms, alpha carbons [n, 3] unless said otherwise, all of them there.
"""
