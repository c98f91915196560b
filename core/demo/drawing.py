"""Pens, places and light for the demo pictures; the garden visitors themselves are in `visitors`.

Things are drawn on a square from -1 to 1 both ways, y pointing down, and a `Pose` puts that square
somewhere in the picture.  Shapes are written as text, "x y x y ...", like the points of an SVG polygon.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Points = np.ndarray  # float64, shape (n, 2), x then y
Mark = tuple[Points, Colour]
Marks = Sequence[Mark]
Size = tuple[int, int]

INK: Colour = (46, 30, 34)
CREAM: Colour = (250, 238, 205)
SUN, DUSK = (255, 249, 222), (44, 26, 54)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """The colour `share` (0 to 1) of the way from `one` to `other`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def pick(codes: str, rng: Random, spread: float = 16) -> Colour:
    """One of the hexadecimal `codes`, each channel shifted by up to `spread` and kept in 0..255."""
    code = bytes.fromhex(rng.choice(codes.split()))
    red, green, blue = (min(255, max(0, round(c + rng.uniform(-spread, spread)))) for c in code)
    return red, green, blue


def corners(text: str) -> Points:
    """The points written as "x y x y ..."; ValueError when the count of numbers is odd."""
    return np.array(text.split(), dtype=float).reshape(-1, 2)


def smooth(points: Points, closed: bool = True) -> Points:
    """A soft curve through `points` (at least two)."""
    p = np.vstack([points[-1:], points, points[:2]] if closed else [points[:1], points, points[-1:]])
    a, b, c, d = (p[i : len(p) - 3 + i, None] for i in range(4))
    t = np.linspace(0, 1, 9)[None, :, None]
    curve = 2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    return curve.reshape(-1, 2) / 2


def oval(x: float, y: float, wide: float, high: float, turn: float = 0.0) -> Points:
    """The outline of an ellipse with half-axes `wide` and `high`, turned by `turn` radians."""
    t = np.linspace(0, 2 * math.pi, 40, endpoint=False)
    across, down = wide * np.cos(t), high * np.sin(t)
    cos, sin = math.cos(turn), math.sin(turn)
    return np.stack([x + across * cos - down * sin, y + across * sin + down * cos], axis=1)


