"""How a project's pictures are read: measured on all of them, kept, changed, and what depends on it made anew.

The stretch of pictures beyond 8 bits is one for the whole project, so it is known only when all of them are in. What
was made by other settings until then, thumbnails and numbers, is made again, for those photos that they change. Before
that the settings to come are noted, and afterwards they take the place of those kept: after a kill in between the next
import makes all of it again.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, fields, replace
from itertools import islice

from core.base.events import PHASE
from core.base.files import disk_errors_in_words, value_of
from core.base.words import counted
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.photos.depths import may_be_odd
from core.photos.inspection import PhotoFacts, inspect_all
from core.photos.kept_settings import VERSION, as_kept, to_keep
from core.photos.pictures import DECODER, USUAL, PictureFacts, PictureSettings, Range, project_range
from core.projects.changes.facts import put_facts
from core.projects.project import NO_CLASS, PICTURES, Photo, Project
from core.projects.storage import put_thumbnail

COMING = "pictures_coming"  # the project's setting of those to which it is changing
UNKNOWN = "facts_unknown"  # the setting that an older project gets: up to which photo nothing is known
MOST_DIGITS = 18  # of a photo's number in a database
BATCH = 32  # photos between two commits, of which a few hundred milliseconds are lost to a kill


@dataclass(frozen=True)
class OddPicture:
    """A photo of a project in which something is out of the ordinary."""

    photo: Photo
    facts: PictureFacts


def pictures_of(project: Project) -> PictureSettings:
    """How the project's pictures are read; as usual before any import, and where what was kept is damaged."""
    return _settings(project.setting(PICTURES)) or USUAL


def goes_beyond(project: Project) -> bool:
    """Whether pictures that take part go beyond the stretch that is kept, as one that was brought back may."""
    kept = pictures_of(project)
    return any(
        (own := kept.range_of(depth)) is None or low < own[0] or high > own[1]
        for depth, low, high in _measured(project)
    )


def pictures_now(project: Project) -> PictureSettings:
    """How pictures are read by what begins now: with a stretch that none goes beyond, whichever is kept."""
    kept = pictures_of(project)
    return replace(kept, ranges=_measured(project)) if goes_beyond(project) else kept


def coming(project: Project) -> PictureSettings | None:
    """The settings to which a change was begun and not brought to its end; None where there is none."""
    return _settings(project.setting(COMING))


def _settings(text: str) -> PictureSettings | None:
    try:
        return as_kept(value_of(text))
    except ValueError:
        return None


def drop_unusable(project: Project) -> None:
    """Forget what can't be used of these settings, as a stranger's project may bring; the next import measures anew."""
    unusable = [name for name in (PICTURES, COMING) if _settings(project.setting(name)) is None]
    with project.database() as db:
        db.executemany("delete from settings where name = ?", [(name,) for name in unusable])


def odd_pictures(project: Project) -> list[OddPicture]:
    """The photos in which something is out of the ordinary, those set aside too, in the order they came."""
    columns = [f"p.{field.name}" for field in fields(PictureFacts)]
    n = len(fields(Photo))
    query = f"select photos.*, {', '.join(columns)} from photos join pictures p on p.photo = photos.id order by id"
    with project.database() as db:
        rows = db.execute(query).fetchall()
    return [OddPicture(Photo(*row[:n]), _facts(row[n:])) for row in rows]


def _facts(row: tuple) -> PictureFacts:
    facts = PictureFacts(*row)
    return replace(facts, blank=bool(facts.blank), cut=bool(facts.cut), profile=bool(facts.profile))


def settle(project: Project, job: Job, workers: int, wanted: PictureSettings | None = None) -> int:
    """Measure the stretch, and where the settings are others than those kept make anew what depends on them.

    Args:
        wanted: Page, bands and profiles that the user asks for; None for those kept, or those once begun.

    Returns:
        How many photos were read again.

    Raises:
        StopRequested: The user stopped it; the next import, or the next change, brings it to its end.
        StorageError: The disk is full; likewise.
    """
    done = _look_at_older(project, job, workers)
    before, odd = _made_by(project), odd_pictures(project)
    target = replace(wanted or coming(project) or pictures_of(project), ranges=_measured(project))
    if target == before:
        return done
    project.keep_setting(COMING, json.dumps(to_keep(target)))
    done += _read_again(project, job, _affected(odd, before, target), target, workers)
    seen = odd_pictures(project)  # another page, or other bands, may have other values
    final = replace(target, ranges=_measured(project))
    done += _read_again(project, job, _affected(seen, target, final), final, workers)
    with project.database() as db:
        db.execute("insert or replace into settings values (?, ?)", (PICTURES, json.dumps(to_keep(final))))
        db.execute("delete from settings where name = ?", (COMING,))
    return done


