"""What a child of the fault suite imports, so that it is there before the fork; Pillow's readers too, 57 modules.

Pillow imports those once it meets a file that it doesn't know at first sight: half the time of an import. Keras and
what comes with it are three seconds of a processor, as long as most of the jobs here take. A process that has only
imported them can be forked: TensorFlow and OpenVINO begin their threads with the first thing that they are asked.
"""

# ruff: noqa: E402, F401
import os

from core.base.processes import start_quickly

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # both as a worker does
start_quickly()

import keras
import sklearn.linear_model
from PIL import Image

import core.exports.job
import core.feedback.job
import core.jobs.worker
import core.packing.job
import core.search.job
import core.training.strategies.fine_tuning
import tests.faults.damages
import tests.faults.deeds
import tests.faults.shim
from core.engine.engine import load_openvino

Image.init()
load_openvino()
