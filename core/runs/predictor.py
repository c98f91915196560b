"""Ask a finished run about photos."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from core.base.errors import RunError
from core.base.names import is_none_of_these
from core.base.records import JsonObject
from core.base.threads import in_threads
from core.engine.engine import FEATURES, PROBABILITIES, Engine, Outputs
from core.engine.out_of_distribution import OutOfDistributionDetector
from core.evaluation.calibration import with_temperature
from core.photos.apart.decoders import Decoders
from core.photos.decoding import PhotoError, PhotoSource, Source
from core.photos.depths import depth_in_words, pixels_and_depth
from core.runs.run import Run

NEVER_SEEN = "the model learned from none, so its brightness may not match and the answer is less certain"
USUAL_THRESHOLD = 0.05  # of photos like the user's own, those that look strangest: said to be unknown, too


@dataclass(frozen=True)
class Prediction:
    """An answer.

    Args:
        label: The most probable class.
        probability: Its probability, 0..1, as sure as it is right where the run was calibrated.
        probabilities: By class, summing to 1.
        in_distribution_score: The share of the user's own photos that look at least as strange, 0..1; None for a
            run that has nothing to tell it by.
        note: What is to be known of the photo beside the answer, in a few words; mostly "".
    """

    label: str
    probability: float
    probabilities: dict[str, float]
    in_distribution_score: float | None = None
    note: str = ""

    def known(self, threshold: float = USUAL_THRESHOLD) -> bool | None:
        """Whether the photo is of a kind that the model knows; None when that can't be told.

        Args:
            threshold: In-distribution score, 0..1, up to which it is not; so that share of photos like the user's own
                isn't either.
        """
        if is_none_of_these(self.label):
            return False
        return None if self.in_distribution_score is None else self.in_distribution_score > threshold


class Predictor:
    """A complete run's model, loaded on the engine.

    Args:
        run: The run.
        decoders: Decode what it is asked about; where there are none this process does, which must know the photos.

    Raises:
        RunError: The run isn't complete, or its model is missing or damaged.
    """

    def __init__(self, run: Run, decoders: Decoders | None = None) -> None:
        self._decoders = decoders
        self.class_names, self.pictures = run.class_names(), run.pictures()
        self._knows_depths = run.pictures_path.exists()
        self._temperature = run.temperature()
        self._novelty = OutOfDistributionDetector.load(run.detector_path)
        self._engine = Engine(run.engine_path, settings=self.pictures, of=run.title)
        self._engine.refuse_other_classes(self.class_names)
        if self._novelty and self._novelty.width != self._engine.width_of(FEATURES):
            what = f"What {run.title} knows of your own photos (novelty.npz)"
            raise RunError(f"{what} is of another model. Train it again.")
        self.threads = self._engine.threads

    def stream(self, photos: Iterable[PhotoSource]) -> Iterator[Prediction | PhotoError]:
        """An answer, or why there is none, per photo in their order; see `Engine.stream`."""
        return in_threads(self.answer, photos, self.threads)

    def answer(self, photo: PhotoSource) -> Prediction | PhotoError:
        """One answer, in the calling thread; `threads` of them at a time keep the engine busy."""
        note = ""
        if not isinstance(photo, np.ndarray | PhotoError):
            photo, depth = self._decoded(photo)
            if self._knows_depths and depth and self.pictures.range_of(depth) is None:
                note = f"{depth_in_words(depth)}; {NEVER_SEEN}"
        outputs = self._engine.answer(photo)
        return outputs if isinstance(outputs, PhotoError) else self._prediction(outputs, note)

    def _decoded(self, photo: Source) -> tuple[np.ndarray | PhotoError, str]:
        wanted = photo, self._engine.image_size, self.pictures
        try:
            return self._decoders.call(pixels_and_depth, *wanted) if self._decoders else pixels_and_depth(*wanted)
        except PhotoError as error:
            return error, ""

    def predict(self, photos: list[PhotoSource]) -> list[Prediction | PhotoError]:
        """An answer per photo, in their order."""
        return list(self.stream(photos))

    def _prediction(self, outputs: Outputs, note: str) -> Prediction:
        probabilities = with_temperature(outputs[PROBABILITIES][None], self._temperature)[0]
        best = int(probabilities.argmax())
        by_class = {name: float(p) for name, p in zip(self.class_names, probabilities, strict=True)}
        score = float(self._novelty.in_distribution_score(outputs[FEATURES][None])[0]) if self._novelty else None
        return Prediction(self.class_names[best], float(probabilities[best]), by_class, score, note)


def as_row(path: str, answer: Prediction | PhotoError) -> JsonObject:
    """An answer as JSON values, with its `note` where there is one; of what can't be used its `error`."""
    if isinstance(answer, PhotoError):
        return {"path": path, "error": str(answer)}
    return {
        "path": path,
        "label": answer.label,
        "probability": answer.probability,
        "probabilities": answer.probabilities,
        "known": answer.known(),
        "typicality": answer.in_distribution_score,
        **({"note": answer.note} if answer.note else {}),
    }
