"""Is it the same picture, or only the same scene? A second look at pairs whose perceptual hashes say "the same".

A fixed camera, X-rays and small things on one table give the same lowest frequencies for different things. So two
pictures are laid over each other, by light (gain and offset), shift and zoom along both sides, with Gauss-Newton from
coarse to fine and with weights that let go of what differs (B. D. Lucas and T. Kanade 1981; S. Baker and I. Matthews,
"Lucas-Kanade 20 Years On", 2004). Then two things tell copies from neighbours:

* the largest difference in place, beside how much is going on there: an animal, a scratch, an edge a pixel aside;
* the grain in the flattest blocks: a copy has that of its original, another shot has its own, as in the fingerprints
  of cameras (J. Lukas, J. Fridrich and M. Goljan, "Digital Camera Identification from Sensor Pattern Noise", 2006).

The limits are measured: `python -m benchmarks.near_copies`, docs/log.md.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image
from threadpoolctl import threadpool_limits

from core.base.threads import in_threads

SIDE = 96  # pixels at which two are compared; grain and scratches are still there
SOURCE_SIDE = 2 * SIDE  # of what is resampled, so that half a pixel's shift blurs neither
STEPS = ((24, 5), (48, 3), (SIDE, 2))  # side, and how often the alignment is improved at it
ZOOMS, SHIFTS = (0.88, 1.14), (-0.12, 0.12)  # a crop by 5 % is 0.95; shifts in halves of the picture
STRIDE = 0.06  # the furthest step of one improvement
CLIPPED = 250.0  # grey levels; a channel from here on is cut off, so nothing is known of it
GUESSED = 15.0  # grey levels; how far the light of clipped places may be misjudged, by what isn't clipped
FLOOR = 4.0  # grey levels: what recompression does where nothing is going on
# At each side; what differs more is looked at no further. Of 1,500 copies of five kinds 0.30 is the most at the last;
# nodules begin at 0.73, nine in ten scratches and animals are beyond.
MAX_DIFFERENCES = {24: 1.0, 48: 0.6, SIDE: 0.32}
BLOCK, MARGIN, FLATTEST = 8, 8, 25  # pixels, pixels, blocks
COMPARABLE = 0.3  # of two energies: where recompression has wiped out one grain, it proves nothing
# Of what is finer still, in the flattest blocks: two shots of one camera have it alike (1,770 pairs of each of three
# kinds: 0.62 at least), and what packed a copy harder takes it away first (0.18 at most), with a grain of its own.
SAME_FINENESS, UNMOVED = 0.4, 0.006  # the second of zoom and shifts, where nothing was cropped or lies elsewhere
GRAIN = 0.1  # grey levels; less is rounding
MIN_BLOCKS = 8  # with fewer the grain says nothing
MIN_GRAIN_ALIKE = 0.11  # correlation, what four of ten blocks are below: other parts reach it, copies hardly go below
LOW_SHARE = 0.4
AT_ONCE = 32  # pairs compared by one thread at a time: some 20 MB
MAX_KEPT = 2048  # pictures; 150 MB

Look = Callable[[int], np.ndarray | None]
Step = Callable[[int, int], object]  # told how many are done, of how many; may raise to stop


def pairs_alike(pairs: np.ndarray, look: Look, step: Step = lambda *_: None) -> np.ndarray:
    """Which pairs are the same picture; what can't be looked at, or is smaller than SIDE, counts as the same.

    Args:
        pairs: int (n, 3): one, the other, and whether the other is looked at mirrored (0 or 1). In the order of the
            first, so that most pictures are read once though only MAX_KEPT of them are kept.
        look: A picture by its number, uint8 (height, width, 3), RGB, some 160 to 320 pixels wide; None where it can't
            be read. It is called in threads, `step` is not.

    Returns:
        bool (n,).
    """
    threads, kept = os.cpu_count() or 2, {}
    answers = [np.zeros(0, bool)]
    for start in range(0, len(pairs), AT_ONCE * threads):
        step(start, len(pairs))
        some = pairs[start : start + AT_ONCE * threads]
        _read({number for pair in some for number in pair[:2].tolist()}, kept, look, threads)
        chunks = [some[i : i + AT_ONCE] for i in range(0, len(some), AT_ONCE)]
        with threadpool_limits(1, "blas"):  # such small matrices take six times as long in several threads
            answers += in_threads(lambda chunk: _alike(chunk, kept), chunks, threads)
    return np.concatenate(answers)


def _read(numbers: Iterable[int], kept: dict[int, np.ndarray | None], look: Look, threads: int) -> None:
    """Read those that aren't kept, and forget what was used least lately."""

    def read(number: int) -> np.ndarray | None:
        pixels = look(number)
        return None if pixels is None or max(pixels.shape) < SIDE else look_of(pixels)  # icons: no grain is left

    missing = []
    for number in sorted(numbers):
        if number in kept:
            kept[number] = kept.pop(number)  # now the last
        else:
            missing.append(number)
    for _ in range(len(kept) + len(missing) - MAX_KEPT):
        kept.pop(next(iter(kept)))
    kept.update(zip(missing, in_threads(read, missing, threads), strict=True))


