import json
import os
import socket
import sqlite3
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from core.base import disk
from core.base.events import FAILED, PHASE
from core.cli import doctor_command
from core.cli.main import main
from core.jobs.job import Job
from core.projects.database.schema import SCHEMA_VERSION
from core.upkeep import computer_checks, workspace_checks
from core.upkeep.doctor import examine
from core.upkeep.finding import Finding, looked

NAMES = ["versions", "processor", "memory", "place", "disk", "writing", "weights", "port", "jobs", "projects", "kept"]
OF_THIS_COMPUTER = {"memory", "disk", "port"}  # what else runs here decides
FULL = OSError(28, "No space left on device")
READ_ONLY = OSError(30, "Read-only file system")


def found(home, name, environment=None):
    return next(each for each in examine(home, environment or {}) if each.name == name)


def test_a_good_workspace_is_well_and_left_as_it_was(home, project, done, put):
    done(project.folder / "runs" / "r")
    before = sorted(home.rglob("*"))
    findings = examine(home, {"ESPALIER_HOME": str(home)})
    assert [each.name for each in findings] == [*NAMES, "clock"]
    assert [each.words for each in findings if not each.ok and each.name not in OF_THIS_COMPUTER] == []
    by_name = {each.name: each for each in findings}
    assert by_name["versions"].values["packages"]["keras"] == by_name["versions"].values["pinned"]["keras"]
    assert by_name["writing"].values["ms"] > 0
    assert by_name["writing"].values["locks_hold"] is True
    assert by_name["projects"].values == {"projects": 1, "schema": SCHEMA_VERSION, "damaged": []}
    assert "efficientnet-lite0" in by_name["weights"].values["here"]
    assert [path for path in sorted(home.rglob("*")) if path.suffix not in (".db-shm", ".db-wal")] == before


def test_without_a_workspace_all_is_well_and_none_is_made(tmp_path):
    findings = examine(tmp_path / "none", {})
    assert [each.words for each in findings if not each.ok and each.name not in OF_THIS_COMPUTER] == []
    assert list(tmp_path.iterdir()) == []


def test_no_name_of_a_photo_class_project_run_or_person_is_in_it(tmp_path, done, put, workspace):
    home = tmp_path / "Wilhelmina" / "Espalier of Wilhelmina"
    workspace = type(workspace)(home)
    for title in ("Ottoline", "Peregrine", "Damaged Ottoline"):
        made = workspace.create(title)
        put(made.folder / "photos" / "Ottoline" / "Peregrine.jpg")
        put(made.folder / "photos" / "Ottoline" / ".writing-Peregrine.jpg")
        done(made.folder / "runs" / "Ottoline's run", FAILED, message="Peregrine.jpg is damaged")
        put(made.folder / "trash" / "Peregrine's run" / "model.bin")
        put(made.folder / "cache" / "features" / "Ottoline.f16")
    put(home / "projects" / "Damaged Ottoline" / "project.db", 100)
    put(home / "queue" / "0001").write_text(str(home / "projects" / "Ottoline"))
    environment = {"ESPALIER_HOME": str(home), "ESPALIER_WEIGHTS": str(home / "Peregrine"), "USER": "Wilhelmina"}
    said = json.dumps([each.to_json() for each in examine(home, environment)]).lower()
    assert not [name for name in ("wilhelmina", "ottoline", "peregrine", str(tmp_path)) if name in said]
    assert "project 1 " in said


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: path.write_bytes(b""), "Project 1 has a damaged database."),
        (lambda path: path.write_bytes(b"no database at all" * 100), "Project 1 can't be read (SQLITE_NOTADB)"),
        (lambda path: path.unlink(), "Project 1 has no database."),
    ],
)
def test_a_damaged_project_is_told_by_its_number_and_not_touched(home, workspace, damage, words):
    other = workspace.create("Apples")
    path = other.database_path
    damage(path)
    before = path.read_bytes() if path.exists() else None
    finding = found(home, "projects")
    assert not finding.ok
    assert finding.words.startswith(f"2 projects. {words}")
    assert [each["project"] for each in finding.values["damaged"]] == [1]
    assert (path.read_bytes() if path.exists() else None) == before


