"""Secondary structure of protein domains."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path
from typing import Any

from dlsuite.datasets.examples import Examples
from dlsuite.datasets.files import find_here
from dlsuite.registry import register


@register("dataset")
class CB513:
    """CB513: 511 protein domains with the secondary structure of each residue as DSSP sees it, 83,991 residues.

    Read from `proteins/CB513_HHblits.csv.gz` under DLSUITE_DATA, sequences alone without profiles. The file holds whole
    chains and says which residues belong to the domain; only these are taken. `chain` is the number of the whole chain,
    so that a split by it keeps domains of one chain together. The set has no splits of its own.
    Cuff and Barton 1999, doi:10.1002/(SICI)1097-0134(19990301)34:4<508::AID-PROT10>3.0.CO;2-4.
    """

    fields: dict[str, dict[str, Any]] = {"sequence": {}, "dssp3": {}, "dssp8": {}, "chain": {}}
    counts = {"all": 511}
    licence = "CC0-1.0 (the collection, https://github.com/omarperacha/ps4-dataset)"
    origin = "https://github.com/omarperacha/ps4-dataset, in the format of NetSurfP-2.0"
    files = {"proteins/CB513_HHblits.csv.gz": "6770ac2ef08bce0d73b890b118d5bd89da4a80fd687eacd4904eeacb8873f653"}

    def __init__(self) -> None:
        self.read: list[Path] = []

    def splits(self) -> dict[str, Examples]:
        """Returns all domains: fields `sequence`, `dssp3` (H E C), `dssp8` (H G I E B T S C) and `chain`.

        Raises:
            DataError: The file is not there.
        """
        self.read = find_here(self.files, dataset="CB513", origin=self.origin)
        with gzip.open(self.read[0], "rt", newline="") as file:
            rows = list(csv.DictReader(file, skipinitialspace=True))
        numbers: dict[str, int] = {}
        columns: dict[str, list[Any]] = {"sequence": [], "dssp3": [], "dssp8": [], "chain": []}
        for row in rows:
            inside = [float(value) > 0 for value in row["cb513_mask"].split()]
            for field, key in (("sequence", "input"), ("dssp3", "dssp3"), ("dssp8", "dssp8")):
                letters = zip(row[key].split(), inside, strict=True)
                columns[field].append("".join(letter for letter, kept in letters if kept))
            columns["chain"].append(numbers.setdefault(row["input"], len(numbers)))
        return {"all": Examples(columns, lambda i: f"{self.read[0].name}, row {i + 1}")}
