"""Which device a training has learned on."""

from core.base.device import cores_in_words, gpu_in_words, usable_cores


def learned_on() -> str:
    """What Keras learns on in this process, in words; it asks TensorFlow, which should be loaded already."""
    import keras  # noqa: F401  first: the other way round two threads that load them wait for each other
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return cores_in_words(usable_cores())
    # Keras takes the first, whatever lies beside it.
    return gpu_in_words(tf.config.experimental.get_device_details(gpus[0]).get("device_name", ""))
