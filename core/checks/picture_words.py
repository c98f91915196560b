"""What is out of the ordinary in a project's pictures, and how they are read for it, in sentences."""

from collections.abc import Iterable

from core.base.words import counted
from core.photos.pictures import PictureFacts, PictureSettings


def seen_in_words(facts: list[PictureFacts], settings: PictureSettings) -> list[str]:
    """A sentence for each depth, and for pages, bands and profiles where there are any.

    Args:
        facts: Of pictures that take part.
        settings: By which they are read.
    """
    deep = [fact for fact in facts if fact.depth]
    said = [_depth(depth, [fact for fact in deep if fact.depth == depth], settings) for depth in _depths(deep)]
    if pages := [fact for fact in facts if fact.pages]:
        said.append(_pages(pages, settings.page))
    if bands := [fact.bands for fact in facts if fact.bands]:
        red, green, blue = (band + 1 for band in settings.bands)
        said.append(
            f"{counted(len(bands), 'picture')} with {_from_to(bands)} bands: {red} is red, {green} green, {blue} blue."
        )
    if n := sum(fact.profile for fact in facts):
        used = "it is applied" if settings.profiles else "it is not applied"
        said.append(f"{counted(n, 'picture')} with a colour profile: {used}.")
    return said


def _depths(deep: list[PictureFacts]) -> list[str]:
    return sorted({fact.depth for fact in deep})


def _depth(depth: str, facts: list[PictureFacts], settings: PictureSettings) -> str:
    what = "of decimal numbers" if depth.startswith("float") else f"of {depth.lstrip('uint')} bits"
    black, white = settings.range_of(depth) or (0.0, 0.0)
    how = f"{_number(black)} is black, {_number(white)} white" if white > black else "each is stretched by itself"
    return f"{counted(len(facts), 'picture')} {what}: {how}."


def _pages(facts: list[PictureFacts], page: int) -> str:
    blank = sum(fact.blank for fact in facts)
    fewer = " (the last where there are fewer)" if any(fact.pages <= page for fact in facts) else ""
    empty = f", and it is blank in {blank:,}" if blank else ""
    files = counted(len(facts), "file")
    return f"{files} with {_from_to(fact.pages for fact in facts)} pages: page {page + 1}{fewer} is used{empty}."


def _from_to(numbers: Iterable[int]) -> str:
    numbers = list(numbers)
    return f"{min(numbers)}" if min(numbers) == max(numbers) else f"{min(numbers)} to {max(numbers)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:.4g}"
