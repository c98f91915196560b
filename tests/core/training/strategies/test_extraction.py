"""Looking for a GPU beside the thread that loads Keras."""

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[4]
BOTH = """
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from core.training.strategies import extraction

extraction.GPU_DEVICES = ("/dev/null",)  # as if there could be a GPU
with ThreadPoolExecutor(1) as pool:
    loading = pool.submit(import_module, "core.models.building")
    there = extraction.on_a_gpu()
    loading.result()
print("both", there)
"""


@pytest.mark.slow
def test_a_gpu_is_looked_for_while_another_thread_loads_keras():
    done = subprocess.run([sys.executable, "-c", BOTH], cwd=REPOSITORY, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split()[0] == "both"