def test_a_project_of_which_half_is_lost_or_that_is_newer_is_told(home, project, workspace):
    with project.database() as db:
        db.executemany("insert into settings values (?, ?)", [(f"s{n}", "x" * 1000) for n in range(300)])
    with closing(sqlite3.connect(project.database_path)) as db:
        db.execute("pragma journal_mode = delete")
    os.truncate(project.database_path, project.database_path.stat().st_size // 2)
    newer = workspace.create("Newer")
    with closing(sqlite3.connect(newer.database_path)) as db:
        db.execute(f"pragma user_version = {SCHEMA_VERSION + 1}")
    words = found(home, "projects").words
    assert "Project 1 " in words
    assert "Project 2 was made by a newer version of the app." in words


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        ("write", FULL, "The disk is full"),
        ("write", READ_ONLY, "This place can't be written to"),
        ("sync_file", FULL, "The disk is full"),
        ("replace", OSError(13, "Permission denied"), "This place can't be written to"),
        ("sync_file", OSError(5, "Input/output error"), "The disk failed"),
        ("replace", OSError(16, "Device or resource busy"), "A file could not be written: Device or resource busy."),
    ],
)
def test_a_disk_that_can_not_be_written_is_told_and_the_rest_is_looked_at(home, monkeypatch, call, error, words):
    def fail(*arguments):
        raise error

    monkeypatch.setattr(disk, call, fail)
    before = sorted(home.iterdir())
    findings = examine(home, {})
    finding = next(each for each in findings if each.name == "writing")
    assert not finding.ok
    assert finding.words.startswith(words)
    assert len(findings) == len(NAMES) + 1
    assert sorted(home.iterdir()) == before


def test_little_room_on_the_disk_and_little_memory_are_told(home, tmp_path, monkeypatch):
    monkeypatch.setattr(workspace_checks, "free_room", lambda home: (1_500_000_000, 64_000_000_000))
    finding = found(home, "disk")
    assert (finding.ok, finding.values) == (False, {"free": 1_500_000_000, "total": 64_000_000_000})
    assert finding.words.startswith("1.5 GB of 64.0 GB are free. That is little")
    facts = tmp_path / "meminfo"
    facts.write_text("MemTotal:        8000000 kB\nMemFree:          100000 kB\nMemAvailable:    1000000 kB\n")
    finding = computer_checks.memory(facts)
    assert (finding.ok, finding.values["free"]) == (False, 1_024_000_000)
    assert computer_checks.memory(tmp_path / "none").ok


def test_a_processor_without_avx2_is_told(tmp_path):
    facts = tmp_path / "cpuinfo"
    facts.write_text("model name\t: One\nflags\t\t: fpu sse4_2 avx\n\nflags\t\t: fpu sse4_2 avx\n")
    finding = computer_checks.processor({}, facts)
    assert (finding.ok, finding.values["features"]) == (False, ["sse4_2", "avx"])
    facts.write_text("flags\t\t: sse4_2 avx avx2 avx512f amx_tile\n")
    finding = computer_checks.processor({}, facts)
    assert (finding.ok, finding.values["features"]) == (True, ["sse4_2", "avx", "avx2", "avx512f", "amx_tile"])
    assert computer_checks.processor({}, tmp_path / "none").ok


def test_a_disk_of_another_computer_is_known_by_its_type(tmp_path, home, monkeypatch):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "21 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
        "40 21 0:40 / /mnt/our\\040disk rw - nfs4 server:/export rw\n"
        "nonsense\n"
    )
    assert computer_checks.file_system(tmp_path, mounts) == "ext4"
    assert computer_checks.file_system(type(tmp_path)("/mnt/our disk/Espalier"), mounts) == "nfs4"
    assert computer_checks.file_system(tmp_path, tmp_path / "none") == ""
    monkeypatch.setattr(workspace_checks, "file_system", lambda folder: "nfs4")
    finding = found(home, "place")
    assert (finding.ok, finding.values["network"]) == (False, True)


