"""The catalogue of formats in which a model can be taken away. Data alone, so that pages can read it.

A format is a row here, a function that writes a model so (in `writers.py`), and a file that asks such a model, which
goes into the zip (in `files`). Nobody outside this catalogue asks for a format by its name.
"""

from dataclasses import dataclass, replace

from core.base.errors import InputError

FLOAT32, FLOAT16, INT8 = "float32", "float16", "int8"


@dataclass(frozen=True)
class ZipKind:
    """What a zip is, and how it is made.

    Args:
        maker: "module:function" that writes it, as `core.exports.folder.export` says.
        holds: What is in it, for who thinks about making one.
        usage: What has to be there to use it, for who has unpacked it.
        commands: That use it.
        more: Where one reads on, "" when that is all.
        proved: Whether it was compared with the app before it is given out.
    """

    maker: str
    holds: str
    usage: str
    commands: str
    more: str = ""
    proved: bool = False


MODEL = ZipKind(
    maker="core.exports.model_zip:write_model_zip",
    holds="The zip stands alone: the model, its classes, a page on how good it is and what not to use it for, a script "
    "that asks it, and **12 of your photos** to check it with. Before you get it, that script is run here, and "
    "its answers are compared with the app's.",
    usage="On any computer with Python, in the folder that it unpacks to:",
    commands="pip install -r requirements.txt\npython check.py\npython check.py PHOTO...",
    more="README.md in the zip says what the model takes and gives, for programs of your own.",
    proved=True,
)
# Not the model but how it was trained, so nothing that could answer and be compared.
TRAINING = ZipKind(
    maker="core.exports.recipe:write_recipe",
    holds="The zip stands alone: a script in plain Keras, under 100 lines, the run's settings, and the base model as "
    "it was before. It holds **none of your photos**, but knows them again: it learns from the same ones and is tested "
    "on the same ones.",
    usage="On any computer with Python, in the folder that it unpacks to; FOLDER holds your photos:",
    commands="pip install -r requirements.txt\npython recipe.py FOLDER",
)


@dataclass(frozen=True)
class ExportFormat:
    """One way to take a model away.

    Args:
        name: Of folders and files: "onnx"; where there are several precisions, with its own: "litert-int8".
        title: On screen.
        use: What it is good for, in a few words.
        packages: What must be installed to run it, by their names on PyPI.
        precision: Of the weights.
        model: The file or folder in the zip that is the model.
        writer: "module:function" that writes it, as `core.exports.writers` says.
        runtime: The file of `files` by which the zip's scripts ask it.
        one_photo: Whether it takes one photo at a time.
        calibrated: Whether it is rounded to whole numbers, set by photos that the model learned from; it is then judged
            by its answers alone.
        most_different: From the same model here, by this much at most may a probability differ in an export that is
            fit to be taken away.
        zip: What it is taken away in.
    """

    name: str
    title: str
    use: str
    packages: tuple[str, ...]
    precision: str = FLOAT32
    model: str = ""
    writer: str = ""
    runtime: str = ""
    one_photo: bool = False
    calibrated: bool = False
    most_different: float = 0.01
    zip: ZipKind = MODEL

    @property
    def kind(self) -> str:
        """The name on the command line, where the precision is an option of its own."""
        return self.name.removesuffix(f"-{self.precision}")


TENSORFLOW = ("tensorflow", "numpy", "pillow")
LITERT = ExportFormat(
    name="litert-float32",
    title="LiteRT (TFLite)",
    use="for telephones and small computers; exact",
    packages=("ai-edge-litert", "numpy", "pillow"),
    model="model.tflite",
    writer="core.exports.writers:write_litert",
    runtime="litert_runtime.py",
    one_photo=True,
)
EXPORT_FORMATS = (
    ExportFormat(
        name="keras",
        title="Keras",
        use="to train on or look inside, in Python",
        packages=("keras", *TENSORFLOW),
        model="model.keras",
        writer="core.exports.writers:write_keras",
        runtime="keras_runtime.py",
    ),
    ExportFormat(
        name="savedmodel",
        title="TensorFlow SavedModel",
        use="for servers that run TensorFlow",
        packages=TENSORFLOW,
        model="saved_model",
        writer="core.exports.writers:write_savedmodel",
        runtime="savedmodel_runtime.py",
    ),
    LITERT,
    replace(
        LITERT,
        name="litert-float16",
        title="LiteRT (TFLite), 16 bits",
        use="the same, half the size",
        precision=FLOAT16,
        most_different=0.05,
    ),
    replace(
        LITERT,
        name="litert-int8",
        title="LiteRT (TFLite), 8 bits",
        use="the same, about a quarter of the size, fastest on telephones; its answers differ a little",
        precision=INT8,
        calibrated=True,
    ),
    ExportFormat(
        name="onnx",
        title="ONNX",
        use="for programs in C#, Java, C++, JavaScript and many more",
        packages=("onnxruntime", "numpy", "pillow"),
        model="model.onnx",
        writer="core.exports.writers:write_onnx",
        runtime="onnx_runtime.py",
    ),
    ExportFormat(
        name="openvino",
        title="OpenVINO",
        use="fastest on processors by Intel; what this app runs itself",
        packages=("openvino", "numpy", "pillow"),
        model="model.xml",
        writer="core.exports.writers:write_openvino",
        runtime="openvino_runtime.py",
    ),
    ExportFormat(
        name="recipe",
        title="Recipe in Keras",
        use="to train the same model yourself, by a short script that explains itself",
        packages=("keras", *TENSORFLOW),
        zip=TRAINING,
    ),
)


def export_kinds() -> list[str]:
    """The names of formats on the command line."""
    return list(dict.fromkeys(each.kind for each in EXPORT_FORMATS))


def export_precisions() -> list[str]:
    """The precisions that there are, the usual one first."""
    return list(dict.fromkeys(each.precision for each in EXPORT_FORMATS))


def kinds_with_precisions() -> str:
    """The kinds that can be had in another precision than the usual one, in words."""
    return " and ".join(dict.fromkeys(each.kind for each in EXPORT_FORMATS if each.precision != FLOAT32))


def export_format_of(kind: str, precision: str = FLOAT32) -> ExportFormat:
    """The format of a kind in a precision.

    Raises:
        InputError: There is no such format, or it hasn't this precision.
    """
    found = {each.precision: each for each in EXPORT_FORMATS if each.kind == kind}
    if not found:
        raise InputError(f"There is no format called {kind}. There are {', '.join(export_kinds())}.")
    if precision not in found:
        others = " or ".join(export_precisions()[1:])
        raise InputError(f"Only {kinds_with_precisions()} can be had as {others}. Received: {kind}, {precision}.")
    return found[precision]


def export_named(name: str) -> ExportFormat:
    """The format whose `name` this is.

    Raises:
        InputError: There is none.
    """
    for export_format in EXPORT_FORMATS:
        if export_format.name == name:
            return export_format
    raise InputError(f"There is no export called {name}.")
