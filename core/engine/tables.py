"""Tables in Parquet files, which may be damaged or a stranger's: their columns are held against what they should be."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

# What is met where such a file is read, by where the damage is.
UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, pa.ArrowException)


def refuse_other_columns(path: Path, texts: Iterable[str], numbers: Iterable[str]) -> None:
    """Raise one of UNREADABLE where a column is missing or holds anything else; only the file's schema is read."""
    schema = pq.read_schema(path)
    wrong = [name for name in texts if not _is_text(schema.field(name).type)]
    wrong += [name for name in numbers if not _is_number(schema.field(name).type)]
    if wrong:
        raise ValueError(f"{path.name} holds something else as {', '.join(wrong)}.")


def _is_text(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_floating(kind) or pa.types.is_integer(kind)
