"""`python -m core check`, `advise` and `search`: what is wrong with labelled photos, and what suits them."""

import argparse
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import astuple, replace
from pathlib import Path

from core.advice.advice_words import recommendation
from core.advice.measuring import advise as measure
from core.advice.quadrants import QUADRANTS
from core.advice.record import Advice, Examples
from core.base.subsets import TEST
from core.base.words import counted, percent
from core.checks.appearance_findings import ALIKE
from core.checks.findings import ABOUT_GROUPS, Finding, find, to_json
from core.cli.command import (
    Command,
    LostPhotos,
    Result,
    add_base,
    add_image_size,
    add_source,
    files_of,
    photos_of,
    source_of,
    tell,
)
from core.cli.pictures_option import add_pictures, pictures_from, tell_of_dicom
from core.cli.train_command import with_views
from core.engine.places import Places
from core.jobs.job import Job
from core.models.catalogue import BUILT_IN, base_model
from core.models.config import FEATURE_EXTRACTION, FINE_TUNE, USUAL_SIZE, usual_config
from core.models.image_sizes import size_in_words
from core.projects.workspace import Workspace
from core.runs.grouping import looked_at, with_groups
from core.search.table import SearchTable
from core.search.words import in_words, options_of, summary
from core.sources.layouts import LabelledFile

NAMED = 2  # photos of a group
WHERE_TO_ANSWER = "In a project you can answer on the page Check the photos."


def check(arguments: argparse.Namespace) -> Result:
    """Findings on the photos of a folder or archive."""
    with tempfile.TemporaryDirectory() as staging:
        source = source_of(arguments.source, Path(staging) / "photos", arguments)
        findings = find(source, os.cpu_count() or 2, pictures_from(arguments, []), _say)
        tell_of_dicom(file.path for file in source.arrangement.files)
    return to_json(source, findings), findings_in_words(findings)


