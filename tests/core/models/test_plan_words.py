from dataclasses import replace

from core.models.config import BENCHMARK_CNN, FROM_SCRATCH, TrainConfig, usual_config
from core.models.plan_words import plan_in_words, plan_lines
from core.models.weights import bases_here


def test_the_plan_says_where_its_base_is(tmp_path):
    (tmp_path / "mobilenetv2.weights.h5").touch()
    environment = {"ESPALIER_WEIGHTS": str(tmp_path), "ESPALIER_HOME": str(tmp_path), "KERAS_HOME": str(tmp_path)}
    words = plan_in_words(TrainConfig(base="mobilenetv2"), 3, environment)
    assert "what **MobileNetV2** (the base model, on this computer) already knows" in words
    assert "learns your 3 classes on top of it" in words
    assert "mobilenetv2" in bases_here(environment)
    assert "vgg16" not in bases_here(environment)


def test_the_lines_of_a_plan_name_the_optimizer_the_steps_and_what_is_monitored():
    usual = "\n".join(plan_lines(TrainConfig(), None, {}))
    assert "- **How it takes them** (optimizer): Adam\n" in usual
    assert "(epochs): at most 60 times; it stops by itself when nothing gets better\n" in usual
    plan = TrainConfig(optimizer="sgd", momentum=0.9, steps_per_epoch=20, batch_size=32, monitor="val_accuracy")
    lines = "\n".join(plan_lines(plan.check(), None, {}))
    assert "(optimizer): SGD with momentum 0.9\n" in lines
    assert (
        "(epochs): at most 60 epochs, each of 20 steps with 32 photos; it stops by itself when the accuracy on the "
        "validation photos gets no better\n"
    ) in lines
    assert "(optimizer): none: it is solved at once\n" in "\n".join(
        plan_lines(TrainConfig(head="linear-svm"), None, {})
    )


def test_a_plan_says_that_it_asks_twice_and_what_that_costs():
    asks = TrainConfig(ask_mirror=True)
    assert (
        plan_in_words(asks, 3, {})
        == f"{plan_in_words(TrainConfig(), 3, {})} It answers by each photo and its mirror image."
    )
    line = "- **What it is asked** (test-time augmentation): "
    assert f"{line}each photo as it is" in plan_lines(TrainConfig(), None, {})
    (said,) = (each for each in plan_lines(asks, None, {}) if each.startswith(line))
    assert said.endswith("each photo and its mirror image; its answer is the mean of both, in about twice the time")


def test_a_plan_says_at_what_size_photos_are_seen():
    at_96 = " It sees photos at 96 x 96 pixels."
    benchmark = replace(usual_config(FROM_SCRATCH, BENCHMARK_CNN), image_size=96)
    for plan in (TrainConfig(image_size=96), benchmark):
        assert plan_in_words(plan, 3, {}).endswith(at_96)
    assert "pixels" not in plan_in_words(TrainConfig(), 3, {}) + plan_in_words(TrainConfig(image_size=224), 3, {})
    line = "- **How large it sees photos** (input size): {0} x {0} pixels"
    assert line.format(224) in plan_lines(TrainConfig(), None, {})
    assert line.format(96) in plan_lines(TrainConfig(image_size=96), None, {})
