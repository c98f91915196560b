"""Projects of drawn photos for the tests of the gallery, which share one server."""

import pytest

from core.projects.workspace import Workspace
from tests.importing import bring_folder


@pytest.fixture(scope="module")
def server(shared_server):
    return shared_server


@pytest.fixture
def project_of(server, fill, tmp_path, request):
    """Makes a project, the test's own, with so many photos of each class."""

    def made(counts):
        project = Workspace(server.home).create(request.node.name[5:55])
        bring_folder(project, fill(tmp_path / "photos", counts))
        return project

    return made
