"""scikit-learn's MLPClassifier, step by step through partial_fit."""

from __future__ import annotations

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier

from benchmarks.layers import Dense, ReLU
from benchmarks.peers.peer import Predict, Train, UnavailableError
from benchmarks.works import BATCHES, CLASSES, LEARNING_RATE, Array, Weights, Work


class ScikitLearn:
    """scikit-learn; its threads are those of NumPy's BLAS."""

    version = sklearn.__version__

    def trainer(self, work: Work, weights: Weights, inputs: Array, classes: Array) -> Train:
        """One call for all steps, so that checking arguments takes little of the time."""
        model = _model(work, weights, inputs)
        xs = inputs.reshape(BATCHES, work.batch, -1)
        ys = classes.reshape(BATCHES, work.batch)
        number = 0

        def train(steps: int) -> float:
            nonlocal number
            while steps:
                count = min(steps, BATCHES - number)
                chosen = slice(number, number + count)
                model.partial_fit(xs[chosen].reshape(-1, xs.shape[-1]), ys[chosen].ravel())
                number, steps = (number + count) % BATCHES, steps - count
            return float(model.loss_)

        return train

    def predictor(self, work: Work, weights: Weights, inputs: Array) -> Predict:
        """Probabilities, whose logarithms are logits."""
        model, x = _model(work, weights, inputs), inputs[: work.batch]

        def predict(times: int) -> Array:
            outputs = x
            for _ in range(times):
                outputs = model.predict_proba(x)
            return np.log(outputs)

        return predict


def _model(work: Work, weights: Weights, inputs: Array) -> MLPClassifier:
    if not all(isinstance(layer, Dense | ReLU) for layer in work.layers):
        raise UnavailableError("MLPClassifier has dense layers only")
    widths = [layer.units for layer in work.layers if isinstance(layer, Dense)]
    model = MLPClassifier(
        widths[:-1],
        alpha=0.0,
        batch_size=work.batch,
        learning_rate_init=LEARNING_RATE,
        shuffle=False,
    )
    # A first call creates the arrays; then the weights are set and the state of Adam is reset.
    first = np.arange(work.batch) % CLASSES
    model.partial_fit(inputs[: work.batch], first, classes=np.arange(CLASSES))
    for kernel, bias, given in zip(model.coefs_, model.intercepts_, weights, strict=True):
        kernel[...], bias[...] = given["kernel"], given["bias"]
    del model._optimizer
    return model
