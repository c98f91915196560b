"""Are the layouts that people bring read rightly, asked about, or read wrongly?

    python -m benchmarks.layouts

Names only, no photos. Right: classes and what is for testing are those that a person sees in it. A question is right
only where two readings make sense.
"""

import sys
import time
from dataclasses import dataclass, field

from core.base.errors import InputError
from core.base.subsets import TEST
from core.sources.readings import LayoutQuestion, propose

N_NAMES = 100_000


@dataclass(frozen=True)
class Layout:
    """What is brought: `names`, with `texts` of those that are tables; and what a person sees in it.

    Args:
        classes: Separated by spaces; "" for a set without classes, which has to be refused.
        test: How many labelled photos are for testing.
        unlabelled: How many have no class.
        ask: Whether two readings make sense, so that a question is right.
    """

    what: str
    names: list[str]
    classes: str
    test: int = 0
    unlabelled: int = 0
    texts: dict[str, str] = field(default_factory=dict)
    ask: bool = False


def photos(pattern: str, n: int = 4) -> list[str]:
    """Names by a pattern: a|b stands for each of several, # for numbers."""
    if "|" in pattern:
        at = pattern.index("|")
        start = max(pattern.rfind(sign, 0, at) for sign in "/^") + 1
        end = min(place for sign in "/.#$" if (place := pattern.find(sign, at)) >= 0)
        return [
            name for each in pattern[start:end].split("|") for name in photos(pattern[:start] + each + pattern[end:], n)
        ]
    return [pattern.replace("^", "").replace("$", "").replace("#", str(i)) for i in range(n)]


def table(head: str, rows: list[str]) -> str:
    """A table's text."""
    return "\n".join([head, *rows] if head else rows)


