"""The formats in which a model can be taken away, as data."""

from dataclasses import dataclass

from core.base.errors import InputError

FLOAT32, FLOAT16, INT8 = "float32", "float16", "int8"
PRECISIONS = (FLOAT32, FLOAT16, INT8)
KERAS, SAVEDMODEL, LITERT, ONNX, OPENVINO = "keras", "savedmodel", "litert", "onnx", "openvino"


@dataclass(frozen=True)
class ExportFormat:
    """One way to take a model away.

    Args:
        kind: The name on the command line.
        precision: Of the weights, one of PRECISIONS.
        title: On screen.
        use: What it is good for, in a few words.
        model: The file or folder in the zip that is the model.
        packages: What must be installed to run it, by their names on PyPI.
        most_different: From the same model here, by this much at most may a probability differ in an export that is
            fit to be taken away; rounding to 8 bits is judged by its answers instead.
    """

    kind: str
    precision: str
    title: str
    use: str
    model: str
    packages: tuple[str, ...]
    most_different: float = 0.01

    @property
    def name(self) -> str:
        """Of folders and files: "onnx", "litert-int8"."""
        return f"{self.kind}-{self.precision}" if self.kind == LITERT else self.kind


TENSORFLOW = ("tensorflow", "numpy", "pillow")
LITERT_NEEDS = ("ai-edge-litert", "numpy", "pillow")
EXPORT_FORMATS = (
    ExportFormat(
        KERAS,
        FLOAT32,
        "Keras",
        "to train on or look inside, in Python",
        "model.keras",
        ("keras", *TENSORFLOW),
    ),
    ExportFormat(
        SAVEDMODEL, FLOAT32, "TensorFlow SavedModel", "for servers that run TensorFlow", "saved_model", TENSORFLOW
    ),
    ExportFormat(
        LITERT,
        FLOAT32,
        "LiteRT (TFLite)",
        "for telephones and small computers; exact",
        "model.tflite",
        LITERT_NEEDS,
    ),
    ExportFormat(
        LITERT,
        FLOAT16,
        "LiteRT (TFLite), 16 bits",
        "the same, half the size",
        "model.tflite",
        LITERT_NEEDS,
        most_different=0.05,
    ),
    ExportFormat(
        LITERT,
        INT8,
        "LiteRT (TFLite), 8 bits",
        "the same, about a quarter of the size, fastest on telephones; its answers differ a little",
        "model.tflite",
        LITERT_NEEDS,
        most_different=1.0,
    ),
    ExportFormat(
        ONNX,
        FLOAT32,
        "ONNX",
        "for programs in C#, Java, C++, JavaScript and many more",
        "model.onnx",
        ("onnxruntime", "numpy", "pillow"),
    ),
    ExportFormat(
        OPENVINO,
        FLOAT32,
        "OpenVINO",
        "fastest on processors by Intel; what this app runs itself",
        "model.xml",
        ("openvino", "numpy", "pillow"),
    ),
)
# Not the model but how it was trained, so nothing that could answer and be compared.
RECIPE = ExportFormat(
    "recipe",
    FLOAT32,
    "Recipe in Keras",
    "to train the same model yourself, by a short script that explains itself",
    "recipe.py",
    ("keras", *TENSORFLOW),
)
TO_TAKE_AWAY = (*EXPORT_FORMATS, RECIPE)
KINDS = tuple(dict.fromkeys(row.kind for row in TO_TAKE_AWAY))


def export_format(kind: str, precision: str = FLOAT32) -> ExportFormat:
    """The row for a format and a precision.

    Raises:
        InputError: There is no such format, or it hasn't this precision.
    """
    rows = {(row.kind, row.precision): row for row in TO_TAKE_AWAY}
    if kind not in KINDS:
        raise InputError(f"There is no format called {kind}. There are {', '.join(KINDS)}.")
    if (kind, precision) not in rows:
        raise InputError(f"Only {LITERT} can be had as {' or '.join(PRECISIONS[1:])}. Received: {kind}, {precision}.")
    return rows[kind, precision]


def export_named(name: str) -> ExportFormat:
    """The row whose `name` this is.

    Raises:
        InputError: There is none.
    """
    for row in TO_TAKE_AWAY:
        if row.name == name:
            return row
    raise InputError(f"There is no export called {name}.")
