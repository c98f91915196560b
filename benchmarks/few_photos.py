"""Which head does best on few photos a class?

    python -m benchmarks.few_photos [--home FOLDER] [--only SET ...]

5, 10, 20 and 50 photos of each class, five draws of each, from the training parts of the photos of ../shared/data and
of drawn pictures; of classes with fewer, all. All heads learn from the same features of the built-in base, computed
once and kept in the folder, and answer the whole test part. As in a run, what has epochs or a strength to choose learns
from 85 % and is steered by the rest; "all" is what learns from every photo drawn. Prints mean test accuracy, and mean
log loss where the head has probabilities:

- simple: the default plan's head, a softmax in epochs (in numpy, as the search trains it).
- logistic: the head of that name; and the same from all.
- svm: the linear support vector machine.
- plain: scikit-learn's logistic regression as it comes (C=1), all.
- means: the nearest class mean, all.
- articles: dropout 0.2 and a softmax, RMSprop at 0.001, five epochs in batches of 32, as in `articles_recipe.py`, but
  on the photos as they are; all.
"""

import argparse
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestCentroid

from benchmarks.drawn_sets import DRAWN, write_drawn
from benchmarks.similarity import DATA, photos_of
from core.base.subsets import TRAIN
from core.engine.features import features_of
from core.engine.places import Places
from core.evaluation.metrics import log_loss
from core.jobs.job import Job
from core.models.catalogue import BUILT_IN, base_model
from core.models.config import FEATURE_EXTRACTION, RMSPROP, TrainConfig, usual_config, with_head
from core.models.heads import LINEAR_SVM, LOGISTIC
from core.projects.split import Shares, assign_subsets
from core.search.numpy_head import fit_quickly, probabilities
from core.training.fitting import answers_of, solver_of
from core.training.rows import LabelledFeatures

SETS = ("fruit", "cats_and_dogs", "cifar10_small", *DRAWN)
SIZES, DRAWS = (5, 10, 20, 50), range(5)
PER_CLASS = 60  # drawn pictures of each class, to learn from, and to test
DEFAULT = usual_config(FEATURE_EXTRACTION)
ARTICLES = TrainConfig(epochs=5, patience=5, batch_size=32, optimizer=RMSPROP, learning_rate=1e-3, dropout=0.2)

Scores = dict[str, tuple[float, float]]  # test accuracy and log loss; nan where there are no probabilities


def set_of(name: str, home: Path) -> tuple[LabelledFeatures, LabelledFeatures, int]:
    """What a set can be learned from, and its test part, each with its groups; and how many classes there are."""
    folder = home / name
    if not folder.exists():
        if name in DRAWN:
            write_drawn(folder / "train", name, PER_CLASS, seed=0)
            write_drawn(folder / "test", name, PER_CLASS, seed=1)
        else:
            with zipfile.ZipFile(DATA / f"{name}.zip") as archive:
                archive.extractall(folder)
    job = Job(home / "job")
    job.folder.mkdir(exist_ok=True)
    places = Places(cache=home / "cache", engine=home / "engine")
    known = features_of(base_model(BUILT_IN), photos_of(folder), places, job)
    rows = LabelledFeatures(known.rows, known.class_ids, np.array(known.groups))
    is_test = np.array(["test" in Path(photo.path).parts for photo in known.photos])
    return rows.take(np.flatnonzero(~is_test)), rows.take(np.flatnonzero(is_test)), len(known.class_names)


def drawn(rows: LabelledFeatures, per_class: int, seed: int) -> LabelledFeatures:
    """So many of each class at random, or all where there are fewer."""
    order = np.random.default_rng(seed).permutation(len(rows.class_ids))
    of_class = [order[rows.class_ids[order] == k][:per_class] for k in np.unique(rows.class_ids)]
    return rows.take(np.sort(np.concatenate(of_class)))


def halves(rows: LabelledFeatures, seed: int) -> tuple[LabelledFeatures, LabelledFeatures]:
    """What teaches and what steers, as a run with a test part of its own divides them."""
    groups = rows.groups.tolist()
    shares = Shares(DEFAULT.validation_share, 0.0)
    parts = assign_subsets([str(k) for k in rows.class_ids], groups, groups, [""] * len(groups), seed, shares)
    teaches = np.array(parts) == TRAIN
    return rows.take(np.flatnonzero(teaches)), rows.take(np.flatnonzero(~teaches))


def compared(rows: LabelledFeatures, test: LabelledFeatures, n_classes: int, seed: int) -> Scores:
    """How each head that learned from these rows does on the test part."""
    train, validation = halves(rows, seed)

    def scored(answers: np.ndarray) -> tuple[float, float]:
        return float((answers.argmax(1) == test.class_ids).mean()), log_loss(test.class_ids, answers)

    def in_epochs(config: TrainConfig, *parts: LabelledFeatures) -> tuple[float, float]:
        weights = fit_quickly(config, *parts, n_classes, lambda epoch, loss: False)
        return scored(probabilities(weights, test.features))

    def solved(head: str, *parts: LabelledFeatures) -> tuple[float, float]:
        config = with_head(DEFAULT, head)
        return scored(answers_of(solver_of(config)(config, *parts, n_classes), test))

    plain = LogisticRegression(max_iter=500).fit(rows.features, rows.class_ids)
    means = NearestCentroid().fit(rows.features, rows.class_ids)
    found = {
        "simple": in_epochs(DEFAULT, train, validation),
        "logistic": solved(LOGISTIC, train, validation),
        "logistic, all": solved(LOGISTIC, rows, rows),
        "svm": solved(LINEAR_SVM, train, validation),
        "plain": scored(plain.predict_proba(test.features)),
        "means": (float((means.predict(test.features) == test.class_ids).mean()), float("nan")),
        "articles": in_epochs(ARTICLES, rows, rows),
    }
    keras.backend.clear_session()
    return found


def measured(name: str, home: Path) -> Iterator[str]:
    """A line of the table for each number of photos a class."""
    rows, test, n_classes = set_of(name, home)
    for size in SIZES:
        found = [compared(drawn(rows, size, draw), test, n_classes, draw) for draw in DRAWS]
        cells = []
        for head in found[0]:
            accuracy, loss = np.mean([each[head] for each in found], axis=0)
            cells.append(f"{100 * accuracy:.1f}" + ("" if np.isnan(loss) else f" / {loss:.3f}"))
        gains = np.array([np.subtract(each["logistic"], each["simple"]) for each in found])
        more = ", ".join(f"{gain:+.3f} ± {off:.3f}" for gain, off in zip(gains.mean(0), gains.std(0), strict=True))
        yield f"| {name} | {size} | {' | '.join(cells)} | {more} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Which head does best on few photos a class?")
    parser.add_argument("--home", type=Path, help="where photos and features stay between two calls")
    parser.add_argument("--only", nargs="*", default=list(SETS))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = arguments.home or Path(scratch)
        for name in arguments.only:
            for line in measured(name, home):
                print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
