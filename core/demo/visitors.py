"""The four garden visitors of the demo set, each drawn on a `Sheet` where its pose puts it.

Creatures seen from above look up, from the side look right.  Every `draw_` function decides by chance which
of the two it draws, in what colours and with what marks; one seen from the side is turned nearly upright.
"""

import math
from dataclasses import replace
from random import Random

import numpy as np

from core.demo.drawing import CREAM, INK, Colour, Mark, Points, Sheet, corners, mix, oval, pick, ribbon, smooth

TOP_FEELERS = "0.07 -0.6 0.15 -0.8 0.3 -0.92|-0.07 -0.6 -0.15 -0.8 -0.3 -0.92"


def _upright(sheet: Sheet) -> None:
    # Seen from above a creature may face anywhere; seen from the side it should not stand on its head.
    sheet.pose = replace(sheet.pose, turn=sheet.pose.turn * 0.22)


def _eye(sheet: Sheet, x: float, y: float, size: float) -> None:
    sheet.blob(oval(x, y, size, size * 1.15), INK, depth=0)
    sheet.blob(oval(x + size * 0.3, y - size * 0.35, size * 0.36, size * 0.36), CREAM, depth=0)


def _feelers(sheet: Sheet, paths: str, colour: Colour, width: float, knob: float = 0.0) -> None:
    for path in map(corners, paths.split("|")):
        sheet.stroke(path, colour, width, width * 0.6)
        if knob:
            sheet.blob(oval(*path[-1], knob, knob), INK, depth=0)


def _legs(sheet: Sheet, feet: str, rng: Random, both_sides: bool = False) -> None:
    """Legs written as "hip foot" pairs of points."""
    for hip, foot in corners(feet).reshape(-1, 2, 2):
        for side in (1, -1) if both_sides else (1,):
            toe = foot + (rng.uniform(-0.07, 0.07), rng.uniform(-0.07, 0.07))
            knee = hip * 0.3 + toe * 0.7 + (0.05, -0.05)
            sheet.stroke(np.stack([hip, knee, toe]) * (side, 1), INK, 0.075, 0.03)


