"""What came of a tutorial's steps: a line of the table for each run, McNemar's test for each pair, how good the map is.

Every pair of runs is tested, so each p-value is multiplied by the number of pairs (Bonferroni) before one is called
better than another.
"""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from core.base.events import TRIES
from core.recipes.record import MapFacts, Pair, RunRow
from core.runs.comparing import compare, compared_in_words
from core.runs.run import Run


def row_of(step: str, run: Run) -> RunRow:
    """The line of a finished run; RunError when it isn't one."""
    report = run.finished_report()
    last = [epoch for epoch in report.epochs if epoch.phase == report.epochs[-1].phase] if report.epochs else []
    timed = [epoch.seconds for epoch in last if epoch.phase not in TRIES]  # a try is no epoch
    return RunRow(
        step=step,
        run=run.name,
        title=run.title,
        seconds_per_epoch=round(sum(timed) / len(timed), 3) if timed else None,
        epochs=len(timed),
        log_loss=report.test.log_loss,
        accuracy=report.test.accuracy,
        accuracy_interval=report.test.accuracy_interval,
        kappa=report.test.kappa,
        n=report.test.n,
    )


def pairs_of(runs: dict[str, Run]) -> list[Pair]:
    """McNemar's exact test between any two of these finished runs, which have the names of their steps."""
    pairs = list(combinations(runs.items(), 2))
    found = []
    for (first, mine), (second, other) in pairs:
        compared = compare(mine, other)
        compared = replace(compared, p=min(1.0, compared.p * len(pairs)))
        words = compared_in_words(first, second, compared)
        found.append(
            Pair(first, second, compared.n, compared.only_first, compared.only_second, round(compared.p, 6), words)
        )
    return found


def map_facts(base: str, places: pd.DataFrame) -> MapFacts:
    """Of a map with the columns x, y and label: how many photos have one of their own class as the nearest."""
    from sklearn.neighbors import NearestNeighbors  # takes seconds, and no other command needs it

    points, labels = places[["x", "y"]].to_numpy(np.float64), places["label"].to_numpy()
    # Without points of its own it leaves out each one itself.
    nearest = NearestNeighbors(n_neighbors=1).fit(points).kneighbors(return_distance=False)[:, 0]  # (n,)
    return MapFacts(base, len(places), round(float((labels == labels[nearest]).mean()), 4))
