"""The search for wrong labels of a project on disk: its answer, a row a photo, and what the user made of it.

A photo that was kept or left undecided is known by content and class together. So in another class it is asked about
anew, and a decision that is about a class it no longer has is passed over. One that was turned shows the same, and the
decision holds; one that was cropped is another picture, and is asked about anew.
"""

import json
import time
from dataclasses import asdict, dataclass, field, replace
from operator import itemgetter
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.base.checksums import PAGES_CHECKED, PAGES_SEALED
from core.base.errors import InputError
from core.base.files import appearing_whole, checked, disk_errors_in_words, move_into, with_checksum
from core.base.records import Record, keep, kept, key
from core.base.words import counted, percent
from core.engine.tables import UNREADABLE, refuse_other_columns
from core.jobs.folder import JobFolder
from core.projects.changes.shelf import former_with, turned
from core.projects.edits import Edit, last_edit
from core.projects.project import Photo, Project

KEEP, UNSURE = "keep", "unsure"
SAID = "said"  # the key of decisions.json
ABOUT = b"espalier"  # the key in the file's own notes


@dataclass(frozen=True)
class Decision(Record):
    """What the user said of one photo that looked wrong, without changing it.

    Args:
        label: The class it had then.
        what: "keep" or "unsure".
        name: What the file is called, for people.
        time: Unix seconds.
        after_edit: The number of the project's last edit then, 0 for none; None of an earlier version.
    """

    sha256: str
    label: str
    what: str
    name: str
    time: float
    after_edit: int | None = None

    def is_before(self, edit: Edit) -> bool:
        """Whether it was said before that edit."""
        return edit.time > self.time if self.after_edit is None else edit.id > self.after_edit

    def is_said_with(self, other: "Decision") -> bool:
        """Whether both were said at once."""
        return (self.time, self.after_edit, self.what) == (other.time, other.after_edit, other.what)


@dataclass(frozen=True)
class SearchedLabels(Record):
    """What an answer is about; it stands in the notes of the file.

    Args:
        n: Photos that were evaluated.
        wrong: How many of them are suspects.
        unevaluated: Classes whose photos all show one picture.
        measured_on: The `photo_state` of then.
    """

    n: int
    wrong: int
    unevaluated: list[str] = field(metadata=key("unjudged"))
    measured_on: str = ""


class LabelIssuesFolder(JobFolder):
    """Where a project keeps which labels look wrong: its `labels`."""

    PREPARING = "starting to look"
    SAVING = "keeping what was found"
    RESULT = "labels.parquet"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._decisions = folder / "decisions.json"

    def write(self, table: pd.DataFrame, about: SearchedLabels, measured_on: str) -> None:
        """Keep the two answers of `judge_labels` in one file, with the `photo_state` that they are about."""
        notes = {ABOUT: json.dumps(with_checksum(replace(about, measured_on=measured_on).to_json())).encode()}
        rows = pa.Table.from_pandas(table, preserve_index=False)
        with disk_errors_in_words(self.SAVING), appearing_whole(self.result_path) as beside:
            rows = rows.replace_schema_metadata({**(rows.schema.metadata or {}), **notes})
            pq.write_table(rows, beside, **PAGES_SEALED)

    def read(self) -> SearchedLabels | None:
        """What the last answer is about, as `about`."""
        return self.about()

    def about(self) -> SearchedLabels | None:
        """What the last answer is about; None when there is none that can be read."""
        try:
            return SearchedLabels.from_json(checked(json.loads(pq.read_schema(self.result_path).metadata[ABOUT])))
        except (OSError, pa.ArrowException, RecursionError, KeyError, TypeError, ValueError):
            return None

    def suspects(self) -> pd.DataFrame:
        """The rows of the photos that look wrong, the surest first; call it only where `about` says something."""
        try:
            refuse_other_columns(self.result_path, ["sha256", "label"], [])
            return pd.read_parquet(self.result_path, filters=[("suspect", "==", True)], **PAGES_CHECKED)
        except UNREADABLE as error:
            raise InputError("What was found of the labels (labels.parquet) is damaged. Look for it again.") from error

    def decisions(self) -> list[Decision]:
        """What the user said, oldest first; of a photo in a class only the last word. What is damaged is left out."""
        last: dict[tuple[str, str], Decision] = {}
        for each in self._said() or []:
            last.pop((each.sha256, each.label), None)
            last[each.sha256, each.label] = each
        return list(last.values())

    def _said(self) -> list[Decision] | None:
        return kept(self._decisions, _decisions_of)

    @property
    def lost_words(self) -> bool:
        """Whether what the user said is on disk and can't be read; it is kept beside when something new is said."""
        return self._decisions.exists() and self._said() is None

    def decide(self, sha256: str, label: str, what: str, name: str) -> None:
        """Keep what the user said of a photo, in place of what was said of it in this class before."""
        self.decide_all([(sha256, label, name)], what)

    def decide_all(self, photos: list[tuple[str, str, str]], what: str) -> None:
        """Keep what the user said of several at once, each known by its SHA-256, its class and its file's name."""
        about = {(sha256, label) for sha256, label, _ in photos}
        others = [each for each in self.decisions() if (each.sha256, each.label) not in about]
        edit = last_edit(Project(self.folder.parent))
        now, after = time.time(), edit.id if edit else 0
        said = [Decision(sha256, label, what, name, now, after) for sha256, label, name in photos]
        self._write_decisions([*others, *said])

    def last_said(self) -> list[Decision]:
        """What was said last, of one photo or of several at once; none when nothing was said."""
        said = self.decisions()
        return [each for each in said if each.is_said_with(said[-1])]

    def take_back(self) -> Decision | None:
        """Forget what was said last, and give the last decision of it; None when there is none."""
        last = self.last_said()
        if not last:
            return None
        self._write_decisions([each for each in self.decisions() if each not in last])
        return last[-1]

    def _write_decisions(self, decisions: list[Decision]) -> None:
        with disk_errors_in_words("keeping your decision"):
            if self.lost_words:
                move_into(self.folder / "damaged", self._decisions)
            keep(self._decisions, {SAID: [asdict(each) for each in decisions]})