def _furry(sheet: Sheet, outline: Points, colour: Colour, marks: list[Mark], rng: Random) -> None:
    middle = outline.mean(axis=0)
    for root in smooth(outline)[:: max(1, len(outline) // 9)]:
        away = (root - middle) / np.linalg.norm(root - middle)
        end = root + away * rng.uniform(0.02, 0.065) + away[::-1] * rng.uniform(-0.03, 0.03)
        shade = mix(colour, INK, rng.uniform(0.1, 0.45))
        sheet.stroke(np.stack([root - away * 0.06, end]), shade, 0.035, 0.006)
    sheet.blob(outline, colour, marks)


def _gauze(sheet: Sheet, shapes: str, side: int, tint: Colour) -> None:
    for wing in map(corners, shapes.split("|")):
        ends = wing[0] + (wing[1:] - wing[0]) * 0.9
        veins = [np.linspace(wing[0], end, 5) * (side, 1) for end in ends]
        marks = [(ribbon(vein, 0.016), mix(tint, INK, 0.4)) for vein in veins]
        sheet.blob(smooth(wing) * (side, 1), tint, marks, depth=0.4, solid=0.66)


def _bands(outline: Points, colour: Colour, axis: int, rng: Random) -> list[Mark]:
    start, length = outline[:, axis].min(), np.ptp(outline[:, axis])
    aside = outline[:, 1 - axis].mean()
    count, curl, t, marks = rng.randint(3, 5), rng.uniform(0.04, 0.12), np.linspace(-0.6, 0.6, 12), []
    for k in range(count):
        along = start + length * (k + 0.75) / (count + 0.35) + curl * (1 - 3 * t**2)
        path = np.stack([t + aside, along] if axis else [along, t + aside], axis=1)
        marks.append((ribbon(path, length / count * rng.uniform(0.4, 0.55)), colour))
    return marks


def draw_bee(sheet: Sheet, rng: Random) -> None:
    """A bee, or a fly or wasp by its colours: banded tail, furry chest, gauze wings."""
    coat = pick("f0b030 e28028 96887c 704a30 eed078 be5c34 5e5a62", rng)
    dark, tint = pick("2e1e22 46221e 3a3844", rng, 8), pick("e2e8ec f0e4cc c8d4dc", rng, 12)
    chest = mix(coat, rng.choice((CREAM, dark)), 0.3)
    (_bee_above if rng.random() < 0.55 else _bee_aside)(sheet, (coat, chest, dark, tint), rng)


def _bee_above(sheet: Sheet, coats: tuple[Colour, Colour, Colour, Colour], rng: Random) -> None:
    coat, chest, dark, tint = coats
    _legs(sheet, "0 -0.28 0.55 -0.45 0 -0.1 0.55 0 0 0.1 0.55 0.4", rng, both_sides=True)
    _feelers(sheet, TOP_FEELERS, dark, 0.05)
    tail = smooth(corners("0 0 0.27 0.14 0.33 0.42 0.24 0.72 0 0.95 -0.24 0.72 -0.33 0.42 -0.27 0.14"))
    tail *= (rng.uniform(0.85, 1.25), 1)
    _furry(sheet, tail, coat, _bands(tail, dark, 1, rng), rng)
    wings = "0.08 -0.08 0.34 0.1 0.66 0.3 0.58 0.6 0.27 0.5|0.08 -0.1 0.5 -0.25 0.98 0 0.85 0.3 0.4 0.2"
    for side in (-1, 1):
        _gauze(sheet, wings, side, tint)
    _furry(sheet, oval(0, -0.13, 0.3, 0.28), chest, [], rng)
    sheet.blob(oval(0, -0.52, 0.21, 0.17), mix(dark, coat, 0.3))
    for side in (-1, 1):
        sheet.blob(oval(side * 0.17, -0.54, 0.06, 0.11, side * 0.3), INK, depth=0.5)


def _bee_aside(sheet: Sheet, coats: tuple[Colour, Colour, Colour, Colour], rng: Random) -> None:
    coat, chest, dark, tint = coats
    _upright(sheet)
    _legs(sheet, "-0.1 0.25 -0.14 0.72 0.08 0.28 0.1 0.74 0.26 0.25 0.36 0.7", rng)
    tail = smooth(corners("0.1 -0.12 -0.35 -0.28 -0.78 0 -0.98 0.3 -0.7 0.42 -0.2 0.44 0.1 0.3"))
    tail *= (1, rng.uniform(0.9, 1.2))
    _furry(sheet, tail, coat, _bands(tail, dark, 0, rng), rng)
    _furry(sheet, oval(0.2, 0.06, 0.33, 0.32), chest, [], rng)
    _feelers(sheet, "0.6 -0.1 0.68 -0.32 0.82 -0.4|0.72 -0.08 0.82 -0.28 0.96 -0.32", dark, 0.05)
    sheet.blob(oval(0.62, 0.06, 0.22, 0.23), mix(dark, coat, 0.4))
    _eye(sheet, 0.69, 0.02, 0.085)
    wings = "0.14 -0.18 0 -0.5 -0.3 -0.6 -0.5 -0.4 -0.3 -0.2|0.16 -0.18 0.05 -0.7 -0.3 -0.95 -0.6 -0.8 -0.4 -0.3"
    _gauze(sheet, wings, 1, tint)


def _wing_marks(wing: Points, root: Points, inks: tuple[Colour, Colour], rng: Random) -> list[Mark]:
    colour, trim = inks
    kind, middle = rng.choice(("border", "border", "tiger", "dots", "eyes", "plain")), wing.mean(axis=0)
    rays = [np.linspace(root, wing[k], 5) for k in range(4, len(wing), max(1, len(wing) // 7))]
    if kind == "tiger":
        return [(ribbon(ray, 0.03, 0.12), trim) for ray in rays]
    marks = [(ribbon(ray, 0.02), mix(colour, trim, 0.6)) for ray in rays]
    if kind in ("border", "eyes"):
        marks = [(wing, trim), (middle + (wing - middle) * 0.8, colour), *marks]
    if kind in ("dots", "border"):
        paint, share = (trim, 0.68) if kind == "dots" else (mix(CREAM, colour, 0.2), 0.92)
        size = rng.uniform(0.05, 0.085) if kind == "dots" else 0.035
        marks += [(oval(*(middle + (ray[-1] - middle) * share), size, size), paint) for ray in rays]
    if kind == "eyes":
        rings = ((0.17, CREAM), (0.13, trim), (0.06, mix(colour, (70, 120, 190), 0.7)))
        marks += [(oval(*middle, size, size), paint) for size, paint in rings]
    return marks


def draw_butterfly(sheet: Sheet, rng: Random) -> None:
    """A butterfly with its wings open (from above) or folded (from the side)."""
    colour = pick("e27c2c cc3830 f0c43c 5688cc f0eadc 8c60b0 7e5438 8caa5a e28ca0", rng)
    trim = rng.choice((INK, INK, (92, 56, 40), CREAM, mix(colour, CREAM, 0.6)))
    (_butterfly_open if rng.random() < 0.68 else _butterfly_folded)(sheet, colour, trim, rng)


def _butterfly_open(sheet: Sheet, colour: Colour, trim: Colour, rng: Random) -> None:
    span, tail = (rng.uniform(0.65, 1.0), rng.uniform(0.8, 1.05)), rng.choice((0, 0, 0.28))
    hind = corners(f"0.04 0 0.5 -0.06 0.82 0.2 0.66 0.6 0.46 {0.66 + tail} 0.26 0.58 0.05 0.26")
    fore = corners("0.03 -0.22 0.42 -0.66 0.92 -0.82 0.98 -0.5 0.72 -0.02 0.05 0.08")
    other = colour if rng.random() < 0.7 else mix(colour, trim, 0.35)
    for shape, paint in ((hind, other), (fore, colour)):
        wing = smooth(shape) * span
        marks = _wing_marks(wing, shape[0], (paint, trim), rng)
        for side in (-1, 1):
            sheet.blob(wing * (side, 1), paint, [(mark * (side, 1), ink) for mark, ink in marks], 0.35)
    _feelers(sheet, TOP_FEELERS, INK, 0.035, 0.04)
    body = mix(INK, rng.choice((colour, (110, 80, 60))), 0.3)
    sheet.blob(smooth(corners("0 -0.34 0.075 -0.1 0.06 0.3 0 0.56 -0.06 0.3 -0.075 -0.1")), body)
    sheet.blob(oval(0, -0.43, 0.1, 0.12), body)


def _butterfly_folded(sheet: Sheet, colour: Colour, trim: Colour, rng: Random) -> None:
    _upright(sheet)
    _legs(sheet, "0.1 0.5 0.08 0.9 0.22 0.48 0.26 0.9 0.34 0.42 0.44 0.86", rng)
    fore = "0.2 0.46 0.3 -0.1 0.28 -0.95 -0.1 -0.9 -0.36 -0.2 -0.1 0.4"
    hind = "0.16 0.48 -0.1 0 -0.62 -0.3 -0.86 0.06 -0.72 0.46 -0.3 0.6"
    span = (1, rng.uniform(0.85, 1.1))
    for shape in (corners(fore), corners(hind)):
        wing = smooth(shape) * span
        sheet.blob(wing, colour, _wing_marks(wing, shape[0], (colour, trim), rng), 0.35)
    _feelers(sheet, "0.45 0.34 0.54 0.06 0.66 -0.14|0.45 0.34 0.7 0.1 0.86 -0.06", INK, 0.035, 0.04)
    sheet.blob(smooth(corners("-0.42 0.72 -0.1 0.5 0.36 0.34 0.42 0.46 0.1 0.62")), mix(INK, colour, 0.25))
    sheet.blob(oval(0.45, 0.38, 0.11, 0.1), mix(INK, colour, 0.25))
    _eye(sheet, 0.48, 0.36, 0.045)


def draw_ladybird(sheet: Sheet, rng: Random) -> None:
    """A ladybird in one of many shells, with dots."""
    shell = pick("ce3428 e06e28 ecbc3e 342a2e 845032 de928c a8323c 3e3438", rng)
    dot = INK if sum(shell) > 330 else pick("ce3e2c e8b446 f4e6c8 e07038", rng)
    (_ladybird_above if rng.random() < 0.65 else _ladybird_aside)(sheet, shell, dot, rng)


def _ladybird_above(sheet: Sheet, shell: Colour, dot: Colour, rng: Random) -> None:
    _legs(sheet, "0.3 -0.2 0.92 -0.4 0.3 0.2 0.98 0.2 0.3 0.5 0.9 0.75", rng, both_sides=True)
    _feelers(sheet, TOP_FEELERS, INK, 0.05)
    sheet.blob(oval(0, -0.68, 0.24, 0.18), INK)
    rows = (-0.12, 0.12, 0.4, 0.66)[: rng.randint(2, 4)]
    dots = [(rng.uniform(0.18, 0.5), y, rng.uniform(0.07, 0.145)) for y in rows]
    marks = [(oval(side * x, y, size, size * 1.1), dot) for x, y, size in dots for side in (-1, 1)]
    seam = (ribbon(corners("0 -0.6 0 1"), 0.035), mix(shell, INK, 0.8))
    sheet.blob(oval(0, 0.22, rng.uniform(0.62, 0.74), 0.68), shell, [*marks, seam], 0.8)
    cheeks = [(oval(side * 0.3, -0.5, 0.11, 0.12), mix(CREAM, shell, 0.15)) for side in (-1, 1)]
    sheet.blob(smooth(corners("-0.46 -0.34 -0.34 -0.6 0 -0.66 0.34 -0.6 0.46 -0.34 0 -0.28")), INK, cheeks)


def _ladybird_aside(sheet: Sheet, shell: Colour, dot: Colour, rng: Random) -> None:
    _upright(sheet)
    _legs(sheet, "-0.4 0.3 -0.42 0.72 0 0.3 0.06 0.74 0.4 0.3 0.5 0.7", rng)
    _feelers(sheet, "0.78 0 0.82 -0.14 0.86 -0.26|0.8 0 0.92 -0.1 1 -0.2", INK, 0.045)
    sheet.blob(smooth(corners("-0.75 0.3 0 0.2 0.7 0.3 0.5 0.44 -0.5 0.44")), INK)
    sheet.blob(oval(0.76, 0.14, 0.19, 0.2), INK)
    sheet.blob(oval(0.82, 0.08, 0.06, 0.07), CREAM, depth=0)
    _eye(sheet, 0.84, 0.09, 0.035)
    collar = smooth(corners("0.4 -0.16 0.62 -0.16 0.72 0.1 0.64 0.36 0.36 0.34"))
    sheet.blob(collar, INK, [(oval(0.58, 0.12, 0.09, 0.13), mix(CREAM, shell, 0.15))])
    dome = smooth(corners("-0.92 0.34 -0.84 0 -0.46 -0.5 -0.05 -0.64 0.36 -0.4 0.54 0.02 0.5 0.34 -0.2 0.42"))
    spots = corners("-0.55 0.1 -0.12 0.14 0.28 0.08 -0.36 -0.22 0.06 -0.26 -0.05 -0.6")
    sizes = [rng.uniform(0.075, 0.14) for _ in spots]
    marks = [(oval(*spot, size, size), dot) for spot, size in zip(spots, sizes, strict=True)]
    sheet.blob(dome * (1, rng.uniform(0.85, 1.1)), shell, rng.sample(marks, rng.randint(3, 6)), 0.8)


def _coil(sheet: Sheet, centre: tuple[float, float], shell: Colour, rng: Random) -> None:
    size, turns, t = rng.uniform(0.5, 0.6), rng.uniform(2.2, 3.2), np.linspace(0, 1, 70)
    angle = turns * 2 * math.pi * t + rng.uniform(0.2, 0.9)
    spiral = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (size * (1 - t) ** 1.15)[:, None]
    path, inner = spiral + centre, spiral * 0.82 + centre
    style, marks = rng.choice(("plain", "band", "band", "rays", "dots")), []
    if style == "band":
        marks = [(ribbon(inner, 0.12, 0.01), mix(shell, rng.choice((INK, CREAM)), 0.55))]
    elif style == "rays":
        rays = zip(inner[:44:3], path[:44:3], strict=True)
        marks = [(ribbon(np.stack(ray), 0.07, 0.03), mix(shell, INK, 0.35)) for ray in rays]
    elif style == "dots":
        marks = [(oval(*spot, 0.05, 0.05), mix(shell, INK, 0.5)) for spot in inner[:40:4]]
    marks.append((ribbon(path, 0.06, 0.025), mix(shell, INK, 0.6)))
    sheet.blob(oval(*centre, size, size * rng.uniform(0.88, 1.0)), shell, marks, 0.75)


def draw_snail(sheet: Sheet, rng: Random) -> None:
    """A snail, more often from the side than from above."""
    shell = pick("966038 e8be50 e09892 eedcb4 b84a34 808260 786c74 e28838", rng)
    skin = pick("c4a480 927a68 6c6060 dec48c", rng)
    if rng.random() < 0.72:
        _upright(sheet)
        centre = (rng.uniform(-0.3, -0.12), rng.uniform(0, 0.08))
        feelers = "0.6 0 0.7 -0.2 0.76 -0.4|0.72 0 0.86 -0.14 0.96 -0.3"
        front = "0.2 0.4 0.46 0.24 0.52 -0.04 0.72 -0.12 0.88 0.02 0.78 0.26 0.66 0.5 0.7 0.64"
        foot = corners("-1 0.62 -0.5 0.42 " + front + " 0 0.66")
    else:
        centre, feelers = (rng.uniform(-0.1, 0.1), 0.18), TOP_FEELERS
        foot = corners("0 -0.8 0.17 -0.62 0.24 -0.2 0.26 0.4 0 1 -0.26 0.4 -0.24 -0.2 -0.17 -0.62")
    _feelers(sheet, feelers, skin, 0.085, 0.05)
    dust = [(rng.uniform(-1, 1), rng.uniform(-1, 1)) for _ in range(70)]
    sheet.blob(smooth(foot), skin, [(oval(*spot, 0.03, 0.025), mix(skin, INK, 0.3)) for spot in dust], 0.6)
    _coil(sheet, centre, shell, rng)
