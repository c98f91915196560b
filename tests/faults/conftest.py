"""What the cases begin with, made once."""

import os
import shutil
from pathlib import Path

import pytest

from tests.faults.case import prepare
from tests.faults.heavy import prepare_trained


@pytest.fixture(autouse=True)
def _only_where_processes_can_be_killed():
    if os.name == "nt":
        pytest.skip("a fork is needed, and a signal that kills")


@pytest.fixture(scope="session")
def prepared(made_once) -> Path:
    """A case's folder of `deeds.prepare`, to be copied."""
    return made_once("faults", prepare)


@pytest.fixture(scope="session")
def trained_case(made_once, installed_engine) -> Path:
    """A case's folder of `heavy.prepare_trained`, to be copied."""
    return made_once("faults trained", lambda case: prepare_trained(case, installed_engine))


@pytest.fixture
def trained_home(trained_case, tmp_path) -> Path:
    """The home of a copy of it, for one test."""
    return shutil.copytree(trained_case, tmp_path / "case") / "home"
