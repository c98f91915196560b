"""What a child of the fault suite imports, so that it is there before the fork; Pillow's readers too, 57 modules.

Pillow imports those once it meets a file that it doesn't know at first sight: half the time of an import.
"""

# ruff: noqa: F401
from PIL import Image

import core.feedback.job
import core.jobs.worker
import core.packing.job
import tests.faults.damages
import tests.faults.deeds
import tests.faults.shim
from core.engine.engine import load_openvino

Image.init()
load_openvino()
