"""All families of components, and the modules that their members are in.

Families are imported with this module, a member's module when a spec names the member, or when all
are listed.  Nothing scans folders; a test compares this list with what the modules register.
"""

from __future__ import annotations

from functools import cache

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


@cache
def load() -> None:
    """Make every component known by its name.

    Call it before reading a spec or a registry; calling it again does nothing.
    """
    Source.family.expect(
        "dlrun.data.sources",
        "adding",
        "audio",
        "blobs",
        "breast_cancer",
        "csv",
        "diabetes",
        "digits",
        "idx",
        "images",
        "iris",
        "moons",
        "npy",
        "npz",
        "parquet",
        "spirals",
        "text",
        "ucr",
        "wine",
    )
    Preprocess.family.expect(
        "dlrun.data.preprocess",
        "impute",
        "log_mel",
        "min_max",
        "one_hot",
        "standardize",
        "tokenize",
    )
    Augmentation.family.expect(
        "dlrun.augment.audio",
        "background_noise",
        "band_pass",
        "clipping",
        "colored_noise",
        "gain",
        "high_pass",
        "impulse_response",
        "low_pass",
        "pitch_shift",
        "reverb",
        "spec_augment",
        "speed",
        "time_shift",
        "time_stretch",
    )
    Augmentation.family.expect(
        "dlrun.augment.images",
        "blur",
        "color_jitter",
        "crop",
        "equalize",
        "erase",
        "flip",
        "grayscale",
        "noise",
        "perspective",
        "posterize",
        "rand_augment",
        "resized_crop",
        "rotate",
        "sharpen",
        "shear",
        "solarize",
        "translate",
        "trivial_augment",
        "zoom",
    )
    Augmentation.family.expect("dlrun.augment.mixing", "cutmix", "mixup")
    Augmentation.family.expect(
        "dlrun.augment.text",
        "paraphrase",
        "random_deletion",
        "random_insertion",
        "random_swap",
        "synonym_replacement",
        "typos",
    )
    AnyLayer.family.expect(
        "dlrun.nn.layers",
        "batch_norm",
        "conv",
        "conv_transpose",
        "dense",
        "embedding",
        "flatten",
        "gaussian_noise",
        "gru",
        "lstm",
        "masking",
        "parallel",
        "permute",
        "prelu",
        "repeat",
        "reshape",
        "residual",
        "rnn",
        "softmax",
        "transformer_block",
        "upsample",
        activations=(
            "elu",
            "gelu",
            "hard_swish",
            "leaky_relu",
            "mish",
            "relu",
            "selu",
            "sigmoid",
            "silu",
            "softplus",
            "tanh",
        ),
        attention=("multi_head_attention",),
        dropout=("dropout", "spatial_dropout"),
        merge=("add", "concatenate", "multiply"),
        node=("from", "node"),
        over_time=("last_step", "max_over_time", "mean_over_time"),
        pool=("average_pool", "global_average_pool", "global_max_pool", "max_pool"),
        positions=("positional_embedding", "positional_encoding"),
        sample_norm=("group_norm", "instance_norm", "layer_norm", "rms_norm"),
    )
    Initializer.family.expect(
        "dlrun.nn.initializers",
        "constant",
        "identity",
        "lsuv",
        "normal",
        "ones",
        "orthogonal",
        "sparse",
        "truncated_normal",
        "uniform",
        "zeros",
        he=("he_normal", "he_uniform"),
        lecun=("lecun_normal", "lecun_uniform"),
        xavier=("xavier_normal", "xavier_uniform"),
    )
    Optimizer.family.expect(
        "dlrun.nn.optimizers",
        "adadelta",
        "adagrad",
        "adam",
        "adamax",
        "adamw",
        "lamb",
        "lion",
        "muon",
        "nadam",
        "radam",
        "rmsprop",
        "sgd",
    )
    Schedule.family.expect(
        "dlrun.nn.schedules",
        "constant",
        "cosine",
        "cyclic",
        "exponential",
        "linear",
        "multi_step",
        "one_cycle",
        "polynomial",
        "reduce_on_plateau",
        "step",
    )
    Average.family.expect("dlrun.nn.averages", "ema", "swa")
    Loss.family.expect(
        "dlrun.nn.losses",
        "binary_cross_entropy",
        "binary_focal",
        "binary_hinge",
        "cross_entropy",
        "focal",
        "hinge",
        "huber",
        "kl_divergence",
        "mae",
        "mse",
    )
    Metric.family.expect(
        "dlrun.nn.metrics",
        "accuracy",
        "average_precision",
        "balanced_accuracy",
        "calibration_error",
        "f1",
        "log_loss",
        "mae",
        "mse",
        "precision",
        "r2",
        "recall",
        "rmse",
        "roc_auc",
        "top_k",
    )
    Logger.family.expect("dlrun.loggers", "mlflow", "tensorboard", "trackio", "wandb")
    Dimension.family.expect(
        "dlrun.search.dimensions", "choice", "fixed", "integer", "log_uniform", "uniform"
    )
    Sampler.family.expect("dlrun.search.samplers", "bayes", "grid", "random", "skopt", "sobol")
    Pruner.family.expect(
        "dlrun.search.pruners",
        "asha",
        "freeze_thaw",
        "halving",
        "hyperband",
        "median",
        "population",
    )
