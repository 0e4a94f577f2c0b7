"""The sections of a spec, as they look for the right place of a key that stands in the wrong one."""

from __future__ import annotations

from collections.abc import Mapping

from dlsuite.spec import composition, data_section, expect_section, train_section
from dlsuite.spec.belonging import Section

SECTIONS: Mapping[str, Section] = {
    "`model`": Section(("layers", "outputs")),
    "`data`": Section(
        data_section.KEYS,
        {"source": "dataset", "inputs": "feature", "targets": "feature", "augment": "augmentation"},
    ),
    "`train`": Section(
        train_section.KEYS,
        {
            "optimizer": "optimizer",
            "objective": "objective",
            "callbacks": "callback",
            "metrics": "metric",
            "strategy": "strategy",
        },
        {"optimizer": train_section.OPTIMIZER.name},
        {"shuffle": "Training examples are shuffled anew in each epoch, by `seed`."},
    ),
    "`split`": Section(data_section.SPLIT_KEYS),
    "`predict`": Section(train_section.PREDICT_KEYS, {"decoder": "decoder", "sampler": "sampler"}),
    "`expect`": Section(expect_section.KEYS),
    "A spec": Section(composition.TOP_KEYS),
}
"""By what messages call them; those that come first win."""
