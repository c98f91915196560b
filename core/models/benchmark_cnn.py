"""The articles' benchmark: a small convolutional network that has learned nothing yet. Transfer learning must beat it.

Five convolutions, each followed by pooling, and global average pooling before the softmax.
"""

import keras
from keras import layers

IMAGE_SIZE = 128  # pixels; five halvings leave 4 x 4, and an epoch takes a third of the time of 224
CHANNELS = (16, 32, 64, 128, 256)  # doubled at each halving of the sides


def build_benchmark_cnn(seed: int) -> keras.Model:
    """The network up to its last feature map, with random weights.

    Args:
        seed: Of the weights.

    Returns:
        A model from RGB 0..255, float32 (n, 128, 128, 3), to feature maps, float32 (n, 4, 4, 256).
    """
    pixels = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 3), name="pixels")
    x = layers.Rescaling(1 / 127.5, offset=-1.0, name="preprocess")(pixels)
    for position, channels in enumerate(CHANNELS):
        start = keras.initializers.HeNormal(seed=seed + position)
        name = f"conv{position + 1}"
        x = layers.Conv2D(channels, 3, padding="same", activation="relu", kernel_initializer=start, name=name)(x)
        x = layers.MaxPooling2D(name=f"pool{position + 1}")(x)
    return keras.Model(pixels, x, name="benchmark_cnn")
