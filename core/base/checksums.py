"""Is a file still what was written? Its SHA-256 lies beside it, and is compared whenever the file is opened.

A disk, a cable or a copy can turn bits without a word, and a model with turned bits answers all the same. The file
beside is as `sha256sum` writes it, so `sha256sum -c model.xml.sha256` says the same without this app. SHA-256, since
processors compute it by themselves: 1.4 GB/s, three times as fast as BLAKE2b here (docs/log.md).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.base import disk
from core.base.errors import RunError
from core.base.files import appearing_whole, content_of, write_bytes

SUFFIX = ".sha256"
MOST_BYTES = 10_000  # of such a file: a handful of lines
LINE = re.compile(r"([0-9a-f]{64})  ([^/\\\0]+)")
PAGES_SEALED = {"write_page_checksum": True}  # for what writes tables as Parquet: a CRC-32 of each page
PAGES_CHECKED = {"page_checksum_verification": True}  # for what reads them; those of earlier versions have none
RESTORE = "Restore it from a backup or train again."


def seal_of(target: Path) -> Path:
    """Where the checksums of a file, and of those that belong to it, are kept."""
    return target.with_name(target.name + SUFFIX)


def seal(target: Path, *others: Path) -> None:
    """Write down what a file holds now, which is on disk, and what those beside it hold that belong to it and exist."""
    _write_seal(target, {path.name: content_of(path) for path in (target, *others) if path.exists()})


def unseal(target: Path) -> None:
    """Forget what a file held, before it is written anew: a kill in between leaves it unchecked, not "damaged"."""
    if is_sealed(target):
        disk.remove(seal_of(target))
        disk.sync_folder(target.parent)


def is_sealed(target: Path) -> bool:
    """Whether it is known what a file held; it isn't of what an older version wrote."""
    return seal_of(target).exists()


@contextmanager
def sealed(target: Path) -> Iterator[Path]:
    """As `appearing_whole`, and what was written is written down beside it."""
    with appearing_whole(target) as beside:
        yield beside
        digest = content_of(beside)
        unseal(target)
    _write_seal(target, {target.name: digest})


def carry_seal(source: Path, target: Path) -> None:
    """Say of a copy what is known of its source: not what it holds now, which may be damaged already."""
    known = _read_seal(source).get(source.name) if is_sealed(source) else None
    if known:
        _write_seal(target, {target.name: known})


def changed(target: Path) -> list[str]:
    """The names of what isn't as it was sealed, of a file and those that belong to it; none where nothing is known."""
    if not is_sealed(target):
        return []
    known = _read_seal(target)
    if target.name not in known:
        return [seal_of(target).name]
    return [name for name, digest in known.items() if content_of(target.with_name(name)) != digest]


def refuse_changed(target: Path, what: str, way_out: str = RESTORE) -> None:
    """Raise where a file, or one that belongs to it, isn't what was saved.

    Args:
        what: Begins the sentence, such as "The model of Fruit".
        way_out: Ends it.

    Raises:
        RunError: It was changed, or is gone.
    """
    names = changed(target)
    if names:
        verb = "has" if len(names) == 1 else "have"
        raise RunError(f"{what} is damaged on disk ({', '.join(names)} {verb} changed since it was saved). {way_out}")


def _write_seal(target: Path, digests: dict[str, str]) -> None:
    write_bytes(seal_of(target), "".join(f"{digest}  {name}\n" for name, digest in digests.items()).encode("utf-8"))


def _read_seal(target: Path) -> dict[str, str]:
    """The digests by name, none of which leads out of the folder; nothing where it isn't as `seal` writes it."""
    try:
        with seal_of(target).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError:
        return {}
    lines = [LINE.fullmatch(line) for line in data.decode("utf-8", "replace").splitlines()]
    return {} if len(data) > MOST_BYTES or not all(lines) else {line[2]: line[1] for line in lines if line}
