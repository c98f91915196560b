"""Is a photo of a kind that the model knows? How far its features are from those of the user's own photos.

A softmax always chooses: shown a car, a model of fruit answers "apple". So three things are looked at that a softmax
does not see, and held against what photos of the user's own give, which the detector had not seen either (calibration):

- Whether any class claims the photo: the highest score of a ridge regression, one class against the rest.
- How far it is from the nearest class: the Mahalanobis distance with a covariance shared by all classes. K. Lee and
  others, "A Simple Unified Framework for Detecting Out-of-Distribution Samples and Adversarial Attacks", 2018.
- How alike the five nearest photos are. Y. Sun, Y. Ming, X. Zhu and Y. Li, "Out-of-Distribution Detection with Deep
  Nearest Neighbors", 2022.

The sum of the first two tells near strangers best (a dog among cats), the third far ones (a car): it counts only beyond
what is usual, so that it does not blur the others (docs/log.md has the comparison).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.base import checksums
from core.base.errors import RunError
from core.engine.arrays import read_arrays

NEIGHBOURS = 5
USUAL = 1.5  # standard deviations up to which the distance to the nearest photos says nothing
FAR_WEIGHT = 4.0
READINGS = 3
FEW = 8  # rows
HALVED = ("whitening", "photos")  # what is large is stored at half precision


@dataclass(frozen=True)
class OutOfDistributionDetector:
    """What is known of the user's own photos, to hold others against.

    Args:
        middle: float32 (width,), mean of the own photos' features after `evened`.
        scale: float32 (width,), their standard deviation.
        claims: float32 (width, n_classes), the ridge regression's weights.
        share: float32 (n_classes,), each class's share of the photos, which is that regression's constant.
        whitening: float32 (width, width), W with W Wᵀ = the inverse of the shared covariance.
        centres: float32 (n_classes, width), the classes' means, whitened.
        photos: float32 (n, width), some of the own photos after `evened`.
        usual: float64 (2, READINGS), mean and standard deviation of each reading on photos that calibrate.
        strangeness_of_own: float64 (m,), ascending, on the photos that calibrate.
    """

    middle: np.ndarray
    scale: np.ndarray
    claims: np.ndarray
    share: np.ndarray
    whitening: np.ndarray
    centres: np.ndarray
    photos: np.ndarray
    usual: np.ndarray
    strangeness_of_own: np.ndarray

    def in_distribution_score(self, features: np.ndarray) -> np.ndarray:
        """The share of the user's own photos that look at least as strange (a conformal p-value).

        V. Vovk, A. Gammerman and G. Shafer, "Algorithmic Learning in a Random World", 2005. Of photos like the user's
        own, a share x is below x. With m photos to calibrate on, none is below 1 / (m + 1).

        Args:
            features: float32 (n, width), of the run's model.

        Returns:
            float64 (n,), above 0, at most 1.
        """
        stranger = len(self.strangeness_of_own) - np.searchsorted(self.strangeness_of_own, self.strangeness(features))
        return (1 + stranger) / (1 + len(self.strangeness_of_own))

    def strangeness(self, features: np.ndarray) -> np.ndarray:
        """How unlike the user's own photos, in standard deviations of theirs: float64 (n,), 0 for a usual one."""
        return combined(self.readings(features), self.usual)

    def readings(self, features: np.ndarray) -> np.ndarray:
        """No class's claim, distance to the nearest class, distance to the nearest photos: float64 (n, READINGS)."""
        even = evened(features)
        z = (even - self.middle) / self.scale
        white = _product(z, self.whitening)
        to_centres = (white**2).sum(1)[:, None] - 2 * _product(white, self.centres.T) + (self.centres**2).sum(1)
        alike = _product(even, self.photos.T)  # cosine: rows have length 1
        k = min(NEIGHBOURS, alike.shape[1])
        nearest = np.partition(alike, alike.shape[1] - k, axis=1)[:, -k:]
        claimed = _product(z, self.claims) + self.share
        return np.column_stack([-claimed.max(1), to_centres.min(1), -nearest.mean(1)]).astype(np.float64)

    def save(self, path: Path) -> None:
        """Write it, with its checksum beside it."""
        halved = {name: vars(self)[name].astype(np.float16) for name in HALVED}
        with checksums.sealed(path) as beside:
            np.savez(beside, **{**vars(self), **halved})

    @classmethod
    def load(cls, path: Path) -> "OutOfDistributionDetector | None":
        """What `save` wrote; None where there is no file, as beside a run of an earlier version.

        Raises:
            RunError: The file is damaged, or no longer the one that was saved.
        """
        what = f"What {path.parent.name} knows of your own photos"
        checksums.refuse_changed(path, what)
        if not path.exists():
            return None
        try:
            values = read_arrays(path, cls.__dataclass_fields__)
            found = cls(**{**values, **{name: values[name].astype(np.float32) for name in HALVED}})
            found._refuse_unfitting()
        except (ValueError, TypeError) as error:  # the latter of arrays without any dimension
            raise RunError(f"{what} is damaged. Train it again.") from error
        return found

    @property
    def width(self) -> int:
        """Features per photo."""
        return len(self.middle)

    def _refuse_unfitting(self) -> None:
        """Raise ValueError unless the arrays are of one width and number of classes, of numbers."""
        width, classes = self.claims.shape
        photos, known = len(self.photos), len(self.strangeness_of_own)
        shapes = (width,), (width,), (width, classes), (classes,), (width, width), (classes, width), (photos, width)
        for values, shape in zip(vars(self).values(), (*shapes, (2, READINGS), (known,)), strict=True):
            if values.shape != shape or values.dtype.kind != "f" or not np.isfinite(values).all():
                raise ValueError(shape)


def evened(features: np.ndarray) -> np.ndarray:
    """Signed square roots of float32 (n, width), each row scaled to length 1: few large values don't drown the rest.

    F. Perronnin, J. Sánchez and T. Mensink, "Improving the Fisher Kernel for Large-Scale Image Classification", 2010.
    """
    roots = np.sign(features) * np.sqrt(np.abs(features))
    return roots / np.maximum(np.linalg.norm(roots, axis=1, keepdims=True), np.finfo(np.float32).tiny)


def _product(rows: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """The matrix product. For one photo BLAS would spend more on waking its threads than on the work: 4 ms, not 0.6."""
    return np.einsum("nj,jk->nk", rows, matrix) if len(rows) < FEW else rows @ matrix


def combined(readings: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """One number of the readings: float64 (n,). Both arguments as in `OutOfDistributionDetector`."""
    claim, from_class, from_photos = ((readings - usual[0]) / usual[1]).T
    return claim + from_class + FAR_WEIGHT * np.maximum(from_photos - USUAL, 0)
