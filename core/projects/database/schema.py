"""A project's database: its tables, and how an older version's becomes today's."""

import sqlite3
from pathlib import Path

SCHEMA_VERSION = 5
TABLES = ("photos", "looks", "edits", "settings")  # of every version
SCHEMA = """
create table photos (
    id integer primary key,
    label text not null,          -- the class
    file text not null unique,    -- where it lies, relative to the project
    name text not null,           -- what it was called among what was brought
    sha256 text not null,
    bytes integer not null,
    width integer not null,       -- upright, in pixels; 0 when it could not be decoded
    height integer not null,
    split text not null,          -- 'train', 'validation', 'test', or '' until the first training
    set_aside text not null,      -- why it takes no part, or ''
    added real not null,          -- Unix seconds
    kept text not null default '', -- kinds of findings that the user wants to hear no more of, with spaces between
    origin text not null default '', -- 'feedback' for photos that a model had answered before: they only teach
    made text not null default '' -- how this content was made of the photo's original, see `Making`; '' = as it came
);
create index photos_by_label on photos (label, set_aside);
create index photos_by_content on photos (sha256);
create table looks (              -- what the decodable photos look like; see `Appearance`
    photo integer primary key references photos (id),
    phash blob not null,
    taken real,
    brightness real not null,
    sharpness real not null,
    colours blob not null,
    near text,                    -- sha256 of the first of its group: near-copies, bursts; null until all were compared
    copies text                   -- the same of near-copies alone
);
create index looks_by_taken on looks (photo, taken); -- so that photos are sorted by date without reading all of them
create table edits (              -- the log of what the user changed, to undo it; see `edits`
    id integer primary key,
    time real not null,           -- Unix seconds
    what text not null,           -- a sentence
    changes text not null,        -- JSON: [[photo, column, before, after], ...]
    undone integer not null,      -- 0 or 1
    redoable integer not null default 0 -- 1 when it was undone and nothing was changed since
);
create table versions (           -- each content that a photo had which was rotated or cropped, its original among them
    photo integer not null references photos (id),
    sha256 text not null,
    file text not null unique,    -- where it lies while it isn't the photo's own: its shelf, relative to the project
    bytes integer not null,
    width integer not null,
    height integer not null,
    original integer not null,    -- 1 for the photo as it came
    phash blob not null,          -- as in `looks`, so that what looks like one of them stays in the same subset
    taken real,
    primary key (photo, sha256)
);
create table pictures (           -- what is out of the ordinary in photos, of those where anything is: `PictureFacts`
    photo integer primary key references photos (id),
    depth text not null,
    low real not null,
    high real not null,
    bands integer not null,
    pages integer not null,
    blank integer not null,       -- 0 or 1, as are `cut` and `profile`
    cut integer not null,
    missing real not null,
    profile integer not null
);
create table settings (name text primary key, value text not null);
"""
MIGRATIONS = {  # from that version to the next
    1: """
alter table photos add column kept text not null default '';
alter table looks add column near text;
""",
    2: """
alter table photos add column origin text not null default '';
""",
    3: """
create table pictures (
    photo integer primary key references photos (id),
    depth text not null,
    low real not null,
    high real not null,
    bands integer not null,
    pages integer not null,
    blank integer not null,
    cut integer not null,
    missing real not null,
    profile integer not null
);
alter table looks add column copies text;
insert or replace into settings select 'facts_unknown', ifnull(max(id), 0) from photos;
""",
    4: """
alter table photos add column made text not null default '';
alter table edits add column redoable integer not null default 0;
create index looks_by_taken on looks (photo, taken);
create table versions (
    photo integer not null references photos (id),
    sha256 text not null,
    file text not null unique,
    bytes integer not null,
    width integer not null,
    height integer not null,
    original integer not null,
    phash blob not null,
    taken real,
    primary key (photo, sha256)
);
""",
}


def write_schema(path: Path, title: str) -> None:
    """Write the database of an empty project."""
    db = sqlite3.connect(path)
    try:
        db.executescript(f"pragma journal_mode = wal; {SCHEMA} pragma user_version = {SCHEMA_VERSION};")
        db.execute("insert into settings values ('title', ?)", (title,))
        db.commit()
    finally:
        db.close()


def migrate(db: sqlite3.Connection) -> None:
    """Bring an older version's database to today's schema: wholly, or not at all."""
    db.execute("begin immediate")  # another window may do the same now
    for version in range(db.execute("pragma user_version").fetchone()[0], SCHEMA_VERSION):
        for statement in MIGRATIONS[version].strip().split(";\n"):
            db.execute(statement)
    db.execute(f"pragma user_version = {SCHEMA_VERSION}")
