import shutil
from dataclasses import replace

import pytest

from core.background_test.folder import background_test_of
from core.background_test.job import swap_backgrounds
from core.base.errors import InputError
from core.base.files import write_json
from core.base.subsets import TEST
from core.models.config import TrainConfig
from core.runs.photo_places import run_photos
from core.runs.run import Run
from core.training.job import train
from tests.core.reports import a_report
from tests.importing import bring_folder


@pytest.fixture
def run(project, fill, tmp_path):
    """A finished run of a project whose photos someone has deleted since."""
    bring_folder(project, fill(tmp_path / "brought", {"disc": 3, "cross": 2}))
    photos = [replace(photo, split=TEST) for photo in run_photos(project, project.photos())]
    run = Run.create(project.runs_folder / "one", TrainConfig(), photos)
    write_json(run.report_path, a_report(["cross", "disc"]).to_json())
    shutil.rmtree(project.photos_folder)
    return run


def test_work_on_photos_that_are_gone_ends_with_where_they_were(run, project, tmp_path):
    background_test_of(run).folder.mkdir()
    words = f"The photos of this run can't be found any more. They were in {project.photos_folder}: "
    with pytest.raises(InputError) as refused:
        swap_backgrounds(tmp_path, background_test_of(run))
    assert str(refused.value).startswith(words)
    run.report_path.unlink()  # one that is complete isn't trained again
    with pytest.raises(InputError) as refused:
        train(tmp_path, run)
    assert str(refused.value).startswith(words)