def _alike(pairs: np.ndarray, kept: dict[int, np.ndarray | None]) -> np.ndarray:
    alike = np.ones(len(pairs), bool)
    seen = [i for i, (one, other, _) in enumerate(pairs.tolist()) if kept[one] is not None and kept[other] is not None]
    if seen:
        looks = np.stack([kept[one] for one in pairs[seen, 0].tolist()])
        others = [kept[other][..., :: -1 if turned else 1] for _, other, turned in pairs[seen].tolist()]
        alike[seen] = same_picture(looks, np.stack(others))
    return alike


def look_of(pixels: np.ndarray) -> np.ndarray:
    """What is kept of a picture for comparing it.

    Args:
        pixels: uint8 (height, width, 3), RGB; some 160 to 320 pixels show all that is used.

    Returns:
        uint8 (2, SOURCE_SIDE, SOURCE_SIDE): the grey picture squeezed to a square, and its brightest channel.
    """
    image = Image.fromarray(pixels).resize((SOURCE_SIDE, SOURCE_SIDE), Image.Resampling.BILINEAR)
    return np.stack([np.asarray(image.convert("L")), np.asarray(image).max(axis=2)])


def same_picture(looks: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Whether the pictures of each pair are copies of one another.

    Args:
        looks: uint8 (n, 2, SOURCE_SIDE, SOURCE_SIDE), of `look_of`; a mirrored pair has one turned around before.
        others: The same of their partners.

    Returns:
        bool (n,).
    """
    darker_first = (looks[:, 0].mean(axis=(1, 2)) <= others[:, 0].mean(axis=(1, 2)))[:, None, None, None]
    darker = np.where(darker_first, looks, others).astype(np.float32)
    brighter = np.where(darker_first, others, looks).astype(np.float32)
    pyramid = {SIDE: (darker, brighter)}
    for side in (SIDE // 2, SIDE // 4):
        pyramid[side] = tuple(_halved(each) for each in pyramid[2 * side])
    left = np.arange(len(looks))
    at, trusted = _unmoved(len(left)), np.ones((len(left), 1, 1), np.float32)
    for side, times in STEPS:
        source, target = (each[left] for each in pyramid[side])
        pair, at, trusted = _aligned(source, target, at, trusted, times)
        alike = _largest_difference(pair) <= MAX_DIFFERENCES[side]
        if side == SIDE:
            unmoved = np.abs(at - _unmoved(len(at))).max(axis=1) < UNMOVED
            repacked = unmoved & (_fineness_alike(source, target) < SAME_FINENESS)
            alike &= repacked | (_grain_alike(pair) >= MIN_GRAIN_ALIKE)
        left, at, trusted = left[alike], at[alike], trusted[alike].repeat(2, axis=1).repeat(2, axis=2)
        if not len(left):
            break
    same = np.zeros(len(looks), bool)
    same[left] = True
    return same


@dataclass(frozen=True)
class _Pair:
    """Pairs laid over each other, all (n, side, side).

    Args:
        expected: float32, the brighter picture as the darker one says it is.
        found: float32, the brighter picture.
        known: bool, where both show something.
        inside: bool, where the darker picture reaches.
    """

    expected: np.ndarray
    found: np.ndarray
    known: np.ndarray
    inside: np.ndarray


def _aligned(
    darker: np.ndarray, brighter: np.ndarray, at: np.ndarray, trusted: np.ndarray, times: int
) -> tuple[_Pair, np.ndarray, np.ndarray]:
    """The darker pictures, float32 (n, 2, 2 side, 2 side), laid over the brighter ones, so what is clipped can be
    told from the other; with zoom and shift along x, then along y, float32 (n, 4), and how far each pixel is trusted,
    float32 (n, side, side), 0..1: both to begin with, and as they were found after so many improvements.
    """
    side = darker.shape[2] // 2
    found = _resampled(brighter, _unmoved(len(at)), side)
    for _ in range(times):
        moved = _resampled(darker, at, side)
        free = _inside(at, side) & (moved[:, 1] < CLIPPED) & (found[:, 1] < CLIPPED)
        step, light, trusted = _improved(moved[:, 0], found[:, 0], free, trusted)
        at = at + step
        at[:, 0::2], at[:, 1::2] = at[:, 0::2].clip(*ZOOMS), at[:, 1::2].clip(*SHIFTS)
    gain, offset = (light[:, i, None, None, None] for i in (0, 1))
    expected = (gain * _resampled(darker, at, side) + offset).clip(0, 255)
    inside = _inside(at, side)
    clipped = (expected[:, 1] >= CLIPPED - GUESSED) & (found[:, 1] >= CLIPPED - 3)
    return _Pair(expected[:, 0], found[:, 0], inside & ~clipped, inside), at, trusted


def _unmoved(n: int) -> np.ndarray:
    return np.tile(np.array([1, 0, 1, 0], np.float32), (n, 1))


def _improved(
    moved: np.ndarray, found: np.ndarray, free: np.ndarray, trusted: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One step of Gauss-Newton: how zooms and shifts change, gain and offset, and how far each pixel is trusted."""
    n, side = moved.shape[:2]
    centres = _centres(side)
    down, across = np.gradient(moved, 2 / side, axis=(1, 2))
    slopes = [across * centres, across, down * centres[:, None], down, moved, np.ones_like(moved)]
    slopes = np.stack(slopes, axis=1).reshape(n, 6, -1)
    weights = (trusted * free).reshape(n, 1, -1)
    target = found.reshape(n, -1, 1)
    # Without any contrast the gain is 1 and the offset little: a plain picture fits everything otherwise.
    usual = np.array([0, 0, 0, 0, 100.0 * side, 0.01 * side])
    normal = ((slopes * weights) @ slopes.transpose(0, 2, 1)).astype(np.float64) + np.diag(usual + 0.01)
    right = ((slopes * weights) @ target).astype(np.float64)
    right[:, 4, 0] += usual[4]
    solved = np.linalg.solve(normal, right)[..., 0].astype(np.float32)
    off = np.abs(found.reshape(n, -1) - (solved[:, None] @ slopes)[:, 0]) * free.reshape(n, -1)
    scale = 3 * np.maximum(off.sum(axis=1) / np.maximum(free.sum(axis=(1, 2)), 1), 0.5)
    trusted = (1 / (1 + (off / scale[:, None]) ** 2)).reshape(moved.shape)  # Cauchy's: an animal doesn't pull
    step = (solved[:, :4] / np.maximum(solved[:, 4:5], 0.3)).clip(-STRIDE, STRIDE)
    return step, solved[:, 4:], trusted


def _largest_difference(pair: _Pair) -> np.ndarray:
    """The largest difference in place as a share of what is going on there: float (n,)."""
    difference = np.where(pair.known, pair.expected - pair.found, 0)
    scale = difference.shape[1] / SIDE
    here = np.sqrt(_blurred(_blurred(difference, scale) ** 2, 2 * scale))
    going_on = np.sqrt(_blurred((pair.found - _blurred(pair.found, 4 * scale)) ** 2, 3 * scale))
    return np.where(pair.inside, here / (going_on + FLOOR), 0).max(axis=(1, 2))


def _grain_alike(pair: _Pair) -> np.ndarray:
    """How alike the grain of the flattest blocks is, by a lower one: float (n,), 1 where there is none to compare."""
    one, other = (_blocks(each - _blurred(each, 1.2)) for each in (pair.expected, pair.found))
    one, other = (each - each.mean(axis=2, keepdims=True) for each in (one, other))
    energies = np.stack([(one**2).mean(axis=2), (other**2).mean(axis=2)])
    least, most = energies.min(axis=0), energies.max(axis=0)
    usable = _blocks(pair.known).all(axis=2) & (least > COMPARABLE * most) & (least > GRAIN**2)
    flattest = np.argsort(np.where(usable, most, np.inf), axis=1)[:, :FLATTEST]
    alike = np.where(usable, (one * other).mean(axis=2) / np.sqrt(least * most + 1e-9), 2)  # no correlation is 2
    alike = np.sort(np.take_along_axis(alike, flattest, axis=1), axis=1)
    n = (alike < 2).sum(axis=1)
    at = (LOW_SHARE * np.maximum(n - 1, 0)).astype(int)[:, None]
    return np.where(n < MIN_BLOCKS, 1.0, np.take_along_axis(alike, at, axis=1)[:, 0])


def _fineness_alike(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How alike the energies of what is finest are in the flattest blocks: of (n, 2, SOURCE_SIDE, SOURCE_SIDE)"""
    greys = (each[:, 0] for each in (one, other))
    energies = [(_blocks(grey - _blurred(grey, 1.2), SOURCE_SIDE // SIDE) ** 2).mean(axis=2) for grey in greys]
    usual = [np.median(np.sort(each, axis=1)[:, :FLATTEST], axis=1) + 1e-9 for each in energies]
    return np.minimum(*usual) / np.maximum(*usual)


def _blocks(pictures: np.ndarray, times: int = 1) -> np.ndarray:
    """(n, blocks, pixels of a block) of (n, times SIDE, times SIDE), without the margin."""
    margin, block = times * MARGIN, times * BLOCK
    inner = pictures[:, margin:-margin, margin:-margin]
    count = inner.shape[1] // block
    tiled = inner.reshape(len(inner), count, block, count, block).transpose(0, 1, 3, 2, 4)
    return tiled.reshape(len(inner), count * count, block * block)


def _centres(side: int) -> np.ndarray:
    """Where pixels lie along a side, from -1 to 1."""
    return ((np.arange(side, dtype=np.float32) + 0.5) / side) * 2 - 1


def _resampled(pictures: np.ndarray, at: np.ndarray, side: int) -> np.ndarray:
    """Pictures (n, 2, 2 side, 2 side) zoomed and shifted: (n, 2, side, side)."""
    across, down = (_taking(at[:, i], at[:, i + 1], side)[:, None] for i in (0, 2))
    return down @ pictures @ across.transpose(0, 1, 3, 2)


def _taking(zoom: np.ndarray, shift: np.ndarray, side: int) -> np.ndarray:
    """Which pixels of twice as many make each of a side, weighed by a triangle: float32 (n, side, 2 side)."""
    place = zoom[:, None] * _centres(side) + shift[:, None]
    weights = np.maximum(0, 1 - np.abs(place[:, :, None] - _centres(2 * side)) * (side / 2))
    return weights / np.maximum(weights.sum(axis=2, keepdims=True), 1e-6)


def _inside(at: np.ndarray, side: int) -> np.ndarray:
    """Where the moved picture reaches, without its edge: bool (n, side, side)."""
    edge = max(1, side // 32)
    own = np.zeros(side, bool)
    own[edge:-edge] = True
    across, down = ((np.abs(at[:, i, None] * _centres(side) + at[:, i + 1, None]) < 1 - 2 / side) & own for i in (0, 2))
    return down[:, :, None] & across[:, None, :]


def _halved(pictures: np.ndarray) -> np.ndarray:
    """Grey by its mean, the brightest channel by its most: a place of which a part is clipped is clipped."""
    quarters = [pictures[:, :, i::2, j::2] for i in (0, 1) for j in (0, 1)]
    grey = sum(each[:, 0] for each in quarters) / 4
    return np.stack([grey, np.maximum.reduce([each[:, 1] for each in quarters])], axis=1)


def _blurred(pictures: np.ndarray, sigma: float) -> np.ndarray:
    """Blurred along both sides by a Gaussian; the edge goes on beyond itself."""
    n, reach = pictures.shape[1], round(3 * sigma)
    steps = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (steps / sigma) ** 2)
    matrix = np.zeros((n, n), np.float32)
    np.add.at(matrix, (np.arange(n)[:, None], (np.arange(n)[:, None] + steps).clip(0, n - 1)), weights / weights.sum())
    return matrix @ pictures @ matrix.T
