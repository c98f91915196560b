"""Ask a finished run about photos."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.data.photos import PhotoError, PhotoSource
from core.data.runs import Run
from core.inference.engine import PROBABILITIES, Engine


@dataclass(frozen=True)
class Prediction:
    """An answer.

    Args:
        label: The most probable class.
        probability: Its probability, 0..1.
        probabilities: By class, summing to 1.
    """

    label: str
    probability: float
    probabilities: dict[str, float]


class Predictor:
    """A run's model, loaded on the engine.

    Args:
        run: A complete run.

    Raises:
        RunError: The run isn't complete, or its model is missing or damaged.
    """

    def __init__(self, run: Run) -> None:
        self.labels = run.labels()
        self._engine = Engine(run.engine_path)
        self.threads = self._engine.threads

    def stream(self, photos: Iterable[PhotoSource]) -> Iterator[Prediction | PhotoError]:
        """An answer, or why there is none, per photo in their order; see `Engine.stream`."""
        for outputs in self._engine.stream(photos):
            yield outputs if isinstance(outputs, PhotoError) else self._prediction(outputs[PROBABILITIES])

    def answer(self, photo: PhotoSource) -> Prediction | PhotoError:
        """One answer, in the calling thread; `threads` of them at a time keep the engine busy."""
        outputs = self._engine.answer(photo)
        return outputs if isinstance(outputs, PhotoError) else self._prediction(outputs[PROBABILITIES])

    def predict(self, photos: list[PhotoSource]) -> list[Prediction | PhotoError]:
        """An answer per photo, in their order."""
        return list(self.stream(photos))

    def _prediction(self, probabilities: np.ndarray) -> Prediction:
        best = int(probabilities.argmax())
        by_class = {name: float(p) for name, p in zip(self.labels, probabilities, strict=True)}
        return Prediction(self.labels[best], float(probabilities[best]), by_class)


def as_row(path: str, answer: Prediction | PhotoError) -> dict[str, Any]:
    """An answer as JSON values; a photo that can't be used is a row with its `error`."""
    if isinstance(answer, PhotoError):
        return {"path": path, "error": str(answer)}
    return {
        "path": path,
        "label": answer.label,
        "probability": answer.probability,
        "probabilities": answer.probabilities,
    }
