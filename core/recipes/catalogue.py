"""The catalogue of tutorials: five well-known articles on transfer learning, each as settings and steps. Data alone.

A step's `named` are the settings that its article gives; all others are the app's own choice, and are shown as that.
"""

from dataclasses import dataclass, replace

from core.base.errors import InputError
from core.models.config import (
    BENCHMARK_CNN,
    FINE_TUNE,
    FROM_SCRATCH,
    RMSPROP,
    VAL_ACCURACY,
    TrainConfig,
    usual_config,
    with_head,
)
from core.models.heads import FC, FLATTEN_FC, LINEAR_SVM
from core.photos.augmentation import Augmentation

TRAIN = "train"  # a run
DRAW = "draw"  # the map of what the base says of the photos, coloured by class
MEASURE = "measure"  # where the photos lie in the size-similarity matrix, which then decides the strategy
TABLE = "table"  # the runs side by side
MCNEMAR = "mcnemar"  # McNemar's test between any two of them
ASK = "ask"  # the model about a photo from elsewhere

# Keras' shear of those years was an angle in radians, of which 0.2 are 11.5 degrees.
SHEAR = 11.5


@dataclass(frozen=True)
class Step:
    """One step of a tutorial.

    Args:
        name: Short, for the titles of runs and `--steps`.
        words: What is done, without a full stop.
        does: TRAIN or one of the others above.
        config: What it trains, as in the article and on the article's base; of DRAW the base whose features are drawn.
        named: The settings of `config` that the article gives.
        starts_from: The step whose model this one goes on from; "" when it begins anew.
        decided: Whether strategy and base come from what a MEASURE before it found.
        optional: Whether it can be left out.
    """

    name: str
    words: str
    does: str = TRAIN
    config: TrainConfig | None = None
    named: tuple[str, ...] = ()
    starts_from: str = ""
    decided: bool = False
    optional: bool = False


@dataclass(frozen=True)
class Tutorial:
    """One article, followed.

    Args:
        name: As in `--recipe`.
        title: On screen.
        article: What the article is about.
        about: What following it does, in a sentence.
        steps: In their order; names are different.
        differs: What else is done otherwise here, beside what is true of all, a sentence each.
    """

    name: str
    title: str
    article: str
    about: str
    steps: tuple[Step, ...]
    differs: tuple[str, ...] = ()

    def step(self, name: str) -> Step:
        """The step of that name."""
        return next(step for step in self.steps if step.name == name)


_NEW_HEAD = TrainConfig(
    base="inceptionv3",
    optimizer=RMSPROP,
    learning_rate=1e-3,
    batch_size=32,
    epochs=5,
    patience=5,  # as many as there are: it stops no sooner
    dropout=0.0,
    augment=Augmentation(mirror=True, rotation=30, shift=0.2, shear=SHEAR, zoom=0.2).text(),
)
CATS_AND_DOGS = Tutorial(
    name="cats-and-dogs",
    title="Cats and dogs",
    article="an image recogniser for cats and dogs by transfer learning and fine-tuning in Keras (94 % right there)",
    about="A new softmax on InceptionV3, five epochs; then, if you like, its last blocks at a lower rate.",
    steps=(
        Step(
            "head",
            "Learn a new head on the frozen base model",
            config=_NEW_HEAD,
            named=("base", "strategy", "head", "optimizer", "learning_rate", "batch_size", "epochs", "augment"),
        ),
        Step(
            "thawed",
            "Go on with the last blocks thawed, at a lower rate",
            config=replace(_NEW_HEAD, strategy=FINE_TUNE, thaw_from="mixed9", fine_tune_rate=1e-4, fine_tune_epochs=5),
            named=("base", "strategy", "head", "optimizer", "batch_size", "augment"),
            starts_from="head",
            optional=True,
        ),
    ),
    differs=(
        "The article turns, moves, slants, zooms and mirrors the photos; by how much is our choice (30°, 20 %, 11.5°, "
        "20 %), and so are the blocks that are thawed and their rate.",
    ),
)

_SHALLOW = with_head(TrainConfig(base="inceptionv3"), FC)
BOTTLENECK = Tutorial(
    name="bottleneck",
    title="Bottleneck features",
    article="using what InceptionV3 says of photos (bottleneck features) to train a shallow net, with a t-SNE of them",
    about="InceptionV3 looks at each photo once; a map shows what it tells apart, and a shallow net learns from it.",
    steps=(
        Step("map", "Draw what the base model says of the photos (t-SNE)", DRAW, config=_SHALLOW, named=("base",)),
        Step(
            "net",
            "Learn a shallow net on the same features",
            config=_SHALLOW,
            named=("base", "strategy", "head", "augment"),
        ),
    ),
    differs=("How wide the net is and how it learns are our choice.",),
)

