from core.models.config import TrainConfig
from core.models.plan_words import plan_in_words
from core.models.weights import bases_here


def test_the_plan_says_where_its_base_is(tmp_path):
    (tmp_path / "mobilenetv2.weights.h5").touch()
    environment = {"ESPALIER_WEIGHTS": str(tmp_path), "ESPALIER_HOME": str(tmp_path), "KERAS_HOME": str(tmp_path)}
    words = plan_in_words(TrainConfig(base="mobilenetv2"), 3, environment)
    assert "what **MobileNetV2** (the base model, on this computer) already knows" in words
    assert "learns your 3 classes on top of it" in words
    assert "mobilenetv2" in bases_here(environment)
    assert "vgg16" not in bases_here(environment)
