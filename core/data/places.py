"""Folders that a run uses outside its own."""

import os
from dataclasses import dataclass
from pathlib import Path

from core.data.weights import weights_id
from core.records.catalogue import BaseModel


@dataclass(frozen=True)
class Places:
    """Where to find and keep what runs share.

    Args:
        cache: For features; the project's, or the workspace's for a run without a project.
        engine: The workspace's, for converted base models.
    """

    cache: Path
    engine: Path

    def converted_base(self, row: BaseModel, image_size: int | None = None, whole_map: bool = False) -> Path:
        """The engine's model of a base. What its weights are is in the name: other weights, another conversion.

        Args:
            row: From the catalogue.
            image_size: Height and width of its input in pixels. Defaults to the row's.
            whole_map: The one that gives the whole feature map instead of its averages.

        Raises:
            WeightsError: The weights are not on this computer.
        """
        size = f"-{image_size}" if image_size not in (None, row.image_size) else ""
        kind = "-map" if whole_map else ""
        return self.engine / f"{row.name}-{weights_id(row, os.environ)}{size}{kind}" / "model.xml"
