"""Follow a tutorial: its steps one after the other, each run in its own folder, and passed over where it is done.

What came of it is written whole after each step. So a tutorial that was stopped or killed goes on when it is followed
again: runs that are complete stay as they are, one of which epochs are kept goes on, and any other is made anew.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from core.advice.measuring import advise
from core.advice.quadrants import QUADRANTS, plan_for
from core.base import disk
from core.base.errors import EspalierError, RunError, StopRequested
from core.base.events import CANCELLED, PHASE, PROGRESS, Event
from core.base.files import disk_errors_in_words, write_bytes
from core.base.names import free_title
from core.engine.places import Places
from core.jobs.job import Job
from core.jobs.kinds import TRAIN as TRAIN_KIND
from core.jobs.worker import work
from core.models.config import FEATURE_EXTRACTION, FROM_SCRATCH, TrainConfig, usual_config, with_head
from core.models.heads import head_named
from core.photos.labelled_photo import LabelledPhoto
from core.recipes.catalogue import DRAW, MCNEMAR, MEASURE, TRAIN
from core.recipes.folder import STEP, TutorialFolder
from core.recipes.map_picture import picture_of
from core.recipes.outcome import map_facts, pairs_of, row_of
from core.recipes.record import Decision, StepRequest, TutorialResult
from core.runs.run import Run, list_runs
from core.training.continuing import is_interrupted, reached_by, refuse_changes
from core.training.training import train_run


@dataclass(frozen=True)
class Ground:
    """What a tutorial is followed on: a project, or the photos of a command.

    Args:
        photos: Gives all usable photos, each in its subset.
        places: Of these photos.
        runs_folder: Where its runs are made.
        new_run: Makes the run of a step in this folder with these settings; begun anew, or from this earlier run.
        after_run: Called with each run that was trained here.
        on_event: As of `Job`, of its runs.
        places_now: Gives the photos of a run that goes on with the place where each is now.
    """

    photos: Callable[[], list[LabelledPhoto]]
    places: Places
    runs_folder: Path
    new_run: Callable[[Path, TrainConfig, Run | None], Run]
    after_run: Callable[[Run], None] | None = None
    on_event: Callable[[Event], None] | None = None
    places_now: Callable[[list[LabelledPhoto]], list[LabelledPhoto]] = list


class StepJob(Job):
    """The job of a run that is a step: who stops the whole tutorial stops it too."""

    def __init__(self, folder: Path, on_event: Callable[[Event], None] | None, whole: Job) -> None:
        super().__init__(folder, on_event)
        self._whole = whole

    def stop_requested(self) -> str:
        return super().stop_requested() or self._whole.stop_requested()


def follow(this: TutorialFolder, ground: Ground) -> TutorialResult:
    """Do all steps that are not done yet; what came of them, which `this` keeps too.

    Raises:
        InputError: The photos can't be trained on.
        RunError: A training went wrong.
        StorageError: The disk is full.
        StopRequested: The user stopped it, or discarded one of its runs.
    """
    request, log = this.request(), this.job.event_log()
    kept = this.read()
    result = kept if kept and kept.tutorial == request.tutorial else TutorialResult(request.tutorial)
    does = {TRAIN: _train, DRAW: _draw, MEASURE: _measure, MCNEMAR: _test}
    for number, step in enumerate(request.steps, 1):
        this.job.check_stop()
        log.write(PHASE, name=STEP, words=f"Step {number} of {len(request.steps)}: {step.words}")
        log.write(PROGRESS, done=number - 1, total=len(request.steps), seconds_left=None)
        if step.does in does:
            result = does[step.does](this, ground, step, result)
            this.write(result)
    return result


def _train(this: TutorialFolder, ground: Ground, step: StepRequest, result: TutorialResult) -> TutorialResult:
    run = Run(ground.runs_folder / step.run)
    if run.report() is None:
        run = _trained(this, ground, step, result)
    rows = {row.step: row for row in result.runs} | {step.name: row_of(step.name, run)}
    return replace(result, runs=list(rows.values()))


def _trained(this: TutorialFolder, ground: Ground, step: StepRequest, result: TutorialResult) -> Run:
    """The run of a step, trained from its beginning, or from where it was interrupted."""
    run = _interrupted(ground, step) or _new(this, ground, step, result)
    run.job = StepJob(run.folder, ground.on_event, this.job)
    with disk_errors_in_words("preparing the run"):
        run.job.note_worker(TRAIN_KIND.name)
    if not work(run.job, lambda: train_run(run, ground.places)):
        last = run.job.events()[-1]
        if last["event"] == CANCELLED:
            raise StopRequested(keep=False)
        raise RunError(f"{run.title} was not trained. {last['message']}")
    if ground.after_run:
        ground.after_run(run)
    return run


def _interrupted(ground: Ground, step: StepRequest) -> Run | None:
    """The run of a step, where epochs of it are kept and what it began with is still the same."""
    run = Run(ground.runs_folder / step.run)
    reached = reached_by(run) if is_interrupted(run) else None
    if reached is None:
        return None
    try:
        run.write_photos(ground.places_now(run.photos()))
        refuse_changes(run, reached)
    except EspalierError:
        return None
    return run


def _new(this: TutorialFolder, ground: Ground, step: StepRequest, result: TutorialResult) -> Run:
    """The run of a step before its beginning."""
    folder = ground.runs_folder / step.run
    if Run(folder).job.is_alive():
        raise RunError(f"{Run(folder).title} is being trained already. Go on when that has ended.")
    if folder.exists():  # what a try that was stopped has left; nothing could be done with it
        with disk_errors_in_words("clearing away an unfinished run"):
            disk.remove_whole_folder(folder)
    earlier = Run(ground.runs_folder / this.request().step(step.starts_from).run) if step.starts_from else None
    config, notes = step.settings(), [step.note]
    if step.decided and result.decision:
        config, note = as_decided(step, result.decision, Counter(photo.label for photo in ground.photos()))
        notes.append(note)
    run = ground.new_run(folder, config, earlier)
    with disk_errors_in_words("noting the run's name"):
        run.keep_about(free_title(step.title, {other.title.lower() for other in list_runs(ground.runs_folder)}), "")
    for note in filter(None, notes):
        run.note(note)
    return run


def as_decided(step: StepRequest, decision: Decision, class_counts: dict[str, int]) -> tuple[TrainConfig, str]:
    """The settings of a step whose strategy the matrix has decided, and what is to be said of that.

    What was changed before the start stays changed.

    Args:
        class_counts: Photos per class.
    """
    chosen = step.settings()
    base = chosen.base if "base" in step.changed else decision.base
    config, note = plan_for(decision.quadrant, class_counts, base, decision.photo_side), ""
    if config.strategy == FROM_SCRATCH and not head_named(chosen.head).from_scratch:
        config = replace(usual_config(FEATURE_EXTRACTION, base), class_weights=config.class_weights)
        note = (
            f"The matrix recommends to train the whole network, but a {head_named(chosen.head).term} learns on "
            "features that stand still: here the base model stays frozen."
        )
    changed = {name: getattr(chosen, name) for name in step.changed if name != "base"}
    return replace(with_head(config, chosen.head), **changed).check(), note


def _draw(this: TutorialFolder, ground: Ground, step: StepRequest, result: TutorialResult) -> TutorialResult:
    from core.photo_map.layout import draw_map  # with scikit-learn, which no other step and no other command needs

    if result.map and this.read_map() is not None:
        return result
    base, photos = step.settings().base_row(), ground.photos()
    labels = {photo.sha256: photo.label for photo in photos}
    places = draw_map(photos, ground.places, this.job, base)
    places = places.assign(label=[labels[content] for content in places["sha256"]])
    this.write_map(places)
    with disk_errors_in_words(this.SAVING):
        write_bytes(this.picture_path, picture_of(places).encode())
    return replace(result, map=map_facts(base.name, places))


def _measure(this: TutorialFolder, ground: Ground, step: StepRequest, result: TutorialResult) -> TutorialResult:
    if result.decision:
        return result
    advice = advise([photo for photo in ground.photos() if not photo.only_teaches], ground.places, this.job)
    quadrant = QUADRANTS[advice.quadrant]
    decision = Decision(quadrant.number, quadrant.title, advice.plan.base, advice.reasons, advice.photo_side)
    return replace(result, decision=decision)


def _test(this: TutorialFolder, ground: Ground, step: StepRequest, result: TutorialResult) -> TutorialResult:
    runs = {row.step: Run(ground.runs_folder / row.run) for row in result.runs}
    return replace(result, pairs=pairs_of(runs))
