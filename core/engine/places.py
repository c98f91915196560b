"""Folders that a run uses outside its own."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from core.base import disk
from core.engine.converted import Tell
from core.engine.feature_cache import FeatureCache
from core.models.catalogue import BaseModel, base_model
from core.models.weights import weights_id
from core.photos.kept_settings import pictures_key
from core.photos.pictures import USUAL, PictureSettings


def silent(words: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Places:
    """Where to find and keep what runs share, and how the pictures are read that it is about.

    Args:
        cache: For features; the project's, or the workspace's for a run without a project.
        engine: The workspace's, for converted base models.
        pictures: Of the project or the run; read otherwise, what is kept of a photo is another row.
        tell: Told in words of what was damaged there, and made anew.
        converting: Entered while a base is converted, which takes seconds and is done once.
    """

    cache: Path
    engine: Path
    pictures: PictureSettings = USUAL
    tell: Tell = silent
    converting: Callable[[], AbstractContextManager[None]] = nullcontext

    def converted_base(self, base: BaseModel, whole_map: bool = False) -> Path:
        """The engine's model of a base, for its whole feature map or the averages; that it was of use is noted.

        Other weights and another image size, another conversion; at the usual size its name is that of older versions.

        Raises:
            WeightsError: The weights are not on this computer.
        """
        size = "" if base.image_size == base_model(base.name).image_size else f"-{base.image_size}"
        kind = "-map" if whole_map else ""
        converted = self.engine / f"{_known_as(base)}{size}{kind}" / "model.xml"
        disk.note_use(converted)
        return converted

    def features(self, base: BaseModel) -> FeatureCache:
        """What the frozen base said of photos, float16 (n, feature_width); other weights, another cache.

        Raises:
            WeightsError: The weights are not on this computer.
        """
        return FeatureCache(features_folder(self.cache), self._named(base), base.feature_width)

    def activations(self, base: BaseModel, of: str, width: int) -> FeatureCache:
        """What some layer inside the base said of photos, float16 (n, width); `of` names it in the file's name.

        Raises:
            WeightsError: The weights are not on this computer.
        """
        return FeatureCache(self.cache / "activations", f"{self._named(base)}-{of}", width)

    def _named(self, base: BaseModel) -> str:
        return f"{_known_as(base)}-{base.image_size}-{pictures_key(self.pictures)}"


def features_folder(cache: Path) -> Path:
    """Where a project's, or the workspace's, cache keeps features; file names begin with that of the base."""
    return cache / "features"


def _known_as(base: BaseModel) -> str:
    return f"{base.name}-{weights_id(base, os.environ)}"
