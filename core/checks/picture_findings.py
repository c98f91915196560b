"""Findings on pictures that hold more, or less, than one picture of three colours: cut files, pages, bands.

They are made from the table that `appearance_findings` describes, with these columns of `PictureFacts` beside:

    cut, missing   whether the file lacks its end; the share of the picture that isn't there for that, 0..1
    pages, blank   how many pages it has, 0 for one; whether the one that is used shows next to nothing
    bands          how many bands it has beyond three, 0 for three
"""

import pandas as pd

from core.base.words import counted, percent
from core.checks.appearance_findings import NOTE, WARNING, Finding, is_kept
from core.photos.pictures import PictureFacts, PictureSettings

CUT, PAGES, BANDS = "without-its-end", "several-pages", "many-bands"
COLUMNS = ("cut", "missing", "pages", "blank", "bands")
CHOOSE = "Choose {} on the Photos page, under “How pictures are read”, or with --{}."


def with_facts(table: pd.DataFrame, facts: list[PictureFacts]) -> pd.DataFrame:
    """The table with these columns, of one fact a row."""
    return table.assign(**{name: [getattr(fact, name) for fact in facts] for name in COLUMNS})


def find_odd_pictures(table: pd.DataFrame, settings: PictureSettings) -> list[Finding]:
    """All such findings; `settings` are those by which the photos are read."""
    return [*_cut(table), *_pages(table, settings.page), *_bands(table, settings.bands)]


def _cut(table: pd.DataFrame) -> list[Finding]:
    rows = table[table["cut"].astype(bool) & ~is_kept(table, CUT)].sort_values(
        "missing", ascending=False, kind="stable"
    )
    if rows.empty:
        return []
    these = "1 file stops too early" if len(rows) == 1 else f"{counted(len(rows), 'file')} stop too early"
    most = rows["missing"].iloc[0]
    share = "less than 1 %" if most < 0.01 else percent(most)
    lost = f"{share} of the picture" if len(rows) == 1 else f"up to {share} of a picture (the worst comes first)"
    why = f"{these}: {lost if most > 0 else 'next to nothing of the picture'} is missing."
    fix = "Keep what still shows its class, or get the file again."
    return [Finding(CUT, WARNING if most >= 0.01 else NOTE, rows["key"].tolist(), why, fix)]


def _pages(table: pd.DataFrame, page: int) -> list[Finding]:
    rows = table[(table["pages"] > 0) & ~is_kept(table, PAGES)]
    rows = rows.sort_values("blank", ascending=False, kind="stable")
    if rows.empty:
        return []
    blank = int(rows["blank"].sum())
    these = "1 file has" if len(rows) == 1 else f"{counted(len(rows), 'file')} have"
    fewer = ", or the last where there are fewer" if (rows["pages"] <= page).any() else ""
    used = f"page {page + 1} is used{fewer}"
    which = "it" if len(rows) == 1 else "all of them" if blank == len(rows) else f"{blank:,} of them"
    empty = f", and it is blank in {which}" if blank else ""
    why = f"{these} several pages: {used}{empty}."
    return [Finding(PAGES, WARNING if blank else NOTE, rows["key"].tolist(), why, CHOOSE.format("another", "page"))]


def _bands(table: pd.DataFrame, bands: tuple[int, int, int]) -> list[Finding]:
    rows = table[(table["bands"] > 0) & ~is_kept(table, BANDS)]
    if rows.empty:
        return []
    these = "1 picture has" if len(rows) == 1 else f"{counted(len(rows), 'picture')} have"
    shown = ", ".join(str(band + 1) for band in bands)
    why = f"{these} more than three bands: {shown} are taken as red, green and blue, and the others are not looked at."
    return [Finding(BANDS, NOTE, rows["key"].tolist(), why, CHOOSE.format("others", "bands"))]
