"""What was answered on each photo of a run: a table, one row a photo.

Where the test part judged the run, every photo has the answer of the model that was kept, under its own part. Where
cross-validation did, every photo was judged by a head that had not seen it: then all rows are "test", meaning "judged
on", and what part each photo had in the model that was kept stands in `photos.csv` alone.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from core.data.names import readable_name
from core.data.runs import RunPhoto
from core.records.files import appearing_whole


def write_predictions(
    path: Path, parts: dict[str, list[RunPhoto]], probabilities: dict[str, np.ndarray], classes: list[str]
) -> None:
    """Write the table.

    Columns: path, sha256, split, truth (class), answer (class), then `p_<i>`, float32, the probability of class i.

    Args:
        path: The `predictions.parquet`.
        parts: Photos by part.
        probabilities: float32 (photos, classes) by part.
        classes: Names in index order.
    """
    tables = []
    for part, photos in parts.items():
        table = pd.DataFrame(
            {
                "path": [readable_name(photo.path) for photo in photos],
                "sha256": [photo.sha256 for photo in photos],
                "split": part,
                "truth": [photo.label for photo in photos],
                "answer": [classes[i] for i in probabilities[part].argmax(1)],
            }
        )
        columns = [f"p_{i}" for i in range(len(classes))]
        tables.append(pd.concat([table, pd.DataFrame(probabilities[part], columns=columns)], axis=1))
    with appearing_whole(path) as beside:
        pd.concat(tables, ignore_index=True).to_parquet(beside)


def read_predictions(path: Path, split: str) -> pd.DataFrame:
    """The rows of one part ("train", "validation" or "test"); after cross-validation all are "test"."""
    return pd.read_parquet(path, filters=[("split", "==", split)])


def most_wrong(predictions: pd.DataFrame) -> pd.DataFrame:
    """The rows whose answer is not the truth, the surest mistakes first.

    Returns:
        The same columns and `sure`, the probability given to the wrong answer, 0..1.
    """
    wrong = predictions[predictions["answer"] != predictions["truth"]]
    probabilities = wrong[[column for column in wrong.columns if column.startswith("p_")]]
    return wrong.assign(sure=probabilities.max(axis=1)).sort_values("sure", ascending=False)
