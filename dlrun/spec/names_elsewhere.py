"""Tables of the names that PyTorch, Keras and scikit-learn give to components."""

from __future__ import annotations

import re
from collections.abc import Mapping

SAME: Mapping[str, Mapping[str, str]] = {
    "layer": {
        "attention": "multi_head_attention",
        "selfattention": "multi_head_attention",
        "mha": "multi_head_attention",
        "adaptiveavgpool": "global_average_pool",
        "adaptivemaxpool": "global_max_pool",
        "globalaveragepooling": "global_average_pool",
        "globalavgpool": "global_average_pool",
        "globalmaxpooling": "global_max_pool",
        "avgpool": "average_pool",
        "averagepooling": "average_pool",
        "maxpooling": "max_pool",
        "batchnormalization": "batch_norm",
        "bn": "batch_norm",
        "layernormalization": "layer_norm",
        "ln": "layer_norm",
        "cat": "concatenate",
        "concat": "concatenate",
        "convolution": "conv",
        "convtranspose": "conv_transpose",
        "deconv": "conv_transpose",
        "fc": "dense",
        "fullyconnected": "dense",
        "linear": "dense",
        "simplernn": "rnn",
        "skip": "residual",
        "transformer": "transformer_block",
        "transformerencoder": "transformer_block",
        "transformerencoderlayer": "transformer_block",
        "view": "reshape",
    },
    "loss": {
        "nll": "cross_entropy",
        "nllloss": "cross_entropy",
        "ce": "cross_entropy",
        "logloss": "cross_entropy",
        "categoricalcrossentropy": "cross_entropy",
        "sparsecategoricalcrossentropy": "cross_entropy",
        "softmaxcrossentropy": "cross_entropy",
        "bce": "binary_cross_entropy",
        "bceloss": "binary_cross_entropy",
        "bcewithlogits": "binary_cross_entropy",
        "bcewithlogitsloss": "binary_cross_entropy",
        "binarycrossentropy": "binary_cross_entropy",
        "l1": "mae",
        "l1loss": "mae",
        "meanabsoluteerror": "mae",
        "l2": "mse",
        "mseloss": "mse",
        "meansquarederror": "mse",
        "smoothl1": "huber",
        "smoothl1loss": "huber",
        "kldivloss": "kl_divergence",
        "kld": "kl_divergence",
    },
    "metric": {
        "acc": "accuracy",
        "accuracyscore": "accuracy",
        "auc": "roc_auc",
        "auroc": "roc_auc",
        "rocaucscore": "roc_auc",
        "f1score": "f1",
        "r2score": "r2",
        "meansquarederror": "mse",
        "meanabsoluteerror": "mae",
        "precisionscore": "precision",
        "recallscore": "recall",
    },
    "schedule": {
        "cosineannealing": "cosine",
        "cosineannealinglr": "cosine",
        "cosinedecay": "cosine",
        "exponentiallr": "exponential",
        "multisteplr": "multi_step",
        "onecyclelr": "one_cycle",
        "plateau": "reduce_on_plateau",
        "steplr": "step",
    },
    "augmentation": {
        "horizontalflip": "flip",
        "randomhorizontalflip": "flip",
        "randomcrop": "crop",
        "randomerasing": "erase",
        "randomresizedcrop": "resized_crop",
        "randomrotation": "rotate",
        "colorjitter": "color_jitter",
        "gaussianblur": "blur",
        "gaussiannoise": "noise",
        "randaugment": "rand_augment",
    },
    "preprocess": {
        "normalize": "standardize",
        "standardscaler": "standardize",
        "zscore": "standardize",
        "minmaxscaler": "min_max",
        "onehotencoder": "one_hot",
        "simpleimputer": "impute",
        "melspectrogram": "log_mel",
    },
    "source": {
        "imagefolder": "images",
        "folder": "images",
        "wav": "audio",
        "tsv": "csv",
        "arff": "ucr",
    },
    "initializer": {
        "kaiming": "he_normal",
        "he": "he_normal",
        "glorot": "xavier_uniform",
        "xavier": "xavier_uniform",
    },
    "sampler": {"tpe": "bayes", "optuna": "bayes", "gridsearch": "grid", "randomsearch": "random"},
    "dimension": {
        "categorical": "choice",
        "values": "choice",
        "int": "integer",
        "intuniform": "integer",
        "quniform": "integer",
        "range": "uniform",
        "float": "uniform",
        "logspace": "log_uniform",
    },
    "pruner": {"successivehalving": "halving", "medianpruner": "median"},
}
"""By family and simplified name, the component that does the same."""

ADVICE: Mapping[str, Mapping[str, str]] = {
    "layer": {
        "activation": "write the activation as an item, such as '- relu'",
        "input": "remove it; the shape of the input follows from the data",
        "inputlayer": "remove it; the shape of the input follows from the data",
        "logsoftmax": "remove it; the loss applies the softmax",
        "sequential": "write its layers directly as the items of 'model'",
        **dict.fromkeys(
            ("mlp", "dnn", "cnn", "convnet", "lenet", "vgg", "resnet", "densenet", "mobilenet"),
            "write its layers, such as [dense: 64, relu, dense: ${classes}]",
        ),
    },
    "metric": {"loss": "remove it; the loss is always computed"},
    "source": dict.fromkeys(
        ("mnist", "fashionmnist", "cifar", "imagenet"),
        "it is not built in; read its files with 'idx', 'images' or 'npz'",
    ),
    "dimension": dict.fromkeys(
        ("low", "high", "min", "max", "lower", "upper"),
        "write both ends after the name of a dimension, such as 'uniform: [0.1, 0.5]'",
    ),
    "sampler": {"hyperband": "write 'prune: hyperband' next to 'search'"},
}
"""By family and simplified name, what to do, as no component does the same."""


def source_of(name: str) -> str:
    """The source that reads a table with this file name; empty for other names."""
    found = re.fullmatch(r".+\.(csv|tsv|parquet)(\.gz)?", name, re.IGNORECASE)
    return "" if found is None else {"tsv": "csv"}.get(found[1].lower(), found[1].lower())
