"""How a process starts quickly that loads Keras."""

import atexit
import gc
import sys
from types import ModuleType

WRAPPERS = "keras.src.wrappers.sklearn_wrapper"  # has no public name of its own


def start_quickly() -> None:
    """Spare this process what takes long as it loads Keras and is of no use here. For programs, as they begin."""
    _collect_seldom()
    _leave_out_wrappers()


def _collect_seldom() -> None:
    """Let this process look less often for objects that only hold each other, and not at all as it ends.

    Keras brings along more than a million objects, and Python would look through them again and again while they are
    made, and once more before the process ends: a quarter of the time that `import keras` takes (docs/log.md).
    """
    gc.set_threshold(50_000, 20, 20)
    atexit.register(gc.freeze)


def _leave_out_wrappers() -> None:
    """Let Keras come without its wrappers for scikit-learn, which load all of that and of scipy.stats.

    That is a fifth of the time that `import keras` takes (docs/log.md), and nobody here trains by them.
    """
    stub = ModuleType(WRAPPERS)
    for name in ("SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"):
        setattr(stub, name, None)
    sys.modules.setdefault(WRAPPERS, stub)
