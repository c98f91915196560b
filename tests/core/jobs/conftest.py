"""Workers to test with: real processes, since a lock that this one holds itself says nothing about their end."""

import subprocess
import sys

import pytest

from core.jobs.job import REPOSITORY

HOLD = """
import sys, time
from pathlib import Path
from core.jobs.job import Job
job = Job(Path(sys.argv[1]))
with job.alive_lock().acquire(timeout=10):
    for event in sys.argv[2:]:
        job.event_log().write(event)
    print("holding", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def hold():
    """Start real processes that hold a job's lock, and end them after the test."""
    running = []

    def start(job, *events):
        command = [sys.executable, "-c", HOLD, str(job.folder), *events]
        process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout.readline() == "holding\n"
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate(timeout=30)
