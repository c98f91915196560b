"""Pictures of different things that a perceptual hash takes for one, drawn: each kind a list of encoded photos."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

N = 120  # pictures of each kind


def jpeg(image: Image.Image) -> bytes:
    """Encoded at quality 90."""
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=90)
    return encoded.getvalue()


def part_in_jig(seed: int) -> Image.Image:
    """A fixed camera over a jig: light and grain differ, the part lies a pixel aside, and every second is scratched."""
    random = np.random.default_rng([17, seed])
    image = Image.new("RGB", (160, 120), (52, 60, 66))
    draw = ImageDraw.Draw(image)
    draw.rectangle((6, 96, 154, 112), fill=(96, 92, 80))
    draw.rectangle((20, 8, 30, 110), fill=(96, 92, 80))
    dx, dy = random.normal(0, 0.7, 2)
    draw.rectangle((42 + dx, 24 + dy, 138 + dx, 90 + dy), fill=(168, 170, 174))
    for x, y in ((56, 36), (124, 36), (56, 78), (124, 78), (90, 57)):
        draw.ellipse((x - 6 + dx, y - 6 + dy, x + 6 + dx, y + 6 + dy), fill=(40, 40, 44))
    if seed % 2:
        x, y, angle = random.uniform(62, 116), random.uniform(36, 76), random.uniform(0, 3.14)
        draw.line((x, y, x + 14 * np.cos(angle), y + 14 * np.sin(angle)), fill=(92, 94, 100), width=2)
    return _grainy(image, random.normal(1, 0.07), 4, random)


def x_ray(seed: int) -> Image.Image:
    """Two lungs, of another size, place, exposure and grain for each patient; every second has a nodule."""
    random = np.random.default_rng([11, seed])
    image = Image.new("L", (160, 160), int(random.integers(10, 45)))
    draw, wide, high = ImageDraw.Draw(image), random.normal(1, 0.08), random.normal(1, 0.08)
    dx, dy = random.normal(0, 5, 2)
    for *corners, grey in (
        (15, 5, 145, 190, 175),
        (34, 28, 72, 128, 70),
        (90, 28, 126, 124, 70),
        (72, 5, 88, 160, 195),
        (72, 84, 112, 132, 185),
    ):
        x0, y0, x1, y1 = (
            (each - 80) * scale + 80 + d for each, scale, d in zip(corners, (wide, high) * 2, (dx, dy) * 2, strict=True)
        )
        draw.ellipse((x0, y0, x1, y1), fill=int(np.clip(grey + random.normal(0, 9), 0, 255)))
    if seed % 2:
        x, y = random.uniform(42, 62) + dx, random.uniform(50, 100) + dy
        draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=190)
    blurred = image.filter(ImageFilter.GaussianBlur(2)).convert("RGB")
    return _grainy(blurred, random.normal(1, 0.08), 5, random)


def thing_on_table(seed: int) -> Image.Image:
    """A small thing in the middle of a white table."""
    random = np.random.default_rng([23, seed])
    image = Image.new("RGB", (480, 360), (236, 234, 228))
    x, y = 240 + random.normal(0, 6), 180 + random.normal(0, 6)
    half, colour = random.uniform(14, 24), tuple(random.integers(20, 170, 3).tolist())
    draw, box = ImageDraw.Draw(image), (x - half, y - half, x + half, y + half)
    if seed % 3 == 0:
        draw.ellipse(box, fill=colour)
    elif seed % 3 == 1:
        draw.rectangle((box[0], y - 0.6 * half, box[2], y + 0.6 * half), fill=colour)
    else:
        draw.polygon([(x, box[1]), (box[0], box[3]), (box[2], box[3])], fill=colour)
    light = np.linspace(1, 0.93, image.width)[None, :, None] * random.normal(1, 0.02)  # from a window
    return _grainy(image.filter(ImageFilter.GaussianBlur(0.8)), light, 3, random)


def mirrored_pair(seed: int) -> Image.Image:
    """A scene and, every second time, its mirror image, photographed anew: another thing lies in it."""
    image = _scene(seed // 2)
    if seed % 2:
        image = ImageOps.mirror(image)
    random = np.random.default_rng([31, seed])
    draw, (x, y) = ImageDraw.Draw(image), random.uniform((60, 60), (260, 180))
    draw.ellipse((x - 12, y - 9, x + 12, y + 9), fill=tuple(random.integers(0, 256, 3).tolist()))
    return _grainy(image, random.normal(1, 0.04), 3, random)


def _scene(seed: int) -> Image.Image:
    random = np.random.default_rng([29, seed])
    grey = np.zeros((240, 320), np.float32)
    for shape, strength in (((4, 5), 1.0), ((9, 12), 0.6), ((18, 24), 0.3)):
        layer = Image.fromarray(random.normal(0, 1, shape).astype(np.float32))
        grey += strength * np.asarray(layer.resize((320, 240), Image.Resampling.BICUBIC))
    return Image.fromarray(np.clip(128 + 40 * grey, 0, 255).astype(np.uint8)).convert("RGB")


def _grainy(image: Image.Image, light: float | np.ndarray, grain: float, random: np.random.Generator) -> Image.Image:
    pixels = np.asarray(image, np.float32) * light
    noisy = pixels + random.normal(0, grain, pixels.shape)
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def _drawing(draw: Callable[[int], Image.Image]) -> Callable[[], list[bytes]]:
    return lambda: [jpeg(draw(seed)) for seed in range(N)]


LOOK_ALIKES = {
    "fixed camera": _drawing(part_in_jig),
    "X-rays": _drawing(x_ray),
    "things on a white table": _drawing(thing_on_table),
    "mirrored pairs": _drawing(mirrored_pair),
}