FRUIT = "apple pear"
SIXTEEN = [("apple", "pear")[i % 2] for i in range(16)]
LAYOUTS = [
    Layout("class folders", photos("apple|pear/#.jpg"), FRUIT),
    Layout("in outer folders", photos("download/fruit/apple|pear/#.jpg"), FRUIT),
    Layout("training_set, test_set", photos("dataset/training_set|test_set/apple|pear/#.jpg"), FRUIT, 8),
    Layout(
        "doubled seg_train",
        photos("seg_train/seg_train/apple|pear/#.jpg")
        + photos("seg_test/seg_test/apple|pear/#.jpg")
        + photos("seg_pred/seg_pred/#.jpg"),
        FRUIT,
        8,
        4,
    ),
    Layout("train, valid, test", photos("train|valid|test/apple|pear/#.jpg"), FRUIT, 8),
    Layout("train_images, test_images", photos("train_images|test_images/apple|pear/#.jpg"), FRUIT, 8),
    Layout("named after the set", photos("asl_train|asl_test/A|B/#.jpg"), "A B", 8),
    Layout("Train/dev in capitals", photos("TRAIN|DEV/apple|pear/#.jpg"), FRUIT),
    Layout("flat test", photos("train/apple|pear/#.jpg") + photos("test/#.jpg"), FRUIT, 0, 4),
    Layout("flat test beside classes", photos("apple|pear|test/#.jpg"), FRUIT, 0, 4),
    Layout("test inside beside classes", photos("apple|pear/#.jpg") + photos("test/apple|pear/#.jpg"), FRUIT, 8),
    Layout(
        "single_prediction", photos("training_set/apple|pear/#.jpg") + photos("single_prediction/#.jpg"), FRUIT, 0, 4
    ),
    Layout(
        "a set that holds itself",
        photos("xray/train|test/apple|pear/#.jpg") + photos("xray/xray/train|test/apple|pear/#.jpg"),
        FRUIT,
        8,
    ),
    Layout("one inner folder a class", photos("train/n01443537|n01629819/images/#.jpg"), "n01443537 n01629819"),
    Layout("split inside of classes", photos("apple|pear/train|test/#.jpg"), FRUIT, 8),
    Layout("images inside of splits", photos("train|test/images/apple|pear/#.jpg"), FRUIT, 8),
    Layout("apple_train, apple_test", photos("apple_train|apple_test|pear_train|pear_test/#.jpg"), FRUIT, 8),
    Layout("folds", photos("fold1|fold2|fold3/apple|pear/#.jpg"), FRUIT),
    Layout("sessions in classes", photos("apple|pear/session 1|session 2/#.jpg"), FRUIT),
    Layout("a stray beside", [*photos("fruit/apple|pear/#.jpg"), "fruit/cover.jpg"], FRUIT),
    Layout("numbers", photos("0|1|2|10/#.jpg"), "0 1 2 10"),
    Layout("words that hold train", photos("train station|bus stop/#.jpg"), "bus_stop train_station"),
    Layout(
        "cat.0.jpg in train, flat test1",
        photos("train/cat.#.jpg", 8) + photos("train/dog.#.jpg", 8) + photos("test1/#.jpg"),
        "cat dog",
        0,
        4,
    ),
    Layout("apple_12.jpg", photos("apple_#.jpg", 8) + photos("pear_#.jpg", 8), FRUIT),
    Layout(
        "two words and a number",
        photos("pets/american_bulldog_#.jpg", 8) + photos("pets/Siamese_#.jpg", 8),
        "Siamese american_bulldog",
        ask=True,
    ),
    Layout("number first", photos("images/00#_apple.jpg", 8) + photos("images/01#_pear.jpg", 8), FRUIT),
    Layout(
        "train_cat_1.jpg",
        photos("all/train_cat_#.jpg", 8) + photos("all/test_cat_#.jpg") + photos("all/train_dog_#.jpg", 8),
        "cat dog",
        4,
    ),
    Layout(
        "table beside a folder",
        photos("images/#.jpg", 16),
        FRUIT,
        texts={"train.csv": table("image_id,label", [f"{i},{c}" for i, c in enumerate(SIXTEEN)])},
    ),
    Layout(
        "semicolons",
        photos("photos/p#.png", 16),
        FRUIT,
        texts={"labels.csv": table("file;note;species", [f"p{i}.png;;{c}" for i, c in enumerate(SIXTEEN)])},
    ),
    Layout(
        "tabs without header",
        photos("images/v#.jpg", 16),
        FRUIT,
        texts={"annotations.txt": table("", [f"v{i}.jpg\t{c}\t0.5\t3" for i, c in enumerate(SIXTEEN)])},
    ),
    Layout(
        "list with spaces",
        photos("images/my #.jpg", 16),
        FRUIT,
        texts={"list.txt": table("", [f"images/my {i}.jpg {c}" for i, c in enumerate(SIXTEEN)])},
    ),
    Layout(
        "one-hot",
        photos("images/#.jpg", 16),
        FRUIT,
        texts={
            "truth.csv": table(
                "image,apple,pear", [f"{i},{float(c == 'apple')},{float(c == 'pear')}" for i, c in enumerate(SIXTEEN)]
            )
        },
    ),
    Layout(
        "table with a split",
        photos("images/#.jpg", 16),
        FRUIT,
        4,
        texts={
            "all.csv": table(
                "class id,path,labels,data set",
                [f"{i % 2},images/{i}.jpg,{c},{'test' if i < 4 else 'train'}" for i, c in enumerate(SIXTEEN)],
            )
        },
    ),
    Layout(
        "table that says the same",
        photos("apple|pear/p#.jpg"),
        FRUIT,
        texts={
            "frames.csv": table(
                "file,class,camera", [f"{c}/p{i}.jpg,{c},{i % 2}" for c in ("apple", "pear") for i in range(4)]
            )
        },
    ),
    Layout("numbers with names", photos("0|1/#.jpg"), FRUIT, texts={"classes.txt": "apple\npear\n"}),
    Layout(
        "synsets with words",
        photos("train/n01443537|n01629819/#.jpg"),
        "goldfish salamander",
        texts={"words.txt": "n01443537\tgoldfish, Carassius auratus\nn01629819\tsalamander\n"},
    ),
    Layout(
        "Tiny ImageNet",
        photos("train/n01|n02/images/#.JPEG") + photos("val/images/val_#.JPEG") + photos("test/images/test_#.JPEG"),
        "n01 n02",
        0,
        4,
        {"val/val_annotations.txt": table("", [f"val_{i}.JPEG\tn0{i % 2 + 1}\t0\t1" for i in range(4)])},
    ),
    Layout("two levels of words", photos("fruit/apple|pear/#.jpg") + photos("tool/saw|axe/#.jpg"), "", ask=True),
    Layout("three looks of each class", photos("color|grey/apple|pear/#.jpg"), "", ask=True),
    Layout("train beside bus and car", photos("bus|car|train/#.jpg"), "", ask=True),
    Layout("images and masks", photos("images|masks/#.jpg"), ""),
    Layout("a camera's folder", photos("DCIM/IMG_#.jpg", 16), "DCIM"),
]


def verdict(layout: Layout) -> tuple[str, str]:
    """ "right", "question" or "wrong", and what was read."""
    proposal = propose([*layout.names, *layout.texts], lambda name: layout.texts.get(name, ""))
    try:
        reading = proposal.chosen()
    except LayoutQuestion as question:
        return ("question" if layout.ask else "wrong"), " / ".join(r.layout for r in question.readings)
    except InputError:
        return ("wrong" if layout.classes else "right"), "refused: no classes"
    seen = " ".join(name.replace(" ", "_") for name in reading.counts)
    numbers = (reading.split_counts.get(TEST, 0), len(reading.unlabelled))
    right = seen == layout.classes and numbers == (layout.test, layout.unlabelled)
    return ("right" if right else "wrong"), f"{reading.layout}: {reading.words}"


def main() -> int:
    """Print the table, and how long many names take; the exit status is 1 when a layout is read wrongly."""
    verdicts = [(layout.what, *verdict(layout)) for layout in LAYOUTS]
    for what, found, words in verdicts:
        print(f"{found:9} {what:32} {words}")
    totals = {word: sum(found == word for _, found, _ in verdicts) for word in ("right", "question", "wrong")}
    print(f"\n{len(verdicts)} layouts: {', '.join(f'{n} {word}' for word, n in totals.items())}")
    names = [f"train/class {n % 100}/{n}.jpg" for n in range(N_NAMES)]
    began, worked = time.perf_counter(), time.process_time()
    propose(names)
    seconds, of_processor = time.perf_counter() - began, time.process_time() - worked
    print(f"{N_NAMES:,} names: {seconds:.1f} s, {of_processor:.1f} s of the processor's time")
    return int(totals["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
