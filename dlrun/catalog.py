"""Every component there is, by family and name.

The only module that imports them all; whoever reads a spec imports it first.
"""

from __future__ import annotations

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
from dlrun.augment.augmentation import Augmentation
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
from dlrun.data.preprocess import impute, log_mel, min_max, one_hot, standardize, tokenize
from dlrun.data.preprocessor import Preprocess
from dlrun.data.source import Source
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
from dlrun.nn.average import Average
from dlrun.nn.averages import ema, swa
from dlrun.nn.initializer import Initializer
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
from dlrun.nn.layer import Layer
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
from dlrun.nn.loss import Loss
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
from dlrun.nn.metric import Metric
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
from dlrun.nn.optimizer import Optimizer
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
from dlrun.nn.schedule import Schedule
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
from dlrun.search.dimensions import choice, fixed, integer, log_uniform
from dlrun.search.dimensions import uniform as uniform_dimension
from dlrun.search.dimensions.base import Dimension
from dlrun.search.pruners import asha, halving, hyperband, median
from dlrun.search.pruners.base import Pruner
from dlrun.search.samplers import bayes, grid, random, sobol
from dlrun.search.samplers.base import Sampler

FAMILIES = (
    Source,
    Preprocess,
    Augmentation,
    Layer,
    Initializer,
    Optimizer,
    Schedule,
    Average,
    Loss,
    Metric,
    Dimension,
    Sampler,
    Pruner,
)
"""The families, in the order of a spec, then those of a sweep."""

MODULES = (
    *(adding, audio, blobs, breast_cancer, csv, diabetes, digits, idx, images, iris, moons, npy),
    *(npz, parquet, spirals, text, ucr, wine),
    *(impute, log_mel, min_max, one_hot, standardize, tokenize),
    *(blur, color_jitter, crop, equalize, erase, flip, grayscale, noise, perspective),
    *(posterize, rand_augment, resized_crop, rotate, sharpen, shear, solarize, translate),
    *(trivial_augment, zoom),
    *(background_noise, band_pass, clipping, colored_noise, gain, high_pass),
    *(impulse_response, low_pass, pitch_shift, reverb, spec_augment, speed, time_shift),
    *(time_stretch, cutmix, mixup),
    *(paraphrase, random_deletion, random_insertion, random_swap, synonym_replacement, typos),
    *(activations, attention, batch_norm, conv, conv_transpose, dense, dropout, embedding),
    *(flatten, gaussian_noise, gru, lstm, masking, merge, node, over_time, parallel, permute),
    *(pool, positions, prelu, repeat, reshape, residual, rnn, sample_norm, softmax),
    *(transformer_block, upsample),
    *(constant_initializer, he, identity, lecun, lsuv, normal, ones, orthogonal, sparse),
    *(truncated_normal, uniform, xavier, zeros),
    *(adadelta, adagrad, adam, adamax, adamw, lamb),
    *(lion, muon, nadam, radam, rmsprop, sgd),
    *(constant, cosine, cyclic, exponential, linear),
    *(multi_step, one_cycle, polynomial, reduce_on_plateau, step),
    *(ema, swa),
    *(binary_cross_entropy, binary_focal, binary_hinge, cross_entropy, focal, hinge),
    *(huber, kl_divergence, mae, mse),
    *(accuracy, average_precision, balanced_accuracy, calibration_error, f1, log_loss),
    *(mae_metric, mse_metric, precision, r2, recall, rmse, roc_auc, top_k),
    *(choice, fixed, integer, log_uniform, uniform_dimension),
    *(bayes, grid, random, sobol),
    *(asha, halving, hyperband, median),
)
"""Where the components are: importing a module registers its own."""
