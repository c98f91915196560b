"""The one place that imports OpenVINO, so that it is imported without its usage statistics."""

import sys
from types import ModuleType


def load_openvino() -> ModuleType:
    """OpenVINO's Python module.

    OpenVINO reports its use over the network as soon as it is imported, through the package openvino_telemetry,
    and falls back to a stub where that package is absent. Photos and habits stay on this computer: it is absent here.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # None makes `import openvino_telemetry` fail
    import openvino

    return openvino
