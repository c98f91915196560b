"""Plain numbers out of an HDF5 file, which may be a stranger's, and nothing else that such a file may hold.

HDF5 files may point to other files (external links, external storage, virtual datasets), claim sizes that they don't
hold, and name compression plug-ins. Only arrays of numbers that lie in the file itself, as they are, are taken.
"""

from pathlib import Path

import h5py
import numpy as np

from core.base.files import DISK_ERRORS

OUTSIDE = "points to something outside itself"
STRANGE = "holds data of a kind that no such model has"
TOO_MUCH = "claims far more than such a model holds"
OTHER = "holds the numbers of another model"


class NotPlainError(ValueError):
    """A file holds what a model of ours doesn't; the words follow its name, such as "holds ..."."""


def child_of(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset:
    """What lies under this name in the file itself; soft and external links are not followed.

    Raises:
        NotPlainError: There is a link, or nothing.
    """
    link = group.get(name, getlink=True)
    if link is None:
        raise NotPlainError("lacks what such a model holds")
    if not isinstance(link, h5py.HardLink):
        raise NotPlainError(OUTSIDE)
    return group[name]


def values_of(dataset: h5py.Dataset, at_most: int, kinds: str = "f") -> np.ndarray:
    """The numbers of a dataset that lies in the file as it is.

    Args:
        at_most: How many; more are never read.
        kinds: Of numpy: "f" for floats, "i" and "u" for whole numbers.

    Raises:
        NotPlainError: It lies elsewhere, is packed, is of another kind, or claims more than it holds.
    """
    stored_here = not dataset.is_virtual and not dataset.external
    if not stored_here or dataset.dtype.kind not in kinds or dataset.id.get_create_plist().get_nfilters():
        raise NotPlainError(STRANGE)
    if dataset.size > at_most or dataset.id.get_storage_size() < dataset.size * dataset.dtype.itemsize:
        raise NotPlainError(TOO_MUCH)
    return dataset[()]


def fill_from(ours: Path, theirs: Path) -> None:
    """Replace the numbers in a file that Keras has just written here by those under the same names in a stranger's.

    What else the other file holds is not looked at.

    Args:
        ours: The `.weights.h5` of a model of the same architecture. Its datasets say what is taken, of which shapes.

    Raises:
        NotPlainError: The other holds something else in such a place, or numbers that are none.
    """
    with h5py.File(ours, "r+") as own:
        names: list[str] = []
        own.visititems(lambda name, found: names.append(name) if isinstance(found, h5py.Dataset) else None)
        try:
            with h5py.File(theirs, "r") as other:
                for name in names:
                    own[name][...] = _same_place(other, name, own[name])
        except NotPlainError:
            raise
        except (OSError, KeyError, RuntimeError, TypeError, ValueError) as error:  # by where the damage is
            if isinstance(error, OSError) and error.errno in DISK_ERRORS:
                raise
            raise NotPlainError("is damaged") from error


def _same_place(other: h5py.File, name: str, own: h5py.Dataset) -> np.ndarray:
    found: h5py.Group | h5py.Dataset = other
    for part in name.split("/"):
        if not isinstance(found, h5py.Group):
            raise NotPlainError(OTHER)
        found = child_of(found, part)
    if not isinstance(found, h5py.Dataset) or (found.shape, found.dtype) != (own.shape, own.dtype):
        raise NotPlainError(OTHER)
    values = values_of(found, own.size, "fiu")
    if not np.isfinite(values).all():
        raise NotPlainError("holds numbers that are none")
    return values
