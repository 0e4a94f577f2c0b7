"""Tables in the Parquet format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from dlsuite.datasets.tables import LIMIT, Table, TableSource
from dlsuite.registry import DataPath, Range, register
from dlsuite.spec.errors import DataError


@register("dataset")
class Parquet(TableSource):
    """A Parquet file, a field a column; or one each for training, validation and test.

    Args:
        path: All examples, or those for training where there are other files.
        validation: Examples for validation.
        test: Examples for the test.
        tolerate: Share of corrupt rows that are skipped, with a warning, before it is an error.
    """

    licence = "that of the file"
    origin = "a file"

    def __init__(
        self,
        *,
        path: DataPath,
        validation: DataPath | None = None,
        test: DataPath | None = None,
        tolerate: Annotated[float, Range(least=0, most=1)] = 0.01,
    ):
        super().__init__(path, validation, test, tolerate)

    def table(self, path: Path) -> Table:
        import pyarrow
        import pyarrow.parquet

        try:
            with pyarrow.parquet.ParquetFile(path) as file:
                metadata = file.metadata
                size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
                if size > LIMIT:
                    raise DataError(
                        f"{path} holds more than {LIMIT >> 30} GB, which is too much for a table in memory."
                    )
                table = file.read()
        except (OSError, pyarrow.ArrowException) as error:
            raise DataError(f"{path} cannot be read as Parquet: {str(error).splitlines()[0].rstrip('.')}.") from None
        if len(set(table.column_names)) != len(table.column_names):
            raise DataError(f"{path}: two of its columns have one name; they are {', '.join(table.column_names)}.")
        return Table({name: _values(table.column(name)) for name in table.column_names})


def _values(column: Any) -> Any:
    import pyarrow

    numeric = pyarrow.types.is_integer(column.type) or pyarrow.types.is_floating(column.type)
    if numeric and column.null_count == 0:
        return column.to_numpy()
    return column.to_pylist()
