"""What was answered on each photo of a run: a table, one row a photo.

Where the test photos evaluated the run, every photo has the answer of the model that was kept, under its own subset.
Where cross-validation did, every photo was evaluated by a head that had not seen it: then all rows are "test", meaning
"evaluated on", and the subset that each photo had in the model that was kept stands in `photos.csv` alone.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.base.checksums import PAGES_CHECKED, PAGES_SEALED
from core.base.errors import RunError
from core.base.files import appearing_whole
from core.base.names import readable_name
from core.engine.tables import UNREADABLE, refuse_other_columns
from core.evaluation.calibration import with_temperature
from core.photos.labelled_photo import LabelledPhoto

TEXTS = ("sha256", "split", "truth", "answer")
DAMAGED = "What this run answered on the photos (predictions.parquet) is missing or damaged. Train it again."
AT_A_TIME = 4096  # rows in memory, and in a row group of the file: 3 MB with 200 classes


def write_predictions(
    path: Path, subsets: dict[str, list[LabelledPhoto]], probabilities: dict[str, np.ndarray], class_names: list[str]
) -> None:
    """Write the table; `probabilities` are float32 (photos, classes) by subset.

    Columns: path, sha256, split, truth (class), answer (class), then `p_<i>`, float32, the probability of class i.
    """
    tables = []
    for subset, photos in subsets.items():
        table = pd.DataFrame(
            {
                "path": [readable_name(photo.path) for photo in photos],
                "sha256": [photo.sha256 for photo in photos],
                "split": subset,
                "truth": [photo.label for photo in photos],
                "answer": [class_names[i] for i in probabilities[subset].argmax(1)],
            }
        )
        columns = _columns(class_names)
        tables.append(pd.concat([table, pd.DataFrame(probabilities[subset], columns=columns)], axis=1))
    with appearing_whole(path) as beside:
        pd.concat(tables, ignore_index=True).to_parquet(beside, row_group_size=AT_A_TIME, **PAGES_SEALED)


def read_predictions(path: Path, split: str) -> pd.DataFrame:
    """The rows of one subset ("train", "validation" or "test"); after cross-validation all are "test"."""
    return _read(path, None, ("split", "==", split))


def read_probabilities(path: Path, split: str, class_names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """What was answered in one subset: float32 (n, len(class_names)) and the true classes, int64 (n,)."""
    columns = _columns(class_names)
    table = _read(path, ["truth", *columns], ("split", "==", split))
    truth = pd.Categorical(table["truth"], categories=class_names).codes.astype(np.int64)
    return table[columns].to_numpy(np.float32), truth


def read_answers(path: Path, split: str, class_names: list[str], temperature: float) -> pd.DataFrame:
    """One row a photo of one subset, without the probabilities of all classes: small, also for many photos and classes.

    Returns:
        Columns sha256, truth and answer (categories in the order of `class_names`), right (bool), sure (the probability
        of the answer as the app gives it, with the temperature; float32, 0..1), raw (the same as the network gave it).

    Raises:
        RunError: The file is missing or damaged.
    """
    try:
        refuse_other_columns(path, TEXTS, _columns(class_names))
        tables = [
            _answers(batch, class_names, temperature)
            for batch in _batches(pq.ParquetFile(path, **PAGES_CHECKED), split)
        ]
    except UNREADABLE as error:
        raise RunError(DAMAGED) from error
    table = pd.concat(tables, ignore_index=True)
    return table.assign(**{name: pd.Categorical(table[name], categories=class_names) for name in ("truth", "answer")})


def _columns(class_names: list[str]) -> list[str]:
    """What holds the probability of each class."""
    return [f"p_{i}" for i in range(len(class_names))]


def _read(path: Path, columns: list[str] | None, condition: tuple[str, str, str]) -> pd.DataFrame:
    try:
        refuse_other_columns(path, TEXTS, [name for name in columns or () if name not in TEXTS])
        return pd.read_parquet(path, columns=columns, filters=[condition], **PAGES_CHECKED)
    except UNREADABLE as error:
        raise RunError(DAMAGED) from error


def _batches(file: pq.ParquetFile, split: str) -> Iterator[pa.RecordBatch]:
    """The rows of one subset, some at a time and at least one batch, perhaps empty; the rest of the file isn't read."""
    yield pa.RecordBatch.from_pylist([], schema=file.schema_arrow)
    for i in range(file.num_row_groups):
        if split in file.read_row_group(i, ["split"])["split"].unique().to_pylist():
            for batch in file.read_row_group(i).to_batches(AT_A_TIME):
                yield batch.filter(pc.equal(batch["split"], split))


def _answers(batch: pa.RecordBatch, class_names: list[str], temperature: float) -> pd.DataFrame:
    """These rows as `read_answers` gives them, but for the categories."""
    columns = [batch[name].to_numpy() for name in _columns(class_names)]
    probabilities = np.column_stack(columns)  # (rows, classes)
    scaled = with_temperature(probabilities, temperature) if temperature != 1 and len(batch) else probabilities
    table = batch.select(["sha256", "truth", "answer"]).to_pandas()
    return table.assign(
        right=(table["truth"] == table["answer"]).to_numpy(bool),
        sure=scaled.max(1, initial=0).astype(np.float32),
        raw=probabilities.max(1, initial=0),
    )


def probabilities_of(path: Path, sha256: str, class_names: list[str], temperature: float) -> dict[str, float]:
    """What was answered on the photo with this content, by class; empty when the run has not seen it."""
    columns = _columns(class_names)
    found = _read(path, columns, ("sha256", "==", sha256))
    if found.empty:
        return {}
    return dict(zip(class_names, with_temperature(found.to_numpy()[:1], temperature)[0].tolist(), strict=True))


def most_wrong_first(answers: pd.DataFrame, truth: str | None, answer: str | None) -> pd.DataFrame:
    """The photos of one cell, row or column of the confusion matrix, those it got most wrong first.

    Args:
        answers: Of `read_answers`.
        truth: Only photos of this class; None for all.
        answer: Only photos with this answer; None for all. With neither, the mistakes alone.

    Returns:
        The same columns: first the mistakes, the surest on top, then the right answers, the least sure on top.
    """
    rows = answers
    if truth is not None:
        rows = rows[rows["truth"] == truth]
    if answer is not None:
        rows = rows[rows["answer"] == answer]
    if truth is None and answer is None:
        rows = rows[~rows["right"]]
    return rows.iloc[np.argsort(np.where(rows["right"], rows["sure"], -rows["sure"]), kind="stable")]