def ribbon(path: Points, width: float, tip: float | None = None) -> Points:
    """The outline of a band along `path`, `width` wide at its start and `tip` at its end."""
    along = np.gradient(path, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    half = np.linspace(width, width if tip is None else tip, len(path))[:, None] / 2
    aside = along[:, ::-1] * (-1, 1) * half
    return np.vstack([path + aside, (path - aside)[::-1]])


@dataclass(frozen=True)
class Pose:
    """Where the drawing square lands: centre and half side in pixels, turn in radians.

    `wide` narrows the drawing, and mirrors it when below 0; `bend` curls it a little.
    """

    x: float
    y: float
    reach: float
    turn: float = 0.0
    wide: float = 1.0
    bend: float = 0.0


class Sheet:
    """A see-through layer (RGBA) whose pens shade every part for one light.

    `pose` may be changed between strokes; `light` is the direction, in radians, the light comes from.
    """

    def __init__(self, size: Size, pose: Pose, light: float) -> None:
        self.layer = Image.new("RGBA", size)
        self.pose = pose
        self.light = (math.cos(light), math.sin(light))

    def place(self, points: Points) -> Points:
        """The same points in pixels of the layer."""
        pose = self.pose
        x, y = points.T
        x, y = x * pose.wide + pose.bend * y * y, y + pose.bend * x * x
        cos, sin = math.cos(pose.turn) * pose.reach, math.sin(pose.turn) * pose.reach
        return np.stack([pose.x + x * cos - y * sin, pose.y + x * sin + y * cos], axis=1)

    def stroke(self, path: Points, colour: Colour, width: float, tip: float) -> None:
        """A soft flat line along `path`, thinning from `width` to `tip`."""
        band = self.place(ribbon(smooth(path, closed=False), width, tip))
        ImageDraw.Draw(self.layer).polygon(band.ravel().tolist(), fill=(*colour, 255))

    def blob(self, outline: Points, colour: Colour, marks: Marks = (), depth: float = 0.7, solid: float = 1.0) -> None:
        """A filled, outlined, rounded part; `marks` are painted on it and end at its edge.

        `depth` 0 leaves it flat; `solid` is 1 for opaque, 0 for invisible.
        """
        spots = self.place(outline)
        corner = np.maximum(np.floor(spots.min(axis=0)) - 2, 0).astype(int)
        end = np.minimum(np.ceil(spots.max(axis=0)) + 3, self.layer.size).astype(int)
        wide, high = (end - corner).tolist()
        if wide < 2 or high < 2:
            return
        part, mask = Image.new("RGB", (wide, high), colour), Image.new("L", (wide, high))
        pen = ImageDraw.Draw(part)
        for shape, paint in marks:
            pen.polygon((self.place(shape) - corner).ravel().tolist(), fill=paint)
        edge = (spots - corner).ravel().tolist()
        pen.line(edge + edge[:4], fill=mix(colour, INK, 0.6), width=max(2, round(self.pose.reach * 0.022)))
        ImageDraw.Draw(mask).polygon(edge, fill=round(255 * solid))
        if depth:
            self._round_off(part, mask, depth)
        part.putalpha(mask)
        self.layer.alpha_composite(part, (int(corner[0]), int(corner[1])))

    def _round_off(self, part: Image.Image, mask: Image.Image, depth: float) -> None:
        # The blurred mask serves as a height map; a quarter of the size is enough for something so soft.
        small = mask.reduce(4)
        if min(small.size) < 2:
            return
        soft = max(1.0, 0.2 * min(small.size))
        down, across = np.gradient(np.asarray(small.filter(ImageFilter.GaussianBlur(soft)), dtype=np.float32))
        slope = -(across * self.light[0] + down * self.light[1]) * soft * 2.5 * depth
        for tone, amount in ((SUN, slope * 0.55), (DUSK, -slope * 0.75)):
            veil = Image.fromarray(np.clip(amount, 0, 200).astype(np.uint8))
            part.paste(tone, mask=veil.resize(part.size, Image.Resampling.BILINEAR))


def lay(picture: Image.Image, sheet: Sheet, drop: float, dark: float) -> None:
    """Put `sheet` on `picture` with a soft shadow `drop` pixels away, `dark` (0 to 1) strong."""
    rim = round(drop * 2) + 16
    left, top, right, bottom = sheet.layer.getbbox() or (0, 0, 1, 1)
    thing = sheet.layer.crop((left - rim, top - rim, right + rim, bottom + rim))
    soft = thing.getchannel("A").reduce(8).filter(ImageFilter.GaussianBlur(1 + drop / 16))
    shadow = soft.point([round(v * dark) for v in range(256)]).resize(thing.size, Image.Resampling.BILINEAR)
    dx, dy = (round(-part * drop) - rim for part in sheet.light)
    picture.paste(DUSK, (left + dx, top + dy), shadow)
    picture.paste(thing, (left - rim, top - rim), thing)


def draw_leaf(sheet: Sheet, colour: Colour, rng: Random) -> None:
    """A leaf with veins that fills the drawing square from top to bottom."""
    wide, vein = rng.uniform(0.7, 1.2), mix(colour, CREAM, rng.uniform(0.2, 0.5))
    marks = [(ribbon(corners("0 1 0 -1"), 0.035, 0.01), vein)]
    for y in np.linspace(-0.6, 0.75, rng.randint(5, 8)):
        for side in (-1, 1):
            path = np.array([(0, y), (side * 0.3, y - 0.16), (side * 0.62, y - 0.42)])
            marks.append((ribbon(smooth(path, closed=False), 0.02, 0.006), vein))
    shape = corners("0 -1 0.38 -0.62 0.56 0 0.38 0.6 0 1 -0.38 0.6 -0.56 0 -0.38 -0.62")
    sheet.blob(smooth(shape) * (wide, 1), colour, marks, 0.35)


def draw_clutter(sheet: Sheet, rng: Random) -> None:
    """One small thing from the garden: a petal, a pebble, a leaf or a twig."""
    kind = rng.choice(("petal", "pebble", "leaf", "twig"))
    if kind == "leaf":
        draw_leaf(sheet, pick("7a9a4a 557c3c c98a3c a8552f 8f8a3a", rng), rng)
    elif kind == "twig":
        path = np.array([(-1, rng.uniform(-0.2, 0.2)), (0, rng.uniform(-0.3, 0.3)), (1, 0)])
        sheet.stroke(path, pick("6b4a32 8a6a4a 4d3a30", rng), 0.16, 0.07)
    elif kind == "petal":
        tint = pick("f2b8c6 f6e27a ffffff c9a2dc e8604c f0a050 7f9fd8", rng)
        sheet.blob(smooth(corners("0 0.8 0.5 0.1 0.4 -0.6 0 -0.8 -0.4 -0.6 -0.5 0.1")), tint, depth=0.5)
    else:
        pebble = oval(0, 0, rng.uniform(0.55, 0.85), rng.uniform(0.4, 0.6))
        sheet.blob(pebble, pick("9a948c c2b8a8 6f6a68 b08f78 d8d0c4", rng))


def _mottled(size: Size, codes: str, cells: int, rng: Random) -> Image.Image:
    noise = np.random.default_rng(rng.getrandbits(32)).integers(0, 256, (cells, cells), dtype=np.uint8)
    mask = Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)
    one, other = (Image.new("RGB", size, pick(codes, rng, 10)) for _ in range(2))
    return Image.composite(one, other, mask)


