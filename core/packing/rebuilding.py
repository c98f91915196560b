"""The models of a project that came in a zip, built anew: of a stranger's model nothing is taken but its numbers.

Keras' and OpenVINO's readers build whatever a file asks for, and checks of theirs have been got round before
(CVE-2025-1550 and later). So neither sees a file of the zip. Which layers a model has, the run's checked settings say;
they are built from the catalogue. From `model.keras`, a zip, only `model.weights.h5` is read, and of that only arrays
under the names that Keras gives our own layers, of the same shapes. The files are then written anew, as a training
writes them, and so are their checksums. Brings Keras: for workers.
"""

import hashlib
import tempfile
import traceback
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import keras
import numpy as np

from core.base import checksums, disk
from core.base.errors import InputError, RunError, StopRequested, StorageError
from core.base.files import DISK_ERRORS, disk_errors_in_words
from core.base.records import kept, texts_of
from core.engine.engine import PROBABILITIES, Engine
from core.models.building import starting_base
from core.models.config import FEATURE_EXTRACTION, RANDOM, TrainConfig
from core.models.h5_numbers import OTHER, TOO_MUCH, NotPlainError, fill_from
from core.models.head_building import build_head, input_width, whole_model
from core.models.heads import head_named
from core.models.image_sizes import image_size_of
from core.packing.strangers import Strangers
from core.projects.project import Project
from core.runs.run import Run
from core.sources.archive_files.limits import refuse_overlaps
from core.teachable_machine.folder import ExternalModelFolder, external_models
from core.teachable_machine.reading import write_engine_model
from core.training.saving import keep_tested, seal_model, write_model

NUMBERS = "model.weights.h5"  # in a `.keras`
MOST_CLASSES = 10_000
BYTES_EACH = 4  # float32
MOST_TIMES = 4  # as large as the numbers of a model, with Adam's memory beside them
BESIDES = 20_000_000  # bytes of such a file that are names
CHUNK = 1 << 20
SAME = 1e-2  # of a probability: a broken conversion is further off, and so is what is no number
NOISE_PHOTOS = 2
LOST_RUN = "{} has no model here: {}. What is known of it came along; train it again to ask it about photos."
LOST_TESTED = (
    "{} has lost the model that was tested: {}. What it looked at can't be shown any more, nor the plate test done; "
    "train it again for that."
)
LOST_START = "{} can't go on from the model that it began with: {}."
LOST_EXTERNAL = "The model {} did not come along: {}. Its answers did; bring its export in again to ask it more."

Step = Callable[[], None]


def rebuild_models(project: Project, runs: list[Run], theirs: Strangers, note: Callable[[str], None]) -> None:
    """Build what can be built of the models that came with a project.

    Args:
        runs: Those of the project and of its trash, their settings checked.
        theirs: The files that were taken out of it; its `on_model` is called before each model, and after the last.
        note: Called with a sentence for each model that could not be built.

    Raises:
        StorageError: The disk is full.
        StopRequested: As `on_model` raises it.
    """
    with tempfile.TemporaryDirectory(dir=theirs.folder) as folder:
        steps = list(_steps(project, runs, theirs, _Bases(Path(folder))))
        for done, (step, lost) in enumerate(steps):
            theirs.on_model(done, len(steps))
            try:
                step()
            except (StopRequested, StorageError, MemoryError):
                raise
            except (NotPlainError, InputError, RunError) as error:
                note(lost(str(error).rstrip(".")))
            except Exception:  # Keras and h5py raise many kinds for what they didn't expect
                traceback.print_exc()
                note(lost("its file is damaged"))
        if steps:
            theirs.on_model(len(steps), len(steps))


def _steps(
    project: Project, runs: list[Run], theirs: Strangers, bases: "_Bases"
) -> Iterator[tuple[Step, Callable[[str], str]]]:
    """What to build, those on the same base one after the other, each with the sentence to say when it can't be."""
    for run in sorted(runs, key=lambda run: _base_key(run.config())):
        if (report := run.report()) and report.final:
            yield partial(_rebuild_tested, run, theirs, bases), partial(LOST_TESTED.format, run.title)
        if run.report_path.exists():
            yield partial(_rebuild_run, run, theirs, bases), partial(LOST_RUN.format, run.title)
        elif theirs.of(run.start_path).exists():
            again = partial(_rebuild_start, run, theirs.of(run.start_path), bases)
            yield again, partial(LOST_START.format, run.title)
    for external in external_models(project):
        if not (theirs.of(external.export_path).exists() or theirs.of(external.engine_path).exists()):
            continue  # it was never read
        again = partial(_rebuild_external, external, theirs.of(external.export_path))
        yield again, partial(LOST_EXTERNAL.format, external.title)


def _base_key(config: TrainConfig) -> tuple[str, int, bool, str]:
    return config.base, image_size_of(config), head_named(config.head).on_whole_map, config.strategy


def _rebuild_run(run: Run, theirs: Strangers, bases: "_Bases") -> None:
    seal_model(run, _build(run, theirs.of(run.keras_path), theirs, bases))


def _rebuild_tested(run: Run, theirs: Strangers, bases: "_Bases") -> None:
    """The one that the report is about: first, as the final one is then written to the place where it is built."""
    keep_tested(run, _build(run, theirs.of(run.tested_keras_path), theirs, bases))


