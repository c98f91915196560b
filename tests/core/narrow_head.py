"""A head that the catalogue does not have: its row, and the function that builds it. No other file knows of it."""

from core.models.heads import Head

NARROW = Head(
    name="narrow",
    title="Narrow",
    about="one layer behind four values",
    short="a narrow layer",
    builder="tests.core.narrow_head:narrow_layers",
)


def narrow_layers(config, width, n_classes):
    import keras

    inputs = keras.Input((width,), name="features")
    x = keras.layers.Dense(4, activation="tanh", name="narrow")(inputs)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax", name="probabilities")(x))
