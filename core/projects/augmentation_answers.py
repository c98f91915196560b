"""What the user said of photos that were varied strongly: whether they still show what they are called."""

import json
import time
from dataclasses import asdict, dataclass

from core.base.files import value_of
from core.base.records import Record
from core.projects.project import Project

ANSWERS = "augmentation_answers"  # the project's setting: a JSON list, the oldest first


@dataclass(frozen=True)
class Answer(Record):
    """One answer to "is this still mango?".

    Args:
        option: Its name in `core.photos.augmentation.OPTIONS`.
        strength: At which the photo was shown, as in `Augmentation`.
        label: The photo's class.
        photo: SHA-256 hex digest of its file.
        still: Yes or no.
        at: Unix seconds.
    """

    option: str
    strength: float
    label: str
    photo: str
    still: bool
    at: float


def answers(project: Project) -> list[Answer]:
    """All answers that were not taken back, the oldest first; those of another version of the app count as none."""
    try:
        return [Answer.from_json(entry) for entry in value_of(project.setting(ANSWERS, "[]"))]
    except (ValueError, TypeError):
        return []


def rejected(project: Project) -> dict[str, Answer]:
    """The options that must stay off, by name, each with the last "no"."""
    return {answer.option: answer for answer in answers(project) if not answer.still}


def add_answer(project: Project, option: str, strength: float, photo: tuple[str, str], still: bool) -> None:
    """Keep the answer on a photo, given by its class and its SHA-256; the rest is as in `Answer`."""
    _keep(project, [*answers(project), Answer(option, strength, *photo, still, round(time.time(), 1))])


def take_back(project: Project, option: str) -> None:
    """Forget each "no" to this option."""
    _keep(project, [answer for answer in answers(project) if answer.still or answer.option != option])


def _keep(project: Project, kept: list[Answer]) -> None:
    project.keep_setting(ANSWERS, json.dumps([asdict(answer) for answer in kept]))
