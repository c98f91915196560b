"""What it takes to add an export format: a row of the catalogue, a function that writes it, and a runtime."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from core.cli.main import main
from core.exports import formats
from tests.core.exports.dummy_format import DUMMY_RUNTIME, add_dummy


@pytest.fixture
def dummy(monkeypatch, tmp_path):
    return add_dummy(monkeypatch, tmp_path)


@pytest.mark.slow
def test_the_command_line_offers_it_and_its_zip_answers_as_the_app_does(
    dummy, trained, tmp_path, capsys, offline_environment
):
    out = tmp_path / "model.zip"
    assert main(["export", str(trained.run.folder), "--format", "dummy", "--out", str(out), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["format"], result["passed"], result["same"]) == ("dummy", True, 42)
    with zipfile.ZipFile(out) as opened:
        opened.extractall(tmp_path / "unpacked")
    assert (tmp_path / "unpacked" / "runtime.py").read_text() == DUMMY_RUNTIME
    assert "exported by Espalier as Dummy" in (tmp_path / "unpacked" / "README.md").read_text()
    command, folder = [sys.executable, "check.py"], tmp_path / "unpacked"
    done = subprocess.run(command, cwd=folder, env=offline_environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_can_be_named_where_formats_are(dummy, trained, tmp_path, capsys):
    assert formats.export_format_of("dummy") is formats.export_named("dummy") is dummy
    target = ["--out", str(tmp_path / "nowhere" / "model.zip")]
    assert main(["export", str(trained.run.folder), "--format", "dummy", *target]) == 2
    assert "There is no folder" in capsys.readouterr().err
    assert main(["export", str(trained.run.folder), "--format", "dummy", "--precision", "int8", *target]) == 2
    assert "Only litert can be had as float16 or int8. Received: dummy, int8." in capsys.readouterr().err


def test_without_its_row_nobody_knows_it(trained, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["export", str(trained.run.folder), "--format", "dummy", "--out", str(tmp_path / "model.zip")])
    assert "keras, savedmodel, litert, onnx, openvino, recipe" in capsys.readouterr().err.replace("'", "")


def test_each_format_has_its_writer_and_its_runtime_or_a_zip_of_another_kind():
    for export_format in formats.EXPORT_FORMATS:
        if export_format.zip is formats.MODEL:
            assert export_format.model
            assert export_format.writer.startswith("core.exports.writers:")
            assert (Path(formats.__file__).parent / "files" / export_format.runtime).is_file()
        else:
            assert export_format.zip.maker.startswith("core.exports.")
