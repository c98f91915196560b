"""Photos that a run was tested on and that are no longer in the project, in the gallery: what was kept is seen."""

import secrets
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path, PurePath
from typing import Any

import pandas as pd
import streamlit as st

from core.base.files import holds_something
from core.photos.decoding import PhotoError
from core.projects.project import Photo, Project
from core.runs.photo_places import listed_photos
from core.runs.run import Run
from pages.components.pictures import gallery
from pages.components.pictures.actions import Action
from pages.components.pictures.lent import Lent, Pictures, lent_photo
from pages.components.pictures.listings import Listed

KEPT = "It is no longer in the project. Its small picture is all that was kept."


def show(key: str, project: Project, run: Run, rows: pd.DataFrame, said: Callable[[Any], str], closer: Action) -> None:
    """Show them.

    Args:
        key: As for `gallery.show`.
        project: Had them, and has their small pictures.
        run: Knows what their files were called.
        rows: Of `read_answers`, by the ids that the gallery is to give them.
        said: What stands under one, given its row.
        closer: The only thing that can still be done with them.
    """
    source = GonePhotos(st.session_state.setdefault(f"{key}_token", secrets.token_hex(16)), project, run, rows)

    def listed(limit: int, offset: int) -> Listed:
        shown = rows.iloc[offset : offset + limit]
        in_words = {row.Index: said(row) for row in shown.itertuples()}
        return Listed(source.with_ids(shown.index), len(rows), in_words, more=dict.fromkeys(in_words, KEPT))

    look = gallery.Look("Photos no longer in the project", rail=False)
    gallery.show(key, project, listed, (closer,), look, source)


class GonePhotos(Lent):
    """Their small pictures are lent to the gallery."""

    def __init__(self, token: str, project: Project, run: Run, rows: pd.DataFrame) -> None:
        super().__init__(token)
        self._project = project
        contents = set(rows["sha256"])
        listed = (photo for photo in listed_photos(run) if photo.sha256 in contents)
        names = {photo.sha256: PurePath(photo.path).name for photo in listed}
        self._rows = rows.assign(name=[names.get(sha256, sha256[:12]) for sha256 in rows["sha256"]])

    def with_ids(self, photo_ids: Collection[int]) -> list[Photo]:
        """As `Lent` has it."""
        there = self._rows.loc[self._rows.index.intersection(list(photo_ids))]
        return [_as_photo(row) for row in there.itertuples()]

    def pictures(self, photo_id: int) -> Pictures | None:
        """As `Lent` has it."""
        for photo in self.with_ids([photo_id]):
            small = partial(_kept, self._project.thumbnail_of(photo.sha256))
            return Pictures(self.version_of(photo), small, lambda side, small=small: small())
        return None


def _kept(small_picture: Path) -> bytes:
    if not holds_something(small_picture):
        raise PhotoError("nothing of it was kept")
    return small_picture.read_bytes()


def _as_photo(row: Any) -> Photo:
    return lent_photo(int(row.Index), row.name, row.sha256, row.truth)