def _look_at_older(project: Project, job: Job, workers: int) -> int:
    """Look at those photos that an older version brought in and that may be out of the ordinary; how many they are.

    Else the stretch would be measured without them, and be wrong for them, and their thumbnails would be of another
    page, or other colours, than what is learned from.
    """
    last = project.setting(UNKNOWN)
    if not last:
        return 0
    is_number = last.isascii() and last.isdecimal() and len(last) <= MOST_DIGITS  # else nothing is known of any
    older = project.photos_where("id <= ? and width > 0", int(last) if is_number else 10**MOST_DIGITS)
    odd = []
    for photo in older:
        job.check_stop()
        if may_be_odd(project.path(photo)):
            odd.append(photo)
    done = _read_again(project, job, odd, pictures_of(project), workers)
    with project.database() as db:
        db.execute("delete from settings where name = ?", (UNKNOWN,))
    return done


def _made_by(project: Project) -> PictureSettings | None:
    """By which settings all that depends on them was made; None when it isn't of one kind, or by another decoder."""
    kept = project.setting(PICTURES)
    if not kept and not project.setting(COMING):
        return USUAL
    settings = None if project.setting(COMING) else _settings(kept)
    return settings if settings and value_of(kept).get(VERSION) == DECODER else None


def _measured(project: Project) -> tuple[Range, ...]:
    """The stretch of each depth, by the pictures that take part or have no class yet."""
    query = (
        "select depth, min(low), max(high) from pictures join photos on photo = photos.id"
        " where depth != '' and set_aside in ('', ?) group by depth"
    )
    with project.database() as db:
        rows = db.execute(query, (NO_CLASS,)).fetchall()
    return project_range([PictureFacts(*row) for row in rows])


def _affected(odd: list[OddPicture], before: PictureSettings | None, after: PictureSettings) -> list[Photo]:
    """Those that look otherwise by other settings; all where it isn't known what made them."""

    def is_affected(facts: PictureFacts) -> bool:
        return before is None or any(
            (
                facts.depth and before.range_of(facts.depth) != after.range_of(facts.depth),
                facts.pages and before.page != after.page,
                facts.bands and before.bands != after.bands,
                facts.profile and before.profiles != after.profiles,
            )
        )

    return [each.photo for each in odd if is_affected(each.facts)]


def _read_again(project: Project, job: Job, photos: list[Photo], settings: PictureSettings, workers: int) -> int:
    """Make thumbnails, sizes and numbers of photos anew; of equal files once. How many photos they are."""
    if not photos:
        return 0
    job.event_log().write(PHASE, name="pictures", words=f"Reading {counted(len(photos), 'picture')} again")
    equal: dict[str, list[Photo]] = defaultdict(list)
    for photo in photos:
        equal[photo.sha256].append(photo)
    groups, progress, done = list(equal.values()), Progress(job.event_log(), job.check_stop), 0
    found = zip(groups, inspect_all([project.path(of[0]) for of in groups], workers, settings), strict=True)
    while some := list(islice(found, BATCH)):
        read = [(group, facts) for group, facts in some if isinstance(facts, PhotoFacts)]  # a file may be gone
        _put(project, read)
        done += sum(len(group) for group, _ in some)
        progress(done, len(photos))
    return len(photos)


def _put(project: Project, read: list[tuple[list[Photo], PhotoFacts]]) -> None:
    rows = [(photo, facts) for group, facts in read for photo in group]
    with disk_errors_in_words("making small pictures of the photos"):
        for (first, *_), facts in read:
            put_thumbnail(project, first, facts.thumbnail or project.path(first).read_bytes())
    with project.database() as db:
        for photo, facts in rows:
            put_facts(db, photo.id, facts)
