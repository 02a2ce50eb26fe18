# ruff: noqa: F401  -- importing a module registers its components
"""All families of components, and the modules that their members are in.

Families are imported with this module, members by ``load``, so that nothing scans folders.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dlrun.augment.augmentation import Augmentation
from dlrun.data.preprocess.base import Preprocess
from dlrun.data.sources.base import Source
from dlrun.loggers.base import Logger
from dlrun.nn.averages.base import Average
from dlrun.nn.initializers.base import Initializer
from dlrun.nn.layers.base import AnyLayer
from dlrun.nn.losses.base import Loss
from dlrun.nn.metrics.base import Metric
from dlrun.nn.optimizers.base import Optimizer
from dlrun.nn.schedules.base import Schedule
from dlrun.search.dimensions.base import Dimension
from dlrun.search.pruners.base import Pruner
from dlrun.search.samplers.base import Sampler
from dlrun.spec.component import Component

FAMILIES = (
    Source,
    Preprocess,
    Augmentation,
    AnyLayer,
    Initializer,
    Optimizer,
    Schedule,
    Average,
    Loss,
    Metric,
    Logger,
    Dimension,
    Sampler,
    Pruner,
)
"""The roots of the families, in the order of a spec, then those of a sweep."""


def load(family: type[Component] | None = None) -> None:
    """Import all components, so that every name that a spec may use is registered.

    Call it before reading a spec or a registry; calling it again does nothing.

    Args:
        family: import only the members of this family, one of ``FAMILIES``.
    """
    for root, members in _MEMBERS.items():
        if family in (None, root):
            members()


def _augmentations() -> None:
    from dlrun.augment.audio import (
        background_noise,
        band_pass,
        clipping,
        colored_noise,
        gain,
        high_pass,
        impulse_response,
        low_pass,
        pitch_shift,
        reverb,
        spec_augment,
        speed,
        time_shift,
        time_stretch,
    )
    from dlrun.augment.images import (
        blur,
        color_jitter,
        crop,
        equalize,
        erase,
        flip,
        grayscale,
        noise,
        perspective,
        posterize,
        rand_augment,
        resized_crop,
        rotate,
        sharpen,
        shear,
        solarize,
        translate,
        trivial_augment,
        zoom,
    )
    from dlrun.augment.mixing import cutmix, mixup
    from dlrun.augment.text import (
        paraphrase,
        random_deletion,
        random_insertion,
        random_swap,
        synonym_replacement,
        typos,
    )


def _preprocessing() -> None:
    from dlrun.data.preprocess import impute, log_mel, min_max, one_hot, standardize, tokenize


def _sources() -> None:
    from dlrun.data.sources import (
        adding,
        audio,
        blobs,
        breast_cancer,
        csv,
        diabetes,
        digits,
        idx,
        images,
        iris,
        moons,
        npy,
        npz,
        parquet,
        spirals,
        text,
        ucr,
        wine,
    )


def _averages() -> None:
    from dlrun.nn.averages import ema, swa


def _initializers() -> None:
    from dlrun.nn.initializers import (
        constant as constant_initializer,
    )
    from dlrun.nn.initializers import (
        he,
        identity,
        lecun,
        lsuv,
        normal,
        ones,
        orthogonal,
        sparse,
        truncated_normal,
        uniform,
        xavier,
        zeros,
    )


def _layers() -> None:
    from dlrun.nn.layers import (
        activations,
        attention,
        batch_norm,
        conv,
        conv_transpose,
        dense,
        dropout,
        embedding,
        flatten,
        gaussian_noise,
        gru,
        lstm,
        masking,
        merge,
        node,
        over_time,
        parallel,
        permute,
        pool,
        positions,
        prelu,
        repeat,
        reshape,
        residual,
        rnn,
        sample_norm,
        softmax,
        transformer_block,
        upsample,
    )


def _losses() -> None:
    from dlrun.nn.losses import (
        binary_cross_entropy,
        binary_focal,
        binary_hinge,
        cross_entropy,
        focal,
        hinge,
        huber,
        kl_divergence,
        mae,
        mse,
    )


def _metrics() -> None:
    from dlrun.nn.metrics import (
        accuracy,
        average_precision,
        balanced_accuracy,
        calibration_error,
        f1,
        log_loss,
        precision,
        r2,
        recall,
        rmse,
        roc_auc,
        top_k,
    )
    from dlrun.nn.metrics import mae as mae_metric
    from dlrun.nn.metrics import mse as mse_metric


def _optimizers() -> None:
    from dlrun.nn.optimizers import (
        adadelta,
        adagrad,
        adam,
        adamax,
        adamw,
        lamb,
        lion,
        muon,
        nadam,
        radam,
        rmsprop,
        sgd,
    )


def _schedules() -> None:
    from dlrun.nn.schedules import (
        constant,
        cosine,
        cyclic,
        exponential,
        linear,
        multi_step,
        one_cycle,
        polynomial,
        reduce_on_plateau,
        step,
    )


def _loggers() -> None:
    from dlrun.loggers import mlflow, tensorboard, trackio, wandb


def _dimensions() -> None:
    from dlrun.search.dimensions import choice, fixed, integer, log_uniform
    from dlrun.search.dimensions import uniform as uniform_dimension


def _pruners() -> None:
    from dlrun.search.pruners import asha, freeze_thaw, halving, hyperband, median, population


def _samplers() -> None:
    from dlrun.search.samplers import bayes, grid, random, skopt, sobol


_MEMBERS: Mapping[type[Component], Callable[[], None]] = {
    Source: _sources,
    Preprocess: _preprocessing,
    Augmentation: _augmentations,
    AnyLayer: _layers,
    Initializer: _initializers,
    Optimizer: _optimizers,
    Schedule: _schedules,
    Average: _averages,
    Loss: _losses,
    Metric: _metrics,
    Logger: _loggers,
    Dimension: _dimensions,
    Sampler: _samplers,
    Pruner: _pruners,
}
