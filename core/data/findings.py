"""What a person should know about a folder of photos before training on it. No finding is a verdict."""

from collections import defaultdict
from dataclasses import asdict
from typing import Any

from core.data.arrange import LabelledFile, count_by_class
from core.data.inspection import PhotoFacts, inspect_all
from core.data.look_findings import (
    ERROR,
    NOTE,
    WARNING,
    Finding,
    class_twins,
    looks,
    near_copies,
    one_background,
)
from core.data.photos import PhotoError
from core.data.readiness import problems, warnings
from core.data.sources import Source


def find(source: Source, threads: int) -> list[Finding]:
    """All findings, each photo decoded once.

    Args:
        source: What `read_source` found.
        threads: How many photos to decode at a time.
    """
    files = source.arrangement.files
    facts = list(inspect_all((file.path for file in files), threads))
    good = [(file, fact) for file, fact in zip(files, facts, strict=True) if isinstance(fact, PhotoFacts)]
    counts = _counts(source, [file for file, _ in good])
    return [
        *(Finding("unlearnable", ERROR, [], why, "Add photos, then check again.") for why in problems(counts)),
        *_unreadable(files, facts),
        *_copies(good),
        *near_copies(good),
        *looks(good),
        *class_twins(counts),
        *one_background(good),
        *_left_out(source),
        *(Finding("balance", WARNING, [], why, "Add photos where there are few.") for why in warnings(counts)),
    ]


def _counts(source: Source, files: list[LabelledFile]) -> dict[str, int]:
    """Files per class, those with none at all too."""
    return {**dict.fromkeys(source.empty_classes, 0), **count_by_class(files)}


def _unreadable(files: list[LabelledFile], facts: list[PhotoFacts | PhotoError]) -> list[Finding]:
    by_reason: dict[str, list[str]] = defaultdict(list)
    for file, fact in zip(files, facts, strict=True):
        if isinstance(fact, PhotoError):
            by_reason[str(fact)].append(file.name)
    return [
        Finding("unreadable", WARNING, names, f"Can't be used: {reason}.", "They are set aside; the rest is kept.")
        for reason, names in by_reason.items()
    ]


def _copies(good: list[tuple[LabelledFile, PhotoFacts]]) -> list[Finding]:
    by_content: dict[str, list[LabelledFile]] = defaultdict(list)
    for file, fact in good:
        by_content[fact.sha256].append(file)
    found = []
    for copies in by_content.values():
        names, labels = [file.name for file in copies], sorted({file.label for file in copies})
        if len(labels) > 1:
            why = f"The same photo is in {' and in '.join(labels)}: the model would learn a contradiction."
            found.append(Finding("same-photo-in-two-classes", WARNING, names, why, "Keep it in one class only."))
        elif len(copies) > 1:
            why = "The same file more than once: it would count double."
            found.append(Finding("exact-copies", NOTE, names, why, "Copies stay on one side of the split."))
    return found


def _left_out(source: Source) -> list[Finding]:
    found = [Finding("refused", WARNING, [name], f"Left in the archive: {why}.", "") for name, why in source.refused]
    if source.arrangement.loose:
        why = "These photos lie in no class folder, so their class is unknown."
        found.append(Finding("no-class", WARNING, source.arrangement.loose, why, "Move them into a class folder."))
    if source.arrangement.ignored:
        found.append(Finding("not-a-photo", NOTE, source.arrangement.ignored, "These files are no photos.", ""))
    return found


def to_json(source: Source, findings: list[Finding]) -> dict[str, Any]:
    """The result of `python -m core check --json`."""
    counts = _counts(source, source.arrangement.files)
    return {
        "photos": len(source.arrangement.files),
        "classes": dict(sorted(counts.items())),
        "findings": [asdict(finding) for finding in findings],
    }