def _big_leaf(size: Size, rng: Random, light: float) -> Image.Image:
    picture = _mottled(size, "2f4a2c 3c5a34 283c2c 55602c", 6, rng)
    x, y = (side * rng.uniform(0.35, 0.65) for side in size)
    sheet = Sheet(size, Pose(x, y, max(size) * rng.uniform(0.6, 0.8), rng.uniform(0, 6.3)), light)
    draw_leaf(sheet, pick("6f9a48 86ac54 4f8048 a8b45a c08a3e b0603a", rng), rng)
    lay(picture, sheet, 24, 0.6)
    return picture


def _grass(size: Size, rng: Random, light: float) -> Image.Image:
    picture, (width, height) = _mottled(size, "4c6a30 6a8a3c 3a5530", 8, rng), size
    pen = ImageDraw.Draw(picture)
    for _ in range(90):
        x, y, long = rng.uniform(0, width), rng.uniform(0.8, 1.5) * height, rng.uniform(0.4, 0.9) * height
        lean = rng.uniform(-0.5, 0.5) * long
        blade = np.array([(x, y), (x + lean * 0.3, y - long * 0.6), (x + lean, y - long)])
        green = pick("5c8a3a 7aa648 9abc58 48702f b4c46a", rng)
        pen.polygon(ribbon(smooth(blade, closed=False), 18, 2).ravel().tolist(), fill=green)
    return picture


def _soil(size: Size, rng: Random, light: float) -> Image.Image:
    picture = _mottled(size, "6a4a34 7d5a40 54392a 8f6e50", rng.randint(20, 60), rng)
    pen = ImageDraw.Draw(picture)
    for _ in range(170):
        x, y, r = rng.uniform(0, size[0]), rng.uniform(0, size[1]), rng.uniform(2, 12)
        crumb = pick("4a3226 8a6648 a68662 3a2a22 b89a7a", rng)
        pen.polygon(oval(x, y, r, r * rng.uniform(0.5, 1), rng.uniform(0, 3)).ravel().tolist(), fill=crumb)
    return picture


def _wood(size: Size, rng: Random, light: float) -> Image.Image:
    upright = rng.random() < 0.5
    width, height = size[::-1] if upright else size
    picture, base = Image.new("RGB", (width, height)), pick("a87c50 c49a6a 8a6a50 b8a898 74523a", rng)
    pen, planks = ImageDraw.Draw(picture), rng.randint(3, 6)
    for k in range(planks):
        top, high = k * height / planks, height / planks
        board = mix(base, rng.choice((INK, CREAM)), rng.uniform(0, 0.2))
        pen.rectangle((-9, top, width + 9, top + high), fill=board, outline=mix(board, INK, 0.75), width=5)
        for at in np.linspace(0.12, 0.88, 6):
            x = np.linspace(0, width, 20)
            y = top + high * (at + 0.03 * np.sin(x / rng.uniform(60, 200) + rng.uniform(0, 6)))
            grain = ribbon(np.stack([x, y], axis=1), rng.uniform(2, 7), 2)
            pen.polygon(grain.ravel().tolist(), fill=mix(board, INK, rng.uniform(0.12, 0.3)))
    return picture.transpose(Image.Transpose.ROTATE_90) if upright else picture


