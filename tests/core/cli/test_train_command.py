from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageOps

from core.base.errors import InputError
from core.cli import main as cli
from core.cli.train_command import train_settings, with_views
from core.models.config import (
    BENCHMARK_CNN,
    FEATURE_EXTRACTION,
    FINE_TUNE,
    FROM_SCRATCH,
    RANDOM,
    TrainConfig,
    usual_config,
)
from core.photos.labelled_photo import LabelledPhoto
from core.runs.grouping import with_groups
from core.runs.run import Run
from tests.core.conftest import run_photos
from tests.core.shapes import CLASSES, write_shapes

FINE_TUNED = usual_config(FINE_TUNE)
LEFT_AND_RIGHT = [LabelledPhoto("nowhere.jpg", label, "", "") for label in ("left", "right")]
HEAD = usual_config(FEATURE_EXTRACTION)


def settings(*words):
    """What `python -m core train photos WORDS` would train with."""
    return train_settings(cli.build_parser().parse_args(["train", "photos", *words]))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", HEAD),
        ("--strategy auto", HEAD),
        ("--strategy feature-extraction --augment auto --seed 3", replace(HEAD, augment="auto", seed=3)),
        ("--augment rotation=15,mirror=1", replace(HEAD, augment="mirror=1,rotation=15,views=4")),
        ("--strategy fine-tune", FINE_TUNED),
        ("--strategy fine-tune --final all", replace(FINE_TUNED, final="all")),
        ("--strategy fine-tune --base resnet50", usual_config(FINE_TUNE, "resnet50")),
        (
            "--strategy fine-tune --thaw-from stage7 --fine-tune-epochs 3 --fine-tune-rate 1e-4 --epochs 9",
            replace(FINE_TUNED, thaw_from="stage7", fine_tune_epochs=3, fine_tune_rate=1e-4, epochs=9),
        ),
        ("--strategy fine-tune --augment none", replace(FINE_TUNED, augment="none")),
        (
            "--strategy from-scratch --initial random --learning-rate 0.01 --epochs 4",
            replace(usual_config(FROM_SCRATCH), initial=RANDOM, learning_rate=0.01, epochs=4),
        ),
        ("--strategy from-scratch --base benchmark-cnn", usual_config(FROM_SCRATCH, BENCHMARK_CNN)),
        ("--head linear-svm", replace(HEAD, head="linear-svm")),
        ("--head logistic", replace(HEAD, head="logistic")),
        ("--image-size 96", replace(HEAD, image_size=96)),
        (
            "--strategy from-scratch --base benchmark-cnn --image-size 64",
            replace(usual_config(FROM_SCRATCH, BENCHMARK_CNN), image_size=64),
        ),
        ("--head flatten-fc", replace(HEAD, head="flatten-fc", units=519, learning_rate=1e-4)),
        (
            "--head flatten-fc --units 64 --dropout 0.3 --learning-rate 0.001 --weight-decay 0.01 --batch-size 16",
            replace(
                HEAD, head="flatten-fc", units=64, dropout=0.3, learning_rate=0.001, weight_decay=0.01, batch_size=16
            ),
        ),
        ("--optimizer sgd", replace(HEAD, optimizer="sgd", momentum=0.9, learning_rate=0.03, fine_tune_rate=0.003)),
        (
            "--strategy fine-tune --optimizer sgd --momentum 0 --fine-tune-rate 1e-4 --steps-per-epoch 9",
            replace(
                FINE_TUNED,
                optimizer="sgd",
                learning_rate=0.03,
                fine_tune_rate=1e-4,
                steps_per_epoch=9,
            ),
        ),
        ("--ask-mirror", replace(HEAD, ask_mirror=True)),
        ("--optimizer rmsprop --monitor val_accuracy", replace(HEAD, optimizer="rmsprop", monitor="val_accuracy")),
        ("--class-weights --head fc --test-share 0.2", replace(HEAD, class_weights=True, head="fc", test_share=0.2)),
    ],
)
def test_a_strategy_has_its_usual_settings_but_for_what_was_said(words, expected):
    assert settings(*words.split()) == expected.check()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("--strategy fine-tune --thaw-from block99", r"thaw_from must be one of stage1, .*Received: .*'block99'"),
        ("--thaw-from stage5", "Only the strategy fine-tune thaws from a block on"),
        ("--base benchmark-cnn", "benchmark-cnn has learned nothing yet"),
        ("--strategy fine-tune --base benchmark-cnn", "no base model called 'benchmark-cnn'"),
        ("--strategy from-scratch --base benchmark-cnn --initial base", "benchmark-cnn has learned nothing yet"),
        ("--strategy from-scratch --head linear-svm", "learns on features that stand still"),
        ("--base inceptionv3 --image-size 64", "InceptionV3 takes photos of 75 to 600 pixels.*Received: image_size=64"),
        ("--image-size 601", "EfficientNet-Lite0 takes photos of 32 to 600 pixels.*Received: image_size=601"),
        ("--batch-size 0", "batch_size must be between 1 and 4096. Received: batch_size=0"),
        ("--head fc --units 10000", "units must be between 1 and 8192. Received: units=10000"),
        ("--weight-decay 2", "weight_decay must be between 0 and 1"),
        ("--learning-rate 10", "learning_rate must be between .*Received: learning_rate=10.0"),
        ("--fine-tune-epochs 0", "fine_tune_epochs must be between 1 and 1000"),
        (
            "--momentum 0.9",
            "Momentum is sgd's: adam and rmsprop have their own. Received: optimizer='adam', momentum=0.9",
        ),
        ("--optimizer rmsprop --momentum 0.5", "Momentum is sgd's"),
        ("--optimizer sgd --momentum 1", r"momentum must be between 0 and 0\.999\. Received: momentum=1"),
        ("--steps-per-epoch -1", "steps_per_epoch must be between 0 and 100000. Received: steps_per_epoch=-1"),
        ("--head linear-svm --steps-per-epoch 3", "A linear-svm is solved at once and knows no steps"),
        ("--seed -1", "seed must be between 0"),
        ("--augment strong", "augment must be one of none, auto, or options such as .*Received: augment='strong'"),
        ("--augment rotation=900", "rotation must be a number between 0 and 180. Received: rotation=900"),
        ("--augment stretch=0.9", "stretch must be a number between 0 and 0.5. Received: stretch=0.9"),
        ("--augment sepia=1", "augment knows the options mirror, .*Received: 'sepia=1'"),
    ],
)
def test_settings_that_can_not_be_are_refused_with_the_reason(words, why):
    with pytest.raises(InputError, match=why):
        settings(*words.split())


