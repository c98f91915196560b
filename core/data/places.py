"""Folders that a run uses outside its own."""

from dataclasses import dataclass
from pathlib import Path

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

    def converted_base(self, row: BaseModel) -> Path:
        """The engine's model of a base. The weights' hash is in the name: other weights, another conversion."""
        return self.engine / f"{row.name}-{row.weights_sha256[:8]}" / "model.xml"
