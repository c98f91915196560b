"""Put a head onto a base in the engine's own graph, so that a new head needs no new conversion of the base."""

from pathlib import Path

from core.base.files import disk_errors_in_words
from core.engine.engine import FEATURES, PROBABILITIES
from core.engine.openvino_runtime import load_openvino


def assemble(base: Path, head: Path, target: Path) -> None:
    """Write one model from pixels to features and probabilities.

    Args:
        base: Engine model with one output, what the head learned from, float32 (n, width).
        head: Engine model from that to probabilities, float32 (n, classes), and to features where those are not what
            it takes itself.
        target: The `model.xml` to write; its weights come beside it as `model.bin`.
    """
    ov = load_openvino()
    runtime = ov.Core()
    base_graph, head_graph = runtime.read_model(base), runtime.read_model(head)
    between = base_graph.output(0).get_node().input_value(0)
    for user in head_graph.input(0).get_target_inputs():
        user.replace_source_output(between)
    outputs = {FEATURES: between}
    for output in head_graph.outputs:
        outputs[output.any_name] = output.get_node().input_value(0)
    between.get_tensor().set_names(set())
    for name, output in outputs.items():
        output.get_tensor().set_names({name})
    save_graph(ov.Model([outputs[FEATURES], outputs[PROBABILITIES]], base_graph.get_parameters(), "espalier"), target)


def save_graph(graph: object, target: Path) -> None:
    """Write an engine graph: weights first, so that a `model.xml` is never without them."""
    ov = load_openvino()
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".writing-{target.name}")
    with disk_errors_in_words("saving the engine's model"):
        ov.serialize(graph, beside, beside.with_suffix(".bin"))
        beside.with_suffix(".bin").replace(target.with_suffix(".bin"))
        beside.replace(target)