@pytest.mark.parametrize("words", ["", "--augment auto"])
@pytest.mark.parametrize("strategy", ["feature-extraction", "fine-tune", "from-scratch"])
def test_where_names_say_that_sides_matter_no_strategy_mirrors_by_itself(strategy, words):
    config, notes = with_views(settings("--strategy", strategy, *words.split()), LEFT_AND_RIGHT, {})
    assert config.augment == "none"
    assert notes == ["Not mirrored: mirrored photos of left would show right."]


def test_where_sides_matter_mirror_images_are_not_asked_about_and_it_is_said():
    asked = settings("--ask-mirror", "--augment", "mirror=1")
    config, (_, note) = with_views(asked, LEFT_AND_RIGHT, {})
    assert config == replace(asked, ask_mirror=False)
    assert note == "It is not asked about mirror images: mirrored photos of left would show right."


def test_a_run_that_goes_on_takes_its_steps_as_before(tmp_path, capsys):
    words = ["--optimizer", "sgd", "--steps-per-epoch", "3", "--image-size", "96", "--head", "fc", "--epochs", "3"]
    assert cli.main(["train", "--continue", str(tmp_path), "--test", str(tmp_path), *words]) == 2
    said = capsys.readouterr().err
    assert "learns with the settings it had. --test, " in said
    named = said.split("had. ")[1].split(": for new runs")[0].split(", ")
    assert set(named) == {"--test", "--head", "--optimizer", "--steps-per-epoch", "--image-size"}


def test_mirroring_that_is_asked_for_is_done_and_warned_of():
    config, (note,) = with_views(settings("--strategy", "fine-tune", "--augment", "mirror=1"), LEFT_AND_RIGHT, {})
    assert config.augment == "mirror=1,views=4"
    assert "also mirrored, as you chose, but mirrored photos of left would show right" in note


def test_a_run_whose_photos_are_stretched_or_bent_says_so_where_names_tell_shapes():
    names = [replace(photo, label=label) for photo, label in zip(LEFT_AND_RIGHT, ("tall", "short"), strict=False)]
    config, notes = with_views(settings("--augment", "lens=0.1,stretch=0.2,views=1"), names, {})
    assert config.augment == "stretch=0.2,lens=0.1,views=1"
    assert notes == [
        "The training photos are also stretched or squeezed, but stretched photos of tall can look like short: "
        "the model may mix them up."
    ]


@pytest.fixture
def mirrored_folder(tmp_path):
    """Two classes of six photos; those of one are the mirror images of the other's."""
    rng = np.random.default_rng(8)
    for label in ("plan a", "plan c"):
        (tmp_path / label).mkdir()
    for n in range(6):
        image = Image.fromarray(rng.integers(0, 256, (4, 5, 3), np.uint8)).resize((64, 48), Image.Resampling.BICUBIC)
        image.save(tmp_path / "plan a" / f"{n}.png")
        ImageOps.mirror(image).save(tmp_path / "plan c" / f"{n}.png")
    return tmp_path


def test_photos_say_that_sides_matter_too(mirrored_folder):
    photos, hashes = with_groups(run_photos(mirrored_folder))
    config, notes = with_views(FINE_TUNED, photos, hashes)
    assert config == replace(FINE_TUNED, augment="none")
    assert notes == ["Not mirrored: photos of plan a look like mirrored photos of plan c."]
    assert hashes.keys() == {photo.sha256 for photo in photos}
    assert with_views(TrainConfig(), photos, hashes) == (TrainConfig(), [])
    assert not with_views(TrainConfig(ask_mirror=True), photos, hashes)[0].ask_mirror


@pytest.mark.slow
def test_a_run_keeps_how_it_was_really_trained_and_why(tmp_path, workspace_home, monkeypatch, capsys):
    monkeypatch.setenv("ESPALIER_HOME", str(workspace_home))
    write_shapes(tmp_path / "photos", per_class=6, classes=CLASSES[:2])
    for shape, label in zip(CLASSES, ("turn left", "turn right"), strict=False):
        (tmp_path / "photos" / shape).rename(tmp_path / "photos" / label)
    options = ["--strategy", "from-scratch", "--base", "benchmark-cnn", "--epochs", "1", "--out"]
    assert cli.main(["train", str(tmp_path / "photos"), *options, str(tmp_path / "run")]) == 0
    run, why = Run(tmp_path / "run"), "Not mirrored: mirrored photos of turn left would show turn right."
    assert run.config().augment == "none"
    assert why in run.finished_report().notes
    assert why in capsys.readouterr().err
