"""Tables that came in a zip, written anew: a stranger's Parquet is read once, in a process of its own, and by no page.

A few hundred bytes of Parquet can say the same long text a million times. What would need more memory or time than any
table of the app's is left out.
"""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.base import disk
from core.base.checksums import PAGES_CHECKED, PAGES_SEALED
from core.base.files import DISK_ERRORS, appearing_whole
from core.label_issues.folder import ABOUT
from core.packing.strangers import is_among_photos
from core.photos.apart.children import Children, LostItemError

MOST_ROWS, MOST_COLUMNS = 1_000_000, 10_100  # photos; classes, and what else is said of a photo
MOST_BYTES = 10_000_000_000  # once it is read
TABLE_S, MEMORY = 600.0, 4_000_000_000  # seconds and bytes that a table may take
AT_A_TIME = 4096  # rows, as predictions are written
LEFT_OUT = "The table {} of {} is damaged, or none that this app writes, so it did not come along."


def rewrite_tables(project: Path, note: Callable[[str], None]) -> None:
    """Write all tables below a project's folder anew; what can't be read is removed, and a sentence says so."""
    found = [path for path in sorted(project.rglob("*.parquet")) if path.is_file()]
    with Children(1, TABLE_S, MEMORY) as children:
        for path in found:
            if is_among_photos(path, project):
                continue
            try:
                children.call(_rewrite, path)
            except OSError as error:  # pyarrow's own too, for a damaged file
                if error.errno in DISK_ERRORS:
                    raise
                _leave_out(path, note)
            except (ValueError, TypeError, KeyError, AttributeError, pa.ArrowException, LostItemError):
                _leave_out(path, note)


def _leave_out(path: Path, note: Callable[[str], None]) -> None:
    disk.remove(path)
    note(LEFT_OUT.format(path.name, path.parent.name))


def _rewrite(path: Path) -> None:
    with pq.ParquetFile(path, arrow_extensions_enabled=False, **PAGES_CHECKED) as file:
        claims = sum(file.metadata.row_group(i).total_byte_size for i in range(file.num_row_groups))
        if file.metadata.num_rows > MOST_ROWS or file.metadata.num_columns > MOST_COLUMNS or claims > MOST_BYTES:
            raise ValueError("It claims more than any project has.")
        about = {ABOUT: text} if (text := (file.schema_arrow.metadata or {}).get(ABOUT)) else None
        schema = pa.schema([pa.field(each.name, _plain(each.type)) for each in file.schema_arrow], about)
        with appearing_whole(path) as beside, pq.ParquetWriter(beside, schema, **PAGES_SEALED) as writer:
            for batch in file.iter_batches(AT_A_TIME):
                writer.write_batch(batch.cast(schema))


def _plain(kind: pa.DataType) -> pa.DataType:
    """The type of a column of texts, numbers or lists of these; ValueError for any other."""
    if isinstance(kind, pa.DictionaryType):
        return _plain(kind.value_type)
    types = pa.types
    is_plain = (types.is_string, types.is_large_string, types.is_boolean, types.is_integer, types.is_floating)
    held = kind.value_type if types.is_list(kind) else kind
    if not any(test(held) for test in (*is_plain, types.is_null)):  # null: of nothing but empty lists
        raise ValueError(f"A column of {kind}.")
    return kind
