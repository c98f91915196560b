"""Which device of this computer learns, in words: "2 processor cores", "GPU: NVIDIA H200". Nothing heavy is loaded.

Before a training starts only TensorFlow could tell whether it takes a GPU; a page must not load that. So a GPU that is
here is named with that doubt, and the report says what it was.
"""

import math
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from glob import glob
from pathlib import Path

from core.base.words import counted

NVIDIA = "/dev/nvidia[0-9]*"
WSL = "/dev/dxg"  # Windows' Linux has it for a GPU of any maker
GPU_DEVICES = (NVIDIA, WSL)  # patterns of paths; elsewhere TensorFlow finds no GPU
GPU = "GPU"
UNNAMED = "NVIDIA"  # of a GPU that nothing names
SMI_S = 5  # a driver that sleeps takes two seconds to answer; a page must not wait for a broken one
VISIBLE = "CUDA_VISIBLE_DEVICES"
MOST_DIGITS = 20  # of a number of 64 bits
SOME = re.compile(r"\d|GPU-|MIG-")  # what its value begins with unless it hides all GPUs


def learns_on(environment: Mapping[str, str]) -> str:
    """Which device a training that is started now will learn on, in a sentence.

    Args:
        environment: `os.environ` of the page or command, which the training has too.
    """
    return f"Device that learns: {before_start(usable_cores(), gpu_name(environment))}."


def before_start(cores: int, gpu: str) -> str:
    """What will learn, as far as that is known; `gpu` is "" where there is none."""
    if not gpu:
        return cores_in_words(cores)
    return f"{gpu_in_words(gpu)}, if TensorFlow can use it, else {cores_in_words(cores)}"


def cores_in_words(cores: int) -> str:
    """ "2 processor cores"."""
    return counted(cores, "processor core")


def gpu_in_words(name: str) -> str:
    """ "GPU: NVIDIA H200"; "GPU" where its name isn't known."""
    return f"{GPU}: {name}" if name else GPU


def unused_gpu(gpu: str, device: str) -> str:
    """A sentence on a GPU that is here while another device learns, "" where none is passed over.

    Args:
        gpu: Of `gpu_name`.
        device: What really learns, in words.
    """
    if not gpu or device.startswith(GPU):
        return ""
    return (
        f"This computer has a GPU ({gpu}), but TensorFlow can't use it, so this training takes {device}. "
        'It may need what pip install "tensorflow[and-cuda]" brings, or a newer driver.'
    )


def usable_cores() -> int:
    """How many processor cores this process may use, at least 1; a core that it has in part counts."""
    known = hasattr(os, "sched_getaffinity")  # not on macOS and Windows, where a process may use all
    allowed = len(os.sched_getaffinity(0)) if known else os.cpu_count() or 1
    share = cgroup_cores(_read(Path("/proc/self/cgroup")), Path("/sys/fs/cgroup"))
    return max(1, math.ceil(min(allowed, share)))


def cgroup_cores(groups: str, root: Path) -> float:
    """How many cores a container or service leaves to its processes (Linux' control groups, both versions).

    Args:
        groups: What /proc/self/cgroup says.
        root: Where the groups are mounted, /sys/fs/cgroup.

    Returns:
        Cores, such as 1.5; infinite without a limit.
    """
    shares = [math.inf]
    for line in groups.splitlines():
        controllers, _, path = line.partition(":")[2].partition(":")
        if not controllers:
            shares += [_share(*_read(folder / "cpu.max").split()[:2]) for folder in _folders(root, path)]
        elif "cpu" in controllers.split(","):
            shares += [
                _share(_read(folder / "cpu.cfs_quota_us").strip(), _read(folder / "cpu.cfs_period_us").strip())
                for folder in _folders(root / "cpu", path)
            ]
    return min(shares)


def _folders(mounted: Path, path: str) -> list[Path]:
    """A group's folder and those above it, whose limits hold too; in a container only the topmost is there."""
    parts = [part for part in path.split("/") if part]
    return [mounted] if ".." in parts else [mounted.joinpath(*parts[:n]) for n in range(len(parts) + 1)]


def _read(file: Path) -> str:
    """What it says; "" where there is none, as on other systems."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _share(quota: str = "", period: str = "") -> float:
    """Microseconds of work in each period, as cores; no number means no limit."""
    work, of = _number(quota), _number(period)
    return work / of if work and of else math.inf


def _number(text: str) -> int:
    """A whole number; 0 where it is none, or longer than any that a kernel counts with."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else 0


def gpu_name(environment: Mapping[str, str], devices: tuple[str, ...] = GPU_DEVICES) -> str:
    """The GPU that TensorFlow could take here, such as "NVIDIA H200"; "" where there is none, or it is hidden.

    Args:
        environment: PATH, where nvidia-smi is looked for, and CUDA_VISIBLE_DEVICES are read.
        devices: Patterns of the paths of which one is there where there may be a GPU.
    """
    visible = environment.get(VISIBLE)
    if not any(map(glob, devices)) or not _shows_some(visible):
        return ""
    executable = shutil.which("nvidia-smi", path=environment.get("PATH"))
    listed = _listed(executable) if executable else ""
    if listed:
        return named_gpu(listed, visible)
    return UNNAMED if glob(NVIDIA) else ""  # in Windows' Linux it may be of a maker whom TensorFlow doesn't know


def _shows_some(visible: str | None) -> bool:
    return visible is None or SOME.match(visible.strip()) is not None


@cache
def _listed(executable: str) -> str:
    """What nvidia-smi lists: number, id and name of each GPU; "" where it fails. Asked once, as it takes its time."""
    asked = [executable, "--query-gpu=index,uuid,name", "--format=csv,noheader"]
    try:
        done = subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True, timeout=SMI_S, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def named_gpu(listed: str, visible: str | None) -> str:
    """The name of the GPU that would be taken; of unlike ones all that it could be, since CUDA numbers them otherwise.

    Args:
        listed: A line each, "0, GPU-5f1c..., NVIDIA H200".
        visible: CUDA_VISIBLE_DEVICES, None where it isn't set.
    """
    rows = [[cell.strip() for cell in line.split(",", 2)] for line in listed.splitlines()]
    gpus = [(uuid, name) for _, uuid, name in (row for row in rows if len(row) == 3)]
    first = (visible or "").split(",")[0].strip()
    if first.startswith("GPU-"):
        gpus = [(uuid, name) for uuid, name in gpus if uuid.startswith(first)]
    elif first.isdecimal() and (
        len(first) > MOST_DIGITS or int(first) >= len(gpus)
    ):  # CUDA shows none from a number on that isn't there
        gpus = []
    return " or ".join(dict.fromkeys(name for _, name in gpus))
