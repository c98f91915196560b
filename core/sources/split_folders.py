"""What folders are called that are no classes: parts of a split, photos without a class, and mere containers."""

import re
from collections.abc import Iterable

from core.base.subsets import TEST, TRAIN, VALIDATION

UNLABELLED = "unlabelled"  # a folder of photos to be asked about
SPLIT_WORDS = {
    TRAIN: "train training trn trainval learn learning",
    VALIDATION: "val valid validation validate dev development",
    TEST: "test testing tests tst eval evaluation holdout heldout",
    UNLABELLED: "pred predict prediction predictions unlabeled unlabelled inference",
}
SPLITS = {word: split for split, words in SPLIT_WORDS.items() for word in words.split()}
PARTS_OF_A_SET = "set sets data dataset datasets folder folders dir split part subset seg jpg jpeg jpegs png files"
PICTURES = "image images img imgs photo photos pic pics picture pictures jpegimages sample samples"
FILLERS = frozenset(f"{PARTS_OF_A_SET} {PICTURES} all my new final small resized full cropped single only the".split())
CONTAINERS = frozenset(f"{PARTS_OF_A_SET} {PICTURES} all resized input inputs mask masks label labels".split())
NUMBERED = re.compile(
    r"(fold|part|batch|set|session|day|week|month|year|camera|cam|run|series|shoot|take|site|k)?[\W_]*\d[\d\W_]*", re.I
)
JOINED = re.compile(rf"({'|'.join(sorted(SPLITS, key=len, reverse=True))})({'|'.join(sorted(FILLERS))})")
ANY_SPLIT = re.compile("|".join(SPLITS), re.I)
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def split_of(name: str, beside: Iterable[str] = ()) -> str:
    """The part of a split that a folder of this name is: a subset, UNLABELLED, or "" for none.

    "train", "Training_Set", "test1" and "seg_train" are; "train station" and "crash test" are not, unless a folder
    beside has the same other words for another part, as "asl_train" and "asl_test" have.
    """
    split, rest = _split_and_rest(name)
    if not split or all(word in FILLERS for word in rest):
        return split
    others = (_split_and_rest(other) for other in beside)
    return split if any(other and other != split and words == rest for other, words in others) else ""


def innermost_split(folders: Iterable[str]) -> str:
    """What the last of these folders that is part of a split says, "" when none is."""
    return next((found for folder in reversed(tuple(folders)) if (found := split_of(folder))), "")


def class_and_split(name: str) -> tuple[str, str]:
    """("cat", "train") of "train_cat", ("cat", "") of "cat"; the class keeps how it is written."""
    if not ANY_SPLIT.search(name):  # of most names, and ten times as fast
        return name, ""
    found = [word for word in re.split(r"[\W_]+", name) if SPLITS.get(word.casefold(), UNLABELLED) != UNLABELLED]
    if len(found) != 1:
        return name, ""
    rest = re.sub(rf"(^|[\W_]+){re.escape(found[0])}([\W_]+|$)", " ", name).strip()
    return (rest, SPLITS[found[0].casefold()]) if rest else (name, "")


def is_container(name: str) -> bool:
    """Whether a folder is called after what any folder of photos holds: "images", "data 2", "JPEGImages"."""
    found = _words(name)
    return bool(found) and all(word in CONTAINERS for word in found)


def is_numbered(name: str) -> bool:
    """Whether it is one of several alike: "fold1", "day 2", "2024-05-01", "17"."""
    return bool(NUMBERED.fullmatch(name.strip()))


def _split_and_rest(name: str) -> tuple[str, list[str]]:
    found = _words(name)
    splits = [word for word in found if word in SPLITS]
    if len(splits) != 1:
        return "", found
    return SPLITS[splits[0]], [word for word in found if word not in SPLITS]


def _words(name: str) -> list[str]:
    """Its words in small letters without numbers; "trainset" is two."""
    if len(name) > 200:  # no folder that means something to us
        return []
    words: list[str] = []
    for word in re.findall(r"[^\W\d_]+", CAMEL.sub(" ", name)):
        joined = JOINED.fullmatch(word.casefold())
        words += joined.groups() if joined else [word.casefold()]
    return words
