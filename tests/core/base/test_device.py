import math
import os
import sys

import pytest

from core.base import device

LISTED = "0, GPU-11aa, NVIDIA H200\n1, GPU-22bb, NVIDIA H200\n"
UNLIKE = "0, GPU-11aa, NVIDIA T400 4GB\n1, GPU-22bb, NVIDIA A100, 80GB\n"


@pytest.fixture
def limited(tmp_path):
    """Files of control groups, by their place below /sys/fs/cgroup."""

    def write(files):
        for place, text in files.items():
            path = tmp_path / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


@pytest.fixture
def answering(tmp_path):
    """The environment of a computer on which nvidia-smi is this script."""

    def make(script):
        program = tmp_path / "nvidia-smi"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return {"PATH": f"{tmp_path}{os.pathsep}/bin{os.pathsep}/usr/bin"}

    return make


@pytest.mark.parametrize(
    ("cores", "gpu", "said"),
    [
        (1, "", "1 processor core"),
        (2, "", "2 processor cores"),
        (16, "NVIDIA H200", "GPU: NVIDIA H200, if TensorFlow can use it, else 16 processor cores"),
    ],
)
def test_the_device_is_said_before_the_start_with_the_doubt_that_there_is(cores, gpu, said):
    assert device.before_start(cores, gpu) == said


def test_a_gpu_whose_name_is_not_known_is_still_called_one():
    assert (device.gpu_in_words("NVIDIA H200"), device.gpu_in_words("")) == ("GPU: NVIDIA H200", "GPU")


def test_only_a_gpu_that_is_passed_over_is_told():
    said = device.unused_gpu("NVIDIA H200", "16 processor cores")
    assert said.startswith(
        "This computer has a GPU (NVIDIA H200), but TensorFlow can't use it, so this training takes 16 processor cores."
    )
    assert device.unused_gpu("", "16 processor cores") == ""
    assert device.unused_gpu("NVIDIA H200", "GPU: NVIDIA H200") == device.unused_gpu("NVIDIA H200", "GPU") == ""


def test_this_process_may_use_a_core_and_no_more_than_there_are():
    assert 1 <= device.usable_cores() <= os.cpu_count()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux binds processes to cores")
def test_cores_that_the_process_is_kept_from_do_not_count():
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert device.learns_on({}) == "Device that learns: 1 processor core."
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.parametrize(
    ("groups", "files", "cores"),
    [
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 1.5),
        ("0::/\n", {"cpu.max": "max 100000\n"}, math.inf),
        ("0::/a/b\n", {"a/cpu.max": "300000 100000\n", "a/b/cpu.max": "max 100000\n", "c/cpu.max": "1 100000\n"}, 3.0),
        ("0::/../../b\n", {"cpu.max": "200000 100000\n"}, 2.0),
        (
            "9:pids:/x\n4:cpu,cpuacct:/docker/12\n0::/\n",
            {"cpu/cpu.cfs_quota_us": "50000\n", "cpu/cpu.cfs_period_us": "100000\n"},
            0.5,
        ),
        ("1:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, math.inf),
        ("0::/\n", {"cpu.max": "100000 0\n"}, math.inf),
        ("0::/\n", {"cpu.max": "7 of them\n"}, math.inf),
        ("0::/\n", {"cpu.max": "9" * 5000 + " 100000\n"}, math.inf),
        ("0::/gone\nno group at all\n\n", {}, math.inf),
        ("", {}, math.inf),
    ],
)
def test_limits_of_a_container_or_service_are_kept_in_both_versions(limited, groups, files, cores):
    assert device.cgroup_cores(groups, limited(files)) == cores


@pytest.mark.parametrize(
    ("listed", "visible", "name"),
    [
        (LISTED, None, "NVIDIA H200"),
        (LISTED, "1", "NVIDIA H200"),
        (LISTED, "2,0", ""),  # CUDA stops at the first that isn't there
        (UNLIKE, None, "NVIDIA T400 4GB or NVIDIA A100, 80GB"),
        (UNLIKE, "GPU-22", "NVIDIA A100, 80GB"),
        (UNLIKE, "GPU-22bb,GPU-11aa", "NVIDIA A100, 80GB"),
        (UNLIKE, "GPU-33", ""),
        (LISTED, "MIG-77", "NVIDIA H200"),
        ("No devices were found\n", None, ""),
    ],
)
def test_the_gpu_is_the_one_that_the_environment_leaves_visible(listed, visible, name):
    assert device.named_gpu(listed, visible) == name


@pytest.mark.skipif(sys.platform == "win32", reason="there no such device is looked for")
def test_a_gpu_is_asked_for_its_name_only_where_there_can_be_one(answering, tmp_path):
    environment = answering(f"echo asked >> {tmp_path}/asked\necho '0, GPU-11aa, NVIDIA H200'")
    assert device.gpu_name(environment, devices=("/dev/no such [0-9]*",)) == ""
    assert device.gpu_name({**environment, "CUDA_VISIBLE_DEVICES": "-1"}, devices=("/dev/nul?",)) == ""
    assert device.gpu_name({**environment, "CUDA_VISIBLE_DEVICES": ""}, devices=("/dev/nul?",)) == ""
    assert not (tmp_path / "asked").exists()
    for _ in range(2):
        assert device.gpu_name(environment, devices=("/dev/no such", "/dev/nul?")) == "NVIDIA H200"
    assert (tmp_path / "asked").read_text() == "asked\n"  # once, for as long as the process lives


@pytest.mark.skipif(sys.platform == "win32", reason="there no such device is looked for")
@pytest.mark.parametrize("script", ["echo '0, GPU-11aa, NVIDIA H200'; exit 9", "printf '\\377\\376'", "exit 0"])
def test_a_driver_that_gives_no_answer_names_no_gpu(answering, script):
    assert device.gpu_name(answering(script), devices=("/dev/null",)) == ""
    assert device.gpu_name({"PATH": "/nowhere"}, devices=("/dev/null",)) == ""
