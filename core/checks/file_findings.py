"""Findings on files that are not taken: they can't be decoded, are no photos, or are of no class."""

from collections import defaultdict

from core.checks.appearance_findings import NOTE, WARNING, Finding
from core.photos.decoding import PhotoError
from core.photos.file_kinds import TEXT
from core.photos.inspection import PhotoFacts
from core.sources.folders import IS_EMPTY
from core.sources.labelled import Source
from core.sources.layouts import LabelledFile


def unreadable(files: list[LabelledFile], facts: list[PhotoFacts | PhotoError]) -> list[Finding]:
    """Files that can't be decoded, a finding for each reason; facts and reasons are by file."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for file, fact in zip(files, facts, strict=True):
        if isinstance(fact, PhotoError):
            by_reason[str(fact)].append(file.name)
    return [
        Finding("unreadable", WARNING, names, f"Can't be used: {reason}.", "They are set aside; the rest is kept.")
        for reason, names in by_reason.items()
    ]


def left_out(source: Source) -> list[Finding]:
    """What was not taken as a photo of a class."""
    found = [
        Finding("refused", WARNING, [name], f"Left in the archive: {why.removesuffix('.')}.", "")
        for name, why in source.left_in_archive
    ]
    if source.arrangement.loose:
        why = "These photos lie in no class folder, so their class is unknown."
        found.append(Finding("no-class", WARNING, source.arrangement.loose, why, "Move them into a class folder."))
    if source.arrangement.unlabelled:
        why = f"{'; '.join(source.no_class_words)}."
        found.append(
            Finding(
                "unlabelled",
                NOTE,
                [file.name for file in source.arrangement.unlabelled],
                why,
                "Put them into class folders.",
            )
        )
    return [*found, *_no_photos(source)]


def _no_photos(source: Source) -> list[Finding]:
    """Files that are no photos, a finding for what they are; texts are no trouble."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for name, reason in source.not_taken()[len(source.left_in_archive) :]:
        if reason != IS_EMPTY:  # which harms nobody where no class is meant
            by_reason[reason].append(name)
    return [
        Finding("not-a-photo", NOTE, names, "These files are no photos.", "")
        if reason == TEXT.reason
        else Finding("not-taken", WARNING, names, f"Not taken: {reason}.", "The rest is kept.")
        for reason, names in by_reason.items()
    ]