def _stone(size: Size, rng: Random, light: float) -> Image.Image:
    picture, across = _mottled(size, "6c6a60 58604e 7d7468", 30, rng), rng.randint(1, 3)
    sheet, cell = Sheet(size, Pose(0, 0, max(size) / across), light), "0.04 0.04 0.5 0.02 0.96 0.05"
    for k in range(across * across):
        edge = corners(cell + " 0.97 0.5 0.95 0.96 0.5 0.98 0.04 0.95 0.02 0.5") + (k % across, k // across)
        edge += [[rng.uniform(-0.03, 0.03), rng.uniform(-0.03, 0.03)] for _ in edge]
        grey = pick("a8a296 8f8c88 bab0a0 7f8488 a8988c", rng)
        flecks = [(rng.uniform(0, 1) + k % across, rng.uniform(0, 1) + k // across) for _ in range(40)]
        marks = [(oval(x, y, 0.012, 0.009), mix(grey, rng.choice((INK, CREAM)), 0.3)) for x, y in flecks]
        sheet.blob(smooth(edge), grey, marks, 0.3)
    lay(picture, sheet, 4, 0.5)
    return picture


def _flower(size: Size, rng: Random, light: float) -> Image.Image:
    picture = _mottled(size, "4c6a34 5f7d40 38502e", 6, rng)
    x, y = (side * rng.uniform(0.1, 0.9) for side in size)
    tint, count = pick("f2b8c6 f6dc6a f4ece0 c9a2dc e8705c f0a458 8faade", rng), rng.randint(6, 11)
    sheet = Sheet(size, Pose(x, y, max(size) * rng.uniform(0.7, 1)), light)
    petal = smooth(corners("0 0 0.26 0.4 0.3 0.8 0 1 -0.3 0.8 -0.26 0.4")) * (7 / count, 1)
    lines = [(ribbon(corners(f"0 0 {end} 0.8"), 0.012, 0.004), mix(tint, INK, 0.2)) for end in (-0.1, 0, 0.1)]
    for k in range(count):
        sheet.pose = Pose(x, y, sheet.pose.reach, (k + rng.uniform(-0.1, 0.1)) * 2 * math.pi / count)
        sheet.blob(petal, mix(tint, CREAM, rng.uniform(0, 0.2)), lines, 0.45)
    sheet.blob(oval(0, 0, 0.17, 0.17), pick("e0a838 8a5a30 d8c050", rng))
    lay(picture, sheet, 16, 0.5)
    return picture


def _sky(size: Size, rng: Random, light: float) -> Image.Image:
    high, low = pick("6fa0d0 8fb8dc a8b8d0 d89a80", rng), pick("d8e4e8 f2dcc0 a8c080 88a868", rng)
    fade = Image.linear_gradient("L").resize(size)
    picture = Image.composite(Image.new("RGB", size, low), Image.new("RGB", size, high), fade)
    pen = ImageDraw.Draw(picture)
    for _ in range(rng.randint(4, 14)):
        x, y, r = rng.uniform(0, size[0]), rng.uniform(0, size[1]), rng.uniform(30, 110)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=mix(low, SUN, rng.uniform(0.1, 0.7)))
    return picture.reduce(8).filter(ImageFilter.GaussianBlur(rng.uniform(1, 4))).resize(size)


def _paper(size: Size, rng: Random, light: float) -> Image.Image:
    # One colour with itself: two different ones would look like a mosaic at this fineness.
    picture = _mottled(size, rng.choice(("f2e8d2", "e8dcc0", "f4efe4", "cdb48e")), 40, rng)
    pen, step, line = ImageDraw.Draw(picture), rng.randint(40, 80), pick("a8b8c8 d8a8a0 b8b09c", rng)
    for at in range(step, rng.choice((0, max(size))), step):
        pen.line((0, at, size[0], at), fill=line, width=2)
    sheet = Sheet(size, Pose(0, 0, max(size)), light)
    for _ in range(rng.randint(0, 4)):
        wash = oval(rng.random(), rng.random(), rng.uniform(0.1, 0.3), 0.15, rng.uniform(0, 3))
        sheet.blob(wash, pick("e8a8a0 a8c8a0 f0d890 a8c0e0 c8a888", rng), depth=0, solid=0.35)
    picture.paste(sheet.layer, mask=sheet.layer)
    return picture


Place = Callable[[Size, Random, float], Image.Image]
PLACES: tuple[Place, ...] = (_big_leaf, _grass, _soil, _wood, _stone, _flower, _sky, _paper)
