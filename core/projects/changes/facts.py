"""What is known of a photo's picture, written anew where it is read in another way or has another content."""

import sqlite3
from dataclasses import astuple, fields

from core.photos.inspection import PhotoFacts
from core.photos.pictures import PLAIN, PictureFacts


def put_facts(db: sqlite3.Connection, photo: int, facts: PhotoFacts) -> None:
    """Keep what one decoding of a listed photo told, in place of what was known; its group is open then."""
    seen = facts.appearance
    db.execute("update photos set width = ?, height = ? where id = ?", (facts.width, facts.height, photo))
    query = (
        "update looks set phash = ?, taken = ?, brightness = ?, sharpness = ?, colours = ?, near = null, copies = null"
    )
    looks = (seen.phash, seen.taken, seen.brightness, seen.sharpness, seen.colours, photo)
    db.execute(f"{query} where photo = ?", looks)
    db.execute("delete from pictures where photo = ?", (photo,))
    if facts.picture != PLAIN:
        marks = ", ".join("?" * (1 + len(fields(PictureFacts))))
        db.execute(f"insert into pictures values ({marks})", (photo, *astuple(facts.picture)))
