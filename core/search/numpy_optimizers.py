"""What takes a head's steps, in plain numpy: the formulas of Keras 3, a test holds each equal to Keras' own."""

import math

import numpy as np

from core.models.config import ADAM, RMSPROP, SGD, TrainConfig

MEAN_KEPT, SQUARE_KEPT = 0.9, 0.999  # Keras' for Adam: beta_1 and beta_2
RHO = 0.9  # Keras' for RMSprop
EPSILON = 1e-7  # Keras' for both
Weights = list[np.ndarray]  # of each layer, from the features on: float32 (inputs, outputs), then (outputs,)


class Optimizer:
    """One of Keras' optimizers with its `weight_decay`, for weights of these shapes."""

    def __init__(self, weights: Weights, config: TrainConfig) -> None:
        self._rate = config.learning_rate
        self._momentum = config.momentum
        self._decay = config.weight_decay
        self._means = [np.zeros_like(each) for each in weights]
        self._squares = [np.zeros_like(each) for each in weights]
        self._steps = 0

    def step(self, weights: Weights, found: Weights) -> None:
        """Change the weights, in place, against their gradients."""
        self._steps += 1
        with np.errstate(all="ignore"):
            for each, gradient, mean, square in zip(weights, found, self._means, self._squares, strict=True):
                each -= each * (self._decay * self._rate)
                each -= self._change(gradient, mean, square)

    def _change(self, gradient: np.ndarray, mean: np.ndarray, square: np.ndarray) -> np.ndarray:
        """What a weight loses in this step; `mean` and `square` are remembered, and renewed in place."""
        raise NotImplementedError


class Adam(Optimizer):
    """D. Kingma and J. Ba, "Adam", 2015."""

    def _change(self, gradient: np.ndarray, mean: np.ndarray, square: np.ndarray) -> np.ndarray:
        rate = self._rate * math.sqrt(1 - SQUARE_KEPT**self._steps) / (1 - MEAN_KEPT**self._steps)
        mean += (gradient - mean) * (1 - MEAN_KEPT)
        square += (gradient * gradient - square) * (1 - SQUARE_KEPT)
        return rate * mean / (np.sqrt(square) + EPSILON)


class RMSprop(Optimizer):
    """T. Tieleman and G. Hinton, lecture 6.5 of "Neural Networks for Machine Learning", 2012."""

    def _change(self, gradient: np.ndarray, mean: np.ndarray, square: np.ndarray) -> np.ndarray:
        square *= RHO
        square += (1 - RHO) * gradient * gradient
        return self._rate * gradient / np.sqrt(square + EPSILON)  # inside the root, unlike Adam's


class StochasticDescent(Optimizer):
    """SGD, by itself or with momentum, not Nesterov's."""

    def _change(self, gradient: np.ndarray, mean: np.ndarray, square: np.ndarray) -> np.ndarray:
        mean *= self._momentum
        mean += self._rate * gradient
        return mean


def optimizer_for(weights: Weights, config: TrainConfig) -> Optimizer:
    """The config's."""
    return {ADAM: Adam, RMSPROP: RMSprop, SGD: StochasticDescent}[config.optimizer](weights, config)
