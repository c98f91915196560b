"""The settings of one training run: a frozen record, written once beside the model it trains."""

from dataclasses import asdict, dataclass
from typing import Any

from core.records.catalogue import BUILT_IN, base_model
from core.records.errors import InputError

SCHEMA = 1
STRATEGIES = ("feature-extraction",)
HEADS = ("gap", "fc")

MIN_PHOTOS_PER_CLASS = 5  # below this a class can't be split into training, validation and test
FEW_PHOTOS_PER_CLASS = 50  # below this accuracy is uncertain; Custom Vision's published advice
MIN_PHOTOS_TO_TEST = 20  # in the smallest class; 15 % of fewer are three photos at most: they say nothing
FOLDS = 5  # of cross-validation, which judges sets smaller than that: each head still learns from 80 % of the photos
TEST_PART, CROSS_VALIDATION = "test", "cross-validation"  # the two ways to judge, as `estimate` in report.json
CROSS_VALIDATION_WORDS = (
    f"A class has fewer than {MIN_PHOTOS_TO_TEST} photos, so every photo was judged once by a model that had not seen "
    f"it ({FOLDS}-fold cross-validation)."
)


@dataclass(frozen=True)
class TrainConfig:
    """What trains a model, and what rebuilds it.

    Args:
        base: A name from the catalogue.
        strategy: "feature-extraction": the base stays frozen, only a new head learns.
        head: "gap": softmax on the pooled features; "fc": one fully connected layer before it.
        epochs: At most this many passes over the training photos, 1..1000.
        learning_rate: Adam's, 1e-7..1.
        batch_size: Photos per step, 1..4096.
        patience: Epochs without a lower validation loss before training stops early.
        units: Width of the fully connected layer (head "fc"), 1..8192.
        dropout: Share of features hidden at random in each step, 0..0.95.
        validation_share: Share of each class that steers early stopping, 0.01..0.5; with test_share at most 0.8.
        test_share: Share of each class kept for the one final test, 0.01..0.5.
        seed: Of the split, the weights and the shuffling.
        test_given: Whether a test folder came with the photos; then that is the test, however small.
    """

    base: str = BUILT_IN
    strategy: str = "feature-extraction"
    head: str = "gap"
    epochs: int = 60
    learning_rate: float = 0.003
    batch_size: int = 64
    patience: int = 8
    units: int = 256
    dropout: float = 0.5
    validation_share: float = 0.15
    test_share: float = 0.15
    seed: int = 0
    test_given: bool = False

    def check(self) -> "TrainConfig":
        """This record, when every value is in its range.

        Raises:
            InputError: Names the first setting that isn't, with what came.
        """
        base_model(self.base)
        _one_of("strategy", self.strategy, STRATEGIES)
        _one_of("head", self.head, HEADS)
        _between("epochs", self.epochs, 1, 1000)
        _between("learning_rate", self.learning_rate, 1e-7, 1.0)
        _between("batch_size", self.batch_size, 1, 4096)
        _between("patience", self.patience, 1, 1000)
        _between("units", self.units, 1, 8192)
        _between("dropout", self.dropout, 0.0, 0.95)
        _between("validation_share", self.validation_share, 0.01, 0.5)
        _between("test_share", self.test_share, 0.01, 0.5)
        _between("validation_share + test_share", self.validation_share + self.test_share, 0.02, 0.8)
        return self

    def to_json(self) -> dict[str, Any]:
        """This record as JSON values, with the schema's number."""
        return {"schema": SCHEMA, **asdict(self)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "TrainConfig":
        """The record that `to_json` wrote.

        Raises:
            InputError: It was written by a newer version of the app.
        """
        if value.get("schema") != SCHEMA:
            raise InputError(
                f"These settings were written by another version of the app. Received: {value.get('schema')!r}."
            )
        return cls(**{name: entry for name, entry in value.items() if name != "schema"})


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InputError(f"{name} must be one of {', '.join(allowed)}. Received: {name}={value!r}.")


def _between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InputError(f"{name} must be between {low:g} and {high:g}. Received: {name}={value}.")
