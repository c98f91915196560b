import sqlite3
from contextlib import closing

import pytest

from core.base.errors import DamagedError, StorageError
from core.projects.database import backup
from core.projects.database.backup import KEPT, back_up, back_up_daily, backups, good_backups
from core.projects.project import open_project
from tests.core.projects.test_project import V2


def daily(project, day):
    back_up_daily(project.folder, project.database, day)


def names(project):
    return [path.name for path in backups(project.folder)]


def test_a_backup_is_written_once_a_day_and_holds_all(project):
    daily(project, "2026-12-01")
    project.keep_setting("plan", "mine")
    daily(project, "2026-12-01")
    assert names(project) == ["000001 2026-12-01.db"]
    daily(project, "2026-12-02")
    assert names(project) == ["000002 2026-12-02.db", "000001 2026-12-01.db"]
    with closing(sqlite3.connect(backups(project.folder)[0])) as db:
        assert db.execute("select value from settings where name = 'plan'").fetchone() == ("mine",)
    assert sorted(path.name for path in (project.folder / "backups").iterdir()) == sorted(names(project))


def test_where_nothing_was_changed_the_last_one_counts_for_today(project):
    for day in ("2026-12-01", "2026-12-02", "2026-12-03"):
        daily(project, day)
    assert names(project) == ["000003 2026-12-03.db"]


def test_a_few_are_kept_and_a_clock_set_back_changes_no_order(project):
    for day in (5, 6, 7, 1, 2, 3, 4):
        project.keep_setting("plan", str(day))
        daily(project, f"2026-12-0{day}")
    assert len(names(project)) == KEPT
    assert names(project)[0] == "000007 2026-12-04.db"


def test_a_damaged_list_takes_no_good_backup_s_place(project):
    daily(project, "2026-12-01")
    project.database_path.write_bytes(b"this is no database" * 500)
    daily(project, "2026-12-02")
    with pytest.raises(DamagedError):
        back_up(project.folder, project.database, "2026-12-02")
    assert names(project) == ["000001 2026-12-01.db"]


def test_a_backup_that_is_damaged_is_passed_over(project):
    for day in ("2026-12-01", "2026-12-02"):
        project.keep_setting("plan", day)
        daily(project, day)
    newest, older = backups(project.folder)
    newest.write_bytes(newest.read_bytes()[:5000])
    assert list(good_backups(project.folder)) == [older]


def test_an_older_version_s_list_is_backed_up_before_it_becomes_today_s(project):
    project.database_path.unlink()
    with closing(sqlite3.connect(project.database_path)) as db:
        db.executescript(V2)
    open_project(project.folder)
    (kept,) = backups(project.folder)
    with closing(sqlite3.connect(kept)) as db:
        assert db.execute("pragma user_version").fetchone() == (2,)
        assert db.execute("select count(*) from photos").fetchone() == (2,)


def test_without_room_nothing_is_written_and_the_work_goes_on(project, monkeypatch):
    monkeypatch.setattr(backup, "ROOM_KEPT", 10**18)
    daily(project, "2026-12-01")
    with pytest.raises(StorageError, match=r"no room to back up"):
        back_up(project.folder, project.database, "2026-12-01")
    assert names(project) == []
