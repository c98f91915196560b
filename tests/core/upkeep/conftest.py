"""Workspaces with projects and with what work leaves in them, made of small files."""

import pytest

from core.base.events import FINISHED, PHASE, QUEUED
from core.jobs.job import Job
from core.projects.workspace import Workspace
from tests.core.jobs.conftest import hold

__all__ = ["hold"]


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "home")


@pytest.fixture
def project(workspace):
    return workspace.create("Fruit")


@pytest.fixture
def home(workspace, project):
    return workspace.home


@pytest.fixture
def put():
    """Makes a file of so many bytes."""

    def write(path, n_bytes=1000):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(n_bytes))
        return path

    return write


@pytest.fixture
def done():
    """Makes the folder of a job that has ended so; without a word at its end, its worker died."""

    def make(folder, last=FINISHED, **values):
        folder.mkdir(parents=True, exist_ok=True)
        log = Job(folder).event_log()
        log.write(QUEUED)
        log.write(PHASE, name="work", words="Working")
        if last:
            log.write(last, **values)
        return folder

    return make
