"""The settings of one training run: a frozen record, written once beside the model it trains."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from core.base.errors import InputError
from core.models.catalogue import BUILT_IN, BaseModel, base_model
from core.models.heads import GAP, head_named
from core.photos.augmentation import AUTO_VIEWS, NO_VIEWS, canonical
from core.photos.sides import usual_views

SCHEMA = 1
FEATURE_EXTRACTION, FINE_TUNE, FROM_SCRATCH = "feature-extraction", "fine-tune", "from-scratch"
STRATEGIES = (FEATURE_EXTRACTION, FINE_TUNE, FROM_SCRATCH)
BENCHMARK_CNN = "benchmark-cnn"  # in place of a base: five convolutions that know nothing, what transfer has to beat
FROM_BASE, RANDOM = "base", "random"
INITIALS = (FROM_BASE, RANDOM)
AUGMENTS = (NO_VIEWS, AUTO_VIEWS)
ADAM, RMSPROP, SGD = "adam", "rmsprop", "sgd"
OPTIMIZERS = (ADAM, RMSPROP, SGD)
USUAL_MOMENTUM = 0.9  # of SGD, as in the articles
SGD_RATE = 10  # times Adam's rate: SGD's steps are as large as the slope, Adam's as the rate (docs/log.md)
VAL_LOSS, VAL_ACCURACY = "val_loss", "val_accuracy"
MONITORS = (VAL_LOSS, VAL_ACCURACY)  # in Keras' words
NO_FINAL, WITH_VALIDATION, WITH_ALL = "none", "validation", "all"
FINALS = (NO_FINAL, WITH_VALIDATION, WITH_ALL)
SMALLEST_FOR_BENCHMARK = 32  # pixels: five halvings leave one
USUAL_SIZE = 0  # an image size that says: the base's own
LARGEST_IMAGE_SIZE = 600  # pixels; beyond, a batch of photos takes gigabytes
MOST_MOMENTUM, MOST_STEPS = 0.999, 100_000
LEAST_RATE, MOST_RATE, MOST_FINE_TUNE_RATE = 1e-7, 1.0, 0.1
THAWED_SHARE = 0.4  # of a base's blocks, the last ones, that fine-tuning thaws unless told otherwise

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
        base: A name from the catalogue, for a frozen base also two or three joined by "+"; from scratch also
            "benchmark-cnn".
        strategy: "feature-extraction": the base stays frozen, only a new head learns; "fine-tune": then the base's last
            blocks learn too; "from-scratch": the whole network learns at once.
        head: What learns on top, a name from the catalogue of heads.
        epochs: Of the head, from scratch of the whole network: at most this many passes over the training photos,
            1..1000.
        learning_rate: The optimizer's for those epochs, 1e-7..1.
        batch_size: Photos per step, 1..4096.
        patience: Epochs without a better `monitor` before training stops early.
        units: Width of the hidden layer, for heads that have one, 1..8192.
        dropout: Share of features hidden at random in each step, 0..0.95.
        validation_share: Share of each class that steers early stopping, 0.01..0.5; with test_share at most 0.8.
        test_share: Share of each class kept for the one final test, 0.01..0.5.
        seed: Of the split, the weights and the shuffling.
        test_given: Whether a test folder came with the photos; then that is the test, however small.
        thaw_from: Only with "fine-tune", and then needed: the name of the base's block from which on layers learn.
        fine_tune_rate: The optimizer's highest for the thawed layers, 1e-7..0.1.
        fine_tune_epochs: At most this many more passes with them, 1..1000.
        initial: What "from-scratch" begins with: "base": the base's weights; "random": none.
        class_weights: Whether photos of rare classes count more, so that all classes count alike.
        weight_decay: How fast the head's weights shrink towards nothing while it learns, 0..1 (decoupled, as AdamW's).
        start_from: The name of the run whose weights this one goes on from; "" when it begins anew.
        augment: "auto": each training photo and its mirror image; "none": each photo as it is; or an `Augmentation`
            as text, such as "mirror=1,rotation=15,views=4": each photo as it is and in varied views.
        optimizer: "adam", "rmsprop" or "sgd", with Keras' usual values but for the rate: of head and network alike.
        momentum: Of "sgd" alone, 0..0.999.
        image_size: Height and width in pixels at which the base sees photos, from the least that its row of the
            catalogue allows to 600; 0: the row's own.
        steps_per_epoch: Batches in an epoch, 1..100000, each drawn on from where the last epoch ended; 0: as many as
            show every photo once. Heads that are solved at once know no steps.
        monitor: What the best epoch is chosen and early stopping decided by: "val_loss" or "val_accuracy".
        ask_mirror: Whether the model answers by the mean over a photo and its left-right mirror image. Its epochs are
            told by photos as they are.
        final: What teaches the model that is taken away, once the test is over: "validation": training and validation
            photos; "all": the test photos too; "none": nothing more, it is the tested model. Where cross-validation
            judges, no photo is held back from it, so that "validation" is "all".
    """

    base: str = BUILT_IN
    strategy: str = FEATURE_EXTRACTION
    head: str = GAP
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
    thaw_from: str = ""
    fine_tune_rate: float = 3e-4
    fine_tune_epochs: int = 4
    initial: str = FROM_BASE
    class_weights: bool = False
    weight_decay: float = 0.0
    start_from: str = ""
    augment: str = NO_VIEWS
    optimizer: str = ADAM
    momentum: float = 0.0
    image_size: int = USUAL_SIZE
    steps_per_epoch: int = 0
    monitor: str = VAL_LOSS
    ask_mirror: bool = False
    final: str = NO_FINAL

    def check(self) -> "TrainConfig":
        """This record, when every value is in its range.

        Raises:
            InputError: Names the first setting that isn't, with what came.
        """
        _one_of("strategy", self.strategy, STRATEGIES)
        self._check_network()
        canonical(self.augment)  # refuses what it can't read
        _between("epochs", self.epochs, 1, 1000)
        _between("learning_rate", self.learning_rate, LEAST_RATE, MOST_RATE)
        _between("batch_size", self.batch_size, 1, 4096)
        _between("patience", self.patience, 1, 1000)
        _between("units", self.units, 1, 8192)
        _between("dropout", self.dropout, 0.0, 0.95)
        _between("validation_share", self.validation_share, 0.01, 0.5)
        _between("test_share", self.test_share, 0.01, 0.5)
        _between("validation_share + test_share", self.validation_share + self.test_share, 0.02, 0.8)
        _between("fine_tune_rate", self.fine_tune_rate, LEAST_RATE, MOST_FINE_TUNE_RATE)
        _between("fine_tune_epochs", self.fine_tune_epochs, 1, 1000)
        _between("weight_decay", self.weight_decay, 0.0, 1.0)
        _between("seed", self.seed, 0, 2**31 - 1)
        _one_of("final", self.final, FINALS)
        self._check_optimizer()
        return self

    @property
    def learns_in_steps(self) -> bool:
        """Whether anything learns step by step, by an optimizer; not a head alone that is solved at once."""
        return self.strategy != FEATURE_EXTRACTION or not head_named(self.head).solved_at_once

    def base_row(self) -> BaseModel:
        """The catalogue's row of the base, at the size at which this run's photos are seen; not of "benchmark-cnn"."""
        row = base_model(self.base)
        return replace(row, image_size=self.image_size) if self.image_size else row

    def _check_optimizer(self) -> None:
        _one_of("optimizer", self.optimizer, OPTIMIZERS)
        _one_of("monitor", self.monitor, MONITORS)
        _between("momentum", self.momentum, 0.0, MOST_MOMENTUM)
        _between("steps_per_epoch", self.steps_per_epoch, 0, MOST_STEPS)
        if self.momentum and self.optimizer != SGD:
            raise InputError(
                f"Momentum is {SGD}'s: {ADAM} and {RMSPROP} have their own. "
                f"Received: optimizer={self.optimizer!r}, momentum={self.momentum:g}."
            )
        if self.steps_per_epoch and not self.learns_in_steps:
            raise InputError(
                f"A {self.head} is solved at once and knows no steps. "
                f"Received: head={self.head!r}, steps_per_epoch={self.steps_per_epoch}."
            )

    def _check_network(self) -> None:
        """Refuse a network that the strategy can't train, and settings that it would not look at."""
        smallest, title = SMALLEST_FOR_BENCHMARK, BENCHMARK_CNN
        if self.base != BENCHMARK_CNN:
            row = base_model(self.base)
            smallest, title = row.smallest_image_size, row.title
            _one_of("base", self.base, (row.name,))  # of several side by side in the catalogue's order
            if self.strategy != FEATURE_EXTRACTION:
                row.refuse_several(f"the strategy {self.strategy}")
            if head_named(self.head).on_whole_map:
                row.refuse_several(f"the head {self.head}")
        elif (self.strategy, self.initial) != (FROM_SCRATCH, RANDOM):
            raise InputError(
                f"{BENCHMARK_CNN} has learned nothing yet: it can only be trained from scratch, from random weights. "
                f"Received: strategy={self.strategy!r}, initial={self.initial!r}."
            )
        if self.image_size != USUAL_SIZE and not smallest <= self.image_size <= LARGEST_IMAGE_SIZE:
            raise InputError(
                f"{title} takes photos of {smallest} to {LARGEST_IMAGE_SIZE} pixels a side. "
                f"Received: image_size={self.image_size}."
            )
        if not head_named(self.head).from_scratch and self.strategy == FROM_SCRATCH:
            raise InputError(
                f"A {self.head} learns on features that stand still, and from scratch they change all the time. "
                f"Choose the head {GAP}. Received: strategy={self.strategy!r}, head={self.head!r}."
            )
        _one_of("initial", self.initial, INITIALS if self.strategy == FROM_SCRATCH else (FROM_BASE,))
        if self.strategy == FINE_TUNE:
            _one_of("thaw_from", self.thaw_from, tuple(block.name for block in base_model(self.base).blocks))
        elif self.thaw_from:
            raise InputError(
                f"Only the strategy {FINE_TUNE} thaws from a block on. "
                f"Received: strategy={self.strategy!r}, thaw_from={self.thaw_from!r}."
            )

    def to_json(self) -> dict[str, Any]:
        """This record as JSON values, with the schema's number."""
        return {"schema": SCHEMA, **asdict(self)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "TrainConfig":
        """The record that `to_json` wrote; what it lacks is as usual. Ranges are left to `check`.

        Raises:
            InputError: It was written by another version of the app.
            ValueError: It is damaged: a value is of another type, or there are settings that are none.
        """
        if not isinstance(value, dict):
            raise ValueError(f"Settings are a JSON object. Received: {type(value).__name__}.")
        if value.get("schema") != SCHEMA:
            raise InputError(
                f"These settings were written by another version of the app. Received: {value.get('schema')!r}."
            )
        kinds = {each.name: type(each.default) for each in fields(cls)}
        entries = {name: entry for name, entry in value.items() if name != "schema"}
        for name, entry in entries.items():
            kind = kinds.get(name)
            if type(entry) is not kind and not (kind is float and type(entry) is int):
                raise ValueError(f"The setting {name} is damaged or unknown. Received: {type(entry).__name__}.")
        return cls(**entries)


def usual_config(strategy: str, base: str = BUILT_IN) -> TrainConfig:
    """A strategy's settings unless someone says otherwise; "benchmark-cnn" goes with "from-scratch" alone.

    A final model comes by itself where it takes seconds, and else as long again as the training.

    Raises:
        InputError: There is no such base, or it is several side by side, which the strategy can't train.
    """
    if base != BENCHMARK_CNN and strategy != FEATURE_EXTRACTION:
        base_model(base).refuse_several(f"the strategy {strategy}")
    if strategy == FINE_TUNE:
        blocks = base_model(base).blocks
        first = blocks[round((1 - THAWED_SHARE) * len(blocks))]
        return TrainConfig(base=base, strategy=strategy, thaw_from=first.name, augment=AUTO_VIEWS)
    if strategy == FROM_SCRATCH:
        initial = RANDOM if base == BENCHMARK_CNN else FROM_BASE
        usual = TrainConfig(epochs=30, learning_rate=1e-3, batch_size=32, augment=AUTO_VIEWS)
        return replace(usual, base=base, strategy=strategy, initial=initial)
    return TrainConfig(base=base, strategy=strategy, final=WITH_VALIDATION)


def with_sides(config: TrainConfig, sides: str) -> TrainConfig:
    """The same settings, never mirrored by themselves where left and right tell classes apart.

    Args:
        sides: Why that is so, from `core.photos.sides.sides_matter`; "" where nothing says so.
    """
    return replace(config, augment=usual_views(config.augment, sides), ask_mirror=config.ask_mirror and not sides)


def with_head(config: TrainConfig, head: str) -> TrainConfig:
    """The same settings with another head, and what usually goes with that: its width and how fast it learns."""
    row, rate = head_named(head), usual_config(config.strategy, config.base).learning_rate
    if row.usual_rate and config.strategy != FROM_SCRATCH:
        rate = row.usual_rate
    usual = replace(config, head=head, units=row.usual_units or config.units, learning_rate=rate)
    return replace(usual, learning_rate=_times(rate, SGD_RATE)) if config.optimizer == SGD else usual


def with_optimizer(config: TrainConfig, optimizer: str) -> TrainConfig:
    """The same settings with another optimizer, and what usually goes with it: SGD's momentum and higher rates."""
    if optimizer == config.optimizer:
        return config
    momentum = USUAL_MOMENTUM if optimizer == SGD else 0.0
    factor = SGD_RATE ** ((optimizer == SGD) - (config.optimizer == SGD))
    return replace(
        config,
        optimizer=optimizer,
        momentum=momentum,
        learning_rate=min(_times(config.learning_rate, factor), MOST_RATE),
        fine_tune_rate=min(_times(config.fine_tune_rate, factor), MOST_FINE_TUNE_RATE),
    )


def _times(rate: float, factor: float) -> float:
    """A rate that is so many times as high, without the dust of binary fractions; at least the lowest."""
    return max(float(f"{rate * factor:.6g}"), LEAST_RATE)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InputError(f"{name} must be one of {', '.join(allowed)}. Received: {name}={value!r}.")


def _between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InputError(f"{name} must be between {low:g} and {high:g}. Received: {name}={value}.")
