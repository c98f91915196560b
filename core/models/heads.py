"""The catalogue of heads: what can be trained on what a base says of a photo. Data alone, so that pages can read it.

A head is a row here and a function, in a file of its own or beside the others, that builds it in Keras; one that is
solved at once has a second function, which fits it. Nobody outside this catalogue asks for a head by its name.
"""

from dataclasses import dataclass

from core.base.errors import InputError

GAP, FC, FLATTEN_FC, LINEAR_SVM, LOGISTIC = "gap", "fc", "flatten-fc", "linear-svm", "logistic"


@dataclass(frozen=True)
class Head:
    """One kind of head.

    Args:
        name: As in `TrainConfig.head`, report.json and `--head`.
        title: A word for people.
        about: What it is, after that word and a colon.
        short: The same as short as a table needs it.
        term: The field's word for it; "" where `about` says it.
        builder: "module:function" that makes it in Keras, untrained, as `head_building.build_head` says.
        solver: "module:function" that solves it at once, as those in `core.training.solving` do; "" for Keras' fit.
        refitter: "module:function" that solves it once more, from more photos, with the setting of a try.
        solving: What is done meanwhile, for who waits.
        tries: What differs from one try to the next, for the axis of its chart.
        called: What a run that trained nothing else is called; "" for the strategy's own.
        on_whole_map: Whether it takes the whole feature map instead of its averages.
        usual_units: Width of its hidden layer unless told otherwise; 0 when it has none.
        usual_rate: The learning rate that suits it on a base; None for the strategy's own.
        hides_features: Whether dropout hides what it takes, too, and not only what its hidden layer says.
        from_scratch: Whether it can learn while the whole network does.
        is_searched: Whether a search draws settings for it: then `core.search.numpy_head` has to train it.
        recipe: The script of `core/exports/files` that trains it on a frozen base; "" for the strategy's own.
    """

    name: str
    title: str
    about: str
    short: str
    term: str = ""
    builder: str = "core.models.head_building:dense_layers"
    solver: str = ""
    refitter: str = ""
    solving: str = ""
    tries: str = ""
    called: str = ""
    on_whole_map: bool = False
    usual_units: int = 0
    usual_rate: float | None = None
    hides_features: bool = True
    from_scratch: bool = True
    is_searched: bool = False
    recipe: str = ""

    @property
    def words(self) -> str:
        """What it is, for who chooses one."""
        return f"{self.title}: {self.about}" + (f" ({self.term})" if self.term else "")

    @property
    def hidden_layer(self) -> bool:
        """Whether it has one."""
        return self.usual_units > 0

    @property
    def solved_at_once(self) -> bool:
        """Whether it has no epochs, so nothing to go on from and no learning rate."""
        return bool(self.solver)

    @property
    def settings(self) -> tuple[str, ...]:
        """Those settings of a `TrainConfig` that change how it learns, and that a search may try."""
        if self.solved_at_once:
            return ()
        return ("learning_rate", *(["units"] if self.hidden_layer else []), "dropout", "weight_decay")


HEADS = (
    Head(
        name=GAP,
        title="Simple",
        about="one layer on the pooled features",
        term="softmax",
        short="one layer",
        is_searched=True,
    ),
    Head(
        name=FC,
        title="Larger",
        about="a hidden layer on the pooled features",
        term="fully connected",
        short="a hidden layer",
        usual_units=256,
        is_searched=True,
    ),
    Head(
        name=FLATTEN_FC,
        title="Largest",
        about="a hidden layer that also sees where in the photo something is",
        term="flatten + fully connected",
        short="a hidden layer on the whole map",
        on_whole_map=True,
        usual_units=519,  # the banana article's, found there by trying
        usual_rate=1e-4,  # so wide a layer leaps at the rate that suits the others: loss 13.8 on fruit (docs/log.md)
        hides_features=False,  # the banana article drops out behind the layer only, and so does VGG
    ),
    Head(
        name=LINEAR_SVM,
        title="Widest margin",
        about="straight borders as far from the photos as possible",
        term="linear SVM",
        short="a support vector machine",
        solver="core.training.solving.linear_svm:fit_svm",
        refitter="core.training.solving.linear_svm:refit_svm",
        solving="Looking for the widest margin between the classes",
        tries="from a soft margin to a hard one",
        called="Support vectors",
        from_scratch=False,  # it learns on features that stand still
        recipe="recipe_linear_svm.py",
    ),
    Head(
        name=LOGISTIC,
        title="Most careful",
        about="one layer, with as much restraint as the photos themselves call for",
        term="logistic regression, its penalty chosen by cross-validation",
        short="a logistic regression",
        builder="core.models.head_building:compressed_layers",
        solver="core.training.solving.logistic:fit_logistic",
        refitter="core.training.solving.logistic:refit_logistic",
        solving="Looking for how much restraint suits these photos",
        tries="from much restraint to little",
        called="Logistic regression",
        from_scratch=False,  # it learns on features that stand still
        recipe="recipe_logistic.py",
    ),
)


def head_named(name: str) -> Head:
    """The head of that name.

    Raises:
        InputError: There is none.
    """
    for head in HEADS:
        if head.name == name:
            return head
    raise InputError(f"head must be one of {', '.join(head_names())}. Received: head={name!r}.")


def head_names() -> list[str]:
    """The names of all heads, the usual one first."""
    return [head.name for head in HEADS]
