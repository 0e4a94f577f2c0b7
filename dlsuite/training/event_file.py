"""Scalars for TensorBoard, written without it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf


class EventFile:
    """Writes event files, which are TFRecords of `Event` messages, so that the package `tensorboard` is not needed.

    Args:
        folder: Holds a folder for training and one for validation.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._writers: dict[str, tf.io.TFRecordWriter] = {}

    def write(self, step: int, figures: Mapping[str, float]) -> None:
        """Writes the figures of an epoch; those named `val_...` go to validation under the same name."""
        for side in ("train", "validation"):
            values = [
                tf.compat.v1.Summary.Value(tag=f"epoch_{name.removeprefix('val_')}", simple_value=value)
                for name, value in figures.items()
                if name.startswith("val_") == (side == "validation")
            ]
            if values:
                summary = tf.compat.v1.Summary(value=values)
                event = tf.compat.v1.Event(wall_time=time.time(), step=step, summary=summary)
                self._writer(side).write(event.SerializeToString())
                self._writers[side].flush()

    def close(self) -> None:
        """Closes the files."""
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    def _writer(self, side: str) -> tf.io.TFRecordWriter:
        if side not in self._writers:
            folder = self._folder / side
            folder.mkdir(parents=True, exist_ok=True)
            name = f"events.out.tfevents.{time.time():.0f}.{os.uname().nodename}.{os.getpid()}"
            self._writers[side] = tf.io.TFRecordWriter(str(folder / name))
            version = tf.compat.v1.Event(wall_time=time.time(), file_version="brain.Event:2")
            self._writers[side].write(version.SerializeToString())
        return self._writers[side]