def findings_in_words(findings: list[Finding]) -> str:
    """A line for each finding; those that say the same share one."""
    if not findings:
        return "Nothing to mend was found."
    alike: dict[tuple[str, str, str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        alike[finding.kind, finding.severity, finding.why, finding.fix].append(finding)
    return "\n".join(_in_a_line(found) for found in alike.values())


def _in_a_line(found: list[Finding]) -> str:
    """Findings that say the same: once, how often, of how many photos, and of groups what the first are called."""
    first, n = found[0], sum(len(each.photos) for each in found)
    times = f"{len(found):,} times, " if len(found) > 1 else ""
    names = f": {', '.join(map(str, first.photos[:NAMED]))}" if first.kind in ABOUT_GROUPS else ""
    more = " ..." if names and n > NAMED else ""
    where = f" {WHERE_TO_ANSWER}" if first.kind == ALIKE else ""
    return f"{first.severity}: {first.why} {first.fix}{where} ({times}{counted(n, 'photo')}{names}{more})"


def _say(words: str) -> None:
    print(words, file=sys.stderr)


def advise(arguments: argparse.Namespace) -> Result:
    """Which base model and strategy suit the photos."""
    workspace = Workspace(arguments.home)
    with tempfile.TemporaryDirectory() as scratch:
        files = files_of(arguments.source, Path(scratch) / "photos", arguments)
        listed, places = photos_of(files), _places(workspace, arguments, files)
        photos = [photo for photo, _ in looked_at(listed, places.pictures, LostPhotos(files))]
        advice = measure(photos, places, Job(Path(scratch), on_event=tell))
        names = {photo.sha256: file.name for photo, file in zip(listed, files, strict=True)}
    familiar, strange = ([names[content] for content in chosen] for chosen in astuple(advice.examples))
    advice = replace(advice, examples=Examples(familiar, strange))
    return advice.to_json(), _advice_in_words(advice)


def _places(workspace: Workspace, arguments: argparse.Namespace, files: list[LabelledFile]) -> Places:
    """Where features are kept, of these photos read as the arguments and the photos themselves ask for."""
    pictures = pictures_from(arguments, [file.path for file in files])
    return Places(cache=workspace.cache_folder, engine=workspace.engine_folder, pictures=pictures)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_source(parser)
    add_pictures(parser)


def _advice_in_words(advice: Advice) -> str:
    quadrant, plan = QUADRANTS[advice.quadrant], advice.plan
    thawed = f", thawed from {plan.thaw_from}" if plan.thaw_from else ""
    at_size = f", at {size_in_words(plan.image_size)}" if plan.image_size else ""
    return "\n".join(
        [
            f"{quadrant.title}: {quadrant.why}",
            *advice.reasons,
            *advice.learning_curve.words,
            recommendation(advice),
            f"Plan: {plan.strategy} of {base_model(plan.base).title}{thawed}{at_size}.",
        ]
    )


def search(arguments: argparse.Namespace) -> Result:
    """Try settings for so many seconds; the table with the best as options, and the same in words."""
    from core.search.block_tries import tries_for  # these bring Keras, which the other commands don't need
    from core.search.material import material_of, with_subsets
    from core.search.search import look_for

    workspace = Workspace(arguments.home)
    usual = usual_config(arguments.strategy, arguments.base)
    plan = replace(usual, image_size=arguments.image_size or USUAL_SIZE).check()
    with tempfile.TemporaryDirectory() as scratch:
        files = files_of(arguments.source, Path(scratch) / "photos", arguments)
        places = _places(workspace, arguments, files)
        photos, hashes = with_groups(photos_of(files), places.pictures, LostPhotos(files))
        plan, _ = with_views(plan, photos, hashes)
        plan = replace(plan, test_given=any(photo.split == TEST for photo in photos))
        # in the subsets that a training with the plan will give them
        photos = with_subsets(photos, plan, places.pictures)
        job = Job(Path(scratch), on_event=tell)
        database = workspace.cache_folder / "search.db"  # so that the same photos' next search goes on
        material = material_of(photos, plan, places, job)
        table = look_for(tries_for(material, plan, places, job), database, job, arguments.seconds, _teller())
    strategy = f" --strategy {FINE_TUNE}" if table.of_blocks else ""
    size = f" --image-size {plan.image_size}" if plan.image_size else ""
    options = f"--base {arguments.base}{strategy}{size} {options_of(table.best_trial.settings)}"
    return {**table.to_json(), "options": options}, f"{summary(table)}\nTrain with it: {options}"


def _teller() -> Callable[[SearchTable], None]:
    """Says what the last try was, for a person who waits at the terminal; at first how many there were before."""
    told = 0

    def tell_trial(table: SearchTable) -> None:
        nonlocal told
        before, told = told, len(table.trials)
        if before or told == 1:
            _say_last(table)
        else:
            print(f"  {counted(told, 'setting')} were tried on these photos before", file=sys.stderr)

    return tell_trial


def _say_last(table: SearchTable) -> None:
    last = table.trials[-1]
    given_up = ", given up early" if last.pruned else ""
    print(
        f"  try {last.number}: {in_words(last.settings)}: {percent(last.accuracy)} right, log loss "
        f"{last.loss:.3f}{given_up}; best so far {table.best_trial.loss:.3f}",
        file=sys.stderr,
    )


def _seconds(text: str) -> float:
    """A time above nothing, and no longer than a day."""
    if not 0 < float(text) <= 86_400:
        raise ValueError
    return float(text)


def _add_searching(parser: argparse.ArgumentParser) -> None:
    _add_arguments(parser)
    parser.add_argument("--seconds", type=_seconds, default=60, help="in which settings are tried (default: 60)")
    add_base(parser, BUILT_IN)
    searched = f"{FEATURE_EXTRACTION}: settings of a head; {FINE_TUNE}: which blocks learn, how fast and how long"
    strategies = [FEATURE_EXTRACTION, FINE_TUNE]
    parser.add_argument("--strategy", default=FEATURE_EXTRACTION, choices=strategies, help=searched)
    add_image_size(parser)


CHECK = Command("check", "look for problems in labelled photos, before training", check, _add_arguments)
ADVISE = Command(
    "advise", "measure which base model and strategy suit the photos", advise, _add_arguments, uses_caches=True
)
SEARCH = Command(
    "search", "look for settings of a training that suit the photos", search, _add_searching, uses_caches=True
)