class Answering(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok" if self.path == "/_stcore/health" else b"")

    def log_message(self, *arguments):
        pass


def test_who_has_the_port_is_told():
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(10)
        number = other.getsockname()[1]

        def hang_up():
            for _ in range(2):
                other.accept()[0].close()

        thread = Thread(target=hang_up)
        thread.start()
        finding = computer_checks.port(number)
        thread.join()
    assert (finding.ok, finding.values["used_by"]) == (False, "another program")
    assert computer_checks.port(number).values["used_by"] == ""
    server = HTTPServer(("127.0.0.1", 0), Answering)
    Thread(target=server.serve_forever, daemon=True).start()
    finding = computer_checks.port(server.server_port)
    server.shutdown()
    server.server_close()
    assert (finding.ok, finding.values["used_by"]) == (True, "streamlit")


def test_jobs_that_go_on_that_died_and_tickets_of_ended_ones_are_counted(home, project, done, put, hold):
    hold(Job(project.folder / "runs" / "living"), PHASE)
    dead = done(project.folder / "runs" / "dead", last="")
    done(home / "downloads" / "resnet50")
    put(home / "queue" / "0001").write_text(str(dead))
    put(home / "queue" / "0002").write_text("projects/Fruit/runs/living")
    finding = found(home, "jobs")
    assert finding.values == {"active": {"train": 1}, "lost": 1, "tickets": 2, "stale_tickets": 1}
    assert finding.words.startswith("Jobs that go on: 1 train. Jobs whose worker died: 1. 1 ticket ")


def test_files_of_the_future_are_told(home, project):
    assert found(home, "clock").ok
    later = time.time() + 3600
    os.utime(project.database_path, (later, later))
    finding = found(home, "clock")
    assert (finding.ok, finding.values["files_in_the_future"]) == (False, 1)


def test_weights_that_are_not_where_they_are_said_to_be_are_told(home, tmp_path):
    finding = found(home, "weights", {"ESPALIER_WEIGHTS": str(tmp_path / "none")})
    assert not finding.ok
    assert finding.words.endswith("The folder that ESPALIER_WEIGHTS names is not there.")


def test_caches_beyond_their_bound_are_told(home, project, put, monkeypatch):
    put(project.folder / "cache" / "features" / "a.f16", 5000)
    monkeypatch.setattr(workspace_checks, "bound", lambda home: 4000)
    finding = found(home, "kept")
    assert (finding.ok, finding.values["caches"], finding.values["caches_at_most"]) == (False, 5000, 4000)


def test_a_look_that_fails_takes_no_other_with_it_and_says_no_name():
    def fail():
        raise ValueError("Ottoline.jpg")

    finding = looked("memory", fail)
    assert finding == Finding("memory", False, "This could not be looked at (ValueError).", {"error": "ValueError"})


@pytest.mark.parametrize(("ok", "status", "last"), [(True, 0, "All is well."), (False, 1, "Worth a look: reach.")])
def test_the_command_says_so_by_its_exit_status_too(home, monkeypatch, capsys, ok, status, last):
    findings = [Finding("memory", True, "Enough."), Finding("reach", ok, "How it is.", {"free": 1})]
    monkeypatch.setattr(doctor_command, "examine", lambda home, environment: findings[:1])
    monkeypatch.setattr(doctor_command, "reach", lambda environment: findings[1])
    assert main(["doctor"]) == status
    sign = "OK           " if ok else "LOOK AT THIS "
    assert capsys.readouterr().out == f"OK            memory: Enough.\n{sign} reach: How it is.\n{last}\n"
    assert main(["doctor", "--json"]) == status
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is ok
    assert said["findings"][1] == {"name": "reach", "ok": ok, "words": "How it is.", "values": {"free": 1}}


def test_a_wrong_option_stays_a_user_error(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--nonsense"])
    assert ended.value.code == 2