def _build(run: Run, came: Path, theirs: Strangers, bases: "_Bases") -> list[str]:
    """Write the model of a file that came to the place of the run's model; its class names."""
    _refuse_changed(came)
    if damaged := {run.labels_path.name, run.pictures_path.name}.intersection(theirs.damaged.get(run.folder, ())):
        raise RunError(f"its {' and '.join(sorted(damaged))} changed since it was saved")
    class_names = run.class_names()
    base, head = bases.filled(run.config(), len(class_names), came)
    try:
        model = write_model(run, bases.converted(run.config(), base, head), base, head)
        pixels = np.random.default_rng(0).integers(0, 256, (NOISE_PHOTOS, *model.input_shape[1:]), np.uint8)
        ours, _ = Engine(run.engine_path, settings=run.pictures(), of=run.title).run(list(pixels), PROBABILITIES)
        if not np.abs(ours - np.asarray(model(pixels.astype(np.float32), training=False))).max() <= SAME:
            raise RunError("what was built of it answers otherwise here than in Keras")
    except Exception:
        _forget(run)
        raise
    return class_names


def _forget(run: Run) -> None:
    """Leave no half of a model."""
    for path in (run.keras_path, run.engine_path, run.engine_path.with_suffix(".bin")):
        checksums.unseal(path)
        disk.remove(path)


def _rebuild_start(run: Run, came: Path, bases: "_Bases") -> None:
    _refuse_changed(came)
    config, n_classes = run.config(), len(kept(run.labels_path, texts_of) or [])
    try:
        base, head = bases.filled(config, n_classes, came)
    except NotPlainError:
        if config.ask_mirror:
            raise
        config = replace(config, ask_mirror=True)  # as the run was that it goes on from, if it is not any more itself
        base, head = bases.filled(config, n_classes, came)
    with disk_errors_in_words("opening the project"), checksums.sealed(run.start_path) as beside:
        whole_model(base, head, config.ask_mirror).save(beside)


def _rebuild_external(external: ExternalModelFolder, came: Path) -> None:
    _refuse_changed(came)
    write_engine_model(came, external.class_names(), external)


def _refuse_changed(came: Path) -> None:
    """A checksum of a stranger's is no ground to trust a file, but one that doesn't fit is to tell of damage."""
    if not came.exists():
        raise NotPlainError(f"its {came.name} is not in the zip")
    if checksums.changed(came):
        raise NotPlainError(f"its {came.name} is damaged")


class _Bases:
    """Builds base and head and gives them numbers; a base that several runs share is built and converted once.

    Only the last one is kept: what shares a base comes one after the other.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._built: tuple[tuple[str, int], keras.Model] | None = None
        self._digest = ""

    def filled(self, config: TrainConfig, n_classes: int, came: Path) -> tuple[keras.Model, keras.Model]:
        """Base and head by these settings, with the numbers of a stranger's `.keras`."""
        if not 2 <= n_classes <= MOST_CLASSES:
            raise NotPlainError(f"it would answer with {n_classes:,} classes")
        base = self._base(config)
        width = input_width(config, base)  # refuses what would be too large
        inner = config.units if head_named(config.head).hidden_layer else 0
        numbers = base.count_params() + (width * inner + inner * n_classes if inner else width * n_classes)
        taken, ours = self._folder / "theirs.h5", self._folder / "ours.weights.h5"
        with disk_errors_in_words("opening the project"):
            try:
                _take_numbers(came, taken, BYTES_EACH * numbers)
                head = build_head(config, width, n_classes)
                model = whole_model(base, head, config.ask_mirror)
                model.save_weights(ours)
                fill_from(ours, taken)
                model.load_weights(ours)
            except NotPlainError as error:
                raise NotPlainError(f"its {came.name} {error}") from error
            finally:
                disk.remove(taken)
                disk.remove(ours)
        return base, head

    def _base(self, config: TrainConfig) -> keras.Model:
        key = config.base, image_size_of(config)
        if self._built is None or self._built[0] != key:
            self._built = key, starting_base(replace(config, initial=RANDOM))  # looks for no weights
        return self._built[1]

    def converted(self, config: TrainConfig, base: keras.Model, head: keras.Model) -> Path | None:
        """Where the engine's model of a base that stayed as it was lies, or is to be; None of one that learned."""
        if config.strategy != FEATURE_EXTRACTION:
            return None
        digest = hashlib.sha256(repr((base.name, base.input_shape, head.input_shape)).encode())
        for values in base.get_weights():
            digest.update(np.ascontiguousarray(values).data)
        if self._digest != digest.hexdigest():
            disk.remove_folder(self._folder / (self._digest or "none"))
            self._digest = digest.hexdigest()
        return self._folder / self._digest / "model.xml"


def _take_numbers(came: Path, target: Path, size: int) -> None:
    """Write the file of numbers out of a stranger's `.keras`, if it can hold so many bytes of them and not far more."""
    try:
        with zipfile.ZipFile(came) as opened:
            refuse_overlaps(opened, came.stat().st_size, came.name)
            entry = opened.getinfo(NUMBERS)
            if entry.compress_type != zipfile.ZIP_STORED or entry.file_size < size:
                raise NotPlainError(OTHER)
            if entry.file_size > MOST_TIMES * size + BESIDES:
                raise NotPlainError(TOO_MUCH)
            with opened.open(entry) as source:
                disk.write_pieces(target, iter(partial(source.read, CHUNK), b""))
    except (NotPlainError, MemoryError):
        raise
    except Exception as error:  # BadZipFile, KeyError, zlib.error ... by where the damage is
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            raise
        raise NotPlainError("is damaged") from error
