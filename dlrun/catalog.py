"""Every component there is, by family and name.

The only module that imports them all; whoever reads a spec imports it first.
"""

from __future__ import annotations

from dlrun.data.preprocess import impute, min_max, one_hot, standardize
from dlrun.data.preprocessor import Preprocess
from dlrun.data.source import Source
from dlrun.data.sources import (
    blobs,
    breast_cancer,
    csv,
    diabetes,
    digits,
    iris,
    moons,
    npy,
    npz,
    spirals,
    wine,
)
from dlrun.nn.initializer import Initializer
from dlrun.nn.initializers import he, normal, ones, xavier, zeros
from dlrun.nn.layer import Layer
from dlrun.nn.layers import (
    activations,
    batch_norm,
    conv,
    dense,
    dropout,
    flatten,
    gaussian_noise,
    merge,
    node,
    parallel,
    permute,
    pool,
    prelu,
    repeat,
    reshape,
    residual,
    sample_norm,
    softmax,
)
from dlrun.nn.loss import Loss
from dlrun.nn.losses import binary_cross_entropy, cross_entropy, mse
from dlrun.nn.metric import Metric
from dlrun.nn.metrics import accuracy, mae, r2
from dlrun.nn.optimizer import Optimizer
from dlrun.nn.optimizers import adam, adamw, rmsprop, sgd
from dlrun.nn.schedule import Schedule
from dlrun.nn.schedules import constant, cosine, step
from dlrun.tune.dimension import Dimension
from dlrun.tune.dimensions import choice, fixed, integer, log_uniform, uniform
from dlrun.tune.pruner import Pruner
from dlrun.tune.pruners import halving
from dlrun.tune.sampler import Sampler
from dlrun.tune.samplers import bayes, grid, random, sobol

FAMILIES = (
    Source,
    Preprocess,
    Layer,
    Initializer,
    Optimizer,
    Schedule,
    Loss,
    Metric,
    Dimension,
    Sampler,
    Pruner,
)
"""The families, in the order of a spec, then those of a sweep."""

MODULES = (
    *(blobs, breast_cancer, csv, diabetes, digits, iris, moons, npy, npz, spirals, wine),
    *(impute, min_max, one_hot, standardize),
    *(activations, batch_norm, conv, dense, dropout, flatten, gaussian_noise, merge, node),
    *(parallel, permute, pool, prelu, repeat, reshape, residual, sample_norm, softmax),
    *(he, normal, ones, xavier, zeros),
    *(adam, adamw, rmsprop, sgd),
    *(constant, cosine, step),
    *(binary_cross_entropy, cross_entropy, mse),
    *(accuracy, mae, r2),
    *(choice, fixed, integer, log_uniform, uniform),
    *(bayes, grid, random, sobol),
    halving,
)
"""Where the components are: importing a module registers its own."""