_BANANAS = replace(
    with_head(TrainConfig(base="vgg16"), FLATTEN_FC),
    image_size=150,
    units=519,
    dropout=0.5,
    monitor=VAL_ACCURACY,
    augment=Augmentation(mirror=True, rotation=8, shift=0.05, zoom=0.1, brightness=0.1, views=2).text(),
)
BANANAS = Tutorial(
    name="bananas",
    title="Bananas",
    article="telling fruit apart with VGG16, a dense layer of 519 units, and the last convolutions fine-tuned",
    about="VGG16 at a smaller input with a wide layer on its whole feature map, then its last convolutions, gently.",
    steps=(
        Step(
            "head",
            "Learn a wide layer on the whole feature map",
            config=_BANANAS,
            named=("base", "image_size", "strategy", "head", "units", "dropout", "augment", "monitor"),
        ),
        Step(
            "thawed",
            "Go on with the last convolutions, at a very small rate",
            config=replace(_BANANAS, strategy=FINE_TUNE, thaw_from="block5", fine_tune_rate=1e-5, fine_tune_epochs=5),
            named=("base", "image_size", "strategy", "thaw_from", "head", "units", "dropout", "augment", "monitor"),
            starts_from="head",
        ),
        Step("ask", "Ask it about a photo from elsewhere", ASK),
    ),
    differs=(
        "How small the input is (150 pixels), how the photos are varied and the rates (0.0001, then 0.00001) are our "
        "choice.",
    ),
)

_TOP_MODEL = replace(
    with_head(TrainConfig(base="vgg19"), FC),
    augment=Augmentation(mirror=True, rotation=10, shear=SHEAR, zoom=0.2).text(),
)
THREE_MODELS = Tutorial(
    name="three-models",
    title="Three models compared",
    article="a small CNN as the benchmark, a top model on VGG19's bottleneck features, and VGG19 fine-tuned, compared",
    about="A small network from nothing, a top model on VGG19, and VGG19 from block 5 on: three runs and their table.",
    steps=(
        Step(
            "benchmark",
            "Train the benchmark, five convolutions that begin with nothing",
            config=usual_config(FROM_SCRATCH, BENCHMARK_CNN),
            named=("base", "strategy", "initial"),
        ),
        Step(
            "top model",
            "Learn a top model on the bottleneck features of varied photos",
            config=_TOP_MODEL,
            named=("base", "strategy", "head", "augment"),
        ),
        Step(
            "fine-tuned",
            "Go on with the base model's last block thawed",
            config=replace(_TOP_MODEL, strategy=FINE_TUNE, thaw_from="block5", fine_tune_rate=1e-4),
            named=("base", "strategy", "thaw_from", "head", "augment"),
            starts_from="top model",
        ),
        Step("table", "Compare the three: time an epoch, log loss, accuracy, kappa", TABLE),
    ),
    differs=("The article's shear of 0.2 is an angle in radians: 11.5°. Rates and epochs are our choice.",),
)

MATRIX = Tutorial(
    name="matrix",
    title="The size-similarity matrix",
    article="choosing the strategy by how many photos there are and how similar to ImageNet; three classifiers on top",
    about="Your photos are measured, which decides what learns; then three heads on one base model are compared.",
    steps=(
        Step("measure", "Measure the photos: the size-similarity matrix decides what learns", MEASURE),
        *(
            Step(
                name,
                words,
                config=with_head(TrainConfig(), head),
                named=("strategy", "head"),
                decided=True,
            )
            for name, words, head in (
                ("fully connected", "Train a fully connected head", FC),
                ("average pooling", "Train a softmax on the average-pooled features", TrainConfig().head),
                ("linear SVM", "Train a linear SVM", LINEAR_SVM),
            )
        ),
        Step("test", "Compare any two of them by McNemar's test", MCNEMAR),
    ),
    differs=(
        "How similar the photos are is measured here, where the article leaves it to common sense; the base model is "
        "the one that does best on your photos of those on this computer.",
    ),
)

TUTORIALS = (CATS_AND_DOGS, BOTTLENECK, BANANAS, THREE_MODELS, MATRIX)


def tutorial_named(name: str) -> Tutorial:
    """The tutorial of that name.

    Raises:
        InputError: There is none.
    """
    for tutorial in TUTORIALS:
        if tutorial.name == name:
            return tutorial
    raise InputError(f"recipe must be one of {', '.join(tutorial_names())}. Received: {name!r}.")


def tutorial_names() -> list[str]:
    """The names of all."""
    return [tutorial.name for tutorial in TUTORIALS]
