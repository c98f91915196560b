"""The engine: photos in, features or probabilities out, several times as fast as Keras on a processor.

Threads decode and ask OpenVINO in turn, more of them than there are processors: while one waits for its answer
another decodes. (OpenVINO's AsyncInferQueue is as fast, but its destructor can end the process: docs/log.md.)
"""

import os
import queue
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from core.base import checksums
from core.base.errors import RunError
from core.base.threads import in_threads
from core.base.words import counted
from core.photos.decoding import PhotoError, PhotoSource, pixels_or_error
from core.photos.pictures import USUAL, PictureSettings

FEATURES, PROBABILITIES = "features", "probabilities"
MISSING = (
    "{} has no model here: its file was removed, or did not come along in the zip of its project. What is known of it "
    "stays; train it again to ask it about photos."
)

Outputs = dict[str, np.ndarray]


class Streaming(Protocol):
    """An engine, or what stands in its place."""

    def stream(self, photos: Iterable[PhotoSource]) -> Iterator[Outputs | PhotoError]:
        """What it says of each photo, or why it can't be used, in their order."""


def load_openvino() -> ModuleType:
    """OpenVINO's Python module; nothing else imports it.

    OpenVINO reports its use over the network as soon as it is imported, through the package openvino_telemetry,
    and falls back to a stub where that package is absent. Photos and habits stay on this computer: it is absent here.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # None makes `import openvino_telemetry` fail
    import openvino

    return openvino


class Engine:
    """One converted model, compiled for this processor.

    Args:
        model: The `model.xml`, its weights beside it.
        precision: "f32", or "bf16": its probabilities differ by up to 0.1 (docs/log.md), so it serves for features to
            learn from, not for answers.
        settings: How files and bytes are read; pixels come as they are.
        of: Whose model it is, as people call it; else its folder's name.
        checked: Whether the caller has just compared it with its checksum.

    Raises:
        RunError: The model is missing or damaged, or no longer the one that was saved.
    """

    def __init__(
        self,
        model: Path,
        precision: str = "f32",
        settings: PictureSettings = USUAL,
        of: str = "",
        checked: bool = False,
    ) -> None:
        self._settings = settings
        self._of = of or model.parent.name
        refuse_missing(model, self._of)
        if not checked:
            checksums.refuse_changed(model, f"The model of {self._of}")
        ov = load_openvino()
        runtime = ov.Core()
        self.precision = precision
        try:
            graph = takes_bytes(ov, runtime.read_model(model))
            self._compiled = runtime.compile_model(
                graph, "CPU", {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": self.precision}
            )
        except RuntimeError as error:
            raise RunError(f"The model {model.name} of {self._of} is missing or damaged.") from error
        self._idle: queue.SimpleQueue = queue.SimpleQueue()
        self.image_size = int(graph.input().shape[1])
        self.outputs = {_name(output): index for index, output in enumerate(self._compiled.outputs)}
        streams = self._compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        for _ in range(streams):
            self._idle.put(self._compiled.create_infer_request())
        # The first access to a tensor's data initialises something static inside OpenVINO's binding. Two threads doing
        # that at once wait for each other for ever (GIL against static guard, docs/log.md), so it is done here.
        self.answer(np.zeros((self.image_size, self.image_size, 3), np.uint8))
        self.threads = streams + (os.cpu_count() or 2)  # all streams busy while as many photos as processors decode

    def stream(self, photos: Iterable[PhotoSource]) -> Iterator[Outputs | PhotoError]:
        """Answers in the order of the photos, while the next ones are being worked on.

        Args:
            photos: Files, bytes of files, or uint8 arrays (image_size, image_size, 3), RGB 0..255; a PhotoError stays
                in its place among the answers.

        Yields:
            The outputs by name, float32 (width,) each, or why the photo can't be used.
        """
        return in_threads(self.answer, photos, self.threads)

    def answer(self, photo: PhotoSource) -> Outputs | PhotoError:
        """One answer, in the calling thread; `threads` of them at a time keep the processor busy. See `stream`."""
        pixels = pixels_or_error(photo, self.image_size, self._settings)
        if isinstance(pixels, PhotoError):
            return pixels
        request = self._idle.get()
        try:
            request.infer({0: pixels[None]})
            return {name: request.get_output_tensor(i).data[0].copy() for name, i in self.outputs.items()}
        finally:
            self._idle.put(request)

    def width_of(self, output: str) -> int:
        """How many values an output has, "features" or "probabilities"."""
        return int(self._compiled.outputs[self.outputs[output]].partial_shape[1].get_length())

    def refuse_other_classes(self, class_names: list[str]) -> None:
        """Raise RunError unless there is a name for each of the model's probabilities."""
        n = self.width_of(PROBABILITIES)
        if len(class_names) != n:
            raise RunError(
                f"The class names of {self._of} (labels.json) are not those of its model: {len(class_names)} names for "
                f"{counted(n, 'answer')}. {checksums.RESTORE}"
            )

    def run(
        self, photos: list[PhotoSource], output: str, on_progress: Callable[[int, int], None] = lambda done, total: None
    ) -> tuple[np.ndarray, dict[int, PhotoError]]:
        """One output, "features" or "probabilities", for photos as `stream` takes them.

        `on_progress` is called after each with how many are done, and of how many; it may raise to stop.

        Returns:
            float32 (len(photos), width), zeros where a photo can't be used; and those photos with the reason.
        """
        values, errors = np.zeros((len(photos), self.width_of(output)), np.float32), {}
        for position, answer in enumerate(self.stream(photos)):
            if isinstance(answer, PhotoError):
                errors[position] = answer
            else:
                values[position] = answer[output]
            on_progress(position + 1, len(photos))
        return values, errors


def refuse_missing(model: Path, of: str) -> None:
    """Raise RunError where there is no `model.xml`, as of a run that came in a zip and could not be built anew."""
    if not model.exists():
        raise RunError(MISSING.format(of))


def fastest_precision() -> str:
    """ "bf16" where the processor has instructions for it (AMX or AVX512-BF16), else "f32"."""
    capabilities = load_openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "bf16" if "BF16" in capabilities else "f32"


def takes_bytes(ov: Any, graph: Any) -> Any:
    """The graph with uint8 pixels (1, size, size, 3) as its input: one photo a request, a quarter of the memory."""
    steps = ov.preprocess.PrePostProcessor(graph)
    steps.input().tensor().set_element_type(ov.Type.u8)
    graph = steps.build()
    _, height, width, channels = graph.input().partial_shape
    graph.reshape([1, height, width, channels])
    return graph


def _name(output: Any) -> str:
    return next(iter(sorted(output.get_names() & {FEATURES, PROBABILITIES})), output.any_name)