def _decisions_of(value: Any) -> list[Decision]:
    """From JSON; earlier versions kept the list alone."""
    return [Decision.from_json(one) for one in (value[SAID] if isinstance(value, dict) else value)]


def labels_of(project: Project) -> LabelIssuesFolder:
    """The project's search for wrong labels."""
    return LabelIssuesFolder(project.folder / "labels")


def equal_photos(project: Project, sha256: str, label: str) -> list[Photo]:
    """The photos that take part with this content in this class: one, or several equal files."""
    return project.photos_where("sha256 = ? and label = ? and set_aside = ''", sha256, label)


@dataclass(frozen=True)
class Queue:
    """How far the user has come.

    Args:
        next: Row number of the photo to look at now, None when there is none left.
        looked: How many were looked at.
        unsure: How many of these the user was not sure about.
        n: How many there are in all.
        left: Row numbers of all that are left, in the order in which they come.
    """

    next: int | None
    looked: int
    unsure: int
    n: int
    left: tuple[int, ...] = ()


About = tuple[str, str]  # content and class


def as_now(project: Project, suspects: pd.DataFrame) -> pd.DataFrame:
    """The suspects, those that were rotated or cropped since with the content that they have now."""
    was = former_with(project, suspects["sha256"])
    if not was:
        return suspects
    now = {photo.id: photo for photo in project.photos_with_ids({photo.id for photo in was})}
    new = {(photo.sha256, now[photo.id].label): now[photo.id].sha256 for photo in was}
    for about in _here(project, suspects):  # of an equal file
        new.pop(about, None)
    rows = zip(suspects["sha256"], suspects["label"], strict=True)
    return suspects.assign(sha256=[new.get(about, about[0]) for about in rows])


def _here(project: Project, suspects: pd.DataFrame) -> set[About]:
    query = "select sha256, label from photos where set_aside = '' and sha256 in (select value from json_each(?))"
    with project.database() as db:
        return set(db.execute(query, (json.dumps(suspects["sha256"].tolist()),)))


def queue_of(project: Project, suspects: pd.DataFrame, decisions: list[Decision]) -> Queue:
    """Which suspect comes next: first those not looked at, then, longest ago first, those left undecided.

    Args:
        project: Whose photos; one that is no longer in its class, or set aside, needs no more look.
        suspects: Of `LabelIssuesFolder.suspects`, `as_now`.
        decisions: Of the same folder, oldest first.
    """
    here, alike = _here(project, suspects), turned(project, suspects["sha256"])
    said = {(each.sha256, each.label): (turn, each) for turn, each in enumerate(decisions)}
    fresh, unsure = [], []
    for row, (content, label) in enumerate(zip(suspects["sha256"], suspects["label"], strict=True)):
        if (content, label) not in here:
            continue
        contents = (content, *alike.get(content, ()))
        heard = [said[each, label] for each in contents if (each, label) in said]
        turn, last = max(heard, key=itemgetter(0), default=(0, None))
        if last is None:
            fresh.append(row)
        elif last.what == UNSURE:
            unsure.append((turn, row))
    left = (*fresh, *(row for _, row in sorted(unsure)))
    return Queue(left[0] if left else None, len(suspects) - len(fresh), len(unsure), len(suspects), left)


def why_in_words(row: Any) -> str:
    """Why a photo is a suspect, as a sentence without its full stop; `row` is one of `LabelIssuesFolder.suspects`."""
    verb = "is" if row.agree == 1 else "are"
    return (
        f"{row.agree} of its {counted(row.near, 'nearest photo')} {verb} {row.looks_like}; "
        f"judged by models that have not seen it: {row.looks_like}, {percent(row.sure)}"
    )
