"""Sheets of pictures."""

import numpy as np

from dlsuite.objectives.generation import COLUMNS, FRAME, sheet


def test_a_sheet_shows_every_picture_in_its_place():
    pictures = [np.full((2, 3, 1), i, np.uint8) for i in range(COLUMNS + 2)]
    whole = sheet(pictures)
    assert whole.shape == (2 * 4, COLUMNS * 5, 1)
    for i in range(len(pictures)):
        row, column = divmod(i, COLUMNS)
        cell = whole[4 * row : 4 * row + 4, 5 * column : 5 * column + 5, 0]
        assert (cell[1:-1, 1:-1] == i).all()
        assert (cell[0] == FRAME).all()
    assert (whole[4:, 10:] == 0).all()
