"""Pictures to test with, drawn from a seed: the same number gives the same bytes."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def _draw(seed: int, size: tuple[int, int] = (64, 48)) -> Image.Image:
    """Soft blobs, so that a JPEG of it stays close to it."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def _jpeg(seed: int, size: tuple[int, int] = (64, 48)) -> bytes:
    encoded = io.BytesIO()
    _draw(seed, size).save(encoded, "JPEG", quality=90)
    return encoded.getvalue()


def _fill(folder: Path, counts: dict[str, int], first_seed: int = 0) -> Path:
    """Class folders with 0.jpg, 1.jpg ..., every photo of another seed."""
    seed = first_seed
    for label, n in counts.items():
        (folder / label).mkdir(parents=True, exist_ok=True)
        for i in range(n):
            (folder / label / f"{i}.jpg").write_bytes(_jpeg(seed))
            seed += 1
    return folder


@pytest.fixture
def draw() -> Callable[..., Image.Image]:
    return _draw


@pytest.fixture
def jpeg() -> Callable[..., bytes]:
    return _jpeg


@pytest.fixture
def fill() -> Callable[..., Path]:
    return _fill
