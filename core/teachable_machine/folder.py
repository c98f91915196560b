"""A model from elsewhere, compared with a run on the run's own test photos: its folder, and what came of it."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from core.base.errors import InputError, RunError
from core.base.files import appearing_whole, disk_errors_in_words, read_json, write_json
from core.base.subsets import TEST
from core.evaluation.metrics import mcnemar_exact, wilson_interval
from core.jobs.folder import JobFolder
from core.projects.photos_by_content import photos_evaluated
from core.projects.project import Photo, Project
from core.runs.comparing import Compared
from core.runs.predictions import read_predictions
from core.runs.run import Run

MAX_CLASSES = 10_000


class ExternalModelFolder(JobFolder):
    """Where a project keeps a model from elsewhere and its answers: a folder below its `foreign`."""

    PREPARING = "preparing the comparison"
    SAVING = "keeping the answers"
    RESULT = "answers.parquet"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.engine_path = folder / "model.xml"
        self.labels_path = folder / "labels.json"
        self.upload = folder / "upload.zip"
        self._about = folder / "about.json"

    @property
    def title(self) -> str:
        """What the file was called that it came in."""
        try:
            return str(read_json(self._about)["title"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):  # a half-made or changed folder
            return self.folder.name

    def name(self, title: str) -> None:
        """Keep what the file was called."""
        with disk_errors_in_words(self.PREPARING):
            write_json(self._about, {"title": title})

    def write_request(self, run: Run, archive: Path | None) -> None:
        """Write down what the worker shall do: judge the photos of a run, after reading the model when it is new.

        Args:
            run: A finished one.
            archive: The export; None when the model has been read already.
        """
        self.keep_request({"run": run.name, "archive": str(archive) if archive else ""})

    def request(self) -> tuple[str, Path | None]:
        """The run's name, and the export; "" and None when they stayed on the computer that the project came from."""
        request = self.kept_request() or {"run": "", "archive": ""}
        return request["run"], Path(request["archive"]) if request["archive"] else None

    def labels(self) -> list[str]:
        """The model's class names, in the order of its outputs.

        Raises:
            RunError: It has not been read.
        """
        try:
            return read_json(self.labels_path)
        except (FileNotFoundError, ValueError) as error:
            raise RunError("This model has not been read yet, or is damaged. Bring it in again.") from error

    def add_answers(self, answers: pd.DataFrame) -> None:
        """Keep what it answered with what it answered before: columns sha256, answer (its own class), sure (0..1)."""
        kept = pd.concat([self.answers(), answers]).drop_duplicates("sha256", keep="last") if len(answers) else answers
        if len(kept):
            with disk_errors_in_words(self.SAVING), appearing_whole(self.result_path) as beside:
                kept.to_parquet(beside, index=False)

    def answers(self) -> pd.DataFrame:
        """What `add_answers` kept; empty when there is nothing that can be read."""
        try:
            return pd.read_parquet(self.result_path, columns=["sha256", "answer", "sure"])
        except (FileNotFoundError, pa.ArrowInvalid):
            return pd.DataFrame({"sha256": [], "answer": [], "sure": []}).astype({"sha256": str, "answer": str})

    def remove(self) -> None:
        """Forget the model; its export can be brought in again."""
        shutil.rmtree(self.folder, ignore_errors=True)


def new_external_model(project: Project, title: str) -> ExternalModelFolder:
    """A place for a model that is brought in."""
    model = ExternalModelFolder.below(project.folder / "foreign")
    model.name(title)
    return model


def external_models(project: Project) -> list[ExternalModelFolder]:
    """The models from elsewhere, newest first."""
    folders = sorted((project.folder / "foreign").glob("[0-9]*"), reverse=True)
    return [ExternalModelFolder(folder) for folder in folders]


def read_labels(data: bytes) -> list[str]:
    """The class names of a `labels.txt`: lines such as "0 apple", in the order of the outputs.

    Raises:
        InputError: It is no such file.
    """
    lines = [line.strip() for line in data.decode("utf-8-sig", "replace").splitlines() if line.strip()]
    found = [re.fullmatch(r"(\d{1,6})\s+(.+)", line) for line in lines]
    if not lines or len(lines) > MAX_CLASSES or not all(found) or [int(m[1]) for m in found] != list(range(len(lines))):
        raise InputError(
            'The file labels.txt is not as Teachable Machine writes it: lines such as "0 apple", "1 pear".'
        )
    names = [m[2] for m in found]
    twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if twice:
        raise InputError(f"labels.txt names two classes {twice}. Give them different names and export again.")
    return names


def unanswered(model: ExternalModelFolder, project: Project, run: Run) -> list[Photo]:
    """The photos that a run was judged on, that the project still holds, and that the model was not asked about."""
    judged = judged_by(run)
    judged = judged[~judged["sha256"].isin(model.answers()["sha256"])]
    found = photos_evaluated(project, zip(judged["sha256"], judged["truth"], strict=True))
    return [photo for photo in found if photo is not None]


def judged_by(run: Run) -> pd.DataFrame:
    """What a run answered on its test photos: columns sha256, truth and answer, a row a content."""
    return read_predictions(run.predictions_path, TEST)[["sha256", "truth", "answer"]].drop_duplicates("sha256")


def same_names(theirs: list[str], ours: list[str]) -> dict[str, str]:
    """Our class for each of theirs that is called alike, whatever the case and the spaces around it."""
    by_name = {name.strip().casefold(): name for name in ours}
    return {name: by_name[name.strip().casefold()] for name in theirs if name.strip().casefold() in by_name}


@dataclass(frozen=True)
class Versus:
    """A run and a model from elsewhere on the same photos.

    Args:
        n: Photos that count: both answered, and both know the class.
        ours: How many of these the run has right.
        theirs: How many the other has right.
        compared: McNemar's test on them; "first" is the run.
        unknown: Photos left out since the other model has no such class.
        unanswered: Photos left out since it was not asked about them.
        rows: The photos on which only one is right: sha256, truth, answer_ours, answer_theirs.
    """

    n: int
    ours: int
    theirs: int
    compared: Compared
    unknown: int
    unanswered: int
    rows: pd.DataFrame

    def interval(self, right: int) -> tuple[float, float]:
        """Where the share of right answers likely is, 0..1 (Wilson, 95 %)."""
        return wilson_interval(right, self.n)


def compare_with(judged: pd.DataFrame, answers: pd.DataFrame, names: dict[str, str]) -> Versus:
    """Judge both on the photos of classes that both know.

    Args:
        judged: Of `judged_by`.
        answers: Of `ExternalModelFolder.answers`.
        names: Our class for each of theirs; what is not in it is never right.
    """
    both = judged.merge(answers[["sha256", "answer"]], on="sha256", suffixes=("_ours", "_theirs"))
    known = both[both["truth"].isin(set(names.values()))]
    ours = known["answer_ours"] == known["truth"]
    theirs = known["answer_theirs"].map(names) == known["truth"]
    only_ours, only_theirs = int((ours & ~theirs).sum()), int((theirs & ~ours).sum())
    return Versus(
        n=len(known),
        ours=int(ours.sum()),
        theirs=int(theirs.sum()),
        compared=Compared(len(known), only_ours, only_theirs, mcnemar_exact(only_ours, only_theirs)),
        unknown=len(both) - len(known),
        unanswered=len(judged) - len(both),
        rows=known[ours != theirs],
    )
